/** What would have to be otherwise for a node to take a pod: one short sentence for each thing that stands in the way. */
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../api/core/v1/types.ts';
import { compileNodeTerm, toleratedBy } from '../../api/core/v1/scheduling-terms.ts';
import type { Cycle, Status } from '../framework.ts';
import { HostPorts } from '../node-info.ts';
import type { NodeInfo } from '../node-info.ts';
import { termMatches } from '../pod-info.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';

type Explain = (cycle: Cycle, node: NodeInfo) => string[];

const MIB = 2 ** 20;

function amountText(resource: string, amount: number): string {
  if (resource === 'cpu') return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  if ((resource === 'memory' || resource === 'ephemeral-storage') && amount >= MIB) return `${Math.ceil(amount / MIB)}Mi`;
  return String(amount);
}

function lessOf(resource: string, wanted: number, free: number): string {
  if (wanted <= free) return '';
  const less = amountText(resource, wanted - Math.max(free, 0));
  return free <= 0 ? `request no ${resource}, or free ${less} of it on the node` : `request ${less} less ${resource}`;
}

const resources: Explain = ({ pod }, node) => {
  const wanted = pod.request.amounts;
  const { allocatable, requested } = node;
  const found = [
    lessOf('cpu', wanted.milliCpu, allocatable.milliCpu - requested.milliCpu),
    lessOf('memory', wanted.memory, allocatable.memory - requested.memory),
    lessOf('ephemeral-storage', wanted.ephemeralStorage, allocatable.ephemeralStorage - requested.ephemeralStorage),
    ...[...(wanted.scalars ?? [])].map(([name, amount]) => lessOf(name, amount, (allocatable.scalars?.get(name) ?? 0) - (requested.scalars?.get(name) ?? 0))),
  ].filter((text) => text !== '');
  if (node.pods.length + 1 > node.allowedPods) found.unshift(`have ${node.pods.length + 1 - node.allowedPods} pod(s) fewer on the node (it takes ${node.allowedPods})`);
  return found;
};

const taints: Explain = ({ pod }, node) =>
  (node.node?.spec?.taints ?? [])
    .filter((taint) => taint.effect !== 'PreferNoSchedule' && !toleratedBy(pod.pod.spec?.tolerations, taint))
    .map((taint) => `tolerate taint ${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`);

function requirementText({ key, operator, values = [] }: NodeSelectorRequirement): string {
  if (operator === 'Exists' || operator === 'DoesNotExist') return `${key} ${operator === 'Exists' ? 'to be there' : 'not to be there'}`;
  if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`;
  return `${key} ${operator} (${values.join(', ')})`;
}

/** Requirements of the term that the node does not meet. */
function unmet(term: NodeSelectorTerm, node: NodeInfo): string[] {
  const labels = (term.matchExpressions ?? []).filter((each) => !compileNodeTerm({ matchExpressions: [each] })(node.name, node.labels));
  const fields = (term.matchFields ?? []).filter((each) => !compileNodeTerm({ matchFields: [each] })(node.name, node.labels));
  return [...labels, ...fields].map(requirementText);
}

const nodeLabels: Explain = ({ pod }, node) => {
  const has = (key: string): string => (node.labels[key] === undefined ? 'it has no such label' : `it has ${key}=${node.labels[key]}`);
  const found = Object.entries(pod.pod.spec?.nodeSelector ?? {}).filter(([key, value]) => node.labels[key] !== value).map(([key, value]) => `node ${node.name} lacks label ${key}=${value} (${has(key)})`);
  const terms = pod.pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (terms.length === 0 || terms.some((term) => compileNodeTerm(term)(node.name, node.labels))) return found;
  // The term that is nearest to being met.
  const [nearest] = terms.map((term) => unmet(term, node)).toSorted((a, b) => a.length - b.length);
  return [...found, `node affinity wants ${nearest!.join(' and ') || 'what no node has'}`];
};

const ports: Explain = ({ pod }, node) =>
  pod.hostPorts.filter((port) => node.ports.clashes(port)).map((port) => {
    const wanted = new HostPorts();
    wanted.add(port);
    const holder = node.pods.find((other) => other.hostPorts.some((each) => wanted.clashes(each)));
    return `host port ${port.port}/${port.protocol} is taken${holder ? ` by pod ${holder.namespace}/${holder.name}` : ''}`;
  });

const describeTerm = (term: AffinityTerm, node: NodeInfo): string => `${term.topologyKey}=${node.labels[term.topologyKey] ?? '(none)'}`;

const sameDomain = (term: AffinityTerm, a: NodeInfo, b: NodeInfo): boolean => a.labels[term.topologyKey] !== undefined && a.labels[term.topologyKey] === b.labels[term.topologyKey];

/** A pod in the node's domain that the condition holds for. */
function podInDomain(cycle: Cycle, term: AffinityTerm, node: NodeInfo, holds: (pod: PodInfo) => boolean): PodInfo | undefined {
  for (const other of cycle.snapshot.nodes) if (sameDomain(term, node, other)) for (const pod of other.pods) if (holds(pod)) return pod;
  return undefined;
}

const affinity: Explain = (cycle, node) => {
  const { pod, lookups } = cycle;
  const speaksOf = (term: AffinityTerm, other: PodInfo): boolean => termMatches(term, other.namespace, other.labels, lookups.namespaceLabels);
  const found: string[] = [];
  for (const term of pod.requiredAffinity) {
    if (node.labels[term.topologyKey] === undefined) found.push(`node ${node.name} lacks label ${term.topologyKey}, which pod affinity goes by`);
    else if (!podInDomain(cycle, term, node, (other) => speaksOf(term, other))) found.push(`no pod that pod affinity wants is in ${describeTerm(term, node)}`);
  }
  for (const term of pod.requiredAntiAffinity) {
    const other = podInDomain(cycle, term, node, (each) => speaksOf(term, each));
    if (other) found.push(`pod ${other.namespace}/${other.name} is in ${describeTerm(term, node)}, and pod anti-affinity keeps this pod away from it`);
  }
  for (const existing of cycle.snapshot.nodes) {
    for (const other of existing.podsWithRequiredAntiAffinity) {
      const term = other.requiredAntiAffinity.find((each) => sameDomain(each, node, existing) && speaksOf(each, pod));
      if (term) return [...found, `pod ${other.namespace}/${other.name} in ${describeTerm(term, node)} keeps pods like this one away by its anti-affinity`];
    }
  }
  return found;
};

const spread: Explain = ({ pod }, node) =>
  (pod.pod.spec?.topologySpreadConstraints ?? []).filter((each) => each.whenUnsatisfiable === 'DoNotSchedule').map((each) => {
    const value = node.labels[each.topologyKey];
    return value === undefined
      ? `node ${node.name} lacks label ${each.topologyKey}, which pods are to be spread over`
      : `another place than ${each.topologyKey}=${value}, or a maxSkew above ${each.maxSkew}`;
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
};

/** The changes that would take the refusal away; its own words where nothing better is known. */
export function changesFor(cycle: Cycle, node: NodeInfo, refusal: Status): string[] {
  const found = BY_PLUGIN[refusal.plugin]?.(cycle, node) ?? [];
  return found.length > 0 ? found : [refusal.reasons.join(', ')];
}
