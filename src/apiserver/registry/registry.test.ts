import { afterEach, describe, expect, test } from 'vitest';
import { requestOver } from '../transport.ts';
import { startRig, type Rig, type RigOptions } from './rig.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});
async function start(options?: RigOptions): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

const configMap = (name: string, data: Record<string, string> = {}, metadata: object = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data });
const pod = (name: string, extra: object = {}, metadata: object = {}): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...extra } });
const deployment = (name: string, replicas = 1): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
});

test('what a write is answered with is what is read next, and no later write changes it', async () => {
  const rig = await start();
  const created = await rig.send('POST', CONFIG_MAPS, configMap('same', { a: '1' }));
  const text = JSON.stringify(created.body);
  expect((await rig.send('GET', `${CONFIG_MAPS}/same`)).body).toEqual(created.body);
  const patched = await rig.send('PATCH', `${CONFIG_MAPS}/same`, { data: { a: '2' } }, { headers: { 'content-type': 'application/merge-patch+json' } });
  expect((await rig.send('GET', `${CONFIG_MAPS}/same`)).body).toEqual(patched.body);
  expect(patched.body).not.toEqual(created.body);
  expect(JSON.stringify(created.body)).toBe(text);
  expect((await rig.send('DELETE', `${CONFIG_MAPS}/same`)).status).toBe(200);
  expect((await rig.send('GET', `${CONFIG_MAPS}/same`)).status).toBe(404);
});

test('who leaves in the midst of a body has met with no failure of the server', async () => {
  const rig = await start();
  const answer = await rig.resources.handle({
    method: 'POST', path: CONFIG_MAPS, rawPath: CONFIG_MAPS, query: new URLSearchParams(), headers: { 'content-type': 'application/json' }, body: () => Promise.reject(requestOver),
    signal: new AbortController().signal, remoteAddress: '', wantsUpgrade: false, user: { name: 'tester', groups: [] }, warnings: [], receivedAt: 0,
  });
  expect([answer.status, rig.failures]).toEqual([503, []]);
});

