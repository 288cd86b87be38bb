/**
 * The pod security standards: one function a rule. Each says what of a pod breaks the rule, in the words that clients know.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
import type { Container, PodSpec, SecurityContext } from '../../../api/core/v1/types.ts';
import { quote } from '../../../api/meta/quote.ts';

/** A rule that a pod breaks: a short name and what exactly is wrong. */
export interface Violation {
  reason: string;
  detail: string;
}

type Metadata = { annotations?: Record<string, string> };
export type Check = (spec: PodSpec, metadata: Metadata) => Violation | undefined;

interface PodLevel { securityContext?: SecurityContext }

export const containersOf = (spec: PodSpec): Container[] => [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...((spec.ephemeralContainers ?? []) as Container[])];
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
const containersText = (names: readonly string[]): string => `${names.length === 1 ? 'container' : 'containers'} ${quoted(names)}`;
const volumesText = (names: readonly string[]): string => `${names.length === 1 ? 'volume' : 'volumes'} ${quoted(names)}`;
const podContext = (spec: PodSpec): SecurityContext | undefined => (spec as unknown as PodLevel).securityContext;

/** The check, which does not look at pods for Windows. */
export const besidesWindows = (check: Check): Check => (spec, metadata) => (spec.os?.name === 'windows' ? undefined : check(spec, metadata));
/** The check, which lets pods be whose users are nobody on the node (KEP-127). */
export const besidesUserNamespaces = (check: Check): Check => (spec, metadata) => (spec.hostUsers === false ? undefined : check(spec, metadata));

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
  return bad.length > 0 ? { reason: 'hostPort', detail: `${containersText(bad)} ${bad.length === 1 ? 'uses' : 'use'} ${ports.size === 1 ? 'hostPort' : 'hostPorts'} ${[...ports].map(String).toSorted().join(', ')}` } : undefined;
};

interface HandlerWithHost { httpGet?: { host?: string }; tcpSocket?: { host?: string } }

export const probeHosts: Check = (spec) => {
  const hosts = new Set<string>();
  const bad = badContainers(spec, (c) => {
    const handlers = [c.livenessProbe, c.readinessProbe, c.startupProbe, c.lifecycle?.postStart, c.lifecycle?.preStop] as (HandlerWithHost | undefined)[];
    const named = handlers.flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host]).filter((host) => host !== undefined && host !== '') as string[];
    for (const host of named) hosts.add(host);
    return named.length > 0;
  }).toSorted();
  return bad.length > 0 ? { reason: 'probe or lifecycle host', detail: `${containersText(bad)} ${bad.length === 1 ? 'uses' : 'use'} probe or lifecycle ${hosts.size === 1 ? 'host' : 'hosts'} ${quoted([...hosts].toSorted())}` } : undefined;
};

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

