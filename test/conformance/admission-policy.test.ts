/** The requirements on ValidatingAdmissionPolicy and MutatingAdmissionPolicy, by their names, against a running server. */
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { definitionOf, eventually, sender, startRig, testHost, type Answer, type Rig } from '../../src/apiserver/crd/rig.fixture.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into all kinds of objects.
type Any = any;

const API = '/apis/admissionregistration.k8s.io/v1';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const KINDS = ['validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'];

const auditLogPath = `${tmpdir()}/kubets-audit-${testHost.random.uuid()}.log`;
let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ disableAdmission: ['ServiceAccount'], auditLogPath });
});
afterAll(async () => {
  await rig.stop();
  await testHost.disk.remove(auditLogPath);
});
afterEach(async () => {
  for (const plural of KINDS) await rig.send('DELETE', `${API}/${plural}`);
  await rig.send('DELETE', CONFIG_MAPS);
  await rig.send('DELETE', DEPLOYMENTS);
});

const onDeployments = { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] }] };
const onConfigMaps = { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['configmaps'] }] };

const post = async (plural: string, kind: string, name: string, spec: object): Promise<Answer> => {
  const answer = await rig.send('POST', `${API}/${plural}`, { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, spec });
  return answer;
};

async function validating(name: string, spec: object, binding: object = {}): Promise<Answer> {
  const answer = await post('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', name, { failurePolicy: 'Fail', ...spec });
  await post('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', `${name}-binding`, { policyName: name, validationActions: ['Deny'], ...binding });
  return answer;
}

async function mutating(name: string, spec: object, binding: object = {}): Promise<Answer> {
  const answer = await post('mutatingadmissionpolicies', 'MutatingAdmissionPolicy', name, { failurePolicy: 'Fail', reinvocationPolicy: 'Never', ...spec });
  await post('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', `${name}-binding`, { policyName: name, ...binding });
  return answer;
}

let count = 0;
const unique = (): string => `object-${count++}`;
const deployment = (replicas: number, metadata: object = {}): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: unique(), ...metadata },
  spec: { replicas, selector: { matchLabels: { app: 'a' } }, template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
});
const deploy = (replicas: number, metadata: object = {}): Promise<Answer> => rig.send('POST', DEPLOYMENTS, deployment(replicas, metadata));
const config = (data: Record<string, string> = {}, metadata: object = {}): Promise<Answer> => rig.send('POST', CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: unique(), ...metadata }, data });

/** All verbs on one kind, and its place in discovery. */
async function operations(plural: string, kind: string, spec: object, more: string[] = []): Promise<void> {
  const groups = (await rig.send('GET', '/apis')).body.groups as Any[];
  expect(groups.find(({ name }) => name === 'admissionregistration.k8s.io').versions).toContainEqual({ groupVersion: 'admissionregistration.k8s.io/v1', version: 'v1' });
  const resources = ((await rig.send('GET', API)).body.resources as Any[]).map(({ name }) => name as string);
  expect(resources).toEqual(expect.arrayContaining([plural, ...more]));
  const path = `${API}/${plural}`;
  const object = (name: string): object => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name, labels: { suite: 'operations' } }, spec });
  for (const name of ['a', 'b', 'c']) expect((await rig.send('POST', path, object(name))).status).toBe(201);
  const { body } = await rig.send('GET', `${path}/a`);
  expect(body.metadata.name).toBe('a');
  const list = await rig.send('GET', `${path}?labelSelector=suite%3Doperations`);
  expect(list.body.items).toHaveLength(3);
  const watch = await rig.send('GET', `${path}?watch=true&timeoutSeconds=1&resourceVersion=${list.body.metadata.resourceVersion}`);
  expect(watch.status).toBe(200);
  expect((await rig.send('PATCH', `${path}/a`, { metadata: { annotations: { patched: 'true' } } })).body.metadata.annotations).toEqual({ patched: 'true' });
  const current = (await rig.send('GET', `${path}/a`)).body;
  const updated = await rig.send('PUT', `${path}/a`, { ...current, metadata: { ...current.metadata, annotations: { patched: 'true', updated: 'true' } } });
  expect(updated.body.metadata.annotations).toEqual({ patched: 'true', updated: 'true' });
  if (more.length > 0) {
    const status = { conditions: [{ type: 'PatchStatusFailed', status: 'False', reason: 'ByTest', message: '', lastTransitionTime: '2024-01-01T00:00:00Z' }] };
    expect((await rig.send('PATCH', `${path}/a/status`, { status })).body.status.conditions).toHaveLength(1);
    expect((await rig.send('GET', `${path}/a/status`)).body.status.conditions[0].type).toBe('PatchStatusFailed');
  }
  expect((await rig.send('DELETE', `${path}/a`)).status).toBe(200);
  expect((await rig.send('DELETE', `${path}?labelSelector=suite%3Doperations`)).status).toBe(200);
  expect((await rig.send('GET', `${path}?labelSelector=suite%3Doperations`)).body.items).toHaveLength(0);
}

