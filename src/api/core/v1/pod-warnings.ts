/** What a pod may say and had better not: texts for `Warning` headers. */
import { FieldPath } from '../../meta/field.ts';
import { dnsLabel } from '../../meta/names.ts';
import { compareQuantity, roundUpQuantity } from '../../meta/quantity.ts';
import type { KubeObject, ObjectMeta } from '../../meta/v1/types.ts';
import { addressWarnings } from '../../meta/addresses.ts';
import { quote } from '../../meta/quote.ts';
import { labelWarning, selectorWarnings, termWarnings } from './node-labels.ts';
import { pathWarnings } from './path-warnings.ts';
import type { Affinity, Container, ContainerPort, Pod, PodAffinityTerm, PodSpec, PodTemplateSpec, Volume } from './types.ts';
import { isPlainSpec } from './validation/known-specs.ts';
import { APPARMOR } from './validation/pod-annotations.ts';

const annotations: readonly (readonly [string, string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
];
const podSeccomp = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/';
const seccompText = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const SPEC = new FieldPath('spec');
const METADATA = new FieldPath('metadata');
const nullSelector = 'a null labelSelector results in matching no pod';

/** Kinds of volumes that are gone or going. */
const volumeKinds: readonly (readonly [kind: keyof Volume, path: string, text: string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

/** Of the sources of a pod's volume, or of a persistent volume. */
export function volumeWarnings(at: FieldPath, volume: object): string[] {
  const given = volume as Record<string, unknown>;
  if (!volumeKinds.some(([kind]) => given[kind] !== undefined)) return [];
  return volumeKinds.flatMap(([kind, path, text]) => (given[kind] === undefined ? [] : [`${at.child(path)}: ${text}`]));
}

/** Bytes have no parts: `100m` is a tenth of one, and hardly ever meant. */
function isFraction(amount: unknown): boolean {
  // The suffixes that make whole bytes of whole numbers are told by their last letters; anything else is worked out.
  if (/^\d{1,15}([kMGTPE]|[KMGTPE]i)?$/.test(String(amount))) return false;
  try {
    return compareQuantity(String(amount), roundUpQuantity(String(amount), 0)) !== 0;
  } catch {
    return false;
  }
}

const BYTES: readonly string[] = ['memory', 'ephemeral-storage'];

/** One warning for each of these resources whose amount is a fraction of a byte. */
export function fractionWarnings(at: FieldPath, list: Readonly<Record<string, string>> | undefined, resources: readonly string[] = BYTES): string[] {
  if (list === undefined) return [];
  return resources.flatMap((resource) => (list[resource] !== undefined && isFraction(list[resource]) ? [`${at.key(resource)}: fractional byte value ${quote(list[resource])} is invalid, must be an integer`] : []));
}

function duplicateWarnings(at: FieldPath, values: readonly string[], text: (value: string) => string, field: string): string[] {
  const seen = new Set<string>();
  return values.flatMap((value, i) => {
    const twice = seen.has(value);
    seen.add(value);
    return twice ? [`${at.index(i).child(field)}: ${text(value)}`] : [];
  });
}

function envWarnings(container: Container, at: FieldPath): string[] {
  const env = container.env ?? [];
  if (env.length < 2) return [];
  const seen = new Set<string>();
  return env.flatMap((variable, i) => {
    const twice = seen.has(variable.name);
    seen.add(variable.name);
    // What adds to the earlier value is meant so.
    const reference = `$(${variable.name})`;
    const adds = variable.valueFrom === undefined && variable.value !== reference && (variable.value ?? '').includes(reference);
    return twice && !adds ? [`${at.child('env').index(i)}: hides previous definition of ${quote(variable.name)}, which may be dropped when using apply`] : [];
  });
}

interface Place {
  at: FieldPath;
  port: ContainerPort;
}

function clash({ port, at }: Place, other: Place): string[] {
  const [host, otherHost] = [port.hostPort ?? 0, other.port.hostPort ?? 0];
  const [ip, otherIp] = [port.hostIP ?? '', other.port.hostIP ?? ''];
  if (ip === otherIp && host === otherHost) return [`${at}: duplicate port definition with ${other.at}`];
  if (host === 0 || otherHost === 0) return [`${at}: overlapping port definition with ${other.at}`];
  return host === otherHost && (ip === '') !== (otherIp === '') ? [`${at}: dangerously ambiguous port definition with ${other.at}`] : [];
}

/** A port as Go prints it with the names of its fields. */
const goText = ({ name = '', containerPort, protocol = '', hostIP = '' }: ContainerPort): string => `{Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;

/** Each port is compared with so many earlier ones of the same number at most. */
const CLASHES_MAX = 20;

/** Ports of all containers of the pod, which share its address. */
function portWarnings(containers: Placed): string[] {
  const warnings: string[] = [];
  const byNumber = new Map<string, Place[]>();
  const named = new Map<string, FieldPath>();
  const names: string[] = [];
  for (const [container, path] of containers) {
    for (const [i, port] of (container.ports ?? []).entries()) {
      const place = { at: path.child('ports').index(i), port };
      if (port.hostIP && !port.hostPort) warnings.push(`${place.at}: hostIP set without hostPort: ${goText(port)}`);
      const key = `${port.containerPort}/${port.protocol ?? 'TCP'}`;
      const others = byNumber.get(key);
      if (others === undefined) byNumber.set(key, [place]);
      else {
        for (const other of others) warnings.push(...clash(place, other));
        if (others.length < CLASHES_MAX) others.push(place);
      }
      if (!port.name) continue;
      const first = named.get(port.name);
      if (first === undefined) named.set(port.name, place.at.child('name'));
      else names.push(`${place.at.child('name')}: duplicate port name ${quote(port.name)} with ${first}, services and probes that select ports by name will use ${first}`);
    }
  }
  return [...warnings, ...names];
}

function nodeAffinityWarnings(at: FieldPath, { nodeAffinity }: Affinity): string[] {
  const path = at.child('nodeAffinity');
  return [
    ...(nodeAffinity?.[REQUIRED]?.nodeSelectorTerms ?? []).flatMap((term, i) => termWarnings(path.child(REQUIRED, 'nodeSelectorTerms').index(i), term)),
    ...(nodeAffinity?.[PREFERRED] ?? []).flatMap((term, i) => termWarnings(path.child(PREFERRED).index(i).child('preference'), term.preference)),
  ];
}

function podAffinityWarnings(at: FieldPath, affinity: Affinity): string[] {
  const unselected = (path: FieldPath, term: PodAffinityTerm | undefined): string[] => (term !== undefined && term.labelSelector === undefined ? [`${path.child('labelSelector')}: ${nullSelector}`] : []);
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((field) => [
    ...(affinity[field]?.[REQUIRED] ?? []).flatMap((term, i) => unselected(at.child(field, REQUIRED).index(i), term)),
    ...(affinity[field]?.[PREFERRED] ?? []).flatMap((term, i) => unselected(at.child(field, PREFERRED).index(i).child('podAffinityTerm'), term.podAffinityTerm)),
  ]);
}

function placementWarnings(spec: PodSpec, at: FieldPath): string[] {
  const warnings: string[] = [];
  if (spec.nodeSelector !== undefined) warnings.push(...selectorWarnings(at.child('nodeSelector'), spec.nodeSelector));
  if (spec.affinity !== undefined) warnings.push(...nodeAffinityWarnings(at.child('affinity'), spec.affinity));
  for (const [i, { topologyKey, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const path = at.child('topologySpreadConstraints').index(i);
    warnings.push(...labelWarning(path.child('topologyKey'), topologyKey));
    if (labelSelector === undefined) warnings.push(`${path.child('labelSelector')}: ${nullSelector}`);
  }
  return warnings;
}

/** Annotations in place of the fields of one container. In a pod AppArmor's field is filled in from its annotation, and whoever made it is told of that in any case. */
function containerAnnotationWarnings(given: Readonly<Record<string, string>>, { name, securityContext }: Container, spec: PodSpec, path: FieldPath, isTemplate: boolean): string[] {
  const warnings: string[] = [];
  if (given[containerSeccomp + name] !== undefined && securityContext?.seccompProfile === undefined) warnings.push(`${path.key(containerSeccomp + name)}: ${seccompText}`);
  const hasField = isTemplate && (spec.securityContext?.appArmorProfile ?? securityContext?.appArmorProfile) !== undefined;
  if (given[APPARMOR + name] !== undefined && !hasField) warnings.push(`${path.key(APPARMOR + name)}: deprecated since v1.30; use the "appArmorProfile" field instead`);
  return warnings;
}

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Names and addresses that stand twice in their lists. */
function listWarnings(spec: PodSpec, at: FieldPath): string[] {
  const warnings: string[] = [];
  if (spec.hostAliases !== undefined) warnings.push(...duplicateWarnings(at.child('hostAliases'), spec.hostAliases.map(({ ip }) => ip), (ip) => `duplicate ip ${quote(ip)}`, 'ip'));
  if (spec.imagePullSecrets !== undefined) {
    const path = at.child('imagePullSecrets');
    const names = spec.imagePullSecrets.map(({ name }) => name ?? '');
    warnings.push(...duplicateWarnings(path, names, (name) => `duplicate name ${quote(name)}`, 'name'));
    for (const [i, name] of names.entries()) if (name === '') warnings.push(`${path.index(i).child('name')}: invalid empty name ""`);
  }
  return warnings;
}

/** Addresses in odd forms. */
function formWarnings(spec: PodSpec, at: FieldPath): string[] {
  return [
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((ip, i) => addressWarnings(at.child('dnsConfig', 'nameservers').index(i), ip)),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, i) => addressWarnings(at.child('hostAliases').index(i).child('ip'), ip)),
  ];
}

function volumesWarnings(volumes: readonly Volume[], at: FieldPath): string[] {
  return [
    ...volumes.flatMap((volume, i) => [
      ...volumeWarnings(at.index(i), volume),
      ...(volume.ephemeral === undefined ? [] : fractionWarnings(at.index(i).child('ephemeral', 'volumeClaimTemplate', 'spec', 'resources', 'requests'), volume.ephemeral.volumeClaimTemplate?.spec.resources?.requests, ['storage'])),
    ]),
    ...pathWarnings(volumes),
  ];
}

type Placed = readonly (readonly [Container, FieldPath])[];

function containersWarnings(containers: Placed, ofAnnotations: (container: Container) => string[]): string[] {
  const warnings: string[] = [];
  let ports = 0;
  for (const [container, path] of containers) {
    ports += container.ports?.length ?? 0;
    warnings.push(...ofAnnotations(container));
    if (container.resources !== undefined) {
      const at = path.child('resources');
      for (const resource of BYTES) for (const list of ['limits', 'requests'] as const) warnings.push(...fractionWarnings(at.child(list), container.resources[list], [resource]));
    }
    if ((container.env?.length ?? 0) > 1) warnings.push(...envWarnings(container, path));
  }
  return ports === 0 ? warnings : [...warnings, ...portWarnings(containers)];
}

const nothing = (): string[] => [];

/** `at` is where the spec and the metadata stand: undefined for a pod itself. */
export function podWarnings({ metadata, spec }: { metadata?: ObjectMeta; spec?: PodSpec }, at?: FieldPath): string[] {
  if (!spec) return [];
  const specAt = at ? at.child('spec') : SPEC;
  const path = (at ? at.child('metadata') : METADATA).child('annotations');
  const given = metadata?.annotations;
  const containers: (readonly [Container, FieldPath])[] = [];
  for (const list of CONTAINER_LISTS) for (const [i, container] of (spec[list] ?? []).entries()) containers.push([container as Container, specAt.child(list).index(i)]);
  const warnings = placementWarnings(spec, specAt);
  if (given !== undefined) warnings.push(...annotations.flatMap(([name, text]) => (given[name] === undefined ? [] : [`${path.key(name)}: ${text}`])));
  if (spec.volumes !== undefined) warnings.push(...volumesWarnings(spec.volumes, specAt.child('volumes')));
  warnings.push(...listWarnings(spec, specAt));
  if (spec.overhead !== undefined) warnings.push(...fractionWarnings(specAt.child('overhead'), spec.overhead));
  if (given?.[podSeccomp] !== undefined && spec.securityContext?.seccompProfile === undefined) warnings.push(`${path.key(podSeccomp)}: ${seccompText}`);
  warnings.push(...containersWarnings(containers, given === undefined ? nothing : (container) => containerAnnotationWarnings(given, container, spec, path, at !== undefined)));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) warnings.push(`${specAt.child('terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`);
  if (spec.affinity !== undefined) warnings.push(...podAffinityWarnings(specAt.child('affinity'), spec.affinity));
  if (spec.dnsConfig !== undefined || spec.hostAliases !== undefined) warnings.push(...formWarnings(spec, specAt));
  return warnings;
}

/** A name that is no DNS label is not the host's name as it stands. `what` it is used for. */
export function hostNameWarnings(metadata: ObjectMeta, what = 'in Pod names and hostnames'): string[] {
  const faults = dnsLabel(metadata.name ?? '');
  return faults.length === 0 ? [] : [`metadata.name: this is used ${what}, which can result in surprising behavior; a DNS label is recommended: [${faults.join(' ')}]`];
}

/** Whether any annotation begins as those do that something is to be said of. */
function hasOldForms(given: Readonly<Record<string, string>>): boolean {
  for (const key in given) if (key.startsWith('container.') || key.startsWith('scheduler.alpha.') || key.startsWith('seccomp.') || key.startsWith('security.alpha.')) return true;
  return false;
}

/** As `podWarnings`, without looking again at a spec that equals one in which there was nothing. */
function newPodWarnings(pod: Pod): string[] {
  const { spec, metadata } = pod;
  if (spec === undefined || (metadata.annotations !== undefined && hasOldForms(metadata.annotations))) return podWarnings(pod);
  return isPlainSpec(spec, () => podWarnings(pod).length === 0) ? [] : podWarnings(pod);
}

/** Of a pod itself, when it is new: hardly any update is a person's. */
export function warningsOfPod(pod: Pod, old: Pod | undefined): string[] {
  return old === undefined ? [...hostNameWarnings(pod.metadata, "in the Pod's hostname"), ...newPodWarnings(pod)] : [];
}

/** For what makes pods. */
export function templateWarnings(template: PodTemplateSpec | undefined, at = new FieldPath('spec.template')): string[] {
  return template === undefined ? [] : podWarnings(template, at);
}

/** Whether the object is new or has become another generation, which is when its template is looked at. */
export const isRaised = (object: KubeObject, old: KubeObject | undefined): boolean => old === undefined || object.metadata.generation !== old.metadata.generation;

/** For what makes pods that are named after it. */
export function workloadWarnings(object: KubeObject & { spec?: { template?: PodTemplateSpec } }, old: KubeObject | undefined): string[] {
  return [...(old === undefined ? hostNameWarnings(object.metadata) : []), ...(isRaised(object, old) ? templateWarnings(object.spec?.template) : [])];
}
