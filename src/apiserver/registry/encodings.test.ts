import { afterEach, describe, expect, test } from 'vitest';
import { withEmptyLists } from '../../api/empty-lists.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { loadVersionsOffByDefault } from '../../api/off-by-default.ts';
import { decodeMessage, decodeProtobuf, readEnvelope } from '../../api/protobuf/decode.ts';
import { encodeProtobuf } from '../../api/protobuf/encode.ts';
import { isProtobuf } from '../../api/protobuf/envelope.ts';
import { protobufSchema } from '../../api/protobuf/kinds.ts';
import { ManualClock } from '../../store/manual-clock.ts';
import { memoryBackend } from '../../store/memory.ts';
import { negotiate } from './negotiate.ts';
import { startRig, type Rig, type RigOptions } from './rig.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const PODS = '/api/v1/namespaces/default/pods';
const SCALERS = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers';

const pod = (name: string): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'e' }, annotations: { note: 'é \u2028' } }, spec: { containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1' } } }] } });

let rigs: Rig[] = [];
const start = async (options: RigOptions = {}): Promise<Rig> => {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
};
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
  rigs = [];
});

/** The answer's bytes, its content type, and the object of a protobuf envelope. */
async function ask(rig: Rig, url: string, accept: string): Promise<{ type: string; bytes: Buffer; object: KubeObject & Record<string, unknown> }> {
  const response = await rig.open('GET', url, undefined, { headers: { accept } });
  const bytes = Buffer.from(response.body as Uint8Array);
  return { type: response.headers['content-type']!, bytes, object: opened(bytes) };
}

function opened(bytes: Buffer): KubeObject & Record<string, unknown> {
  if (!isProtobuf(bytes)) return {} as KubeObject & Record<string, unknown>;
  const { apiVersion, kind } = readEnvelope(bytes);
  return decodeProtobuf(protobufSchema(apiVersion, kind)!, bytes);
}

/** Reads frames off a watch in protobuf: four bytes of length, then a WatchEvent. */
async function* frames(body: AsyncIterable<Uint8Array>): AsyncGenerator<{ type: string; object: KubeObject & Record<string, unknown> }> {
  let rest = Buffer.alloc(0);
  for await (const piece of body) {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const message = rest.subarray(4, 4 + rest.readUInt32BE(0));
      rest = rest.subarray(4 + message.length);
      // type is field 1; object is field 2, an extension with the bytes at 1.
      const type = message.subarray(2, 2 + message[1]!).toString();
      const raw = message.indexOf(Buffer.from([0x6b, 0x38, 0x73, 0x00]));
      yield { type, object: opened(message.subarray(raw)) };
    }
  }
}

const storages = [['json'], ['protobuf']] as const;

