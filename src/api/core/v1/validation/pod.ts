/** Pods: what may be created, and what may change through the pod itself and through each of its subresources. */
import type { FieldError } from '../../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue, notSupported } from '../../../meta/field.ts';
import { checkStrictIp, parseIp } from '../../../meta/addresses.ts';
import { dnsSubdomain, inRange, qualifiedName } from '../../../meta/names.ts';
import { faultsAt, sameValue } from '../../../meta/validation.ts';
import { isStaticPod } from '../pods.ts';
import { computeQosClass } from '../resources.ts';
import type { Container, ContainerStatus, NodeSelector, Pod, PodSpec, ResourceRequirements, Toleration } from '../types.ts';
import { duplicatesOf } from './common.ts';
import { validatePodSpec } from './podspec.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');
const MAX_INT32 = 2147483647;
const UPDATABLE = [
  '`spec.containers[*].image`', '`spec.initContainers[*].image`', '`spec.activeDeadlineSeconds`', '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

const specOf = (pod: Pod): PodSpec => pod.spec ?? { containers: [] };

/** The rules of a pod by itself, on create and on update. */
export function validatePod(pod: Pod, old?: Pod): FieldError[] {
  const spec = specOf(pod);
  const errors = validatePodSpec(SPEC, spec);
  if (old === undefined) {
    if ((spec.ephemeralContainers ?? []).length > 0) errors.push(forbiddenField(SPEC.child('ephemeralContainers'), 'cannot be set on create'));
    if (spec.nodeName && (spec.schedulingGates ?? []).length > 0) errors.push(forbiddenField(SPEC.child('nodeName'), 'cannot be set until all schedulingGates have been cleared'));
  }
  errors.push(...validateMirror(pod));
  return errors;
}

/** A static pod's picture is bound to its node from the start. */
function validateMirror(pod: Pod): FieldError[] {
  const mirror = pod.metadata.annotations?.['kubernetes.io/config.mirror'];
  if (mirror === undefined || pod.spec?.nodeName) return [];
  return [invalidValue(new FieldPath('metadata.annotations').key('kubernetes.io/config.mirror'), mirror, 'must set spec.nodeName if mirror pod annotation is set')];
}

function validateDeadline(spec: PodSpec, old: PodSpec): FieldError[] {
  const at = SPEC.child('activeDeadlineSeconds');
  const next = spec.activeDeadlineSeconds;
  const was = old.activeDeadlineSeconds;
  if (next !== undefined) {
    if (next < 0 || next > MAX_INT32) return faultsAt(at, next, inRange(next, 0, MAX_INT32));
    return was !== undefined && next > was ? [invalidValue(at, next, 'must be less than or equal to previous value')] : [];
  }
  return was === undefined ? [] : [invalidValue(at, undefined, 'must not update from a positive integer to nil value')];
}

const tolerationKey = (t: Toleration): string => JSON.stringify([t.key ?? '', t.operator || 'Equal', t.value ?? '', t.effect ?? '']);

/** All old tolerations stay; only how long a NoExecute one lasts may change. */
function validateTolerationChange(spec: PodSpec, old: PodSpec): FieldError[] {
  const keys = new Set((spec.tolerations ?? []).map(tolerationKey));
  const gone = (old.tolerations ?? []).some((toleration) => !keys.has(tolerationKey(toleration)));
  return gone ? [forbiddenField(SPEC.child('tolerations'), 'existing toleration can not be modified except its tolerationSeconds')] : [];
}

function validateGateChange(spec: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map((gate) => gate.name));
  const added = (spec.schedulingGates ?? []).filter((gate) => !before.has(gate.name)).map((gate) => gate.name).toSorted();
  return added.map((name) => forbiddenField(SPEC.child('schedulingGates'), `only deletion is allowed, but found new scheduling gate '${name}'`));
}

/** Required node terms of a gated pod may only become narrower: each old term stays a part of the term in its place. */
function isNarrowed(next: NodeSelector | undefined, old: NodeSelector | undefined): boolean {
  if (old === undefined) return true;
  if (next === undefined || next.nodeSelectorTerms.length !== old.nodeSelectorTerms.length) return false;
  return old.nodeSelectorTerms.every((term, i) => (['matchExpressions', 'matchFields'] as const).every((field) => {
    const now = next.nodeSelectorTerms[i]![field] ?? [];
    const had = term[field] ?? [];
    return now.length >= had.length && had.every((requirement, j) => sameValue(requirement, now[j]));
  }));
}

