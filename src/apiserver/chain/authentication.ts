/** Finds out who asks. Requests of the in-process transport bring their user along. */
import { unauthorized } from '../../api/meta/status.ts';
import type { Authenticator, ServerResponse, Stage, UserInfo } from '../types.ts';

export function authentication(authenticator: Authenticator): Stage {
  return {
    name: 'authentication',
    handle(request, next) {
      if (request.user) return next(request);
      const pass = (user: UserInfo | undefined): Promise<ServerResponse> => {
        if (!user) throw unauthorized();
        request.user = user;
        return next(request);
      };
      const user = authenticator.authenticate(request);
      return user instanceof Promise ? user.then(pass) : pass(user);
    },
  };
}
