/** Names of users and groups that mean something to the API server. */

export const ANONYMOUS = 'system:anonymous';
export const AUTHENTICATED = 'system:authenticated';
export const UNAUTHENTICATED = 'system:unauthenticated';
export const MASTERS = 'system:masters';
export const NODES = 'system:nodes';
export const APISERVER = 'system:apiserver';
export const nodeUserPrefix = 'system:node:';
const accountPrefix = 'system:serviceaccount:';
const accountsGroup = 'system:serviceaccounts';

/** `system:serviceaccount:ns:name` taken apart; undefined for other users. */
export function serviceAccountOf(userName: string): { namespace: string; name: string } | undefined {
  if (!userName.startsWith(accountPrefix)) return undefined;
  const [namespace, name, ...more] = userName.slice(accountPrefix.length).split(':');
  return namespace && name && more.length === 0 ? { namespace, name } : undefined;
}

export const serviceAccountUser = (namespace: string, name: string): string => `${accountPrefix}${namespace}:${name}`;
export const serviceAccountGroups = (namespace: string): string[] => [accountsGroup, `${accountsGroup}:${namespace}`];

/** The node whose kubelet the user is; undefined for everybody else. */
export function nodeOf(user: { name: string; groups: readonly string[] }): string | undefined {
  if (!user.name.startsWith(nodeUserPrefix) || !user.groups.includes(NODES)) return undefined;
  return user.name.slice(nodeUserPrefix.length);
}
