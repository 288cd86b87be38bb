/**
 * "What would happen to these manifests on so many nodes, over such a time?": the control plane and hollow nodes on a virtual clock
 * and nodes that cost nothing while nothing happens on them.
 *
 * Idle nodes: a kubelet renews its lease every 10 s, which on 5,000 nodes over a day is 43 million writes that say nothing. Here kubelets renew nothing; the node
 * controller asks which nodes live (`KnownHeartbeats`), and sees the renewal that would have been the last. A node that dies is found silent within the same grace.
 */
import { createInformers, createClient, type ApiRequest, type ApiResponse, type Client, type Running, type Transport } from '../client/index.ts';
import { hollowRuntime, type ContainerRuntime, type HollowRuntimeControl } from '../cri/index.ts';
import { MemoryDisk } from '../host/memory-disk.ts';
import { turn } from '../host/node/turn.ts';
import type { Host } from '../host/types.ts';
import { apiVersionOf, type Resource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { isConditionTrue } from '../api/core/v1/pods.ts';
import { Namespaces, Nodes, RESOURCES } from '../api/resources.ts';
import type { KubeletTiming } from '../kubelet/index.ts';
import { folderOf } from '../simulate/commits.ts';
import { virtualHost, type VirtualHost } from '../simulate/virtual-host.ts';
import { parseWhatIfFaults, storm, type WhatIfNode } from '../simulate/what-if/faults.ts';
import { prepare } from '../simulate/what-if/manifests.ts';
import type { WhatIfQuestion, WhatIfReport } from '../simulate/what-if/report.ts';
import { isTracked, Tracker } from '../simulate/what-if/tracker.ts';
import type { Backend } from '../store/backend.ts';
import { memoryBackend } from '../store/memory.ts';
import { managerOf, serverOptions, startControlPlane, type ControlPlane } from './control-plane.ts';
import { hollowNodeList, machineOf, startHollowNode, type HollowNode } from './hollow-nodes.ts';

/** Longer than any simulation: what would happen this often does not happen. */
const neverMs = 10 * 365 * 86_400_000;
/** No lease is renewed and no status repeated; changes are written at once as ever. */
const idleTiming: Partial<KubeletTiming> = { leaseRenewMs: neverMs, nodeReportMs: neverMs, nodeStatusMs: neverMs };
/** How often a kubelet's lease would be renewed. */
const heartbeatMs = 10_000;
/** Revisions that the store keeps at least; what is older is forgotten every hour. */
const keptRevisions = 20_000;
const compactEveryMs = 3_600_000;
const virtualStepMs = 60_000;
/** Nodes that start at the same moment, and the time between two lots: all at once would be turned away by the API server for being too many. */
const nodesPerLot = 50;
const betweenLotsMs = 100;
/** How long the nodes may take to be ready before the manifests are applied. */
const nodesReadyLimitMs = 600_000;
/** How long a write of a controller or of the scheduler takes. */
const writeMs = 20;

export interface WhatIfOptions {
  question: WhatIfQuestion;
  manifests: readonly KubeObject[];
  /** How long pods of jobs run whose images say nothing. */
  jobMs: number;
  /** Told now and then how far it has come, from 0 to 1. */
  progress?: (share: number) => void;
}

class Heartbeats {
  readonly #clock: Host['clock'];
  readonly #silentSince = new Map<string, number>();
  #changes = 0;

  constructor(clock: Host['clock']) {
    this.#clock = clock;
  }

  changes(): number {
    return this.#changes;
  }

  silent(): number {
    return this.#silentSince.size;
  }

  heardAtMs(node: string): number {
    const nowMs = this.#silentSince.get(node) ?? this.#clock.now();
    return nowMs - (nowMs % heartbeatMs);
  }

  set(node: string, lives: boolean): void {
    this.#changes++;
    if (lives) this.#silentSince.delete(node);
    else this.#silentSince.set(node, this.#clock.now());
  }
}

class Node implements WhatIfNode {
  readonly name: string;
  readonly zone: string;
  readonly #runtime: ContainerRuntime & HollowRuntimeControl;
  readonly #start: (runtime: ContainerRuntime, isUp: () => boolean) => Promise<Running>;
  readonly #heartbeats: Heartbeats;
  #kubelet: Promise<Running> | undefined;
  #incarnation = 0;
  up = false;

  constructor(name: string, zone: string, runtime: ContainerRuntime & HollowRuntimeControl, heartbeats: Heartbeats, start: (runtime: ContainerRuntime, isUp: () => boolean) => Promise<Running>) {
    this.name = name;
    this.zone = zone;
    this.#runtime = runtime;
    this.#heartbeats = heartbeats;
    this.#start = start;
  }

  boot(): Promise<unknown> {
    if (this.up) return Promise.resolve();
    this.up = true;
    if (this.#incarnation > 0) this.#heartbeats.set(this.name, true);
    const incarnation = ++this.#incarnation;
    this.#kubelet = this.#start(this.#runtime, () => this.up && this.#incarnation === incarnation);
    return this.#kubelet;
  }

  crash(): void {
    if (!this.up) return;
    this.up = false;
    this.#runtime.crash();
    this.#heartbeats.set(this.name, false);
    void this.#kubelet?.then((kubelet) => kubelet.stop());
  }

  failContainer(chance: number): boolean {
    const ids = this.#runtime.runningContainers();
    const id = ids[Math.floor(chance * ids.length)];
    if (id === undefined) return false;
    this.#runtime.fail(id, 1);
    return true;
  }
}

/** A connection that ends with its kubelet. */
function gated(transport: Transport, isUp: () => boolean): Transport {
  return {
    async send(request) {
      if (!isUp()) throw new Error('the node is down');
      return isEvent(request) ? unheard(request) : transport.send(request);
    },
  };
}

/** Events are half of all writes, and a report reads none: they are taken, and not kept. */
const isEvent = ({ method, path }: ApiRequest): boolean => method !== 'GET' && path.startsWith('/api/v1/namespaces/') && path.split('/')[5] === 'events';

function unheard({ method, body, path }: ApiRequest): ApiResponse {
  const answer = method === 'POST' && body !== undefined ? Buffer.from(body as string) : Buffer.from(JSON.stringify({ kind: 'Event', apiVersion: 'v1', metadata: { name: path.split('/')[6] } }));
  return { status: method === 'POST' ? 201 : 200, headers: { 'content-type': 'application/json' }, body: (async function* whole() { yield answer; })() };
}

/**
 * Writes of controllers and of the scheduler take their time, as in a real cluster. It is also what lets them gather: a key rests after a reconcile for as long
 * as that took, and without it a service of a thousand pods would be worked out a thousand times.
 */
function delayed(transport: Transport, clock: Host['clock']): Transport {
  return {
    async send(request) {
      if (isEvent(request)) return unheard(request);
      if (request.method !== 'GET') await clock.sleep(writeMs, request.signal);
      return transport.send(request);
    },
  };
}

class WhatIf {
  readonly #options: WhatIfOptions;
  readonly #host: VirtualHost;
  readonly #backend: Backend;
  readonly #tracker: Tracker;
  readonly #heartbeats: Heartbeats;
  readonly #nodes: Node[] = [];
  /** When the manifests are applied. */
  #beginMs = Number.POSITIVE_INFINITY;
  readonly #end = new AbortController();

  constructor(options: WhatIfOptions) {
    this.#options = options;
    const { question } = options;
    this.#host = virtualHost({ seed: question.seed, settle: turn });
    this.#backend = memoryBackend({ clock: this.#host.clock });
    this.#tracker = new Tracker(question);
    this.#heartbeats = new Heartbeats(this.#host.clock);
  }

  /** Time since the manifests were applied; before that none has passed. */
  #nowMs(): number {
    return Math.max(0, this.#host.clock.now() - this.#beginMs);
  }

  async #drive<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const watched = work.finally(() => (isDone = true));
    watched.catch(() => undefined);
    await this.#host.clock.runUntil(() => isDone, 600_000);
    return watched;
  }

  async #follow(): Promise<void> {
    for await (const batch of this.#backend.watch('', 0, this.#end.signal)) {
      for (const change of batch.changes) {
        const atMs = this.#nowMs();
        this.#tracker.count(atMs, change.revision, change.key);
        const folder = folderOf(change.key);
        if (!isTracked(folder)) continue;
        const isDeleted = change.type === 'delete';
        const value = isDeleted ? (change.previous?.value ?? change.value) : change.value;
        this.#tracker.changed(atMs, folder, isDeleted ? 'deleted' : 'put', JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()) as KubeObject);
      }
    }
  }

  #makeNode(node: HollowNode, index: number, controlPlane: ControlPlane, informers: ReturnType<typeof createInformers>, faults: ReturnType<typeof parseWhatIfFaults>): Node {
    const { shape } = this.#options.question;
    const host: Host = { ...this.#host, random: this.#host.random.fork(node.name), disk: new MemoryDisk(this.#host.clock), machine: machineOf(node.name, shape.cpu, shape.memoryBytes) };
    const chance = host.random.fork('faults');
    const runtime = hollowRuntime(host, {
      podCidr: node.podCidr,
      ...(faults.stepShares.size === 0 ? {} : { fault: (step, about) => (chance.next() < (faults.stepShares.get(step) ?? 0) ? `${step} of "${about}" failed, as the simulation was asked for` : undefined) }),
    });
    const zone = `zone-${(index % shape.zones) + 1}`;
    const user = { name: `system:node:${node.name}`, groups: ['system:nodes', 'system:authenticated'] };
    return new Node(node.name, zone, runtime, this.#heartbeats, (own, isUp) => startHollowNode(host, node, {
      client: createClient(gated(controlPlane.server.transport(user), isUp), { defaultFieldManager: managerOf(user.name), takesShared: true }),
      runtime: own, informers, timing: idleTiming, maxPods: shape.pods, labels: { 'topology.kubernetes.io/zone': zone, 'topology.kubernetes.io/region': 'region-1' },
    }));
  }

  /** The cluster that the manifests are applied to is there: its nodes are ready, and take pods. */
  async #boot(informers: ReturnType<typeof createInformers>): Promise<void> {
    const { clock } = this.#host;
    const waiting = new Set(this.#nodes.map(({ name }) => name));
    let allReady: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (allReady = resolve));
    informers.of(Nodes).onEvent(({ object: { metadata, spec, status } }) => {
      if (spec?.taints?.length || !isConditionTrue(status?.conditions, 'Ready')) return;
      if (waiting.delete(metadata.name!) && waiting.size === 0) allReady();
    });
    for (let first = 0; first < this.#nodes.length; first += nodesPerLot) {
      await Promise.all(this.#nodes.slice(first, first + nodesPerLot).map((node) => node.boot()));
      await clock.sleep(betweenLotsMs);
    }
    await Promise.race([ready, clock.sleep(nodesReadyLimitMs)]);
    if (waiting.size > 0) this.#tracker.notes.push(`${waiting.size} of ${this.#nodes.length} nodes were not ready when the manifests were applied.`);
  }

  async #create(client: Client, objects: readonly KubeObject[]): Promise<void> {
    const known = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease', ...objects.filter((object) => object.kind === 'Namespace').map((object) => object.metadata.name!)]);
    for (const object of objects) {
      const resource = resourceOf(object);
      const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
      if (namespace !== undefined && !known.has(namespace)) {
        known.add(namespace);
        this.#tracker.notes.push(`Namespace "${namespace}" is in no manifest, and was made.`);
        await client.of(Namespaces).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      }
      const collection = namespace === undefined ? client.of(resource) : client.of(resource).inNamespace(namespace);
      try {
        await collection.create(object, { fieldValidation: 'Strict' });
      } catch (error) {
        throw new Error(`${object.kind} "${object.metadata.name}": ${(error as Error).message}`, { cause: error });
      }
    }
  }

  async run(): Promise<WhatIfReport> {
    const { question, manifests, jobMs, progress } = this.#options;
    const faults = parseWhatIfFaults(question.faults);
    const { objects, notes } = prepare(manifests, jobMs);
    for (const object of objects) resourceOf(object);
    this.#tracker.notes.push(...notes);
    void this.#follow();
    const { clock } = this.#host;
    const controlPlane = await this.#drive(startControlPlane({
      host: this.#host, server: serverOptions(this.#backend, undefined, undefined), controllers: { rootCa: 'simulated', heartbeats: this.#heartbeats }, wrap: (transport) => delayed(transport, this.#host.clock),
    }));
    await this.#drive(controlPlane.startWorkers());
    const informers = createInformers(this.#host, controlPlane.client());
    for (const [i, node] of hollowNodeList(question.nodes).entries()) this.#nodes.push(this.#makeNode(node, i, controlPlane, informers, faults));
    await this.#drive(this.#boot(informers));
    this.#beginMs = clock.now();
    await this.#drive(this.#create(controlPlane.client(), objects));
    const storming = storm(faults, { clock, random: this.#host.random.fork('storm'), nodes: this.#nodes, incident: (what) => this.#tracker.incident(this.#nowMs(), what), signal: this.#end.signal });
    let compactedMs = 0;
    while (this.#nowMs() < question.durationMs) {
      await clock.advance(Math.min(virtualStepMs, question.durationMs - this.#nowMs()));
      progress?.(this.#nowMs() / question.durationMs);
      if (this.#nowMs() - compactedMs < compactEveryMs) continue;
      compactedMs = this.#nowMs();
      await this.#backend.compact(Math.max(0, (await this.#backend.revision()) - keptRevisions));
    }
    const report = this.#tracker.report(this.#nowMs());
    this.#end.abort();
    await this.#drive(storming).catch(() => undefined);
    return report;
  }
}

const resources: ReadonlyMap<string, Resource> = new Map(RESOURCES.map((resource) => [`${apiVersionOf(resource)}/${resource.kind}`, resource as Resource]));

function resourceOf(object: KubeObject): Resource {
  const found = resources.get(`${object.apiVersion}/${object.kind}`);
  if (!found) throw new Error(`no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
  return found;
}

/** Answers the question. The answer is the same for the same question, manifests and seed. */
export function whatIf(options: WhatIfOptions): Promise<WhatIfReport> {
  return new WhatIf(options).run();
}
