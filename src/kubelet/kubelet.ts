/** A node's agent put together: what is told by the API and by files becomes containers, and what becomes of them is told back. */
import { isMirrorPod } from '../api/core/v1/pods.ts';
import type { Node, Pod, Service } from '../api/core/v1/types.ts';
import { Nodes, Services } from '../api/resources.ts';
import { createInformers, createRecorder } from '../client/index.ts';
import type { Informer, InformerEvent, InformerFactory, Running } from '../client/types.ts';
import { decideAdmission, extendedAmounts } from './admission.ts';
import { watchPods, type PodSource } from './api-source.ts';
import { BackoffTable } from './backoff.ts';
import { Cgroups } from './cgroups.ts';
import { defaultMaxPods, defaultPort, defaultTiming, type KubeletContext, type KubeletOptions } from './config.ts';
import { EvictionManager } from './eviction.ts';
import { Housekeeper } from './housekeeping.ts';
import { ImagePuller } from './images.ts';
import { keepLease } from './lease.ts';
import { LifecycleWatch } from './lifecycle.ts';
import { PodPaths } from './names.ts';
import { NodeKeeper } from './node-keeper.ts';
import { allocatableAmounts } from './node-status.ts';
import { ObjectCache } from './objects.ts';
import type { KubeletParts, Rejection } from './parts.ts';
import { lookUpPods } from './pod-lookup.ts';
import { PodWorkers } from './pod-workers.ts';
import { Prober } from './probes/prober.ts';
import { RuntimeReader, type RuntimePodBrief } from './runtime-state.ts';
import { resolverText } from './resolver.ts';
import { startKubeletServer } from './server/index.ts';
import { StaticPods } from './static-pods.ts';
import { isNewer, StatusManager } from './status-manager.ts';
import { StatsReader } from './stats.ts';
import { VolumeManager } from './volumes/manager.ts';

export interface Kubelet extends Running {
  /** Port of its server; undefined without one. */
  readonly port: number | undefined;
}

class KubeletProcess implements Kubelet {
  readonly #context: KubeletContext;
  readonly #informers: InformerFactory;
  readonly #ownsInformers: boolean;
  readonly #parts: KubeletParts;
  readonly #workers: PodWorkers;
  readonly #node: NodeKeeper;
  readonly #lifecycle: LifecycleWatch;
  readonly #static: StaticPods | undefined;
  readonly #services: Informer<Service> | undefined;
  /** The node as others have made it: labels, and extended resources that device vendors put there. */
  readonly #nodes: Informer<Node>;
  readonly #eviction: EvictionManager;
  readonly #running: Running[] = [];
  #pods: PodSource | undefined;
  #known: ReadonlyMap<string, RuntimePodBrief> = new Map();
  #hasPodRange: boolean;
  #server: (Running & { port: number }) | undefined;

