/** Follows every commit of a simulated cluster, and keeps the sums that a report is made of. */
import { createHash } from 'node:crypto';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../api/apps/v1/types.ts';
import type { Job } from '../../api/batch/v1/types.ts';
import { isPodReady, isPodTerminal, restartCountOf } from '../../api/core/v1/pods.ts';
import { amountsOf, podRequests } from '../../api/core/v1/resources.ts';
import type { Node, Pod } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Sample, WhatIfQuestion, WhatIfReport, Why, WorkloadReport } from './report.ts';

const incidentsLimit = 1_000;
/** Changes of readiness of one workload that are kept one by one. */
const seriesLimit = 20_000;
const whyLimit = 5;
/** Moments of utilisation are at least so far apart. */
const sampleEveryMs = 1_000;

interface Tracked {
  report: WorkloadReport;
  uid: string;
  sinceMs: number;
  isWhole: boolean;
}

interface TrackedPod {
  pod: Pod;
  workload: string | undefined;
  cpu: number;
  memory: number;
}

const workloadFolders: ReadonlySet<string> = new Set(['deployments', 'statefulsets', 'daemonsets', 'jobs', 'replicasets', 'replicationcontrollers', 'cronjobs']);
const watched: ReadonlySet<string> = new Set([...workloadFolders, 'pods', 'minions']);

/** Whether the tracker looks into a folder of the store at all. */
export const isTracked = (folder: string): boolean => watched.has(folder);

/** What a workload wants, and what it has of it. */
function readiness(folder: string, object: KubeObject): { ready: number; desired: number } {
  if (folder === 'daemonsets') {
    const { status } = object as DaemonSet;
    return { ready: status?.numberReady ?? 0, desired: status?.desiredNumberScheduled ?? 0 };
  }
  if (folder === 'jobs') {
    const { spec, status } = object as Job;
    return { ready: status?.succeeded ?? 0, desired: spec?.completions ?? 1 };
  }
  const { spec, status } = object as Deployment | StatefulSet | ReplicaSet;
  return { ready: status?.readyReplicas ?? 0, desired: spec?.replicas ?? 1 };
}

export class Tracker {
  readonly #question: WhatIfQuestion;
  readonly #workloads = new Map<string, Tracked>();
  readonly #owners = new Map<string, { key: string; owner: string | undefined }>();
  readonly #pods = new Map<string, TrackedPod>();
  readonly #nodes = new Map<string, { cpu: number; memory: number; isReady: boolean }>();
  readonly #samples: Sample[] = [];
  readonly #incidents: WhatIfReport['incidents'] = [];
  readonly #lost: Record<string, number> = {};
  readonly #ended = { succeeded: 0, failed: 0 };
  readonly #digest = createHash('sha256');
  readonly #used = { cpu: 0, memory: 0, running: 0, pending: 0 };
  readonly #has = { cpu: 0, memory: 0, ready: 0 };
  readonly #peak = { cpu: 0, memory: 0, running: 0 };
  #dirty = false;
  #lastSampleMs = Number.NEGATIVE_INFINITY;
  #commits = 0;
  readonly notes: string[] = [];

  constructor(question: WhatIfQuestion) {
    this.#question = question;
  }

  /** A commit of any folder adds to the trace. */
  count(atMs: number, revision: number, key: string): void {
    this.#commits++;
    this.#digest.update(`${atMs} ${revision} ${key}\n`);
  }

