/** Authorizers without a policy. */
import { MASTERS } from '../authentication/identities.ts';
import type { Authorizer, Decision } from '../types.ts';

const allowed: Decision = Object.freeze({ decision: 'allow', reason: '' });
const silent: Decision = Object.freeze({ decision: 'no-opinion', reason: '' });
const everyRule = { resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }], incomplete: false };

/** Members of `system:masters` may do everything: also what makes the policy itself work again. */
export const mastersAuthorizer: Authorizer = {
  name: 'masters',
  authorize: ({ user }) => (user.groups.includes(MASTERS) ? allowed : silent),
};

/** Everybody may do everything. */
export const alwaysAllow: Authorizer = {
  name: 'AlwaysAllow',
  authorize: () => allowed,
  rulesFor: () => structuredClone(everyRule),
};

const publicPaths: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

/** Health endpoints answer everybody, even before the roles are there that say so. */
export const healthAuthorizer: Authorizer = {
  name: 'health',
  authorize: ({ info }) => (!info.isResourceRequest && publicPaths.has(info.path) && (info.verb === 'get' || info.verb === 'head') ? allowed : silent),
};
