/** A node with the pods on it, kept up to date pod by pod. */
import type { Node, Taint } from '../api/core/v1/types.ts';
import { addAmounts, amountOf, amountsOf, copyAmounts, noAmounts } from './resource-amounts.ts';
import type { Amounts } from './resource-amounts.ts';
import { NO_LABELS } from './pod-info.ts';
import type { HostPort, Labels, PodInfo } from './pod-info.ts';

/** An image and on how many nodes it lies. Shared by all nodes that have it. */
export interface ImageState {
  readonly sizeBytes: number;
  nodeCount: number;
}

const NO_IMAGES: ReadonlyMap<string, ImageState> = new Map();
const ANY_ADDRESS = '0.0.0.0';

/** Host ports in use on a node. Two uses clash when protocol and port are equal and one address is the other or is 0.0.0.0. */
export class HostPorts {
  readonly #addresses: Map<string, string[]>;

  constructor(addresses = new Map<string, string[]>()) {
    this.#addresses = addresses;
  }

  get size(): number {
    return this.#addresses.size;
  }

  add(port: HostPort): void {
    const key = `${port.protocol}:${port.port}`;
    const there = this.#addresses.get(key);
    if (there) there.push(port.ip);
    else this.#addresses.set(key, [port.ip]);
  }

  remove(port: HostPort): void {
    const key = `${port.protocol}:${port.port}`;
    const there = this.#addresses.get(key);
    const at = there?.indexOf(port.ip) ?? -1;
    if (!there || at < 0) return;
    there.splice(at, 1);
    if (there.length === 0) this.#addresses.delete(key);
  }

  clashes(port: HostPort): boolean {
    const there = this.#addresses.get(`${port.protocol}:${port.port}`);
    if (!there) return false;
    return port.ip === ANY_ADDRESS || there.includes(ANY_ADDRESS) || there.includes(port.ip);
  }

  copy(): HostPorts {
    return new HostPorts(new Map([...this.#addresses].map(([key, addresses]) => [key, [...addresses]])));
  }
}

const hasAffinity = (pod: PodInfo): boolean =>
  pod.requiredAffinity.length > 0 || pod.requiredAntiAffinity.length > 0 || pod.preferredAffinity.length > 0 || pod.preferredAntiAffinity.length > 0;

function without(pods: PodInfo[], uid: string): PodInfo | undefined {
  const at = pods.findIndex((pod) => pod.uid === uid);
  if (at < 0) return undefined;
  const found = pods[at]!;
  // The order of a node's pods carries no meaning.
  pods[at] = pods[pods.length - 1]!;
  pods.pop();
  return found;
}

/** All that a filter or score may ask of a node. `node` is undefined while only pods of it are known. */
export class NodeInfo {
  readonly name: string;
  node: Node | undefined = undefined;
  labels: Labels = NO_LABELS;
  /** Two words of its spec, here because filters ask every node for them. */
  taints: readonly Taint[] | undefined = undefined;
  unschedulable = false;
  pods: PodInfo[] = [];
  podsWithAffinity: PodInfo[] = [];
  podsWithRequiredAntiAffinity: PodInfo[] = [];
  requested: Amounts = noAmounts();
  nonZeroMilliCpu = 0;
  nonZeroMemory = 0;
  allocatable: Amounts = noAmounts();
  allowedPods = 0;
  ports = new HostPorts();
  images: ReadonlyMap<string, ImageState> = NO_IMAGES;
  /** Rises with every change anywhere in the cache: a snapshot copies what is newer than itself. */
  generation = 0;

  constructor(name: string) {
    this.name = name;
  }

  setNode(node: Node | undefined): void {
    this.node = node;
    this.labels = node?.metadata.labels ?? NO_LABELS;
    this.taints = node?.spec?.taints;
    this.unschedulable = node?.spec?.unschedulable === true;
    this.allocatable = amountsOf(node?.status?.allocatable);
    this.allowedPods = amountOf(node?.status?.allocatable?.['pods'], 1);
  }

  addPod(pod: PodInfo): void {
    this.pods.push(pod);
    if (hasAffinity(pod)) this.podsWithAffinity.push(pod);
    if (pod.requiredAntiAffinity.length > 0) this.podsWithRequiredAntiAffinity.push(pod);
    this.#count(pod, 1);
    for (const port of pod.hostPorts) this.ports.add(port);
  }

  /** False when no pod of that uid was here. */
  removePod(uid: string): boolean {
    const pod = without(this.pods, uid);
    if (!pod) return false;
    if (hasAffinity(pod)) without(this.podsWithAffinity, uid);
    if (pod.requiredAntiAffinity.length > 0) without(this.podsWithRequiredAntiAffinity, uid);
    this.#count(pod, -1);
    for (const port of pod.hostPorts) this.ports.remove(port);
    return true;
  }

  copy(): NodeInfo {
    const copy = new NodeInfo(this.name);
    copy.copyFrom(this);
    return copy;
  }

  /** Takes over the state of another in place, so that lists that hold this object stay valid. */
  copyFrom(other: NodeInfo): void {
    this.node = other.node;
    this.labels = other.labels;
    this.taints = other.taints;
    this.unschedulable = other.unschedulable;
    this.pods = other.pods.slice();
    this.podsWithAffinity = other.podsWithAffinity.slice();
    this.podsWithRequiredAntiAffinity = other.podsWithRequiredAntiAffinity.slice();
    this.requested = copyAmounts(other.requested);
    this.nonZeroMilliCpu = other.nonZeroMilliCpu;
    this.nonZeroMemory = other.nonZeroMemory;
    this.allocatable = other.allocatable;
    this.allowedPods = other.allowedPods;
    if (this.ports.size + other.ports.size > 0) this.ports = other.ports.copy();
    this.images = other.images;
    this.generation = other.generation;
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    addAmounts(this.requested, pod.request.amounts, sign);
    this.nonZeroMilliCpu += sign * pod.request.nonZeroMilliCpu;
    this.nonZeroMemory += sign * pod.request.nonZeroMemory;
  }
}
