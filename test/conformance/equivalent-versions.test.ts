/** `matchPolicy: Equivalent` over custom resources that a conversion webhook converts: webhooks and policies see the version that their rules name. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { definitionOf, eventually, startRig, type Rig } from '../../src/apiserver/crd/rig.fixture.ts';
import type { JSONSchemaProps } from '../../src/api/apiextensions/v1/types.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into all kinds of objects.
type Any = any;

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';
const group = 'equivalent.example.com';
const at = (version: string): string => `/apis/${group}/${version}/namespaces/default/widgets`;
const fields = (...names: string[]): JSONSchemaProps => ({ type: 'object', properties: { spec: { type: 'object', properties: { level: { type: 'string', default: 'normal' }, ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])) } } } });

/** v1 has one field where v2 has two. */
function converted(object: Any, apiVersion: string): object {
  const { hostPort, host, port, level, ...spec } = object.spec;
  if (!apiVersion.endsWith('/v2')) return { ...object, apiVersion, spec: { ...spec, level, hostPort: `${host}:${port}` } };
  const [left, right] = String(hostPort).split(':');
  return { ...object, apiVersion, spec: { ...spec, level, host: left, port: right } };
}

let rig: Rig;
let hooks: WebhookServer;
let failing = false;
const registered: string[] = [];

beforeAll(async () => {
  rig = await startRig();
  hooks = await startWebhookServer({
    '/convert': ({ objects, desiredAPIVersion }) => (failing ? { convertedObjects: [], result: { status: 'Failed', message: 'out of order' } } : { convertedObjects: objects.map((object: Any) => converted(object, desiredAPIVersion)), result: { status: 'Success' } }),
    '/mutate': ({ object }) => ({ allowed: true, patch: [{ op: 'replace', path: '/spec/port', value: '443' }, ...(object.metadata.labels ? [] : [{ op: 'add', path: '/metadata/labels', value: {} }]), { op: 'add', path: '/metadata/labels/seen', value: object.spec.host }] }),
    '/validate': ({ object }) => ({ allowed: object.spec.host !== 'forbidden', status: { message: `host ${object.spec.host} is not wanted` } }),
  });
  const version = (name: string, ...names: string[]) => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: fields(...names) } });
  await rig.define(definitionOf({
    group, versions: [version('v1', 'hostPort'), version('v2', 'host', 'port')],
    spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: hooks.url('/convert'), caBundle: hooks.caBundle }, conversionReviewVersions: ['v1'] } } },
  }));
}, 60_000);
afterAll(async () => {
  await hooks.close();
  await rig.stop();
});
afterEach(async () => {
  failing = false;
  hooks.seen.clear();
  for (const path of registered.splice(0)) await rig.send('DELETE', path);
});

const widget = (name: string, hostPort: string, labels?: object): object => ({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name, ...(labels ? { labels } : {}) }, spec: { hostPort } });
const rule = (version: string) => ({ operations: ['CREATE', 'UPDATE'], apiGroups: [group], apiVersions: [version], resources: ['widgets'] });

async function register(plural: string, body: object, name: string): Promise<void> {
  const answer = await rig.send('POST', `${REGISTRATION}/${plural}`, { metadata: { name }, ...body });
  expect([answer.status, answer.body.message]).toEqual([201, undefined]);
  registered.push(`${REGISTRATION}/${plural}/${name}`);
}

const webhook = (path: string, more: object = {}): object => ({
  webhooks: [{
    name: 'equivalent.example.com', clientConfig: { url: hooks.url(path), caBundle: hooks.caBundle }, rules: [rule('v2')], matchPolicy: 'Equivalent', sideEffects: 'None', admissionReviewVersions: ['v1'], timeoutSeconds: 30, ...more,
  }],
});

