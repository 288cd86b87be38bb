import { afterEach, describe, expect, test } from 'vitest';
import { Pods } from '../../api/resources.ts';
import { EVENT_HISTORY_LIMIT } from '../cache/events.ts';
import { startRig, type Rig, type RigOptions } from './rig.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});
async function start(options?: RigOptions): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

const configMap = (name: string, labels: Record<string, string> = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } });
const pod = (name: string, nodeName = ''): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { ...(nodeName ? { nodeName } : {}), containers: [{ name: 'c', image: 'i' }] } });
const relabel = (rig: Rig, name: string, labels: object): ReturnType<Rig['send']> =>
  rig.send('PATCH', `${CONFIG_MAPS}/${name}`, { metadata: { labels } }, { headers: { 'content-type': 'application/merge-patch+json' } });
interface Named { metadata: { name: string } }
const namesOf = (list: { items: Named[] }): string[] => list.items.map((item) => item.metadata.name);

describe('list', () => {
  test('an empty list, and one of three in the order of names', async () => {
    const rig = await start();
    expect((await rig.send('GET', CONFIG_MAPS)).body).toEqual({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '0' }, items: [] });
    for (const name of ['b', 'c', 'a']) await rig.create(CONFIG_MAPS, configMap(name));
    await rig.create('/api/v1/namespaces/other/configmaps', configMap('d'));
    const { body } = await rig.send('GET', CONFIG_MAPS);
    expect([body.metadata, namesOf(body)]).toEqual([{ resourceVersion: '4' }, ['a', 'b', 'c']]);
    expect(Object.keys(body.items[0])).toEqual(['metadata']);
    expect(namesOf((await rig.send('GET', '/api/v1/configmaps')).body)).toEqual(['a', 'b', 'c', 'd']);
  });

  const selectors: [string, string, string[]][] = [
    ['labelSelector=tier%3Dx', 'equal', ['a', 'c']],
    ['labelSelector=tier%20in%20(x,y),!z', 'in', ['a', 'b', 'c']],
    ['fieldSelector=metadata.name%3Db', 'by name', ['b']],
    ['fieldSelector=metadata.name!%3Db&labelSelector=tier', 'both', ['a', 'c']],
  ];
  test.each(selectors)('%s (%s)', async (query, _row, names) => {
    const rig = await start();
    for (const [name, tier] of [['a', 'x'], ['b', 'y'], ['c', 'x']] as const) await rig.create(CONFIG_MAPS, configMap(name, { tier }));
    await rig.create(CONFIG_MAPS, configMap('d', {}));
    expect(namesOf((await rig.send('GET', `${CONFIG_MAPS}?${query}`)).body)).toEqual(names);
  });

  test('pods by node', async () => {
    const rig = await start();
    for (const [name, node] of [['a', 'n1'], ['b', 'n2'], ['c', 'n1'], ['d', '']] as const) await rig.create(PODS, pod(name, node));
    const on = async (node: string): Promise<string[]> => namesOf((await rig.send('GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`)).body);
    expect([await on('n1'), await on(''), await on('n9')]).toEqual([['a', 'c'], ['d'], []]);
    await rig.send('DELETE', `${PODS}/c?gracePeriodSeconds=0`);
    expect(await on('n1')).toEqual(['a']);
  });

  const wrong: [string, number, string][] = [
    ['fieldSelector=spec.foo%3Dbar', 400, '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    ['labelSelector=a%3D%3D%3D', 400, 'unable to parse requirement'],
    ['resourceVersionMatch=Exact', 422, 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'],
    ['resourceVersion=0&resourceVersionMatch=Exact', 422, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
    ['resourceVersion=1&resourceVersionMatch=Some', 422, 'Unsupported value: "Some": supported values: "Exact", "NotOlderThan"'],
    ['continue=xyz', 400, 'continue key is not valid'],
    ['limit=many', 400, 'invalid syntax'],
  ];
  test.each(wrong)('%s is refused', async (query, status, message) => {
    const rig = await start();
    const answer = await rig.send('GET', `${CONFIG_MAPS}?${query}`);
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(message)]);
  });

  test('pods: a field that cannot be selected by', async () => {
    const rig = await start();
    expect((await rig.send('GET', `${PODS}?fieldSelector=spec.foo%3Dbar`)).body.message).toBe('field label not supported: spec.foo');
  });

  test('pages show one moment, whatever is written between them', async () => {
    const rig = await start();
    for (let i = 0; i < 10; i++) await rig.create(CONFIG_MAPS, configMap(`c${i}`));
    const first = (await rig.send('GET', `${CONFIG_MAPS}?limit=4`)).body;
    expect([namesOf(first), first.metadata.remainingItemCount]).toEqual([['c0', 'c1', 'c2', 'c3'], 6]);
    await rig.send('DELETE', `${CONFIG_MAPS}/c5`);
    await rig.create(CONFIG_MAPS, configMap('c55'));
    const second = (await rig.send('GET', `${CONFIG_MAPS}?limit=4&continue=${first.metadata.continue}`)).body;
    const third = (await rig.send('GET', `${CONFIG_MAPS}?limit=4&continue=${second.metadata.continue}`)).body;
    expect([namesOf(second), namesOf(third)]).toEqual([['c4', 'c5', 'c6', 'c7'], ['c8', 'c9']]);
    expect([second.metadata.resourceVersion, third.metadata]).toEqual(['10', { resourceVersion: '10' }]);
    const selected = (await rig.send('GET', `${CONFIG_MAPS}?limit=1&labelSelector=!x`)).body;
    expect([selected.metadata.continue, selected.metadata.remainingItemCount]).toEqual([expect.any(String), undefined]);
  });

  test('a page whose moment has been forgotten is 410, with a token that goes on in the present', async () => {
    const rig = await start();
    for (let i = 0; i < 4; i++) await rig.create(CONFIG_MAPS, configMap(`c${i}`));
    const first = (await rig.send('GET', `${CONFIG_MAPS}?limit=2`)).body;
    // A registry that starts anew remembers the last changes only as far as the store does.
    await rig.create(CONFIG_MAPS, configMap('d'));
    await rig.create(CONFIG_MAPS, configMap('e'));
    await rig.backend.compact(6);
    const later = await start({ backend: rig.backend });
    const expired = await later.send('GET', `${CONFIG_MAPS}?limit=2&continue=${first.metadata.continue}`);
    expect(expired.body).toMatchObject({ code: 410, reason: 'Expired', metadata: { continue: expect.any(String) } });
    const rest = await later.send('GET', `${CONFIG_MAPS}?continue=${expired.body.metadata.continue}`);
    expect(namesOf(rest.body)).toEqual(['c2', 'c3', 'd', 'e']);
    expect((await later.send('GET', `${CONFIG_MAPS}?resourceVersion=2&resourceVersionMatch=Exact`)).body.code).toBe(410);
  });

  test('resourceVersions: exact, not older than, any, and one that has not come', async () => {
    const rig = await start();
    for (let i = 0; i < 3; i++) await rig.create(CONFIG_MAPS, configMap(`c${i}`));
    const read = async (query: string): Promise<string[]> => namesOf((await rig.send('GET', `${CONFIG_MAPS}?${query}`)).body);
    expect(await read('resourceVersion=2&resourceVersionMatch=Exact')).toEqual(['c0', 'c1']);
    expect(await read('resourceVersion=2&resourceVersionMatch=NotOlderThan')).toEqual(['c0', 'c1', 'c2']);
    expect(await read('resourceVersion=2')).toEqual(['c0', 'c1', 'c2']);
    expect(await read('resourceVersion=1&limit=5')).toEqual(['c0']);
    expect(await read('resourceVersion=0&limit=1')).toEqual(['c0', 'c1', 'c2']);
    const waiting = rig.send('GET', `${CONFIG_MAPS}?resourceVersion=9`);
    await Promise.resolve();
    rig.clock.advance(3_000);
    expect((await waiting).body).toMatchObject({ code: 504, reason: 'Timeout', message: 'Timeout: Too large resource version: 9, current: 3', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } });
    const reached = rig.send('GET', `${CONFIG_MAPS}/c3?resourceVersion=4`);
    await rig.create(CONFIG_MAPS, configMap('c3'));
    expect((await reached).status).toBe(200);
  });
});

describe('watch', () => {
  test('begins with what there is, then tells changes as they come', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a'));
    const watch = await rig.watch(`${CONFIG_MAPS}?watch=1`);
    await rig.create('/api/v1/namespaces/other/configmaps', configMap('x'));
    await relabel(rig, 'a', { l: '1' });
    await rig.create(CONFIG_MAPS, configMap('b'));
    await rig.send('DELETE', `${CONFIG_MAPS}/a`);
    const events = await watch.take(4);
    expect(events.map((event) => [event.type, event.object.metadata.name, event.object.metadata.resourceVersion])).toEqual([['ADDED', 'a', '1'], ['MODIFIED', 'a', '3'], ['ADDED', 'b', '4'], ['DELETED', 'a', '5']]);
    expect(events[0]!.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(events[3]!.object.metadata.labels).toEqual({ l: '1' });
    await watch.close();
  });

  test('from a resourceVersion: all that came after it, across a restart too', async () => {
    const rig = await start();
    for (const name of ['a', 'b', 'c']) await rig.create(CONFIG_MAPS, configMap(name));
    const seen = async (one: Rig): Promise<string[]> => (await (await one.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=1`)).take(2)).map((event) => `${event.type} ${event.object.metadata.name}`);
    expect(await seen(rig)).toEqual(['ADDED b', 'ADDED c']);
    expect(await seen(await start({ backend: rig.backend }))).toEqual(['ADDED b', 'ADDED c']);
  });

  test('from a resourceVersion that is forgotten: an ERROR event, 410', async () => {
    const rig = await start();
    for (const name of ['a', 'b', 'c']) await rig.create(CONFIG_MAPS, configMap(name));
    await rig.backend.compact(3);
    const later = await start({ backend: rig.backend });
    const watch = await later.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=1`);
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (3)' } });
    expect(await watch.next()).toBeUndefined();
  });

  test('objects that come into a selector are added, those that leave it deleted', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a', { tier: 'x' }));
    const watch = await rig.watch(`${CONFIG_MAPS}?watch=1&labelSelector=tier%3Dx&resourceVersion=1`);
    await relabel(rig, 'a', { tier: 'y' });
    await relabel(rig, 'a', { other: '1' });
    await relabel(rig, 'a', { tier: 'x' });
    await relabel(rig, 'a', { other: '2' });
    const events = await watch.take(3);
    expect(events.map((event) => [event.type, event.object.metadata.resourceVersion, event.object.metadata.labels])).toEqual([
      ['DELETED', '2', { tier: 'x' }], ['ADDED', '4', { tier: 'x', other: '1' }], ['MODIFIED', '5', { tier: 'x', other: '2' }],
    ]);
  });

  test('a kubelet hears of its own pods only, and of a pod from its binding on', async () => {
    const rig = await start();
    const watch = await rig.watch('/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn1');
    await rig.create(PODS, pod('a'));
    await rig.create(PODS, pod('b', 'n2'));
    expect((await rig.send('POST', `${PODS}/a/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Node', name: 'n1' } })).status).toBe(201);
    const [event] = await watch.take(1);
    expect([event!.type, event!.object.metadata.name, event!.object.spec.nodeName]).toEqual(['ADDED', 'a', 'n1']);
  });

  test('sendInitialEvents ends the initial state with a marked bookmark', async () => {
    const rig = await start();
    for (const name of ['a', 'b']) await rig.create(CONFIG_MAPS, configMap(name));
    const watch = await rig.watch(`${CONFIG_MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`);
    const events = await watch.take(3);
    expect(events.map((event) => event.type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK']);
    expect(events[2]!.object).toEqual({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } } });
    expect((await rig.send('GET', `${CONFIG_MAPS}?watch=1&sendInitialEvents=true`)).status).toBe(422);
  });

  test('bookmarks come by the minute to those who want them, when there is news elsewhere', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a'));
    const watch = await rig.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=1&allowWatchBookmarks=true`);
    await rig.create(PODS, pod('p'));
    rig.clock.advance(60_000);
    expect(await watch.next()).toEqual({ type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '2' } } });
  });

  test('ends after timeoutSeconds, when the client goes, and when the registry stops', async () => {
    const rig = await start();
    const timed = await rig.watch(`${CONFIG_MAPS}?watch=1&timeoutSeconds=5`);
    const client = new AbortController();
    const left = await rig.watch(`${CONFIG_MAPS}?watch=1`, { signal: client.signal });
    const stopped = await rig.watch(`${CONFIG_MAPS}?watch=1`);
    rig.clock.advance(5_000);
    expect(await timed.next()).toBeUndefined();
    client.abort();
    expect(await left.next()).toBeUndefined();
    await rig.stop();
    expect(await stopped.next()).toBeUndefined();
  });

  test('events of one turn come in one piece', async () => {
    const rig = await start();
    const watch = await rig.watch(`${CONFIG_MAPS}?watch=1`);
    await Promise.all(Array.from({ length: 50 }, (_, i) => rig.create(CONFIG_MAPS, configMap(`c${i}`))));
    expect(await watch.take(50)).toHaveLength(50);
    expect(watch.pieces).toBeLessThan(10);
  });

  test('a client that does not keep up is cut off and told so; others are not', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, configMap('a'));
    const slow = await rig.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=1`);
    const entry = (await rig.backend.list('/registry/configmaps/')).entries[0]!;
    let expected = entry.modRevision;
    for (let i = 0; i <= EVENT_HISTORY_LIMIT; i++) {
      const result = await rig.backend.commit({ type: 'update', key: entry.key, value: entry.value, expected });
      expected = result.ok ? result.revision : 0;
    }
    await rig.send('GET', CONFIG_MAPS);
    expect(await slow.next()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(await slow.next()).toBeUndefined();
  });
});

describe('forms', () => {
  const get = async (rig: Rig, url: string, accept: string): ReturnType<Rig['send']> => rig.send('GET', url, undefined, { headers: { accept } });
  const table = (_resource: unknown, objects: readonly { metadata: object }[], options: { noHeaders?: boolean; listMeta?: object; includeObject?: string }): object => ({
    kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: options.listMeta, columnDefinitions: options.noHeaders === true ? [] : [{ name: 'Name' }], rows: objects.map((object) => ({ cells: [(object.metadata as { name: string }).name], object: null })),
  });

  test('YAML, pretty JSON, metadata only, and what is not on offer', async () => {
    const rig = await start();
    await rig.create(CONFIG_MAPS, { ...configMap('a'), data: { k: 'yes' } });
    const yaml = await get(rig, `${CONFIG_MAPS}/a`, 'application/yaml');
    expect([yaml.headers['content-type'], yaml.text]).toEqual(['application/yaml', expect.stringMatching(/^apiVersion: v1\ndata:\n {2}k: "yes"\nkind: ConfigMap\n/)]);
    expect((await get(rig, `${CONFIG_MAPS}/a?pretty=true`, 'application/json')).text).toMatch(/^\{\n {2}"kind": "ConfigMap",\n/);
    const partial = await get(rig, CONFIG_MAPS, 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1');
    expect(partial.body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }] });
    expect((await get(rig, `${CONFIG_MAPS}/a`, 'application/xml,application/json')).body.kind).toBe('ConfigMap');
    expect((await get(rig, `${CONFIG_MAPS}/a`, 'application/xml')).body).toMatchObject({ code: 406, reason: 'NotAcceptable' });
    expect((await get(rig, `${CONFIG_MAPS}/a`, '*/*')).status).toBe(200);
  });

  test('tables, for objects, lists and watches: the columns come once', async () => {
    const rig = await start({ options: { tableFor: table as never } });
    await rig.create(CONFIG_MAPS, configMap('a'));
    await rig.create(CONFIG_MAPS, configMap('b'));
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    expect((await get(rig, CONFIG_MAPS, accept)).body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '2' }, columnDefinitions: [{ name: 'Name' }], rows: [{ cells: ['a'], object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } }, { cells: ['b'] }] });
    const watch = await rig.watch(`${CONFIG_MAPS}?watch=1`, { headers: { accept } });
    await rig.create(CONFIG_MAPS, configMap('c'));
    const events = await watch.take(3);
    expect(events.map((event) => [event.type, event.object.columnDefinitions.length, event.object.rows[0].cells[0]])).toEqual([['ADDED', 1, 'a'], ['ADDED', 0, 'b'], ['ADDED', 0, 'c']]);
  });

  test('YAML bodies are read; other types are not', async () => {
    const rig = await start();
    const yaml = await rig.send('POST', CONFIG_MAPS, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: "1"\n', { headers: { 'content-type': 'application/yaml' } });
    expect([yaml.status, yaml.body.data]).toEqual([201, { k: '1' }]);
    expect((await rig.send('POST', CONFIG_MAPS, 'x', { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  });

  test('kinds of two versions share their storage', async () => {
    const rig = await start();
    const event = await rig.create('/api/v1/namespaces/default/events', {
      apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' }, reason: 'Started', message: 'm', type: 'Normal', source: { component: 'kubelet' }, firstTimestamp: '2023-11-14T22:13:20Z', lastTimestamp: '2023-11-14T22:13:20Z', count: 1,
    });
    const other = await rig.send('GET', '/apis/events.k8s.io/v1/namespaces/default/events/e');
    expect(other.body).toMatchObject({ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'e', uid: event.metadata.uid, resourceVersion: '1' }, regarding: { kind: 'Pod', name: 'p' }, note: 'm' });
    expect((await rig.send('GET', '/apis/events.k8s.io/v1/events')).body).toMatchObject({ kind: 'EventList', apiVersion: 'events.k8s.io/v1', items: [{ note: 'm' }] });
    const scaler = await rig.send('POST', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', {
      apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec: { scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, maxReplicas: 3, targetCPUUtilizationPercentage: 50 },
    });
    expect([scaler.status, scaler.body.apiVersion, scaler.body.spec.targetCPUUtilizationPercentage]).toEqual([201, 'autoscaling/v1', 50]);
    expect((await rig.send('GET', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/h')).body.spec.metrics[0]).toMatchObject({ type: 'Resource', resource: { name: 'cpu' } });
  });

  test('events go after an hour', async () => {
    const rig = await start();
    await rig.create('/api/v1/namespaces/default/events', { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, involvedObject: { namespace: 'default' } });
    rig.clock.advance(3_599_000);
    expect((await rig.send('GET', '/api/v1/events')).body.items).toHaveLength(1);
    rig.clock.advance(2_000);
    expect((await rig.send('GET', '/api/v1/events')).body.items).toEqual([]);
  });

  test('readers inside the server see frozen objects', async () => {
    const rig = await start();
    await rig.create(PODS, pod('a'));
    const seen = rig.resources.peek(Pods, 'default', 'a');
    expect(Object.isFrozen(seen?.metadata)).toBe(true);
    expect(rig.resources.peekAll(Pods)).toHaveLength(1);
    expect(rig.resources.peek(Pods, 'default', 'b')).toBeUndefined();
  });
});
