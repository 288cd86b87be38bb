/** The spec of a pod, alone or in a template. */
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { duplicate, forbiddenField, invalidValue, required } from '../../../meta/field.ts';
import { checkStrictIp } from '../../../meta/addresses.ts';
import { byteLength, dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, inRange, qualifiedName } from '../../../meta/names.ts';
import { each, faultsAt, validateAnnotations, validateLabels } from '../../../meta/validation.ts';
import { isPodLevelResource } from '../resources.ts';
import type { HostAlias, PodDNSConfig, PodResourceClaim, PodSpec, PodTemplateSpec } from '../types.ts';
import { duplicatesOf, needOneOf, oneOf, validateContainerResourceName, validateResourceAmount, validateResourceName } from './common.ts';
import type { ContainerContext } from './containers.ts';
import { validateContainers, validateEphemeralContainers, validateHostNetworkPorts, validateInitContainers, validateResources } from './containers.ts';
import { validateAffinity, validateTolerations, validateTopologySpread } from './scheduling.ts';
import { validateOs, validatePodSecurity } from './security.ts';
import { validateVolumes } from './volumes.ts';

const MAX_INT32 = 2147483647;
const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCH_LIST_MAX = 2048;
/** What the kernel takes as a host name. */
const HOSTNAME_OVERRIDE_MAX = 64;

