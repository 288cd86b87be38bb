/** Rules of pod groups and of the workloads that they are made from (KEP-4671). */
import { duplicatesOf, need } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, invalidValue, required, tooMany } from '../../meta/field.ts';
import { dnsLabel, dnsSubdomain, pathSegmentName } from '../../meta/names.ts';
import { declaredImmutable, faultsAt, validateConditions } from '../../meta/validation.ts';
import type { PodGroup, PodGroupSchedulingPolicy, PodGroupTemplate, PodGroupTemplateReference, TypedLocalObjectReference, Workload } from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');
const TEMPLATES_MAX = 8;
const CLAIMS_MAX = 4;

type NameForm = (name: string) => string[];

function named(path: FieldPath, name: string | undefined, form: NameForm): FieldError[] {
  return name ? faultsAt(path, name, form(name)) : [required(path)];
}

/** One policy, and gangs of at least one pod. */
function validatePolicy(path: FieldPath, policy: PodGroupSchedulingPolicy | undefined): FieldError[] {
  const given = (['basic', 'gang'] as const).filter((field) => policy?.[field] !== undefined);
  if (given.length === 0) return [invalidValue(path, '', 'must specify one of: `basic`, `gang`')];
  if (given.length > 1) return [invalidValue(path, `{${given.map((field) => `\`${field}\``).join(', ')}}`, 'exactly one of `basic`, `gang` is required, but multiple fields are set')];
  const gang = policy?.gang;
  if (gang === undefined) return [];
  const at = path.child('gang', 'minCount');
  if (!gang.minCount) return [required(at)];
  return gang.minCount < 1 ? [invalidValue(at, gang.minCount, 'must be greater than or equal to 1')] : [];
}

function validateReference(path: FieldPath, reference: PodGroupTemplateReference | undefined): FieldError[] {
  if (reference === undefined) return [];
  const workload = reference.workload;
  if (workload === undefined) return [invalidValue(path, '', 'must specify one of: `workload`')];
  return [
    ...named(path.child('workload', 'workloadName'), workload.workloadName, dnsSubdomain),
    ...named(path.child('workload', 'podGroupTemplateName'), workload.podGroupTemplateName, dnsLabel),
  ];
}

export function validatePodGroup(group: PodGroup): FieldError[] {
  return [...validateReference(SPEC.child('podGroupTemplateRef'), group.spec?.podGroupTemplateRef), ...validatePolicy(SPEC.child('schedulingPolicy'), group.spec?.schedulingPolicy)];
}

/** Where a group comes from and how it is scheduled stays. */
export function validatePodGroupUpdate(group: PodGroup, old: PodGroup): FieldError[] {
  return (['podGroupTemplateRef', 'schedulingPolicy', 'schedulingConstraints', 'resourceClaims', 'disruptionMode', 'priorityClassName', 'priority'] as const)
    .flatMap((field) => declaredImmutable(SPEC.child(field), group.spec?.[field], old.spec?.[field]));
}

export function validatePodGroupStatus(group: PodGroup): FieldError[] {
  const path = STATUS.child('resourceClaimStatuses');
  const claims = group.status?.resourceClaimStatuses ?? [];
  const known = new Set((group.spec?.resourceClaims ?? []).map((claim) => claim.name));
  return [
    ...validateConditions(STATUS.child('conditions'), group.status?.conditions),
    ...(claims.length > CLAIMS_MAX ? [tooMany(path, claims.length, CLAIMS_MAX)] : []),
    ...claims.flatMap((claim, i) => [
      ...(known.has(claim.name) ? [] : [invalidValue(path.index(i).child('name'), claim.name, 'must match the name of an entry in `spec.resourceClaims`')]),
      ...(claim.resourceClaimName === undefined ? [] : faultsAt(path.index(i).child('resourceClaimName'), claim.resourceClaimName, dnsSubdomain(claim.resourceClaimName))),
    ]),
    ...duplicatesOf(claims, (claim) => claim.name, (claim, i) => duplicate(path.index(i), claim)),
  ];
}

function validateOwner(path: FieldPath, owner: TypedLocalObjectReference | undefined): FieldError[] {
  if (owner === undefined) return [];
  const errors = owner.apiGroup ? faultsAt(path.child('apiGroup'), owner.apiGroup, dnsSubdomain(owner.apiGroup)) : [];
  for (const field of ['kind', 'name'] as const) errors.push(...need(path.child(field), owner[field]), ...(owner[field] ? faultsAt(path.child(field), owner[field], pathSegmentName(owner[field])) : []));
  return errors;
}

function validateTemplates(path: FieldPath, templates: readonly PodGroupTemplate[]): FieldError[] {
  if (templates.length === 0) return [required(path, 'must have at least one item')];
  if (templates.length > TEMPLATES_MAX) return [tooMany(path, templates.length, TEMPLATES_MAX)];
  return [
    ...templates.flatMap((template, i) => [...named(path.index(i).child('name'), template.name, dnsLabel), ...validatePolicy(path.index(i).child('schedulingPolicy'), template.schedulingPolicy)]),
    ...duplicatesOf(templates, (template) => template.name, (template, i) => duplicate(path.index(i), template)),
  ];
}

export function validateWorkload(workload: Workload): FieldError[] {
  return [...validateOwner(SPEC.child('controllerRef'), workload.spec?.controllerRef), ...validateTemplates(SPEC.child('podGroupTemplates'), workload.spec?.podGroupTemplates ?? [])];
}

/** The templates stay, and what the pods belong to. */
export function validateWorkloadUpdate(workload: Workload, old: Workload): FieldError[] {
  return [
    ...declaredImmutable(SPEC.child('controllerRef'), workload.spec?.controllerRef, old.spec?.controllerRef),
    ...declaredImmutable(SPEC.child('podGroupTemplates'), workload.spec?.podGroupTemplates, old.spec?.podGroupTemplates),
  ];
}

/** Fields of features that are off in v1.36 (topology-aware scheduling, preemption of whole groups, claims of groups). */
const GATED = ['schedulingConstraints', 'resourceClaims', 'disruptionMode', 'priorityClassName', 'priority'] as const;

/** Drops the fields of features that are off, unless the stored object has them. */
export function dropFromGroup(group: PodGroup, old?: PodGroup): void {
  for (const field of GATED) if (group.spec?.[field] !== undefined && old?.spec?.[field] === undefined) delete group.spec[field];
}

/** As `dropFromGroup`, for each template. */
export function dropFromWorkload(workload: Workload, old?: Workload): void {
  for (const field of GATED) {
    if (old?.spec?.podGroupTemplates?.some((template) => template[field] !== undefined)) continue;
    for (const template of workload.spec?.podGroupTemplates ?? []) delete template[field];
  }
}
