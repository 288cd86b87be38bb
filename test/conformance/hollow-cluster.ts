/** What the conformance tests of controllers run on: hollow nodes on the virtual clock, so that minutes of a cluster's time pass in moments. */
import { expect } from 'vitest';
import type { Pod, PodSpec, PodTemplateSpec } from '../../src/api/core/v1/types.ts';
import { pathOf, type Resource } from '../../src/api/meta/resource.ts';
import type { KubeObject } from '../../src/api/meta/v1/types.ts';
import type { DeleteOptions, ListOptions, PatchOptions, WatchEvent } from '../../src/client/types.ts';
import { Namespaces, Nodes, Pods, startCluster, StatusError, type TestCluster, type VirtualHost } from '../../src/testing/index.ts';

/** The image of a container that goes on for ever. */
export const steady = 'registry.example/pause:1';

export interface InNamespace {
  name: string;
  create<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>;
  get<T extends KubeObject>(resource: Resource<T>, name: string): Promise<T>;
  find<T extends KubeObject>(resource: Resource<T>, name: string): Promise<T | undefined>;
  list<T extends KubeObject>(resource: Resource<T>, labelSelector?: string): Promise<T[]>;
  update<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>;
  /** Reads, changes and writes until nobody else came in between. */
  edit<T extends KubeObject>(resource: Resource<T>, name: string, change: (object: T) => void): Promise<T>;
  patch<T extends KubeObject>(resource: Resource<T>, name: string, patch: unknown, options?: PatchOptions): Promise<T>;
  delete<T extends KubeObject>(resource: Resource<T>, name: string, options?: DeleteOptions): Promise<void>;
  deleteCollection<T extends KubeObject>(resource: Resource<T>, options?: ListOptions & DeleteOptions): Promise<void>;
  /** GET and PUT of a subresource. */
  getSubresource<R>(resource: Resource, name: string, subresource: string): Promise<R>;
  updateSubresource<B>(resource: Resource, name: string, subresource: string, body: B): Promise<B>;
  pods(labelSelector?: string): Promise<Pod[]>;
  until(what: string, condition: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>;
  gone<T extends KubeObject>(resource: Resource<T>, name: string): Promise<void>;
}

export interface HollowCluster {
  cluster: TestCluster;
  run<T>(work: Promise<T>): Promise<T>;
  advance(ms: number): Promise<void>;
  /** A new namespace; `cluster` itself where the name is ''. */
  namespace(labels?: Record<string, string>): Promise<InNamespace>;
  clusterScope: InNamespace;
  stop(): Promise<void>;
}

function scope(cluster: TestCluster, run: HollowCluster['run'], name: string): InNamespace {
  const of = <T extends KubeObject>(resource: Resource<T>) => (resource.namespaced && name !== '' ? cluster.client.of(resource).inNamespace(name) : cluster.client.of(resource));
  const within: InNamespace = {
    name,
    create: (resource, object) => run(of(resource).create(object)),
    get: (resource, each) => run(of(resource).get(each)),
    find: (resource, each) => run(of(resource).get(each).catch((error: unknown) => {
      if (error instanceof StatusError && error.code === 404) return undefined;
      throw error;
    })),
    list: async (resource, labelSelector) => (await run(of(resource).list(labelSelector === undefined ? {} : { labelSelector }))).items,
    update: (resource, object) => run(of(resource).update(object)),
    async edit(resource, each, change) {
      for (;;) {
        const object = structuredClone(await within.get(resource, each));
        change(object);
        try {
          return await within.update(resource, object);
        } catch (error) {
          if (!(error instanceof StatusError) || error.status.reason !== 'Conflict') throw error;
        }
      }
    },
    patch: (resource, each, patch, options) => run(of(resource).patch(each, patch, options)),
    delete: (resource, each, options) => run(of(resource).delete(each, options)),
    deleteCollection: (resource, options) => run(of(resource).deleteCollection(options)),
    getSubresource: (resource, each, subresource) => run(of(resource).getSubresource(each, subresource)),
    updateSubresource: (resource, each, subresource, body) => run(of(resource).updateSubresource(each, subresource, body)),
    pods: (labelSelector) => within.list(Pods, labelSelector),
    until: (what, condition, limitMs = 300_000) => cluster.until(what, condition, limitMs),
    gone: (resource, each) => within.until(`${resource.kind} ${each} is gone`, async () => (await within.find(resource, each)) === undefined),
  };
  return within;
}

export async function hollowCluster(nodes = 3, seed = 'conformance'): Promise<HollowCluster> {
  const cluster = await startCluster({ nodes, clock: 'virtual', seed });
  const { clock } = cluster.host as VirtualHost;
  async function run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    work.finally(() => (done = true)).catch(() => undefined);
    if (!(await clock.runUntil(() => done, 600_000))) throw new Error('not answered within ten minutes');
    return work;
  }
  const clusterScope = scope(cluster, run, '');
  await clusterScope.until('nodes are ready', async () => (await clusterScope.list(Nodes)).filter(isReady).length === nodes);
  let serial = 0;
  return {
    cluster, run, clusterScope, advance: (ms) => cluster.advance(ms),
    async namespace(labels = {}) {
      const name = `test-${serial++}`;
      await clusterScope.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
      return scope(cluster, run, name);
    },
    stop: () => cluster.stop(),
  };
}