/** What a pod update leaves of the old spec: everything but the fields that may change, which are taken from the new one. */
function allowedSpec(spec: PodSpec, old: PodSpec): PodSpec {
  const images = (containers: Container[] | undefined, next: readonly Container[] | undefined): Container[] | undefined =>
    containers?.map((container, i) => ({ ...container, image: next?.[i]?.image }));
  const allowed: PodSpec = {
    ...old,
    containers: images(old.containers, spec.containers) ?? [],
    initContainers: images(old.initContainers, spec.initContainers),
    activeDeadlineSeconds: spec.activeDeadlineSeconds,
    tolerations: spec.tolerations,
    schedulingGates: spec.schedulingGates,
  };
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) allowed.terminationGracePeriodSeconds = 1;
  if ((old.schedulingGates ?? []).length === 0) return allowed;
  const selector = old.nodeSelector ?? {};
  if (Object.keys(selector).every((key) => spec.nodeSelector?.[key] === selector[key])) allowed.nodeSelector = spec.nodeSelector;
  const required = 'requiredDuringSchedulingIgnoredDuringExecution' as const;
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution' as const;
  const node = spec.affinity?.nodeAffinity;
  if (isNarrowed(node?.[required], old.affinity?.nodeAffinity?.[required])) {
    const nodeAffinity = node && { ...old.affinity?.nodeAffinity, [required]: node[required], [preferred]: node[preferred] };
    const affinity = { ...old.affinity, nodeAffinity };
    if (spec.affinity || old.affinity) allowed.affinity = affinity;
  }
  return allowed;
}

/** The names of fields that differ, for the message. */
function changedFields(spec: PodSpec, allowed: PodSpec): string {
  const fields = [...new Set([...Object.keys(spec), ...Object.keys(allowed)])] as (keyof PodSpec)[];
  return fields.filter((field) => !sameValue(spec[field], allowed[field])).map((field) => `\n  spec.${field}: ${JSON.stringify(allowed[field] ?? null)} -> ${JSON.stringify(spec[field] ?? null)}`).join('');
}

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const spec = specOf(pod);
  const was = specOf(old);
  if (spec.containers.length !== was.containers.length) return [forbiddenField(SPEC.child('containers'), 'pod updates may not add or remove containers')];
  if ((spec.initContainers ?? []).length !== (was.initContainers ?? []).length) return [forbiddenField(SPEC.child('initContainers'), 'pod updates may not add or remove containers')];
  const errors = [...validateDeadline(spec, was), ...validateTolerationChange(spec, was), ...validateGateChange(spec, was)];
  if (errors.length > 0) return errors;
  const allowed = allowedSpec(spec, was);
  if (!sameSpec(spec, allowed)) errors.push(forbiddenField(SPEC, `pod updates may not change fields other than ${UPDATABLE.join(',')}${changedFields(spec, allowed)}`));
  return errors;
}

/** Affinity without anything in it is the same as none. */
function sameSpec(a: PodSpec, b: PodSpec): boolean {
  const clean = (spec: PodSpec): PodSpec => {
    const node = spec.affinity?.nodeAffinity;
    const none = node === undefined || Object.values(node).every((value) => value === undefined);
    return none && spec.affinity ? { ...spec, affinity: { ...spec.affinity, nodeAffinity: undefined } } : spec;
  };
  return sameValue(clean(a), clean(b));
}

