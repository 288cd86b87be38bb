/** Security contexts of pods and containers. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ */
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { duplicate, forbiddenField, invalidValue, required, tooLong } from '../../../meta/field.ts';
import { byteLength, userId } from '../../../meta/names.ts';
import { faultsAt } from '../../../meta/validation.ts';
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, Sysctl, WindowsSecurityContextOptions } from '../types.ts';
import { descendingPath, need, needOneOf, oneOf } from './common.ts';

const SYSCTL_FORM = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_MAX = 253;
const APPARMOR_PROFILE_MAX = 4095;

function validateProfile(path: FieldPath, what: 'seccomp' | 'AppArmor', profile: SeccompProfile | AppArmorProfile | undefined): FieldError[] {
  if (profile === undefined) return [];
  const field = what === 'seccomp' ? 'seccompProfile' : 'appArmorProfile';
  const local = path.child('localhostProfile');
  const errors: FieldError[] = [];
  if (profile.type === 'Localhost') {
    if (!profile.localhostProfile) errors.push(required(local, `must be set when ${what} type is Localhost${what === 'seccomp' ? ' ' : ''}`));
    else if (what === 'seccomp') errors.push(...descendingPath(local, profile.localhostProfile));
    else if (profile.localhostProfile.trim() !== profile.localhostProfile) errors.push(invalidValue(local, profile.localhostProfile, 'must not be padded with whitespace'));
    else if (byteLength(profile.localhostProfile) > APPARMOR_PROFILE_MAX) errors.push(tooLong(local, APPARMOR_PROFILE_MAX));
  } else if (profile.localhostProfile !== undefined) errors.push(invalidValue(local, profile.localhostProfile, `can only be set when ${what} type is Localhost`));
  if (!profile.type) errors.push(required(path.child('type'), `type is required when ${field} is set`));
  else errors.push(...oneOf(path.child('type'), profile.type, ['Localhost', 'RuntimeDefault', 'Unconfined']));
  return errors;
}

