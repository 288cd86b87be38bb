/** What audit events tell, request by request, over HTTPS: each row is a fact of the documented form. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPolicy } from '../../src/apiserver/audit/policy.ts';
import { eventually, startTestServer, type TestServer } from './server.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into all kinds of events.
type Any = any;

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
rules:
- {level: None, users: ["system:apiserver"]}
- {level: Metadata, resources: [{group: "", resources: [secrets]}]}
- {level: Request, resources: [{group: "", resources: [configmaps, endpoints]}]}
- {level: RequestResponse, resources: [{group: apps}, {group: authorization.k8s.io}]}
- {level: Metadata, nonResourceURLs: ["/version"]}
- {level: None}
`;

const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const folder = mkdtempSync(join(tmpdir(), 'kubets-audit-events-'));
const path = join(folder, 'audit.log');

let server: TestServer;
let hooks: WebhookServer;
let count = 0;

beforeAll(async () => {
  server = await startTestServer({ auditLogPath: path, auditPolicy: readPolicy(POLICY) });
  hooks = await startWebhookServer({
    '/change': () => ({ allowed: true, patch: [{ op: 'add', path: '/data', value: { a: 'Yg==' } }], auditAnnotations: { 'seen': 'yes', 'not/a-name': 'no' } }),
    '/allow': () => ({ allowed: true }),
    '/look': () => ({ allowed: true, patch: [] }),
  });
});

afterAll(async () => {
  await hooks.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends a request, and answers with the events that were written of it, by stage. */
async function eventsOf(method: string, target: string, body?: unknown, headers: Record<string, string> = {}): Promise<Record<string, Any>> {
  const auditId = `request-${count++}`;
  await server.send(method, target, body, { 'audit-id': auditId, 'user-agent': 'probe/1', ...headers });
  return eventually(server.host, () => {
    const events = readFileSync(path, 'utf8').split('\n').filter((line) => line.includes(`"auditID":"${auditId}"`)).map((line) => JSON.parse(line) as Any);
    expect(events.length).toBeGreaterThan(0);
    return Object.fromEntries(events.map((event) => [event.stage, event]));
  });
}

const complete = async (...request: Parameters<typeof eventsOf>): Promise<Any> => (await eventsOf(...request))['ResponseComplete'];
const map = (name: string, more: object = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more });
const ALLOWED = { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' };

test.each<[string, Record<string, string>, string[] | undefined]>([
  ['the connection', {}, ['127.0.0.1']],
  ['a proxy before it', { 'x-forwarded-for': '10.0.0.1' }, ['10.0.0.1', '127.0.0.1']],
  ['several, those that are no addresses left out', { 'x-forwarded-for': 'unknown, 10.0.0.2,::1, 10.0.0.3:80' }, ['10.0.0.2', '::1', '127.0.0.1']],
  ['another header', { 'x-real-ip': '10.0.0.9' }, ['10.0.0.9', '127.0.0.1']],
  ['both', { 'x-forwarded-for': '10.0.0.1, 10.0.0.9', 'x-real-ip': '10.0.0.9' }, ['10.0.0.1', '10.0.0.9', '127.0.0.1']],
  ['what the connection says already', { 'x-forwarded-for': '127.0.0.1' }, ['127.0.0.1']],
])('addresses: %s', async (_name, headers, addresses) => expect((await complete('GET', '/version', undefined, headers)).sourceIPs).toEqual(addresses));

test.each<[string, Record<string, string>, Record<string, unknown>]>([
  ['one who is allowed', {}, { annotations: ALLOWED, userAgent: 'probe/1', user: { username: 'administrator', groups: ['system:masters', 'system:authenticated'] } }],
  ['a long one', { 'user-agent': 'x'.repeat(1025) }, { userAgent: `${'x'.repeat(1024)}...TRUNCATED` }],
  ['somebody else\'s name', { 'impersonate-user': 'bob' }, { impersonatedUser: { username: 'bob', groups: ['system:authenticated'] }, annotations: { ...ALLOWED, 'authorization.k8s.io/reason': 'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"' } }],
  ['more of somebody else', { 'impersonate-user': 'bob', 'impersonate-uid': '7', 'impersonate-extra-scopes': 'view' }, { impersonatedUser: { username: 'bob', uid: '7', groups: ['system:authenticated'], extra: { scopes: ['view'] } } }],
])('who asks: %s', async (_name, headers, parts) => expect(await complete('GET', '/version', undefined, headers)).toEqual(expect.objectContaining(parts)));

test('who is refused is told why there, and where the request went, to the letter', async () => {
  const event = await complete('GET', `${MAPS}?limit=%32&labelSelector=a%3Cb&x=%zz`, undefined, { 'impersonate-user': 'bob' });
  expect(event).toMatchObject({ verb: 'list', requestURI: `${MAPS}?limit=%32&labelSelector=a%3Cb&x=%zz`, responseStatus: { reason: 'Forbidden', code: 403 }, annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' } });
  expect(readFileSync(path, 'utf8')).toContain(String.raw`a%3Cb\u0026x=%zz`);
});

test('of one who cannot say who they are there is one event, of the answer', async () => {
  const events = await eventsOf('GET', DEPLOYMENTS, undefined, { authorization: 'Bearer wrong' });
  expect(Object.keys(events)).toEqual(['ResponseStarted']);
  expect(events['ResponseStarted']).toMatchObject({ user: {}, responseStatus: { metadata: {}, status: 'Failure', message: 'Unauthorized', reason: 'Unauthorized', code: 401 }, responseObject: { kind: 'Status', code: 401 } });
  expect(events['ResponseStarted']).not.toHaveProperty('annotations');
});

test('an object is told as it was read, with its defaults', async () => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } }, unknown: 1 };
  const event = await complete('POST', DEPLOYMENTS, deployment);
  expect(event).toMatchObject({ objectRef: { resource: 'deployments', name: 'd' }, requestObject: { metadata: { name: 'd' }, spec: { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 } }, responseObject: { metadata: { generation: 1 } } });
  expect(event.requestObject).not.toHaveProperty('unknown');
  // What the server adds is not the sender's.
  expect(event.requestObject.metadata).toEqual({ name: 'd' });
});

