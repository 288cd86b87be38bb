/** TokenReview and SelfSubjectReview: who does a token belong to, and who am I. */
import type { SelfSubjectReview, TokenReview, UserInfo as ReviewedUser } from '../../api/authentication/v1/types.ts';
import { badRequest } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { Clock } from '../../host/types.ts';
import { userOf } from '../chain/authorization.ts';
import { created, readObject, type VirtualHandler, type VirtualKind } from '../endpoints/virtual.ts';
import type { UserInfo } from '../types.ts';
import { authenticateToken, type TokenAuthenticator } from './bearer.ts';

/** The API's form of a user. */
export function reviewedUser(user: UserInfo): ReviewedUser {
  return {
    username: user.name,
    ...(user.uid ? { uid: user.uid } : {}),
    groups: [...user.groups],
    ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])) } : {}),
  };
}

export function tokenReviews(kind: VirtualKind, authenticators: readonly TokenAuthenticator[], apiAudiences: readonly string[]): VirtualHandler {
  return async (request) => {
    const review = await readObject<TokenReview>(request, kind);
    const token = review.spec?.token ?? '';
    if (token === '') throw badRequest('token is required for TokenReview in authentication');
    const wanted = review.spec?.audiences?.length ? review.spec.audiences : apiAudiences;
    const answer = await authenticateToken(authenticators, token, wanted);
    if (!answer) return created(kind, { ...review, status: { user: {} } } as TokenReview);
    if ('invalid' in answer) return created(kind, { ...review, status: { user: {}, error: `[invalid bearer token, ${answer.invalid}]` } } as TokenReview);
    // Tokens that name no audience are good for this server only.
    const audiences = answer.audiences.length > 0 ? answer.audiences : wanted.filter((a) => apiAudiences.includes(a));
    if (audiences.length === 0) return created(kind, { ...review, status: { user: {}, error: 'the token is not for the wanted audiences' } } as TokenReview);
    return created(kind, { ...review, status: { authenticated: true, user: reviewedUser(answer.user), audiences: [...audiences] } } as TokenReview);
  };
}

export function selfSubjectReviews(kind: VirtualKind, clock: Clock): VirtualHandler {
  return async (request) => {
    const review = await readObject<SelfSubjectReview>(request, kind);
    return created(kind, { ...review, metadata: { ...review.metadata, creationTimestamp: formatTime(clock.now()) }, status: { userInfo: reviewedUser(userOf(request)) } } as SelfSubjectReview);
  };
}