function validateWindowsOptions(path: FieldPath, options: WindowsSecurityContextOptions | undefined): FieldError[] {
  const name = options?.runAsUserName;
  if (name === undefined) return [];
  const at = path.child('runAsUserName');
  if (name === '') return [invalidValue(at, name, 'runAsUserName cannot be an empty string')];
  const parts = name.split('\\');
  if (parts.length > 2) return [invalidValue(at, name, 'runAsUserName cannot contain more than one backslash')];
  const user = parts.at(-1)!;
  const errors: FieldError[] = [];
  if (user === '') errors.push(invalidValue(at, name, 'runAsUserName\'s User cannot be empty'));
  if (user.length > 104) errors.push(invalidValue(at, name, 'runAsUserName\'s User length must not be longer than 104 characters'));
  if (/["/\\[\]:;|=,+*?<>@]/.test(user)) errors.push(invalidValue(at, name, 'runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]'));
  return errors;
}

export function validateContainerSecurity(path: FieldPath, context: SecurityContext | undefined, hostUsers: boolean): FieldError[] {
  if (context === undefined) return [];
  const errors: FieldError[] = [];
  for (const field of ['runAsUser', 'runAsGroup'] as const) {
    const id = context[field];
    if (id !== undefined) errors.push(...faultsAt(path.child(field), id, userId(id)));
  }
  if (context.procMount !== undefined) {
    errors.push(...needOneOf(path.child('procMount'), context.procMount, ['Default', 'Unmasked']));
    if (hostUsers && context.procMount === 'Unmasked') errors.push(invalidValue(path.child('procMount'), context.procMount, '`hostUsers` must be false to use `Unmasked`'));
  }
  errors.push(...validateProfile(path.child('seccompProfile'), 'seccomp', context.seccompProfile));
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) errors.push(invalidValue(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) errors.push(invalidValue(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
  }
  errors.push(...validateWindowsOptions(path.child('windowsOptions'), context.windowsOptions));
  errors.push(...validateProfile(path.child('appArmorProfile'), 'AppArmor', context.appArmorProfile));
  return errors;
}

function validateSysctls(path: FieldPath, sysctls: readonly Sysctl[] | undefined, spec: PodSpec): FieldError[] {
  const seen = new Set<string>();
  return (sysctls ?? []).flatMap(({ name }, i) => {
    const at = path.index(i).child('name');
    if (!name) return [required(at)];
    if (byteLength(name) > SYSCTL_MAX || !new RegExp(`^${SYSCTL_FORM}$`).test(name)) {
      return [invalidValue(at, name, `must have at most ${SYSCTL_MAX} characters and match regex ^${SYSCTL_FORM}$`)];
    }
    const dotted = name.replaceAll('/', '.');
    const errors: FieldError[] = seen.has(dotted) ? [duplicate(at, name)] : [];
    seen.add(dotted);
    const ipc = /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(dotted);
    if (ipc && spec.hostIPC) errors.push(invalidValue(at, name, "may not be specified when 'hostIPC' is true"));
    if (dotted.startsWith('net.') && spec.hostNetwork) errors.push(invalidValue(at, name, "may not be specified when 'hostNetwork' is true"));
    return errors;
  });
}

function validateHostNamespaces(path: FieldPath, specPath: FieldPath, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.shareProcessNamespace && spec.hostPID) errors.push(invalidValue(path.child('shareProcessNamespace'), true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  if (spec.hostUsers === false) {
    const taken = { HostNetwork: spec.hostNetwork, HostPID: spec.hostPID, HostIPC: spec.hostIPC };
    for (const [field, set] of Object.entries(taken)) if (set) errors.push(forbiddenField(specPath.child(field), 'when `hostUsers` is false'));
  }
  return errors;
}

/** The pod's security context together with the fields beside it that decide what it may say. */
export function validatePodSecurity(specPath: FieldPath, spec: PodSpec): FieldError[] {
  const path = specPath.child('securityContext');
  const context: PodSecurityContext = spec.securityContext ?? {};
  const errors: FieldError[] = validateHostNamespaces(path, specPath, spec);
  for (const field of ['fsGroup', 'runAsUser', 'runAsGroup'] as const) {
    const id = context[field];
    if (id !== undefined) errors.push(...faultsAt(path.child(field), id, userId(id)));
  }
  for (const [i, id] of (context.supplementalGroups ?? []).entries()) errors.push(...faultsAt(path.child('supplementalGroups').index(i), id, userId(id)));
  errors.push(...validateSysctls(path.child('sysctls'), context.sysctls, spec));
  errors.push(...oneOf(path.child('fsGroupChangePolicy'), context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']));
  errors.push(...validateProfile(path.child('seccompProfile'), 'seccomp', context.seccompProfile));
  errors.push(...validateWindowsOptions(path.child('windowsOptions'), context.windowsOptions));
  errors.push(...validateProfile(path.child('appArmorProfile'), 'AppArmor', context.appArmorProfile));
  errors.push(...oneOf(path.child('supplementalGroupsPolicy'), context.supplementalGroupsPolicy, ['Merge', 'Strict']));
  errors.push(...oneOf(path.child('seLinuxChangePolicy'), context.seLinuxChangePolicy, ['MountOption', 'Recursive']));
  return errors;
}

const WINDOWS_FORBIDS_POD = ['hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'] as const;
const WINDOWS_FORBIDS_CONTEXT = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls', 'runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy',
] as const;
const WINDOWS_FORBIDS_CONTAINER = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup',
] as const;

function* containersOf(path: FieldPath, spec: PodSpec): Generator<[FieldPath, SecurityContext]> {
  for (const field of ['containers', 'initContainers', 'ephemeralContainers'] as const) {
    for (const [i, container] of (spec[field] ?? []).entries()) {
      if (container.securityContext) yield [path.child(field).index(i).child('securityContext'), container.securityContext];
    }
  }
}

function given(object: object | undefined, fields: readonly string[]): string[] {
  const values = (object ?? {}) as Record<string, unknown>;
  return fields.filter((field) => values[field] !== undefined);
}

/** Fields that the pod's operating system does not know. */
export function validateOs(path: FieldPath, spec: PodSpec): FieldError[] {
  if (spec.os === undefined) return [];
  const errors = [...need(path.child('os', 'name'), spec.os.name), ...oneOf(path.child('os', 'name'), spec.os.name, ['linux', 'windows'])];
  const refuse = (at: FieldPath, os: string): FieldError => forbiddenField(at, `${os} options cannot be set for a ${os === 'windows' ? 'linux' : 'windows'} pod`);
  if (spec.os.name === 'linux') {
    if (spec.securityContext?.windowsOptions) errors.push(forbiddenField(path.child('securityContext', 'windowsOptions'), 'windows options cannot be set for a linux pod'));
    for (const [at, context] of containersOf(path, spec)) if (context.windowsOptions) errors.push(refuse(at.child('windowsOptions'), 'windows'));
  }
  if (spec.os.name === 'windows') {
    const text = 'cannot be set for a windows pod';
    for (const field of given(spec, WINDOWS_FORBIDS_POD)) errors.push(forbiddenField(path.child(field), text));
    for (const field of given(spec.securityContext, WINDOWS_FORBIDS_CONTEXT)) errors.push(forbiddenField(path.child('securityContext', field), text));
    for (const [at, context] of containersOf(path, spec)) {
      for (const field of given(context, WINDOWS_FORBIDS_CONTAINER)) errors.push(forbiddenField(at.child(field), text));
    }
  }
  return errors;
}
