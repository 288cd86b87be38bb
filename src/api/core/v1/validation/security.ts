/** Security contexts of pods and containers. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ */
import { internalForm } from '../../../internal-form.ts';
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { duplicate, forbiddenField, invalidValue, required, tooLong } from '../../../meta/field.ts';
import { byteLength, dnsSubdomain, userId } from '../../../meta/names.ts';
import { faultsAt } from '../../../meta/validation.ts';
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, Sysctl, WindowsSecurityContextOptions } from '../types.ts';
import { descendingPath, need, needOneOf, oneOf } from './common.ts';

const SYSCTL_FORM = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL = new RegExp(`^${SYSCTL_FORM}$`);
const SYSCTL_MAX = 253;
const APPARMOR_PROFILE_MAX = 4095;

/** Where profiles come from; a local one is named by a path below the node's folder of profiles. */
function validateProfile(path: FieldPath, what: 'seccomp' | 'AppArmor', profile: SeccompProfile | AppArmorProfile | undefined): FieldError[] {
  if (profile === undefined) return [];
  const type = path.child('type');
  if (!profile.type) return [required(type, `type is required when ${what === 'seccomp' ? 'seccompProfile' : 'appArmorProfile'} is set`)];
  const errors = oneOf(type, profile.type, ['Localhost', 'RuntimeDefault', 'Unconfined']);
  const local = path.child('localhostProfile');
  const name = profile.localhostProfile;
  if (profile.type !== 'Localhost') {
    if (name !== undefined && (what === 'seccomp' || errors.length === 0)) errors.push(invalidValue(local, what === 'seccomp' ? internalForm('io.k8s.api.core.v1.SeccompProfile', { ...profile }) : name, `can only be set when ${what} type is Localhost`));
    return errors;
  }
  const missing = `must be set when ${what} type is Localhost`;
  if (name === undefined) return [...errors, required(local, missing)];
  if (what === 'seccomp') return [...errors, ...descendingPath(local, name)];
  if (name.trim() !== name) errors.push(invalidValue(local, name, 'must not be padded with whitespace'));
  else if (name === '') errors.push(required(local, missing));
  if (byteLength(name) > APPARMOR_PROFILE_MAX) errors.push(tooLong(local, APPARMOR_PROFILE_MAX));
  return errors;
}

/** The profile of a pod or container, where something else says what it is. */
export function validateAppArmorProfile(path: FieldPath, profile: AppArmorProfile): FieldError[] {
  return validateProfile(path, 'AppArmor', profile);
}

const NETBIOS_NAME = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DOMAIN_NAME = /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/;
const DOMAIN_MAX = 256;
const USER_MAX = 104;
const CREDENTIAL_SPEC_MAX_KIB = 64;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

function validateWindowsUser(path: FieldPath, name: string): FieldError[] {
  const refuse = (detail: string): FieldError => invalidValue(path, name, detail);
  if (name === '') return [refuse('runAsUserName cannot be an empty string')];
  if (CONTROL.test(name)) return [refuse('runAsUserName cannot contain control characters')];
  const parts = name.split('\\');
  if (parts.length > 2) return [refuse('runAsUserName cannot contain more than one backslash')];
  const errors: FieldError[] = [];
  if (parts.length === 2) {
    const domain = parts[0]!;
    if (domain.length >= DOMAIN_MAX) errors.push(refuse(`runAsUserName's Domain length must be under ${DOMAIN_MAX} characters`));
    if (!NETBIOS_NAME.test(domain) && !DOMAIN_NAME.test(domain)) errors.push(refuse("runAsUserName's Domain doesn't match the NetBios nor the DNS format"));
  }
  const user = parts.at(-1)!;
  if (user === '') errors.push(refuse("runAsUserName's User cannot be empty"));
  else if (user.length > USER_MAX) errors.push(refuse(`runAsUserName's User length must not be longer than ${USER_MAX} characters`));
  if (/["/\\[\]:;|=,+*?<>@]/.test(user)) errors.push(refuse('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]'));
  return errors;
}

function validateWindowsOptions(path: FieldPath, options: WindowsSecurityContextOptions | undefined): FieldError[] {
  if (options === undefined) return [];
  const errors: FieldError[] = [];
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  if (name !== undefined) errors.push(...faultsAt(path.child('gmsaCredentialSpecName'), name, dnsSubdomain(name)));
  const at = path.child('gmsaCredentialSpec');
  if (spec === '') errors.push(invalidValue(at, spec, 'gmsaCredentialSpec cannot be an empty string'));
  else if (byteLength(spec ?? '') > CREDENTIAL_SPEC_MAX_KIB * 1024) errors.push(invalidValue(at, spec, `gmsaCredentialSpec size must be under ${CREDENTIAL_SPEC_MAX_KIB} KiB`));
  return user === undefined ? errors : [...errors, ...validateWindowsUser(path.child('runAsUserName'), user)];
}

/** Pods that run on Windows' host take all containers with them. */
export function validateHostProcess(path: FieldPath, spec: PodSpec): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const errors: FieldError[] = [];
  let [count, onHost] = [0, 0];
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [i, container] of (spec[field] ?? []).entries()) {
      const own = container.securityContext?.windowsOptions?.hostProcess;
      count++;
      if (own ?? ofPod) onHost++;
      if (own !== undefined && ofPod !== undefined && own !== ofPod) {
        errors.push(invalidValue(path.child(field).index(i).child('securityContext', 'windowsOptions', 'hostProcess'), own, `pod hostProcess value must be identical if both are specified, was ${ofPod}`));
      }
    }
  }
  if (onHost === 0) return errors;
  if (onHost !== count) errors.push(invalidValue(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'));
  if (!spec.hostNetwork) errors.push(invalidValue(path.child('hostNetwork'), false, 'hostNetwork must be true if pod contains any hostProcess containers'));
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
    const shown = internalForm('io.k8s.api.core.v1.SecurityContext', { ...context });
    if (context.privileged) errors.push(invalidValue(path, shown, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) errors.push(invalidValue(path, shown, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
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
    if (byteLength(name) > SYSCTL_MAX || !SYSCTL.test(name)) {
      return [invalidValue(at, name, `must have at most ${SYSCTL_MAX} characters and match regex ^${SYSCTL_FORM}$`)];
    }
    const dotted = name.replaceAll('/', '.');
    const errors: FieldError[] = seen.has(name) ? [duplicate(at, name)] : [];
    seen.add(name);
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
    const taken = { hostNetwork: spec.hostNetwork, HostPID: spec.hostPID, HostIPC: spec.hostIPC };
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
  const errors = [...need(path.child('os', 'name'), spec.os.name, 'cannot be empty'), ...oneOf(path.child('os'), spec.os.name, ['linux', 'windows'])];
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
