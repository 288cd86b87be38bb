/**
 * node-lifecycle-controller: watches the heartbeats of nodes. A node that falls silent is marked Unknown; conditions become taints that keep
 * new pods away at once, and taints that drive pods out at a rate that depends on how much of its zone is down.
 * Contract: silence is measured by this process's own clock since it last saw a heartbeat change, so clocks of nodes do not matter; when all zones
 * are down nobody is driven out: then it is more likely us than them.
 */
import { keyOf } from '../../api/meta/objects.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import type { Lease } from '../../api/coordination/v1/types.ts';
import { formatMicroTime, formatTime } from '../../api/meta/time.ts';
import { getPodCondition, setCondition } from '../../api/core/v1/pods.ts';
import type { Node, Taint } from '../../api/core/v1/types.ts';
import { Leases, Nodes, Pods } from '../../api/resources.ts';
import { runningAll, startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { podsByNode } from '../pod-index.ts';
import { decideHealth, decideLabels, decideNoExecuteTaints, decideNoScheduleTaints, noExecuteKey, type HealthDecision, type Sighting } from './decide.ts';
import { evictionRate, ZoneLimiter, zoneOf, zoneStateOf } from './zones.ts';

/** How long a node may take to post its first status. */
export const startupGraceMs = 60_000;
export const leaseNamespace = 'kube-node-lease';
const name = 'node-lifecycle-controller';

class NodeLifecycle {
  readonly #context: ControllerContext;
  readonly #nodes;
  readonly #leases;
  readonly #pods;
  readonly #recorder;
  readonly #sightings = new Map<string, { uid: string; sighting: Sighting }>();
  readonly #known = new Map<string, Node>();
  readonly #limiters = new Map<string, ZoneLimiter>();
  /** Nodes that were lost and whose pods are not all marked yet. */
  readonly #unmarked = new Set<string>();
  #allDown = false;
  /** With known heartbeats: what they and the nodes were when every node was last found well, so that nothing can have changed since. */
  #wellAt: number | undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#nodes = context.informers.of(Nodes);
    this.#leases = context.informers.of(Leases, { namespace: leaseNamespace });
    this.#pods = podsByNode(context.informers);
    this.#recorder = context.recorder('node-controller');
  }

  get informer() {
    return this.#nodes;
  }

  #now(): string {
    return formatTime(this.#context.host.clock.now());
  }

  /** One round over all nodes. */
  async monitor(): Promise<Outcome> {
    const again = { afterMs: this.#context.settings.nodeMonitorPeriodMs };
    const { heartbeats } = this.#context.settings;
    const heard = heartbeats?.changes();
    if (heard !== undefined && heard === this.#wellAt) return again;
    const nodes = this.#nodes.lister.list().sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
    this.#greet(nodes);
    const judged: { node: Node; ready: HealthDecision['ready'] }[] = [];
    for (const node of nodes) judged.push(await this.#judge(node));
    this.#rateZones(judged);
    for (const { node, ready } of judged) await this.#setNoExecute(node, ready);
    const isWell = judged.every(({ node, ready }) => ready === 'True' && !node.spec?.taints?.some((taint) => taint.effect === 'NoExecute'));
    this.#wellAt = isWell && this.#unmarked.size === 0 && heartbeats?.silent() === 0 ? heard : undefined;
    return again;
  }

  /** A node has changed: all are looked at again. */
  lookAgain(): void {
    this.#wellAt = undefined;
  }

  #leaseOf(node: string): Lease | undefined {
    const heardAtMs = this.#context.settings.heartbeats?.heardAtMs(node);
    if (heardAtMs !== undefined) return { metadata: {}, spec: { renewTime: formatMicroTime(heardAtMs) } };
    return this.#leases.lister.get(leaseNamespace, node);
  }

  /** Puts taints against scheduling and labels right, as soon as a node changes. */
  async reconcile(key: string): Promise<Outcome> {
    const node = this.#nodes.lister.byKey(key);
    if (!node) return { done: true };
    const taints = decideNoScheduleTaints(node, this.#now());
    if (taints) await this.#writeTaints(node, taints);
    const labels = decideLabels(node);
    if (labels) await this.#client().patch(key, { metadata: { labels } }, { type: 'merge' });
    return { done: true };
  }

  #client() {
    return this.#context.client.of(Nodes);
  }

  #greet(nodes: readonly Node[]): void {
    const names = new Set(nodes.map((node) => node.metadata.name!));
    for (const node of nodes) {
      if (this.#known.has(node.metadata.name!)) continue;
      this.#recorder.event(node, 'Normal', 'RegisteredNode', `Node ${node.metadata.name} event: Registered Node ${node.metadata.name} in Controller`);
    }
    for (const [known, node] of this.#known) {
      if (names.has(known)) continue;
      this.#recorder.event(node, 'Normal', 'RemovingNode', `Node ${known} event: Removing Node ${known} from Controller`);
      this.#known.delete(known);
      this.#sightings.delete(known);
      this.#unmarked.delete(known);
    }
    for (const node of nodes) this.#known.set(node.metadata.name!, node);
  }

  /** Returns the node as it is afterwards. */
  async #judge(node: Node): Promise<{ node: Node; ready: HealthDecision['ready'] }> {
    const { clock, log } = this.#context.host;
    const key = node.metadata.name!;
    const last = this.#sightings.get(key);
    const decision = decideHealth({
      node, lease: this.#leaseOf(key), sighting: last?.uid === node.metadata.uid ? last?.sighting : undefined,
      graceMs: this.#context.settings.nodeMonitorGraceMs, startupGraceMs: this.#context.settings.nodeEviction?.startupGraceMs ?? startupGraceMs,
    }, clock.monotonic(), this.#now());
    this.#sightings.set(key, { uid: node.metadata.uid!, sighting: decision.sighting });
    if (decision.lost) {
      this.#unmarked.add(key);
      this.#recorder.event(node, 'Normal', 'NodeNotReady', `Node ${key} status is now: NodeNotReady`);
    }
    if (decision.ready === 'True') this.#unmarked.delete(key);
    let after = node;
    try {
      if (decision.conditions) after = await this.#client().updateStatus({ ...node, status: { ...node.status, conditions: decision.conditions } });
      if (this.#unmarked.has(key)) await this.#markPods(key);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) log.warn('node not marked, trying again', { controller: name, node: key, error: (error as Error).message });
    }
    return { node: after, ready: decision.ready };
  }

  /** Services stop sending to pods that nobody can vouch for. */
  async #markPods(node: string): Promise<void> {
    for (const pod of this.#pods.onNode(node)) {
      if (getPodCondition(pod, 'Ready')?.status !== 'True') continue;
      const ready = { ...getPodCondition(pod, 'Ready')!, status: 'False', lastTransitionTime: this.#now() };
      try {
        await this.#context.client.of(Pods).updateStatus({ ...pod, status: { ...pod.status, conditions: setCondition(pod.status?.conditions, ready) } });
        this.#recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    this.#unmarked.delete(node);
  }

  #rateZones(judged: readonly { node: Node; ready: HealthDecision['ready'] }[]): void {
    const now = this.#context.host.clock.monotonic();
    const limits = this.#context.settings.nodeEviction ?? {};
    const zones = new Map<string, { ready: number; notReady: number }>();
    for (const { node, ready } of judged) {
      const zone = zones.get(zoneOf(node)) ?? { ready: 0, notReady: 0 };
      if (ready === 'True') zone.ready++;
      else zone.notReady++;
      zones.set(zoneOf(node), zone);
    }
    const states = [...zones].map(([zone, { ready, notReady }]) => ({ zone, size: ready + notReady, state: zoneStateOf(ready, notReady, limits.unhealthyShare) }));
    const allDown = states.length > 0 && states.every(({ state }) => state === 'FullDisruption');
    if (this.#allDown && !allDown) this.#forgive(now);
    if (allDown !== this.#allDown) this.#context.host.log.warn(allDown ? 'all zones are down: no pod is driven out' : 'not all zones are down any more', { controller: name });
    this.#allDown = allDown;
    this.#tellOfZones(zones);
    for (const { zone, size, state } of states) {
      const limiter = this.#limiters.get(zone) ?? new ZoneLimiter(now);
      if (!this.#limiters.has(zone)) this.#context.metrics?.nodes.evictions.add([zone], 0);
      this.#limiters.set(zone, limiter);
      limiter.setRate(evictionRate(state, size, allDown, limits), now);
    }
  }

  #tellOfZones(zones: ReadonlyMap<string, { ready: number; notReady: number }>): void {
    const metrics = this.#context.metrics?.nodes;
    if (!metrics) return;
    // Zones that have no node any more are as well as can be.
    for (const zone of new Set([...this.#limiters.keys(), ...zones.keys()])) {
      const { ready, notReady } = zones.get(zone) ?? { ready: 0, notReady: 0 };
      const size = ready + notReady;
      metrics.zoneSize.set([zone], size);
      metrics.unhealthyInZone.set([zone], notReady);
      metrics.zoneHealth.set([zone], size === 0 ? 100 : (100 * ready) / size);
    }
  }

  /** After a blackout every node begins anew: those that were as deaf as we were are not to blame. */
  #forgive(nowMs: number): void {
    for (const entry of this.#sightings.values()) entry.sighting = { ...entry.sighting, aliveAtMs: nowMs };
  }

  async #setNoExecute(node: Node, ready: HealthDecision['ready']): Promise<void> {
    const { clock, log } = this.#context.host;
    const { taints, evicts } = decideNoExecuteTaints(node, this.#allDown ? undefined : noExecuteKey(ready), this.#now());
    if (!taints) return;
    const limiter = this.#limiters.get(zoneOf(node));
    if (evicts && !limiter?.tryTake(clock.monotonic())) return;
    try {
      await this.#writeTaints(node, taints);
      if (evicts) this.#context.metrics?.nodes.evictions.add([zoneOf(node)]);
    } catch (error) {
      if (evicts) limiter?.giveBack();
      if (!isConflict(error) && !isNotFound(error)) log.warn('node not tainted, trying again', { controller: name, node: node.metadata.name, error: (error as Error).message });
    }
  }

  async #writeTaints(node: Node, taints: readonly Taint[]): Promise<void> {
    // Taints are one list: the revision keeps us from writing over somebody else's.
    const { uid, resourceVersion } = node.metadata;
    await this.#client().patch(node.metadata.name!, { metadata: { uid, resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } }, { type: 'merge' });
  }
}

export function startNodeLifecycle(context: ControllerContext): Running {
  const lifecycle = new NodeLifecycle(context);
  const monitor = startController(context.host, { name, informers: context.informers, reconcile: () => lifecycle.monitor() });
  monitor.add('monitor');
  const taints = startController(context.host, { name, informers: context.informers, workers: 8, reconcile: (key) => lifecycle.reconcile(key) });
  lifecycle.informer.onEvent(({ type, object }) => {
    lifecycle.lookAgain();
    if (type !== 'deleted') taints.add(keyOf(object));
  });
  return runningAll([monitor, taints]);
}
