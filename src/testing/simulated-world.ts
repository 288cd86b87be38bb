/** The world of a simulation put together: API servers on one store, controller managers and schedulers that stand for election, hollow nodes, joined by a network with faults. */
import { createApiServer, type ApiServer } from '../apiserver/server.ts';
import { createClient, createInformers, createRecorder, runWithLeaderElection, withRetries, type Client, type Running } from '../client/index.ts';
import { startControllers } from '../controllers/index.ts';
import { hollowRuntime, type ContainerRuntime, type HollowRuntimeControl } from '../cri/index.ts';
import { MemoryDisk } from '../host/memory-disk.ts';
import type { Host } from '../host/types.ts';
import { turn } from '../host/node/turn.ts';
import { startScheduler } from '../scheduler/index.ts';
import { State } from '../simulate/commits.ts';
import { SimulatedNetwork, type Endpoint, type Link, type User } from '../simulate/network.ts';
import type { MakeWorld, RunnableWorld, RunObserver } from '../simulate/run.ts';
import type { RunningPod } from '../simulate/checkers/index.ts';
import { SkewedClock } from '../simulate/skewed-clock.ts';
import { SimulatedStore, type Session } from '../simulate/store.ts';
import { virtualHost, type VirtualHost } from '../simulate/virtual-host.ts';
import type { SimulatedNode, SimulatedProcess, World, WorldShape } from '../simulate/world.ts';
import type { Log } from '../host/types.ts';
import { memoryBackend } from '../store/memory.ts';
import { defaultControllerSettings, managerOf, serverOptions } from './control-plane.ts';
import { hollowNodeList, machineOf, startHollowNode, type HollowNode } from './hollow-nodes.ts';

export interface SimulatedWorldOptions {
  seed: string;
  shape: WorldShape;
  observer: RunObserver;
  log?: Log;
}

const authenticated = 'system:authenticated';
const admin: User = { name: 'kubernetes-admin', groups: ['system:masters', authenticated] };

type Start = (host: Host, link: Link) => Promise<Running>;

/** One incarnation after another of a component: each has its own connection, which dies with it. */
class Process implements SimulatedProcess {
  readonly name: string;
  readonly #world: SimulatedWorld;
  readonly #user: User;
  readonly #start: Start;
  #link: Link | undefined;
  #running: Promise<Running> | undefined;
  #incarnation = 0;

  constructor(world: SimulatedWorld, name: string, user: User, start: Start) {
    this.name = name;
    this.#world = world;
    this.#user = user;
    this.#start = start;
  }

  get up(): boolean {
    return this.#link !== undefined;
  }

  get link(): Link | undefined {
    return this.#link;
  }