describe('ValidatingAdmissionPolicy', () => {
  it('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicy API operations [Conformance]', () =>
    operations('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', { matchConstraints: onDeployments, validations: [{ expression: 'object.spec.replicas <= 5' }] }, ['validatingadmissionpolicies/status']));

  it('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicyBinding API operations [Conformance]', () =>
    operations('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', { policyName: 'nobody', validationActions: ['Deny'] }));

  it('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should validate against a Deployment [Conformance]', async () => {
    await validating('replicas', {
      matchConstraints: onDeployments,
      validations: [{ expression: 'object.spec.replicas > 1', messageExpression: "'wants replicas > 1, got ' + string(object.spec.replicas)" }, { expression: "namespaceObject.metadata.name == 'default'", message: 'Internal error! Other namespace should not be allowed.' }],
    });
    await eventually(async () => {
      const answer = await deploy(1, { name: 'fixed' });
      expect(answer.body).toEqual({
        kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'Invalid', code: 422,
        message: 'deployments.apps "fixed" is forbidden: ValidatingAdmissionPolicy \'replicas\' with binding \'replicas-binding\' denied request: wants replicas > 1, got 1',
        details: { name: 'fixed', group: 'apps', kind: 'deployments', causes: [{ message: 'ValidatingAdmissionPolicy \'replicas\' with binding \'replicas-binding\' denied request: wants replicas > 1, got 1' }] },
      });
    });
    expect((await deploy(2)).status).toBe(201);
  });

  it('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables. [Conformance]', async () => {
    await validating('variables', {
      matchConstraints: onDeployments,
      variables: [{ name: 'replicas', expression: 'object.spec.replicas' }, { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' }],
      validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }],
    });
    await eventually(async () => expect((await deploy(1)).body.message).toContain('failed expression: variables.replicas > 1'));
    expect((await deploy(4)).body.message).toContain('failed expression: variables.oddReplicas');
    expect((await deploy(3)).status).toBe(201);
  });

  it.each([
    ['Forbidden', 403], ['Unauthorized', 401], ['RequestEntityTooLarge', 413],
  ])('answers with the reason %s', async (reason, code) => {
    await validating('reasons', { matchConstraints: onConfigMaps, validations: [{ expression: 'false', reason }] });
    await eventually(async () => expect((await config()).body).toMatchObject({ reason, code }));
    await rig.send('DELETE', `${API}/validatingadmissionpolicybindings`);
  });

  it('takes parameters from a ConfigMap of the request\'s namespace', async () => {
    await rig.send('POST', '/api/v1/namespaces', { metadata: { name: 'with-params' } });
    await rig.send('POST', '/api/v1/namespaces/with-params/configmaps', { metadata: { name: 'limits', labels: { limits: 'yes' } }, data: { most: '3' } });
    const selected = { selector: { matchLabels: { limits: 'yes' } }, parameterNotFoundAction: 'Deny' };
    await validating('params', { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConstraints: onDeployments, validations: [{ expression: 'object.spec.replicas <= int(params.data.most)', messageExpression: "'at most ' + params.data.most" }] }, { paramRef: selected });
    const path = '/apis/apps/v1/namespaces/with-params/deployments';
    await eventually(async () => expect((await rig.send('POST', path, deployment(5))).body.message).toContain('denied request: at most 3'));
    expect((await rig.send('POST', path, deployment(3))).status).toBe(201);
    expect((await deploy(1)).body.message).toContain('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction');
    await rig.send('PATCH', `${API}/validatingadmissionpolicybindings/params-binding`, { spec: { paramRef: { ...selected, parameterNotFoundAction: 'Allow' } } });
    await eventually(async () => expect((await deploy(1)).status).toBe(201));
  });

  it('takes parameters from a custom resource', async () => {
    await rig.define(definitionOf({ plural: 'ceilings', kind: 'Ceiling', scope: 'Cluster' }));
    await rig.send('POST', '/apis/example.com/v1/ceilings', { apiVersion: 'example.com/v1', kind: 'Ceiling', metadata: { name: 'low' }, spec: { most: 2 } });
    await validating('custom', { paramKind: { apiVersion: 'example.com/v1', kind: 'Ceiling' }, matchConstraints: onDeployments, validations: [{ expression: 'object.spec.replicas <= params.spec.most' }] }, { paramRef: { name: 'low', parameterNotFoundAction: 'Deny' } });
    await eventually(async () => expect((await deploy(3)).status).toBe(422));
    expect((await deploy(2)).status).toBe(201);
  });

  it('warns, and writes audit annotations, where the binding says so', async () => {
    await validating('warns', { matchConstraints: onConfigMaps, validations: [{ expression: 'has(object.data)', message: 'data is missing' }], auditAnnotations: [{ key: 'name', valueExpression: 'string(object.metadata.name)' }] }, { validationActions: ['Warn', 'Audit'] });
    await eventually(async () => {
      const answer = await rig.send('POST', CONFIG_MAPS, { metadata: { name: unique() } });
      expect([answer.status, answer.warnings]).toEqual([201, ["Validation failed for ValidatingAdmissionPolicy 'warns' with binding 'warns-binding': data is missing"]]);
    });
    await eventually(async () => {
      const said = (await testHost.disk.readText(auditLogPath)).split('\n').filter((line) => line.includes('"annotations"')).map((line) => (JSON.parse(line) as Any).annotations);
      expect(said.at(-1)['warns/name']).toMatch(/^object-/);
      expect(JSON.parse(said.at(-1)['validation.policy.admission.k8s.io/validation_failure'])).toEqual([{ message: 'data is missing', policy: 'warns', binding: 'warns-binding', expressionIndex: 0, validationActions: ['Warn', 'Audit'] }]);
    });
  });

  it('keeps to match conditions, exclusions and the binding\'s own selectors', async () => {
    await validating('narrow', {
      matchConstraints: { ...onConfigMaps, excludeResourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], resourceNames: ['exempt'] }] },
      matchConditions: [{ name: 'not-skipped', expression: "!has(object.metadata.annotations) || object.metadata.annotations['skip'] != 'yes'" }], validations: [{ expression: 'false' }],
    }, { matchResources: { objectSelector: { matchLabels: { watched: 'yes' } } } });
    const labels = { watched: 'yes' };
    await eventually(async () => expect((await config({}, { labels })).status).toBe(422));
    expect((await config()).status).toBe(201);
    expect((await config({}, { labels, name: 'exempt' })).status).toBe(201);
    expect((await config({}, { labels, annotations: { skip: 'yes' } })).status).toBe(201);
  });

  it('fails closed or open, as its failurePolicy says', async () => {
    await validating('failing', { matchConstraints: onConfigMaps, validations: [{ expression: "object.data['none'] == 'x'" }] });
    await eventually(async () => expect((await config({ a: 'b' })).body.message).toContain("expression 'object.data['none'] == 'x'' resulted in error: no such key: none"));
    await rig.send('PATCH', `${API}/validatingadmissionpolicies/failing`, { spec: { failurePolicy: 'Ignore' } });
    await eventually(async () => expect((await config({ a: 'b' })).status).toBe(201));
  });

  it('tells the errors of several match conditions together', async () => {
    await validating('conditions', { matchConstraints: onConfigMaps, matchConditions: [{ name: 'a', expression: 'object.none == 1' }, { name: 'b', expression: 'object.nope == 1' }], validations: [{ expression: 'false' }] });
    await eventually(async () => expect((await config()).body.message).toContain("denied request: [expression 'object.none == 1' resulted in error: no such key: none, expression 'object.nope == 1' resulted in error: no such key: nope]"));
  });

  it('refuses whatever its binding\'s actions are where the policy, the binding or an annotation is wrong', async () => {
    const warn = { validationActions: ['Warn'] };
    const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
    await validating('unknown', { paramKind: { apiVersion: 'no.such/v1', kind: 'Thing' }, matchConstraints: onConfigMaps, validations: [{ expression: 'true' }] }, { paramRef: { name: 'x', parameterNotFoundAction: 'Allow' }, ...warn });
    await eventually(async () => expect((await config()).body.message).toContain("ValidatingAdmissionPolicy 'unknown' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'no.such/v1, Kind=Thing'"));
    await rig.send('DELETE', `${API}/validatingadmissionpolicybindings/unknown-binding`);
    await validating('absent', { paramKind: kind, matchConstraints: onConfigMaps, validations: [{ expression: 'true' }] }, { paramRef: { name: 'absent', parameterNotFoundAction: 'Deny' }, ...warn });
    await eventually(async () => expect((await config()).body.message).toContain("'absent' with binding 'absent-binding' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"));
    await rig.send('DELETE', `${API}/validatingadmissionpolicybindings/absent-binding`);
    await validating('annotated', { matchConstraints: onConfigMaps, validations: [{ expression: 'true' }], auditAnnotations: [{ key: 'k', valueExpression: 'string(object.none)' }] }, warn);
    await eventually(async () => expect((await config()).body.message).toContain("'annotated' with binding 'annotated-binding' denied request: expression 'string(object.none)' resulted in error: no such key: none"));
  });

  it('sees deletions, with the old object alone', async () => {
    await validating('deletions', { matchConstraints: onConfigMaps, validations: [{ expression: "request.operation != 'DELETE' || (object == null && oldObject.data.keep != 'yes')" }] });
    await eventually(async () => {
      const { body } = await config({ keep: 'yes' });
      expect((await rig.send('DELETE', `${CONFIG_MAPS}/${body.metadata.name}`)).status).toBe(422);
    });
    const { body } = await config({ keep: 'no' });
    expect((await rig.send('DELETE', `${CONFIG_MAPS}/${body.metadata.name}`)).status).toBe(200);
    await rig.send('DELETE', `${API}/validatingadmissionpolicybindings`);
    await eventually(async () => expect((await rig.send('DELETE', CONFIG_MAPS)).status).toBe(200));
  });

  it('asks what the requester may do', async () => {
    await validating('authorizer', { matchConstraints: onConfigMaps, validations: [{ expression: "authorizer.group('').resource('configmaps').namespace('default').name('x').check('breakglass').allowed()", message: 'not for you' }] });
    await rig.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'writer' }, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create'] }] });
    await rig.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { metadata: { name: 'writer' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'writer' }, subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }] });
    const jane = sender(rig.server.transport({ name: 'jane', groups: ['system:authenticated'] }));
    await eventually(async () => expect((await jane('POST', CONFIG_MAPS, { metadata: { name: unique() } })).body.message).toContain('denied request: not for you'));
    expect((await config()).status).toBe(201);
  });

  it('refuses expressions that do not compile, where they stand', async () => {
    const answer = await validating('broken', { matchConstraints: onConfigMaps, variables: [{ name: 'a', expression: 'object.x +' }], validations: [{ expression: '1 + 1' }, { expression: 'variables.missing' }], auditAnnotations: [{ key: 'k', valueExpression: '1' }, { key: 'd', valueExpression: 'object.metadata.name' }] });
    expect(answer.status).toBe(422);
    expect((answer.body.details.causes as Any[]).map(({ field }) => field)).toEqual(['spec.variables[0].expression', 'spec.validations[0].expression', 'spec.validations[1].expression', 'spec.auditAnnotations[0].valueExpression', 'spec.auditAnnotations[1].valueExpression']);
    const causes = answer.body.details.causes as Any[];
    expect([causes[1].message, causes[4].message]).toEqual(['Invalid value: "1 + 1": must evaluate to bool but got int', 'Invalid value: "object.metadata.name": must evaluate to one of [string null_type] but got dyn']);
  });

  it('stops an expression that costs too much', async () => {
    await validating('costly', { matchConstraints: onConfigMaps, validations: [{ expression: "object.data.all(a, object.data.all(b, object.data.all(c, object.data[a] + object.data[b] + object.data[c] != 'x')))" }] });
    const data = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'v']));
    await eventually(async () => expect((await config(data)).body.message).toContain('operation cancelled: actual cost limit exceeded'));
  });
});

