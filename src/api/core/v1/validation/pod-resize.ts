/** What may change through a pod's /resize: processor and memory of its containers and of itself (KEP-1287, KEP-5419). */
import { own } from '../../../../base/own.ts';
import type { FieldError } from '../../../meta/field.ts';
import { FieldPath, forbiddenField, invalidValue } from '../../../meta/field.ts';
import { sameValue } from '../../../meta/validation.ts';
import { isStaticPod } from '../pods.ts';
import { computeQosClass } from '../resources.ts';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../types.ts';
import { MIRROR } from './pod-annotations.ts';

const SPEC = new FieldPath('spec');
const WHOLE = new FieldPath('');
const RESIZABLE: ReadonlySet<string> = new Set(['cpu', 'memory']);

type Quantities = Readonly<Record<string, string>> | undefined;

function removed(next: Quantities, old: Quantities): boolean {
  return Object.keys(old ?? {}).some((resource) => own(next, resource) === undefined);
}

function validateChange(path: FieldPath, next: ResourceRequirements | undefined, old: ResourceRequirements | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (removed(next?.requests, old?.requests)) errors.push(forbiddenField(path.child('requests'), 'resource requests cannot be removed'));
  if (removed(next?.limits, old?.limits)) errors.push(forbiddenField(path.child('limits'), 'resource limits cannot be removed'));
  return errors;
}

/** What of the resources may not change. */
function fixedPart(resources: ResourceRequirements | undefined): object {
  const others = (list: Quantities): object => Object.fromEntries(Object.entries(list ?? {}).filter(([name]) => !RESIZABLE.has(name)));
  return { claims: resources?.claims ?? [], limits: others(resources?.limits), requests: others(resources?.requests) };
}

const withFixed = (container: Container): object => ({ ...container, resources: fixedPart(container.resources) });

function validateContainers(field: 'containers' | 'initContainers', spec: PodSpec, was: PodSpec): FieldError[] {
  return (was[field] ?? []).flatMap((old, i) => {
    const next = spec[field]?.[i];
    const errors = validateChange(SPEC.child(field).index(i).child('resources'), next?.resources, old.resources);
    if (next !== undefined && sameValue(withFixed(next), withFixed(old))) return errors;
    const sidecar = field === 'initContainers' && old.restartPolicy === 'Always';
    return [...errors, forbiddenField(SPEC, `only cpu and memory resources${sidecar ? ' for sidecar containers' : ''} are mutable`)];
  });
}

/** A node that reports no resources of its running containers cannot resize them. */
function isSupported(pod: Pod): boolean {
  const running = pod.status?.containerStatuses?.find((status) => status.state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

export function validateResize(pod: Pod, old: Pod): FieldError[] {
  const spec: PodSpec = pod.spec ?? { containers: [] };
  const was: PodSpec = old.spec ?? { containers: [] };
  if (isStaticPod(old) || old.metadata.annotations?.[MIRROR]) return [forbiddenField(WHOLE, 'static pods cannot be resized')];
  if (was.os?.name === 'windows') return [forbiddenField(WHOLE, 'windows pods cannot be resized')];
  if (spec.containers.length !== was.containers.length) return [forbiddenField(SPEC, 'pod resize may not add or remove containers')];
  const errors: FieldError[] = [];
  const after = computeQosClass(pod);
  if ((old.status?.qosClass || computeQosClass(old)) !== after) errors.push(invalidValue(SPEC, after, 'Pod QOS Class may not change as a result of resizing'));
  if (!isSupported(old)) errors.push(forbiddenField(SPEC, 'Pod running on node without support for resize'));
  errors.push(...validateContainers('initContainers', spec, was), ...validateContainers('containers', spec, was), ...validateChange(SPEC.child('resources'), spec.resources, was.resources));
  if (errors.length > 0) return errors;
  const rest = (value: PodSpec): object => ({ ...value, containers: [], initContainers: [], resources: fixedPart(value.resources) });
  return sameValue(rest(spec), rest(was)) ? [] : [forbiddenField(SPEC, 'only cpu and memory resources are mutable')];
}
