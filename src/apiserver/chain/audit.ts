/**
 * A line of JSON for each stage of a request that the policy names: who asked for what, and what came of it. Bodies are written where the policy says so,
 * and never without one.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */
import type { Host } from '../../host/types.ts';
import { StatusError } from '../../api/meta/status.ts';
import { auditFile, type AuditFileOptions } from '../audit/file.ts';
import { evaluate, type AuditStage, type Policy, type Verdict } from '../audit/policy.ts';
import type { ServerRequest, ServerResponse, Stage, UserInfo } from '../types.ts';
import { infoOf, isLongRunning } from './request-info.ts';
import { isWhole, Pieces } from '../pieces.ts';

function userFields(user: UserInfo | undefined): Record<string, unknown> {
  return { username: user?.name ?? '', ...(user?.uid ? { uid: user.uid } : {}), groups: user?.groups ?? [], ...(user?.extra ? { extra: user.extra } : {}) };
}

function eventOf(request: ServerRequest, { level }: Verdict, stage: AuditStage, now: number, code: number | undefined, objects: Objects): Record<string, unknown> {
  const info = infoOf(request);
  const received = new Date(request.receivedAt).toISOString().replace('Z', '000Z');
  return {
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level, auditID: request.auditId ?? '', stage, requestURI: requestUri(request), verb: info.verb,
    user: userFields(request.authenticatedUser ?? request.user),
    ...(request.authenticatedUser ? { impersonatedUser: userFields(request.user) } : {}),
    sourceIPs: request.remoteAddress === '' ? [] : [request.remoteAddress], userAgent: request.headers['user-agent'] ?? '',
    ...(info.isResourceRequest ? { objectRef: { resource: info.resource, namespace: info.namespace || undefined, name: info.name || undefined, apiGroup: info.apiGroup || undefined, apiVersion: info.apiVersion, subresource: info.subresource || undefined } } : {}),
    ...(code === undefined ? {} : { responseStatus: { metadata: {}, code } }), ...objects,
    requestReceivedTimestamp: received, stageTimestamp: new Date(now).toISOString().replace('Z', '000Z'),
    ...(request.auditAnnotations && Object.keys(request.auditAnnotations).length > 0 ? { annotations: request.auditAnnotations } : {}),
  };
}

interface Objects {
  requestObject?: unknown;
  responseObject?: unknown;
}

/** A body as JSON; undefined for what is none, or too odd to be read here. */
function parsed(body: string | Uint8Array, contentType: string, withoutManagedFields: boolean): unknown {
  if (body.length === 0 || !/^application\/(?:[a-z-]+\+)?json\b/i.test(contentType)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
  if (withoutManagedFields) {
    const { items } = value as { items?: unknown };
    for (const one of Array.isArray(items) ? items : [value]) delete (one as { metadata?: { managedFields?: unknown } } | null)?.metadata?.managedFields;
  }
  return value;
}

async function requestObject(request: ServerRequest, { level, omitManagedFields }: Verdict): Promise<Objects> {
  const { isResourceRequest, subresource, verb } = infoOf(request);
  // Bodies of proxied requests are streams that are not ours to read; nor have reads any.
  if (!isResourceRequest || level === 'Metadata' || subresource === 'proxy' || request.wantsUpgrade || !['create', 'update', 'patch', 'delete', 'deletecollection'].includes(verb)) return {};
  const object = await request.body().then((body) => parsed(body, request.headers['content-type'] || 'application/json', omitManagedFields), () => undefined);
  return object === undefined ? {} : { requestObject: object };
}

function responseObject({ headers, body, shared }: ServerResponse, { level, omitManagedFields }: Verdict): Objects {
  if (shared !== undefined && level === 'RequestResponse') return { responseObject: parsed(JSON.stringify(shared), 'application/json', omitManagedFields) };
  if (level !== 'RequestResponse' || body === undefined || !isWhole(body)) return {};
  const object = parsed(body instanceof Pieces ? body.bytes() : body, headers['content-type'] ?? '', omitManagedFields);
  return object === undefined ? {} : { responseObject: object };
}

function requestUri(request: ServerRequest): string {
  const query = request.query.toString();
  return query === '' ? request.rawPath : `${request.rawPath}?${query}`;
}

/** What is written where no policy says otherwise: each answered request, once. */
const plain: Policy = { rules: [{ level: 'Metadata' }], omitStages: ['RequestReceived', 'ResponseStarted'] };

export interface AuditLog {
  /** Around everything that may answer. */
  stage: Stage;
  /** Behind authentication: the first moment at which it is known who asks. */
  received: Stage;
  flush(): Promise<void>;
}

/** Writes to a file, by a policy; `flush` waits until all is written. */
export function auditLog(host: Host, file: AuditFileOptions, policy: Policy = plain): AuditLog {
  const { write, flush } = auditFile(host, file);
  const verdicts = new WeakMap<ServerRequest, Verdict>();
  const verdictOf = (request: ServerRequest): Verdict => {
    let verdict = verdicts.get(request);
    if (!verdict) verdicts.set(request, (verdict = evaluate(policy, request.authenticatedUser ?? request.user, infoOf(request))));
    return verdict;
  };
  const record = (request: ServerRequest, stage: AuditStage, code: number | undefined, objects: Objects = {}): void => {
    const verdict = verdictOf(request);
    if (verdict.level === 'None' || verdict.omitStages.has(stage)) return;
    write(JSON.stringify(eventOf(request, verdict, stage, host.clock.now(), code, objects)));
  };
  async function finished(request: ServerRequest, response: ServerResponse): Promise<void> {
    const verdict = verdictOf(request);
    if (verdict.level === 'None') return;
    const objects = verdict.level === 'Metadata' ? {} : { ...(await requestObject(request, verdict)), ...responseObject(response, verdict) };
    if (isLongRunning(infoOf(request))) {
      record(request, 'ResponseStarted', response.status, objects);
      // Told when the stream is over, in whichever way.
      if (response.status < 400) return void request.signal.addEventListener('abort', () => record(request, 'ResponseComplete', response.status, objects), { once: true });
    }
    record(request, 'ResponseComplete', response.status, objects);
  }
  return {
    flush,
    stage: {
      name: 'audit',
      async handle(request, next) {
        try {
          const response = await next(request);
          await finished(request, response);
          return response;
        } catch (error) {
          if (error instanceof StatusError) record(request, 'ResponseComplete', error.code);
          else record(request, 'Panic', 500);
          throw error;
        }
      },
    },
    received: {
      name: 'audit-received',
      handle(request, next) {
        record(request, 'RequestReceived', undefined);
        return next(request);
      },
    },
  };
}
