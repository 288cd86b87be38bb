/** A webhook that has a say in scheduling: one HTTP call a verb, in the form of kube-scheduler's extender v1. */
import type { Node, Pod } from '../../api/core/v1/types.ts';
import type { Host, TlsClientOptions } from '../../host/types.ts';
import type { PreemptionCandidate } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';

export interface ExtenderSettings {
  urlPrefix: string;
  filterVerb?: string;
  preemptVerb?: string;
  prioritizeVerb?: string;
  bindVerb?: string;
  weight: number;
  enableHTTPS?: boolean;
  tls?: TlsClientOptions;
  httpTimeoutMs: number;
  /** It keeps nodes itself: names are enough. */
  nodeCacheCapable: boolean;
  managedResources: readonly { name: string; ignoredByScheduler?: boolean }[];
  /** Scheduling goes on without it when it does not answer. */
  ignorable: boolean;
}

/** Extenders score 0 to 10; plug-ins 0 to 100. */
const SCORE_SCALE = 10;
/** Larger answers are refused. */
const ANSWER_LIMIT_BYTES = 64 * 2 ** 20;

export interface ExtenderVerdict {
  feasible: NodeInfo[];
  failed: ReadonlyMap<string, string>;
  unresolvable: ReadonlyMap<string, string>;
}

type Loose = Readonly<Record<string, unknown>>;

/** A field whatever the case of its first letters: Go reads `nodenames` and `NodeNames` alike. */
function field<T>(object: Loose, name: string): T | undefined {
  if (object[name] !== undefined) return object[name] as T;
  const wanted = name.toLowerCase();
  for (const key in object) if (key.toLowerCase() === wanted) return (object[key] ?? undefined) as T | undefined;
  return undefined;
}

const mapOf = (value: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> => new Map(Object.entries(value ?? {}));

export class Extender {
  readonly settings: ExtenderSettings;
  readonly #host: Host;
  readonly #managed: ReadonlySet<string>;

  constructor(host: Host, settings: ExtenderSettings) {
    this.#host = host;
    this.settings = settings;
    this.#managed = new Set(settings.managedResources.map((resource) => resource.name));
  }

  get name(): string {
    return this.settings.urlPrefix;
  }

  /** Without managed resources it is asked about every pod; else about those that ask for one of them. */
  isInterested(pod: Pod): boolean {
    if (this.#managed.size === 0) return true;
    const named = (list: Readonly<Record<string, unknown>> | undefined): boolean => Object.keys(list ?? {}).some((name) => this.#managed.has(name));
    return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].some(({ resources }) => named(resources?.requests) || named(resources?.limits));
  }

  async filter(pod: PodInfo, nodes: readonly NodeInfo[]): Promise<ExtenderVerdict> {
    const answer = await this.#call(this.settings.filterVerb!, this.#args(pod, nodes));
    const error = field<string>(answer, 'Error');
    if (error) throw new Error(error);
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const names = this.settings.nodeCacheCapable
      ? (field<string[]>(answer, 'NodeNames') ?? [])
      : (field<{ items?: Node[] }>(answer, 'Nodes')?.items ?? []).map((node) => node.metadata.name!);
    const feasible = names.map((name) => {
      const node = byName.get(name);
      if (!node) throw new Error(`extender "${this.name}" claims a filtered node "${name}" which is not found in the input node list`);
      return node;
    });
    return { feasible, failed: mapOf(field(answer, 'FailedNodes')), unresolvable: mapOf(field(answer, 'FailedAndUnresolvableNodes')) };
  }

  /** What each node's score rises by, on the scale of plug-ins. */
  async prioritize(pod: PodInfo, nodes: readonly NodeInfo[]): Promise<ReadonlyMap<string, number>> {
    const answer = await this.#call(this.settings.prioritizeVerb!, this.#args(pod, nodes));
    const list = (Array.isArray(answer) ? answer : []) as Loose[];
    return new Map(list.map((entry) => [field<string>(entry, 'Host') ?? '', (field<number>(entry, 'Score') ?? 0) * this.settings.weight * SCORE_SCALE]));
  }

  /** The candidates that it leaves, with the victims that it names. */
  async preempt(pod: PodInfo, candidates: readonly PreemptionCandidate[]): Promise<PreemptionCandidate[]> {
    const whole = Object.fromEntries(candidates.map(({ node, victims, violations }) => [node.name, { Pods: victims.map((victim) => victim.pod), NumPDBViolations: violations }]));
    const meta = Object.fromEntries(candidates.map(({ node, victims, violations }) => [node.name, { Pods: victims.map((victim) => ({ UID: victim.uid })), NumPDBViolations: violations }]));
    const args = this.settings.nodeCacheCapable ? { Pod: pod.pod, NodeNameToMetaVictims: meta } : { Pod: pod.pod, NodeNameToVictims: whole };
    const answer = await this.#call(this.settings.preemptVerb!, args);
    const kept = field<Record<string, Loose>>(answer, 'NodeNameToMetaVictims') ?? {};
    return Object.entries(kept).map(([name, victims]) => {
      const candidate = candidates.find(({ node }) => node.name === name);
      if (!candidate) throw new Error(`extender "${this.name}" claims node "${name}" which is not among the candidates`);
      const wanted = (field<Loose[]>(victims, 'Pods') ?? []).map((each) => field<string>(each, 'UID'));
      const pods = wanted.map((uid) => {
        const victim = candidate.node.pods.find((each) => each.uid === uid);
        if (!victim) throw new Error(`extender "${this.name}" claims a victim "${uid}" which is not on node "${name}"`);
        return victim;
      });
      return { node: candidate.node, victims: pods, violations: field<number>(victims, 'NumPDBViolations') ?? candidate.violations };
    });
  }

  async bind(pod: PodInfo, nodeName: string): Promise<void> {
    const answer = await this.#call(this.settings.bindVerb!, { PodName: pod.name, PodNamespace: pod.namespace, PodUID: pod.uid, Node: nodeName });
    const error = field<string>(answer, 'Error');
    if (error) throw new Error(error);
  }

  #args(pod: PodInfo, nodes: readonly NodeInfo[]): object {
    if (this.settings.nodeCacheCapable) return { Pod: pod.pod, NodeNames: nodes.map((node) => node.name) };
    return { Pod: pod.pod, Nodes: { kind: 'NodeList', apiVersion: 'v1', metadata: {}, items: nodes.map((node) => node.node) } };
  }

  async #call(verb: string, args: object): Promise<Loose> {
    const url = `${this.settings.urlPrefix.replace(/\/+$/, '')}/${verb}`;
    const response = await this.#host.net.request({
      method: 'POST', url, headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify(args),
      timeoutMs: this.settings.httpTimeoutMs,
      ...(this.settings.tls ? { tls: this.settings.tls } : {}),
    });
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of response.body) {
      size += piece.length;
      if (size > ANSWER_LIMIT_BYTES) throw new Error(`extender at ${url} answered more than ${ANSWER_LIMIT_BYTES} bytes`);
      pieces.push(piece);
    }
    if (response.status !== 200) throw new Error(`failed ${verb} with extender at URL ${url}, code ${response.status}`);
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Loose;
  }
}