describe('create and get', () => {
  test('a new object gets what the server gives, and is read back as it was answered', async () => {
    const rig = await start();
    const answer = await rig.send('POST', CONFIG_MAPS, configMap('a', { k: 'v' }));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', namespace: 'default', resourceVersion: '1', creationTimestamp: '2023-11-14T22:13:20Z' }, data: { k: 'v' } });
    expect(answer.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.body.metadata.managedFields).toMatchObject([{ manager: 'rig', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' }]);
    const read = await rig.send('GET', `${CONFIG_MAPS}/a`);
    expect(read.status).toBe(200);
    expect(read.body).toEqual(answer.body);
  });

  test('defaults are filled in, status is the server\'s', async () => {
    const rig = await start();
    const made = (await rig.create(DEPLOYMENTS, { ...deployment('web'), status: { replicas: 7 } })) as unknown as { spec: Record<string, unknown>; status: object; metadata: { generation: number } };
    expect(made.spec).toMatchObject({ revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: { type: 'RollingUpdate' } });
    expect(made.status).toEqual({});
    expect(made.metadata.generation).toBe(1);
  });

  const refused: [string, string, unknown, number, string][] = [
    ['another kind', CONFIG_MAPS, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }, 400, 'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
    ['another version', CONFIG_MAPS, { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'x' } }, 400, 'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
    ['another namespace', CONFIG_MAPS, configMap('x', {}, { namespace: 'other' }), 400, 'the namespace of the provided object does not match the namespace sent on the request'],
    ['a bad name', CONFIG_MAPS, configMap('X_'), 422, 'ConfigMap "X_" is invalid: metadata.name: Invalid value: "X_"'],
    ['no name', CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }, 422, 'name or generateName is required'],
    ['a resourceVersion', CONFIG_MAPS, configMap('x', {}, { resourceVersion: '5' }), 400, 'resourceVersion should not be set on objects to be created'],
    ['a wrong type', DEPLOYMENTS, { ...deployment('x'), spec: { replicas: 'three' } }, 400, 'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['no JSON', CONFIG_MAPS, '{"a":', 400, 'json'],
    ['an unknown collection', '/api/v1/namespaces/default/unknowns', {}, 404, 'the server could not find the requested resource'],
  ];
  test.each(refused)('%s is refused', async (_row, url, body, status, message) => {
    const rig = await start();
    const answer = await rig.send('POST', url, body);
    expect(answer.body).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status });
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(message);
  });

  test('a name that is taken is refused, an absent one is not found', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a'));
    expect((await rig.send('POST', CONFIG_MAPS, configMap('a'))).body).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'configmaps "a" already exists', details: { name: 'a', kind: 'configmaps' } });
    expect((await rig.send('GET', `${CONFIG_MAPS}/b`)).body).toMatchObject({ code: 404, reason: 'NotFound', message: 'configmaps "b" not found' });
    expect((await rig.send('GET', `${DEPLOYMENTS}/b`)).body).toMatchObject({ message: 'deployments.apps "b" not found', details: { group: 'apps' } });
  });

  test('generateName makes names of its own', async () => {
    const rig = await start();
    const names = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const made = await rig.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'a-' } });
      expect(made.metadata.name).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      names.add(made.metadata.name!);
    }
    expect(names.size).toBe(20);
  });

  test('unknown and duplicate fields: refused, warned of or ignored', async () => {
    const rig = await start();
    const text = '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"foo":1,"replicas":1,"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}';
    const strict = await rig.send('POST', `${DEPLOYMENTS}?fieldValidation=Strict`, text);
    expect(strict.body.message).toBe('Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo", duplicate field "spec.replicas"');
    expect(strict.status).toBe(400);
    const warned = await rig.send('POST', DEPLOYMENTS, text);
    expect([warned.status, warned.warnings]).toEqual([201, ['unknown field "spec.foo"', 'duplicate field "spec.replicas"']]);
    const ignored = await rig.send('POST', `${DEPLOYMENTS}?fieldValidation=Ignore`, text.replace('"d"', '"e"'));
    expect([ignored.status, ignored.warnings]).toEqual([201, []]);
    expect((await rig.send('POST', `${DEPLOYMENTS}?fieldValidation=Maybe`, text)).body.message).toBe('CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"');
  });

  test('a dry run answers as if, and writes nothing', async () => {
    const rig = await start();
    const answer = await rig.send('POST', `${CONFIG_MAPS}?dryRun=All`, configMap('a'));
    expect([answer.status, answer.body.metadata.name]).toEqual([201, 'a']);
    expect((await rig.send('GET', `${CONFIG_MAPS}/a`)).status).toBe(404);
    expect(await rig.backend.revision()).toBe(0);
    expect((await rig.send('POST', `${CONFIG_MAPS}?dryRun=Some`, configMap('a'))).status).toBe(422);
  });
});