/** Containers that ended for good under their restart policy do not run again. */
function validateTransitions(field: 'containerStatuses' | 'initContainerStatuses', pod: Pod, old: Pod): FieldError[] {
  const spec = specOf(old);
  if (spec.restartPolicy === 'Always') return [];
  const byName = new Map((field === 'containerStatuses' ? spec.containers : (spec.initContainers ?? [])).map((container) => [container.name, container]));
  return (old.status?.[field] ?? []).flatMap((was: ContainerStatus, i) => {
    const ended = was.state?.terminated;
    const container = byName.get(was.name);
    if (ended === undefined || container?.restartPolicy !== undefined || (container?.restartPolicyRules ?? []).length > 0) return [];
    if (ended.exitCode !== 0 && spec.restartPolicy === 'OnFailure') return [];
    const now = pod.status?.[field]?.find((status) => status.name === was.name);
    if (now === undefined || now.state?.terminated !== undefined) return [];
    return [forbiddenField(STATUS.child(field).index(i).child('state'), 'may not be transitioned to non-terminated state')];
  });
}

function validateAddresses(field: 'podIPs' | 'hostIPs', pod: Pod): FieldError[] {
  const list = pod.status?.[field] ?? [];
  const at = STATUS.child(field);
  const errors = list.flatMap((entry, i) => checkStrictIp(at.index(i), entry.ip));
  if (list.length > 2) errors.push(invalidValue(at, list, field === 'podIPs' ? 'may specify no more than one IP for each IP family' : 'may specify no more than one IP for each IP family'));
  if (list.length === 2 && errors.length === 0 && parseIp(list[0]!.ip)?.family === parseIp(list[1]!.ip)?.family) {
    errors.push(invalidValue(at, list, 'may specify no more than one IP for each IP family'));
  }
  const single = field === 'podIPs' ? pod.status?.podIP : pod.status?.hostIP;
  if (field === 'hostIPs' && list.length > 0 && single !== list[0]!.ip) errors.push(invalidValue(at.index(0).child('ip'), list[0]!.ip, 'must be equal to `hostIP`'));
  return errors;
}

/** What the kubelet and others may write to /status. */
export function validatePodStatus(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if (pod.spec?.nodeName !== old.spec?.nodeName) errors.push(forbiddenField(STATUS.child('nodeName'), 'may not be changed directly'));
  const nominated = pod.status?.nominatedNodeName;
  if (nominated) errors.push(...faultsAt(STATUS.child('nominatedNodeName'), nominated, dnsSubdomain(nominated)));
  if (old.status?.qosClass && pod.status?.qosClass !== old.status.qosClass) {
    errors.push(invalidValue(STATUS.child('qosClass'), pod.status?.qosClass ?? '', 'field is immutable'));
  }
  errors.push(...validateTransitions('containerStatuses', pod, old), ...validateTransitions('initContainerStatuses', pod, old));
  errors.push(...validateAddresses('podIPs', pod), ...validateAddresses('hostIPs', pod));
  for (const [i, condition] of (pod.status?.conditions ?? []).entries()) {
    errors.push(...faultsAt(STATUS.child('conditions').index(i).child('type'), condition.type, qualifiedName(condition.type)));
    if (!['True', 'False', 'Unknown'].includes(condition.status)) errors.push(notSupported(STATUS.child('conditions').index(i).child('status'), condition.status ?? '', ['False', 'True', 'Unknown']));
  }
  const claims = pod.status?.resourceClaimStatuses ?? [];
  const known = new Set((pod.spec?.resourceClaims ?? []).map((claim) => claim.name));
  for (const [i, claim] of claims.entries()) {
    if (!known.has(claim.name)) errors.push(invalidValue(STATUS.child('resourceClaimStatuses').index(i).child('name'), claim.name, 'must match the name of an entry in `spec.resourceClaims`'));
  }
  errors.push(...duplicatesOf(claims, (claim) => claim.name, (claim, i) => invalidValue(STATUS.child('resourceClaimStatuses').index(i).child('name'), claim.name, 'must be unique')));
  return errors;
}

/** Through /ephemeralcontainers new debugging containers come; those there stay as they are. */
export function validateEphemeralUpdate(pod: Pod, old: Pod): FieldError[] {
  const at = SPEC.child('ephemeralContainers');
  if (isStaticPod(pod) || pod.metadata.annotations?.['kubernetes.io/config.mirror']) return [forbiddenField(new FieldPath(''), 'static pods do not support ephemeral containers')];
  const next = new Map((pod.spec?.ephemeralContainers ?? []).map((container) => [container.name, container]));
  return (old.spec?.ephemeralContainers ?? []).flatMap((was) => {
    const now = next.get(was.name);
    if (now === undefined) return [forbiddenField(at, `existing ephemeral containers "${was.name}" may not be removed\n`)];
    return sameValue(was, now) ? [] : [forbiddenField(at, `existing ephemeral containers "${was.name}" may not be changed\n`)];
  });
}