function validateDns(path: FieldPath, config: PodDNSConfig | undefined, policy: string | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (policy === 'None') {
    if (config === undefined) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if ((config.nameservers ?? []).length === 0) errors.push(required(path.child('nameservers'), 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
  }
  const servers = config?.nameservers ?? [];
  if (servers.length > NAMESERVERS_MAX) errors.push(invalidValue(path.child('nameservers'), servers, `must not have more than ${NAMESERVERS_MAX} nameservers`));
  for (const [i, server] of servers.entries()) errors.push(...checkStrictIp(path.child('nameservers').index(i), server));
  const searches = config?.searches ?? [];
  if (searches.length > SEARCHES_MAX) errors.push(invalidValue(path.child('searches'), searches, `must not have more than ${SEARCHES_MAX} search paths`));
  if (searches.join(' ').length > SEARCH_LIST_MAX) errors.push(invalidValue(path.child('searches'), searches, `must not have more than ${SEARCH_LIST_MAX} characters (including spaces) in the search list`));
  for (const [i, search] of searches.entries()) {
    if (search !== '.') errors.push(...faultsAt(path.child('searches').index(i), search, dnsSubdomainWithUnderscore(search.replace(/\.$/, ''))));
  }
  for (const [i, option] of (config?.options ?? []).entries()) if (!option.name) errors.push(required(path.child('options').index(i), 'must not be empty'));
  return errors;
}

function validateHostAliases(path: FieldPath, aliases: readonly HostAlias[] | undefined): FieldError[] {
  return each(aliases, (alias, i) => [
    ...checkStrictIp(path.index(i).child('ip'), alias.ip ?? ''),
    ...(alias.hostnames ?? []).flatMap((name) => faultsAt(path.child('hostnames'), name, dnsSubdomain(name))),
  ]);
}

function validateClaims(path: FieldPath, claims: readonly PodResourceClaim[] | undefined): FieldError[] {
  const list = claims ?? [];
  const errors = list.flatMap((claim, i) => {
    const at = path.index(i);
    const found = claim.name ? faultsAt(at.child('name'), claim.name, dnsLabel(claim.name)) : [required(at.child('name'))];
    const named = [claim.resourceClaimName, claim.resourceClaimTemplateName].filter((name) => name !== undefined);
    if (named.length > 1) found.push(invalidValue(at, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'));
    if (named.length === 0) found.push(invalidValue(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      if (claim[field] !== undefined) found.push(...faultsAt(at.child(field), claim[field], dnsSubdomain(claim[field])));
    }
    return found;
  });
  return [...errors, ...duplicatesOf(list, (claim) => claim.name, (claim, i) => duplicate(path.index(i).child('name'), claim.name))];
}

function validatePodLevelName(path: FieldPath, name: string): FieldError[] {
  const errors = validateContainerResourceName(path, name);
  if (errors.length === 0 && !isPodLevelResource(name)) errors.push(invalidValue(path, name, 'must be a supported resource for pods: one of cpu, memory and hugepages-*'));
  return errors;
}

/** Things of a container's name, host and the like: the short fields of the spec. */
function validateNames(path: FieldPath, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const named = { serviceAccountName: dnsSubdomain, nodeName: dnsSubdomain, hostname: dnsLabel, subdomain: dnsLabel, priorityClassName: dnsSubdomain, runtimeClassName: dnsSubdomain } as const;
  for (const [field, check] of Object.entries(named) as [keyof typeof named, (name: string) => string[]][]) {
    const value = spec[field];
    if (value) errors.push(...faultsAt(path.child(field), value, check(value)));
  }
  if (spec.hostnameOverride !== undefined) {
    const at = path.child('hostnameOverride');
    errors.push(...faultsAt(at, spec.hostnameOverride, dnsSubdomain(spec.hostnameOverride)));
    if (byteLength(spec.hostnameOverride) > HOSTNAME_OVERRIDE_MAX) errors.push(invalidValue(at, spec.hostnameOverride, `must be no more than ${HOSTNAME_OVERRIDE_MAX} characters`));
    if (spec.setHostnameAsFQDN) errors.push(forbiddenField(at, 'may not be specified when `setHostnameAsFQDN` is true'));
    if (spec.hostNetwork) errors.push(forbiddenField(at, 'may not be specified when `hostNetwork` is true'));
  }
  return errors;
}

function validateGates(path: FieldPath, spec: PodSpec): FieldError[] {
  const gates = spec.schedulingGates ?? [];
  return [
    ...(spec.readinessGates ?? []).flatMap((gate, i) => faultsAt(path.child('readinessGates').index(i).child('conditionType'), gate.conditionType, qualifiedName(gate.conditionType))),
    ...gates.flatMap((gate, i) => faultsAt(path.child('schedulingGates').index(i), gate.name, qualifiedName(gate.name))),
    ...duplicatesOf(gates, (gate) => gate.name, (gate, i) => duplicate(path.child('schedulingGates').index(i), gate.name)),
  ];
}

/** Pods that run on Windows' host take all containers with them. */
function validateHostProcess(path: FieldPath, spec: PodSpec): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
  const flags = new Set(all.map((container) => container.securityContext?.windowsOptions?.hostProcess ?? ofPod ?? false));
  if (!flags.has(true)) return [];
  const errors: FieldError[] = [];
  if (flags.has(false)) errors.push(invalidValue(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'));
  if (!spec.hostNetwork) errors.push(invalidValue(path.child('hostNetwork'), false, 'hostNetwork must be true if pod contains any hostProcess containers'));
  return errors;
}

/** Validates a spec after defaulting. */
export function validatePodSpec(path: FieldPath, spec: PodSpec): FieldError[] {
  const context: ContainerContext = {
    spec,
    volumes: new Map((spec.volumes ?? []).map((volume) => [volume.name, volume])),
    claims: new Set((spec.resourceClaims ?? []).map((claim) => claim.name)),
  };
  const errors = [
    ...validateVolumes(path.child('volumes'), spec.volumes),
    ...validateClaims(path.child('resourceClaims'), spec.resourceClaims),
    ...validateContainers(path.child('containers'), context),
    ...validateInitContainers(path.child('initContainers'), context),
    ...validateEphemeralContainers(path.child('ephemeralContainers'), context),
    ...validateResources(path.child('resources'), spec.resources, new Set(), validatePodLevelName),
    ...needOneOf(path.child('restartPolicy'), spec.restartPolicy, ['Always', 'Never', 'OnFailure']),
    ...needOneOf(path.child('dnsPolicy'), spec.dnsPolicy, ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']),
    ...validateLabels(path.child('nodeSelector'), spec.nodeSelector),
    ...validateHostNetworkPorts(path, spec),
    ...validatePodSecurity(path, spec),
    ...validateAffinity(path.child('affinity'), spec.affinity),
    ...validateDns(path.child('dnsConfig'), spec.dnsConfig, spec.dnsPolicy),
    ...validateGates(path, spec),
    ...validateTopologySpread(path.child('topologySpreadConstraints'), spec.topologySpreadConstraints),
    ...validateHostProcess(path, spec),
    ...validateNames(path, spec),
    ...validateTolerations(path.child('tolerations'), spec.tolerations),
    ...validateHostAliases(path.child('hostAliases'), spec.hostAliases),
    ...oneOf(path.child('preemptionPolicy'), spec.preemptionPolicy, ['Never', 'PreemptLowerPriority']),
    ...validateOs(path, spec),
  ];
  if (spec.terminationGracePeriodSeconds === undefined) errors.push(required(path.child('terminationGracePeriodSeconds')));
  if (spec.activeDeadlineSeconds !== undefined) errors.push(...faultsAt(path.child('activeDeadlineSeconds'), spec.activeDeadlineSeconds, inRange(spec.activeDeadlineSeconds, 1, MAX_INT32)));
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) {
    errors.push(...validateResourceName(path.child('overhead').key(name), name), ...validateResourceAmount(path.child('overhead').key(name), name, amount));
  }
  return errors;
}

/** A template: labels, annotations and the spec, which may not yet hold ephemeral containers. */
export function validatePodTemplate(path: FieldPath, template: PodTemplateSpec | undefined): FieldError[] {
  const spec: PodSpec = template?.spec ?? { containers: [] };
  return [
    ...validateLabels(path.child('labels'), template?.metadata?.labels),
    ...validateAnnotations(path.child('annotations'), template?.metadata?.annotations),
    ...validatePodSpec(path.child('spec'), spec),
    ...((spec.ephemeralContainers ?? []).length > 0 ? [forbiddenField(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template')] : []),
  ];
}
