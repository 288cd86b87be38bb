/** Who may act as whom, and for what: constrained impersonation beside the right to everything. */
import { expect, test } from 'vitest';
import type { RequestInfo, UserInfo } from '../types.ts';
import { Impersonator, type Wanted } from './impersonation-modes.ts';
import { forbiddenMessage } from './authorization.ts';

const asker: UserInfo = { name: 'system:serviceaccount:default:agent', groups: [], extra: { 'authentication.kubernetes.io/node-name': ['n1'], 'authentication.kubernetes.io/pod-name': ['p'] } };
const info: RequestInfo = { isResourceRequest: true, path: '/api/v1/pods', verb: 'list', apiGroup: '', apiVersion: 'v1', namespace: '', resource: 'pods', subresource: '', name: '', parts: [] };
const wanted = (name: string, more: Partial<Wanted> = {}): Wanted => ({ name, uid: '', groups: [], extra: {}, ...more });

/** `verb resource[/subresource] [name]`, with `*` for any name. */
const rightsOf = (rights: readonly string[], asked: string[] = []) => ({
  name: 'test',
  authorize: ({ info: { verb, resource, subresource, name }, user }: { info: RequestInfo; user: UserInfo }) => {
    const what = `${verb} ${subresource === '' ? resource : `${resource}/${subresource}`}`;
    asked.push(`${what} ${name}`.trim());
    if (verb.includes('associated-node')) expect(user.extra).toEqual({ 'authentication.kubernetes.io/associated-node-keys': ['authentication.kubernetes.io/node-name', 'authentication.kubernetes.io/pod-name'] });
    return { decision: rights.includes(what) || rights.includes(`${what} ${name}`) ? 'allow' as const : 'no-opinion' as const, reason: '' };
  },
});

const USER_INFO = ['impersonate-on:user-info:list pods', 'impersonate:user-info users'];
const LEGACY = ['impersonate users', 'impersonate groups', 'impersonate userextras/acme.io/a'];

test.each<[string, string[], Wanted, string[], string | undefined]>([
  ['a user', USER_INFO, wanted('bob'), ['system:authenticated'], 'impersonate:user-info'],
  ['nobody', USER_INFO, wanted('system:anonymous'), ['system:unauthenticated'], 'impersonate:user-info'],
  ['a user in a group', [...USER_INFO, 'impersonate:user-info groups g'], wanted('bob', { groups: ['g'] }), ['g', 'system:authenticated'], 'impersonate:user-info'],
  ['a user in many groups, by the right to all', [...USER_INFO, 'impersonate:user-info groups *'], wanted('bob', { groups: ['a', 'b', 'c', 'd'] }), ['a', 'b', 'c', 'd', 'system:authenticated'], 'impersonate:user-info'],
  ['an account', ['impersonate-on:serviceaccount:list pods', 'impersonate:serviceaccount serviceaccounts x'], wanted('system:serviceaccount:ns:x'), ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'], 'impersonate:serviceaccount'],
  ['a node', ['impersonate-on:arbitrary-node:list pods', 'impersonate:arbitrary-node nodes n2'], wanted('system:node:n2'), ['system:nodes', 'system:authenticated'], 'impersonate:arbitrary-node'],
  ['the node that the asker lives on', ['impersonate-on:associated-node:list pods', 'impersonate:associated-node nodes *'], wanted('system:node:n1'), ['system:nodes', 'system:authenticated'], 'impersonate:associated-node'],
  ['anybody, with the right to everything', LEGACY, wanted('bob', { groups: ['system:masters'] }), ['system:masters', 'system:authenticated'], undefined],
  ['a node in the old way, without the groups of nodes', LEGACY, wanted('system:node:n1'), ['system:authenticated'], undefined],
])('as %s', async (_name, rights, who, groups, constraint) => {
  expect(await new Impersonator(rightsOf(rights), true).attempt(asker, who, info)).toEqual({ user: { name: who.name, groups, extra: who.extra }, ...(constraint === undefined ? {} : { constraint }) });
});

test.each<[string, string[], Wanted, string, string]>([
  ['for another verb', ['impersonate-on:user-info:get pods', 'impersonate:user-info users'], wanted('bob'), 'impersonate-on:user-info:list resource "pods"', ''],
  ['as another user', ['impersonate-on:user-info:list pods', 'impersonate:user-info users jane'], wanted('bob'), 'impersonate:user-info resource "users"', ''],
  ['with an id', USER_INFO, wanted('bob', { uid: '7' }), 'impersonate:user-info resource "uids"', ''],
  ['in a group', USER_INFO, wanted('bob', { groups: ['g'] }), 'impersonate:user-info resource "groups"', ''],
  ['as one of the masters', [...USER_INFO, 'impersonate:user-info groups'], wanted('bob', { groups: ['system:masters'] }), 'impersonate:user-info resource "groups"', 'impersonating the system:masters group is not allowed'],
  ['in a group without a name', [...USER_INFO, 'impersonate:user-info groups'], wanted('bob', { groups: [''] }), 'impersonate:user-info resource "groups"', 'impersonating the empty string group is not allowed'],
  ['with a value whose key has no domain', USER_INFO, wanted('bob', { extra: { scopes: ['x'] } }), 'impersonate:user-info resource "userextras"', 'impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "scopes": must be a domain-prefixed path (such as "acme.io/foo")'],
  ['with a value that is empty', USER_INFO, wanted('bob', { extra: { 'acme.io/a': [''] } }), 'impersonate:user-info resource "userextras"', 'impersonating the empty string value in extra is not allowed'],
  ['as a node by the right to users', USER_INFO, wanted('system:node:n2'), 'impersonate-on:arbitrary-node:list resource "pods"', ''],
  ['as an account by the right to users', USER_INFO, wanted('system:serviceaccount:ns:x'), 'impersonate-on:serviceaccount:list resource "pods"', ''],
  ['as a node that the asker does not live on', ['impersonate-on:associated-node:list pods', 'impersonate:associated-node nodes'], wanted('system:node:n2'), 'impersonate-on:arbitrary-node:list resource "pods"', ''],
  ['as the own node by the right to one node', ['impersonate-on:associated-node:list pods', 'impersonate:associated-node nodes n1'], wanted('system:node:n1'), 'impersonate:associated-node resource "nodes"', ''],
])('not %s', async (_name, rights, who, what, reason) => {
  const { refused } = await new Impersonator(rightsOf(rights), true).attempt(asker, who, info);
  expect(forbiddenMessage(refused!.attributes)).toContain(`cannot ${what}`);
  expect(refused!.reason).toBe(reason);
});

test('the mode that was right the last time is asked first, and tells what is wrong', async () => {
  const asked: string[] = [];
  const impersonator = new Impersonator(rightsOf(['impersonate users'], asked), true);
  await impersonator.attempt(asker, wanted('bob'), info);
  expect(asked).toEqual(['impersonate-on:user-info:list pods', 'impersonate users bob']);
  asked.splice(0);
  const { refused } = await impersonator.attempt(asker, wanted('bob', { groups: ['g'] }), info);
  expect(asked).toEqual(['impersonate users bob', 'impersonate groups g', 'impersonate-on:user-info:list pods']);
  expect(forbiddenMessage(refused!.attributes)).toContain('cannot impersonate resource "groups"');
});

test('without the gate there is only the right to everything', async () => {
  const asked: string[] = [];
  await new Impersonator(rightsOf(USER_INFO, asked), false).attempt(asker, wanted('bob'), info);
  expect(asked).toEqual(['impersonate users bob']);
});