  incident(atMs: number, what: string): void {
    if (this.#incidents.length < incidentsLimit) this.#incidents.push({ atMs, what });
  }

  /** A change in one of the tracked folders; `object` is the last state of what was deleted. */
  changed(atMs: number, folder: string, type: 'put' | 'deleted', object: KubeObject): void {
    if (folder === 'pods') this.#pod(atMs, type, object as Pod);
    else if (folder === 'minions') this.#node(atMs, type, object as Node);
    else this.#workload(atMs, folder, type, object);
    if (this.#dirty && atMs - this.#lastSampleMs >= sampleEveryMs) this.#sample(atMs);
  }

  #sample(atMs: number): void {
    this.#dirty = false;
    this.#lastSampleMs = atMs;
    const cpu = this.#has.cpu === 0 ? 0 : this.#used.cpu / this.#has.cpu;
    const memory = this.#has.memory === 0 ? 0 : this.#used.memory / this.#has.memory;
    this.#samples.push([atMs, cpu, memory, this.#used.running, this.#used.pending, this.#has.ready]);
    this.#peak.cpu = Math.max(this.#peak.cpu, cpu);
    this.#peak.memory = Math.max(this.#peak.memory, memory);
    this.#peak.running = Math.max(this.#peak.running, this.#used.running);
  }

  #node(atMs: number, type: 'put' | 'deleted', node: Node): void {
    const name = node.metadata.name!;
    const before = this.#nodes.get(name);
    if (before) {
      this.#has.cpu -= before.cpu;
      this.#has.memory -= before.memory;
      if (before.isReady) this.#has.ready--;
      this.#nodes.delete(name);
    }
    if (type === 'put') {
      const amounts = amountsOf(node.status?.allocatable ?? {});
      const isReady = node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
      const entry = { cpu: amounts['cpu'] ?? 0, memory: amounts['memory'] ?? 0, isReady };
      this.#nodes.set(name, entry);
      this.#has.cpu += entry.cpu;
      this.#has.memory += entry.memory;
      if (isReady) this.#has.ready++;
      if (before && before.isReady !== isReady) this.incident(atMs, `node ${name} is ${isReady ? 'ready again' : 'not ready'}`);
    } else this.incident(atMs, `node ${name} is deleted`);
    this.#dirty = true;
  }

