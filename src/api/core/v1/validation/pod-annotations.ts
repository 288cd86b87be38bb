/** Annotations of pods that mean something: older forms of fields, and marks of the kubelet and of controllers. */
import type { FieldError } from '../../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue } from '../../../meta/field.ts';
import type { AppArmorProfile, Pod, PodSpec, SeccompProfile, SecurityContext } from '../types.ts';
import { descendingPath } from './common.ts';

type Annotations = Readonly<Record<string, string>> | undefined;

export const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
/** Before a container's name. */
export const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';
export const LOCALHOST = 'localhost/';
const INT32 = { min: -2147483648, max: 2147483647 };

type Place = [path: FieldPath, name: string, context: SecurityContext | undefined];

function containersOf(path: FieldPath, spec: PodSpec): Place[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((field) => (spec[field] ?? []).map((container, i): Place => [path.child(field).index(i).child('securityContext'), container.name, container.securityContext]));
}

function validateSeccomp(path: FieldPath, profile: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  return profile.startsWith(LOCALHOST) ? descendingPath(path, profile.slice(LOCALHOST.length)) : [invalidValue(path, profile, 'must be a valid seccomp profile')];
}

function validateDeletionCost(path: FieldPath, cost: string): FieldError[] {
  const fits = /^-?(0|[1-9]\d{0,9})$/.test(cost) && cost !== '-0' && Number(cost) >= INT32.min && Number(cost) <= INT32.max;
  return fits ? [] : [invalidValue(path.key(DELETION_COST), cost, 'must be a 32bit integer')];
}

/** The annotations by themselves, of a pod or of a template. */
export function validatePodAnnotations(path: FieldPath, annotations: Annotations, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const key in annotations) {
    const value = annotations[key]!;
    if (key === MIRROR) {
      if (!spec.nodeName) errors.push(invalidValue(path.key(MIRROR), value, 'must set spec.nodeName if mirror pod annotation is set'));
    } else if (key === DELETION_COST) errors.push(...validateDeletionCost(path, value));
    else if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) errors.push(...validateSeccomp(path.child(key), value));
    else if (key.startsWith(APPARMOR)) {
      const name = key.slice(APPARMOR.length);
      if (!containersOf(new FieldPath(), spec).some(([, container]) => container === name)) errors.push(invalidValue(path.key(key), name, 'container not found'));
      if (value !== '' && value !== 'runtime/default' && value !== 'unconfined' && !value.startsWith(LOCALHOST)) errors.push(invalidValue(path.key(key), value, `invalid AppArmor profile name: ${JSON.stringify(value)}`));
    }
  }
  return errors;
}

/** An annotation and the field that came after it say the same. */
function validateMatch(path: FieldPath, what: 'seccomp' | 'apparmor', annotation: string | undefined, profile: SeccompProfile | AppArmorProfile | undefined): FieldError[] {
  if (annotation === undefined || profile === undefined) return [];
  const type = forbiddenField(path.child('type'), `${what} type in annotation and field must match`);
  switch (profile.type) {
    case 'Unconfined':
      return annotation === 'unconfined' ? [] : [type];
    case 'RuntimeDefault':
      return annotation === 'runtime/default' || (what === 'seccomp' && annotation === 'docker/default') ? [] : [type];
    case 'Localhost':
      if (!annotation.startsWith(LOCALHOST)) return [type];
      return annotation.slice(LOCALHOST.length) === profile.localhostProfile ? [] : [forbiddenField(path.child('localhostProfile'), `${what} profile in annotation and field must match`)];
    default:
      return [];
  }
}

/** Whether any annotation is one of those that fields took the place of. */
function hasProfiles(annotations: NonNullable<Annotations>): boolean {
  for (const key in annotations) if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER) || key.startsWith(APPARMOR)) return true;
  return false;
}

/** Annotations beside the fields that took their place; `path` is that of the spec. */
export function validateProfileAnnotations(path: FieldPath, annotations: Annotations, spec: PodSpec): FieldError[] {
  if (annotations === undefined || !hasProfiles(annotations)) return [];
  const ofPod = spec.securityContext;
  return [
    ...validateMatch(path.child('securityContext', 'seccompProfile'), 'seccomp', annotations[SECCOMP_POD], ofPod?.seccompProfile),
    ...containersOf(path, spec).flatMap(([at, name, context]) => [
      ...validateMatch(at.child('seccompProfile'), 'seccomp', annotations[`${SECCOMP_CONTAINER}${name}`], context?.seccompProfile),
      ...(spec.os?.name === 'windows' ? [] : validateMatch(at.child('appArmorProfile'), 'apparmor', annotations[`${APPARMOR}${name}`], context?.appArmorProfile ?? ofPod?.appArmorProfile)),
    ]),
  ];
}

/** Marks that stay: AppArmor's, and the kubelet's on the picture of a static pod. */
export function validateAnnotationUpdate(pod: Pod, old: Pod): FieldError[] {
  const path = new FieldPath('metadata.annotations');
  const [now, was] = [pod.metadata.annotations ?? {}, old.metadata.annotations ?? {}];
  const errors: FieldError[] = [];
  for (const key in was) {
    if (now[key] === was[key]) continue;
    if (key === MIRROR) errors.push(forbiddenField(path.key(key), 'may not remove or update mirror pod annotation'));
    if (key.startsWith(APPARMOR)) errors.push(forbiddenField(path.key(key), 'may not remove or update AppArmor annotations'));
  }
  for (const key in now) {
    if (key in was) continue;
    if (key === MIRROR) errors.push(forbiddenField(path.key(key), 'may not add mirror pod annotation'));
    if (key.startsWith(APPARMOR)) errors.push(forbiddenField(path.key(key), 'may not add AppArmor annotations'));
  }
  return errors;
}
