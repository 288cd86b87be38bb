/**
 * The pod security standards: one function a rule. Each says what of a pod breaks the rule, in the words that clients know.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
import type { Container, PodSpec, SecurityContext } from '../../../api/core/v1/types.ts';

/** A rule that a pod breaks: a short name and what exactly is wrong. */
export interface Violation {
  reason: string;
  detail: string;
}

type Metadata = { annotations?: Record<string, string> };
export type Check = (spec: PodSpec, metadata: Metadata) => Violation | undefined;

interface PodLevel { securityContext?: SecurityContext }

export const containersOf = (spec: PodSpec): Container[] => [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...((spec.ephemeralContainers ?? []) as Container[])];
const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
const containersText = (names: readonly string[]): string => `${names.length === 1 ? 'container' : 'containers'} ${quoted(names)}`;
const volumesText = (names: readonly string[]): string => `${names.length === 1 ? 'volume' : 'volumes'} ${quoted(names)}`;
const podContext = (spec: PodSpec): SecurityContext | undefined => (spec as unknown as PodLevel).securityContext;
const isWindows = (spec: PodSpec): boolean => spec.os?.name === 'windows';

function badContainers(spec: PodSpec, bad: (container: Container) => boolean): string[] {
  return containersOf(spec).filter(bad).map((container) => container.name);
}

/** The pod itself, the containers, or both: `pod and container "a"`. */
function settersText(pod: boolean, containers: readonly string[]): string {
  return [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [containersText(containers)] : [])].join(' and ');
}

export const hostNamespaces: Check = (spec) => {
  const used = [spec.hostNetwork && 'hostNetwork=true', spec.hostPID && 'hostPID=true', spec.hostIPC && 'hostIPC=true'].filter((text) => typeof text === 'string');
  return used.length > 0 ? { reason: 'host namespaces', detail: used.join(', ') } : undefined;
};

export const privileged: Check = (spec) => {
  const bad = badContainers(spec, (c) => c.securityContext?.privileged === true);
  return bad.length > 0 ? { reason: 'privileged', detail: `${containersText(bad)} must not set securityContext.privileged=true` } : undefined;
};

const defaultCapabilities: ReadonlySet<string> = new Set(['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT']);

export const baselineCapabilities: Check = (spec) => {
  const added = new Set<string>();
  const bad = badContainers(spec, (c) => {
    const extra = (c.securityContext?.capabilities?.add ?? []).filter((capability) => !defaultCapabilities.has(capability));
    for (const capability of extra) added.add(capability);
    return extra.length > 0;
  });
  return bad.length > 0 ? { reason: 'non-default capabilities', detail: `${containersText(bad)} must not include ${quoted([...added].toSorted())} in securityContext.capabilities.add` } : undefined;
};

export const hostPathVolumes: Check = (spec) => {
  const bad = (spec.volumes ?? []).filter((volume) => volume.hostPath).map((volume) => volume.name);
  return bad.length > 0 ? { reason: 'hostPath volumes', detail: volumesText(bad) } : undefined;
};

export const hostPorts: Check = (spec) => {
  const ports = new Set<number>();
  const bad = badContainers(spec, (c) => {
    const used = (c.ports ?? []).map((port) => port.hostPort ?? 0).filter((port) => port !== 0);
    for (const port of used) ports.add(port);
    return used.length > 0;
  });
  return bad.length > 0 ? { reason: 'hostPort', detail: `${containersText(bad)} ${bad.length === 1 ? 'uses' : 'use'} ${ports.size === 1 ? 'hostPort' : 'hostPorts'} ${[...ports].toSorted((a, b) => a - b).join(', ')}` } : undefined;
};

interface HandlerWithHost { httpGet?: { host?: string }; tcpSocket?: { host?: string } }