  constructor(context: KubeletContext, options: KubeletOptions, facts: { version: Awaited<ReturnType<KubeletContext['runtime']['version']>>; diskBytes: number }) {
    this.#context = context;
    this.#ownsInformers = options.informers === undefined;
    this.#informers = options.informers ?? createInformers(context.host, context.client);
    this.#hasPodRange = context.config.podCidr !== undefined;
    this.#node = new NodeKeeper(context, { ...facts, pressure: () => this.#eviction.pressure, changed: (node) => this.#nodeChanged(node) });
    this.#parts = this.#makeParts(facts.diskBytes);
    this.#workers = new PodWorkers(this.#parts);
    this.#eviction = new EvictionManager(this.#parts, this.#workers, () => this.#node.poke());
    this.#lifecycle = new LifecycleWatch(context, this.#parts.reader, {
      changed: (uid) => this.#workers.poke(uid),
      listed: (pods) => this.#listed(pods),
    });
    const { staticPodPath } = context.config;
    if (staticPodPath && !context.hollow) {
      this.#static = new StaticPods(context, staticPodPath, {
        apply: (pod) => this.#workers.apply(pod, this.#known.has(pod.metadata.uid!)),
        remove: (uid) => this.#workers.remove(uid),
      });
    }
    this.#services = context.hollow ? undefined : this.#informers.of(Services);
    this.#nodes = this.#informers.of(Nodes, this.#ownsInformers ? { fieldSelector: `metadata.name=${context.config.nodeName}` } : {});
  }

  get port(): number | undefined {
    return this.#server?.port;
  }

  #makeParts(diskBytes: number): KubeletParts {
    const { host, runtime, config, timing } = this.#context;
    const context = this.#context;
    const paths = new PodPaths(config.rootDir, config.podLogsDir);
    const objects = new ObjectCache(context.client, host.clock);
    const machine = host.machine.info();
    const allocatable = allocatableAmounts(config, machine, diskBytes);
    return {
      context, paths, objects,
      reader: new RuntimeReader(runtime),
      volumes: new VolumeManager(context, paths, objects),
      images: new ImagePuller(context, objects),
      prober: new Prober(context, (uid) => this.#workers.poke(uid)),
      status: new StatusManager(context, (uid) => this.#apiPod(uid), (uid, pod) => this.#observed(uid, pod)),
      cgroups: new Cgroups(host, config.cgroupRoot),
      crashBackoff: new BackoffTable(timing.crashBackoffBaseMs, timing.crashBackoffMaxMs),
      memoryCapacityBytes: machine.memoryBytes,
      seccompRoot: `${config.rootDir}/seccomp`,
      services: (namespace) => this.#servicesFor(namespace),
      allocatable: () => allocatable,
      dns: async () => ({ resolvConf: context.hollow ? '' : await resolverText(host.disk), clusterDns: config.clusterDns, clusterDomain: config.clusterDomain }),
      nodeHosts: () => host.disk.readText('/etc/hosts').catch(() => ''),
      admit: (pod) => this.#admit(pod),
      notReady: (pod) => this.#notReady(pod),
    };
  }

  async #servicesFor(namespace: string): Promise<readonly Service[]> {
    if (!this.#services) return [];
    // A pod that started before the services are known would never learn of them.
    while (!this.#services.hasSynced()) await this.#context.host.clock.sleep(20);
    const { lister } = this.#services;
    const master = lister.byKey('default/kubernetes');
    return [...lister.list(namespace), ...(master && namespace !== 'default' ? [master] : [])];
  }

  #admit(pod: Pod): Rejection | undefined {
    const { config } = this.#context;
    const node = this.#nodes.lister.byKey(config.nodeName) ?? this.#node.node ?? { metadata: { name: config.nodeName, labels: { 'kubernetes.io/hostname': config.nodeName, ...config.labels } } };
    const refused = this.#eviction.refuses(pod);
    if (refused) return refused;
    return decideAdmission(pod, {
      node, allocatable: { ...extendedAmounts(node), ...this.#parts.allocatable() }, maxPods: config.maxPods ?? defaultMaxPods, others: this.#workers.active(), allowedUnsafeSysctls: config.allowedUnsafeSysctls ?? [],
    });
  }

  #notReady(pod: Pod): Rejection | undefined {
    const message = this.#node.notReady(pod.spec?.hostNetwork === true);
    return message === undefined ? undefined : { reason: 'NetworkNotReady', message: `network is not ready: ${message}` };
  }

  /** The object in the API that carries the pod's status. */
  #apiPod(uid: string): Pod | undefined {
    const worker = this.#workers.get(uid);
    if (!worker) return undefined;
    return worker.isStatic ? this.#static?.mirror(worker.apiPod) : worker.apiPod;
  }

  #observed(uid: string, pod: Pod): void {
    const worker = this.#workers.get(uid);
    if (!worker) return;
    if (worker.isStatic) this.#static?.observe(pod, false);
    else if (isNewer(pod, worker.apiPod)) worker.update(pod);
  }

  #nodeChanged(node: Node): void {
    const podCidr = node.spec?.podCIDR;
    if (this.#hasPodRange || !podCidr) return;
    this.#hasPodRange = true;
    void this.#context.runtime.updateRuntimeConfig(podCidr).then(() => this.#node.poke());
  }

  #podEvent(event: InformerEvent<Pod>): void {
    const { object: pod, type } = event;
    const uid = pod.metadata.uid!;
    if (isMirrorPod(pod)) {
      const staticUid = this.#static?.observe(pod, type === 'deleted');
      if (staticUid) this.#parts.status.refresh(staticUid);
      return;
    }
    if (type === 'deleted') return this.#workers.remove(uid);
    const worker = this.#workers.get(uid);
    // The answer to an own write may have been faster than the watch.
    if (worker && !isNewer(pod, worker.apiPod)) return;
    this.#workers.apply(pod, this.#known.has(uid));
    this.#parts.status.refresh(uid);
  }

  #listed(pods: ReadonlyMap<string, RuntimePodBrief>): void {
    // Before all sources are known, nobody can say what is wanted.
    if (this.#pods?.hasSynced()) this.#workers.endOrphans(pods.values());
  }

  async start(): Promise<void> {
    const { config, hollow } = this.#context;
    if (config.podCidr !== undefined) await this.#context.runtime.updateRuntimeConfig(config.podCidr);
    this.#known = await this.#lifecycle.start();
    await this.#static?.start();
    if (config.serving) await this.#serve();
    this.#node.start();
    this.#running.push(keepLease(this.#context, () => this.#node.node));
    this.#pods = watchPods(this.#informers, config.nodeName, !this.#ownsInformers, (event) => this.#podEvent(event));
    this.#informers.start();
    if (hollow) return;
    const housekeeper = new Housekeeper(this.#parts, this.#workers, () => this.#pods?.hasSynced() === true);
    housekeeper.start();
    this.#eviction.start();
    this.#running.push(housekeeper, this.#eviction);
  }

  async #serve(): Promise<void> {
    const { host, client, runtime, config } = this.#context;
    const pods = lookUpPods(this.#workers, this.#parts.reader);
    this.#server = await startKubeletServer({
      host, client, runtime, pods,
      nodeName: config.nodeName,
      stats: new StatsReader(this.#parts, this.#workers),
      config: { address: config.address ?? config.nodeIp, port: config.port ?? defaultPort, serving: config.serving!, clientCa: config.clientCa ?? '', authentication: config.authentication },
    });
    this.#node.port = this.#server.port;
  }

  /** Containers go on; a kubelet that starts later takes them over. */
  async stop(): Promise<void> {
    this.#pods?.stop();
    await Promise.all([this.#lifecycle.stop(), this.#static?.stop(), this.#node.stop(), ...this.#running.map((part) => part.stop())]);
    this.#parts.prober.stop();
    await this.#workers.stop();
    await this.#parts.status.stop();
    if (this.#ownsInformers) await this.#informers.stop();
    await this.#server?.stop();
  }
}

/** Starts the agent of a node. Resolves when it follows its pods; rejects when the runtime does not answer or the server's port is taken. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { host, client, runtime, config } = options;
  const hollow = runtime.pretender !== undefined;
  await runtime.ready();
  const version = await runtime.version();
  const ownRecorder = options.recorder ? undefined : createRecorder(host, client, 'kubelet');
  const context: KubeletContext = { host, client, runtime, recorder: options.recorder ?? ownRecorder!, config, timing: { ...defaultTiming, ...config.timing }, hollow, runtimeName: version.runtimeName };
  if (!hollow) await host.disk.mkdir(`${config.rootDir}/pods`, 0o750);
  const diskBytes = (await host.disk.usage(hollow ? '/' : config.rootDir)).totalBytes;
  const kubelet = new KubeletProcess(context, options, { version, diskBytes });
  await kubelet.start();
  return {
    get port() {
      return kubelet.port;
    },
    async stop() {
      await kubelet.stop();
      await ownRecorder?.stop();
    },
  };
}
