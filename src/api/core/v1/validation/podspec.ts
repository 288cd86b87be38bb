/** The spec of a pod, alone or in a template. */
import { own } from '../../../../base/own.ts';
import { internalForm } from '../../../internal-form.ts';
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../../../meta/field.ts';
import { checkStrictIp } from '../../../meta/addresses.ts';
import { byteLength, dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, inRange, qualifiedName } from '../../../meta/names.ts';
import { each, faultsAt, validateAnnotations, validateLabels } from '../../../meta/validation.ts';
import { isPodLevelResource, podRequests } from '../resources.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import type { HostAlias, PodDNSConfig, PodResourceClaim, PodSpec, PodTemplateSpec } from '../types.ts';
import { compareQuantity } from '../../../meta/quantity.ts';
import { duplicatesOf, needOneOf, oneOf, shownQuantity, validateResourceAmount, validateResourceName } from './common.ts';
import type { ContainerContext } from './containers.ts';
import { validateContainers, validateEphemeralContainers, validateFileVolumes, validateHostNetworkPorts, validateInitContainers, validateResources } from './containers.ts';
import { validatePodAnnotations, validateProfileAnnotations } from './pod-annotations.ts';
import { validateAffinity, validateTolerations, validateTopologySpread } from './scheduling.ts';
import { validateHostProcess, validateOs, validatePodSecurity } from './security.ts';
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
    if ((config.nameservers ?? []).length === 0) return [required(path.child('nameservers'), 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (config === undefined) return errors;
  const servers = config.nameservers ?? [];
  if (servers.length > NAMESERVERS_MAX) errors.push(invalidValue(path.child('nameservers'), servers, `must not have more than ${NAMESERVERS_MAX} nameservers`));
  for (const [i, server] of servers.entries()) errors.push(...checkStrictIp(path.child('nameservers').index(i), server));
  const searches = config.searches ?? [];
  if (searches.length > SEARCHES_MAX) errors.push(invalidValue(path.child('searches'), searches, `must not have more than ${SEARCHES_MAX} search paths`));
  if (searches.join(' ').length > SEARCH_LIST_MAX) errors.push(invalidValue(path.child('searches'), searches, `must not have more than ${SEARCH_LIST_MAX} characters (including spaces) in the search list`));
  for (const [i, search] of searches.entries()) {
    if (search !== '.') errors.push(...faultsAt(path.child('searches').index(i), search, dnsSubdomainWithUnderscore(search.replace(/\.$/, ''))));
  }
  for (const [i, option] of (config.options ?? []).entries()) if (!option.name) errors.push(required(path.child('options').index(i), 'must not be empty'));
  return errors;
}

function validateHostAliases(path: FieldPath, aliases: readonly HostAlias[] | undefined): FieldError[] {
  return each(aliases, (alias, i) => [
    ...checkStrictIp(path.index(i).child('ip'), alias.ip ?? ''),
    ...(alias.hostnames ?? []).flatMap((name, j) => faultsAt(path.index(i).child('hostnames').index(j), name, dnsSubdomain(name))),
  ]);
}

function validateClaims(path: FieldPath, claims: readonly PodResourceClaim[] | undefined): FieldError[] {
  const list = claims ?? [];
  if (list.length === 0) return [];
  const errors = list.flatMap((claim, i) => {
    const at = path.index(i);
    const found = claim.name ? faultsAt(at.child('name'), claim.name, dnsLabel(claim.name)) : [required(at.child('name'))];
    const shown = internalForm('io.k8s.api.core.v1.PodResourceClaim', { ...claim });
    const named = [claim.resourceClaimName, claim.resourceClaimTemplateName].filter((name) => name !== undefined);
    if (named.length > 1) found.push(invalidValue(at, shown, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'));
    if (named.length === 0) found.push(invalidValue(at, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      if (claim[field] !== undefined) found.push(...faultsAt(at.child(field), claim[field], dnsSubdomain(claim[field])));
    }
    return found;
  });
  return [...errors, ...duplicatesOf(list, (claim) => claim.name, (claim, i) => duplicate(path.index(i).child('name'), claim.name))];
}

const POD_LEVEL = ['cpu', 'hugepages-', 'memory'];

function validatePodLevelName(path: FieldPath, name: string): FieldError[] {
  const errors = validateResourceName(path, name);
  return errors.length > 0 || isPodLevelResource(name) ? errors : [notSupported(path, name, POD_LEVEL)];
}

/** Resources of the pod as a whole hold those of its containers (KEP-2837). */
function validatePodResources(path: FieldPath, spec: PodSpec): FieldError[] {
  const resources = spec.resources;
  if (resources === undefined) return [];
  const errors: FieldError[] = resources.claims === undefined ? [] : [forbiddenField(path.child('claims'), 'claims cannot be set for Resources at pod-level')];
  errors.push(...validateResources(path, { limits: resources.limits ?? {}, requests: resources.requests ?? {} }, new Set(), validatePodLevelName));
  if (errors.length > 0) return errors;
  const sum = requestsOfContainers(spec);
  for (const name in sum) {
    const asked = own(resources.requests, name) ?? '0';
    if (compareQuantity(sum[name]!, asked) > 0) errors.push(invalidValue(path.child('requests').key(name), shownQuantity(asked), `must be greater than or equal to aggregate container requests of ${shownQuantity(sum[name]!)}`));
  }
  for (const [i, container] of (spec.containers ?? []).entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const most = own(resources.limits, name);
      if (most !== undefined && compareQuantity(limit, most) > 0) errors.push(invalidValue(path.child('containers').index(i).key(name).child('limits'), shownQuantity(limit), `must be less than or equal to pod limits of ${shownQuantity(most)}`));
    }
  }
  return errors;
}

/** What the containers ask for together, as quantities. */
function requestsOfContainers(spec: PodSpec): Record<string, string> {
  const amounts = podRequests({ metadata: {}, spec: { containers: spec.containers, ...(spec.initContainers ? { initContainers: spec.initContainers } : {}) } });
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, name === 'cpu' ? `${amount}m` : String(amount)]));
}

