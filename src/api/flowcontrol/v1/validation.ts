/** Rules of flow schemas and priority levels. */
import { own } from '../../../base/own.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, notSupported, required } from '../../meta/field.ts';
import { dnsSubdomain, inRange, labelName } from '../../meta/names.ts';
import { each, faultsAt, nonNegative, sameValue } from '../../meta/validation.ts';
import type { FlowSchema, FlowSchemaSpec, PolicyRulesWithSubjects, PriorityLevelConfiguration, PriorityLevelConfigurationSpec, Subject } from './types.ts';

const SPEC = new FieldPath('spec');
const PRECEDENCE_MAX = 10000;
const QUEUES_MAX = 10000000;
const VERBS = ['*', 'create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
/** Verbs as HTTP knows them, for paths that are no resources. */
const PATH_VERBS = ['*', 'connect', 'delete', 'get', 'head', 'options', 'patch', 'post', 'put', 'trace'];

const EVERYTHING = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};
const group = (name: string): Subject => ({ kind: 'Group', group: { name } });

/** What every cluster has, as it must be: who is never held up, and what is left for everybody. */
export const MANDATORY_SCHEMAS: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: { priorityLevelConfiguration: { name: 'exempt' }, matchingPrecedence: 1, rules: [{ subjects: [group('system:masters')], ...EVERYTHING }] },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' }, matchingPrecedence: PRECEDENCE_MAX, distinguisherMethod: { type: 'ByUser' },
    rules: [{ subjects: [group('system:unauthenticated'), group('system:authenticated')], ...EVERYTHING }],
  },
};
/** Their levels; how much of the server the exempt one lends is free to choose. */
export const MANDATORY_LEVELS: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': { type: 'Limited', limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } } },
};

function validateSubject(path: FieldPath, subject: Subject): FieldError[] {
  switch (subject.kind) {
    case 'User':
      return subject.user?.name ? [] : [required(path.child('user', ...(subject.user ? ['name'] : [])), subject.user ? '' : 'user is required when subject kind is \'User\'')];
    case 'Group':
      return subject.group?.name ? [] : [required(path.child('group', ...(subject.group ? ['name'] : [])), subject.group ? '' : 'group is required when subject kind is \'Group\'')];
    case 'ServiceAccount': {
      const account = subject.serviceAccount;
      const at = path.child('serviceAccount');
      if (account === undefined) return [required(at, 'serviceAccount is required when subject kind is \'ServiceAccount\'')];
      const errors = account.name === '*' ? [] : account.name ? faultsAt(at.child('name'), account.name, dnsSubdomain(account.name)) : [required(at.child('name'))];
      return [...errors, ...(account.namespace ? faultsAt(at.child('namespace'), account.namespace, labelName(account.namespace)) : [required(at.child('namespace'), 'must specify namespace for service account')])];
    }
    default:
      return [notSupported(path.child('kind'), subject.kind ?? '', ['Group', 'ServiceAccount', 'User'])];
  }
}

function validateList(path: FieldPath, list: readonly string[] | undefined, supported?: readonly string[]): FieldError[] {
  const values = list ?? [];
  if (values.length === 0) return [required(path)];
  if (values.includes('*') && values.length > 1) return [invalidValue(path, values, "if '*' is present, must not specify other " + path.text.split('.').at(-1))];
  return supported === undefined ? [] : values.filter((value) => !supported.includes(value)).map(() => notSupported(path, values, supported));
}

function validateRules(path: FieldPath, rules: PolicyRulesWithSubjects): FieldError[] {
  const subjects = rules.subjects ?? [];
  const errors: FieldError[] = subjects.length === 0 ? [required(path.child('subjects'), 'subjects must contain at least one value')] : [];
  errors.push(...subjects.flatMap((subject, i) => validateSubject(path.child('subjects').index(i), subject)));
  if ((rules.resourceRules ?? []).length + (rules.nonResourceRules ?? []).length === 0) errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  for (const [i, rule] of (rules.resourceRules ?? []).entries()) {
    const at = path.child('resourceRules').index(i);
    errors.push(...validateList(at.child('verbs'), rule.verbs, VERBS), ...validateList(at.child('apiGroups'), rule.apiGroups), ...validateList(at.child('resources'), rule.resources));
    if ((rule.namespaces ?? []).length === 0 && !rule.clusterScope) errors.push(required(at.child('namespaces'), "resource rules that are not cluster scoped must supply at least one namespace"));
    for (const [j, namespace] of (rule.namespaces ?? []).entries()) if (namespace !== '*') errors.push(...faultsAt(at.child('namespaces').index(j), namespace, labelName(namespace)));
  }
  for (const [i, rule] of (rules.nonResourceRules ?? []).entries()) {
    const at = path.child('nonResourceRules').index(i);
    errors.push(...validateList(at.child('verbs'), rule.verbs, PATH_VERBS), ...validateList(at.child('nonResourceURLs'), rule.nonResourceURLs));
    for (const [j, url] of (rule.nonResourceURLs ?? []).entries()) {
      if (url !== '*' && !url.startsWith('/')) errors.push(invalidValue(at.child('nonResourceURLs').index(j), url, "must start with slash"));
      else if (url !== '*' && /\*(?!$)/.test(url)) errors.push(invalidValue(at.child('nonResourceURLs').index(j), url, "wildcard can only do suffix matching"));
    }
  }
  return errors;
}