describe('update', () => {
  test('a PUT replaces; the resourceVersion guards it', async () => {
    const rig = await start();
    const first = await rig.create(CONFIG_MAPS, configMap('a', { k: '1' }));
    const second = await rig.send('PUT', `${CONFIG_MAPS}/a`, { ...first, data: { k: '2' } });
    expect([second.status, second.body.data, second.body.metadata.resourceVersion]).toEqual([200, { k: '2' }, '2']);
    const stale = await rig.send('PUT', `${CONFIG_MAPS}/a`, { ...first, data: { k: '3' } });
    expect(stale.body).toMatchObject({ code: 409, reason: 'Conflict', message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again' });
    const free = await rig.send('PUT', `${CONFIG_MAPS}/a`, configMap('a', { k: '4' }));
    expect([free.status, free.body.metadata.uid]).toEqual([200, first.metadata.uid]);
  });

  test('what changes nothing is not written', async () => {
    const rig = await start();
    const made = await rig.create(DEPLOYMENTS, deployment('web'));
    const again = await rig.send('PUT', `${DEPLOYMENTS}/web`, made);
    expect(again.body).toEqual(made);
    expect((await rig.send('PATCH', `${DEPLOYMENTS}/web`, { spec: { replicas: 1 } }, { headers: { 'content-type': 'application/merge-patch+json' } })).body).toEqual(made);
    expect(await rig.backend.revision()).toBe(1);
  });

  const refused: [string, string, object, number, string][] = [
    ['a name that is not the path\'s', `${CONFIG_MAPS}/b`, configMap('a'), 400, 'the name of the object (a) does not match the name on the URL (b)'],
    ['a namespace that is not the path\'s', `${CONFIG_MAPS}/a`, configMap('a', {}, { namespace: 'other' }), 400, 'the namespace of the provided object does not match the namespace sent on the request'],
    ['another uid', `${CONFIG_MAPS}/a`, configMap('a', {}, { uid: 'x' }), 409, 'Precondition failed: UID in precondition: x, UID in object meta: '],
    ['an absent object', `${CONFIG_MAPS}/absent`, configMap('absent'), 404, 'configmaps "absent" not found'],
  ];
  test.each(refused)('%s is refused', async (_row, url, body, status, message) => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a'));
    if (url.endsWith('/b')) await rig.create(CONFIG_MAPS, configMap('b'));
    const answer = await rig.send('PUT', url, body);
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(message)]);
  });

  test('spec and status are written apart, and only the spec raises the generation', async () => {
    const rig = await start();
    const made = (await rig.create(DEPLOYMENTS, deployment('web'))) as unknown as { spec: object; status: object; metadata: { generation: number } };
    const spec = await rig.send('PUT', `${DEPLOYMENTS}/web`, { ...made, spec: { ...made.spec, replicas: 5 }, status: { replicas: 3 } });
    expect(spec.body).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 5 }, status: {} });
    const status = await rig.send('PUT', `${DEPLOYMENTS}/web/status`, { ...spec.body, spec: { ...spec.body.spec, replicas: 9 }, status: { replicas: 3, observedGeneration: 2 } });
    expect(status.body).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 5 }, status: { replicas: 3, observedGeneration: 2 } });
    expect(status.body.metadata.managedFields.map((entry: { subresource?: string }) => entry.subresource)).toEqual([undefined, 'status']);
    expect((await rig.send('GET', `${DEPLOYMENTS}/web/status`)).body).toEqual(status.body);
  });

  test('many writers of one object: no write is lost', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a'));
    const writes = Array.from({ length: 20 }, (_, i) => rig.send('PATCH', `${CONFIG_MAPS}/a`, { data: { [`k${i}`]: 'v' } }, { headers: { 'content-type': 'application/merge-patch+json' } }));
    const statuses = (await Promise.all(writes)).map((answer) => answer.status);
    const data = (await rig.send('GET', `${CONFIG_MAPS}/a`)).body.data as object;
    expect(Object.keys(data)).toHaveLength(statuses.filter((status) => status === 200).length);
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
  });
});

