/** The sandbox of a pod as the runtime takes it: names, DNS, ports, security. Pure, but for the node's own resolver file, which is given. */
import { allContainers } from '../api/core/v1/pods.ts';
import { podLimits, podRequests } from '../api/core/v1/resources.ts';
import type { Pod } from '../api/core/v1/types.ts';
import type { DnsConfig, PortMapping, SandboxConfig } from '../cri/runtime.ts';
import { annotationNames, labelNames, type PodPaths } from './names.ts';
import { cpuPeriodUs, quotaOf, sharesOf } from './resources.ts';
import { sandboxSecurity } from './security.ts';

const hostNameLimit = 63;

/** Name servers, search domains and options. */
export function parseResolvConf(text: string): DnsConfig {
  const config: DnsConfig = { servers: [], searches: [], options: [] };
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.replace(/[#;].*$/, '').trim().split(/\s+/);
    if (word === 'nameserver' && rest[0]) config.servers.push(rest[0]);
    else if (word === 'search' || word === 'domain') config.searches = rest.map((name) => name.replace(/(.)\.$/, '$1'));
    else if (word === 'options') config.options = rest;
  }
  return config;
}

export interface DnsInputs {
  /** Text of the node's resolv.conf. */
  resolvConf: string;
  clusterDns: readonly string[];
  clusterDomain: string;
}

const maxNameservers = 3;
const maxSearches = 32;

/** https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy */
export function dnsConfigOf(pod: Pod, inputs: DnsInputs): DnsConfig {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst';
  const node = parseResolvConf(inputs.resolvConf);
  const usesCluster = (policy === 'ClusterFirst' && !pod.spec?.hostNetwork) || policy === 'ClusterFirstWithHostNet';
  let config: DnsConfig = { servers: node.servers, searches: node.searches, options: node.options };
  if (policy === 'None') config = { servers: [], searches: [], options: [] };
  else if (usesCluster && inputs.clusterDns.length > 0) {
    const domains = inputs.clusterDomain === '' ? [] : [`${pod.metadata.namespace}.svc.${inputs.clusterDomain}`, `svc.${inputs.clusterDomain}`, inputs.clusterDomain];
    config = { servers: [...inputs.clusterDns], searches: [...domains, ...node.searches], options: ['ndots:5'] };
  }
  const own = pod.spec?.dnsConfig;
  const options = new Map(config.options.map((option) => [option.split(':')[0]!, option]));
  for (const { name, value } of own?.options ?? []) if (name) options.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  return {
    servers: [...new Set([...config.servers, ...(own?.nameservers ?? [])])].slice(0, maxNameservers),
    searches: [...new Set([...config.searches, ...(own?.searches ?? [])])].slice(0, maxSearches),
    options: [...options.values()],
  };
}

/** What the pod calls itself, and the domain it is in where it has one. */
export function hostNameOf(pod: Pod, clusterDomain: string): { hostName: string; domain: string } {
  const { spec, metadata } = pod;
  if (spec?.hostnameOverride) return { hostName: spec.hostnameOverride, domain: '' };
  // A name of the pod's length may be cut to what a host name may have, and must not end in a dash or dot.
  const hostName = spec?.hostname || (metadata.name ?? '').slice(0, hostNameLimit).replace(/[-.]+$/, '');
  const domain = spec?.subdomain ? `${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` : '';
  return { hostName, domain };
}

function kernelHostName(pod: Pod, clusterDomain: string): string {
  const { hostName, domain } = hostNameOf(pod, clusterDomain);
  return pod.spec?.setHostnameAsFQDN && domain !== '' ? `${hostName}.${domain}` : hostName;
}

function portMappings(pod: Pod): PortMapping[] {
  if (pod.spec?.hostNetwork) return [];
  return allContainers(pod).flatMap((c) => c.ports ?? []).filter((port) => (port.hostPort ?? 0) > 0).map((port) => ({
    protocol: (port.protocol ?? 'TCP') as PortMapping['protocol'],
    containerPort: port.containerPort,
    hostPort: port.hostPort!,
    hostIp: port.hostIP ?? '',
  }));
}

/** The content of the pod's /etc/hosts. On the host network it is the node's own with the aliases added. */
export function hostsFile(pod: Pod, podIps: readonly string[], clusterDomain: string, nodeHosts: string): string {
  const aliases = (pod.spec?.hostAliases ?? []).map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}`);
  const aliasLines = aliases.length > 0 ? ['', '# Entries added by HostAliases.', ...aliases] : [];
  if (pod.spec?.hostNetwork) return ['# Kubernetes-managed hosts file (host network).', nodeHosts.replace(/\n$/, ''), ...aliasLines, ''].join('\n');
  const { hostName, domain } = hostNameOf(pod, clusterDomain);
  const own = podIps.map((ip) => (domain === '' ? `${ip}\t${hostName}` : `${ip}\t${hostName}.${domain}\t${hostName}`));
  const fixed = ['# Kubernetes-managed hosts file.', '127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', 'fe00::0\tip6-localnet', 'fe00::0\tip6-mcastprefix', 'fe00::1\tip6-allnodes', 'fe00::2\tip6-allrouters'];
  return [...fixed, ...own, ...aliasLines, ''].join('\n');
}

export interface SandboxInputs {
  pod: Pod;
  attempt: number;
  paths: PodPaths;
  dns: DnsInputs;
  cgroupParent: string;
  seccompRoot: string;
}

export function sandboxConfigOf({ pod, attempt, paths, dns, cgroupParent, seccompRoot }: SandboxInputs): SandboxConfig {
  const { name, namespace, uid, labels, annotations } = pod.metadata;
  const requests = podRequests(pod, { excludeOverhead: true });
  const limits = podLimits(pod, { excludeOverhead: true });
  const sysctls = Object.fromEntries((pod.spec?.securityContext?.sysctls ?? []).map((s) => [s.name.replaceAll('/', '.'), s.value]));
  return {
    metadata: { name: name!, uid: uid!, namespace: namespace!, attempt },
    hostname: pod.spec?.hostNetwork ? '' : kernelHostName(pod, dns.clusterDomain),
    logDirectory: paths.logsOf(pod),
    dnsConfig: dnsConfigOf(pod, dns),
    portMappings: portMappings(pod),
    labels: { ...labels, [labelNames.podName]: name!, [labelNames.podNamespace]: namespace!, [labelNames.podUid]: uid! },
    annotations: { ...annotations, [annotationNames.configSource]: annotations?.[annotationNames.configSource] ?? 'api' },
    linux: {
      cgroupParent,
      securityContext: sandboxSecurity(pod, seccompRoot),
      sysctls,
      resources: { cpuPeriod: cpuPeriodUs, cpuQuota: quotaOf(limits.cpu ?? 0), cpuShares: sharesOf(requests.cpu ?? 0), memoryLimitInBytes: limits.memory ?? 0 },
    },
  };
}