function removed(next: Readonly<Record<string, string>> | undefined, old: Readonly<Record<string, string>> | undefined): boolean {
  return ['cpu', 'memory'].some((resource) => old?.[resource] !== undefined && next?.[resource] === undefined);
}

function validateResourceChange(path: FieldPath, next: ResourceRequirements | undefined, old: ResourceRequirements | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (removed(next?.requests, old?.requests)) errors.push(forbiddenField(path.child('requests'), 'resource requests cannot be removed'));
  if (removed(next?.limits, old?.limits)) errors.push(forbiddenField(path.child('limits'), 'resource limits cannot be removed'));
  return errors;
}

function withOldAmounts(next: ResourceRequirements | undefined, old: ResourceRequirements | undefined): ResourceRequirements | undefined {
  const merge = (now: Record<string, string> | undefined, was: Record<string, string> | undefined): Record<string, string> => {
    const merged = { ...now };
    for (const resource of ['cpu', 'memory']) {
      if (was?.[resource] === undefined) delete merged[resource];
      else merged[resource] = was[resource];
    }
    return merged;
  };
  if (next === undefined) return old === undefined ? undefined : { limits: merge(undefined, old.limits), requests: merge(undefined, old.requests) };
  return { ...next, limits: merge(next.limits, old?.limits), requests: merge(next.requests, old?.requests) };
}

/** The new spec with processor and memory as they were: what is left to differ is not allowed to. */
function unresized(spec: PodSpec, old: PodSpec): PodSpec {
  const containers = (now: readonly Container[] | undefined, was: readonly Container[] | undefined): Container[] | undefined =>
    now?.map((container, i) => ({ ...container, resources: withOldAmounts(container.resources, was?.[i]?.resources) }));
  return { ...spec, containers: containers(spec.containers, old.containers) ?? [], initContainers: containers(spec.initContainers, old.initContainers), resources: withOldAmounts(spec.resources, old.resources) };
}

function normalized(spec: PodSpec): PodSpec {
  const tidy = (resources: ResourceRequirements | undefined): ResourceRequirements => ({ ...resources, limits: resources?.limits ?? {}, requests: resources?.requests ?? {} });
  const all = (containers: readonly Container[] | undefined): Container[] => (containers ?? []).map((container) => Object.assign({}, container, { resources: tidy(container.resources) }));
  return { ...spec, containers: all(spec.containers), initContainers: all(spec.initContainers), resources: tidy(spec.resources) };
}

/** Through /resize processor and memory change, and nothing else (KEP-1287). */
export function validateResize(pod: Pod, old: Pod): FieldError[] {
  const spec = specOf(pod);
  const was = specOf(old);
  if (isStaticPod(old) || old.metadata.annotations?.['kubernetes.io/config.mirror']) return [forbiddenField(new FieldPath(''), 'static pods cannot be resized')];
  if (was.os?.name === 'windows') return [forbiddenField(new FieldPath(''), 'windows pods cannot be resized')];
  if (spec.containers.length !== was.containers.length) return [forbiddenField(SPEC, 'pod resize may not add or remove containers')];
  const errors: FieldError[] = [];
  for (const field of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (spec[field] ?? []).entries()) {
      errors.push(...validateResourceChange(SPEC.child(field).index(i).child('resources'), container.resources, was[field]?.[i]?.resources));
    }
  }
  errors.push(...validateResourceChange(SPEC.child('resources'), spec.resources, was.resources));
  const before = old.status?.qosClass || computeQosClass(old);
  const after = computeQosClass(pod);
  if (before !== after) errors.push(invalidValue(SPEC, after, 'Pod QOS Class may not change as a result of resizing'));
  if (!sameValue(normalized(unresized(spec, was)), normalized(was))) errors.push(forbiddenField(SPEC, 'only cpu and memory resources are mutable'));
  return errors;
}
