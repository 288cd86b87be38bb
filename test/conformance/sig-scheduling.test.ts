/** The scheduling part of the conformance requirements, in a cluster of hollow nodes. The titles are the requirements' code names. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LimitRange, Pod, PodSpec } from '../../src/api/core/v1/types.ts';
import type { PriorityClass } from '../../src/api/scheduling/v1/types.ts';
import { Events, LimitRanges, Namespaces, Nodes, Pods, PriorityClasses, ReplicaSets, startCluster, StatusError, type TestCluster } from '../../src/testing/index.ts';

const NODES = 3;
const FOO = 'scheduling.k8s.io/foo';
const FOO_PER_NODE = 5;

let cluster: TestCluster;
let serial = 0;

beforeAll(async () => {
  cluster = await startCluster({ nodes: NODES, nodeCpus: 4 });
  await cluster.until('nodes are ready', async () => (await cluster.client.of(Nodes).list()).items.filter((node) => node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')).length === NODES);
  for (const node of (await cluster.client.of(Nodes).list()).items) {
    await cluster.client.of(Nodes).patch(node.metadata.name!, { status: { capacity: { [FOO]: String(FOO_PER_NODE) }, allocatable: { [FOO]: String(FOO_PER_NODE) } } }, { subresource: 'status', type: 'merge' });
  }
}, 60_000);
afterAll(() => cluster.stop());

/** A namespace of its own, and what is done in it. */
async function inNamespace(labels: Record<string, string> = {}) {
  const name = `sched-${serial++}`;
  await cluster.client.of(Namespaces).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  const pods = cluster.client.of(Pods).inNamespace(name);
  const podOf = (podName: string, spec: Partial<PodSpec> & { requests?: Record<string, string> } = {}, metadata: Partial<Pod['metadata']> = {}): Pod => {
    const { requests, ...rest } = spec;
    return {
      apiVersion: 'v1', kind: 'Pod', metadata: { name: podName, ...metadata },
      spec: { terminationGracePeriodSeconds: 0, ...rest, containers: rest.containers ?? [{ name: 'pause', image: 'registry.k8s.io/pause:3.10.1', ...(requests ? { resources: { requests, limits: requests } } : {}) }] },
    };
  };
  await cluster.until('the namespace has its service account', async () => {
    try {
      await pods.create(podOf('probe'), { dryRun: true });
      return true;
    } catch {
      return false;
    }
  });
  return {
    name, pods, podOf,
    create: (...args: Parameters<typeof podOf>): Promise<Pod> => pods.create(podOf(...args)),
    running: (...names: string[]) => cluster.until(`running: ${names.join(', ')}`, async () => {
      const all = await Promise.all(names.map((each) => pods.get(each).catch(() => undefined)));
      return all.every((pod) => pod?.status?.phase === 'Running');
    }),
    gone: (podName: string) => cluster.until(`${podName} is gone`, async () => (await pods.get(podName).catch((error: unknown) => (error instanceof StatusError && error.code === 404 ? 'gone' : undefined))) === 'gone'),
    /** Resolves with the message under which the pod was not placed. */
    async notPlaced(podName: string): Promise<string> {
      let message = '';
      await cluster.until(`${podName} is told why it cannot be placed`, async () => {
        const { items } = await cluster.client.of(Events).inNamespace(name).list();
        message = items.find((event) => event.involvedObject.name === podName && event.reason === 'FailedScheduling')?.message ?? '';
        return message !== '';
      });
      expect((await pods.get(podName)).spec?.nodeName ?? '').toBe('');
      return message;
    },
    end: async () => {
      await pods.deleteCollection({ gracePeriodSeconds: 0 });
      await cluster.until('its pods are gone', async () => (await pods.list()).items.length === 0);
    },
  };
}

async function withClasses(classes: Record<string, number>, work: () => Promise<void>): Promise<void> {
  const api = cluster.client.of(PriorityClasses);
  for (const [name, value] of Object.entries(classes)) await api.create({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value });
  try {
    await work();
  } finally {
    for (const name of Object.keys(classes)) await api.delete(name);
  }
}

const nodeNames = async (): Promise<string[]> => (await cluster.client.of(Nodes).list()).items.map((node) => node.metadata.name!);
const onNode = (name: string): Partial<PodSpec> => ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }] } } } });

