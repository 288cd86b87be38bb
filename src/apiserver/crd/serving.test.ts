import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import { CustomResourceDefinitions } from '../../api/resources.ts';
import { definitionOf, eventually, startRig, type Rig } from './rig.fixture.ts';
import { Schemas } from './schemas.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const at = (group: string): string => `/apis/${group}/v1/namespaces/default/widgets`;
const widget = (group: string, name: string, more: object = {}): object => ({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, ...more });

describe('a definition', () => {
  test('is served at once, and goes with its objects', async () => {
    const group = 'life.example.com';
    const created = await rig.define(definitionOf({ group, names: { shortNames: ['wd'], categories: ['all'] }, version: { subresources: { status: {} } } }));
    expect(created.status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts', 'no conflicts found'], ['Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted'],
    ]);
    expect(created.status).toMatchObject({ storedVersions: ['v1'], acceptedNames: { plural: 'widgets', shortNames: ['wd'], categories: ['all'] } });
    const made = await rig.send('POST', at(group), widget(group, 'a', { spec: { x: 1 }, status: { y: 2 } }));
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject({ metadata: { generation: 1 }, spec: { x: 1 } });
    expect(made.body.status).toBeUndefined();
    expect((await rig.send('GET', `${at(group)}/a`)).body).toEqual(made.body);
    expect((await rig.send('GET', `/apis/${group}/v1/widgets`)).body).toMatchObject({ kind: 'WidgetList', apiVersion: `${group}/v1`, metadata: { continue: '' }, items: [{ kind: 'Widget', apiVersion: `${group}/v1`, metadata: { name: 'a' } }] });
    expect((await rig.backend.get(`/registry/${group}/widgets/default/a`))?.value).toBeDefined();
    const removed = await rig.send('DELETE', `${crds}/widgets.${group}`);
    expect(removed.body).toMatchObject({ metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] }, status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Terminating', status: 'True' })]) } });
    await eventually(async () => expect((await rig.send('GET', `${crds}/widgets.${group}`)).status).toBe(404));
    expect((await rig.send('GET', `${at(group)}/a`)).status).toBe(404);
    expect((await rig.backend.list(`/registry/${group}/`)).entries).toEqual([]);
  });

  test('is compiled when something is written, not when it is read', async () => {
    const group = 'reads.example.com';
    await rig.define(definitionOf({ group }));
    const compiled = vi.spyOn(Schemas.prototype, 'of');
    try {
      expect((await rig.send('GET', at(group))).body).toMatchObject({ items: [] });
      expect((await rig.send('GET', `${at(group)}/none`)).status).toBe(404);
      expect(compiled).not.toHaveBeenCalled();
      expect((await rig.send('POST', at(group), widget(group, 'a'))).status).toBe(201);
      expect(compiled).toHaveBeenCalled();
    } finally {
      compiled.mockRestore();
    }
  });

  test('has the status that upstream gives it, at first and when it is settled', async () => {
    const group = 'status.example.com';
    const first = await rig.send('POST', `${crds}?dryRun=All`, definitionOf({ group }));
    expect(first.body.status).toEqual({ conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] });
    const { status } = await rig.define(definitionOf({ group }));
    expect(Object.keys(status!).sort()).toEqual(['acceptedNames', 'conditions', 'storedVersions']);
    expect(Object.keys(status!.conditions![0]!).sort()).toEqual(['lastTransitionTime', 'message', 'reason', 'status', 'type']);
    const removed = await rig.send('DELETE', `${crds}/widgets.${group}`);
    expect(removed.body.metadata.deletionGracePeriodSeconds).toBeUndefined();
  });

  test('has a stored version, whatever a write of its status says', async () => {
    const name = `widgets.statusless.example.com`;
    await rig.define(definitionOf({ group: 'statusless.example.com' }));
    for (const status of [{ storedVersions: [] }, null, { storedVersions: null }]) expect((await rig.send('PATCH', `${crds}/${name}/status`, { status })).body.status.storedVersions).toEqual(['v1']);
  });

  test('tells of formats that nothing checks, once', async () => {
    const schema: JSONSchemaProps = { type: 'object', properties: { a: { type: 'string', format: 'zip' }, b: { type: 'integer', format: 'int32' }, c: { type: 'string', format: 'zip' }, d: { type: 'integer', format: 'date' } } };
    expect((await rig.send('POST', `${crds}?dryRun=All`, definitionOf({ group: 'formats.example.com', schema }))).warnings).toEqual(['unrecognized format "zip"', 'unrecognized format "date"']);
  });

  test('whose objects have metadata that cannot be read says of what kind', async () => {
    const group = 'metadata.example.com';
    await rig.define(definitionOf({ group, schema: { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } } } }));
    const messageOf = async (object: object): Promise<string> => (await rig.send('POST', at(group), object)).body.message;
    expect(await messageOf({ ...widget(group, 'a'), metadata: { name: 'a', labels: { a: 1 } } })).toBe('Widget in version "v1" cannot be handled as a Widget: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string');
    expect(await messageOf(widget(group, 'a', { spec: { apiVersion: 1 } }))).toBe('Widget in version "v1" cannot be handled as a Widget: spec.apiVersion: Invalid value: 1: must be a string');
    expect(await messageOf(widget(group, 'a', { spec: { apiVersion: 'v1', kind: 'K', metadata: 'x' } }))).toBe('Widget in version "v1" cannot be handled as a Widget: spec.metadata: Invalid value: "x": json: cannot unmarshal string into Go value of type v1.ObjectMeta');
  });

  test('that is being deleted lets its objects end, and makes none', async () => {
    const group = 'ending.example.com';
    await rig.define(definitionOf({ group }));
    expect((await rig.send('POST', at(group), { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'held', finalizers: ['example.com/wait'] } })).status).toBe(201);
    await rig.send('DELETE', `${crds}/widgets.${group}`);
    await eventually(async () => expect((await rig.send('GET', `${at(group)}/held`)).body.metadata.deletionTimestamp).toBeDefined());
    expect((await rig.send('POST', at(group), widget(group, 'late'))).body).toMatchObject({ code: 403, reason: 'Forbidden', message: `widgets.${group} "late" is forbidden: create not allowed while custom resource definition is terminating` });
    expect((await rig.send('GET', `/apis/${group}/v1`)).body.resources[0].verbs).toEqual(['delete', 'deletecollection', 'get', 'list', 'watch']);
    expect((await rig.send('PATCH', `${at(group)}/held`, { metadata: { finalizers: null } })).status).toBe(200);
    await eventually(async () => expect((await rig.send('GET', `${crds}/widgets.${group}`)).status).toBe(404));
  });

  test('shows in discovery, in both forms', async () => {
    const group = 'shown.example.com';
    await rig.define(definitionOf({ group, names: { shortNames: ['wd'] }, version: { subresources: { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } } } }));
    expect((await rig.send('GET', '/apis')).body.groups).toContainEqual({ name: group, versions: [{ groupVersion: `${group}/v1`, version: 'v1' }], preferredVersion: { groupVersion: `${group}/v1`, version: 'v1' } });
    expect((await rig.send('GET', `/apis/${group}`)).body).toMatchObject({ kind: 'APIGroup', name: group });
    const list = (await rig.send('GET', `/apis/${group}/v1`)).body;
    expect(list.resources.map(({ storageVersionHash: _hash, ...resource }: Record<string, unknown>) => resource)).toEqual([
      { name: 'widgets', singularName: 'widget', namespaced: true, kind: 'Widget', verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'], shortNames: ['wd'] },
      { name: 'widgets/status', singularName: '', namespaced: true, kind: 'Widget', verbs: ['get', 'patch', 'update'] },
      { name: 'widgets/scale', singularName: '', namespaced: true, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] },
    ]);
    const aggregated = await rig.send('GET', '/apis', undefined, { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' });
    expect(aggregated.body.items.find((item: { metadata: { name: string } }) => item.metadata.name === group).versions).toMatchObject([{ version: 'v1', resources: [{ resource: 'widgets', scope: 'Namespaced', subresources: [{ subresource: 'status' }, { subresource: 'scale' }] }] }]);
    await rig.client.of(CustomResourceDefinitions).delete(`widgets.${group}`);
    await eventually(async () => expect((await rig.send('GET', `/apis/${group}`)).status).toBe(404));
  });

  test('does not get names that another has, until they are free', async () => {
    const group = 'names.example.com';
    await rig.define(definitionOf({ group, names: { shortNames: ['wd'] } }));
    const second = { ...definitionOf({ group, plural: 'gadgets', kind: 'Widget', names: { singular: 'gadget', shortNames: ['wd'] } }) };
    await rig.client.of(CustomResourceDefinitions).create(second);
    const conditions = await eventually(async () => {
      const found = (await rig.client.of(CustomResourceDefinitions).get(`gadgets.${group}`)).status?.conditions ?? [];
      if (found.length === 0) throw new Error('no conditions yet');
      return found;
    });
    expect(conditions.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
      ['NamesAccepted', 'False', 'ListKindConflict', '"WidgetList" is already in use'], ['Established', 'False', 'NotAccepted', 'not all names are accepted'],
    ]);
    expect((await rig.send('GET', `/apis/${group}/v1/namespaces/default/gadgets`)).status).toBe(404);
    await rig.client.of(CustomResourceDefinitions).delete(`widgets.${group}`);
    await eventually(async () => expect((await rig.send('GET', `/apis/${group}/v1/namespaces/default/gadgets`)).status).toBe(200));
  });
});