test('a mutating webhook is sent the version of its rule, and its patch comes back into the version of the request', async () => {
  await register('mutatingwebhookconfigurations', webhook('/mutate'), 'm');
  // A webhook counts from when the server has heard of it.
  const { body } = await eventually(async () => {
    const answer = await rig.send('POST', at('v1'), { ...widget('', 'localhost:80'), metadata: { generateName: 'mutated-' } });
    expect(answer.body.metadata.labels).toBeDefined();
    return answer;
  });
  expect(body).toMatchObject({ apiVersion: `${group}/v1`, metadata: { labels: { seen: 'localhost' } }, spec: { hostPort: 'localhost:443', level: 'normal' } });
  const { request } = hooks.seen.get('/mutate')!.at(-1);
  expect(request).toMatchObject({
    kind: { group, version: 'v2', kind: 'Widget' }, resource: { group, version: 'v2', resource: 'widgets' }, requestKind: { group, version: 'v1', kind: 'Widget' }, requestResource: { version: 'v1' },
    object: { apiVersion: `${group}/v2`, spec: { host: 'localhost', port: '80', level: 'normal' } }, oldObject: null,
  });
  const name = body.metadata.name as string;
  const patched = await rig.send('PATCH', `${at('v1')}/${name}`, { spec: { hostPort: 'other:81' } });
  expect(patched.body).toMatchObject({ metadata: { labels: { seen: 'other' } }, spec: { hostPort: 'other:443' } });
  expect(hooks.seen.get('/mutate')!.at(-1).request).toMatchObject({ object: { spec: { host: 'other', port: '81' } }, oldObject: { apiVersion: `${group}/v2`, spec: { host: 'localhost', port: '443' } } });
  // A request in the version of the rule is sent as it is.
  const own = await rig.send('POST', at('v2'), { apiVersion: `${group}/v2`, kind: 'Widget', metadata: { name: 'own' }, spec: { host: 'a', port: '1' } });
  expect(own.body).toMatchObject({ apiVersion: `${group}/v2`, spec: { host: 'a', port: '443' } });
});

test('a validating webhook sees it too, and with Exact it is not asked', async () => {
  await register('validatingwebhookconfigurations', webhook('/validate'), 'v');
  await eventually(async () => {
    const answer = await rig.send('POST', `${at('v1')}?dryRun=All`, widget('refused', 'forbidden:80'));
    expect(answer.body).toMatchObject({ code: 400, message: 'admission webhook "equivalent.example.com" denied the request: host forbidden is not wanted' });
  });
  expect((await rig.send('POST', `${at('v1')}?dryRun=All`, widget('fine', 'localhost:80'))).status).toBe(201);
  failing = true;
  expect((await rig.send('POST', `${at('v1')}?dryRun=All`, widget('fine', 'localhost:80'))).body).toMatchObject({ code: 500, message: expect.stringContaining('out of order') });
  failing = false;
  await rig.send('DELETE', registered.pop()!);
  await register('validatingwebhookconfigurations', webhook('/validate', { matchPolicy: 'Exact' }), 'exact');
  await eventually(async () => expect((await rig.send('POST', `${at('v1')}?dryRun=All`, widget('refused', 'forbidden:80'))).status).toBe(201));
  expect((await rig.send('POST', `${at('v2')}?dryRun=All`, { apiVersion: `${group}/v2`, kind: 'Widget', metadata: { name: 'x' }, spec: { host: 'forbidden', port: '1' } })).status).toBe(400);
});

test('policies evaluate and mutate the version of their rules', async () => {
  const match = { matchPolicy: 'Equivalent', resourceRules: [rule('v2')] };
  await register('validatingadmissionpolicies', { spec: { matchConstraints: match, validations: [{ expression: "object.spec.port != '22'", messageExpression: "'port ' + object.spec.port + ' of ' + object.spec.host" }] } }, 'ports');
  await register('validatingadmissionpolicybindings', { spec: { policyName: 'ports', validationActions: ['Deny'] } }, 'ports');
  await eventually(async () => {
    const answer = await rig.send('POST', `${at('v1')}?dryRun=All`, widget('p', 'localhost:22'));
    expect(answer.body).toMatchObject({ code: 422, message: expect.stringContaining('port 22 of localhost') });
  });
  expect((await rig.send('POST', `${at('v1')}?dryRun=All`, widget('p', 'localhost:23'))).status).toBe(201);

  await register('mutatingadmissionpolicies', {
    spec: {
      matchConstraints: match, reinvocationPolicy: 'Never', failurePolicy: 'Fail',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'replace', path: '/spec/host', value: object.spec.host + '.example'}]" } }, { patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'replace', path: '/spec/port', value: object.spec.host == 'a.example' ? '8443' : '0'}]" } }],
    },
  }, 'names');
  await register('mutatingadmissionpolicybindings', { spec: { policyName: 'names' } }, 'names');
  await eventually(async () => expect((await rig.send('POST', `${at('v1')}?dryRun=All`, widget('q', 'a:80'))).body).toMatchObject({ apiVersion: `${group}/v1`, spec: { hostPort: 'a.example:8443' } }));
});