type NameField = 'serviceAccountName' | 'nodeName' | 'hostname' | 'subdomain' | 'priorityClassName' | 'runtimeClassName';

function validateName(path: FieldPath, spec: PodSpec, field: NameField, check: (name: string) => string[]): FieldError[] {
  const value = spec[field];
  return value ? faultsAt(path.child(field), value, check(value)) : [];
}

function validateHostnameOverride(path: FieldPath, { hostnameOverride, setHostnameAsFQDN, hostNetwork }: PodSpec): FieldError[] {
  if (hostnameOverride === undefined) return [];
  const at = path.child('hostnameOverride');
  const errors = faultsAt(at, hostnameOverride, dnsSubdomain(hostnameOverride));
  if (byteLength(hostnameOverride) > HOSTNAME_OVERRIDE_MAX) errors.push(invalidValue(at, hostnameOverride, `must be no more than ${HOSTNAME_OVERRIDE_MAX} characters`));
  if (setHostnameAsFQDN) errors.push(forbiddenField(at, 'may not be specified when `setHostnameAsFQDN` is true'));
  if (hostNetwork) errors.push(forbiddenField(at, 'may not be specified when `hostNetwork` is true'));
  return errors;
}

function validateOverhead(path: FieldPath, overhead: PodSpec['overhead']): FieldError[] {
  return Object.entries(overhead ?? {}).flatMap(([name, amount]) => [...validateResourceName(path.key(name), name), ...validateResourceAmount(path.key(name), name, amount)]);
}

