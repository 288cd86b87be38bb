/** What the requirements on API operations have in common: a resource is discovered, and each verb does what it says and is told to a watch. */
import { expect } from 'vitest';
import type { Resource } from '../../src/api/meta/resource.ts';
import type { KubeObject } from '../../src/api/meta/v1/types.ts';
import type { ListOptions, ResourceClient, WatchEvent } from '../../src/client/types.ts';
import { StatusError } from '../../src/testing/index.ts';
import type { HollowCluster, InNamespace } from './hollow-cluster.ts';

export interface Watched {
  /** `TYPE name` of each event, with the labels' values behind it. */
  seen: string[];
  stop(): Promise<void>;
}

/** Tells each event of a watch from now on, however late the watch itself begins. */
export async function watching<T extends KubeObject>(hollow: HollowCluster, client: ResourceClient<T>, options: ListOptions): Promise<Watched> {
  const { resourceVersion } = (await hollow.run(client.list(options))).metadata;
  const abort = new AbortController();
  const seen: string[] = [];
  const ended = (async () => {
    const events: AsyncIterable<WatchEvent<T>> = client.watch({ ...options, ...(resourceVersion === undefined ? {} : { resourceVersion }), signal: abort.signal });
    for await (const { type, object } of events) seen.push([type, object.metadata.name, ...Object.entries(object.metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`).sort()].join(' '));
  })().catch(() => undefined);
  return {
    seen,
    async stop() {
      abort.abort();
      await hollow.run(ended);
    },
  };
}

/** The error of a call that has to fail. */
export async function refusal(call: Promise<unknown>): Promise<StatusError> {
  const error = await call.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof StatusError)) throw new Error(`expected a refusal, found ${String(error)}`);
  return error;
}

const operations = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The group, its version, the resource with all verbs and the subresources stand in the discovery documents. */
export async function checkDiscovery(hollow: HollowCluster, resource: Resource, subresources: readonly string[] = []): Promise<void> {
  const { group, version } = resource;
  const read = <R>(path: string): Promise<R> => hollow.run(hollow.cluster.client.request<R>({ method: 'GET', path }));
  const groupVersion = group === '' ? version : `${group}/${version}`;
  if (group !== '') {
    const groups = await read<{ groups: { name: string; versions: { groupVersion: string }[] }[] }>('/apis');
    expect(groups.groups.find(({ name }) => name === group)?.versions.map((each) => each.groupVersion)).toContain(groupVersion);
    expect((await read<{ versions: { groupVersion: string }[] }>(`/apis/${group}`)).versions.map((each) => each.groupVersion)).toContain(groupVersion);
  }
  const { resources } = await read<{ resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[] }>(group === '' ? `/api/${version}` : `/apis/${groupVersion}`);
  const found = resources.find(({ name }) => name === resource.plural);
  expect([found?.kind, found?.namespaced, found?.verbs.toSorted()]).toEqual([resource.kind, resource.namespaced, operations]);
  for (const subresource of subresources) expect(resources.find(({ name }) => name === `${resource.plural}/${subresource}`)?.verbs.toSorted()).toEqual(['get', 'patch', 'update']);
}

/** Create, get, list in the namespace and everywhere, watch, patch, update, delete and delete of a collection, each seen by a reader and by the watch. */
export async function checkOperations<T extends KubeObject>(hollow: HollowCluster, within: InNamespace, resource: Resource<T>, make: (name: string) => T): Promise<void> {
  const group = `of-${resource.plural}`;
  const labelSelector = `test=${group}`;
  const name = (i: number): string => make(`${resource.plural}-${i}`).metadata.name!;
  const labelled = (i: number): T => {
    const object = make(`${resource.plural}-${i}`);
    return { ...object, metadata: { ...object.metadata, labels: { test: group } } };
  };
  const everywhere = hollow.cluster.client.of(resource);
  const client = resource.namespaced ? everywhere.inNamespace(within.name) : everywhere;
  const names = async (from: ResourceClient<T>): Promise<string[]> => (await hollow.run(from.list({ labelSelector }))).items.map((each) => each.metadata.name!).sort();
  const watch = await watching(hollow, client, { labelSelector });

  for (const i of [1, 2, 3]) expect((await within.create(resource, labelled(i))).metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  expect((await refusal(within.create(resource, labelled(1)))).status.reason).toBe('AlreadyExists');
  expect((await within.get(resource, name(1))).metadata.labels).toMatchObject({ test: group });
  expect(await names(client)).toEqual([1, 2, 3].map(name).sort());
  expect(await names(everywhere)).toEqual([1, 2, 3].map(name).sort());

  await within.patch(resource, name(1), { metadata: { labels: { patched: 'yes' } } }, { type: 'merge' });
  expect((await within.get(resource, name(1))).metadata.labels).toMatchObject({ test: group, patched: 'yes' });
  await within.edit(resource, name(1), (object) => (object.metadata.labels = { ...object.metadata.labels, updated: 'yes' }));
  expect((await within.get(resource, name(1))).metadata.labels).toMatchObject({ patched: 'yes', updated: 'yes' });

  await within.delete(resource, name(1));
  await within.gone(resource, name(1));
  expect((await refusal(within.get(resource, name(1)))).status.reason).toBe('NotFound');
  expect(await names(client)).toEqual([2, 3].map(name).sort());
  await within.deleteCollection(resource, { labelSelector });
  await within.until('the collection is gone', async () => (await names(everywhere)).length === 0);

  const expected = [
    ...[1, 2, 3].map((i) => `ADDED ${name(i)} test=${group}`), `MODIFIED ${name(1)} patched=yes test=${group}`, `MODIFIED ${name(1)} patched=yes test=${group} updated=yes`,
    `DELETED ${name(1)} patched=yes test=${group} updated=yes`, ...[2, 3].map((i) => `DELETED ${name(i)} test=${group}`),
  ];
  await within.until('the watch tells of each change', () => expected.every((event) => watch.seen.includes(event)), 30_000).catch(() => expect(watch.seen).toEqual(expect.arrayContaining(expected)));
  await watch.stop();
}
