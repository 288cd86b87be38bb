/** What would have to be otherwise for a node to take a pod: one short sentence for each thing that stands in the way. */
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../api/core/v1/types.ts';
import { compileNodeTerm, toleratedBy } from '../../api/core/v1/scheduling-terms.ts';
import { backedResources } from '../dra/extended.ts';
import type { Cycle, Status } from '../framework.ts';
import { HostPorts } from '../node-info.ts';
import type { NodeInfo } from '../node-info.ts';
import { termMatches } from '../pod-info.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';
import { classOf, isBound, nodeMatcherOf } from '../plugins/volume-matching.ts';

type Explain = (cycle: Cycle, node: NodeInfo) => string[];

/** Amounts as people write them. */
function amountText(resource: string, amount: number): string {
  if (resource === 'cpu') return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  if (resource !== 'memory' && resource !== 'ephemeral-storage') return String(amount);
  for (const [unit, size] of [['Gi', 2 ** 30], ['Mi', 2 ** 20]] as const) if (amount >= size && (amount % size === 0 || unit === 'Mi')) return `${Math.ceil(amount / size)}${unit}`;
  return String(amount);
}

function lessOf(resource: string, wanted: number, capacity: number, used: number): string {
  const free = capacity - used;
  if (wanted === 0 || wanted <= free) return '';
  if (capacity <= 0) return `do not request ${resource}, of which the node has none`;
  const text = (amount: number): string => amountText(resource, amount);
  const room = `the node has ${text(capacity)}${used > 0 ? `, ${text(used)} of it in use` : ''}`;
  if (free <= 0) return `request no ${resource}, or free ${text(wanted - free)} of it (${room})`;
  return wanted > capacity ? `request ${text(wanted - free)} less ${resource} (${room})` : `request ${text(wanted - free)} less ${resource}, or free as much (${room})`;
}

const resources: Explain = (cycle, node) => {
  const { pod } = cycle;
  const wanted = pod.request.amounts;
  const { allocatable, requested } = node;
  const backed = backedResources(cycle);
  const found = [
    lessOf('cpu', wanted.milliCpu, allocatable.milliCpu, requested.milliCpu),
    lessOf('memory', wanted.memory, allocatable.memory, requested.memory),
    lessOf('ephemeral-storage', wanted.ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage),
    ...[...(wanted.scalars ?? [])].filter(([name]) => !backed.has(name) || allocatable.scalars?.get(name)).map(([name, amount]) => lessOf(name, amount, allocatable.scalars?.get(name) ?? 0, requested.scalars?.get(name) ?? 0)),
  ].filter((text) => text !== '');
  if (node.pods.length + 1 > node.allowedPods) found.unshift(`have ${node.pods.length + 1 - node.allowedPods} pod(s) fewer on the node (it takes ${node.allowedPods})`);
  return found;
};

const HOSTNAME = 'kubernetes.io/hostname';
const CORDON = 'node.kubernetes.io/unschedulable';

const taints: Explain = ({ pod }, node) =>
  (node.node?.spec?.taints ?? [])
    // The taint of a cordon goes with it.
    .filter((taint) => taint.effect !== 'PreferNoSchedule' && !(taint.key === CORDON && node.unschedulable) && !toleratedBy(pod.pod.spec?.tolerations, taint))
    .map((taint) => `tolerate taint ${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`);