export function validateFlowSchema(schema: FlowSchema): FieldError[] {
  const spec = schema.spec;
  const errors: FieldError[] = [];
  const precedence = spec?.matchingPrecedence ?? 0;
  if (precedence < 1 || precedence > PRECEDENCE_MAX) errors.push(invalidValue(SPEC.child('matchingPrecedence'), precedence, precedence < 1 ? 'must be a positive value' : `must not be greater than ${PRECEDENCE_MAX}`));
  if (precedence === 1 && schema.metadata.name !== 'exempt') errors.push(invalidValue(SPEC.child('matchingPrecedence'), precedence, 'only the schema named \'exempt\' may have matchingPrecedence 1'));
  const method = spec?.distinguisherMethod;
  if (method !== undefined && !['ByNamespace', 'ByUser'].includes(method.type)) errors.push(notSupported(SPEC.child('distinguisherMethod', 'type'), method.type ?? '', ['ByNamespace', 'ByUser']));
  const level = spec?.priorityLevelConfiguration?.name ?? '';
  const at = SPEC.child('priorityLevelConfiguration', 'name');
  errors.push(...(level === '' ? [required(at, 'must reference a priority level')] : faultsAt(at, level, dnsSubdomain(level))));
  errors.push(...(spec?.rules ?? []).flatMap((rules, i) => validateRules(SPEC.child('rules').index(i), rules)));
  const fixed = own(MANDATORY_SCHEMAS, schema.metadata.name ?? '');
  return fixed === undefined || sameValue(spec, fixed) ? errors : [...errors, invalidValue(SPEC, spec, `spec of '${schema.metadata.name}' must equal the fixed value`)];
}

function validateShares(path: FieldPath, config: { nominalConcurrencyShares?: number; lendablePercent?: number } | undefined): FieldError[] {
  const shares = config?.nominalConcurrencyShares;
  const lendable = config?.lendablePercent;
  return [
    ...(shares !== undefined && shares < 0 ? [invalidValue(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer')] : []),
    ...(lendable === undefined ? [] : faultsAt(path.child('lendablePercent'), lendable, inRange(lendable, 0, 100))),
  ];
}

/** The mandatory levels are as they are, and only `exempt` is exempt. */
function validateMandatory(level: PriorityLevelConfiguration): FieldError[] {
  const name = level.metadata.name ?? '';
  const spec = level.spec;
  const errors: FieldError[] = (name === 'exempt') === (spec?.type === 'Exempt') ? [] : [invalidValue(SPEC.child('type'), spec?.type ?? '', "type must be 'Exempt' if and only if `name` is 'exempt'")];
  const fixed = own(MANDATORY_LEVELS, name);
  if (fixed === undefined) return errors;
  if (name !== 'exempt') return sameValue(spec, fixed) ? errors : [...errors, invalidValue(SPEC, spec, `spec of '${name}' must equal the fixed value`)];
  return sameValue({ ...spec, exempt: fixed.exempt }, fixed) ? errors : [...errors, invalidValue(SPEC, spec, `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`)];
}

export function validatePriorityLevel(level: PriorityLevelConfiguration): FieldError[] {
  return [...validateMandatory(level), ...validateLevelSpec(level)];
}

function validateLevelSpec(level: PriorityLevelConfiguration): FieldError[] {
  const spec = level.spec;
  if (spec?.type === 'Exempt') {
    const errors = spec.limited === undefined ? [] : [forbiddenField(SPEC.child('limited'), 'must be nil if the type is not Limited')];
    return [...errors, ...validateShares(SPEC.child('exempt'), spec.exempt)];
  }
  if (spec?.type !== 'Limited') return [notSupported(SPEC.child('type'), spec?.type ?? '', ['Exempt', 'Limited'])];
  const errors = spec.exempt === undefined ? [] : [forbiddenField(SPEC.child('exempt'), 'must be nil if the type is Limited')];
  const limited = spec.limited;
  const at = SPEC.child('limited');
  if (limited === undefined) return [...errors, required(at, 'must not be empty when type is Limited')];
  errors.push(...validateShares(at, limited), ...nonNegative(at.child('borrowingLimitPercent'), limited.borrowingLimitPercent));
  const response = limited.limitResponse;
  const where = at.child('limitResponse');
  if (response?.type === 'Reject') return response.queuing === undefined ? errors : [...errors, forbiddenField(where.child('queuing'), 'must be nil if limited.limitResponse.type is not Limited')];
  if (response?.type !== 'Queue') return [...errors, notSupported(where.child('type'), response?.type ?? '', ['Queue', 'Reject'])];
  const queuing = response.queuing;
  if (queuing === undefined) return [...errors, required(where.child('queuing'), 'must not be empty if limited.limitResponse.type is Limited')];
  const path = where.child('queuing');
  for (const field of ['queueLengthLimit', 'queues', 'handSize'] as const) if ((queuing[field] ?? 0) <= 0) errors.push(invalidValue(path.child(field), queuing[field] ?? 0, 'must be positive'));
  if ((queuing.queues ?? 0) > QUEUES_MAX) errors.push(invalidValue(path.child('queues'), queuing.queues, `must not be greater than ${QUEUES_MAX}`));
  if ((queuing.handSize ?? 0) > (queuing.queues ?? 0)) errors.push(invalidValue(path.child('handSize'), queuing.handSize, `should not be greater than queues (${queuing.queues ?? 0})`));
  return errors;
}

/** Conditions of both kinds: types and statuses. */
export function validateFlowStatus(object: { status?: { conditions?: { type?: string; status?: string }[] } }): FieldError[] {
  const conditions = object.status?.conditions ?? [];
  const path = new FieldPath('status.conditions');
  return each(conditions, (condition, i) => [
    ...(condition.type ? [] : [required(path.index(i).child('type'))]),
    ...(conditions.findIndex((other) => other.type === condition.type) < i ? [duplicate(path.index(i).child('type'), condition.type)] : []),
  ]);
}
