/**
 * One line of JSON a request, at the Metadata level: who asked for what, and what came of it. Bodies are never written.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */
import type { Host } from '../../host/types.ts';
import { StatusError } from '../../api/meta/status.ts';
import type { ServerRequest, Stage, UserInfo } from '../types.ts';
import { infoOf } from './request-info.ts';

/** Lines waiting to be written at most; more are dropped, and the drop is said in the log. */
const maxPendingLines = 10_000;

function userFields(user: UserInfo | undefined): Record<string, unknown> {
  return { username: user?.name ?? '', ...(user?.uid ? { uid: user.uid } : {}), groups: user?.groups ?? [], ...(user?.extra ? { extra: user.extra } : {}) };
}

function eventOf(request: ServerRequest, code: number, now: number, stage: string): Record<string, unknown> {
  const info = infoOf(request);
  const received = new Date(request.receivedAt).toISOString().replace('Z', '000Z');
  return {
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', auditID: request.auditId ?? '', stage, requestURI: requestUri(request), verb: info.verb,
    user: userFields(request.authenticatedUser ?? request.user),
    ...(request.authenticatedUser ? { impersonatedUser: userFields(request.user) } : {}),
    sourceIPs: request.remoteAddress === '' ? [] : [request.remoteAddress], userAgent: request.headers['user-agent'] ?? '',
    ...(info.isResourceRequest ? { objectRef: { resource: info.resource, namespace: info.namespace || undefined, name: info.name || undefined, apiGroup: info.apiGroup || undefined, apiVersion: info.apiVersion, subresource: info.subresource || undefined } } : {}),
    responseStatus: { metadata: {}, code }, requestReceivedTimestamp: received, stageTimestamp: new Date(now).toISOString().replace('Z', '000Z'),
    ...(request.auditAnnotations && Object.keys(request.auditAnnotations).length > 0 ? { annotations: request.auditAnnotations } : {}),
  };
}

function requestUri(request: ServerRequest): string {
  const query = request.query.toString();
  return query === '' ? request.rawPath : `${request.rawPath}?${query}`;
}

/** Writes to the file in batches, in order; `flush` waits until all is written. */
export function auditLog(host: Host, path: string): { stage: Stage; flush(): Promise<void> } {
  let pending: string[] = [];
  let writing: Promise<void> | undefined;
  let dropped = 0;
  const drain = async (): Promise<void> => {
    while (pending.length > 0) {
      const lines = pending;
      pending = [];
      await host.disk.append(path, `${lines.join('\n')}\n`).catch((error: unknown) => host.log.error('the audit log cannot be written', { path, error: String(error), lines: lines.length }));
    }
    if (dropped > 0) host.log.warn('audit events were dropped', { dropped });
    dropped = 0;
    writing = undefined;
  };
  const record = (request: ServerRequest, code: number, stage = 'ResponseComplete'): void => {
    if (pending.length >= maxPendingLines) {
      dropped++;
      return;
    }
    pending.push(JSON.stringify(eventOf(request, code, host.clock.now(), stage)));
    writing ??= drain();
  };
  const stage: Stage = {
    name: 'audit',
    async handle(request, next) {
      try {
        const response = await next(request);
        record(request, response.status);
        return response;
      } catch (error) {
        record(request, error instanceof StatusError ? error.code : 500);
        throw error;
      }
    },
  };
  return { stage, flush: async () => writing };
}