describe('LimitRange', () => {
  const limits = (name: string, labels: Record<string, string> = {}): LimitRange => ({
    apiVersion: 'v1', kind: 'LimitRange', metadata: { name, labels },
    spec: {
      limits: [{
        type: 'Container', min: { cpu: '50m', memory: '100Mi' }, max: { cpu: '500m', memory: '500Mi' },
        default: { cpu: '500m', memory: '500Mi' }, defaultRequest: { cpu: '100m', memory: '200Mi' }, maxLimitRequestRatio: {},
      }],
    },
  });

  test('[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]', async () => {
    const space = await inNamespace();
    const ranges = cluster.client.of(LimitRanges).inNamespace(space.name);
    await ranges.create(limits('limit-range'));
    const resourcesOf = async (pod: Pod) => {
      // The range takes hold once the admission plug-in has seen it.
      let created: Pod | undefined;
      await cluster.until('the limit range is in force', async () => {
        created = await space.pods.create(pod, { dryRun: true });
        return created.spec?.containers[0]?.resources?.limits?.['memory'] !== undefined;
      });
      return created!.spec!.containers[0]!.resources;
    };
    expect(await resourcesOf(space.podOf('defaults'))).toEqual({ requests: { cpu: '100m', memory: '200Mi' }, limits: { cpu: '500m', memory: '500Mi' } });
    const some: Pod = space.podOf('some', { containers: [{ name: 'c', image: 'app', resources: { requests: { memory: '150Mi' }, limits: { cpu: '300m' } } }] });
    // What is stated stays; a limit without a request becomes the request.
    expect(await resourcesOf(some)).toEqual({ requests: { cpu: '300m', memory: '150Mi' }, limits: { cpu: '300m', memory: '500Mi' } });
    for (const [name, requests] of [['below', { cpu: '10m', memory: '50Mi' }], ['above', { cpu: '600m', memory: '600Mi' }]] as const) {
      await expect(space.create(name, { requests })).rejects.toMatchObject({ code: 403 });
    }
    const range = await ranges.get('limit-range');
    await ranges.update({ ...range, spec: { limits: [{ ...range.spec!.limits[0]!, min: { cpu: '9m', memory: '49Mi' } }] } });
    await cluster.until('the new minimum is in force', async () => space.pods.create(space.podOf('small', { requests: { cpu: '10m', memory: '50Mi' } }), { dryRun: true }).then(() => true, () => false));
    await ranges.delete('limit-range');
    await cluster.until('the limit range is gone', async () => (await ranges.list()).items.length === 0);
  });

  test('[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection [Conformance]', async () => {
    const label = { 'e2e-test': `limit-${serial}` };
    const [first, second] = [await inNamespace(), await inNamespace()];
    const all = cluster.client.of(LimitRanges);
    await all.inNamespace(first.name).create(limits('one', label));
    await all.inNamespace(second.name).create(limits('one', label));
    const selector = `e2e-test=${label['e2e-test']}`;
    expect((await all.list({ labelSelector: selector })).items).toHaveLength(2);
    const patched = await all.inNamespace(first.name).patch('one', { metadata: { labels: { one: 'patched' } }, spec: { limits: [{ type: 'Container', max: { memory: '1Gi' } }] } });
    expect(patched.metadata.labels).toMatchObject({ one: 'patched' });
    expect(patched.spec?.limits[0]?.max?.['memory']).toBe('1Gi');
    await all.inNamespace(first.name).deleteCollection({ labelSelector: 'one=patched' });
    expect((await all.list({ labelSelector: selector })).items.map((item) => item.metadata.namespace)).toEqual([second.name]);
  });
});