describe('MutatingAdmissionPolicy', () => {
  const replicas = { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: object.spec.replicas + 100}}' } };

  it('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicy API operations [Conformance]', () =>
    operations('mutatingadmissionpolicies', 'MutatingAdmissionPolicy', { matchConstraints: onDeployments, reinvocationPolicy: 'Never', mutations: [replicas] }));

  it('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicyBinding API operations [Conformance]', () =>
    operations('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', { policyName: 'nobody' }));

  it('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment [Conformance]', async () => {
    await mutating('replicas', { matchConstraints: { resourceRules: [{ ...onDeployments.resourceRules[0], operations: ['CREATE'] }] }, mutations: [replicas] });
    await eventually(async () => expect((await deploy(1)).body.spec.replicas).toBe(101));
  });

  it('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment with annotations [Conformance]', async () => {
    await mutating('annotations', { matchConstraints: onDeployments, mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: "Object{metadata: Object.metadata{annotations: {'my-foo-annotation': 'myAnnotationValue'}}}" } }] });
    await eventually(async () => expect((await deploy(1, { annotations: { own: 'kept' } })).body.metadata.annotations).toEqual({ own: 'kept', 'my-foo-annotation': 'myAnnotationValue' }));
  });

  it('applies JSON patches, with defaults after them', async () => {
    const expression = `[
      JSONPatch{op: "test", path: "/spec/template/spec/containers/0/name", value: "c"},
      JSONPatch{op: "add", path: "/spec/template/spec/containers/-", value: Object.spec.template.spec.containers{name: "sidecar", image: "side"}},
      JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/x"), value: "1"}
    ]`;
    await mutating('json', { matchConstraints: onDeployments, mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }] });
    await eventually(async () => {
      const { body } = await deploy(1, { labels: { a: 'b' } });
      expect(body.spec.template.spec.containers).toMatchObject([{ name: 'c' }, { name: 'sidecar', image: 'side', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' }]);
      expect(body.metadata.labels).toEqual({ a: 'b', 'example.com/x': '1' });
    });
  });

  it('merges lists by their keys', async () => {
    await mutating('merge', { matchConstraints: onDeployments, mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "c", env: [Object.spec.template.spec.containers.env{name: "A", value: "1"}]}]}}}}' } }] });
    await eventually(async () => expect((await deploy(1)).body.spec.template.spec.containers).toMatchObject([{ name: 'c', image: 'i', env: [{ name: 'A', value: '1' }] }]));
  });

  it('refuses to replace what is atomic', async () => {
    await mutating('atomic', { matchConstraints: onDeployments, mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"x": "y"}}}}' } }] });
    await eventually(async () => expect((await deploy(1)).body).toMatchObject({ code: 403, message: expect.stringContaining('may not mutate atomic arrays, maps or structs: .spec.selector') }));
  });

  it('is asked again after others have changed the object, if it wants', async () => {
    const label = (name: string, when: string): object => ({ matchConstraints: onConfigMaps, matchConditions: [{ name: 'when', expression: when }], reinvocationPolicy: 'IfNeeded', mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: `Object{data: {'${name}': 'yes'}}` } }] });
    await mutating('a-second', label('second', "has(object.data) && 'first' in object.data"));
    await mutating('b-first', label('first', "request.operation == 'CREATE'"));
    // The first policy's condition does not hold in the first round: it has not been met, and stays out.
    await eventually(async () => expect((await config()).body.data).toEqual({ first: 'yes' }));
    await mutating('c-third', label('third', 'true'));
    await eventually(async () => expect((await config()).body.data).toMatchObject({ first: 'yes', third: 'yes' }));
  });

  const broken = (expression: string, patchType = 'ApplyConfiguration'): object => ({ matchConstraints: onConfigMaps, mutations: [{ patchType, [patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration']: { expression } }] });
  it.each<[string, object, object, string, string]>([
    ['an error of an expression', broken('Object{data: {"a": object.none}}'), {}, 'Invalid', `policy 'wrong' with binding 'wrong-binding' denied request: expression 'Object{data: {"a": object.none}}' resulted in error: no such key: none`],
    ['a field that there is not', broken('Object{none: "x"}'), {}, 'Invalid', "policy 'wrong' with binding 'wrong-binding' denied request: error applying patch: failed to convert patch object to typed object: .none: field not declared in schema"],
    ['an operation that is none', broken('[JSONPatch{op: "frob", path: "/data"}]', 'JSONPatch'), {}, 'Invalid', "policy 'wrong' with binding 'wrong-binding' denied request: JSON Patch: Unexpected kind: frob"],
    ['no parameters', { ...broken('Object{data: {"a": "b"}}'), paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }, { paramRef: { name: 'absent', parameterNotFoundAction: 'Deny' } }, 'Forbidden', "policy 'wrong' with binding 'wrong-binding' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"],
    ['parameters of no kind', { ...broken('Object{data: {"a": "b"}}'), paramKind: { apiVersion: 'no.such/v1', kind: 'Thing' } }, { paramRef: { name: 'x', parameterNotFoundAction: 'Deny' } }, 'Forbidden', `policy "wrong" denied request: failed to configure policy: failed to find resource referenced by paramKind: 'no.such/v1, Kind=Thing'`],
  ])('tells of %s', async (_, spec, binding, reason, message) => {
    await mutating('wrong', spec, binding);
    const name = unique();
    await eventually(async () => expect((await config({ b: '2' }, { name })).body).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details: { name, kind: 'configmaps', causes: [{ message }] }, code: 403 }));
  });

  it('changes nothing where the test of a patch fails, and what an object is never', async () => {
    const operations = '[JSONPatch{op: "test", path: "/data/b", value: "3"}, JSONPatch{op: "add", path: "/data/c", value: "4"}]';
    await mutating('tests', broken(operations, 'JSONPatch'));
    await mutating('kinds', broken('Object{kind: "Secret", data: {"a": "1"}}'));
    await eventually(async () => expect((await config({ b: '2' })).body).toMatchObject({ kind: 'ConfigMap', data: { a: '1', b: '2' } }));
    expect((await config({ b: '3' })).body.data).toEqual({ a: '1', b: '3', c: '4' });
  });

  it('leaves an object that it takes all metadata from to the rules of the kind', async () => {
    await mutating('bare', broken('[JSONPatch{op: "remove", path: "/metadata"}]', 'JSONPatch'));
    await eventually(async () => expect((await config({ b: '2' })).status).toBe(422));
  });

  it('refuses lists that are none of operations', async () => {
    expect((await mutating('empty', broken('[]', 'JSONPatch'))).body.message).toContain('must evaluate to list(JSONPatch) but got list(dyn)');
  });

  it('mutates all or nothing, and can be ignored when it fails', async () => {
    await mutating('failing', { matchConstraints: onConfigMaps, failurePolicy: 'Ignore', mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/data/a", value: "1"}]' } }, { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/data/none"}]' } }] });
    expect((await config({ b: '2' })).body.data).toEqual({ b: '2' });
    await rig.send('PATCH', `${API}/mutatingadmissionpolicies/failing`, { spec: { failurePolicy: 'Fail' } });
    await eventually(async () => expect((await config({ b: '2' })).body.message).toMatch(/policy 'failing' with binding 'failing-binding' denied request: JSON Patch: .*\/data\/none/));
  });
});
