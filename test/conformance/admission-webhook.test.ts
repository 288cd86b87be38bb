/** The requirements on AdmissionWebhook, by their names, against a server with webhooks behind real TLS. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { definitionOf, eventually, startRig, type Answer, type Rig } from '../../src/apiserver/crd/rig.fixture.ts';
import { startWebhookServer, type Answered, type WebhookServer } from './webhook-server.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into all kinds of objects.
type Any = any;

const API = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';

let rig: Rig;
let hooks: WebhookServer;

const deny = (message: string): Answered => ({ allowed: false, status: { message, reason: 'the reason', code: 403 } });
const badData = ({ object }: Any): Answered => (object?.data?.['webhook-e2e-test'] === 'webhook-disallow' ? deny('the configmap contains unwanted key and value') : { allowed: true });

beforeAll(async () => {
  rig = await startRig({ disableAdmission: ['ServiceAccount'] });
  hooks = await startWebhookServer({
    '/always-deny': () => deny('this webhook denies all requests'),
    '/always-allow-delay-5s': () => ({ allowed: true, delayMs: 1500 }),
    '/configmaps': badData,
    '/pods': ({ object }) => {
      if (object.metadata.name === 'hanging') return { allowed: true, delayMs: 3000 };
      return object.metadata.labels?.['webhook-e2e-test'] === 'webhook-disallow' ? deny('the pod contains unwanted label') : { allowed: true };
    },
    '/custom-resource': ({ object, oldObject }) => ((object ?? oldObject).data?.['webhook-e2e-test'] === 'webhook-disallow' ? deny('the custom resource contains unwanted data') : { allowed: true }),
    '/mutating-configmaps': ({ object }) => {
      const patch: object[] = [];
      if (object.data?.['mutation-start'] === 'yes') patch.push({ op: 'add', path: '/data/mutation-stage-1', value: 'yes' });
      if (object.data?.['mutation-stage-1'] === 'yes') patch.push({ op: 'add', path: '/data/mutation-stage-2', value: 'yes' });
      return { allowed: true, patch };
    },
    '/mutating-pods': () => ({ allowed: true, patch: [{ op: 'add', path: '/spec/initContainers', value: [{ image: 'webhook-added-image', name: 'webhook-added-init-container', resources: {} }] }] }),
    '/mutating-custom-resource': ({ object }) => {
      const patch: object[] = [];
      if (object.data?.['mutation-start'] === 'yes') patch.push({ op: 'add', path: '/data/mutation-stage-1', value: 'yes' });
      if (object.data?.['mutation-stage-1'] === 'yes') patch.push({ op: 'add', path: '/data/mutation-stage-2', value: 'yes' });
      return { allowed: true, patch };
    },
    '/add-label': ({ object }) => ({ allowed: true, patch: object.metadata.labels ? [{ op: 'add', path: '/metadata/labels/e2e', value: 'modified' }] : [{ op: 'add', path: '/metadata/labels', value: { e2e: 'modified' } }] }),
    '/mutating-scale': ({ object }) => ({ allowed: true, patch: [{ op: 'replace', path: '/spec/replicas', value: object.spec.replicas + 10 }] }),
    '/warn': () => ({ allowed: true, warnings: ['mind the gap'], auditAnnotations: { seen: 'yes' } }),
  });
});

afterAll(async () => {
  await hooks.close();
  await rig.stop();
});

afterEach(async () => {
  for (const plural of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) await rig.send('DELETE', `${API}/${plural}`);
  await rig.send('DELETE', CONFIG_MAPS);
  await rig.send('DELETE', `${PODS}?gracePeriodSeconds=0`);
});

interface HookShape { path?: string; operations?: string[]; group?: string; versions?: string[]; resources?: string[]; more?: object }

const webhook = (name: string, { path = '/always-deny', operations = ['CREATE'], group = '', versions = ['v1'], resources = ['configmaps'], more = {} }: HookShape = {}): object => ({
  name: `${name}.k8s.io`, rules: [{ operations, apiGroups: [group], apiVersions: versions, resources }], clientConfig: { url: hooks.url(path), caBundle: hooks.caBundle },
  sideEffects: 'None', admissionReviewVersions: ['v1'], timeoutSeconds: 10, ...more,
});

async function register(kind: 'Mutating' | 'Validating', name: string, ...webhooks: object[]): Promise<Answer> {
  return rig.send('POST', `${API}/${kind.toLowerCase()}webhookconfigurations`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}WebhookConfiguration`, metadata: { name, labels: { suite: 'e2e' } }, webhooks });
}

const configMap = (name: string, data: Record<string, string> = {}, more: object = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...more }, data });
const pod = (name: string, labels: Record<string, string> = {}): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { containers: [{ name: 'c', image: 'i' }] } });
let count = 0;
const unique = (): string => `object-${count++}`;
const create = (data: Record<string, string> = {}): Promise<Answer> => rig.send('POST', CONFIG_MAPS, configMap(unique(), data));

/** The server looks at configurations in its own cache, a moment behind. */
const untilDenied = (): Promise<Answer> => eventually(async () => {
  const answer = await create();
  expect(answer.status).toBe(403);
  return answer;
});
const untilAllowed = (): Promise<void> => eventually(async () => expect((await create()).status).toBe(201));