describe('SchedulerPredicates', () => {
  test('[sig-scheduling] SchedulerPredicates [Serial] validates resource limits of pods that are allowed to run [Conformance]', async () => {
    const space = await inNamespace();
    const names = await nodeNames();
    // Fill each node up to a little less than half a processor.
    for (const name of names) await space.create(`filler-${name}`, { ...onNode(name), requests: { cpu: '3600m' } });
    await space.running(...names.map((name) => `filler-${name}`));
    await space.create('additional', { requests: { cpu: '500m' } });
    expect(await space.notPlaced('additional')).toMatch(new RegExp(`^0/${NODES} nodes are available: ${NODES} Insufficient cpu\\.`));
    await space.end();
  });

  test('[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if not matching [Conformance]', async () => {
    const space = await inNamespace();
    await space.create('restricted', { nodeSelector: { label: 'nonempty' } });
    expect(await space.notPlaced('restricted')).toMatch(new RegExp(`^0/${NODES} nodes are available: ${NODES} node\\(s\\) didn't match Pod's node affinity/selector\\.`));
    await space.end();
  });

  test('[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if matching [Conformance]', async () => {
    const space = await inNamespace();
    const [, node] = await nodeNames();
    const key = `kubernetes.io/e2e-${serial}`;
    await cluster.client.of(Nodes).patch(node!, { metadata: { labels: { [key]: '42' } } });
    await space.create('with-labels', { nodeSelector: { [key]: '42' } });
    await space.running('with-labels');
    expect((await space.pods.get('with-labels')).spec?.nodeName).toBe(node);
    await cluster.client.of(Nodes).patch(node!, { metadata: { labels: { [key]: null } } }, { type: 'merge' });
    await space.end();
  });

  test('[sig-scheduling] SchedulerPredicates [Serial] validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP [Conformance]', async () => {
    const space = await inNamespace();
    const [node] = await nodeNames();
    const listening = (hostIP: string): Partial<PodSpec> => ({ ...onNode(node!), containers: [{ name: 'c', image: 'app', ports: [{ containerPort: 8080, hostPort: 54_322, protocol: 'TCP', ...(hostIP === '' ? {} : { hostIP }) }] }] });
    await space.create('pod4', listening(''));
    await space.running('pod4');
    await space.create('pod5', listening('127.0.0.1'));
    expect(await space.notPlaced('pod5')).toContain("didn't have free ports for the requested pod ports");
    await space.end();
  });
});

