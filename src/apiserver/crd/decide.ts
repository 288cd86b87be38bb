/** What a CustomResourceDefinition's status should say: pure, of the definition and its neighbours. */
import type { CustomResourceDefinition, CustomResourceDefinitionCondition, CustomResourceDefinitionNames, CustomResourceDefinitionStatus } from '../../api/apiextensions/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';

const APPROVAL = 'api-approved.kubernetes.io';
const APPROVAL_PLACE = 'see https://github.com/kubernetes/enhancements/pull/1111';

type Finding = Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>;

/** Names that other definitions of the group hold. */
interface TakenNames {
  /** Plurals, singulars and short names: what stands in paths and on command lines. */
  resources: ReadonlySet<string>;
  /** Kinds and kinds of lists. */
  kinds: ReadonlySet<string>;
}

/** A definition beside another in its group. */
interface Neighbour {
  accepted: CustomResourceDefinitionNames;
}

function takenNames(others: Iterable<Neighbour>): TakenNames {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { accepted } of others) {
    for (const name of [accepted.plural, accepted.singular, ...(accepted.shortNames ?? [])]) if (name) resources.add(name);
    for (const name of [accepted.kind, accepted.listKind]) if (name) kinds.add(name);
  }
  return { resources, kinds };
}

interface Accepted {
  names: CustomResourceDefinitionNames;
  condition: Finding;
}

/** Takes every name that nobody else has; what was accepted before stays where the new name is taken. */
function acceptNames(wanted: CustomResourceDefinitionNames, before: CustomResourceDefinitionNames, taken: TakenNames): Accepted {
  const names: CustomResourceDefinitionNames = { ...before };
  let conflict: { reason: string; message: string } | undefined;
  const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;
  for (const [field, reason, held] of [['plural', 'PluralConflict', taken.resources], ['singular', 'SingularConflict', taken.resources]] as const) take(field, reason, held);
  const shortNames = wanted.shortNames ?? [];
  const faults = shortNames.filter((name) => !(before.shortNames ?? []).includes(name) && taken.resources.has(name)).map(inUse);
  if (faults.length > 0) conflict = { reason: 'ShortNamesConflict', message: faults.length === 1 ? faults[0]! : `[${faults.join(', ')}]` };
  else if (shortNames.length > 0) names.shortNames = [...shortNames];
  else delete names.shortNames;
  for (const [field, reason, held] of [['kind', 'KindConflict', taken.kinds], ['listKind', 'ListKindConflict', taken.kinds]] as const) take(field, reason, held);
  if (wanted.categories && wanted.categories.length > 0) names.categories = [...wanted.categories];
  else delete names.categories;
  const condition: Finding = conflict === undefined
    ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
    : { type: 'NamesAccepted', status: 'False', ...conflict };
  return { names, condition };

  function take(field: 'plural' | 'singular' | 'kind' | 'listKind', reason: string, held: ReadonlySet<string>): void {
    const name = wanted[field] ?? '';
    if (name !== (before[field] ?? '') && held.has(name)) conflict = { reason, message: inUse(name) };
    else if (name !== '') names[field] = name;
  }
}

function approval({ spec, metadata }: CustomResourceDefinition): Finding | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group)) return undefined;
  const value = metadata.annotations?.[APPROVAL] ?? '';
  const type = 'KubernetesAPIApprovalPolicyConformant';
  if (value === '') return { type, status: 'False', reason: 'MissingAnnotation', message: `protected groups must have approval annotation "${APPROVAL}", ${APPROVAL_PLACE}` };
  if (value.startsWith('unapproved')) return { type, status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: ${JSON.stringify(value)}` };
  if (URL.canParse(value)) return { type, status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${value}` };
  return { type, status: 'False', reason: 'InvalidAnnotation', message: `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", ${APPROVAL_PLACE}` };
}

function structure({ spec }: CustomResourceDefinition): Finding | undefined {
  if (spec.preserveUnknownFields !== true) return undefined;
  return { type: 'NonStructuralSchema', status: 'True', reason: 'Violations', message: 'spec.preserveUnknownFields: Invalid value: true: must be false' };
}

function establishing(names: Finding, before: CustomResourceDefinitionCondition | undefined): Finding {
  if (before?.status === 'True') return before;
  if (names.status === 'True') return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' };
  return before ?? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

/** The conditions with these in place of those of the same type; times move only when a status does. */
export function withConditions(before: readonly CustomResourceDefinitionCondition[], found: readonly Finding[], nowMs: number): CustomResourceDefinitionCondition[] {
  const conditions = [...before];
  for (const finding of found) {
    const at = conditions.findIndex(({ type }) => type === finding.type);
    const old = conditions[at];
    const next: CustomResourceDefinitionCondition = {
      ...finding, lastTransitionTime: old?.status === finding.status && old.lastTransitionTime ? old.lastTransitionTime : formatTime(nowMs),
    };
    if (at < 0) conditions.push(next);
    else conditions[at] = next;
  }
  return conditions;
}

/** The status that the definition should have. `others` are the definitions of its group beside it. */
export function decideStatus(definition: CustomResourceDefinition, others: Iterable<Neighbour>, nowMs: number): CustomResourceDefinitionStatus {
  // Which generation has been looked at is told where a gate is on that v1.36 has off.
  const { observedGeneration: _off, ...status } = definition.status ?? {};
  const { names, condition } = acceptNames(definition.spec.names, status.acceptedNames ?? { plural: '', kind: '' }, takenNames(others));
  const before = (status.conditions ?? []).filter(({ type }) => type !== 'NonStructuralSchema' || definition.spec.preserveUnknownFields === true);
  const found = [condition, establishing(condition, before.find(({ type }) => type === 'Established')), structure(definition), approval(definition)].filter((one) => one !== undefined);
  return { ...status, acceptedNames: names, conditions: withConditions(before, found, nowMs) };
}
