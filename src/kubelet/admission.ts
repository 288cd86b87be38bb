/** Whether a node takes a pod that it was given: what the scheduler promised must hold here. Pure. */
import { own } from '../base/own.ts';
import { hostPortsOf } from '../api/core/v1/pods.ts';
import { podRequests } from '../api/core/v1/resources.ts';
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../api/core/v1/types.ts';
import { quantityToNumber } from '../api/meta/quantity.ts';
import type { Rejection } from './parts.ts';
import { forbiddenSysctl } from './security.ts';

export interface AdmissionSnapshot {
  node: Pick<Node, 'metadata'>;
  /** Thousandths of processors, bytes, counts. */
  allocatable: Readonly<Record<string, number>>;
  maxPods: number;
  /** Pods that were taken and still use what they asked for. */
  others: readonly Pod[];
  allowedUnsafeSysctls: readonly string[];
}

function matchesRequirement({ key, operator, values = [] }: NodeSelectorRequirement, labels: Readonly<Record<string, string>>): boolean {
  const value = own(labels, key);
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value);
    case 'NotIn': return value === undefined || !values.includes(value);
    case 'Exists': return value !== undefined;
    case 'DoesNotExist': return value === undefined;
    case 'Gt': return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt': return value !== undefined && Number(value) < Number(values[0]);
    default: return false;
  }
}

function matchesTerm(term: NodeSelectorTerm, { metadata }: Pick<Node, 'metadata'>): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  return matchExpressions.every((r) => matchesRequirement(r, metadata.labels ?? {})) && matchFields.every((r) => matchesRequirement(r, { 'metadata.name': metadata.name ?? '' }));
}

function fitsNode(pod: Pod, node: Pick<Node, 'metadata'>): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(pod.spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || (required.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node));
}

function outOf(resource: string, wanted: number, used: number, capacity: number): Rejection {
  return { reason: `OutOf${resource}`, message: `Pod was rejected: Node didn't have enough resource: ${resource}, requested: ${wanted}, used: ${used}, capacity: ${capacity}` };
}

const isExtended = (resource: string): boolean => resource.includes('/') && !resource.startsWith('kubernetes.io/') && !resource.startsWith('requests.');

/** Extended resources as the node's status has them. */
export function extendedAmounts(node: { status?: Node['status'] }): Record<string, number> {
  const amounts: Record<string, number> = {};
  for (const [name, quantity] of Object.entries(node.status?.allocatable ?? {})) if (isExtended(name)) amounts[name] = quantityToNumber(quantity);
  return amounts;
}

function lacking(pod: Pod, snapshot: AdmissionSnapshot): Rejection | undefined {
  if (snapshot.others.length + 1 > snapshot.maxPods) {
    return { reason: 'OutOfpods', message: `Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: ${snapshot.others.length}, capacity: ${snapshot.maxPods}` };
  }
  for (const [resource, wanted] of Object.entries(podRequests(pod))) {
    if (wanted === 0 || resource === 'pods') continue;
    const capacity = snapshot.allocatable[resource];
    // Extended resources that the node does not know are others' to look after.
    if (capacity === undefined && isExtended(resource)) continue;
    if (capacity === undefined) return outOf(resource, wanted, 0, 0);
    const used = snapshot.others.reduce((sum, other) => sum + (podRequests(other)[resource] ?? 0), 0);
    if (used + wanted > capacity) return outOf(resource, wanted, used, capacity);
  }
  return undefined;
}

function portsTaken(pod: Pod, others: readonly Pod[]): boolean {
  const taken = others.flatMap(hostPortsOf);
  return hostPortsOf(pod).some((port) => taken.some((t) => t.port === port.port && t.protocol === port.protocol && (t.ip === port.ip || t.ip === '0.0.0.0' || port.ip === '0.0.0.0')));
}

/** Why the pod is refused; undefined when it is taken. */
export function decideAdmission(pod: Pod, snapshot: AdmissionSnapshot): Rejection | undefined {
  if (!fitsNode(pod, snapshot.node)) return { reason: 'NodeAffinity', message: 'Pod was rejected: Predicate NodeAffinity failed: node(s) didn\'t match Pod\'s node affinity/selector' };
  if (portsTaken(pod, snapshot.others)) return { reason: 'NodePorts', message: 'Pod was rejected: Predicate NodePorts failed: node(s) didn\'t have free ports for the requested pod ports' };
  if (pod.spec?.os?.name && pod.spec.os.name !== 'linux') return { reason: 'PodOSNotSupported', message: `Pod was rejected: Failed to admit pod as the OS field doesn't match node OS` };
  const sysctl = forbiddenSysctl(pod, snapshot.allowedUnsafeSysctls);
  if (sysctl) return { reason: 'SysctlForbidden', message: `Pod was rejected: forbidden sysctl: "${sysctl}" not allowlisted` };
  return lacking(pod, snapshot);
}