describe('an object', () => {
  const group = 'object.example.com';
  const base = at(group);
  beforeAll(async () => {
    const spec: JSONSchemaProps = { type: 'object', properties: { color: { type: 'string' }, size: { type: 'integer' }, list: { type: 'array', items: { type: 'integer' } }, replicas: { type: 'integer' } } };
    const status: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    await rig.define(definitionOf({
      group, schema: { type: 'object', properties: { spec, status } }, version: {
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' } }, selectableFields: [{ jsonPath: '.spec.color' }],
        additionalPrinterColumns: [{ name: 'Color', type: 'string', jsonPath: '.spec.color' }, { name: 'Size', type: 'integer', jsonPath: '.spec.size', priority: 1 }],
      },
    }));
  });

  test('is patched in three ways; strategic merge is refused', async () => {
    await rig.send('POST', base, widget(group, 'p', { spec: { color: 'red', list: [1, 2] } }));
    expect((await rig.send('PATCH', `${base}/p`, { spec: { size: 3 } })).body).toMatchObject({ metadata: { generation: 2 }, spec: { color: 'red', size: 3 } });
    expect((await rig.send('PATCH', `${base}/p`, [{ op: 'remove', path: '/spec/size' }], { 'content-type': 'application/json-patch+json' })).body.spec).toEqual({ color: 'red', list: [1, 2] });
    const applied = await rig.send('PATCH', `${base}/p?fieldManager=m&force=true`, widget(group, 'p', { spec: { color: 'blue' } }), { 'content-type': 'application/apply-patch+yaml' });
    expect(applied.body.spec).toEqual({ color: 'blue', list: [1, 2] });
    expect(applied.body.metadata.managedFields[0]).toMatchObject({ manager: 'm', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:color': {} } } });
    const strategic = await rig.send('PATCH', `${base}/p`, {}, { 'content-type': 'application/strategic-merge-patch+json' });
    expect(strategic.status).toBe(415);
    expect(strategic.body.message).toBe('the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml');
  });

  test('keeps status and the rest apart, and counts generations', async () => {
    await rig.send('POST', base, widget(group, 's', { spec: { color: 'red' } }));
    const status = await rig.send('PATCH', `${base}/s/status`, { spec: { color: 'x' }, status: { seen: true }, metadata: { labels: { l: 'x' } } });
    expect(status.body).toMatchObject({ metadata: { generation: 1 }, spec: { color: 'red' }, status: { seen: true } });
    const whole = await rig.send('PATCH', `${base}/s`, { status: { seen: false }, metadata: { labels: { l: 'y' } } });
    expect(whole.body).toMatchObject({ metadata: { generation: 1, labels: { l: 'y' } }, status: { seen: true } });
    const put = await rig.send('PUT', `${base}/s`, widget(group, 's', { spec: {} }));
    expect(put.body).toMatchObject({ code: 422, details: { causes: [{ field: 'metadata.resourceVersion', message: 'Invalid value: 0: must be specified for an update' }] } });
    expect((await rig.send('PUT', `${base}/new`, widget(group, 'new'))).status).toBe(404);
  });

  test('is told from what is none', async () => {
    const send = async (body: object): Promise<[number, string]> => {
      const { status, body: answer } = await rig.send('POST', base, body);
      return [status, answer.message];
    };
    expect(await send({ apiVersion: `${group}/v2`, kind: 'Widget', metadata: { name: 'x' } })).toEqual([400, `the API version in the data (${group}/v2) does not match the expected API version (${group}/v1)`]);
    expect((await send({ apiVersion: `${group}/v1`, metadata: { name: 'x' } }))[1]).toContain(`Object 'Kind' is missing in`);
    expect(await send({ apiVersion: `${group}/v1`, kind: 'Other', metadata: { name: 'x' } })).toEqual([422, `Other.${group} "x" is invalid: kind: Invalid value: "Other": must be Widget`]);
    expect(await send(widget(group, 'Not_A_Name'))).toEqual([422, expect.stringContaining('metadata.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain')]);
    expect((await send({ ...widget(group, 'x'), metadata: { name: 'x', labels: { l: 1 } } }))[0]).toBe(400);
  });

  test('is listed and watched by its selectable fields, as table and as metadata', async () => {
    for (const [name, color] of [['r1', 'red'], ['g1', 'green']] as const) await rig.send('POST', base, widget(group, name, { spec: { color, size: 5 } }));
    const names = async (query: string): Promise<string[]> => (await rig.send('GET', `${base}?${query}`)).body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(await names('fieldSelector=spec.color%3Dgreen')).toEqual(['g1']);
    expect((await rig.send('GET', `${base}?fieldSelector=spec.size%3D5`)).body).toMatchObject({ code: 400, message: 'field label not supported: spec.size' });
    const table = (await rig.send('GET', `${base}/g1`, undefined, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' })).body;
    expect(table.columnDefinitions.map(({ name, type, priority }: Record<string, unknown>) => [name, type, priority])).toEqual([['Name', 'string', 0], ['Color', 'string', 0], ['Size', 'integer', 1]]);
    expect(table.rows[0].cells).toEqual(['g1', 'green', 5]);
    const partial = (await rig.send('GET', `${base}?labelSelector=none`, undefined, { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' })).body;
    expect(partial).toMatchObject({ kind: 'PartialObjectMetadataList', items: [] });
    const watch = rig.send('GET', `${base}?watch=true&timeoutSeconds=1&fieldSelector=spec.color%3Dgreen`);
    expect((await watch).text.trim().split('\n').map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } }).map(({ type, object }) => [type, object.metadata.name])).toEqual([['ADDED', 'g1']]);
    await rig.send('DELETE', `${base}?fieldSelector=spec.color%3Dgreen`);
    expect(await names('fieldSelector=spec.color%3Dgreen')).toEqual([]);
    expect(await names('fieldSelector=metadata.name%3Dr1')).toEqual(['r1']);
  });

  test('is scaled where its definition says', async () => {
    await rig.send('POST', base, widget(group, 'sc', { spec: { color: 'red' } }));
    expect((await rig.send('GET', `${base}/sc/scale`)).body).toMatchObject({ code: 500, message: 'Internal error occurred: the spec replicas field ".spec.replicas" does not exist' });
    await rig.send('PATCH', `${base}/sc/status`, { status: { replicas: 2, selector: 'a=b' } });
    const patched = await rig.send('PATCH', `${base}/sc/scale`, { spec: { replicas: 5 } });
    expect(patched.body).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 5 }, status: { replicas: 2, selector: 'a=b' } });
    const put = await rig.send('PUT', `${base}/sc/scale`, { ...patched.body, spec: { replicas: 7 } });
    expect(put.body.spec).toEqual({ replicas: 7 });
    expect((await rig.send('GET', `${base}/sc`)).body).toMatchObject({ metadata: { generation: 3 }, spec: { color: 'red', replicas: 7 }, status: { replicas: 2 } });
    expect((await rig.send('PATCH', `${base}/sc/scale`, { spec: { replicas: -1 } })).status).toBe(422);
  });

  test('a dry run leaves nothing; a name can be made up', async () => {
    expect((await rig.send('POST', `${base}?dryRun=All`, widget(group, 'dry'))).status).toBe(201);
    expect((await rig.send('GET', `${base}/dry`)).status).toBe(404);
    const made = await rig.send('POST', base, { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { generateName: 'made-' } });
    expect(made.body.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
  });
});
