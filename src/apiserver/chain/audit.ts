/**
 * An event for each stage of a request that the policy names: who asked for what, and what came of it. Bodies are told where the policy says so,
 * and never without one.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */
import type { Host } from '../../host/types.ts';
import { StatusError } from '../../api/meta/status.ts';
import { requestParts, responseParts } from '../audit/bodies.ts';
import { eventOf, written, type Outcome } from '../audit/event.ts';
import { evaluate, type AuditStage, type Policy, type Verdict } from '../audit/policy.ts';
import type { AuditSink } from '../audit/sink.ts';
import type { ServerRequest, ServerResponse, Stage } from '../types.ts';
import { infoOf, isLongRunning } from './request-info.ts';
import { text } from './responses.ts';

/** What is written where no policy says otherwise: each answered request, once. */
const plain: Policy = { rules: [{ level: 'Metadata' }], omitStages: ['RequestReceived', 'ResponseStarted'] };

export interface AuditLog {
  /** Around everything that may answer. */
  stage: Stage;
  /** Behind authentication: the first moment at which it is known who asks. */
  received: Stage;
  /** Stores what is waiting. */
  close(): Promise<void>;
}

export interface AuditTarget {
  sink: AuditSink;
  /** A request that cannot be written down there is refused. */
  isStrict: boolean;
}

/** Hands events on to where they go, by a policy. */
export function auditLog({ clock }: Pick<Host, 'clock'>, targets: readonly AuditTarget[], policy: Policy = plain): AuditLog {
  const verdicts = new WeakMap<ServerRequest, Verdict>();
  const verdictOf = (request: ServerRequest): Verdict => {
    let verdict = verdicts.get(request);
    if (!verdict) verdicts.set(request, (verdict = evaluate(policy, request.authenticatedUser ?? request.user, infoOf(request))));
    return verdict;
  };
  /** Resolves to whether the request may go on; undefined: nothing is to be written. */
  const record = (request: ServerRequest, stage: AuditStage, outcome: Outcome): Promise<boolean> | undefined => {
    const verdict = verdictOf(request);
    if (verdict.level === 'None' || verdict.omitStages.has(stage)) return undefined;
    const event = written(eventOf(request, verdict.level, stage, clock.now(), outcome));
    return Promise.all(targets.map(async ({ sink, isStrict }) => (await sink.process([event])) || !isStrict)).then((all) => all.every(Boolean));
  };
  /** Who could not say who they are get no further than to an answer. */
  function refused(request: ServerRequest, { code, status }: StatusError): [AuditStage, Outcome] {
    // Told beside all forms that an object could have.
    if (code === 406) return ['ResponseComplete', { code }];
    const isKnown = request.user !== undefined;
    const shown = !isKnown && verdictOf(request).level === 'RequestResponse' ? { responseObject: { kind: 'Status', apiVersion: 'v1', ...status } } : {};
    return [isKnown ? 'ResponseComplete' : 'ResponseStarted', { code, status, ...shown }];
  }
  async function finished(request: ServerRequest, response: ServerResponse): Promise<void> {
    const verdict = verdictOf(request);
    if (verdict.level === 'None') return;
    const outcome = { ...(await requestParts(request, verdict)), ...responseParts(response, verdict) };
    if (isLongRunning(infoOf(request))) {
      await record(request, 'ResponseStarted', outcome);
      // Told when the stream is over, in whichever way.
      if (response.status < 400) return void request.signal.addEventListener('abort', () => void record(request, 'ResponseComplete', outcome), { once: true });
    }
    await record(request, 'ResponseComplete', outcome);
  }
  return {
    close: async () => void (await Promise.all(targets.map(({ sink }) => sink.close()))),
    stage: {
      name: 'audit',
      async handle(request, next) {
        let response: ServerResponse;
        try {
          response = await next(request);
        } catch (error) {
          if (error instanceof StatusError) await record(request, ...refused(request, error));
          else await record(request, 'Panic', { code: 500 });
          throw error;
        }
        await finished(request, response);
        return response;
      },
    },
    received: {
      name: 'audit-received',
      handle(request, next) {
        const { level } = verdictOf(request);
        if (level !== 'None') request.audited = { level };
        const stored = record(request, 'RequestReceived', {});
        if (stored === undefined) return next(request);
        return stored.then((may) => (may ? next(request) : text(500, `Internal Server Error: ${JSON.stringify(request.rawPath)}: failed to store audit event\n`, { 'content-type': 'text/plain; charset=utf-8' })));
      },
    },
  };
}
