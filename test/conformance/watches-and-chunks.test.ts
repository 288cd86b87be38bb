/** The requirements on watches and on lists in chunks, by their names, over HTTPS with the typed client. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConfigMap, PodTemplate } from '../../src/api/core/v1/types.ts';
import { ConfigMaps, Namespaces, PodTemplates } from '../../src/api/resources.ts';
import type { ResourceClient, WatchOptions } from '../../src/client/types.ts';
import { memoryBackend } from '../../src/store/memory.ts';
import { nodeHost } from '../../src/host/node/index.ts';
import { eventually, startTestServer, type TestServer } from './server.ts';

const host = nodeHost({ logLevel: 'silent' });
const backend = memoryBackend({ clock: host.clock });
let server: TestServer;
let namespaces = 0;
beforeAll(async () => {
  server = await startTestServer({ backend });
}, 60_000);
const others: TestServer[] = [];
afterAll(async () => {
  for (const one of [...others, server]) await one.stop();
});

async function inNewNamespace(): Promise<{ maps: ResourceClient<ConfigMap>; templates: ResourceClient<PodTemplate> }> {
  const name = `watchers-${namespaces++}`;
  await server.remote.of(Namespaces).create({ metadata: { name } });
  return { maps: server.remote.of(ConfigMaps).inNamespace(name), templates: server.remote.of(PodTemplates).inNamespace(name) };
}

interface Heard { type: string; name: string; version: string; data: string | undefined }

/** A watch that writes down what it hears, until it is stopped. */
function listen(maps: ResourceClient<ConfigMap>, options: WatchOptions): { heard: Heard[]; stop(): Promise<void> } {
  const abort = new AbortController();
  const heard: Heard[] = [];
  const done = (async () => {
    for await (const { type, object } of maps.watch({ timeoutSeconds: 60, ...options, signal: abort.signal })) {
      heard.push({ type, name: object.metadata.name!, version: object.metadata.resourceVersion!, data: object.data?.['mutation'] });
    }
  })().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return {
    heard,
    async stop() {
      abort.abort();
      await done;
    },
  };
}

const forms = (heard: Heard[]): string[] => heard.map(({ type, name, data }) => `${type} ${name} ${data ?? '-'}`);
const label = (value: string) => ({ 'watch-this-configmap': value });
const map = (name: string, value: string): ConfigMap => ({ metadata: { name, labels: label(value) } });
const change = (maps: ResourceClient<ConfigMap>, name: string, mutation: string) => maps.patch(name, { data: { mutation } }, { type: 'merge' });
const versionOf = async (maps: ResourceClient<ConfigMap>): Promise<string> => (await maps.list()).metadata.resourceVersion ?? '';

test('[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps [Conformance]', async () => {
  const { maps } = await inNewNamespace();
  const resourceVersion = await versionOf(maps);
  const a = listen(maps, { resourceVersion, labelSelector: 'watch-this-configmap=a' });
  const b = listen(maps, { resourceVersion, labelSelector: 'watch-this-configmap=b' });
  const both = listen(maps, { resourceVersion, labelSelector: 'watch-this-configmap in (a,b)' });
  await maps.create(map('map-a', 'a'));
  await change(maps, 'map-a', '1');
  await change(maps, 'map-a', '2');
  await maps.delete('map-a');
  await maps.create(map('map-b', 'b'));
  await maps.delete('map-b');
  await maps.create(map('map-c', 'c'));
  const ofA = ['ADDED map-a -', 'MODIFIED map-a 1', 'MODIFIED map-a 2', 'DELETED map-a 2'];
  const ofB = ['ADDED map-b -', 'DELETED map-b -'];
  await eventually(host, () => {
    expect(forms(a.heard)).toEqual(ofA);
    expect(forms(b.heard)).toEqual(ofB);
    expect(forms(both.heard)).toEqual([...ofA, ...ofB]);
  });
  await Promise.all([a.stop(), b.stop(), both.stop()]);
});

test('[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]', async () => {
  const { maps } = await inNewNamespace();
  await maps.create(map('map', 'from'));
  const first = await change(maps, 'map', '1');
  await change(maps, 'map', '2');
  await maps.delete('map');
  const watch = listen(maps, { resourceVersion: first.metadata.resourceVersion! });
  await eventually(host, () => expect(forms(watch.heard)).toEqual(['MODIFIED map 2', 'DELETED map 2']));
  await watch.stop();
});

test('[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch [Conformance]', async () => {
  const { maps } = await inNewNamespace();
  const first = listen(maps, { resourceVersion: await versionOf(maps) });
  await maps.create(map('map', 'restarted'));
  await change(maps, 'map', '1');
  await eventually(host, () => expect(forms(first.heard)).toEqual(['ADDED map -', 'MODIFIED map 1']));
  await first.stop();
  await change(maps, 'map', '2');
  const second = listen(maps, { resourceVersion: first.heard.at(-1)!.version });
  await maps.delete('map');
  await eventually(host, () => expect(forms(second.heard)).toEqual(['MODIFIED map 2', 'DELETED map 2']));
  await second.stop();
});