function requirementText({ key, operator, values = [] }: NodeSelectorRequirement): string {
  if (operator === 'Exists' || operator === 'DoesNotExist') return `${key} ${operator === 'Exists' ? 'to be there' : 'not to be there'}`;
  if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`;
  if (operator === 'Gt' || operator === 'Lt') return `${key} ${operator === 'Gt' ? 'above' : 'below'} ${values[0]}`;
  if (operator === 'NotIn') return `${key} other than ${values.join(', ')}`;
  return `${key}=${values.join(' or ')}`;
}

/** Requirements of the term that the node does not meet. */
function unmet(term: NodeSelectorTerm, node: NodeInfo): string[] {
  const labels = (term.matchExpressions ?? []).filter((each) => !compileNodeTerm({ matchExpressions: [each] })(node.name, node.labels));
  const fields = (term.matchFields ?? []).filter((each) => !compileNodeTerm({ matchFields: [each] })(node.name, node.labels));
  return [...labels, ...fields].map(requirementText);
}

const nodeLabels: Explain = ({ pod }, node) => {
  const has = (key: string): string => (node.labels[key] === undefined ? 'it has no such label' : `it has ${key}=${node.labels[key]}`);
  const found = Object.entries(pod.pod.spec?.nodeSelector ?? {}).filter(([key, value]) => node.labels[key] !== value).map(([key, value]) => (key === HOSTNAME ? `take ${key}=${value} out of nodeSelector` : `give the node label ${key}=${value} (${has(key)}), or take it out of nodeSelector`));
  const terms = pod.pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (terms.length === 0 || terms.some((term) => compileNodeTerm(term)(node.name, node.labels))) return found;
  // The term that is nearest to being met.
  const [nearest] = terms.map((term) => unmet(term, node)).toSorted((a, b) => a.length - b.length);
  return [...found, nearest!.length === 0 ? 'give node affinity a term that a node can match' : `give the node what node affinity wants: ${nearest!.join(' and ')}`];
};

const ports: Explain = ({ pod }, node) =>
  pod.hostPorts.filter((port) => node.ports.clashes(port)).map((port) => {
    const wanted = new HostPorts();
    wanted.add(port);
    const holder = node.pods.find((other) => other.hostPorts.some((each) => wanted.clashes(each)));
    return `use another host port than ${port.port}/${port.protocol}${holder ? `, which pod ${holder.namespace}/${holder.name} has` : ''}`;
  });

const describeTerm = (term: AffinityTerm, node: NodeInfo): string => `${term.topologyKey}=${node.labels[term.topologyKey] ?? '(none)'}`;

const sameDomain = (term: AffinityTerm, a: NodeInfo, b: NodeInfo): boolean => a.labels[term.topologyKey] !== undefined && a.labels[term.topologyKey] === b.labels[term.topologyKey];

/** A pod in the node's domain that the condition holds for. */
function podInDomain(cycle: Cycle, term: AffinityTerm, node: NodeInfo, holds: (pod: PodInfo) => boolean): PodInfo | undefined {
  for (const other of cycle.snapshot.nodes) if (sameDomain(term, node, other)) for (const pod of other.pods) if (holds(pod)) return pod;
  return undefined;
}

/** The pods that a required term speaks of, by its selector. */
function wantedPods({ pod }: PodInfo, { topologyKey }: AffinityTerm): string {
  const selector = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.find((each) => each.topologyKey === topologyKey)?.labelSelector;
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`).concat((selector?.matchExpressions ?? []).map(requirementText));
  return labels.length > 0 ? `one with ${labels.join(' and ')}` : 'its selector selects none';
}

const affinity: Explain = (cycle, node) => {
  const { pod, lookups } = cycle;
  const speaksOf = (term: AffinityTerm, other: PodInfo): boolean => termMatches(term, other.namespace, other.labels, lookups.namespaceLabels);
  const found: string[] = [];
  for (const term of pod.requiredAffinity) {
    if (node.labels[term.topologyKey] === undefined) found.push(`give the node label ${term.topologyKey}, which pod affinity goes by`);
    else if (!podInDomain(cycle, term, node, (other) => speaksOf(term, other))) found.push(`have a pod that pod affinity wants in ${describeTerm(term, node)}: ${wantedPods(pod, term)}`);
  }
  for (const term of pod.requiredAntiAffinity) {
    const other = podInDomain(cycle, term, node, (each) => speaksOf(term, each));
    if (other) found.push(`have pod ${other.namespace}/${other.name} elsewhere than in ${describeTerm(term, node)}: pod anti-affinity keeps this pod away from it`);
  }
  for (const existing of cycle.snapshot.nodes) {
    for (const other of existing.podsWithRequiredAntiAffinity) {
      const term = other.requiredAntiAffinity.find((each) => sameDomain(each, node, existing) && speaksOf(each, pod));
      if (term) return [...found, `have pod ${other.namespace}/${other.name} elsewhere than in ${describeTerm(term, node)}: it keeps pods like this one away by its anti-affinity`];
    }
  }
  return found;
};

const spread: Explain = ({ pod }, node) =>
  (pod.pod.spec?.topologySpreadConstraints ?? []).filter((each) => each.whenUnsatisfiable === 'DoNotSchedule').map((each) => {
    const value = node.labels[each.topologyKey];
    return value === undefined
      ? `give the node label ${each.topologyKey}, which pods are to be spread over`
      : `have fewer such pods in ${each.topologyKey}=${value}, or more elsewhere, or a maxSkew above ${each.maxSkew}`;
  });