function validateGates(path: FieldPath, spec: PodSpec): FieldError[] {
  const gates = spec.schedulingGates ?? [];
  if (gates.length === 0 && !spec.readinessGates?.length) return [];
  return [
    ...(spec.readinessGates ?? []).flatMap((gate, i) => faultsAt(path.child('readinessGates').index(i).child('conditionType'), gate.conditionType, qualifiedName(gate.conditionType))),
    ...gates.flatMap((gate, i) => faultsAt(path.child('schedulingGates').index(i), gate.name, qualifiedName(gate.name))),
    ...duplicatesOf(gates, (gate) => gate.name, (gate, i) => duplicate(path.child('schedulingGates').index(i), gate.name)),
  ];
}

/** Validates a spec after defaulting. `meta` is there for pods alone, not for templates, which are asked for less. */
export function validatePodSpec(path: FieldPath, spec: PodSpec, meta?: ObjectMeta): FieldError[] {
  const context: ContainerContext = {
    spec,
    volumes: new Map((spec.volumes ?? []).map((volume) => [volume.name, volume])),
    claims: new Set((spec.resourceClaims ?? []).map((claim) => claim.name)),
  };
  const deadline = spec.activeDeadlineSeconds;
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(path.child('terminationGracePeriodSeconds'))] : []),
    ...validateVolumes(path.child('volumes'), spec.volumes, meta?.name),
    ...validateClaims(path.child('resourceClaims'), spec.resourceClaims),
    ...validateContainers(path.child('containers'), context),
    ...validateInitContainers(path.child('initContainers'), context),
    ...validateEphemeralContainers(path.child('ephemeralContainers'), context),
    ...validatePodResources(path.child('resources'), spec),
    ...needOneOf(path.child('restartPolicy'), spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...needOneOf(path.child('dnsPolicy'), spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...validateLabels(path.child('nodeSelector'), spec.nodeSelector),
    ...validateHostNetworkPorts(path, spec, meta !== undefined),
    ...validatePodSecurity(path, spec),
    ...validateAffinity(path.child('affinity'), spec.affinity),
    ...validateDns(path.child('dnsConfig'), spec.dnsConfig, spec.dnsPolicy),
    ...validateGates(path, spec),
    ...validateTopologySpread(path.child('topologySpreadConstraints'), spec.topologySpreadConstraints, meta && (meta.labels ?? {})),
    ...validateHostProcess(path, spec),
    ...validateName(path, spec, 'serviceAccountName', dnsSubdomain),
    ...validateName(path, spec, 'nodeName', dnsSubdomain),
    ...(deadline === undefined ? [] : faultsAt(path.child('activeDeadlineSeconds'), deadline, inRange(deadline, 1, MAX_INT32))),
    ...validateName(path, spec, 'hostname', dnsLabel),
    ...validateName(path, spec, 'subdomain', dnsLabel),
    ...validateTolerations(path.child('tolerations'), spec.tolerations),
    ...validateHostAliases(path.child('hostAliases'), spec.hostAliases),
    ...validateName(path, spec, 'priorityClassName', dnsSubdomain),
    ...validateName(path, spec, 'runtimeClassName', dnsSubdomain),
    ...oneOf(path.child('preemptionPolicy'), spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
    ...validateOverhead(path.child('overhead'), spec.overhead),
    ...validateOs(path, spec),
    ...validateHostnameOverride(path, spec),
    ...validateFileVolumes(path, context),
  ];
}

/** A template: labels, annotations and the spec, which may not yet hold ephemeral containers. */
export function validatePodTemplate(path: FieldPath, template: PodTemplateSpec | undefined): FieldError[] {
  const spec: PodSpec = template?.spec ?? { containers: [] };
  return [
    ...validateLabels(path.child('labels'), template?.metadata?.labels),
    ...validateAnnotations(path.child('annotations'), template?.metadata?.annotations),
    ...validatePodAnnotations(path.child('annotations'), template?.metadata?.annotations, spec),
    ...validateProfileAnnotations(path.child('spec'), template?.metadata?.annotations, spec),
    ...validatePodSpec(path.child('spec'), spec),
    ...((spec.ephemeralContainers ?? []).length > 0 ? [forbiddenField(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template')] : []),
  ];
}