export const appArmorProfile: Check = (spec, metadata) => {
  const types = new Set<string>();
  const forbidden = (profile: { type?: string } | undefined): boolean => {
    if (profile === undefined || profile.type === 'RuntimeDefault' || profile.type === 'Localhost') return false;
    types.add(profile.type ?? '');
    return true;
  };
  const pod = forbidden(podContext(spec)?.appArmorProfile);
  const bad = badContainers(spec, (c) => forbidden(c.securityContext?.appArmorProfile));
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key, value]) => key.startsWith(appArmorPrefix) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/')).map(([key, value]) => `${key}=${quote(value)}`);
  const values = [...[...types].toSorted(), ...annotations.toSorted()];
  if (values.length === 0) return undefined;
  const setters = [settersText(pod, bad), annotations.length === 0 ? '' : annotations.length === 1 ? 'annotation' : 'annotations'].filter((text) => text !== '').join(' and ');
  return { reason: values.length === 1 ? 'forbidden AppArmor profile' : 'forbidden AppArmor profiles', detail: `${setters} must not set AppArmor profile type to ${quoted(values)}` };
};

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** `more` are types that are good beside those that always were. */
export const seLinuxOptions = (...more: readonly string[]): Check => (spec) => {
  const allowed = new Set([...seLinuxTypes, ...more]);
  const types = new Set<string>();
  let user = false;
  let role = false;
  const forbidden = (options: { type?: string; user?: string; role?: string } | undefined): boolean => {
    if (!options) return false;
    const badType = !allowed.has(options.type ?? '');
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
  const types = new Set<string>();
  const bad = badContainers(spec, (c) => {
    const type = c.securityContext?.procMount;
    if (type === undefined || type === 'Default') return false;
    types.add(type);
    return true;
  });
  return bad.length > 0 ? { reason: 'procMount', detail: `${containersText(bad)} must not set securityContext.procMount to ${quoted([...types].toSorted())}` } : undefined;
};

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before there were fields for it. */
export const seccompAnnotations: Check = (spec, { annotations = {} }) => {
  const isGood = (value: string): boolean => value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
  const keys = new Set([seccompPod, ...containersOf(spec).map(({ name }) => seccompContainer + name)]);
  const bad = [...keys].filter((key) => annotations[key] !== undefined && !isGood(annotations[key])).map((key) => `${key}=${quote(annotations[key]!)}`).toSorted();
  return bad.length > 0 ? { reason: 'seccompProfile', detail: `forbidden ${bad.length === 1 ? 'annotation' : 'annotations'} ${bad.join(', ')}` } : undefined;
};

const isGoodSeccomp = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';

export const baselineSeccomp: Check = (spec) => {
  const types = new Set<string>();
  const forbidden = (profile: { type?: string } | undefined): boolean => {
    if (profile === undefined || isGoodSeccomp(profile.type)) return false;
    types.add(profile.type ?? '');
    return true;
  };
  const pod = forbidden(podContext(spec)?.seccompProfile);
  const bad = badContainers(spec, (c) => forbidden(c.securityContext?.seccompProfile));
  return pod || bad.length > 0 ? { reason: 'seccompProfile', detail: `${settersText(pod, bad)} must not set securityContext.seccompProfile.type to ${quoted([...types].toSorted())}` } : undefined;
};

export const restrictedSeccomp: Check = (spec, metadata) => {
  const broken = baselineSeccomp(spec, metadata);
  if (broken) return broken;
  if (podContext(spec)?.seccompProfile !== undefined) return undefined;
  const bad = badContainers(spec, (c) => c.securityContext?.seccompProfile === undefined);
  return bad.length > 0 ? { reason: 'seccompProfile', detail: `pod or ${containersText(bad)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` } : undefined;
};

const safeSysctls = ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start'];

/** `more` are settings that are safe beside those that always were. */
export const sysctls = (...more: readonly string[]): Check => (spec) => {
  const safe = new Set([...safeSysctls, ...more]);
  const bad = ((spec.securityContext?.sysctls ?? []) as { name: string }[]).map((s) => s.name).filter((name) => !safe.has(name));
  return bad.length > 0 ? { reason: 'forbidden sysctls', detail: bad.join(', ') } : undefined;
};

export const hostProcess: Check = (spec) => {
  const uses = (context: { windowsOptions?: { hostProcess?: boolean } } | undefined): boolean => context?.windowsOptions?.hostProcess === true;
  const pod = uses(podContext(spec));
  const bad = badContainers(spec, (c) => uses(c.securityContext));
  return pod || bad.length > 0 ? { reason: 'hostProcess', detail: `${settersText(pod, bad)} must not set securityContext.windowsOptions.hostProcess=true` } : undefined;
};

export const allowPrivilegeEscalation: Check = (spec) => {
  const bad = badContainers(spec, (c) => c.securityContext?.allowPrivilegeEscalation !== false);
  return bad.length > 0 ? { reason: 'allowPrivilegeEscalation != false', detail: `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false` } : undefined;
};

export const restrictedCapabilities: Check = (spec) => {
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

const allowedVolumes = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'];
/** In the order in which a volume that has several is called by one of them. */
const restrictedVolumeTypes = [
  'hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'gitRepo', 'nfs', 'iscsi', 'glusterfs', 'rbd', 'flexVolume', 'cinder', 'cephfs', 'flocker', 'fc', 'azureFile', 'vsphereVolume', 'quobyte', 'azureDisk',
  'photonPersistentDisk', 'portworxVolume', 'scaleIO', 'storageos',
];

export const restrictedVolumes: Check = (spec) => {
  const types = new Set<string>();
  const bad = (spec.volumes ?? []).filter((volume) => {
    const has = (type: string): boolean => (volume as unknown as Record<string, unknown>)[type] !== undefined;
    if (allowedVolumes.some(has)) return false;
    types.add(restrictedVolumeTypes.find(has) ?? 'unknown');
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
  const bad = badContainers(spec, (c) => c.securityContext?.runAsNonRoot === undefined);
  return bad.length > 0 ? { reason: 'runAsNonRoot != true', detail: `pod or ${containersText(bad)} must set securityContext.runAsNonRoot=true` } : undefined;
};

export const runAsUser: Check = (spec) => {
  const pod = podContext(spec)?.runAsUser === 0;
  const bad = badContainers(spec, (c) => c.securityContext?.runAsUser === 0);
  return pod || bad.length > 0 ? { reason: 'runAsUser=0', detail: `${settersText(pod, bad)} must not set runAsUser=0` } : undefined;
};