export const probeHosts: Check = (spec) => {
  const isLocal = (host: string): boolean => host === '' || host === 'localhost' || host === '127.0.0.1' || host === '::1';
  const named = (handler: HandlerWithHost | undefined): boolean => !isLocal(handler?.httpGet?.host ?? '') || !isLocal(handler?.tcpSocket?.host ?? '');
  const bad = badContainers(spec, (c) => [c.livenessProbe, c.readinessProbe, c.startupProbe, c.lifecycle?.postStart, c.lifecycle?.preStop].some((handler) => named(handler as HandlerWithHost | undefined)));
  return bad.length > 0 ? { reason: 'probe or lifecycle host', detail: `${containersText(bad)} must not set host in probes or lifecycle handlers` } : undefined;
};

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

export const appArmorProfile: Check = (spec, metadata) => {
  const forbidden = (profile: { type?: string } | undefined): boolean => profile?.type !== undefined && !['RuntimeDefault', 'Localhost'].includes(profile.type);
  const pod = forbidden(podContext(spec)?.appArmorProfile);
  const bad = badContainers(spec, (c) => forbidden(c.securityContext?.appArmorProfile));
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key, value]) => key.startsWith(appArmorPrefix) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/')).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const details = [...(pod || bad.length > 0 ? [`${settersText(pod, bad)} must not set AppArmor profile type to "Unconfined"`] : []), ...(annotations.length > 0 ? [`${annotations.length === 1 ? 'annotation' : 'annotations'} ${annotations.join(', ')}`] : [])];
  return details.length > 0 ? { reason: annotations.length + bad.length + Number(pod) === 1 ? 'forbidden AppArmor profile' : 'forbidden AppArmor profiles', detail: details.join(', ') } : undefined;
};

const seLinuxTypes: ReadonlySet<string> = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);

export const seLinuxOptions: Check = (spec) => {
  const types = new Set<string>();
  let user = false;
  let role = false;
  const forbidden = (options: { type?: string; user?: string; role?: string } | undefined): boolean => {
    if (!options) return false;
    const badType = !seLinuxTypes.has(options.type ?? '');
    if (badType) types.add(options.type!);
    user ||= Boolean(options.user);
    role ||= Boolean(options.role);
    return badType || Boolean(options.user) || Boolean(options.role);
  };
  const pod = forbidden(podContext(spec)?.seLinuxOptions);
  const bad = badContainers(spec, (c) => forbidden(c.securityContext?.seLinuxOptions));
  if (!pod && bad.length === 0) return undefined;
  const details = [...(types.size > 0 ? [`${types.size === 1 ? 'type' : 'types'} ${quoted([...types].toSorted())}`] : []), ...(user ? ['user may not be set'] : []), ...(role ? ['role may not be set'] : [])];
  return { reason: 'seLinuxOptions', detail: `${settersText(pod, bad)} set forbidden securityContext.seLinuxOptions: ${details.join('; ')}` };
};

export const procMount: Check = (spec) => {
  // In a user namespace the container sees nothing of the node through /proc.
  if (spec.hostUsers === false) return undefined;
  const types = new Set<string>();
  const bad = badContainers(spec, (c) => {
    const type = c.securityContext?.procMount;
    if (type === undefined || type === 'Default') return false;
    types.add(type);
    return true;
  });
  return bad.length > 0 ? { reason: 'procMount', detail: `${containersText(bad)} must not set securityContext.procMount to ${quoted([...types].toSorted())}` } : undefined;
};

const allowedSeccomp: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

export const baselineSeccomp: Check = (spec) => {
  const types = new Set<string>();
  const forbidden = (profile: { type?: string } | undefined): boolean => {
    if (profile?.type === undefined || allowedSeccomp.has(profile.type)) return false;
    types.add(profile.type);
    return true;
  };
  const pod = forbidden(podContext(spec)?.seccompProfile);
  const bad = badContainers(spec, (c) => forbidden(c.securityContext?.seccompProfile));
  return pod || bad.length > 0 ? { reason: 'seccompProfile', detail: `${settersText(pod, bad)} must not set securityContext.seccompProfile.type to ${quoted([...types].toSorted())}` } : undefined;
};

export const restrictedSeccomp: Check = (spec, metadata) => {
  if (isWindows(spec)) return undefined;
  const broken = baselineSeccomp(spec, metadata);
  if (broken) return broken;
  if (podContext(spec)?.seccompProfile?.type !== undefined) return undefined;
  const bad = badContainers(spec, (c) => c.securityContext?.seccompProfile?.type === undefined);
  return bad.length > 0 ? { reason: 'seccompProfile', detail: `pod or ${containersText(bad)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` } : undefined;
};