  start(): void {
    if (this.#link) return;
    const incarnation = ++this.#incarnation;
    const link = this.#world.network.link(`${this.name}#${incarnation}`, this.#user);
    this.#link = link;
    this.#running = this.#start(this.#world.hostOf(this.name, `${incarnation}`), link);
    this.#running.catch((error: unknown) => this.#world.note(`${this.name} could not start: ${String(error)}`));
  }

  crash(): void {
    if (!this.#link) return;
    this.#link.kill();
    this.#link = undefined;
    void this.#running?.then((running) => running.stop()).catch(() => undefined);
  }

  async end(): Promise<void> {
    const running = this.#running;
    this.#link = undefined;
    await running?.then((each) => each.stop()).catch(() => undefined);
  }
}

class ServerProcess implements SimulatedProcess, Endpoint {
  readonly name: string;
  readonly #world: SimulatedWorld;
  #server: ApiServer | undefined;
  #session: Session | undefined;
  #down = new AbortController();
  #generation = 0;
  up = false;

  constructor(world: SimulatedWorld, name: string) {
    this.name = name;
    this.#world = world;
  }

  transport(user: User): ReturnType<Endpoint['transport']> {
    return this.#server?.transport({ name: user.name, groups: [...user.groups] });
  }

  down(): AbortSignal {
    return this.#down.signal;
  }

  start(): void {
    if (!this.up) void this.begin();
  }

  async begin(): Promise<void> {
    const generation = ++this.#generation;
    this.up = true;
    this.#down = new AbortController();
    this.#session = this.#world.store.open();
    const server = await createApiServer({ ...serverOptions(this.#session.backend, undefined, undefined), host: this.#world.hostOf(this.name, `${generation}`) });
    try {
      await server.start();
    } catch (error) {
      // The store went away while it was being read: whoever watches over the server starts it again.
      if (this.#generation !== generation) return;
      this.#world.note(`${this.name} could not start: ${String(error)}`);
      this.crash();
      return;
    }
    if (this.#generation !== generation || !this.up) await server.stop().catch(() => undefined);
    else this.#server = server;
  }

  get server(): ApiServer | undefined {
    return this.#server;
  }

  crash(): void {
    if (!this.up) return;
    this.up = false;
    this.#generation++;
    const server = this.#server;
    this.#server = undefined;
    this.#down.abort();
    this.#session?.kill();
    void server?.stop().catch(() => undefined);
  }
}

class NodeProcess implements SimulatedNode {
  readonly name: string;
  readonly #world: SimulatedWorld;
  readonly #runtime: ContainerRuntime & HollowRuntimeControl;
  readonly #kubelet: Process;
  state: SimulatedNode['state'] = 'up';

  constructor(world: SimulatedWorld, node: HollowNode, index: number) {
    this.name = node.name;
    this.#world = world;
    const host = world.hostOf(`runtime/${node.name}`, '');
    const random = host.random.fork('faults');
    this.#runtime = hollowRuntime(host, {
      podCidr: node.podCidr,
      fault: (step, about) => (random.next() < (world.runtimeFaults[step] ?? 0) ? `simulated: ${step} of "${about}" failed` : undefined),
    });
    const { shape } = world;
    this.#kubelet = new Process(world, `node/${node.name}`, { name: `system:node:${node.name}`, groups: ['system:nodes', authenticated] }, (own, link) => startHollowNode(
      { ...own, machine: machineOf(node.name, shape.nodeCpus, shape.nodeMemoryBytes), disk: new MemoryDisk(own.clock) },
      node,
      { client: world.clientOn(link, 'kubelet'), runtime: this.#runtime, labels: { 'topology.kubernetes.io/zone': `zone-${(index % shape.zones) + 1}` } },
    ));
    this.#kubelet.start();
  }

  running(): RunningPod[] {
    return this.#runtime.running().map((pod) => ({ ...pod, node: this.name }));
  }

  crash(): void {
    if (this.state === 'down') return;
    this.#kubelet.crash();
    this.#runtime.crash();
    this.state = 'down';
  }

  boot(): void {
    if (this.state !== 'down') return;
    this.#kubelet.start();
    this.state = 'up';
  }

  restartKubelet(): void {
    if (this.state === 'down') return;
    this.#kubelet.crash();
    this.#kubelet.start();
    this.state = 'up';
  }

  partition(): void {
    if (this.state !== 'up') return;
    this.#kubelet.link?.cut();
    this.state = 'partitioned';
  }

  heal(): void {
    if (this.state !== 'partitioned') return;
    this.#kubelet.link?.mend();
    this.state = 'up';
  }

  failContainer(): void {
    void this.#runtime.listContainers({ state: 'running' }).then((running) => {
      const one = running[this.#world.random.int(Math.max(running.length, 1))];
      if (one) this.#runtime.fail(one.id, 1);
    });
  }

  end(): Promise<void> {
    return this.#kubelet.end();
  }
}

export class SimulatedWorld implements RunnableWorld {
  readonly shape: WorldShape;
  readonly #observer: RunObserver;
  readonly #host: VirtualHost;
  readonly #clocks = new Map<string, SkewedClock>();
  readonly clock: World['clock'];
  readonly random: World['random'];
  readonly state = new State();
  readonly store: SimulatedStore;
  readonly network: SimulatedNetwork;
  readonly apiServers: ServerProcess[];
  readonly managers: Process[] = [];
  readonly schedulers: Process[] = [];
  readonly nodes: NodeProcess[] = [];
  readonly client: Client;
  runtimeFaults: World['runtimeFaults'] = {};

  constructor(options: SimulatedWorldOptions) {
    this.shape = options.shape;
    this.#observer = options.observer;
    this.#host = virtualHost({ seed: options.seed, settle: turn, ...(options.log ? { log: options.log } : {}) });
    this.clock = this.#host.clock;
    this.random = this.#host.random.fork('world');
    this.store = new SimulatedStore({
      inner: memoryBackend({ clock: this.clock }), clock: this.clock, random: this.#host.random.fork('store'), flushes: true,
      onCommit: (commit) => {
        this.state.apply(commit);
        this.#observer.committed(commit);
      },
    });
    this.apiServers = Array.from({ length: this.shape.apiServers }, (_, i) => new ServerProcess(this, `apiserver-${i + 1}`));
    this.network = new SimulatedNetwork({
      clock: this.clock, random: this.#host.random.fork('network'), endpoints: this.apiServers, latency: true,
      observer: { sends: (request, user) => (this.#observer.sent(request, user), this.state.revision), exchanged: (exchange) => this.#observer.exchanged(exchange), watched: (watched) => this.#observer.watched(watched) },
    });
    this.client = this.clientOn(this.network.link('user', admin, true), 'user');
  }

  note(text: string): void {
    this.#observer.note(text);
  }

  running(): RunningPod[] {
    return this.nodes.flatMap((node) => node.running());
  }

  /** The host of one incarnation of a component: its own chance, its own wall clock. */
  hostOf(component: string, incarnation: string): Host {
    let clock = this.#clocks.get(component);
    if (!clock) this.#clocks.set(component, (clock = new SkewedClock(this.clock)));
    return { ...this.#host, clock, random: this.#host.random.fork(`${component}#${incarnation}`), log: this.#host.log.child(component) };
  }

  clientOn(link: Link, manager: string): Client {
    return createClient(withRetries(link, this.clock), { defaultFieldManager: manager });
  }

  skew(component: string, skewMs: number): void {
    const clock = this.#clocks.get(component);
    if (clock) clock.skewMs = skewMs;
  }

  components(): readonly string[] {
    return [...this.#clocks.keys()].filter((name) => !name.startsWith('runtime/'));
  }

  setSlowDisk(share: number): void {
    this.store.slowShare = share;
  }

  crashStore(): void {
    this.store.crash();
    for (const server of this.apiServers) server.crash();
  }

  compact(): void {
    void this.store.compact();
  }

  /** Everything runs when it resolves, but for nodes that register. */
  async start(): Promise<void> {
    await Promise.all(this.apiServers.map((server) => server.begin()));
    await this.apiServers[0]!.server!.ready();
    for (let i = 1; i <= this.shape.controllerManagers; i++) this.managers.push(new Process(this, `controller-manager-${i}`, { name: 'system:kube-controller-manager', groups: [authenticated] }, (host, link) => this.#manager(host, link, i)));
    for (let i = 1; i <= this.shape.schedulers; i++) this.schedulers.push(new Process(this, `scheduler-${i}`, { name: 'system:kube-scheduler', groups: [authenticated] }, (host, link) => this.#scheduler(host, link, i)));
    for (const process of [...this.managers, ...this.schedulers]) process.start();
    for (const [i, node] of hollowNodeList(this.shape.nodes).entries()) this.nodes.push(new NodeProcess(this, node, i));
  }

  async #manager(host: Host, link: Link, number: number): Promise<Running> {
    const own = this.clientOn(link, 'kube-controller-manager');
    const links: Link[] = [];
    return this.#led(host, own, 'kube-controller-manager', number, async () => {
      const clientFor = (account: string): Client => {
        const name = `system:serviceaccount:kube-system:${account}`;
        const its = link.as({ name, groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', authenticated] });
        links.push(its);
        return this.clientOn(its, managerOf(name));
      };
      const informers = createInformers(host, own);
      const settings = { ...defaultControllerSettings, rootCa: 'simulated' };
      const controllers = startControllers({ host, client: own, clientFor, informers, recorder: (component) => createRecorder(host, own, component), settings });
      informers.start();
      return { stop: async () => { await controllers.stop(); await informers.stop(); } };
    });
  }

  async #scheduler(host: Host, link: Link, number: number): Promise<Running> {
    const own = this.clientOn(link, 'kube-scheduler');
    return this.#led(host, own, 'kube-scheduler', number, async () => {
      const informers = createInformers(host, own);
      const recorder = createRecorder(host, own, 'default-scheduler');
      const scheduler = await startScheduler({ host, client: own, informers, recorder });
      informers.start();
      return { stop: async () => { await scheduler.stop(); await informers.stop(); await recorder.stop(); } };
    });
  }

  /** Alone it leads at once; among several it stands for election. */
  #led(host: Host, client: Client, name: string, number: number, start: () => Promise<Running>): Promise<Running> {
    const alone = name === 'kube-scheduler' ? this.shape.schedulers === 1 : this.shape.controllerManagers === 1;
    if (alone) return start();
    return Promise.resolve(runWithLeaderElection(host, client, {
      namespace: 'kube-system', name, identity: `${name}-${number}_${host.random.uuid()}`,
      async lead(signal) {
        const running = await start();
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve(), { once: true });
        });
        await running.stop();
      },
    }));
  }

  /** Ends everything; virtual time has to pass meanwhile. */
  async end(): Promise<void> {
    await Promise.all([...this.nodes, ...this.managers, ...this.schedulers].map((process) => process.end()));
    for (const server of this.apiServers) server.crash();
    await this.store.close();
  }
}

/** Makes worlds for runs of the simulator. */
export const makeWorld: MakeWorld = (options) => new SimulatedWorld(options);
