/**
 * The scheduler at work on upstream's scheduler_perf workloads, API server and durable store (LMDB) included: pods are created and bound through
 * the API; what counts is how many a second, from the first creation to the last binding.
 *
 *   node bench/scheduler-perf.ts [--workload NAME,NAME] [--scale 1] [--profile] [--out FILE]
 *
 * `--scale 0.1` shrinks nodes and pods. Each workload runs in a process of its own. For decisions alone see bench/scheduler.ts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiServer } from '../src/apiserver/server.ts';
import { createClient, createInformers, createRecorder, type Client, type Running } from '../src/client/index.ts';
import type { Host } from '../src/host/types.ts';
import { nodeHost } from '../src/host/node/index.ts';
import { startScheduler } from '../src/scheduler/index.ts';
import { lmdbBackend } from '../src/store/lmdb.ts';
import { CSINodes, DeviceClasses, Namespaces, Nodes, PersistentVolumeClaims, PersistentVolumes, Pods, ResourceClaimTemplates, ResourceClaims, ResourceSlices, Services, StorageClasses } from '../src/api/resources.ts';
import { startControllers } from '../src/controllers/index.ts';
import { count, flag, report, type Figure } from './report.ts';
import { WORKLOADS, nodeOf, podOf, type PodTemplate, type Step, type Workload } from './scheduler-workloads.ts';

/** Requests of the load generator on their way at once. */
const CREATORS = 64;
const LIMIT_MS = 600_000;

const [DRIVER, MIGRATED] = ['test-driver.cdi.k8s.io', 'kubernetes.io/aws-ebs'];

const scale = count('scale', 1);
const scaled = (size: number): number => Math.max(1, Math.round(size * scale));

async function inParallel(size: number, make: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(CREATORS, size) }, async () => {
    while (next < size) await make(next++);
  }));
}

class Bench {
  readonly #client: Client;
  readonly #bound = new Set<string>();
  #wanted: { uids: number; resolve: () => void } | undefined;
  #churn: NodeJS.Timeout | undefined;
  #deleting: NodeJS.Timeout | undefined;
  /** The pods that were made last. */
  #made: { namespace: string; name: string }[] = [];
  #serial = 0;
  #boundOf = '';

  constructor(client: Client) {
    this.#client = client;
  }