/** Why each claim that waits for its node gets no volume there. */
const volumes: Explain = ({ pod, lookups }, node) =>
  pod.claimNames.flatMap((name) => {
    const claim = lookups.claim(pod.namespace, name);
    if (!claim) return [];
    const { volumeName } = claim.spec ?? {};
    const volume = volumeName ? lookups.volume(volumeName) : undefined;
    if (isBound(claim)) return volume && nodeMatcherOf(volume)?.(node.name, node.labels) === false ? [`use another claim than ${name}: its volume ${volumeName} cannot be reached from the node`] : [];
    const size = String(claim.spec?.resources?.requests?.['storage'] ?? '0');
    const className = classOf(claim);
    const provisioner = lookups.storageClass(className)?.provisioner;
    const ofClass = lookups.volumes().filter((each) => (each.spec?.storageClassName ?? '') === className);
    const near = ofClass.filter((each) => nodeMatcherOf(each)?.(node.name, node.labels) ?? true);
    const there = near.map((each) => `${each.metadata.name} has ${String(each.spec?.capacity?.['storage'] ?? '0')}${each.status?.phase === 'Available' ? '' : `, is ${each.status?.phase ?? 'Pending'}`}`);
    const found = there.length === 0 ? 'there is none' : there.slice(0, 3).join('; ');
    if (!provisioner || provisioner === 'kubernetes.io/no-provisioner') return [`make a volume of class "${className}" with ${size} for claim ${name} that the node can use (${found})`];
    return [`let ${provisioner} make a volume of class "${className}" with ${size} for claim ${name} on the node: its topology or capacity leaves the node out`];
  });

/** Devices that the node would have to have free. */
const devices: Explain = ({ pod, lookups }, node) =>
  (pod.pod.spec?.resourceClaims ?? []).flatMap((each) => {
    const name = each.resourceClaimName ?? pod.pod.status?.resourceClaimStatuses?.find((status) => status.name === each.name)?.resourceClaimName;
    const claim = name === undefined ? undefined : lookups.resourceClaim(pod.namespace, name);
    if (!claim) return [];
    if (claim.status?.allocation) return [`have claim ${name}, whose devices are elsewhere, allocated again`];
    const offered = lookups.resourceSlices().filter((slice) => slice.spec.nodeName === node.name || slice.spec.allNodes).reduce((sum, slice) => sum + (slice.spec.devices?.length ?? 0), 0);
    const wanted = (claim.spec.devices?.requests ?? []).map((request) => (request.exactly ? `${request.exactly.allocationMode === 'All' ? 'all' : (request.exactly.count ?? 1)} of class ${request.exactly.deviceClassName}` : `one of ${request.firstAvailable?.length ?? 0} alternatives`));
    return [`have free devices for claim ${name} on the node: it wants ${wanted.join(' and ')}, drivers offer ${offered} device(s) there in all`];
  });

const BY_PLUGIN: Readonly<Record<string, Explain>> = {
  NodeResourcesFit: resources,
  TaintToleration: taints,
  NodeAffinity: nodeLabels,
  NodePorts: ports,
  InterPodAffinity: affinity,
  PodTopologySpread: spread,
  NodeUnschedulable: (_cycle, node) => [`uncordon node ${node.name}`],
  NodeName: ({ pod }, node) => [`spec.nodeName is ${pod.pod.spec?.nodeName ?? ''}, not ${node.name}`],
  NodeVolumeLimits: (_cycle, node) => [`use fewer volumes, or free some of node ${node.name}`],
  VolumeBinding: volumes,
  VolumeZone: (_cycle, node) => [`use volumes of the node's zone, ${node.labels['topology.kubernetes.io/zone'] ?? 'which it does not name'}`],
  VolumeRestrictions: () => ['have the other pod that uses the same volume end first'],
  DynamicResources: devices,
};

/** What would have to be otherwise before any node comes into question. */
export function changesAnywhere({ pod, lookups }: Cycle, { plugin, reasons }: Status): string[] {
  if (plugin === 'SchedulingGates') return [`take the scheduling gates away: ${(pod.pod.spec?.schedulingGates ?? []).map((gate) => gate.name).join(', ')}`];
  if (plugin !== 'VolumeBinding') return [...reasons];
  const found = pod.claimNames.flatMap((name) => {
    const claim = lookups.claim(pod.namespace, name);
    if (!claim) return [`create claim ${pod.namespace}/${name}`];
    if (isBound(claim) || claim.metadata.deletionTimestamp) return [];
    const className = classOf(claim);
    const storageClass = lookups.storageClass(className);
    if (storageClass?.volumeBindingMode === 'WaitForFirstConsumer') return [];
    if (className !== '' && !storageClass) return [`create storage class "${className}", which claim ${name} asks for`];
    return [storageClass ? `have ${storageClass.provisioner} make a volume for claim ${name} (class "${className}" binds at once)` : `make a volume for claim ${name}, or give it a class`];
  });
  return found.length > 0 ? found : [...reasons];
}

/** The changes that would take the refusal away; its own words where nothing better is known. */
export function changesFor(cycle: Cycle, node: NodeInfo, refusal: Status): string[] {
  const found = BY_PLUGIN[refusal.plugin]?.(cycle, node) ?? [];
  // Uncordoning takes the taint away, too.
  if (refusal.plugin === 'TaintToleration' && node.unschedulable && found.length === 0) return [];
  return found.length > 0 ? found : [refusal.reasons.join(', ')];
}