describe.each(storages)('protobuf answers, stored as %s', (storageEncoding) => {
  const rigged = (): Promise<Rig> => start({ options: { storageEncoding } });

  test('an object is what JSON shows', async () => {
    const rig = await rigged();
    const created = await rig.create(PODS, pod('a'));
    const { type, object, bytes } = await ask(rig, `${PODS}/a`, `${PROTOBUF},application/json`);
    expect(type).toBe(PROTOBUF);
    const json = (await rig.send('GET', `${PODS}/a`)).body;
    expect(object).toEqual(json);
    expect(json).toEqual(created);
    expect(bytes.equals(encodeProtobuf('io.k8s.api.core.v1.Pod', json))).toBe(true);
  });

  test('a list is joined of what its objects are', async () => {
    const rig = await rigged();
    for (const name of ['a', 'b', 'c']) await rig.create(PODS, pod(name));
    const json = (await rig.send('GET', `${PODS}?limit=2`)).body;
    const { object, bytes } = await ask(rig, `${PODS}?limit=2`, PROTOBUF);
    expect(readEnvelope(bytes)).toMatchObject({ apiVersion: 'v1', kind: 'PodList' });
    const items = (object['items'] as object[]).map((item) => item);
    expect(items).toEqual(json.items);
    expect(object.metadata).toEqual(json.metadata);
    expect(bytes.equals(encodeProtobuf('io.k8s.api.core.v1.PodList', json))).toBe(true);
  });

  test('a kind in its other version', async () => {
    const rig = await rigged();
    await rig.create(SCALERS, { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd' }, targetCPUUtilizationPercentage: 50 } });
    for (const version of ['v1', 'v2']) {
      const path = `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
      const json = (await rig.send('GET', `${path}/h`)).body;
      expect((await ask(rig, `${path}/h`, PROTOBUF)).object).toMatchObject(json);
      expect((await ask(rig, path, PROTOBUF)).object['items']).toHaveLength(1);
    }
  });

  test('metadata only, of objects and of lists', async () => {
    const rig = await rigged();
    await rig.create(PODS, pod('a'));
    for (const version of ['v1', 'v1beta1']) {
      const one = await ask(rig, `${PODS}/a`, `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=${version}`);
      const json = (await rig.send('GET', `${PODS}/a`, undefined, { headers: { accept: `application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=${version}` } })).body;
      expect(one.object).toEqual(json);
      expect(json).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: { name: 'a' } });
      const list = await ask(rig, PODS, `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=${version}`);
      expect(readEnvelope(list.bytes)).toMatchObject({ apiVersion: `meta.k8s.io/${version}`, kind: 'PartialObjectMetadataList' });
      expect(list.object['items']).toEqual([{ metadata: json.metadata }]);
    }
  });

  test('a watch: frames of length and event', async () => {
    const rig = await rigged();
    await rig.create(PODS, pod('a'));
    const response = await rig.open('GET', `${PODS}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`, undefined, { headers: { accept: `${PROTOBUF};stream=watch` } });
    expect(response.headers['content-type']).toBe(`${PROTOBUF};stream=watch`);
    const stream = frames(response.body as AsyncIterable<Uint8Array>);
    const first = (await stream.next()).value!;
    expect([first.type, first.object.metadata.name]).toEqual(['ADDED', 'a']);
    const mark = (await stream.next()).value!;
    expect([mark.type, mark.object.kind, mark.object.metadata.annotations]).toEqual(['BOOKMARK', 'Pod', { 'k8s.io/initial-events-end': 'true' }]);
    await rig.create(PODS, pod('b'));
    expect(await stream.next()).toMatchObject({ value: { type: 'ADDED', object: { kind: 'Pod', metadata: { name: 'b' } } } });
    await rig.send('DELETE', `${PODS}/b`, { gracePeriodSeconds: 0 });
    expect(await stream.next()).toMatchObject({ value: { type: 'DELETED', object: { metadata: { name: 'b', resourceVersion: '3' } } } });
    await stream.return(undefined);
  });

  test('objects that leave a selector are told with the revision of the change', async () => {
    const rig = await rigged();
    await rig.create(PODS, pod('a'));
    const watch = await rig.watch(`${PODS}?watch=1&labelSelector=app%3De`);
    await rig.send('PATCH', `${PODS}/a`, { metadata: { labels: { app: 'other' } } }, { headers: { 'content-type': 'application/merge-patch+json' } });
    const events = await watch.take(2);
    expect(events.map(({ type, object }) => [type, object.metadata.resourceVersion, object.metadata.labels.app])).toEqual([['ADDED', '1', 'e'], ['DELETED', '2', 'e']]);
    await watch.close();
  });

  test('a Scale, a Status, and answers to writes', async () => {
    const rig = await rigged();
    await rig.create('/apis/apps/v1/namespaces/default/deployments', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } });
    const scale = await ask(rig, '/apis/apps/v1/namespaces/default/deployments/d/scale', PROTOBUF);
    expect(scale.object).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 }, status: { selector: 'a=b' } });
    const created = await rig.open('POST', PODS, pod('a'), { headers: { accept: PROTOBUF } });
    expect([created.status, opened(Buffer.from(created.body as Uint8Array)).metadata.name]).toEqual([201, 'a']);
    const gone = await rig.open('DELETE', '/apis/apps/v1/namespaces/default/deployments/d', undefined, { headers: { accept: PROTOBUF } });
    expect(opened(Buffer.from(gone.body as Uint8Array))).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Success', details: { name: 'd', kind: 'deployments' } });
  });
});

describe('storage', () => {
  test('values are read whichever way they were written', async () => {
    const clock = new ManualClock();
    const backend = memoryBackend({ clock });
    const first = await start({ backend, clock, options: { storageEncoding: 'protobuf' } });
    await first.create(PODS, pod('a'));
    const second = await start({ backend, clock });
    await second.create(PODS, pod('b'));
    const stored = (await backend.list('/registry/pods/', {})).entries.map(({ value }) => isProtobuf(value));
    expect(stored).toEqual([true, false]);
    for (const rig of [first, second]) {
      const list = (await rig.send('GET', PODS)).body;
      expect(list.items.map((item: KubeObject) => item.metadata.name)).toEqual(['a', 'b']);
      expect((await ask(rig, PODS, PROTOBUF)).object['items']).toEqual(list.items);
    }
    const changed = await second.send('PATCH', `${PODS}/a`, { metadata: { labels: { x: 'y' } } }, { headers: { 'content-type': 'application/merge-patch+json' } });
    expect(changed.body.metadata.labels).toEqual({ app: 'e', x: 'y' });
  });

  test('protobuf is stored as upstream stores it: with its kind, and no resourceVersion', async () => {
    const rig = await start({ options: { storageEncoding: 'protobuf' } });
    const created = await rig.create(PODS, pod('a'));
    const { value } = (await rig.backend.get('/registry/pods/default/a'))!;
    const { apiVersion, kind, raw, contentEncoding, contentType } = readEnvelope(value);
    expect({ apiVersion, kind, contentEncoding, contentType }).toEqual({ apiVersion: 'v1', kind: 'Pod', contentEncoding: '', contentType: '' });
    const { resourceVersion: _, ...metadata } = created.metadata;
    expect(decodeMessage<KubeObject>('io.k8s.api.core.v1.Pod', raw).metadata).toEqual(metadata);
  });
});

test('a value that cannot be read is an error for those who ask for it, and for nobody else', async () => {
  const clock = new ManualClock();
  const backend = memoryBackend({ clock });
  await backend.commit({ type: 'create', key: '/registry/pods/default/broken', value: Buffer.from([0x6b, 0x38, 0x73, 0x00, 0xff]) });
  await backend.commit({ type: 'create', key: '/registry/secrets/default/of-the-future', value: encodeProtobuf('io.k8s.api.core.v1.Secret', { apiVersion: 'v9', kind: 'Secret' }) });
  const rig = await start({ backend, clock });
  await rig.create('/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' } });
  expect((await rig.send('GET', '/api/v1/namespaces/default/configmaps/a')).status).toBe(200);
  await rig.create(PODS, pod('a'));
  expect((await rig.send('GET', `${PODS}/a`)).status).toBe(200);
  for (const url of [`${PODS}/broken`, PODS, '/api/v1/namespaces/default/secrets']) {
    const answer = await rig.open('GET', url);
    expect(answer.status).toBe(500);
    expect(rig.failures.splice(0).join()).toContain('cannot be read');
  }
});

describe('kinds that upstream stores in a version that it does not serve', () => {
  const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', items: undefined } } } };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'tabs.example.com' },
    spec: {
      group: 'example.com', scope: 'Namespaced', names: { plural: 'tabs', kind: 'Tab' },
      versions: [
        { name: 'v2', served: true, storage: true, schema, additionalPrinterColumns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }], subresources: { status: {} } },
        { name: 'v1', served: true, storage: false, schema, subresources: { status: {} } },
      ],
    },
  };
  test('a definition goes to the store as v1beta1, and comes back as it was', async () => {
    await loadVersionsOffByDefault();
    const clock = new ManualClock();
    const backend = memoryBackend({ clock });
    const rig = await start({ backend, clock, options: { storageEncoding: 'protobuf' } });
    const created = await rig.create(DEFINITIONS, definition);
    const { value } = (await backend.get('/registry/apiextensions.k8s.io/customresourcedefinitions/tabs.example.com'))!;
    expect(readEnvelope(value)).toMatchObject({ apiVersion: 'apiextensions.k8s.io/v1beta1', kind: 'CustomResourceDefinition' });
    const stored = decodeProtobuf<KubeObject & { spec: Record<string, unknown> }>('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceDefinition', value);
    expect(stored.spec).toMatchObject({ version: 'v2', validation: { openAPIV3Schema: { type: 'object' } }, subresources: { status: {} }, preserveUnknownFields: false, versions: [{ name: 'v2', additionalPrinterColumns: [{ JSONPath: '.metadata.creationTimestamp' }] }, { name: 'v1' }] });
    expect((await rig.send('GET', `${DEFINITIONS}/tabs.example.com`)).body).toEqual(created);
    // In protobuf, no conditions and an empty list of them are the same.
    expect((created as { status?: object }).status).toMatchObject({ conditions: null });
    // Also with a cache that was filled from the store, whichever way that one writes.
    for (const storageEncoding of ['json', 'protobuf'] as const) {
      const other = await start({ backend, clock, options: { storageEncoding } });
      expect((await other.send('GET', `${DEFINITIONS}/tabs.example.com`)).body).toEqual(created);
      const list = await ask(other, DEFINITIONS, PROTOBUF);
      expect(list.object['items']).toEqual([withEmptyLists('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition', { ...structuredClone(created), kind: undefined, apiVersion: undefined }, 'null')]);
    }
  });
  test('mutating admission policies are v1beta1 there', async () => {
    await loadVersionsOffByDefault();
    const rig = await start({ options: { storageEncoding: 'protobuf' } });
    const url = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings';
    const created = await rig.create(url, { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicyBinding', metadata: { name: 'b' }, spec: { policyName: 'p' } });
    expect(readEnvelope((await rig.backend.get('/registry/mutatingadmissionpolicybindings/b'))!.value).apiVersion).toBe('admissionregistration.k8s.io/v1beta1');
    expect((await rig.send('GET', `${url}/b`)).body).toEqual(created);
  });
});

describe('negotiation', () => {
  const asked = (accept: string | undefined, offer: Parameters<typeof negotiate>[1] = { table: true }): string => {
    try {
      const { format, as, metaVersion } = negotiate({ headers: accept === undefined ? {} : { accept }, query: new URLSearchParams() } as never, offer);
      return as === 'object' ? format : `${format} ${as} ${metaVersion}`;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const TABLE = 'as=Table;v=v1;g=meta.k8s.io';
  test.each([
    ['nothing', undefined, 'json'],
    ['anything', '*/*', 'json'],
    ['a bare star', '*', 'json'],
    ['application/*', 'application/*', 'json'],
    ['protobuf before JSON', `${PROTOBUF},application/json`, 'protobuf'],
    ['quality before order', `${PROTOBUF};q=0.5,application/yaml;q=0.9`, 'yaml'],
    ['named types before wildcards', `*/*,${PROTOBUF}`, 'protobuf'],
    ['tables as kubectl asks for them', `application/json;${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`, 'json table meta.k8s.io/v1'],
    ['tables of the beta version', 'application/json;as=Table;v=v1beta1;g=meta.k8s.io', 'json table meta.k8s.io/v1beta1'],
    ['tables have no protobuf: the next clause counts', `${PROTOBUF};${TABLE},application/json;${TABLE}`, 'json table meta.k8s.io/v1'],
    ['a table in YAML', `application/yaml;${TABLE}`, 'yaml table meta.k8s.io/v1'],
    ['a shape of another group', 'application/json;as=Table;v=v1;g=example.com,application/json', 'json'],
    ['a shape without a group', 'application/json;as=Table,application/yaml', 'yaml'],
    ['types are told apart by case', 'Application/JSON', 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'],
    ['a type that nobody knows', 'text/html', 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'],
  ])('%s', (_, accept, outcome) => {
    expect(asked(accept)).toBe(outcome);
  });
  test.each([
    ['a watch in YAML', 'application/yaml', { watch: true }, 'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'],
    ['a watch of a custom resource', PROTOBUF, { watch: true, plain: true }, 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'],
    ['a custom resource', PROTOBUF, { plain: true }, 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'],
    ['the metadata of a custom resource', `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`, { plain: true }, 'protobuf partial meta.k8s.io/v1'],
    ['one object in place of a list', 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json', { list: true, type: 'core.Pod' }, 'you requested PartialObjectMetadata, but the requested object is a list (*core.PodList)'],
    ['a list in place of one object', 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', {}, 'you requested PartialObjectMetadataList, but the requested object is not a list'],
    ['a stream that is none', 'application/json;stream=bytes', { watch: true }, 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'],
  ] as const)('%s', (_, accept, offer, outcome) => {
    expect(asked(accept, offer)).toBe(outcome);
  });
});
