/** Containers of all three sorts: what each may say and what their names and ports must not share. */
import { own } from '../../../../base/own.ts';
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { duplicate, forbiddenField, invalidValue, notFoundField, required, tooMany } from '../../../meta/field.ts';
import { dnsLabel, portName, portNumber } from '../../../meta/names.ts';
import { compareQuantity } from '../../../meta/quantity.ts';
import { each, faultsAt, repeats } from '../../../meta/validation.ts';
import { isHugePages, isOvercommitAllowed } from '../resources.ts';
import type { Container, ContainerPort, ContainerResizePolicy, EphemeralContainer, PodSpec, ResourceRequirements, Volume, VolumeDevice, VolumeMount } from '../types.ts';
import { descendingPath, duplicatesOf, need, needOneOf, noBacksteps, oneOf, shownQuantity, validateContainerResourceName, validateResourceAmount } from './common.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateLifecycle, validateProbe } from './probes.ts';
import { validateContainerSecurity } from './security.ts';

const RESTART_RULES_MAX = 20;
const RESTART_EXIT_CODES_MAX = 255;
const EPHEMERAL_FORBIDS = ['ports', 'resources', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resizePolicy', 'restartPolicy', 'restartPolicyRules'] as const;

function validatePorts(path: FieldPath, ports: readonly ContainerPort[] | undefined): FieldError[] {
  const names = new Set<string>();
  return each(ports, (port, i) => {
    const at = path.index(i);
    const faults = port.name ? portName(port.name) : [];
    const errors = faultsAt(at.child('name'), port.name, faults);
    if (port.name && faults.length === 0) {
      if (names.has(port.name)) errors.push(duplicate(at.child('name'), port.name));
      names.add(port.name);
    }
    return [
      ...errors,
      ...(port.containerPort ? faultsAt(at.child('containerPort'), port.containerPort, portNumber(port.containerPort)) : [required(at.child('containerPort'))]),
      ...(port.hostPort ? faultsAt(at.child('hostPort'), port.hostPort, portNumber(port.hostPort)) : []),
      ...needOneOf(at.child('protocol'), port.protocol, ['SCTP', 'TCP', 'UDP']),
    ];
  });
}

/** Two containers that run together may not take the same port of the node. */
export function hostPortConflicts(path: FieldPath, containers: readonly Container[]): FieldError[] {
  if (!containers.some(({ ports }) => ports?.some(({ hostPort }) => hostPort))) return [];
  const seen = new Set<string>();
  return containers.flatMap((container, i) => (container.ports ?? []).flatMap((port, j) => {
    if (!port.hostPort) return [];
    const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`;
    const error = seen.has(key) ? [duplicate(path.index(i).child('ports').index(j).child('hostPort'), key)] : [];
    seen.add(key);
    return error;
  }));
}

function validateMount(path: FieldPath, mount: VolumeMount, container: Container): FieldError[] {
  const errors: FieldError[] = [];
  if (mount.subPath) errors.push(...descendingPath(path.child('subPath'), mount.subPath));
  if (mount.subPathExpr) {
    if (mount.subPath) errors.push(invalidValue(path.child('subPathExpr'), mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
    errors.push(...descendingPath(path.child('subPathExpr'), mount.subPathExpr));
  }
  errors.push(...oneOf(path.child('mountPropagation'), mount.mountPropagation, ['Bidirectional', 'HostToContainer', 'None']));
  if (mount.mountPropagation === 'Bidirectional' && !container.securityContext?.privileged) {
    errors.push(forbiddenField(path.child('mountPropagation'), 'Bidirectional mount propagation is available only to privileged containers'));
  }
  const recursive = mount.recursiveReadOnly;
  errors.push(...oneOf(path.child('recursiveReadOnly'), recursive, ['Disabled', 'Enabled', 'IfPossible']));
  if (recursive === 'Enabled' || recursive === 'IfPossible') {
    if (!mount.readOnly) errors.push(forbiddenField(path.child('recursiveReadOnly'), 'may only be specified when readOnly is true'));
    if (mount.mountPropagation && mount.mountPropagation !== 'None') errors.push(forbiddenField(path.child('recursiveReadOnly'), 'may only be specified when mountPropagation is None or not specified'));
  }
  return errors;
}

function validateMounts(path: FieldPath, container: Container, volumes: ContainerContext['volumes']): FieldError[] {
  const mounts = container.volumeMounts ?? [];
  if (mounts.length === 0) return [];
  const devices = new Set((container.volumeDevices ?? []).map((device) => device.devicePath));
  const taken = repeats();
  return each(mounts, (mount, i) => {
    const at = path.index(i);
    const place = at.child('mountPath');
    const errors = need(at.child('name'), mount.name);
    if (!volumes.has(mount.name)) errors.push(notFoundField(at.child('name'), mount.name ?? ''));
    errors.push(...need(place, mount.mountPath));
    if (taken(mount.mountPath)) errors.push(invalidValue(place, mount.mountPath, 'must be unique'));
    if (devices.has(mount.mountPath)) errors.push(invalidValue(place, mount.mountPath, 'must not already exist as a path in volumeDevices'));
    return [...errors, ...validateMount(at, mount, container)];
  });
}

function validateDevices(path: FieldPath, container: Container, volumes: ReadonlyMap<string, Volume>): FieldError[] {
  const devices = container.volumeDevices ?? [];
  if (devices.length === 0) return [];
  const mounts = container.volumeMounts ?? [];
  const [names, paths] = [new Set<string>(), new Set<string>()];
  return each(devices, ({ name = '', devicePath = '' }: VolumeDevice, i) => {
    const [at, place] = [path.index(i).child('name'), path.index(i).child('devicePath')];
    const errors = need(at, name);
    const volume = volumes.get(name);
    if (names.has(name)) errors.push(invalidValue(at, name, 'must be unique'));
    if (volume === undefined) errors.push(notFoundField(at, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) errors.push(invalidValue(at, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    errors.push(...need(place, devicePath));
    if (paths.has(devicePath)) errors.push(invalidValue(place, devicePath, 'must be unique'));
    if (noBacksteps(place, devicePath).length > 0) errors.push(invalidValue(place, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) errors.push(invalidValue(at, name, 'must not already exist in volumeMounts'));
    if (mounts.some((mount) => mount.mountPath === devicePath)) errors.push(invalidValue(place, devicePath, 'must not already exist as a path in volumeMounts'));
    if (name !== '') names.add(name);
    return errors;
  });
}

function validateRequests(path: FieldPath, resources: ResourceRequirements, checkName: (path: FieldPath, name: string) => FieldError[]): FieldError[] {
  const at = path.child('requests');
  return each(Object.entries(resources.requests ?? {}), ([name, amount]) => {
    const errors = [...checkName(at.key(name), name), ...validateResourceAmount(at.key(name), name, amount)];
    const limit = own(resources.limits, name);
    if (limit === undefined) {
      if (!isOvercommitAllowed(name)) errors.push(required(path.child('limits'), 'Limit must be set for non overcommitable resources'));
    } else if (!isOvercommitAllowed(name) && compareQuantity(amount, limit) !== 0) {
      errors.push(invalidValue(at, shownQuantity(amount), `must be equal to ${name} limit of ${shownQuantity(limit)}`));
    } else if (compareQuantity(amount, limit) > 0) {
      errors.push(invalidValue(at, shownQuantity(amount), `must be less than or equal to ${name} limit of ${shownQuantity(limit)}`));
    }
    return errors;
  });
}

/** Requests and limits, and the claims that the container uses of its pod's. */
export function validateResources(
  path: FieldPath,
  resources: ResourceRequirements | undefined,
  podClaims: ReadonlySet<string>,
  checkName: (path: FieldPath, name: string) => FieldError[] = validateContainerResourceName,
): FieldError[] {
  if (resources === undefined) return [];
  const limits = path.child('limits');
  const errors = each(Object.entries(resources.limits ?? {}), ([name, amount]) => [
    ...checkName(limits.key(name), name),
    ...validateResourceAmount(limits.key(name), name, amount),
  ]);
  errors.push(...validateRequests(path, resources, checkName));
  const named = Object.keys({ ...resources.limits, ...resources.requests });
  if (named.some(isHugePages) && !named.includes('cpu') && !named.includes('memory')) errors.push(forbiddenField(path, 'HugePages require cpu or memory'));
  for (const [i, claim] of (resources.claims ?? []).entries()) {
    const at = path.child('claims').index(i);
    if (!claim.name) errors.push(required(at));
    else if (!podClaims.has(claim.name)) errors.push(notFoundField(at, claim.name));
  }
  const claims = resources.claims ?? [];
  errors.push(...duplicatesOf(claims, (claim) => `${claim.name}/${claim.request ?? ''}`, (claim, i) => duplicate(path.child('claims').index(i), claim.name)));
  return errors;
}

function validateResizePolicy(path: FieldPath, policies: readonly ContainerResizePolicy[] | undefined, podRestartPolicy: string | undefined): FieldError[] {
  const list = policies ?? [];
  const errors = list.flatMap((policy) => {
    const found = [
      ...oneOf(path, policy.resourceName, ['cpu', 'memory']),
      ...needOneOf(path, policy.restartPolicy, ['NotRequired', 'RestartContainer']),
    ];
    if (policy.resourceName === '') found.push(required(path));
    if (podRestartPolicy === 'Never' && policy.restartPolicy === 'RestartContainer') found.push(invalidValue(path, policy.restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    return found;
  });
  return [...errors, ...duplicatesOf(list, (policy) => policy.resourceName, (policy) => duplicate(path, policy.resourceName))];
}

function validateRestartRules(path: FieldPath, container: Container): FieldError[] {
  const rules = container.restartPolicyRules ?? [];
  if (rules.length === 0) return [];
  const at = path.child('restartPolicyRules');
  const errors: FieldError[] = container.restartPolicy ? [] : [required(path.child('restartPolicy'), 'must specify restartPolicy when restart rules are used')];
  if (rules.length > RESTART_RULES_MAX) return [...errors, tooMany(at, rules.length, RESTART_RULES_MAX)];
  for (const [i, rule] of rules.entries()) {
    errors.push(...needOneOf(at.index(i).child('action'), rule.action, ['Restart']));
    const codes = at.index(i).child('exitCodes');
    if (rule.exitCodes === undefined) errors.push(required(codes, 'must be specified'));
    else {
      errors.push(...needOneOf(codes.child('operator'), rule.exitCodes.operator, ['In', 'NotIn']));
      const values = rule.exitCodes.values ?? [];
      if (values.length > RESTART_EXIT_CODES_MAX) errors.push(tooMany(codes.child('values'), values.length, RESTART_EXIT_CODES_MAX));
      errors.push(...duplicatesOf(values, String, (value, j) => duplicate(codes.child('values').index(j), value)));
    }
  }
  return errors;
}

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** What containers are checked against. */
export interface ContainerContext {
  spec: PodSpec;
  volumes: ReadonlyMap<string, Volume>;
  claims: ReadonlySet<string>;
}

function graceSeconds(spec: PodSpec): number {
  return spec.terminationGracePeriodSeconds ?? 0;
}

function validateCommon(path: FieldPath, container: Container, { spec, volumes, claims }: ContainerContext): FieldError[] {
  const errors = container.name ? faultsAt(path.child('name'), container.name, dnsLabel(container.name)) : [required(path.child('name'))];
  if (!container.image) errors.push(required(path.child('image')));
  errors.push(...needOneOf(path.child('terminationMessagePolicy'), container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']));
  errors.push(...validatePorts(path.child('ports'), container.ports));
  errors.push(...validateEnv(path.child('env'), container.env));
  errors.push(...validateEnvFrom(path.child('envFrom'), container.envFrom));
  errors.push(...validateMounts(path.child('volumeMounts'), container, volumes));
  errors.push(...validateDevices(path.child('volumeDevices'), container, volumes));
  errors.push(...needOneOf(path.child('imagePullPolicy'), container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']));
  errors.push(...validateResources(path.child('resources'), container.resources, claims));
  errors.push(...validateResizePolicy(path.child('resizePolicy'), container.resizePolicy, spec.restartPolicy));
  errors.push(...validateContainerSecurity(path.child('securityContext'), container.securityContext, spec.hostUsers !== false));
  errors.push(...validateRestartRules(path, container));
  return errors;
}

function validateHandlers(path: FieldPath, container: Container, grace: number): FieldError[] {
  return [
    ...validateLifecycle(path.child('lifecycle'), container.lifecycle, grace),
    ...validateProbe(path.child('livenessProbe'), 'liveness', container.livenessProbe, grace),
    ...validateProbe(path.child('readinessProbe'), 'readiness', container.readinessProbe, grace),
    ...validateProbe(path.child('startupProbe'), 'startup', container.startupProbe, grace),
  ];
}

export function validateContainers(path: FieldPath, context: ContainerContext): FieldError[] {
  const containers = context.spec.containers ?? [];
  if (containers.length === 0) return [required(path)];
  return [
    ...containers.flatMap((container, i) => [
      ...validateCommon(path.index(i), container, context),
      ...validateHandlers(path.index(i), container, graceSeconds(context.spec)),
      ...oneOf(path.index(i).child('restartPolicy'), container.restartPolicy, ['Always', 'Never', 'OnFailure']),
    ]),
    ...duplicatesOf(containers, (container) => container.name, (container, i) => duplicate(path.index(i).child('name'), container.name)),
    ...hostPortConflicts(path, containers),
  ];
}

export function validateInitContainers(path: FieldPath, context: ContainerContext): FieldError[] {
  if (!context.spec.initContainers?.length) return [];
  const names = new Set(context.spec.containers?.map((container) => container.name));
  return each(context.spec.initContainers, (container, i) => {
    const at = path.index(i);
    const errors = validateCommon(at, container, context);
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    names.add(container.name);
    errors.push(...hostPortConflicts(path, [container]));
    errors.push(...oneOf(at.child('restartPolicy'), container.restartPolicy, ['Always', 'Never', 'OnFailure']));
    if (container.restartPolicy === 'Always') return [...errors, ...validateHandlers(at, container, graceSeconds(context.spec))];
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[field] !== undefined) errors.push(forbiddenField(at.child(field), 'may not be set for init containers without restartPolicy=Always'));
    }
    return errors;
  });
}

/** Set to something: not absent, empty text, or an object or list without anything in it. */
function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.values(value).some((inner) => isGiven(inner) || typeof inner === 'object');
}

export function validateEphemeralContainers(path: FieldPath, context: ContainerContext): FieldError[] {
  if (!context.spec.ephemeralContainers?.length) return [];
  const targets = new Set([...(context.spec.containers ?? []), ...(context.spec.initContainers ?? [])].map((container) => container.name));
  const names = new Set(targets);
  return (context.spec.ephemeralContainers ?? []).flatMap((container: EphemeralContainer, i) => {
    const at = path.index(i);
    const errors = validateCommon(at, container, context);
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    names.add(container.name);
    if (container.targetContainerName && !targets.has(container.targetContainerName)) errors.push(notFoundField(at.child('targetContainerName'), container.targetContainerName));
    for (const field of EPHEMERAL_FORBIDS) {
      if (isGiven(container[field])) errors.push(forbiddenField(at.child(field), 'cannot be set for an Ephemeral Container'));
    }
    for (const [j, mount] of (container.volumeMounts ?? []).entries()) {
      for (const field of ['subPath', 'subPathExpr'] as const) {
        if (mount[field]) errors.push(forbiddenField(at.child('volumeMounts').index(j).child(field), 'cannot be set for an Ephemeral Container'));
      }
    }
    return errors;
  });
}

/** With hostNetwork a container's port is the node's; in a template it may be left out, to be filled in when a pod is made. */
export function validateHostNetworkPorts(path: FieldPath, spec: PodSpec, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return [];
  return (spec.containers ?? []).flatMap((container, i) => (container.ports ?? []).flatMap((port, j) => {
    const hostPort = port.hostPort ?? 0;
    if (hostPort === port.containerPort || (hostPort === 0 && !isPod)) return [];
    return [invalidValue(path.child('containers').index(i).child('ports').index(j).child('hostPort'), hostPort, 'must match `containerPort` when `hostNetwork` is true')];
  }));
}

/** What is asked of the images of pods alone; templates were always taken with blanks around an image's name. */
export function validateImages(path: FieldPath, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of CONTAINER_LISTS) {
    for (const [i, { image = '' }] of (spec[list] ?? []).entries()) {
      if (image.trim() !== image) errors.push(invalidValue(path.child(list).index(i).child('image'), image, 'must not have leading or trailing whitespace'));
    }
  }
  return errors;
}

/** Variables come out of files of empty folders alone, which containers of the pod fill. */
export function validateFileVolumes(path: FieldPath, { spec, volumes }: ContainerContext): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of CONTAINER_LISTS) {
    for (const [i, { env }] of (spec[list] ?? []).entries()) {
      for (const [j, { valueFrom }] of (env ?? []).entries()) {
        const name = valueFrom?.fileKeyRef?.volumeName;
        if (!name) continue;
        const at = path.child(list).index(i).child('env').index(j).child('valueFrom', 'fileKeyRef', 'volumeName');
        const volume = volumes.get(name);
        if (volume === undefined) errors.push(notFoundField(at, name));
        else if (!volume.emptyDir) errors.push(invalidValue(at, name, 'referenced volume must be of type emptyDir'));
      }
    }
  }
  return errors;
}
