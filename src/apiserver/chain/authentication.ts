/** Finds out who asks. Requests of the in-process transport bring their user along. */
import { unauthorized } from '../../api/meta/status.ts';
import type { Authenticator, Stage } from '../types.ts';

export function authentication(authenticator: Authenticator): Stage {
  return {
    name: 'authentication',
    async handle(request, next) {
      if (!request.user) {
        const user = await authenticator.authenticate(request);
        if (!user) throw unauthorized();
        request.user = user;
      }
      return next(request);
    },
  };
}