describe('SchedulerPreemption', () => {
  /** On each node two pods that take two of its five units: one of the lowest priority, the rest of medium. */
  async function fillNodes(space: Awaited<ReturnType<typeof inNamespace>>, low: string, medium: string): Promise<string[]> {
    const names: string[] = [];
    for (const [i, node] of (await nodeNames()).entries()) {
      for (const half of [0, 1]) {
        const name = `pod${i}-${half}`;
        names.push(name);
        await space.create(name, { ...onNode(node), priorityClassName: names.length === 1 ? low : medium, requests: { [FOO]: '2' } });
      }
    }
    await space.running(...names);
    return names;
  }

  test('[sig-scheduling] SchedulerPreemption [Serial] validates basic preemption works [Conformance]', () => withClasses({ 'basic-low': 1, 'basic-medium': 100, 'basic-high': 1000 }, async () => {
    const space = await inNamespace();
    const [victim, ...others] = await fillNodes(space, 'basic-low', 'basic-medium');
    await space.create('preemptor', { priorityClassName: 'basic-high', requests: { [FOO]: '2' } });
    await space.running('preemptor');
    await space.gone(victim!);
    // Nobody else had to go.
    await space.running(...others);
    await space.end();
  }));

  test('[sig-scheduling] SchedulerPreemption [Serial] validates lower priority pod preemption by critical pod [Conformance]', () => withClasses({ 'critical-low': 1, 'critical-medium': 100 }, async () => {
    const space = await inNamespace();
    const [victim, ...others] = await fillNodes(space, 'critical-low', 'critical-medium');
    const system = cluster.client.of(Pods).inNamespace('kube-system');
    await system.create(space.podOf('critical-pod', { priorityClassName: 'system-cluster-critical', requests: { [FOO]: '2' } }));
    await cluster.until('the critical pod runs', async () => (await system.get('critical-pod')).status?.phase === 'Running');
    await space.gone(victim!);
    await space.running(...others);
    await system.delete('critical-pod', { gracePeriodSeconds: 0 });
    await space.end();
  }));

  test('[sig-scheduling] SchedulerPreemption [Serial] validates pod disruption condition is added to the preempted pod [Conformance]', () => withClasses({ 'condition-low': 1, 'condition-high': 1000 }, async () => {
    const space = await inNamespace();
    const [node] = await nodeNames();
    await space.create('victim', { ...onNode(node!), priorityClassName: 'condition-low', requests: { [FOO]: '5' } }, { finalizers: ['example.com/test-finalizer'] });
    await space.running('victim');
    await space.create('preemptor', { ...onNode(node!), priorityClassName: 'condition-high', requests: { [FOO]: '5' } });
    await cluster.until('the victim is being deleted', async () => (await space.pods.get('victim')).metadata.deletionTimestamp !== undefined);
    const victim = await space.pods.get('victim');
    expect(victim.status?.conditions?.find((condition) => condition.type === 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'PreemptionByScheduler' });
    await space.pods.patch('victim', { metadata: { finalizers: null } }, { type: 'merge' });
    await space.gone('victim');
    await space.running('preemptor');
    await space.end();
  }));

  test('[sig-scheduling] SchedulerPreemption [Serial] PreemptionExecutionPath runs ReplicaSets to verify preemption running path [Conformance]', () => withClasses({ p1: 1, p2: 2, p3: 3, p4: 4 }, async () => {
    const space = await inNamespace();
    const [node] = await nodeNames();
    const sets = cluster.client.of(ReplicaSets).inNamespace(space.name);
    const created: Record<number, number> = {};
    const watching = new AbortController();
    const seen = new Set<string>();
    const watch = (async () => {
      for await (const { object } of space.pods.watch({ signal: watching.signal })) {
        const priority = Number(object.metadata.labels?.['name']?.slice(-1));
        if (seen.has(object.metadata.uid!) || !Number.isInteger(priority)) continue;
        seen.add(object.metadata.uid!);
        created[priority] = (created[priority] ?? 0) + 1;
      }
    })().catch(() => undefined);
    const run = async (priority: number, replicas: number): Promise<void> => {
      const name = `rs-pod${priority}`;
      const labels = { name };
      await sets.create({
        apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name },
        spec: {
          replicas, selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { ...space.podOf('x', { ...onNode(node!), priorityClassName: `p${priority}`, requests: { [FOO]: '1' } }).spec! } },
        },
      });
      await cluster.until(`${name} has ${replicas} pods that run`, async () => (await sets.get(name)).status?.readyReplicas === replicas);
    };
    // Five units: one, one and three pods fill the node; two more of the highest priority push out the lowest.
    await run(1, 1);
    await run(2, 1);
    await run(3, 3);
    await run(4, 2);
    await cluster.until('the lowest two have lost their pods, the third kept them', async () => {
      const ready = await Promise.all([1, 2, 3].map(async (priority) => (await sets.get(`rs-pod${priority}`)).status?.readyReplicas ?? 0));
      return ready.join() === '0,0,3';
    });
    expect([created[3], created[4]]).toEqual([3, 2]);
    expect(created[1]! + created[2]!).toBeGreaterThanOrEqual(4);
    watching.abort();
    await watch;
    for (const priority of [1, 2, 3, 4]) await sets.delete(`rs-pod${priority}`);
    await cluster.until('its pods are gone', async () => (await space.pods.list()).items.length === 0);
  }));

  test('[sig-scheduling] SchedulerPreemption [Serial] PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods [Conformance]', () => withClasses({ endpoints1: 1, endpoints2: 2 }, async () => {
    const api = cluster.client.of(PriorityClasses);
    expect((await api.list()).items.map((item) => item.metadata.name)).toEqual(expect.arrayContaining(['endpoints1', 'endpoints2']));
    const [one, two] = [await api.get('endpoints1'), await api.get('endpoints2')];
    expect(await api.patch('endpoints1', { description: 'patched' })).toMatchObject({ description: 'patched', value: one.value });
    expect(await api.update({ ...two, description: 'updated' } satisfies PriorityClass)).toMatchObject({ description: 'updated' });
    const change = (await api.get('endpoints1'));
    for (const broken of [api.patch('endpoints1', { value: 99 }), api.update({ ...change, value: 99 }), api.update({ ...change, preemptionPolicy: 'Never' })]) {
      await expect(broken).rejects.toMatchObject({ code: 422 });
    }
  }));
});