describe('AdmissionWebhook', () => {
  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should include webhook resources in discovery documents [Conformance]', async () => {
    const groups = (await rig.send('GET', '/apis')).body.groups as Any[];
    expect(groups.find(({ name }) => name === 'admissionregistration.k8s.io').versions).toContainEqual({ groupVersion: 'admissionregistration.k8s.io/v1', version: 'v1' });
    const resources = ((await rig.send('GET', API)).body.resources as Any[]).map(({ name }) => name as string);
    expect(resources).toEqual(expect.arrayContaining(['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']));
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny pod and configmap creation [Conformance]', async () => {
    await rig.send('POST', '/api/v1/namespaces', { metadata: { name: 'exempted', labels: { skip: 'yes' } } });
    const outside = { namespaceSelector: { matchExpressions: [{ key: 'skip', operator: 'NotIn', values: ['yes'] }] } };
    await register('Validating', 'deny', webhook('pods', { path: '/pods', resources: ['pods'], more: { timeoutSeconds: 1 } }), webhook('configmaps', { path: '/configmaps', operations: ['CREATE', 'UPDATE', 'DELETE'], more: outside }));
    await eventually(async () => {
      const answer = await rig.send('POST', PODS, pod(unique(), { 'webhook-e2e-test': 'webhook-disallow' }));
      expect(answer.body).toMatchObject({ code: 403, message: 'admission webhook "pods.k8s.io" denied the request: the pod contains unwanted label', reason: 'the reason' });
    });
    const hanging = await rig.send('POST', PODS, pod('hanging'));
    expect(hanging.status).toBe(500);
    expect(hanging.body.message).toMatch(/failed calling webhook "pods.k8s.io": failed to call webhook: Post "https:.*\/pods\?timeout=1s": context deadline exceeded/);
    expect((await create({ 'webhook-e2e-test': 'webhook-disallow' })).body.message).toContain('the configmap contains unwanted key and value');
    const fine = configMap('fine', { a: 'b' });
    expect((await rig.send('POST', CONFIG_MAPS, fine)).status).toBe(201);
    expect((await rig.send('PUT', `${CONFIG_MAPS}/fine`, configMap('fine', { 'webhook-e2e-test': 'webhook-disallow' }))).status).toBe(403);
    expect((await rig.send('PATCH', `${CONFIG_MAPS}/fine`, { data: { 'webhook-e2e-test': 'webhook-disallow' } })).status).toBe(403);
    expect((await rig.send('POST', '/api/v1/namespaces/exempted/configmaps', configMap('exempt', { 'webhook-e2e-test': 'webhook-disallow' }))).status).toBe(201);
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny attaching pod [Conformance]', async () => {
    await rig.send('POST', PODS, pod('attached'));
    await register('Validating', 'attach', webhook('attach', { operations: ['CONNECT'], resources: ['pods/attach'] }));
    await eventually(async () => {
      const answer = await rig.send('POST', `${PODS}/attached/attach?container=c&stdin=true`);
      expect(answer.body?.message ?? answer.text).toContain('admission webhook "attach.k8s.io" denied the request: this webhook denies all requests');
    });
    const [review] = hooks.seen.get('/always-deny')!.slice(-1) as [Any];
    expect(review.request).toMatchObject({ operation: 'CONNECT', subResource: 'attach', kind: { group: '', version: 'v1', kind: 'PodAttachOptions' }, name: 'attached', namespace: 'default' });
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny custom resource creation, update and deletion [Conformance]', async () => {
    const plural = 'denieds';
    await rig.define(definitionOf({ plural, kind: 'Denied', schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }));
    const path = `/apis/example.com/v1/namespaces/default/${plural}`;
    const object = (name: string, data: object): object => ({ apiVersion: 'example.com/v1', kind: 'Denied', metadata: { name }, data });
    await rig.send('POST', path, object('old', { 'webhook-e2e-test': 'webhook-disallow' }));
    await rig.send('POST', path, object('fine', { key: 'value' }));
    await register('Validating', 'custom', webhook('custom', { path: '/custom-resource', operations: ['CREATE', 'UPDATE', 'DELETE'], group: 'example.com', resources: [plural] }));
    await eventually(async () => {
      const answer = await rig.send('POST', path, object(unique(), { 'webhook-e2e-test': 'webhook-disallow' }));
      expect(answer.body.message).toBe('admission webhook "custom.k8s.io" denied the request: the custom resource contains unwanted data');
    });
    expect((await rig.send('PATCH', `${path}/fine`, { data: { 'webhook-e2e-test': 'webhook-disallow' } })).status).toBe(403);
    expect((await rig.send('DELETE', `${path}/old`)).status).toBe(403);
    expect((await rig.send('PATCH', `${path}/fine`, { data: { other: 'x' } })).status).toBe(200);
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should unconditionally reject operations on fail closed webhook [Conformance]', async () => {
    await register('Validating', 'closed', webhook('closed', { more: { failurePolicy: 'Fail', clientConfig: { url: hooks.url('/configmaps') } } }));
    await eventually(async () => {
      const answer = await create();
      expect(answer.status).toBe(500);
      expect(answer.body).toMatchObject({ reason: 'InternalError' });
      expect(answer.body.message).toContain('failed calling webhook "closed.k8s.io"');
    });
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate configmap [Conformance]', async () => {
    await register('Mutating', 'stages', webhook('stage-1', { path: '/mutating-configmaps' }), webhook('stage-2', { path: '/mutating-configmaps' }));
    await eventually(async () => {
      const answer = await create({ 'mutation-start': 'yes' });
      expect(answer.body.data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
    });
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate pod and apply defaults after mutation [Conformance]', async () => {
    await register('Mutating', 'pods', webhook('pods', { path: '/mutating-pods', resources: ['pods'] }));
    await eventually(async () => {
      const answer = await rig.send('POST', PODS, pod(unique()));
      expect(answer.body.spec.initContainers).toMatchObject([{ name: 'webhook-added-init-container', image: 'webhook-added-image', terminationMessagePolicy: 'File', terminationMessagePath: '/dev/termination-log', imagePullPolicy: 'Always' }]);
    });
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should not be able to mutate or prevent deletion of webhook configuration objects [Conformance]', async () => {
    const all = { operations: ['*'], group: 'admissionregistration.k8s.io', versions: ['*'], resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'] };
    await register('Validating', 'prevent', webhook('prevent', { ...all }), webhook('ready'));
    await register('Mutating', 'mutate', webhook('mutate', { ...all, path: '/add-label' }));
    await untilDenied();
    const dummy = await register('Mutating', 'dummy', webhook('dummy', { path: '/add-label', resources: ['invalid'] }));
    expect(dummy.status).toBe(201);
    expect(dummy.body.metadata.labels).toEqual({ suite: 'e2e' });
    expect((await rig.send('DELETE', `${API}/mutatingwebhookconfigurations/dummy`)).status).toBe(200);
    expect((await rig.send('DELETE', `${API}/validatingwebhookconfigurations/prevent`)).status).toBe(200);
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should deny crd creation [Conformance]', async () => {
    await register('Validating', 'crd', webhook('crd', { group: 'apiextensions.k8s.io', versions: ['*'], resources: ['customresourcedefinitions'] }));
    let number = 0;
    await eventually(async () => {
      const answer = await rig.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definitionOf({ plural: `unwanted${number++}`, kind: `Unwanted${number}` }));
      expect(answer.body.message).toBe('admission webhook "crd.k8s.io" denied the request: this webhook denies all requests');
    });
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should honor timeout [Conformance]', async () => {
    // The webhook takes 1.5 s here, where upstream's takes 5.
    const slow = (more: object): object => webhook('slow', { path: '/always-allow-delay-5s', more });
    await register('Validating', 'slow', slow({ timeoutSeconds: 1, failurePolicy: 'Fail' }));
    await eventually(async () => expect((await create()).body.message).toContain('context deadline exceeded'));
    await rig.send('PATCH', `${API}/validatingwebhookconfigurations/slow`, { webhooks: [slow({ timeoutSeconds: 1, failurePolicy: 'Ignore' })] });
    await untilAllowed();
    await rig.send('PATCH', `${API}/validatingwebhookconfigurations/slow`, { webhooks: [slow({ timeoutSeconds: 5, failurePolicy: 'Fail' })] });
    await untilAllowed();
    const absent = slow({}) as Any;
    delete absent.timeoutSeconds;
    const kept = await rig.send('PATCH', `${API}/validatingwebhookconfigurations/slow`, { webhooks: [absent] });
    expect(kept.body.webhooks[0].timeoutSeconds).toBe(10);
    await untilAllowed();
  });

  for (const kind of ['Mutating', 'Validating'] as const) {
    const path = `${API}/${kind.toLowerCase()}webhookconfigurations`;
    const mine = (operations = ['CREATE']): object => webhook('mine', { operations, path: kind === 'Mutating' ? '/mutating-configmaps' : '/configmaps' });
    const acts = (): Promise<void> => eventually(async () => {
      const answer = await create({ 'mutation-start': 'yes', 'webhook-e2e-test': 'webhook-disallow' });
      expect(kind === 'Mutating' ? answer.body.data['mutation-stage-1'] : answer.status).toBe(kind === 'Mutating' ? 'yes' : 403);
    });
    const rests = (): Promise<void> => eventually(async () => {
      const answer = await create({ 'mutation-start': 'yes', 'webhook-e2e-test': 'webhook-disallow' });
      expect([answer.status, answer.body.data?.['mutation-stage-1']]).toEqual([201, undefined]);
    });

    it(`[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a ${kind.toLowerCase()} webhook should work [Conformance]`, async () => {
      const made = await register(kind, 'changing', mine());
      await acts();
      const updated = await rig.send('PUT', `${path}/changing`, { ...made.body, webhooks: [mine(['UPDATE'])] });
      expect(updated.status).toBe(200);
      await rests();
      await rig.send('PATCH', `${path}/changing`, [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }], { 'content-type': 'application/json-patch+json' });
      await acts();
    });

    it(`[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] listing ${kind.toLowerCase()} webhooks should work [Conformance]`, async () => {
      for (let i = 0; i < 10; i++) await register(kind, `listed-${i}`, mine());
      expect((await rig.send('GET', `${path}?labelSelector=suite%3De2e`)).body.items).toHaveLength(10);
      await acts();
      await rig.send('DELETE', `${path}?labelSelector=suite%3De2e`);
      expect((await rig.send('GET', `${path}?labelSelector=suite%3De2e`)).body.items).toHaveLength(0);
      await rests();
    });

    const conditions = (expression: string): object => webhook('mine', { path: '/configmaps', more: { matchConditions: [{ name: 'not-skipped', expression }] } });
    it(`[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update ${kind.toLowerCase()} webhook configurations with match conditions [Conformance]`, async () => {
      const made = await register(kind, 'conditions', conditions("object.metadata.namespace == 'production'"));
      expect(made.body.webhooks[0].matchConditions).toEqual([{ name: 'not-skipped', expression: "object.metadata.namespace == 'production'" }]);
      const expression = "request.userInfo.username != 'nobody' && authorizer.requestResource.check('create').allowed()";
      await rig.send('PUT', `${path}/conditions`, { ...made.body, webhooks: [conditions(expression)] });
      expect((await rig.send('GET', `${path}/conditions`)).body.webhooks[0].matchConditions).toEqual([{ name: 'not-skipped', expression }]);
    });

    it(`[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should reject ${kind.toLowerCase()} webhook configurations with invalid match conditions [Conformance]`, async () => {
      const answer = await register(kind, 'invalid', conditions('... [] bad expression'));
      expect(answer.status).toBe(422);
      expect(answer.body.message).toContain('compilation failed');
      expect(answer.body.details.causes[0].field).toBe('webhooks[0].matchConditions[0].expression');
    });
  }

  it("[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate everything except 'skip-me' configmaps [Conformance]", async () => {
    await register('Mutating', 'skip', webhook('skip', { path: '/mutating-configmaps', more: { matchConditions: [{ name: 'skip-me', expression: "object.metadata.name != 'skip-me'" }] } }));
    await eventually(async () => expect((await create({ 'mutation-start': 'yes' })).body.data['mutation-stage-1']).toBe('yes'));
    expect((await rig.send('POST', CONFIG_MAPS, configMap('skip-me', { 'mutation-start': 'yes' }))).body.data).toEqual({ 'mutation-start': 'yes' });
  });

  const defineMutated = async (plural: string, schema: object, versions = ['v1']): Promise<string> => {
    await rig.define(definitionOf({ plural, kind: plural[0]!.toUpperCase() + plural.slice(1), versions: versions.map((name, i) => ({ name, served: true, storage: i === 0, schema: { openAPIV3Schema: schema } })) as never }));
    await register('Mutating', plural, ...['stage-1', 'stage-2'].map((name) => webhook(name, { path: '/mutating-custom-resource', operations: ['CREATE', 'UPDATE'], group: 'example.com', versions: ['*'], resources: [plural] })));
    return `/apis/example.com/v1/namespaces/default/${plural}`;
  };
  const start = (plural: string): object => ({ apiVersion: 'example.com/v1', kind: plural[0]!.toUpperCase() + plural.slice(1), metadata: { name: unique() }, data: { 'mutation-start': 'yes' } });
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource [Conformance]', async () => {
    const path = await defineMutated('mutateds', open);
    await eventually(async () => expect((await rig.send('POST', path, start('mutateds'))).body.data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' }));
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with pruning [Conformance]', async () => {
    const data = { type: 'object', properties: { 'mutation-start': { type: 'string' }, 'mutation-stage-1': { type: 'string' } } };
    const path = await defineMutated('pruneds', { type: 'object', properties: { data } });
    await eventually(async () => expect((await rig.send('POST', path, start('pruneds'))).body.data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes' }));
  });

  it('[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with different stored version [Conformance]', async () => {
    const path = await defineMutated('versioneds', open, ['v1', 'v2']);
    const made = await eventually(async () => {
      const answer = await rig.send('POST', path, start('versioneds'));
      expect(answer.body.data['mutation-stage-2']).toBe('yes');
      return answer.body as Any;
    });
    const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/versioneds.example.com';
    const { spec } = (await rig.send('GET', definition)).body;
    await rig.send('PATCH', definition, { spec: { versions: spec.versions.map((version: Any) => ({ ...version, storage: version.name === 'v2' })) } });
    await eventually(async () => {
      const answer = await rig.send('PATCH', `${path}/${made.metadata.name}`, { data: { 'mutation-start': 'yes', dummy: 'test' } });
      expect(answer.body.data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes', dummy: 'test' });
    });
  });
});

describe('webhooks beyond the named requirements', () => {
  it('pass warnings on', async () => {
    await register('Validating', 'warn', webhook('warn', { path: '/warn' }));
    await eventually(async () => expect((await create()).warnings).toEqual(['mind the gap']));
  });

  it('refuse a dry run when they have side effects', async () => {
    // The rules of the kind no longer let such a configuration in; one of old may lie in the store.
    await register('Validating', 'dry', webhook('dry', { path: '/warn', more: { sideEffects: 'NoneOnDryRun' } }));
    await eventually(async () => {
      const answer = await rig.send('POST', `${CONFIG_MAPS}?dryRun=All`, configMap(unique()));
      expect(answer.warnings).toEqual(['mind the gap']);
    });
    // What the client did not ask for is not told.
    expect(hooks.seen.get('/warn')!.at(-1).request.options).toEqual({ kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'] });
    await rig.send('POST', `${CONFIG_MAPS}?dryRun=All&fieldManager=me&fieldValidation=Strict`, configMap(unique()));
    expect(hooks.seen.get('/warn')!.at(-1).request.options).toEqual({ kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'], fieldManager: 'me', fieldValidation: 'Strict' });
    expect(hooks.seen.get('/warn')!.at(-1).request).toMatchObject({ dryRun: true, options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'] }, operation: 'CREATE', userInfo: { username: expect.any(String) } });
  });

  it('are found by a Service, and their certificate is held to its name', async () => {
    await rig.send('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'webhook' }, spec: { type: 'ExternalName', externalName: 'localhost' } });
    const clientConfig = { service: { namespace: 'default', name: 'webhook', path: '/configmaps', port: hooks.port }, caBundle: hooks.caBundle };
    await register('Validating', 'service', webhook('service', { more: { clientConfig } }));
    await eventually(async () => expect((await create({ 'webhook-e2e-test': 'webhook-disallow' })).status).toBe(403));
    expect((await create()).status).toBe(201);
  });

  it('match the same object under another version', async () => {
    await register('Validating', 'events', webhook('events', { group: 'autoscaling', versions: ['v2'], resources: ['horizontalpodautoscalers'] }));
    const scaler = (): object => ({ apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: unique() }, spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd' }, targetCPUUtilizationPercentage: 50 } });
    await eventually(async () => expect((await rig.send('POST', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', scaler())).status).toBe(403));
    const { request } = hooks.seen.get('/always-deny')!.at(-1);
    expect(request).toMatchObject({ kind: { group: 'autoscaling', version: 'v2' }, requestKind: { group: 'autoscaling', version: 'v1' }, object: { apiVersion: 'autoscaling/v2', spec: { metrics: [{ type: 'Resource' }] } } });
    await rig.send('PATCH', `${API}/validatingwebhookconfigurations/events`, [{ op: 'add', path: '/webhooks/0/matchPolicy', value: 'Exact' }], { 'content-type': 'application/json-patch+json' });
    await eventually(async () => expect((await rig.send('POST', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', scaler())).status).toBe(201));
  });

  it('are asked again after others have changed the object, if they want', async () => {
    await register('Mutating', 'again', webhook('first', { path: '/mutating-configmaps', more: { reinvocationPolicy: 'IfNeeded' } }), webhook('second', { path: '/add-label' }));
    await eventually(async () => expect((await create()).body.metadata.labels).toEqual({ e2e: 'modified' }));
    hooks.seen.clear();
    await create();
    expect([hooks.seen.get('/mutating-configmaps')!.length, hooks.seen.get('/add-label')!.length]).toEqual([2, 1]);
  });

  it('see scales where scales are written, and old objects whole', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments';
    await rig.send('POST', path, { metadata: { name: 'scaled' }, spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } });
    const scales = { operations: ['UPDATE', 'DELETE'], group: 'apps', resources: ['deployments/scale', 'deployments'] };
    await register('Mutating', 'scale', webhook('scale', { ...scales, operations: ['UPDATE'], path: '/mutating-scale', resources: ['deployments/scale'] }));
    await register('Validating', 'scale', webhook('scale', { ...scales, path: '/warn' }));
    await eventually(async () => expect((await rig.send('PATCH', `${path}/scaled/scale`, { spec: { replicas: 3 } })).body.spec.replicas).toBe(13));
    expect(hooks.seen.get('/warn')!.at(-1).request).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, subResource: 'scale', object: { kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 13 } }, oldObject: { kind: 'Scale', status: { selector: 'a=b' } },
    });
    await rig.send('DELETE', `${path}/scaled`);
    expect(hooks.seen.get('/warn')!.at(-1).request).toMatchObject({ operation: 'DELETE', object: null, oldObject: { kind: 'Deployment', apiVersion: 'apps/v1', spec: { replicas: 13 } } });
  });

  it('may be of the first version of reviews', async () => {
    await register('Mutating', 'old', webhook('old', { path: '/mutating-configmaps', more: { admissionReviewVersions: ['v1beta1', 'v1'] } }));
    await eventually(async () => expect((await create({ 'mutation-start': 'yes' })).body.data['mutation-stage-1']).toBe('yes'));
    expect(hooks.seen.get('/mutating-configmaps')!.at(-1).apiVersion).toBe('admission.k8s.io/v1beta1');
  });

  it('choose by labels of the object', async () => {
    await register('Validating', 'labels', webhook('labels', { more: { objectSelector: { matchLabels: { watched: 'yes' } } } }));
    await eventually(async () => expect((await rig.send('POST', CONFIG_MAPS, configMap(unique(), {}, { labels: { watched: 'yes' } }))).status).toBe(403));
    expect((await create()).status).toBe(201);
  });
});
