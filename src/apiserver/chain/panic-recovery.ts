/** Turns whatever is thrown below into an answer: API errors as they are, everything else as a 500 that tells nothing of the inside. */
import { internalError, serviceUnavailable, StatusError } from '../../api/meta/status.ts';
import type { Log } from '../../host/types.ts';
import type { Stage } from '../types.ts';
import { statusResponse } from './responses.ts';

export function panicRecovery(log: Log): Stage {
  return {
    name: 'panic-recovery',
    async handle(request, next) {
      try {
        return await next(request);
      } catch (error) {
        if (error instanceof StatusError) return statusResponse(error.status);
        if (request.signal.aborted) return statusResponse(serviceUnavailable('the request was cut off').status);
        log.error('a request failed unexpectedly', { method: request.method, path: request.path, auditId: request.auditId, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
        return statusResponse(internalError(error).status);
      }
    },
  };
}
