/** Ends requests that take too long. Watches and streams have no deadline here. */
import { badRequest, failure, type StatusError } from '../../api/meta/status.ts';
import type { Clock } from '../../host/types.ts';
import type { ServerResponse, Stage } from '../types.ts';
import { infoOf, isLongRunning } from './request-info.ts';

export const requestTimeoutMs = 60_000;

const unitsMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, 'µs': 0.001, ns: 0.000001 };

/** Reads a Go duration such as `1m30s` or `500ms`; undefined when it is none. */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d*)?(h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?)(h|ms|m|s|us|µs|ns)/g)) total += Number(amount) * unitsMs[unit!]!;
  return total;
}

function timedOut(): StatusError {
  return failure(504, 'Timeout', 'Timeout: request did not complete within requested timeout - context deadline exceeded', {});
}

export function deadline(clock: Clock): Stage {
  return {
    name: 'deadline',
    async handle(request, next) {
      if (isLongRunning(infoOf(request))) return next(request);
      let timeoutMs = requestTimeoutMs;
      const asked = request.query.get('timeout');
      if (asked !== null && asked !== '') {
        const parsed = parseDurationMs(asked);
        if (parsed === undefined) throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(asked)}`);
        if (parsed > 0) timeoutMs = Math.min(parsed, requestTimeoutMs);
      }
      let late: ((error: StatusError) => void) | undefined;
      const timer = clock.setTimer(() => {
        const error = timedOut();
        late?.(error);
        request.cancel?.(error);
      }, timeoutMs);
      try {
        return await new Promise<ServerResponse>((resolve, reject) => {
          late = reject;
          next(request).then(resolve, reject);
        });
      } finally {
        timer.cancel();
      }
    },
  };
}