test('[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector [Conformance]', async () => {
  const { maps } = await inNewNamespace();
  const watch = listen(maps, { resourceVersion: await versionOf(maps), labelSelector: 'watch-this-configmap=label-changed' });
  const relabel = (value: string) => maps.patch('map', { metadata: { labels: label(value) } }, { type: 'merge' });
  await maps.create(map('map', 'label-changed'));
  await change(maps, 'map', '1');
  await relabel('wrong-value');
  await change(maps, 'map', '2');
  await relabel('label-changed');
  await change(maps, 'map', '3');
  await maps.delete('map');
  await eventually(host, () => expect(forms(watch.heard)).toEqual(['ADDED map -', 'MODIFIED map 1', 'DELETED map 1', 'ADDED map 2', 'MODIFIED map 3', 'DELETED map 3']));
  await watch.stop();
});

test('[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]', async () => {
  const { maps } = await inNewNamespace();
  const first = listen(maps, { resourceVersion: await versionOf(maps) });
  let writing = true;
  const writer = (async () => {
    for (let i = 0; writing; i++) {
      const name = `cm-${i % 5}`;
      const present = i >= 5 && i % 3 !== 0;
      if (present) await maps.patch(name, { data: { mutation: String(i) } }, { type: 'merge' }).catch(() => undefined);
      else await maps.create(map(name, 'x')).catch(() => maps.delete(name).catch(() => undefined));
    }
  })();
  const later: { from: number; watch: ReturnType<typeof listen> }[] = [];
  for (let i = 0; i < 20; i++) {
    await eventually(host, () => expect(first.heard.length).toBeGreaterThan(i * 3));
    later.push({ from: i * 3, watch: listen(maps, { resourceVersion: first.heard[i * 3]!.version }) });
  }
  writing = false;
  await writer;
  const last = await maps.create(map('last', 'x'));
  for (const one of [first, ...later.map(({ watch }) => watch)]) await eventually(host, () => expect(one.heard.at(-1)?.version).toBe(last.metadata.resourceVersion));
  for (const { from, watch } of later) expect(watch.heard).toEqual(first.heard.slice(from + 1));
  await Promise.all([first.stop(), ...later.map(({ watch }) => watch.stop())]);
}, 30_000);

const total = 400;
async function manyTemplates(): Promise<ResourceClient<PodTemplate>> {
  const { templates } = await inNewNamespace();
  const names = Array.from({ length: total }, (_, i) => `template-${String(i).padStart(4, '0')}`);
  for (let i = 0; i < total; i += 20) await Promise.all(names.slice(i, i + 20).map((name) => templates.create({ metadata: { name }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'test', image: 'test2' }] } } })));
  return templates;
}

test('[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls [Conformance]', async () => {
  const templates = await manyTemplates();
  for (const limit of [17, 100, 133, 400]) {
    let next: string | undefined;
    let version: string | undefined;
    let found = 0;
    do {
      const { items, metadata } = await templates.list({ limit, ...(next ? { continue: next } : {}) });
      version ??= metadata.resourceVersion;
      expect(metadata.resourceVersion).toBe(version);
      expect(items.length).toBeLessThanOrEqual(limit);
      for (const { metadata: { name } } of items) expect(name).toBe(`template-${String(found++).padStart(4, '0')}`);
      next = metadata.continue;
      if (next) expect(metadata.remainingItemCount).toBe(total - found);
      else expect(metadata.remainingItemCount).toBeUndefined();
    } while (next);
    expect(found).toBe(total);
  }
  const whole = await templates.list();
  expect([whole.items.length, whole.metadata.continue ?? '']).toEqual([total, '']);
}, 60_000);

test('[sig-api-machinery] Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow] [Conformance]', async () => {
  const before = await manyTemplates();
  const first = await before.list({ limit: 40 });
  expect([first.items.length, first.metadata.remainingItemCount]).toEqual([40, total - 40]);
  // What takes five minutes elsewhere: the version that the first page shows is forgotten, by the store and by a server's memory.
  await before.create({ metadata: { name: 'zzz' }, template: { spec: { containers: [{ name: 'test', image: 'test2' }] } } });
  await backend.compact(await backend.revision());
  const later = await startTestServer({ backend });
  others.push(later);
  const templates = later.remote.of(PodTemplates).inNamespace(first.items[0]!.metadata.namespace!);
  const expired = await templates.list({ limit: 40, continue: first.metadata.continue! }).then(() => undefined, (error: { code: number; status: { reason: string; metadata?: { continue?: string } } }) => error);
  expect([expired?.code, expired?.status.reason]).toEqual([410, 'Expired']);
  const second = await templates.list({ limit: 40, continue: expired!.status.metadata!.continue! });
  expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
  expect(second.items[0]!.metadata.name).toBe('template-0040');
  let found = 80;
  expect(second.metadata.remainingItemCount).toBe(total + 1 - found);
  for (let next = second.metadata.continue; next; ) {
    const { items, metadata } = await templates.list({ limit: 40, continue: next });
    expect(metadata.resourceVersion).toBe(second.metadata.resourceVersion);
    found += items.length;
    next = metadata.continue;
    if (next) expect(metadata.remainingItemCount).toBe(total + 1 - found);
  }
  expect(found).toBe(total + 1);
}, 60_000);
