/** The pod's strategy: each subresource writes its own part and leaves the rest as it is stored. */
import { own } from '../../../../base/own.ts';
import { warningsOfPod } from '../pod-warnings.ts';
import { makeStrategy } from '../../../meta/rules.ts';
import type { Strategy, StrategyContext } from '../../../meta/strategy.ts';
import { sameValue } from '../../../meta/validation.ts';
import type { LabelSelector } from '../../../meta/v1/types.ts';
import { setCondition } from '../pods.ts';
import { computeQosClass } from '../resources.ts';
import { FieldPath } from '../../../meta/field.ts';
import { APPARMOR, LOCALHOST } from '../validation/pod-annotations.ts';
import { validateAppArmorProfile } from '../validation/security.ts';
import type { AppArmorProfile, Container, Pod, PodAffinityTerm, PodSpec, TopologySpreadConstraint, Volume } from '../types.ts';
import { validateEphemeralUpdate, validatePod, validatePodUpdate } from '../validation/pod.ts';
import { validateResize } from '../validation/pod-resize.ts';
import { shareKnownSpec } from '../validation/known-specs.ts';
import { validatePodStatus } from '../validation/pod-status.ts';

const timeOf = (context: StrategyContext): string => new Date(context.now).toISOString().replace(/\.\d+Z$/, 'Z');

/** Fields of features that are off by default vanish, unless the stored pod has them already. */
export function dropDisabledFields(spec: PodSpec, old?: PodSpec): void {
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    if (container.lifecycle?.stopSignal !== undefined && !usesStopSignal(old)) delete container.lifecycle.stopSignal;
  }
  if (old?.schedulingGroup === undefined) delete spec.schedulingGroup;
  for (const volume of spec.volumes ?? []) dropProjections(volume, old);
}

function usesStopSignal(spec: PodSpec | undefined): boolean {
  return [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some((container) => container.lifecycle?.stopSignal !== undefined);
}

function dropProjections(volume: Volume, old: PodSpec | undefined): void {
  for (const field of ['clusterTrustBundle', 'podCertificate'] as const) {
    const inUse = old?.volumes?.some((was) => was.projected?.sources?.some((source) => source[field] !== undefined)) ?? false;
    if (!inUse) for (const source of volume.projected?.sources ?? []) delete source[field];
  }
}

function narrowed(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>, keys: readonly string[] | undefined, operator: 'In' | 'NotIn'): LabelSelector | undefined {
  const made = (keys ?? []).flatMap((key) => {
    const value = own(labels, key);
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
  // Preparing may run again after admission has changed the pod.
  const added = made.filter((requirement) => !(selector?.matchExpressions ?? []).some((other) => sameValue(other, requirement)));
  if (selector === undefined || added.length === 0) return selector;
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] };
}

/** The values of matchLabelKeys are those the pod has when it is created; they become a part of the selector (KEP-3633, KEP-3243). */
function applyMatchLabelKeys(pod: Pod): void {
  if (pod.spec?.affinity === undefined && pod.spec?.topologySpreadConstraints === undefined) return;
  const labels = pod.metadata.labels ?? {};
  const setSelector = (object: PodAffinityTerm | TopologySpreadConstraint, keys: readonly string[] | undefined, operator: 'In' | 'NotIn'): void => {
    const selector = narrowed(object.labelSelector, labels, keys, operator);
    if (selector !== undefined) object.labelSelector = selector;
  };
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = pod.spec?.affinity?.[field];
    const preferred = (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm);
    for (const term of [...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...preferred]) {
      setSelector(term, term.matchLabelKeys, 'In');
      setSelector(term, term.mismatchLabelKeys, 'NotIn');
    }
  }
  for (const constraint of pod.spec?.topologySpreadConstraints ?? []) setSelector(constraint, constraint.matchLabelKeys, 'In');
}

/** The annotation's text for a profile. */
function annotationOf(profile: AppArmorProfile): string {
  if (profile.type === 'Localhost') return `${LOCALHOST}${profile.localhostProfile ?? ''}`;
  return { Unconfined: 'unconfined', RuntimeDefault: 'runtime/default' }[profile.type] ?? '';
}

/** The profile that an annotation speaks of; undefined where it is none. */
function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (!annotation.startsWith(LOCALHOST)) return undefined;
  const profile = { type: 'Localhost', localhostProfile: annotation.slice(LOCALHOST.length) };
  return validateAppArmorProfile(new FieldPath(), profile).length === 0 ? profile : undefined;
}

