/** Pods: what may be created, and what may change through the pod itself and through /ephemeralcontainers. */
import { internalForm } from '../../../internal-form.ts';
import type { FieldError } from '../../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue } from '../../../meta/field.ts';
import { inRange } from '../../../meta/names.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import { faultsAt, sameValue } from '../../../meta/validation.ts';
import { isStaticPod } from '../pods.ts';
import type { Container, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../types.ts';
import { validateImages } from './containers.ts';
import { isKnownSpec, rememberSpec } from './known-specs.ts';
import { MIRROR, validateAnnotationUpdate, validatePodAnnotations, validateProfileAnnotations } from './pod-annotations.ts';
import { validatePodSpec } from './podspec.ts';

const SPEC = new FieldPath('spec');
const ANNOTATIONS = new FieldPath('metadata.annotations');
const MAX_INT32 = 2147483647;
const UPDATABLE = [
  '`spec.containers[*].image`', '`spec.initContainers[*].image`', '`spec.activeDeadlineSeconds`', '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

const specOf = (pod: Pod): PodSpec => pod.spec ?? { containers: [] };

/** What the rules say of a pod's spec, looked at anew. Of the metadata only what `known-specs.ts` knows of may count: the name and labels, where the spec speaks of them. */
export function specFaults(spec: PodSpec, metadata: ObjectMeta): FieldError[] {
  return [...validatePodSpec(SPEC, spec, metadata), ...(spec.serviceAccountName ? [] : validateTokenVolumes(spec)), ...validateImages(SPEC, spec)];
}

/** The rules of a pod by itself, on create and on update. */
export function validatePod(pod: Pod, old?: Pod): FieldError[] {
  const spec = specOf(pod);
  const errors = validatePodAnnotations(ANNOTATIONS, pod.metadata.annotations, spec);
  if (!isKnownSpec(spec)) {
    const found = specFaults(spec, pod.metadata);
    if (found.length === 0) rememberSpec(spec);
    errors.push(...found);
  }
  if (old !== undefined) return errors;
  if ((spec.ephemeralContainers ?? []).length > 0) errors.push(forbiddenField(SPEC.child('ephemeralContainers'), 'cannot be set on create'));
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0) errors.push(forbiddenField(SPEC.child('nodeName'), 'cannot be set until all schedulingGates have been cleared'));
  return [...errors, ...validateProfileAnnotations(SPEC, pod.metadata.annotations, spec)];
}

/** Tokens are for a service account. */
function validateTokenVolumes(spec: PodSpec): FieldError[] {
  return (spec.volumes ?? []).flatMap((volume, i) => (volume.projected?.sources ?? []).flatMap((source, j) => (source.serviceAccountToken === undefined
    ? []
    : [forbiddenField(SPEC.child('volumes').index(i).child('projected', 'sources').index(j).child('serviceAccountToken'), 'must not be specified when serviceAccountName is not set')])));
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
  return (spec.schedulingGates ?? []).flatMap(({ name }, i) => (before.has(name) ? [] : [forbiddenField(SPEC.child('schedulingGates').index(i).child('name'), `only deletion is allowed, but found new scheduling gate '${name}'`)]));
}

const shownTerm = (term: NodeSelectorTerm): object | undefined => internalForm('io.k8s.api.core.v1.NodeSelectorTerm', { ...term });
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

/** A term keeps what it had at its beginning; one that had nothing stays empty. */
function hasOnlyAdditions(now: NodeSelectorTerm, was: NodeSelectorTerm): boolean {
  const fields = ['matchExpressions', 'matchFields'] as const;
  if (fields.every((field) => (was[field] ?? []).length === 0)) return fields.every((field) => (now[field] ?? []).length === 0);
  return fields.every((field) => (was[field] ?? []).every((requirement, i) => sameValue(requirement, now[field]?.[i])));
}

/** While a pod waits at its gates, where it may run may become narrower. */
function validateNarrowing(spec: PodSpec, old: PodSpec): FieldError[] {
  if ((old.schedulingGates ?? []).length === 0) return [];
  const errors: FieldError[] = [];
  const selector = old.nodeSelector ?? {};
  if (!Object.keys(selector).every((key) => spec.nodeSelector?.[key] === selector[key])) {
    errors.push(invalidValue(SPEC.child('nodeSelector'), spec.nodeSelector, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'));
  }
  const was = old.affinity?.nodeAffinity?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const now = spec.affinity?.nodeAffinity?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const path = SPEC.child('affinity', 'nodeAffinity', REQUIRED, 'nodeSelectorTerms');
  if (was.length > 0 && was.length !== now.length) return [...errors, invalidValue(path, now.map(shownTerm), 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  return [...errors, ...was.flatMap((term, i) => (hasOnlyAdditions(now[i]!, term) ? [] : [invalidValue(path.index(i), shownTerm(now[i]!), 'only additions are allowed (no mutations or deletions)')]))];
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
  // Whether these became narrower only is said apart.
  allowed.nodeSelector = spec.nodeSelector;
  if (spec.affinity || old.affinity) allowed.affinity = { ...old.affinity, nodeAffinity: spec.affinity?.nodeAffinity };
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
  const errors = [...validateAnnotationUpdate(pod, old), ...validateDeadline(spec, was), ...validateTolerationChange(spec, was), ...validateGateChange(spec, was), ...validateNarrowing(spec, was)];
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

/** Through /ephemeralcontainers new debugging containers come; those there stay as they are. */
export function validateEphemeralUpdate(pod: Pod, old: Pod): FieldError[] {
  const at = SPEC.child('ephemeralContainers');
  if (isStaticPod(pod) || pod.metadata.annotations?.[MIRROR]) return [forbiddenField(new FieldPath(''), 'static pods do not support ephemeral containers')];
  const next = new Map((pod.spec?.ephemeralContainers ?? []).map((container) => [container.name, container]));
  return (old.spec?.ephemeralContainers ?? []).flatMap((was) => {
    const now = next.get(was.name);
    if (now === undefined) return [forbiddenField(at, `existing ephemeral containers "${was.name}" may not be removed\n`)];
    return sameValue(was, now) ? [] : [forbiddenField(at, `existing ephemeral containers "${was.name}" may not be changed\n`)];
  });
}