describe('patch', () => {
  const as = (type: string): { headers: Record<string, string> } => ({ headers: { 'content-type': `application/${type}` } });

  const kinds: [string, string, unknown][] = [
    ['JSON', 'json-patch+json', [{ op: 'replace', path: '/spec/replicas', value: 4 }, { op: 'add', path: '/metadata/labels', value: { l: 'x' } }]],
    ['merge', 'merge-patch+json', { spec: { replicas: 4 }, metadata: { labels: { l: 'x' } } }],
    ['strategic', 'strategic-merge-patch+json', { spec: { replicas: 4 }, metadata: { labels: { l: 'x' } } }],
  ];
  test.each(kinds)('%s', async (_row, type, patch) => {
    const rig = await start();
    await rig.create(DEPLOYMENTS, deployment('web'));
    const answer = await rig.send('PATCH', `${DEPLOYMENTS}/web`, patch, as(type));
    expect(answer.body).toMatchObject({ metadata: { labels: { l: 'x' }, generation: 2 }, spec: { replicas: 4 } });
    expect(answer.status).toBe(200);
  });

  test('strategic merges containers by name, merge replaces the list', async () => {
    const rig = await start();
    await rig.create(DEPLOYMENTS, deployment('web'));
    const patch = { spec: { template: { spec: { containers: [{ name: 'side', image: 's' }] } } } };
    const strategic = await rig.send('PATCH', `${DEPLOYMENTS}/web`, patch, as('strategic-merge-patch+json'));
    expect(strategic.body.spec.template.spec.containers.map((c: { name: string }) => c.name).sort()).toEqual(['c', 'side']);
    const merge = await rig.send('PATCH', `${DEPLOYMENTS}/web`, patch, as('merge-patch+json'));
    expect(merge.body.spec.template.spec.containers.map((c: { name: string }) => c.name)).toEqual(['side']);
  });

  test('a patch of another type is 415, of an absent object 404, with unknown fields 400 when strict', async () => {
    const rig = await start();
    await rig.create(DEPLOYMENTS, deployment('web'));
    expect((await rig.send('PATCH', `${DEPLOYMENTS}/web`, {}, as('json'))).status).toBe(415);
    expect((await rig.send('PATCH', `${DEPLOYMENTS}/none`, {}, as('merge-patch+json'))).status).toBe(404);
    expect((await rig.send('PATCH', `${DEPLOYMENTS}/web?fieldValidation=Strict`, { spec: { foo: 1 } }, as('merge-patch+json'))).body.message).toContain('strict decoding error: unknown field "spec.foo"');
    expect((await rig.send('PATCH', `${DEPLOYMENTS}/web`, { metadata: { resourceVersion: '99' } }, as('merge-patch+json'))).status).toBe(409);
    expect((await rig.send('PATCH', `${DEPLOYMENTS}/web`, { metadata: { name: 'other' } }, as('merge-patch+json'))).status).toBe(400);
  });

  test('metadata of a change is looked at for all kinds, and again by the kind: each look is a cause, and the message says it once', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a', { x: '1' }));
    const change = async (metadata: object): Promise<[string, string[]]> => {
      const { body } = await rig.send('PATCH', `${CONFIG_MAPS}/a`, { metadata }, as('merge-patch+json'));
      return [body.message, body.details.causes.map(({ field }: { field: string }) => field)];
    };
    const form = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    expect(await change({ labels: { a: '-' } })).toEqual([`ConfigMap "a" is invalid: metadata.labels: Invalid value: "-": ${form}`, ['metadata.labels', 'metadata.labels', 'metadata.labels']]);
    expect(await change({ finalizers: ['a.b/-'] })).toEqual([expect.stringContaining('ConfigMap "a" is invalid: metadata.finalizers: Invalid value: "a.b/-": name part must consist of '), ['metadata.finalizers']]);
    expect(await change({ finalizers: ['mine'] })).toEqual(['ConfigMap "a" is invalid: metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified', ['metadata.finalizers[0]']]);
    expect(await change({ generateName: 'a/b' })).toEqual([`ConfigMap "a" is invalid: metadata.generateName: Invalid value: "a/b": may not contain '/'`, ['metadata.generateName']]);
  });

  test('apply creates, changes, tells of conflicts, and takes away what is applied no longer', async () => {
    const rig = await start();
    const apply = (manager: string, body: object, extra = ''): ReturnType<Rig['send']> => rig.send('PATCH', `${CONFIG_MAPS}/a?fieldManager=${manager}${extra}`, body, as('apply-patch+yaml'));
    const created = await apply('helm', configMap('a', { x: '1', y: '1' }));
    expect([created.status, created.body.data]).toEqual([201, { x: '1', y: '1' }]);
    expect(created.body.metadata.managedFields).toMatchObject([{ manager: 'helm', operation: 'Apply', fieldsV1: { 'f:data': { 'f:x': {}, 'f:y': {} } } }]);
    const same = await apply('helm', configMap('a', { x: '1', y: '1' }));
    expect([same.status, same.body]).toEqual([200, created.body]);
    const fewer = await apply('helm', configMap('a', { x: '1' }));
    expect(fewer.body.data).toEqual({ x: '1' });
    const other = await apply('kubectl', configMap('a', { x: '2' }));
    expect(other.body).toMatchObject({ code: 409, reason: 'Conflict', details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "helm"', field: '.data.x' }] } });
    expect(other.body.message).toBe('Apply failed with 1 conflict: conflict with "helm": .data.x');
    const forced = await apply('kubectl', configMap('a', { x: '2' }), '&force=true');
    expect([forced.status, forced.body.data]).toEqual([200, { x: '2' }]);
    expect((await rig.send('PATCH', `${CONFIG_MAPS}/a`, configMap('a'), as('apply-patch+yaml'))).body.message).toContain('fieldManager: Required value: is required for apply patch');
  });

  test('apply of a whole deployment twice changes nothing, in YAML too', async () => {
    const rig = await start();
    const yaml = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n      - name: c\n        image: i\n        resources: {limits: {cpu: 1000m}}\n';
    const first = await rig.send('PATCH', `${DEPLOYMENTS}/web?fieldManager=helm`, yaml, as('apply-patch+yaml'));
    expect(first.status).toBe(201);
    expect(first.body.spec.replicas).toBe(1);
    const owned = first.body.metadata.managedFields[0].fieldsV1;
    expect(owned['f:spec']['f:replicas']).toBeUndefined();
    expect(owned['f:status']).toBeUndefined();
    rig.clock.advance(60_000);
    const second = await rig.send('PATCH', `${DEPLOYMENTS}/web?fieldManager=helm`, yaml, as('apply-patch+yaml'));
    expect(second.body).toEqual(first.body);
  });
});

describe('delete', () => {
  test('what nothing holds is gone at once', async () => {
    const rig = await start();
    const made = await rig.create(CONFIG_MAPS, configMap('a'));
    const answer = await rig.send('DELETE', `${CONFIG_MAPS}/a`);
    expect(answer.body).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: 'a', kind: 'configmaps', uid: made.metadata.uid } });
    expect((await rig.send('GET', `${CONFIG_MAPS}/a`)).status).toBe(404);
    expect((await rig.send('DELETE', `${CONFIG_MAPS}/a`)).status).toBe(404);
  });

  test('preconditions', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a'));
    expect((await rig.send('DELETE', `${CONFIG_MAPS}/a`, { preconditions: { uid: 'x' } })).status).toBe(409);
    expect((await rig.send('DELETE', `${CONFIG_MAPS}/a`, { preconditions: { resourceVersion: '9' } })).body.message).toContain('the ResourceVersion in the precondition (9) does not match the ResourceVersion in record (1)');
    expect((await rig.send('DELETE', `${CONFIG_MAPS}/a?dryRun=All`)).status).toBe(200);
    expect((await rig.send('DELETE', `${CONFIG_MAPS}/a`, { preconditions: { resourceVersion: '1' } })).status).toBe(200);
  });

  test('finalizers hold an object until the last one goes', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a', {}, { finalizers: ['example.com/hold'] }));
    const marked = await rig.send('DELETE', `${CONFIG_MAPS}/a`);
    expect(marked.body.metadata).toMatchObject({ deletionTimestamp: '2023-11-14T22:13:20Z', deletionGracePeriodSeconds: 0 });
    const added = await rig.send('PATCH', `${CONFIG_MAPS}/a`, { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } }, { headers: { 'content-type': 'application/merge-patch+json' } });
    expect(added.status).toBe(422);
    const freed = await rig.send('PATCH', `${CONFIG_MAPS}/a`, { metadata: { finalizers: null } }, { headers: { 'content-type': 'application/merge-patch+json' } });
    expect(freed.status).toBe(200);
    expect((await rig.send('GET', `${CONFIG_MAPS}/a`)).status).toBe(404);
  });

  const policies: [string, object, string[] | undefined][] = [
    ['Foreground', { propagationPolicy: 'Foreground' }, ['foregroundDeletion']],
    ['Orphan', { propagationPolicy: 'Orphan' }, ['orphan']],
    ['orphanDependents', { orphanDependents: true }, ['orphan']],
    ['Background', { propagationPolicy: 'Background' }, undefined],
  ];
  test.each(policies)('propagation %s', async (_row, options, finalizers) => {
    const rig = await start();
    await rig.create(DEPLOYMENTS, deployment('web'));
    const answer = await rig.send('DELETE', `${DEPLOYMENTS}/web`, { kind: 'DeleteOptions', apiVersion: 'v1', ...options });
    expect(answer.body.metadata?.finalizers).toEqual(finalizers);
    expect((await rig.send('GET', `${DEPLOYMENTS}/web`)).status).toBe(finalizers ? 200 : 404);
  });

  test('a pod on a node ends gracefully: first marked, then removed by its kubelet', async () => {
    const rig = await start();
    await rig.create(PODS, pod('p', { nodeName: 'n1' }));
    const marked = await rig.send('DELETE', `${PODS}/p`);
    expect(marked.body.metadata).toMatchObject({ deletionTimestamp: '2023-11-14T22:13:50Z', deletionGracePeriodSeconds: 30 });
    const shorter = await rig.send('DELETE', `${PODS}/p`, { gracePeriodSeconds: 10 });
    expect(shorter.body.metadata).toMatchObject({ deletionTimestamp: '2023-11-14T22:13:30Z', deletionGracePeriodSeconds: 10 });
    const longer = await rig.send('DELETE', `${PODS}/p`, { gracePeriodSeconds: 60 });
    expect(longer.body.metadata.deletionGracePeriodSeconds).toBe(10);
    expect((await rig.send('DELETE', `${PODS}/p`, { gracePeriodSeconds: 0 })).status).toBe(200);
    expect((await rig.send('GET', `${PODS}/p`)).status).toBe(404);
  });

  test('a pod that no node has is gone at once', async () => {
    const rig = await start();
    await rig.create(PODS, pod('p'));
    expect((await rig.send('DELETE', `${PODS}/p`)).body.kind).toBe('Pod');
    expect((await rig.send('GET', `${PODS}/p`)).status).toBe(404);
  });

  test('a collection goes by selector', async () => {
    const rig = await start();
    for (const [name, tier] of [['a', 'x'], ['b', 'y'], ['c', 'x']] as const) await rig.create(CONFIG_MAPS, configMap(name, {}, { labels: { tier } }));
    const answer = await rig.send('DELETE', `${CONFIG_MAPS}?labelSelector=tier%3Dx`);
    expect(answer.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['a', 'c']);
    expect((await rig.send('GET', CONFIG_MAPS)).body.items).toHaveLength(1);
  });

  test('a namespace waits for its finalizer, which /finalize takes away', async () => {
    const rig = await start();
    const made = (await rig.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } })) as unknown as { spec: object; status: object };
    expect([made.spec, made.status]).toEqual([{ finalizers: ['kubernetes'] }, { phase: 'Active' }]);
    const marked = await rig.send('DELETE', '/api/v1/namespaces/ns');
    expect(marked.body).toMatchObject({ status: { phase: 'Terminating' } });
    expect(marked.body.metadata.deletionTimestamp).toBeDefined();
    expect((await rig.send('DELETE', '/api/v1/namespaces/ns')).status).toBe(200);
    const done = await rig.send('PUT', '/api/v1/namespaces/ns/finalize', { ...marked.body, spec: { finalizers: [] } });
    expect(done.status).toBe(200);
    expect((await rig.send('GET', '/api/v1/namespaces/ns')).status).toBe(404);
  });
});