export const isReady = (object: { status?: { conditions?: readonly { type: string; status: string }[] } }): boolean =>
  object.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;

export function template(labels: Record<string, string>, image = steady, spec: Partial<PodSpec> = {}, annotations?: Record<string, string>): PodTemplateSpec {
  return { metadata: { labels, ...(annotations ? { annotations } : {}) }, spec: { terminationGracePeriodSeconds: 1, ...spec, containers: spec.containers ?? [{ name: 'c', image }] } };
}

export function podOf(name: string, labels: Record<string, string> = {}, spec: Partial<PodSpec> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: steady }], ...spec } };
}

/** Reading, updating and patching `/status`: what was written is there, and a watch tells of it. */
export async function checkStatusEndpoints<T extends KubeObject & { status?: { conditions?: object[] } }>(hollow: HollowCluster, within: InNamespace, resource: Resource<T>, name: string): Promise<void> {
  const condition = (type: string): object => ({ type, status: 'True', reason: 'E2E', message: 'Set from a conformance test', ...(resource.kind === 'CronJob' ? {} : { lastTransitionTime: '2030-01-01T00:00:00Z' }) });
  const has = (object: T, type: string): boolean => (object.status?.conditions ?? []).some((each) => (each as { type: string }).type === type);
  const abort = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    const watch: AsyncIterable<WatchEvent<T>> = hollow.cluster.client.of(resource).inNamespace(within.name).watch({ fieldSelector: `metadata.name=${name}`, signal: abort.signal });
    for await (const { object } of watch) for (const type of ['StatusUpdate', 'StatusPatched']) if (has(object, type)) seen.push(type);
  })().catch(() => undefined);
  expect((await within.getSubresource<T>(resource, name, 'status')).metadata.name).toBe(name);
  for (let written = false; !written;) {
    const object = structuredClone(await within.get(resource, name));
    object.status = { ...object.status, conditions: [...(object.status?.conditions ?? []), condition('StatusUpdate')] } as T['status'];
    written = await within.updateSubresource(resource, name, 'status', object).then(() => true, (error: unknown) => {
      if (error instanceof StatusError && error.status.reason === 'Conflict') return false;
      throw error;
    });
  }
  await within.until('the watch tells of the update', () => seen.includes('StatusUpdate'));
  await within.patch(resource, name, { status: { conditions: [condition('StatusPatched')] } }, { subresource: 'status', type: 'merge' });
  await within.until('the watch tells of the patch', () => seen.includes('StatusPatched'));
  abort.abort();
  await hollow.run(watching);
}

/** The scale subresource: read, raised, and followed. */
export async function checkScale(within: InNamespace, resource: Resource, name: string, from: number, to: number): Promise<void> {
  interface Scale { kind: string; spec?: { replicas?: number }; status?: { replicas?: number } }
  const scale = await within.getSubresource<Scale>(resource, name, 'scale');
  expect([scale.kind, scale.spec?.replicas]).toEqual(['Scale', from]);
  await within.updateSubresource(resource, name, 'scale', { ...scale, spec: { replicas: to } });
  expect((await within.get(resource, name) as { spec?: { replicas?: number } } & KubeObject).spec?.replicas).toBe(to);
  await within.until('the scale is reached', async () => (await within.getSubresource<Scale>(resource, name, 'scale')).status?.replicas === to);
  expect(pathOf(resource, { namespace: within.name, name })).toContain(name);
}