  #weigh(entry: TrackedPod, sign: 1 | -1): void {
    const { pod } = entry;
    if (isPodTerminal(pod)) return;
    if (pod.spec?.nodeName) {
      this.#used.cpu += sign * entry.cpu;
      this.#used.memory += sign * entry.memory;
    }
    if (pod.status?.phase === 'Running') this.#used.running += sign;
    else this.#used.pending += sign;
    this.#dirty = true;
  }

  #pod(atMs: number, type: 'put' | 'deleted', pod: Pod): void {
    const uid = pod.metadata.uid!;
    const before = this.#pods.get(uid);
    if (before) this.#weigh(before, -1);
    if (type === 'deleted') {
      this.#pods.delete(uid);
      if (before && !isPodTerminal(before.pod)) this.#countLoss(atMs, before);
      return;
    }
    const entry = before ?? this.#newPod(pod);
    if (before && !isPodTerminal(before.pod) && isPodTerminal(pod)) {
      if (pod.status?.phase === 'Succeeded') this.#ended.succeeded++;
      else {
        this.#ended.failed++;
        this.#countLoss(atMs, { ...before, pod });
      }
    }
    const restarts = restartCountOf(pod) - (before ? restartCountOf(before.pod) : 0);
    const workload = entry.workload === undefined ? undefined : this.#workloads.get(entry.workload);
    if (restarts > 0 && workload) workload.report.restarts += restarts;
    entry.pod = pod;
    this.#pods.set(uid, entry);
    this.#weigh(entry, 1);
  }

  #newPod(pod: Pod): TrackedPod {
    const requests = podRequests(pod);
    return { pod, workload: this.#workloadOf(pod), cpu: requests['cpu'] ?? 0, memory: requests['memory'] ?? 0 };
  }

  /** The uid of the topmost owner that is a workload. */
  #workloadOf(object: KubeObject): string | undefined {
    let uid = object.metadata.ownerReferences?.find((owner) => owner.controller)?.uid;
    for (let depth = 0; uid !== undefined && depth < 5; depth++) {
      const owner = this.#owners.get(uid)?.owner;
      if (owner === undefined || !this.#workloads.has(owner)) return uid;
      uid = owner;
    }
    return uid;
  }

  /** A pod that did not end by its workload's own will: it says why itself. */
  #countLoss(_atMs: number, { pod, workload }: TrackedPod): void {
    const target = pod.status?.conditions?.find((c) => c.type === 'DisruptionTarget' && c.status === 'True');
    const reason = target?.reason ?? (pod.status?.phase === 'Failed' ? (pod.status.reason ?? 'Failed') : undefined);
    if (reason === undefined) return;
    this.#lost[reason] = (this.#lost[reason] ?? 0) + 1;
    const of = workload === undefined ? undefined : this.#workloads.get(workload)?.report.lost;
    if (of) of[reason] = (of[reason] ?? 0) + 1;
  }

  #workload(atMs: number, folder: string, type: 'put' | 'deleted', object: KubeObject): void {
    const uid = object.metadata.uid!;
    const owner = object.metadata.ownerReferences?.find((each) => each.controller)?.uid;
    this.#owners.set(uid, { key: folder, owner });
    if (owner !== undefined || folder === 'cronjobs') return;
    const known = this.#workloads.get(uid);
    const { ready, desired } = readiness(folder, object);
    if (!known) {
      if (type === 'deleted') return;
      const { name = '', namespace = '' } = object.metadata;
      const report: WorkloadReport = { kind: object.kind ?? folder, namespace, name, desired, ready, degradedMs: 0, downMs: 0, lost: {}, restarts: 0, series: [[atMs, ready, desired]], why: [] };
      this.#workloads.set(uid, { report, uid, sinceMs: atMs, isWhole: false });
      this.#judge(this.#workloads.get(uid)!, atMs, folder, ready, desired);
      return;
    }
    if (type === 'deleted') {
      this.#pass(known, atMs);
      this.#workloads.delete(uid);
      return;
    }
    if (known.report.ready !== ready || known.report.desired !== desired) this.#judge(known, atMs, folder, ready, desired);
  }

  #judge(tracked: Tracked, atMs: number, folder: string, ready: number, desired: number): void {
    const { report } = tracked;
    this.#pass(tracked, atMs);
    report.ready = ready;
    report.desired = desired;
    const last = report.series.at(-1)!;
    if (last[0] === atMs) report.series[report.series.length - 1] = [atMs, ready, desired];
    else if (report.series.length < seriesLimit) report.series.push([atMs, ready, desired]);
    const isWhole = ready >= desired && (desired > 0 || folder !== 'daemonsets');
    tracked.isWhole = isWhole;
    if (isWhole) report.readyAfterMs ??= atMs;
  }

  /** Time has passed since the last change: it counts as what the workload was then. */
  #pass(tracked: Tracked, atMs: number): void {
    const { report } = tracked;
    const spentMs = atMs - tracked.sinceMs;
    tracked.sinceMs = atMs;
    if (report.readyAfterMs === undefined || report.kind === 'Job' || tracked.isWhole) return;
    report.degradedMs += spentMs;
    if (report.ready === 0) report.downMs += spentMs;
  }

  #reasons(): Map<string, Map<string, number>> {
    const found = new Map<string, Map<string, number>>();
    for (const { pod, workload } of this.#pods.values()) {
      if (isPodReady(pod) || isPodTerminal(pod)) continue;
      const message = reasonOf(pod);
      if (message === undefined) continue;
      const key = workload ?? '';
      const messages = found.get(key) ?? new Map<string, number>();
      found.set(key, messages.set(message, (messages.get(message) ?? 0) + 1));
    }
    return found;
  }

  report(endMs: number): WhatIfReport {
    if (this.#dirty) this.#sample(endMs);
    const reasons = this.#reasons();
    const workloads: WorkloadReport[] = [];
    for (const tracked of this.#workloads.values()) {
      this.#pass(tracked, endMs);
      const why: Why[] = [...(reasons.get(tracked.uid) ?? [])].map(([message, pods]) => ({ message, pods })).toSorted((a, b) => b.pods - a.pods).slice(0, whyLimit);
      workloads.push({ ...tracked.report, why });
    }
    workloads.sort((a, b) => (`${a.namespace}/${a.kind}/${a.name}` < `${b.namespace}/${b.kind}/${b.name}` ? -1 : 1));
    const isAllReady = workloads.every((each) => each.readyAfterMs !== undefined);
    return {
      question: this.#question,
      ...(isAllReady && workloads.length > 0 ? { readyAfterMs: Math.max(...workloads.map((each) => each.readyAfterMs!)) } : {}),
      workloads,
      pods: { running: this.#used.running, pending: this.#used.pending, ...this.#ended },
      lost: this.#lost, samples: this.#samples, peak: this.#peak, incidents: this.#incidents, notes: this.notes,
      commits: this.#commits, trace: this.#digest.digest('hex'),
    };
  }
}

/** Why a pod is not ready, in the words of whoever decided so. */
function reasonOf(pod: Pod): string | undefined {
  const scheduled = pod.status?.conditions?.find((c) => c.type === 'PodScheduled');
  if (!pod.spec?.nodeName) return scheduled?.message ?? 'the scheduler has not looked at it';
  const waiting = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find((status) => status.state?.waiting);
  if (waiting) return `${waiting.state!.waiting!.reason ?? 'waiting'}: ${waiting.state!.waiting!.message ?? waiting.image}`;
  if (pod.metadata.deletionTimestamp) return 'is being deleted';
  return pod.status?.conditions?.find((c) => c.type === 'Ready')?.message ?? pod.status?.phase;
}
