/** What webhooks and policies see of objects: their JSON as clients see it, null for required lists that nobody wrote. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, startRig, type Answer, type Rig } from '../../src/apiserver/crd/rig.fixture.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const API = '/apis/admissionregistration.k8s.io/v1';
const ROLES = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
const MERGE = { 'content-type': 'application/merge-patch+json' };

let rig: Rig;
let hooks: WebhookServer;
let patch: object[] = [];

beforeAll(async () => {
  rig = await startRig({ disableAdmission: ['ServiceAccount'] });
  hooks = await startWebhookServer({ '/look': () => ({ allowed: true }), '/change': () => ({ allowed: true, patch }) });
  const rules = [{ operations: ['CREATE', 'UPDATE', 'DELETE'], apiGroups: ['rbac.authorization.k8s.io'], apiVersions: ['v1'], resources: ['roles'] }];
  const webhook = (path: string): object => ({ name: `${path}.k8s.io`, rules, clientConfig: { url: hooks.url(`/${path}`), caBundle: hooks.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'] });
  for (const [kind, path] of [['Mutating', 'change'], ['Validating', 'look']] as const) {
    await rig.send('POST', `${API}/${kind.toLowerCase()}webhookconfigurations`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}WebhookConfiguration`, metadata: { name: path }, webhooks: [webhook(path)] });
  }
  await eventually(async () => {
    await rig.send('POST', `${ROLES}?dryRun=All`, role('probe'));
    expect(hooks.seen.get('/change') ?? []).not.toEqual([]);
    expect(hooks.seen.get('/look') ?? []).not.toEqual([]);
  });
});

afterAll(async () => {
  await hooks.close();
  await rig.stop();
});

afterEach(async () => {
  patch = [];
  await rig.send('DELETE', ROLES);
  hooks.seen.clear();
});

const role = (name: string, more: object = {}): object => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name }, ...more });
const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };

/** The rules that a webhook was shown last, of the new object and the old one. */
function shown(path: string): unknown[] {
  const { object, oldObject } = hooks.seen.get(path)!.at(-1)!.request;
  return [object?.rules, oldObject?.rules];
}

test.each<[string, object, unknown]>([['nothing', {}, null], ['null', { rules: null }, null], ['an empty list', { rules: [] }, []], ['a rule', { rules: [rule] }, [rule]]])('a new object that says %s of a required list', async (_name, more, seen) => {
  expect((await rig.send('POST', ROLES, role('a', more))).status).toBe(201);
  expect([shown('/change'), shown('/look')]).toEqual([[seen, undefined], [seen, undefined]]);
});

test('what lies in the store has null, whatever was written', async () => {
  const { body: created } = await rig.send('POST', ROLES, role('a', { rules: [] }));
  await rig.send('PUT', `${ROLES}/a`, { ...created, metadata: { ...created.metadata, labels: { a: 'b' } }, rules: [] });
  expect(shown('/change')).toEqual([[], null]);
  await rig.send('PUT', `${ROLES}/a`, role('a', { rules: [] }));
  expect(shown('/look')).toEqual([[], null]);
  await rig.send('PATCH', `${ROLES}/a`, { metadata: { labels: { a: 'c' } } }, MERGE);
  expect(shown('/look')).toEqual([null, null]);
  await rig.send('DELETE', `${ROLES}/a`);
  expect(shown('/look')).toEqual([undefined, null]);
});

test.each<[string, object[], number, unknown]>([
  ['adds to a list that is null', [{ op: 'add', path: '/rules/-', value: rule }], 500, undefined],
  ['makes a list of null', [{ op: 'add', path: '/rules', value: [rule] }], 201, [rule]],
  ['tests for null', [{ op: 'test', path: '/rules', value: null }, { op: 'add', path: '/metadata/labels', value: { a: 'b' } }], 201, null],
  ['writes an empty list', [{ op: 'replace', path: '/rules', value: [] }], 201, []],
])('a patch that %s', async (_name, operations, status, seen) => {
  patch = operations;
  expect((await rig.send('POST', ROLES, role('a'))).status).toBe(status);
  if (status === 201) expect(shown('/look')).toEqual([seen, undefined]);
});

const policy = async (name: string, expression: string): Promise<void> => {
  const match = { resourceRules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: ['rbac.authorization.k8s.io'], apiVersions: ['v1'], resources: ['roles'] }] };
  await rig.send('POST', `${API}/validatingadmissionpolicies`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec: { matchConstraints: match, validations: [{ expression, message: 'as it should not be' }] } });
  await rig.send('POST', `${API}/validatingadmissionpolicybindings`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } });
};

const dry = async (path: string, body: object): Promise<Answer> => rig.send('POST', `${path}?dryRun=All`, body);

test('expressions see null in a list that nobody wrote, a list in one that is empty', async () => {
  await policy('lists', "has(object.rules) && (object.metadata.name == 'empty' ? object.rules != null && object.rules.size() == 0 : object.rules == null)");
  await eventually(async () => expect((await dry(ROLES, role('a', { rules: [rule] }))).text).toContain('as it should not be'));
  expect((await dry(ROLES, role('absent'))).status).toBe(201);
  expect((await dry(ROLES, role('empty', { rules: [] }))).status).toBe(201);
});