  /** Told of every pod that has a node. */
  saw(name: string): void {
    if (!name.startsWith(this.#boundOf) || this.#boundOf === '') return;
    this.#bound.add(name);
    if (this.#wanted && this.#bound.size >= this.#wanted.uids) this.#wanted.resolve();
  }

  async nodes(workload: Workload): Promise<void> {
    for (const [at, template] of workload.nodes.entries()) {
      await inParallel(template.name ? 1 : scaled(template.count), async (i) => {
        const node = nodeOf(template, i, `node-${at}-`);
        await this.#client.of(Nodes).create(node);
        if (template.csiLimit !== undefined) {
          const name = node.metadata.name!;
          await this.#client.of(CSINodes).create({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name, ...(template.migrated ? { annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': MIGRATED } } : {}) }, spec: { drivers: [{ name: 'ebs.csi.aws.com', nodeID: name, allocatable: { count: template.csiLimit } }] } });
        }
        if (template.devices !== undefined) {
          const nodeName = node.metadata.name!;
          const devices = Array.from({ length: template.devices }, (_, at) => ({ name: `device-${at}` }));
          await this.#client.of(ResourceSlices).create({ apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice', metadata: { name: `slice-${nodeName}` }, spec: { driver: DRIVER, nodeName, pool: { name: nodeName, generation: 1, resourceSliceCount: 1 }, devices } });
        }
      });
    }
  }

  async #deviceClasses({ count: size, extended, templates = [] }: Step & { do: 'device-classes' }): Promise<void> {
    const selectors = [{ cel: { expression: `device.driver == "${DRIVER}"` } }];
    await inParallel(size, (i) => this.#client.of(DeviceClasses).create({ apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: size === 1 ? 'test-class' : `test-class-${i}` }, spec: { selectors, ...(extended ? { extendedResourceName: extended(i) } : {}) } }));
    for (const namespace of templates) {
      await this.#client.of(ResourceClaimTemplates).inNamespace(namespace).create({ apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaimTemplate', metadata: { name: 'claim-template' }, spec: { spec: { devices: { requests: [{ name: 'req-0', exactly: { deviceClassName: 'test-class' } }] } } } });
    }
  }

  async #allocatedClaims({ count: size, perNode }: Step & { do: 'allocated-claims' }): Promise<void> {
    const claims = this.#client.of(ResourceClaims).inNamespace('init-0');
    // However small the cluster is made, the pods that are measured must find devices.
    await inParallel(Math.min(scaled(size), scaled(500) * perNode - 10), async (i) => {
      const node = `node-0-${Math.trunc(i / perNode)}`;
      const claim = await claims.create({ apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name: `allocated-${i}` }, spec: { devices: { requests: [{ name: 'req-0', exactly: { deviceClassName: 'test-class' } }] } } });
      await claims.updateStatus({ ...claim, status: { allocation: { devices: { results: [{ request: 'req-0', driver: DRIVER, pool: node, device: `device-${i % perNode}` }] } } } });
    });
  }

  /** Deletes what was made last, at its own pace, beside what comes next. */
  #deletePods(perSecond: number): void {
    const names = [...this.#made];
    this.#deleting = setInterval(() => {
      const next = names.shift();
      if (next) void this.#client.of(Pods).inNamespace(next.namespace).delete(next.name, { gracePeriodSeconds: 0 }).catch((error: unknown) => process.stderr.write(`delete: ${String(error)}\n`));
    }, 1000 / perSecond);
  }

  async step(step: Step): Promise<void> {
    if (step.do === 'namespaces') {
      await inParallel(step.count, (i) => this.#client.of(Namespaces).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${step.prefix}-${i}`, labels: step.labels ?? {} } }));
    } else if (step.do === 'service') {
      await this.#client.of(Services).inNamespace(step.namespace).create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'service' }, spec: { selector: { app: 'scheduler-perf' }, ports: [{ protocol: 'TCP', port: 80, targetPort: 8000 }] } });
    } else if (step.do === 'churn') this.#startChurn(step);
    else if (step.do === 'device-classes') await this.#deviceClasses(step);
    else if (step.do === 'allocated-claims') await this.#allocatedClaims(step);
    else if (step.do === 'delete-pods') this.#deletePods(step.perSecond);
    else {
      const { namespaces } = step;
      await this.pods(scaled(step.count), step.template, (i) => (namespaces ? `${namespaces.prefix}-${i % namespaces.count}` : (step.namespace ?? 'default')), step.leaveWaiting ?? false);
    }
  }

  /** Creates the pods and, unless they are to be left waiting, resolves when all are bound. */
  async pods(size: number, template: PodTemplate, namespaceOf: (i: number) => string, leaveWaiting: boolean): Promise<void> {
    const own = { ...template, prefix: `set-${this.#serial++}-${template.prefix}` };
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#bound.clear();
    this.#boundOf = own.prefix;
    this.#wanted = { uids: size, resolve };
    this.#made = Array.from({ length: size }, (_, i) => ({ namespace: namespaceOf(i), name: `${own.prefix}${i}` }));
    if (own.volume) await inParallel(size, (i) => this.#createVolume(own, i, namespaceOf(i)));
    await inParallel(size, (i) => this.#client.of(Pods).inNamespace(namespaceOf(i)).create(podOf(own, i, namespaceOf(i))));
    if (leaveWaiting) return;
    const late = setTimeout(() => {
      process.stderr.write(`only ${this.#bound.size} of ${size} pods were bound in time\n`);
      process.exit(1);
    }, LIMIT_MS);
    await promise;
    clearTimeout(late);
  }

  async #createVolume(template: PodTemplate, i: number, namespace: string): Promise<void> {
    const name = `claim-${template.prefix}${i}`;
    const source = template.volume === 'csi' ? { csi: { driver: 'ebs.csi.aws.com', volumeHandle: name } } : { awsElasticBlockStore: { volumeID: name } };
    const storage = '1Gi';
    const claims = this.#client.of(PersistentVolumeClaims).inNamespace(namespace);
    if (template.volume === 'waiting') {
      await this.#client.of(StorageClasses).create({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }).catch(() => undefined);
      const node = `node-0-${i % scaled(1000)}`;
      await claims.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'local', resources: { requests: { storage } } } });
      await this.#client.of(PersistentVolumes).create({
        apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `pv-${name}` },
        spec: { accessModes: ['ReadWriteOnce'], capacity: { storage }, storageClassName: 'local', persistentVolumeReclaimPolicy: 'Retain', local: { path: '/mnt' }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } } },
      });
      return;
    }
    const claim = await claims.create({
      apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, annotations: { 'pv.kubernetes.io/bind-completed': 'true' } },
      spec: { accessModes: ['ReadOnlyMany'], volumeName: `pv-${name}`, storageClassName: '', resources: { requests: { storage } } },
    });
    await this.#client.of(PersistentVolumes).create({
      apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `pv-${name}` },
      spec: { accessModes: ['ReadOnlyMany'], capacity: { storage }, persistentVolumeReclaimPolicy: 'Retain', claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid: claim.metadata.uid }, ...source },
    });
    await claims.updateStatus({ ...claim, status: { phase: 'Bound', accessModes: ['ReadOnlyMany'], capacity: { storage } } });
  }

  #startChurn(step: Step & { do: 'churn' }): void {
    const pods = this.#client.of(Pods).inNamespace('default');
    const template = { ...step.template, prefix: `churn-${step.template.prefix}` };
    let i = 0;
    const once = async (): Promise<void> => {
      const at = i++;
      const pod = podOf(template, at, 'default');
      await pods.create(pod);
      if (step.mode === 'create') return;
      const name = `churn-${at}`;
      await this.#client.of(Nodes).create(nodeOf({ count: 1, name }, at, ''));
      const services = this.#client.of(Services).inNamespace('default');
      await services.create({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: 'churn' }, ports: [{ protocol: 'TCP', port: 80 }] } });
      await services.delete(name);
      await pods.delete(pod.metadata.name!, { gracePeriodSeconds: 0 });
      await this.#client.of(Nodes).delete(name);
    };
    this.#churn = setInterval(() => void once().catch((error: unknown) => process.stderr.write(`churn: ${String(error)}\n`)), step.intervalMs);
  }

  /** Pods in waves, each made anew when the last one has nodes; resolves with how many had one. */
  async steadily(size: number, template: PodTemplate, namespace: string, durationMs: number): Promise<number> {
    const pods = this.#client.of(Pods).inNamespace(namespace);
    const until = performance.now() + durationMs;
    let bound = 0;
    while (performance.now() < until) {
      await this.pods(size, template, () => namespace, false);
      bound += size;
      await Promise.all(this.#made.map(({ name }) => pods.delete(name, { gracePeriodSeconds: 0 })));
    }
    return bound;
  }

  stopChurn(): void {
    clearInterval(this.#churn);
    clearInterval(this.#deleting);
  }
}

/** Those that upstream's benchmark runs beside the scheduler for the workload. */
function startWorkloadControllers(host: Host, client: Client, names: readonly string[]): Running {
  const informers = createInformers(host, client);
  const settings = { nodeMonitorGraceMs: 50_000, nodeMonitorPeriodMs: 5000, rootCa: '', terminatedPodThreshold: 12_500 };
  const running = startControllers({ host, client, clientFor: () => client, informers, recorder: (component) => createRecorder(host, client, component), settings }, names);
  informers.start();
  return {
    async stop() {
      await running.stop();
      await informers.stop();
    },
  };
}

/** Pods a second, and what one pod cost in processor time (of all threads), which other work on the machine does not blur. */
async function run(workload: Workload): Promise<{ perSecond: number; cpuMsPerPod: number }> {
  const path = mkdtempSync(join(tmpdir(), 'kubets-scheduler-perf-'));
  const host = nodeHost({ logLevel: 'warn' });
  const backend = await lmdbBackend({ path, clock: host.clock, disk: host.disk });
  const server = await createApiServer({
    host, backend, version: '0.0.0-bench', serviceCidr: '10.96.0.0/12', authorizationModes: ['Node', 'RBAC'], securePort: 6443,
    // As upstream's benchmark: priorities are written on the pods, no controller makes service accounts or takes taints away.
    disableAdmission: ['ServiceAccount', 'TaintNodesByCondition', 'Priority'],
  });
  await server.start();
  await server.ready();
  const client = createClient(server.transport({ name: 'admin', groups: ['system:masters', 'system:authenticated'] }));
  const own = createClient(server.transport({ name: 'system:kube-scheduler', groups: ['system:authenticated'] }), { defaultFieldManager: 'kube-scheduler' });
  const informers = createInformers(host, own);
  const recorder = createRecorder(host, own, 'default-scheduler');
  const scheduler = await startScheduler({ host, client: own, informers, recorder });
  const bench = new Bench(client);
  informers.of(Pods).onEvent(({ type, object }) => {
    if (type !== 'deleted' && object.spec?.nodeName) bench.saw(object.metadata.name!);
  });
  informers.start();
  await informers.synced();
  const controllers = workload.controllers && startWorkloadControllers(host, createClient(server.transport({ name: 'controllers', groups: ['system:masters', 'system:authenticated'] }), { takesShared: true }), workload.controllers);

  await bench.nodes(workload);
  for (const step of workload.before) await bench.step(step);
  const size = scaled(workload.measure.count);
  const namespace = workload.measure.namespace ?? 'default';
  const usage = process.cpuUsage();
  const started = performance.now();
  const { template, steadyMs } = workload.measure;
  let bound = size;
  if (steadyMs === undefined) await bench.pods(size, template, () => namespace, false);
  else bound = await bench.steadily(workload.measure.count, template, namespace, steadyMs);
  const perSecond = bound / ((performance.now() - started) / 1000);
  const { user, system } = process.cpuUsage(usage);
  bench.stopChurn();
  await controllers?.stop();
  await scheduler.stop();
  await recorder.stop();
  await informers.stop();
  await server.stop(0);
  await backend.close();
  rmSync(path, { recursive: true, force: true });
  return { perSecond, cpuMsPerPod: (user + system) / 1000 / bound };
}

function child(name: string): readonly Figure[] | undefined {
  const out = join(tmpdir(), `kubets-scheduler-perf-${process.pid}.json`);
  const profile = process.argv.includes('--profile') ? ['--cpu-prof', `--cpu-prof-dir=${flag('profile-dir', 'bench/results')}`] : [];
  const { status } = spawnSync(process.execPath, ['--no-warnings', '--max-old-space-size=4096', ...profile, import.meta.filename, '--one', name, '--scale', String(scale), '--out', out], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) return undefined;
  const { figures } = JSON.parse(readFileSync(out, 'utf8')) as { figures: Figure[] };
  rmSync(out);
  return figures;
}

const one = flag('one', '');
if (one === '') {
  const wanted = flag('workload', '');
  const chosen = wanted === '' ? WORKLOADS : wanted.split(',').map((name) => {
    const found = WORKLOADS.find((workload) => workload.name === name);
    if (!found) throw new Error(`unknown workload "${name}": one of ${WORKLOADS.map((each) => each.name).join(', ')}`);
    return found;
  });
  const figures: Figure[] = [];
  const rows = [['workload', 'pods/s', 'threshold', 'times', 'upstream', 'ms of processor a pod']];
  for (const { name, threshold, upstream } of chosen) {
    const result = child(name);
    const value = result?.[0]!.value;
    const beside = [...(threshold === undefined ? [] : [`threshold ${threshold}`]), ...(upstream === undefined ? [] : [`upstream ${upstream}`])].join(', ');
    figures.push({ name: `${name}${beside === '' ? '' : ` (${beside})`}`, value: value ?? Number.NaN, unit: value === undefined ? 'pods/s, failed' : 'pods/s' });
    if (result) figures.push({ ...result[1]!, name: `${name}: processor time` });
    process.stdout.write(`${name}: ${value === undefined ? 'failed' : `${Math.round(value)} pods/s, ${result![1]!.value.toFixed(2)} ms/pod`}\n`);
    rows.push([name, value === undefined ? 'failed' : String(Math.round(value)), String(threshold ?? ''), value === undefined || threshold === undefined ? '' : (value / threshold).toFixed(1), String(upstream ?? ''), result?.[1]!.value.toFixed(2) ?? '']);
  }
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  process.stdout.write(`\n${rows.map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ').trimEnd()).join('\n')}\n\n`);
  report('scheduler-perf', figures);
} else {
  const { perSecond, cpuMsPerPod } = await run(WORKLOADS.find((each) => each.name === one)!);
  report('scheduler-perf', [{ name: one, value: perSecond, unit: 'pods/s' }, { name: `${one}: processor time`, value: cpuMsPerPod, unit: 'ms/pod' }]);
  process.exit(0);
}