test.each<[string, string, string, unknown, object, object]>([
  ['what cannot be read is not told', 'POST', MAPS, map('x', { data: 7 }), { code: 400 }, { requestObject: undefined, name: undefined }],
  ['nor what strict validation refuses', 'POST', `${MAPS}?fieldValidation=Strict`, map('x', { unknown: 1 }), { code: 400 }, { requestObject: undefined, name: undefined }],
  ['what breaks a rule is', 'POST', MAPS, map('Bad_Name'), { code: 422 }, { requestObject: map('Bad_Name'), name: 'Bad_Name' }],
  ['patches are told as they came', 'PATCH', `${MAPS}/none`, { data: { a: 'b' } }, { code: 404 }, { requestObject: { data: { a: 'b' } }, name: 'none' }],
  ['options of a delete in their own version', 'DELETE', `${MAPS}/none`, { propagationPolicy: 'Background', gracePeriodSeconds: 0 }, { code: 404 }, { requestObject: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal', gracePeriodSeconds: 0, propagationPolicy: 'Background' }, name: 'none' }],
  ['a delete without options tells none', 'DELETE', `${MAPS}/none`, undefined, { code: 404 }, { requestObject: undefined, name: 'none' }],
  ['at the level of metadata only where it lies', 'POST', SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'Bad_Name' } }, { code: 422 }, { requestObject: undefined, name: 'Bad_Name' }],
])('%s', async (_name, method, target, body, status, { requestObject, name }: Any) => {
  const event = await complete(method, target, body);
  expect(event.responseStatus).toMatchObject(status);
  expect([event.requestObject, event.objectRef.name]).toEqual([requestObject, name]);
});

test('a request that does not say what it is sent by', async () => expect(await complete('GET', '/version', undefined, { 'user-agent': '' })).not.toHaveProperty('userAgent'));

test('an answer in no form that the client takes is told by its number alone', async () => {
  const event = await complete('GET', DEPLOYMENTS, undefined, { accept: 'text/html' });
  expect(event.responseStatus).toEqual({ metadata: {}, code: 406 });
  expect(event).not.toHaveProperty('responseObject');
});

test('what is deprecated is marked', async () => {
  expect((await complete('GET', '/api/v1/namespaces/default/endpoints')).annotations).toEqual({ ...ALLOWED, 'k8s.io/deprecated': 'true' });
});

test('webhooks are told one by one: what they changed, what they patched, what they say, and which failed', async () => {
  const hook = (name: string, where: string, more: object = {}): object => ({
    name, rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps', 'secrets'] }], clientConfig: { url: hooks.url(where), caBundle: hooks.caBundle }, sideEffects: 'None',
    admissionReviewVersions: ['v1'], failurePolicy: 'Ignore', objectSelector: { matchLabels: { hooked: 'yes' } }, ...more,
  });
  const other = { objectSelector: { matchLabels: { hooked: 'never' } } };
  const configuration = (kind: string, webhooks: object[]): object => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'm' }, webhooks });
  await server.send('POST', `${ADMISSION}/mutatingwebhookconfigurations`, configuration('MutatingWebhookConfiguration', [hook('other.x.io', '/change', other), hook('change.x.io', '/change'), hook('look.x.io', '/look'), hook('gone.x.io', '/gone')]));
  await server.send('POST', `${ADMISSION}/validatingwebhookconfigurations`, configuration('ValidatingWebhookConfiguration', [hook('other.v.io', '/look', other), hook('look.v.io', '/allow'), hook('gone.v.io', '/gone')]));
  const told = (name: string, mutated: boolean): string => JSON.stringify({ configuration: 'm', webhook: name, mutated });
  const metadata = {
    ...ALLOWED, 'change.x.io/seen': 'yes',
    'mutation.webhook.admission.k8s.io/round_0_index_1': told('change.x.io', true), 'mutation.webhook.admission.k8s.io/round_0_index_2': told('look.x.io', false), 'mutation.webhook.admission.k8s.io/round_0_index_3': told('gone.x.io', false),
    'failed-open.mutation.webhook.admission.k8s.io/round_0_index_3': 'gone.x.io', 'failed-open.validating.webhook.admission.k8s.io/round_0_index_1': 'gone.v.io',
  };
  const labelled = { metadata: { generateName: 'g-', labels: { hooked: 'yes' } } };
  const patch = JSON.stringify({ configuration: 'm', webhook: 'change.x.io', patch: [{ op: 'add', path: '/data', value: { a: 'Yg==' } }], patchType: 'JSONPatch' });
  await eventually(server.host, async () => {
    expect((await complete('POST', MAPS, { ...map(''), ...labelled })).annotations).toEqual({ ...metadata, 'patch.webhook.admission.k8s.io/round_0_index_1': patch });
  });
  expect((await complete('POST', SECRETS, { apiVersion: 'v1', kind: 'Secret', ...labelled })).annotations).toMatchObject({ 'mutation.webhook.admission.k8s.io/round_0_index_2': told('look.x.io', false) });
  expect(Object.keys((await complete('POST', SECRETS, { apiVersion: 'v1', kind: 'Secret', ...labelled })).annotations).some((key) => key.startsWith('patch.'))).toBe(false);
});
