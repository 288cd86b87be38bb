/** Security contexts of pods and containers, as the runtime takes them. Pure. */
import type { Pod, SeccompProfile } from '../api/core/v1/types.ts';
import type { ContainerSecurityContext, Image, LinuxSecurityContext, NamespaceMode, NamespaceOptions, SecurityProfile } from '../cri/runtime.ts';
import { ContainerConfigError } from './environment.ts';
import type { ContainerKind } from './decide.ts';
import { podFullName, type AnyContainer } from './names.ts';

/** Parts of /proc and /sys that tell too much, hidden from ordinary containers. */
const maskedPaths = [
  '/proc/asound', '/proc/acpi', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi',
  '/sys/firmware', '/sys/devices/virtual/powercap',
];
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Sysctls that touch nobody but the pod. https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/ */
const safeSysctls = new Set([
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem',
]);

/** The first sysctl of the pod that this node does not let it set. */
export function forbiddenSysctl(pod: Pod, allowed: readonly string[]): string | undefined {
  const names = (pod.spec?.securityContext?.sysctls ?? []).map(({ name }) => name.replaceAll('/', '.'));
  return names.find((name) => !safeSysctls.has(name) && !allowed.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern)));
}

function profile(given: SeccompProfile | undefined, seccompRoot: string): SecurityProfile {
  if (given?.type === 'RuntimeDefault') return { profileType: 'RuntimeDefault' };
  if (given?.type === 'Localhost') return { profileType: 'Localhost', localhostRef: `${seccompRoot}/${given.localhostProfile ?? ''}` };
  return { profileType: 'Unconfined' };
}

function apparmorProfile(given: { type: string; localhostProfile?: string } | undefined): SecurityProfile | undefined {
  if (!given) return undefined;
  return given.type === 'Localhost' ? { profileType: 'Localhost', localhostRef: given.localhostProfile ?? '' } : { profileType: given.type === 'RuntimeDefault' ? 'RuntimeDefault' : 'Unconfined' };
}

/** Which namespaces are shared with the node, or among the pod's containers. */
export function namespacesOf(pod: Pod): NamespaceOptions {
  const { spec } = pod;
  const pid: NamespaceMode = spec?.hostPID ? 'node' : spec?.shareProcessNamespace ? 'pod' : 'container';
  return { network: spec?.hostNetwork ? 'node' : 'pod', pid, ipc: spec?.hostIPC ? 'node' : 'pod' };
}

function supplementalGroups(pod: Pod): number[] {
  const { supplementalGroups: groups = [], fsGroup } = pod.spec?.securityContext ?? {};
  return [...groups, ...(fsGroup === undefined ? [] : [fsGroup])];
}

/** For the sandbox. */
export function sandboxSecurity(pod: Pod, seccompRoot: string): LinuxSecurityContext {
  const context = pod.spec?.securityContext;
  const isPrivileged = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].some((c) => c.securityContext?.privileged);
  return {
    namespaceOptions: namespacesOf(pod),
    privileged: isPrivileged,
    // The sandbox itself runs a program of ours: it never needs more than the default.
    seccomp: context?.seccompProfile ? profile(context.seccompProfile, seccompRoot) : { profileType: 'RuntimeDefault' },
    ...(context?.runAsUser === undefined ? {} : { runAsUser: context.runAsUser }),
    ...(context?.runAsGroup === undefined || context.runAsUser === undefined ? {} : { runAsGroup: context.runAsGroup }),
    ...(context?.seLinuxOptions ? { selinuxOptions: context.seLinuxOptions } : {}),
    supplementalGroups: supplementalGroups(pod),
    ...(context?.supplementalGroupsPolicy === 'Strict' ? { supplementalGroupsPolicy: 'Strict' as const } : {}),
  };
}

/** Throws ContainerConfigError when the container would run as root against its specification. */
export function checkNonRoot(pod: Pod, container: AnyContainer, image: Pick<Image, 'uid' | 'username'> | undefined): void {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec?.securityContext?.runAsNonRoot;
  if (!nonRoot) return;
  const where = `(pod: "${podFullName(pod)}", container: ${container.name})`;
  const user = container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser;
  if (user === 0) throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${where}`);
  if (user !== undefined) return;
  if (image?.username) throw new ContainerConfigError(`container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`);
  if (!image?.uid) throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${where}`);
}

export interface ContainerSecurityInputs {
  pod: Pod;
  container: AnyContainer;
  kind: ContainerKind;
  image: Pick<Image, 'uid' | 'username'> | undefined;
  seccompRoot: string;
  /** Id of the container whose processes an ephemeral one sees. */
  targetId?: string;
}

/** For a container: its own settings over the pod's. */
export function containerSecurity({ pod, container, image, seccompRoot, targetId }: ContainerSecurityInputs): ContainerSecurityContext {
  const own = container.securityContext;
  const shared = pod.spec?.securityContext;
  const user = own?.runAsUser ?? shared?.runAsUser ?? image?.uid;
  const group = own?.runAsGroup ?? shared?.runAsGroup;
  const selinuxOptions = own?.seLinuxOptions ?? shared?.seLinuxOptions;
  const apparmor = apparmorProfile(own?.appArmorProfile ?? shared?.appArmorProfile);
  const isPrivileged = own?.privileged === true;
  const hidesProc = !isPrivileged && own?.procMount !== 'Unmasked';
  const named = user === undefined && image?.username ? { runAsUsername: image.username } : {};
  return {
    namespaceOptions: targetId === undefined ? namespacesOf(pod) : { ...namespacesOf(pod), pid: 'target', targetId },
    privileged: isPrivileged,
    readonlyRootfs: own?.readOnlyRootFilesystem === true,
    noNewPrivs: own?.allowPrivilegeEscalation === false,
    capabilities: { addCapabilities: (own?.capabilities?.add ?? []).map(capabilityName), dropCapabilities: (own?.capabilities?.drop ?? []).map(capabilityName) },
    ...(user === undefined ? named : { runAsUser: user }),
    ...(group === undefined ? {} : { runAsGroup: group }),
    supplementalGroups: supplementalGroups(pod),
    ...(shared?.supplementalGroupsPolicy === 'Strict' ? { supplementalGroupsPolicy: 'Strict' as const } : {}),
    ...(hidesProc ? { maskedPaths, readonlyPaths } : {}),
    seccomp: profile(own?.seccompProfile ?? shared?.seccompProfile, seccompRoot),
    ...(selinuxOptions ? { selinuxOptions } : {}),
    ...(apparmor ? { apparmor } : {}),
  };
}

/** The runtime wants names without the kernel's prefix. */
function capabilityName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}