/** Kubelets and clients before v1.30 know AppArmor's profiles by annotations alone: what is said one way is said both ways. */
function syncAppArmor(pod: Pod): void {
  const spec = pod.spec!;
  if (spec.os?.name === 'windows') return;
  const ofPod = spec.securityContext?.appArmorProfile;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const own = container.securityContext?.appArmorProfile;
    const key = `${APPARMOR}${container.name}`;
    const said = pod.metadata.annotations?.[key];
    if (said === undefined) {
      const profile = own ?? ofPod;
      const text = profile === undefined ? '' : annotationOf(profile);
      if (text !== '') pod.metadata.annotations = { ...pod.metadata.annotations, [key]: text };
    } else if (own === undefined) {
      const profile = profileOf(said);
      if (profile !== undefined) container.securityContext = { ...container.securityContext, appArmorProfile: profile };
    }
  }
}

function prepareForCreate(pod: Pod, context: StrategyContext): void {
  const spec = (pod.spec ??= { containers: [] });
  dropDisabledFields(spec);
  // The older of the two names of the same field is kept for clients that still read it.
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  pod.status = { phase: 'Pending', qosClass: computeQosClass(pod) };
  if ((spec.schedulingGates ?? []).length > 0) {
    const gated = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' };
    pod.status.conditions = setCondition(undefined, gated, timeOf(context));
  }
  applyMatchLabelKeys(pod);
  syncAppArmor(pod);
}

/** Makes `pod` what is stored, but for its version and what `change` puts into it. */
function becomeOld(pod: Pod, old: Pod, change: (next: Pod) => void): void {
  const next = structuredClone(old);
  if (pod.metadata.resourceVersion !== undefined) next.metadata.resourceVersion = pod.metadata.resourceVersion;
  if (pod.metadata.uid !== undefined) next.metadata.uid = pod.metadata.uid;
  if (pod.metadata.managedFields !== undefined) next.metadata.managedFields = pod.metadata.managedFields;
  change(next);
  pod.metadata = next.metadata;
  if (next.spec) pod.spec = next.spec;
  if (next.status) pod.status = next.status;
}

function takeResources(into: Container[] | undefined, from: readonly Container[] | undefined): void {
  for (const container of into ?? []) {
    const asked = from?.find((other) => other.name === container.name);
    if (asked === undefined) continue;
    if (asked.resources === undefined) delete container.resources;
    else container.resources = asked.resources;
    if (asked.resizePolicy !== undefined) container.resizePolicy = asked.resizePolicy;
  }
}

function prepareForUpdate(pod: Pod, old: Pod, context: StrategyContext): void {
  const asked = pod.spec;
  if (context.subresource === 'ephemeralcontainers') {
    becomeOld(pod, old, (next) => {
      next.spec!.ephemeralContainers = asked?.ephemeralContainers ?? [];
    });
  } else if (context.subresource === 'resize') {
    becomeOld(pod, old, (next) => {
      takeResources(next.spec!.containers, asked?.containers);
      takeResources(next.spec!.initContainers, asked?.initContainers);
      if (asked?.resources !== undefined) next.spec!.resources = asked.resources;
    });
  } else if (asked) {
    dropDisabledFields(asked, old.spec);
    if (asked.serviceAccountName && !asked.serviceAccount) asked.serviceAccount = asked.serviceAccountName;
  }
}

function prepareForStatus(pod: Pod, old: Pod): void {
  if (old.metadata.ownerReferences) pod.metadata.ownerReferences = old.metadata.ownerReferences;
  else delete pod.metadata.ownerReferences;
  if (old.status?.qosClass && !pod.status?.qosClass) pod.status = { ...pod.status, qosClass: old.status.qosClass };
}

function validateUpdate(pod: Pod, old: Pod, context: StrategyContext): ReturnType<typeof validatePod> {
  if (context.subresource === 'ephemeralcontainers') return validateEphemeralUpdate(pod, old);
  if (context.subresource === 'resize') return validateResize(pod, old);
  return validatePodUpdate(pod, old);
}

/** Unscheduled and ended pods go at once, others after the grace period asked for or their own. */
function gracePeriodSeconds(pod: Pod, requested: number | undefined): number {
  if (!pod.spec?.nodeName || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return 0;
  const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

export const podStrategy = (): Strategy<Pod> => makeStrategy<Pod>({
  namespaced: true,
  generation: ['spec'],
  status: true,
  // Kubelets of old write owners that the collector of garbage does not understand.
  statusKeeps: ['ownerReferences'],
  prepareForCreate,
  prepareForUpdate,
  prepareForStatus,
  validate: (pod, _context, old) => validatePod(pod, old),
  validateUpdate,
  validateStatus: validatePodStatus,
  share: (pod) => pod.spec && shareKnownSpec(pod.spec),
  gracePeriodSeconds,
  warnings: warningsOfPod,
  selectableFields: (pod) => ({
    'spec.nodeName': pod.spec?.nodeName ?? '',
    'spec.restartPolicy': pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(pod.spec?.hostNetwork ?? false),
    'status.phase': pod.status?.phase ?? '',
    'status.podIP': pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '',
    'status.nominatedNodeName': pod.status?.nominatedNodeName ?? '',
  }),
});