const safeSysctls: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem',
]);

export const sysctls: Check = (spec) => {
  const bad = ((spec.securityContext?.sysctls ?? []) as { name: string }[]).map((s) => s.name).filter((name) => !safeSysctls.has(name));
  return bad.length > 0 ? { reason: 'forbidden sysctls', detail: bad.join(', ') } : undefined;
};

export const hostProcess: Check = (spec) => {
  const uses = (context: { windowsOptions?: { hostProcess?: boolean } } | undefined): boolean => context?.windowsOptions?.hostProcess === true;
  const pod = uses(podContext(spec));
  const bad = badContainers(spec, (c) => uses(c.securityContext));
  return pod || bad.length > 0 ? { reason: 'hostProcess', detail: `${settersText(pod, bad)} must not set securityContext.windowsOptions.hostProcess=true` } : undefined;
};

export const allowPrivilegeEscalation: Check = (spec) => {
  if (isWindows(spec)) return undefined;
  const bad = badContainers(spec, (c) => c.securityContext?.allowPrivilegeEscalation !== false);
  return bad.length > 0 ? { reason: 'allowPrivilegeEscalation != false', detail: `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false` } : undefined;
};

export const restrictedCapabilities: Check = (spec) => {
  if (isWindows(spec)) return undefined;
  const keeping = badContainers(spec, (c) => !(c.securityContext?.capabilities?.drop ?? []).includes('ALL'));
  const added = new Set<string>();
  const adding = badContainers(spec, (c) => {
    const extra = (c.securityContext?.capabilities?.add ?? []).filter((capability) => capability !== 'NET_BIND_SERVICE');
    for (const capability of extra) added.add(capability);
    return extra.length > 0;
  });
  const details = [
    ...(keeping.length > 0 ? [`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0 ? [`${containersText(adding)} must not include ${quoted([...added].toSorted())} in securityContext.capabilities.add`] : []),
  ];
  return details.length > 0 ? { reason: 'unrestricted capabilities', detail: details.join('; ') } : undefined;
};

const allowedVolumes: ReadonlySet<string> = new Set(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret', 'image']);

export const restrictedVolumes: Check = (spec) => {
  const types = new Set<string>();
  const bad = (spec.volumes ?? []).filter((volume) => {
    const type = Object.keys(volume).find((key) => key !== 'name' && (volume as unknown as Record<string, unknown>)[key] !== undefined);
    if (type === undefined || allowedVolumes.has(type)) return false;
    types.add(type);
    return true;
  }).map((volume) => volume.name);
  return bad.length > 0 ? { reason: 'restricted volume types', detail: `${volumesText(bad)} ${bad.length === 1 ? 'uses' : 'use'} restricted volume ${types.size === 1 ? 'type' : 'types'} ${quoted([...types].toSorted())}` } : undefined;
};

export const runAsNonRoot: Check = (spec) => {
  const pod = podContext(spec)?.runAsNonRoot;
  const explicit = badContainers(spec, (c) => c.securityContext?.runAsNonRoot === false);
  if (explicit.length > 0 || pod === false) {
    return { reason: 'runAsNonRoot != true', detail: `${settersText(pod === false, explicit)} must not set securityContext.runAsNonRoot=false` };
  }
  if (pod === true) return undefined;
  const bad = badContainers(spec, (c) => c.securityContext?.runAsNonRoot !== true);
  return bad.length > 0 ? { reason: 'runAsNonRoot != true', detail: `pod or ${containersText(bad)} must set securityContext.runAsNonRoot=true` } : undefined;
};

export const runAsUser: Check = (spec) => {
  const pod = podContext(spec)?.runAsUser === 0;
  const bad = badContainers(spec, (c) => c.securityContext?.runAsUser === 0);
  return pod || bad.length > 0 ? { reason: 'runAsUser=0', detail: `${settersText(pod, bad)} must not set runAsUser=0` } : undefined;
};
