/** A pod as the scheduler reads it: everything that filters ask for again and again, worked out once. */
import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../api/core/v1/types.ts';
import type { LabelSelector } from '../api/meta/v1/types.ts';
import { labelSelectorOf } from '../api/meta/selectors.ts';
import { podRequest } from './resource-amounts.ts';
import type { PodRequest } from './resource-amounts.ts';

export type Labels = Readonly<Record<string, string>>;
export const NO_LABELS: Labels = Object.freeze({});

export interface HostPort {
  protocol: string;
  ip: string;
  port: number;
}

/** One term of a pod's affinity or anti-affinity, compiled. */
export interface AffinityTerm {
  /** Equal for terms that mean the same, whichever pod carries them. */
  key: string;
  topologyKey: string;
  weight: number;
  /** Names the term spells out; with neither these nor a selector it means the pod's own namespace. */
  namespaces: ReadonlySet<string>;
  namespaceMatches: ((labels: Labels) => boolean) | undefined;
  podMatches: (labels: Labels) => boolean;
}

export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly priority: number;
  readonly request: PodRequest;
  readonly hostPorts: readonly HostPort[];
  /** Persistent volume claims that it uses, those of ephemeral volumes included. */
  readonly claimNames: readonly string[];
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
}

const NONE: readonly never[] = Object.freeze([]);

/** Keys named by matchLabelKeys or mismatchLabelKeys take their value from the pod that carries the term (KEP-3633). */
function withLabelKeys(term: PodAffinityTerm, labels: Labels): LabelSelector | undefined {
  const selector = term.labelSelector;
  if (!selector || (!term.matchLabelKeys?.length && !term.mismatchLabelKeys?.length)) return selector;
  const present = (key: string): boolean => labels[key] !== undefined;
  const matchExpressions = [...(selector.matchExpressions ?? [])];
  for (const key of term.matchLabelKeys ?? NONE) if (present(key)) matchExpressions.push({ key, operator: 'In', values: [labels[key]!] });
  for (const key of term.mismatchLabelKeys ?? NONE) if (present(key)) matchExpressions.push({ key, operator: 'NotIn', values: [labels[key]!] });
  return { ...selector, matchExpressions };
}

function compileTerm(term: PodAffinityTerm, weight: number, namespace: string, labels: Labels): AffinityTerm {
  const own = !term.namespaces?.length && !term.namespaceSelector;
  const selector = withLabelKeys(term, labels);
  const namespaces = own ? [namespace] : (term.namespaces ?? NONE).toSorted();
  return {
    key: JSON.stringify([term.topologyKey, weight, namespaces, term.namespaceSelector ?? null, selector ?? null]),
    topologyKey: term.topologyKey,
    weight,
    namespaces: new Set(namespaces),
    namespaceMatches: term.namespaceSelector ? labelSelectorOf(term.namespaceSelector) : undefined,
    // An absent selector selects nothing.
    podMatches: selector ? labelSelectorOf(selector) : () => false,
  };
}

const requiredTerms = (terms: readonly PodAffinityTerm[] | undefined, namespace: string, labels: Labels): readonly AffinityTerm[] =>
  terms?.length ? terms.map((term) => compileTerm(term, 0, namespace, labels)) : NONE;
const weightedTerms = (terms: readonly WeightedPodAffinityTerm[] | undefined, namespace: string, labels: Labels): readonly AffinityTerm[] =>
  terms?.length ? terms.map((term) => compileTerm(term.podAffinityTerm, term.weight, namespace, labels)) : NONE;

/** Host ports of regular containers and sidecars. */
function hostPortsOf(pod: Pod): readonly HostPort[] {
  let found: HostPort[] | undefined;
  const sidecars = (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const port of container.ports ?? NONE) {
      if (!port.hostPort) continue;
      (found ??= []).push({ protocol: port.protocol ?? 'TCP', ip: port.hostIP || '0.0.0.0', port: port.hostPort });
    }
  }
  return found ?? NONE;
}

function claimNamesOf(pod: Pod): readonly string[] {
  if (!pod.spec?.volumes?.length) return NONE;
  const names = pod.spec.volumes.flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral ? [`${pod.metadata.name}-${volume.name}`] : [];
  });
  return names.length === 0 ? NONE : names;
}

export function podInfoOf(pod: Pod): PodInfo {
  const namespace = pod.metadata.namespace ?? '';
  const labels = pod.metadata.labels ?? NO_LABELS;
  const affinity = pod.spec?.affinity?.podAffinity;
  const anti = pod.spec?.affinity?.podAntiAffinity;
  return {
    pod,
    uid: pod.metadata.uid ?? `${namespace}/${pod.metadata.name ?? ''}`,
    namespace,
    name: pod.metadata.name ?? '',
    labels,
    priority: pod.spec?.priority ?? 0,
    request: podRequest(pod),
    hostPorts: hostPortsOf(pod),
    claimNames: claimNamesOf(pod),
    requiredAffinity: requiredTerms(affinity?.requiredDuringSchedulingIgnoredDuringExecution, namespace, labels),
    requiredAntiAffinity: requiredTerms(anti?.requiredDuringSchedulingIgnoredDuringExecution, namespace, labels),
    preferredAffinity: weightedTerms(affinity?.preferredDuringSchedulingIgnoredDuringExecution, namespace, labels),
    preferredAntiAffinity: weightedTerms(anti?.preferredDuringSchedulingIgnoredDuringExecution, namespace, labels),
  };
}

/** Whether a term speaks of a pod with these labels in this namespace. */
export function termMatches(term: AffinityTerm, namespace: string, labels: Labels, namespaceLabels: (namespace: string) => Labels): boolean {
  const inNamespace = term.namespaces.has(namespace) || (term.namespaceMatches !== undefined && term.namespaceMatches(namespaceLabels(namespace)));
  return inNamespace && term.podMatches(labels);
}

/** The same pod, as if it were bound to a node. */
export function assumedOn(info: PodInfo, nodeName: string): PodInfo {
  return { ...info, pod: { ...info.pod, spec: { ...info.pod.spec!, nodeName } } };
}
