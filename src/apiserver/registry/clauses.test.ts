/** What clients see of reads and writes where something is wrong: codes, reasons and words, clause by clause. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRig, type Answer, type Rig } from './rig.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const YAML = { 'content-type': 'application/yaml' };

let rig: Rig;
const map = (name: string, more: object = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more });
const apply = (name: string, manager: string, body: object | string, query = ''): Promise<Answer> => rig.send('PATCH', `${MAPS}/${name}?fieldManager=${manager}${query}`, typeof body === 'string' ? body : { apiVersion: 'v1', kind: 'ConfigMap', ...body }, { headers: APPLY });
const said = ({ body }: Answer): [number, string, string] => [body.code, body.reason, body.message];
const owners = async (name: string): Promise<[string, string, object][]> => ((await rig.send('GET', `${MAPS}/${name}`)).body.metadata.managedFields ?? []).map((entry: { manager: string; operation: string; fieldsV1: object }) => [entry.manager, entry.operation, entry.fieldsV1]);

beforeAll(async () => {
  rig = await startRig();
  for (const name of ['a', 'b', 'c']) await rig.create(MAPS, map(name, { data: { k: name } }));
});
afterAll(() => rig.stop());

describe('options of lists and watches', () => {
  const withoutRevision = 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided';
  const withContinue = 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided';
  const refused: [query: string, why: string][] = [
    ['resourceVersionMatch=Exact', withoutRevision],
    ['resourceVersionMatch=NotOlderThan', withoutRevision],
    ['resourceVersion=1&resourceVersionMatch=Other', 'resourceVersionMatch: Unsupported value: "Other": supported values: "Exact", "NotOlderThan", ""'],
    ['resourceVersionMatch=Other', `[${withoutRevision}, resourceVersionMatch: Unsupported value: "Other": supported values: "Exact", "NotOlderThan", ""]`],
    ['resourceVersion=0&resourceVersionMatch=Exact', 'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
    ['resourceVersion=1&resourceVersionMatch=Exact&continue=x', withContinue],
    ['resourceVersionMatch=Exact&continue=x', `[${withoutRevision}, ${withContinue}]`],
    ['sendInitialEvents=true', 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
    ['watch=1&resourceVersionMatch=NotOlderThan', 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'],
    ['watch=1&resourceVersionMatch=Exact', '[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]'],
    ['watch=1&sendInitialEvents=true', 'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
    ['watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x', withContinue],
  ];
  test.each(refused)('%s', async (query, why) => expect(said(await rig.send('GET', `${MAPS}?${query}`))).toEqual([422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: ${why}`]));

  const number = (text: string, why = 'invalid syntax'): string => `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": ${why}`;
  const syntax = (text: string, why?: string): string => `invalid resource version: ${number(text, why)}`;
  const bad: [url: string, message: string][] = [
    [`${MAPS}?resourceVersion=x`, syntax('x')],
    [`${MAPS}?resourceVersion=-1`, syntax('-1')],
    [`${MAPS}?resourceVersion=1.5&limit=2`, syntax('1.5')],
    [`${MAPS}?resourceVersion=18446744073709551616`, syntax('18446744073709551616', 'value out of range')],
    [`${MAPS}?watch=1&resourceVersion=x`, number('x')],
    [`${MAPS}/a?resourceVersion=x`, number('x')],
    [`${MAPS}?limit=x`, 'strconv.ParseInt: parsing "x": invalid syntax'],
    [`${MAPS}?continue=x`, 'invalid continue token: continue key is not valid: illegal base64 data at input byte 0'],
    [`${MAPS}?continue=a=b`, 'invalid continue token: continue key is not valid: illegal base64 data at input byte 1'],
    [`${MAPS}?continue=${Buffer.from('{').toString('base64url')}`, 'invalid continue token: continue key is not valid: unexpected end of JSON input'],
    [`${MAPS}?continue=${Buffer.from('{"v":"v9"}').toString('base64url')}`, 'invalid continue token: continue key is not valid: server does not recognize this encoded version v9'],
    [`${MAPS}?continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":0,"start":"a"}').toString('base64url')}`, 'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
    [`${MAPS}?continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":""}').toString('base64url')}`, 'invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)'],
    [`${MAPS}?continue=x&resourceVersion=1`, 'invalid continue token: continue key is not valid: illegal base64 data at input byte 0'],
    [`${MAPS}?continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":-1,"start":"a"}').toString('base64url')}&resourceVersion=1`, 'specifying resource version is not allowed when using continue'],
  ];
  test.each(bad)('%s', async (url, message) => expect(said(await rig.send('GET', url))).toEqual([400, 'BadRequest', message]));

  test('a token tells what comes after the namespace, as upstream writes it', async () => {
    const within = (await rig.send('GET', `${MAPS}?limit=1`)).body.metadata.continue as string;
    const everywhere = (await rig.send('GET', '/api/v1/configmaps?limit=1')).body.metadata.continue as string;
    const read = (token: string): unknown => JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown;
    expect([read(within), read(everywhere)]).toMatchObject([{ v: 'meta.k8s.io/v1', start: '/a\0' }, { start: '/default/a\0' }]);
    expect((await rig.send('GET', `${MAPS}?limit=5&continue=${within}`)).body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['b', 'c']);
  });
});

describe('options of writes', () => {
  const refused: [kind: string, method: string, url: string, headers: Record<string, string>, why: string][] = [
    ['CreateOptions', 'POST', `${MAPS}?dryRun=`, {}, 'dryRun: Unsupported value: [""]: supported values: "All"'],
    ['CreateOptions', 'POST', `${MAPS}?dryRun=All&dryRun=x`, {}, 'dryRun: Unsupported value: ["All","x"]: supported values: "All"'],
    ['CreateOptions', 'POST', `${MAPS}?fieldManager=a%00b`, {}, 'fieldManager: Invalid value: "a\\x00b": invalid character U+0000 (at position 1)'],
    ['CreateOptions', 'POST', `${MAPS}?fieldManager=${'%C3%A9'.repeat(65)}`, {}, 'fieldManager: Too long: may not be more than 128 bytes'],
    ['CreateOptions', 'POST', `${MAPS}?fieldValidation=x&dryRun=y`, {}, '[dryRun: Unsupported value: ["y"]: supported values: "All", fieldValidation: Unsupported value: "x": supported values: "", "Ignore", "Strict", "Warn"]'],
    ['PatchOptions', 'PATCH', `${MAPS}/a?force=true&dryRun=x`, MERGE, '[force: Forbidden: may not be specified for non-apply patch, dryRun: Unsupported value: ["x"]: supported values: "All"]'],
    ['PatchOptions', 'PATCH', `${MAPS}/a`, APPLY, 'fieldManager: Required value: is required for apply patch'],
    ['DeleteOptions', 'DELETE', `${MAPS}/a?propagationPolicy=X&dryRun=x`, {}, '[propagationPolicy: Unsupported value: "X": supported values: "Foreground", "Background", "Orphan", "nil", dryRun: Unsupported value: ["x"]: supported values: "All"]'],
  ];
  test.each(refused)('%s %s %s', async (kind, method, url, headers, why) => expect(said(await rig.send(method, url, method === 'DELETE' ? undefined : map('z'), { headers }))).toEqual([422, 'Invalid', `${kind}.meta.k8s.io "" is invalid: ${why}`]));

  test('managers may have letters of any alphabet', async () => expect((await rig.send('POST', `${MAPS}?fieldManager=%C3%A9%20x`, map('letters'))).status).toBe(201));
  test('what a dry run would create has no resourceVersion', async () => {
    const answer = await rig.send('POST', `${MAPS}?dryRun=All`, map('dry'));
    expect([answer.status, answer.body.metadata.resourceVersion, typeof answer.body.metadata.uid]).toEqual([201, undefined, 'string']);
  });
});

describe('bodies', () => {
  const struct = String.raw`Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;
  const refused: [row: string, body: string, headers: Record<string, string>, message: string][] = [
    ['nothing', '', {}, "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"],
    ['half an object', '{', {}, "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({)"],
    ['no JSON', '---', {}, "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character '-' in numeric literal (2d2d2d)"],
    ['a long text', `{"metadata":{"name":"x"},"data":${'x'.repeat(40)}`, {}, "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'x' looking for beginning of value ({\"metadata\":{\"name\":\"x\"},\"data ...)"],
    ['a list', '[]', {}, `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal array into ${struct} (5b5d)`],
    ['a kind that is a number', '{"kind":1}', {}, `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`],
    ['another kind of the same version', '{"kind":"Pod","apiVersion":"v1"}', {}, 'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion'],
    ['a kind of another group', '{"kind":"Deployment","apiVersion":"apps/v1"}', {}, 'Deployment in version "v1" cannot be handled as a ConfigMap: converting (v1.Deployment) to (core.ConfigMap): unknown conversion'],
    ['its list', '{"kind":"ConfigMapList","apiVersion":"v1"}', {}, 'ConfigMapList in version "v1" cannot be handled as a ConfigMap: converting (v1.ConfigMapList) to (core.ConfigMap): unknown conversion'],
    ['a version that is none', '{"kind":"ConfigMap","apiVersion":"v2"}', {}, 'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
    ['a kind that nobody knows', '{"kind":"Foo","apiVersion":"v1"}', {}, 'Foo in version "v1" cannot be handled as a ConfigMap: no kind "Foo" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
    ['a resourceVersion', '{"metadata":{"name":"x","resourceVersion":"5"}}', {}, 'resourceVersion should not be set on objects to be created'],
  ];
  test.each(refused)('%s', async (_row, body, headers, message) => expect(said(await rig.send('POST', MAPS, body, { headers }))).toEqual([400, 'BadRequest', message]));

  test('the other version of a kind', async () => {
    const answer = await rig.send('POST', '/api/v1/namespaces/default/events', { apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'e' } });
    expect(said(answer)).toEqual([400, 'BadRequest', 'the API version in the data (events.k8s.io/v1) does not match the expected API version (v1)']);
  });
});

describe('fields that come twice, or that nobody knows', () => {
  const pod = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p1","name":"p1","foo":1},"spec":{"containers":[{"name":"c","bar":{"x":1,"x":2},"image":"i","image":"j","ports":[{"containerPort":80,"zip":1}]}],"unk":true},"zap":1}';
  const found = ['duplicate field "metadata.name"', 'unknown field "metadata.foo"', 'unknown field "spec.containers[0].bar"', 'duplicate field "spec.containers[0].image"', 'unknown field "spec.containers[0].ports[0].zip"', 'unknown field "spec.unk"', 'unknown field "zap"'];
  const yaml = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p1\n  name: p1\n  foo: 1\nspec:\n  containers:\n  - name: c\n    image: i\n    image: j\n';
  const lines = ['line 5: key "name" already set in map', 'line 11: key "image" already set in map'];

  test('JSON: in the order of the document', async () => {
    expect(said(await rig.send('POST', `${PODS}?fieldValidation=Strict&dryRun=All`, pod))[2]).toBe(`Pod in version "v1" cannot be handled as a Pod: strict decoding error: ${found.join(', ')}`);
    expect((await rig.send('POST', `${PODS}?dryRun=All`, pod)).warnings).toEqual(found);
    expect((await rig.send('POST', `${PODS}?fieldValidation=Ignore&dryRun=All`, pod)).warnings).toEqual([]);
  });

  test('YAML: by their lines', async () => {
    expect(said(await rig.send('POST', `${PODS}?fieldValidation=Strict&dryRun=All`, yaml, { headers: YAML }))[2]).toBe(`Pod in version "v1" cannot be handled as a Pod: strict decoding error: yaml: unmarshal errors:\n  ${lines.join('\n  ')}, unknown field "metadata.foo"`);
    expect((await rig.send('POST', `${PODS}?fieldValidation=Warn&dryRun=All`, yaml, { headers: YAML })).warnings).toEqual([...lines, 'unknown field "metadata.foo"']);
  });

  test('JSON patches: their own fields, then what they make', async () => {
    const patch = '[{"op":"add","path":"/foo","value":1,"x":2},{"op":"add","op":"add","path":"/data/z","value":"1"}]';
    const problems = ['json patch duplicate field "[1].op"', 'json patch unknown field "[0].x"', 'unknown field "foo"'];
    const strict = await rig.send('PATCH', `${MAPS}/a?fieldValidation=Strict&dryRun=All`, patch, { headers: JSON_PATCH });
    expect([strict.status, strict.body.reason, strict.body.details.causes[0].field]).toEqual([422, 'Invalid', 'patch']);
    expect(strict.body.message).toMatch(/^ "" is invalid: patch: Invalid value: "\{.*\}": strict decoding error: /);
    for (const problem of problems) expect(strict.body.message).toContain(problem);
    expect((await rig.send('PATCH', `${MAPS}/a?dryRun=All`, patch, { headers: JSON_PATCH })).warnings.toSorted()).toEqual(problems.toSorted());
  });

  test('apply: by their lines; what the schema does not have is refused in any case', async () => {
    const twice = 'apiVersion: v1\nkind: ConfigMap\ndata:\n  k: v\n  k: w\n';
    expect(said(await apply('y', 'm', twice, '&fieldValidation=Strict'))).toEqual([400, 'BadRequest', 'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key "k" already set in map']);
    expect((await apply('y', 'm', twice, '&dryRun=All')).warnings).toEqual(['line 5: key "k" already set in map']);
    for (const validation of ['Strict', 'Warn', 'Ignore']) expect(said(await apply('y', 'm', { foo: 1 }, `&fieldValidation=${validation}`))[2]).toBe('failed to create typed patch object (/; v1, Kind=ConfigMap): .foo: field not declared in schema');
  });
});

describe('what a patch makes is no object of the kind: the patch is invalid', () => {
  const number = 'json: cannot unmarshal number into Go struct field ConfigMap.data of type string';
  const rows: [row: string, headers: Record<string, string>, body: unknown, shown: RegExp, why: string][] = [
    ['JSON', JSON_PATCH, [{ op: 'add', path: '/data/a', value: 1 }], /^\{\\"kind\\":\\"ConfigMap\\".*\\"a\\":1/, number],
    ['merge', MERGE, { data: { a: 1 } }, /\\"a\\":1/, number],
    ['strategic', STRATEGIC, { data: { a: 1 } }, /^map\[data:map\[a:1\]\]$/, number],
    ['another kind', MERGE, { kind: 'Secret' }, /Secret/, 'converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
  ];
  test.each(rows)('%s', async (_row, headers, body, shown, why) => {
    const answer = await rig.send('PATCH', `${MAPS}/a`, body, { headers });
    const match = /^ "" is invalid: patch: Invalid value: "(.*)": (.*)$/s.exec(answer.body.message as string);
    expect([answer.status, answer.body.reason, match?.[2]]).toEqual([422, 'Invalid', why]);
    expect(match?.[1]).toMatch(shown);
  });
  test('a patch that is no JSON is refused before', async () => expect(said(await rig.send('PATCH', `${MAPS}/a`, 'x', { headers: MERGE }))).toEqual([400, 'BadRequest', "error decoding patch: invalid character 'x' looking for beginning of value"]));
});

describe('which object is meant', () => {
  test('a uid in the query guards a delete', async () => {
    const { uid } = (await rig.create(MAPS, map('guarded'))).metadata;
    expect(said(await rig.send('DELETE', `${MAPS}/guarded?uid=other`))).toEqual([409, 'Conflict', `Operation cannot be fulfilled on ConfigMap "guarded": the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`]);
    expect(said(await rig.send('DELETE', `${MAPS}/guarded`, { preconditions: { resourceVersion: '9999' } }))[2]).toMatch(/: the ResourceVersion in the precondition \(9999\) does not match the ResourceVersion in record \(\d+\)\. The object might have been modified$/);
    expect((await rig.send('DELETE', `${MAPS}/guarded?uid=${uid}`)).status).toBe(200);
  });

  test('a PUT of another object, and of one that has gone', async () => {
    const { uid } = (await rig.create(MAPS, map('put'))).metadata;
    const storage = (name: string, actual: string): string => `Operation cannot be fulfilled on configmaps "${name}": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: ${actual}`;
    expect(said(await rig.send('PUT', `${MAPS}/put`, map('put', { metadata: { name: 'put', uid: 'x' } })))).toEqual([409, 'Conflict', storage('put', uid!)]);
    expect(said(await rig.send('PUT', `${MAPS}/gone`, map('gone', { metadata: { name: 'gone', uid: 'x' } })))).toEqual([404, 'NotFound', 'configmaps "gone" not found']);
    expect(said(await rig.send('PUT', `${MAPS}/gone`, map('gone')))).toEqual([404, 'NotFound', 'configmaps "gone" not found']);
  });

  test('a patch of the uid', async () => expect(said(await rig.send('PATCH', `${MAPS}/a`, { metadata: { uid: 'x' } }, { headers: MERGE }))).toEqual([422, 'Invalid', 'ConfigMap "a" is invalid: metadata.uid: Invalid value: "x": field is immutable']));

  test('an apply that names a state of the object, also where nothing changes', async () => {
    await apply('state', 'm', { data: { k: 'v' } });
    expect(said(await apply('state', 'm', { metadata: { resourceVersion: '1' }, data: { k: 'v' } }))[1]).toBe('Conflict');
    expect(said(await apply('state', 'm', { metadata: { uid: 'x' }, data: { k: 'v' } }))[0]).toBe(422);
    expect(said(await apply('absent', 'm', { metadata: { uid: 'x' }, data: { k: 'v' } }))).toEqual([409, 'Conflict', 'Operation cannot be fulfilled on configmaps "absent": uid mismatch: the provided object specified uid x, and no existing object was found']);
  });
});

describe('owners of fields', () => {
  test('conflicts with several managers', async () => {
    await apply('fight', 'm1', { data: { a: '1', b: '2' } });
    await rig.send('PATCH', `${MAPS}/fight?fieldManager=u1`, { data: { c: 'x' } }, { headers: MERGE });
    const { body } = await apply('fight', 'm2', { data: { a: '2', b: '3', c: 'y' } });
    expect(body.message).toMatch(/^Apply failed with 3 conflicts: conflicts with "m1":\n- \.data\.a\n- \.data\.b\nconflicts with "u1" using v1:\n- \.data\.c$/);
    expect(body.details.causes.map((cause: { field: string }) => cause.field)).toEqual(['.data.a', '.data.b', '.data.c']);
  });

  const unreadable: [row: string, entry: object][] = [
    ['an operation that is none', { manager: 'x', operation: 'Bad', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } }],
    ['a type of fields that is none', { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'X', fieldsV1: { 'f:data': {} } }],
    ['fields that are none', { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { z: 1 } }],
    ['no version', { manager: 'x', operation: 'Update', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } }],
  ];
  test.each(unreadable)('%s: owners stay as they are', async (_row, entry) => {
    await apply('kept', 'm', { data: { k: 'v' } });
    const before = await owners('kept');
    expect((await rig.send('PATCH', `${MAPS}/kept`, { metadata: { managedFields: [entry] } }, { headers: MERGE })).status).toBe(200);
    expect([before.length, await owners('kept')]).toEqual([1, before]);
  });

  test('one empty entry forgets them, an empty list does not, and others are taken over', async () => {
    await apply('reset', 'm', { data: { k: 'v' } });
    const set = (managedFields: object[]): Promise<Answer> => rig.send('PATCH', `${MAPS}/reset?fieldManager=r`, { metadata: { managedFields } }, { headers: MERGE });
    await set([]);
    expect(await owners('reset')).toEqual([['m', 'Apply', { 'f:data': { 'f:k': {} } }]]);
    await set([{ manager: 'other', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:k': {} } } }]);
    expect(await owners('reset')).toEqual([['other', 'Update', { 'f:data': { 'f:k': {} } }]]);
    await set([{}]);
    expect(await owners('reset')).toEqual([]);
  });

  test('a write of a subresource takes nobody’s fields', async () => {
    await rig.create('/apis/apps/v1/namespaces/default/deployments', { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } });
    const url = '/apis/apps/v1/namespaces/default/deployments/d';
    const before = (await rig.send('GET', url)).body.metadata.managedFields as object[];
    await rig.send('PATCH', `${url}/status`, { metadata: { managedFields: [{}] }, status: { replicas: 3 } }, { headers: MERGE });
    expect((await rig.send('GET', url)).body.metadata.managedFields).toEqual([...before, expect.objectContaining({ subresource: 'status' })]);
  });
});

describe('scales', () => {
  const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
  const SCALE = `${DEPLOYMENTS}/s/scale`;
  const applyScale = (manager: string, replicas: number, query = ''): Promise<Answer> => rig.send('PATCH', `${SCALE}?fieldManager=${manager}${query}`, { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 's' }, spec: { replicas } }, { headers: APPLY });
  beforeAll(() => rig.create(DEPLOYMENTS, { metadata: { name: 's' }, spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } }));

  test('are applied: the replicas are owned through the subresource, at their place in the object', async () => {
    expect(said(await applyScale('scaler', 3))).toEqual([409, 'Conflict', 'Apply failed with 1 conflict: conflict with "rig" using apps/v1: .spec.replicas']);
    const forced = await applyScale('scaler', 3, '&force=true');
    expect([forced.status, forced.body.kind, forced.body.spec.replicas]).toEqual([200, 'Scale', 3]);
    const { spec, metadata } = (await rig.send('GET', `${DEPLOYMENTS}/s`)).body as { spec: { replicas: number }; metadata: { generation: number; managedFields: { manager: string }[] } };
    expect([spec.replicas, metadata.generation, metadata.managedFields.find(({ manager }) => manager === 'scaler')]).toEqual([3, 2, expect.objectContaining({ operation: 'Apply', apiVersion: 'apps/v1', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } })]);
    const again = await applyScale('scaler', 3);
    expect([again.status, again.body.metadata.resourceVersion]).toEqual([200, forced.body.metadata.resourceVersion]);
  });
  test('of what nobody owned own the number, and nothing else', async () => {
    const url = `${DEPLOYMENTS}/unowned`;
    await rig.create(DEPLOYMENTS, { metadata: { name: 'unowned' }, spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } });
    await rig.send('PATCH', url, { metadata: { managedFields: [{}] } }, { headers: MERGE });
    const apply = (query: string): Promise<Answer> => rig.send('PATCH', `${url}/scale?fieldManager=scaler${query}`, { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'unowned' }, spec: { replicas: 2 } }, { headers: APPLY });
    expect(said(await apply(''))).toEqual([409, 'Conflict', 'Apply failed with 1 conflict: conflict with "before-first-apply" with subresource "scale" using apps/v1: .spec.replicas']);
    expect((await apply('&force=true')).status).toBe(200);
    expect((await rig.send('GET', url)).body.metadata.managedFields).toEqual([{ manager: 'scaler', operation: 'Apply', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:replicas': {} } }, subresource: 'scale' }]);
  });
  test('are refused where they make no sense, or are another kind', async () => {
    expect(said(await applyScale('scaler', -1, '&force=true'))).toEqual([422, 'Invalid', 'Scale.autoscaling "s" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0']);
    expect((await rig.send('PATCH', `${SCALE}?fieldManager=x`, { apiVersion: 'apps/v1', kind: 'Deployment' }, { headers: APPLY })).status).toBe(400);
    expect((await rig.send('PATCH', `${DEPLOYMENTS}/none/scale?fieldManager=x`, { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 1 } }, { headers: APPLY })).status).toBe(404);
  });
  test('have a table', async () => {
    const { body } = await rig.send('GET', SCALE, undefined, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', columnDefinitions: [{ name: 'Name' }, { name: 'Desired' }, { name: 'Available' }, { name: 'Age' }], rows: [{ cells: ['s', expect.any(Number), 0, expect.any(String)], object: { kind: 'PartialObjectMetadata', metadata: { name: 's' } } }] });
  });
});
