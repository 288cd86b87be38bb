/** Rules of Jobs and CronJobs. */
import { needOneOf, oneOf } from '../../core/v1/validation/common.ts';
import { validatePodTemplate } from '../../core/v1/validation/podspec.ts';
import { isConditionTrue } from '../../core/v1/pods.ts';
import type { PodTemplateSpec } from '../../core/v1/types.ts';
import { immutableStruct, internalForm } from '../../internal-form.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, invalidValue, notSupported, required, tooLong, tooMany } from '../../meta/field.ts';
import { byteLength, dnsLabel, dnsSubdomain, HTTP_PATH_TEXT, isHttpPath, qualifiedName } from '../../meta/names.ts';
import { labelSelectorOf } from '../../meta/selectors.ts';
import { faultsAt, IMMUTABLE, immutable, nonNegative, repeats, sameValue, validateLabels, validateLabelSelector } from '../../meta/validation.ts';
import { parseSchedule } from './schedule.ts';
import type { CronJob, Job, JobSpec, PodFailurePolicyRule } from './types.ts';

const SPEC = new FieldPath('spec');
const INDEXED_MAX = 100000;
const FAILED_INDEXES_MAX = 10000;
const RULES_MAX = 20;
const EXIT_CODES_MAX = 255;
const INDEXES_TEXT_MAX = 65536;
const MANAGED_BY_MAX = 63;
/** Room for the eleven characters that the controller adds to the names of its Jobs. */
const CRON_NAME_MAX = 52;
const UID_LABELS = ['batch.kubernetes.io/controller-uid', 'controller-uid'];
const NAME_LABELS = ['batch.kubernetes.io/job-name', 'job-name'];

/** `domain/path`. */
export function validateDomainPath(path: FieldPath, value: string): FieldError[] {
  if (value === '') return [required(path)];
  const cut = value.indexOf('/');
  if (cut <= 0 || cut === value.length - 1) return [invalidValue(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const [host, rest] = [value.slice(0, cut), value.slice(cut + 1)];
  return [...faultsAt(path, host, dnsSubdomain(host)), ...(isHttpPath(rest) ? [] : [invalidValue(path, rest, HTTP_PATH_TEXT)])];
}

function validateIndexed(path: FieldPath, spec: JobSpec): FieldError[] {
  const errors: FieldError[] = [];
  const mode = 'when completion mode is Indexed';
  if (spec.completions === undefined) errors.push(required(path.child('completions'), mode));
  if ((spec.parallelism ?? 0) > INDEXED_MAX) errors.push(invalidValue(path.child('parallelism'), spec.parallelism, `must be less than or equal to ${INDEXED_MAX} ${mode}`));
  const failed = spec.maxFailedIndexes;
  if (failed !== undefined) {
    if (spec.completions !== undefined && failed > spec.completions) errors.push(invalidValue(path.child('maxFailedIndexes'), failed, 'must be less than or equal to completions'));
    if (failed > INDEXED_MAX) errors.push(invalidValue(path.child('maxFailedIndexes'), failed, `must be less than or equal to ${INDEXED_MAX}`));
    if (spec.backoffLimitPerIndex === undefined) errors.push(required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  }
  if ((spec.completions ?? 0) > INDEXED_MAX && spec.backoffLimitPerIndex !== undefined) {
    if (failed === undefined) errors.push(required(path.child('maxFailedIndexes'), `must be specified when completions is above ${INDEXED_MAX}`));
    if ((spec.parallelism ?? 0) > FAILED_INDEXES_MAX) errors.push(invalidValue(path.child('parallelism'), spec.parallelism, `must be less than or equal to ${FAILED_INDEXES_MAX} when completions are above ${INDEXED_MAX} and used with backoff limit per index`));
    if (failed !== undefined && failed > FAILED_INDEXES_MAX) errors.push(invalidValue(path.child('maxFailedIndexes'), failed, `must be less than or equal to ${FAILED_INDEXES_MAX} when completions are above ${INDEXED_MAX} and used with backoff limit per index`));
  }
  return errors;
}

function validateFailureRule(path: FieldPath, rule: PodFailurePolicyRule, containers: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (!rule.action) errors.push(required(path.child('action'), 'valid values: "Count", "FailIndex", "FailJob", "Ignore"'));
  else errors.push(...oneOf(path.child('action'), rule.action, ['Count', 'FailIndex', 'FailJob', 'Ignore']));
  const patterns = rule.onPodConditions ?? [];
  const shown = internalForm('io.k8s.api.batch.v1.PodFailurePolicyRule', { ...rule });
  if (rule.onExitCodes !== undefined && patterns.length > 0) return [...errors, invalidValue(path, shown, 'specifying both OnExitCodes and OnPodConditions is not supported')];
  if (rule.onExitCodes === undefined && patterns.length === 0) return [...errors, invalidValue(path, shown, 'specifying one of OnExitCodes and OnPodConditions is required')];
  if (patterns.length > RULES_MAX) errors.push(tooMany(path.child('onPodConditions'), patterns.length, RULES_MAX));
  for (const [i, pattern] of patterns.entries()) {
    const at = path.child('onPodConditions').index(i);
    errors.push(...faultsAt(at.child('type'), pattern.type, qualifiedName(pattern.type ?? '')));
    errors.push(...needOneOf(at.child('status'), pattern.status, ['False', 'True', 'Unknown']));
  }
  const codes = rule.onExitCodes;
  if (codes === undefined) return errors;
  const at = path.child('onExitCodes');
  if (!codes.operator) errors.push(required(at.child('operator'), 'valid values: "In", "NotIn"'));
  else errors.push(...oneOf(at.child('operator'), codes.operator, ['In', 'NotIn']));
  if (codes.containerName !== undefined && !containers.has(codes.containerName)) errors.push(invalidValue(at.child('containerName'), codes.containerName, 'must be one of the container or initContainer names in the pod template'));
  const values = at.child('values');
  if ((codes.values ?? []).length === 0) errors.push(invalidValue(values, codes.values ?? [], 'at least one value is required'));
  if ((codes.values ?? []).length > EXIT_CODES_MAX) errors.push(tooMany(values, codes.values.length, EXIT_CODES_MAX));
  const seen = repeats();
  for (const [i, value] of (codes.values ?? []).entries()) {
    if (codes.operator === 'In' && value === 0) errors.push(invalidValue(values.index(i), value, 'must not be 0 for the In operator'));
    if (seen(String(value))) errors.push(duplicate(values.index(i), value));
    else if (i > 0 && codes.values[i - 1]! > value) errors.push(invalidValue(values, codes.values, 'must be ordered'));
  }
  return errors;
}

function validatePolicies(path: FieldPath, spec: JobSpec): FieldError[] {
  const errors: FieldError[] = [];
  const failure = spec.podFailurePolicy;
  const pod = spec.template?.spec;
  if (failure !== undefined) {
    const rules = path.child('podFailurePolicy', 'rules');
    const containers = new Set([...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map((container) => container.name));
    if ((failure.rules ?? []).length > RULES_MAX) errors.push(tooMany(rules, failure.rules.length, RULES_MAX));
    for (const [i, rule] of (failure.rules ?? []).entries()) {
      errors.push(...validateFailureRule(rules.index(i), rule, containers));
      if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) errors.push(invalidValue(rules.index(i).child('action'), rule.action, 'requires the backoffLimitPerIndex to be set'));
    }
  }
  const success = spec.successPolicy;
  if (success !== undefined) {
    const rules = path.child('successPolicy', 'rules');
    if ((success.rules ?? []).length === 0) errors.push(required(rules, 'at least one rules must be specified when the successPolicy is specified'));
    if ((success.rules ?? []).length > RULES_MAX) errors.push(tooMany(rules, success.rules.length, RULES_MAX));
    for (const [i, rule] of (success.rules ?? []).entries()) errors.push(...validateSuccessRule(rules.index(i), rule, spec));
  }
  return errors;
}

function validateSuccessRule(path: FieldPath, rule: { succeededIndexes?: string; succeededCount?: number }, spec: JobSpec): FieldError[] {
  const errors: FieldError[] = [];
  const completions = spec.completions ?? 0;
  if (rule.succeededCount === undefined && rule.succeededIndexes === undefined) return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  let covered = 0;
  if (rule.succeededIndexes !== undefined) {
    const at = path.child('succeededIndexes');
    if (byteLength(rule.succeededIndexes) > INDEXES_TEXT_MAX) errors.push(tooLong(at, INDEXES_TEXT_MAX));
    const counted = countIndexes(rule.succeededIndexes, completions);
    if (typeof counted === 'string') errors.push(invalidValue(at, rule.succeededIndexes, `error parsing succeededIndexes: ${counted}`));
    else covered = counted;
  }
  const count = rule.succeededCount;
  if (count !== undefined) {
    const at = path.child('succeededCount');
    if (count < 1) errors.push(invalidValue(at, count, 'must be greater than or equal to 1'));
    if (count > completions) errors.push(invalidValue(at, count, `must be less than or equal to ${completions} (the number of specified completions)`));
    if (rule.succeededIndexes !== undefined && covered > 0 && count > covered) errors.push(invalidValue(at, count, `must be less than or equal to ${covered} (the number of indexes in the specified succeededIndexes field)`));
  }
  return errors;
}

/** How many indexes a text such as `1,3-5` names, or what is wrong with it. */
export function countIndexes(text: string, completions: number): number | string {
  let count = 0;
  let last = -1;
  if (text === '') return 0;
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) return `cannot convert string to integer for index: ${JSON.stringify(part)}`;
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    if (from <= last) return `non-increasing order, previous: ${last}, current: ${from}`;
    if (match[2] !== undefined && to <= from) return `non-increasing order, previous: ${from}, current: ${to}`;
    if (to >= completions) return `too large index: ${JSON.stringify(match[2] ?? match[1])}`;
    count += to - from + 1;
    last = to;
  }
  return count;
}

function validateNonIndexed(path: FieldPath, spec: JobSpec): FieldError[] {
  return (['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'] as const).flatMap((field) => {
    if (spec[field] === undefined) return [];
    return [invalidValue(path.child(field), spec[field], 'requires indexed completion mode')];
  });
}

function validateRestart(path: FieldPath, template: PodTemplateSpec, spec: JobSpec): FieldError[] {
  const at = path.child('template', 'spec', 'restartPolicy');
  const policy = template.spec?.restartPolicy;
  if (policy === 'Always') return [required(at, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(at, policy ?? '', ['OnFailure', 'Never'])];
  return spec.podFailurePolicy !== undefined && policy !== 'Never' ? [invalidValue(at, policy, 'only "Never" is supported when podFailurePolicy is specified')] : [];
}

const COUNTS = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const;

/** A Job's spec, alone or as a CronJob's template, where no selector has been made yet. */
export function validateJobSpec(path: FieldPath, spec: JobSpec): FieldError[] {
  const errors: FieldError[] = COUNTS.flatMap((field) => nonNegative(path.child(field), spec[field]));
  if (spec.managedBy !== undefined) {
    errors.push(...validateDomainPath(path.child('managedBy'), spec.managedBy));
    if (byteLength(spec.managedBy) > MANAGED_BY_MAX) errors.push(tooLong(path.child('managedBy'), MANAGED_BY_MAX));
  }
  if (spec.completionMode !== undefined) {
    errors.push(...oneOf(path.child('completionMode'), spec.completionMode, ['Indexed', 'NonIndexed']));
    if (spec.completionMode === 'Indexed') errors.push(...validateIndexed(path, spec));
  }
  if (spec.completionMode !== 'Indexed') errors.push(...validateNonIndexed(path, spec));
  errors.push(...validatePolicies(path, spec));
  errors.push(...oneOf(path.child('podReplacementPolicy'), spec.podReplacementPolicy, ['Failed', 'TerminatingOrFailed']));
  if (spec.podFailurePolicy !== undefined && spec.podReplacementPolicy === 'TerminatingOrFailed') {
    errors.push(notSupported(path.child('podReplacementPolicy'), spec.podReplacementPolicy, ['Failed']));
  }
  if (spec.template === undefined) return [...errors, required(path.child('template'))];
  return [...errors, ...validatePodTemplate(path.child('template'), spec.template), ...validateRestart(path, spec.template, spec)];
}

/** Where the server made the selector, the labels it goes by must be this Job's. */
function validateGenerated(job: Job): FieldError[] {
  const spec = job.spec;
  if (spec === undefined || spec.manualSelector || spec.selector === undefined) return [];
  const labels = spec.template?.metadata?.labels ?? {};
  const at = SPEC.child('template', 'metadata', 'labels');
  const expected = [...UID_LABELS.map((label) => [label, job.metadata.uid ?? '']), ...NAME_LABELS.map((label) => [label, job.metadata.name ?? ''])] as [string, string][];
  const errors = expected.flatMap(([label, value]) => {
    if (labels[label] === undefined) return [required(at.key(label), `must be '${value}'`)];
    return labels[label] === value ? [] : [invalidValue(at, labels, `must be '${value}'`)];
  });
  if (errors.length === 0 && spec.selector.matchLabels?.[UID_LABELS[0]!] === undefined) errors.push(invalidValue(SPEC.child('selector'), spec.selector, '`selector` not auto-generated'));
  return errors;
}

export function validateJob(job: Job): FieldError[] {
  const spec = job.spec;
  if (spec === undefined) return [required(SPEC)];
  const errors = [...validateGenerated(job), ...validateJobSpec(SPEC, spec)];
  if (spec.selector === undefined) errors.push(required(SPEC.child('selector')));
  else errors.push(...validateLabelSelector(SPEC.child('selector'), spec.selector));
  const labels = spec.template?.metadata?.labels ?? {};
  if (spec.selector !== undefined && errors.length === 0 && !labelSelectorOf(spec.selector)(labels)) {
    errors.push(invalidValue(SPEC.child('template', 'metadata', 'labels'), labels, '`selector` does not match template `labels`'));
  }
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) {
    const host = `${job.metadata.name}-${spec.completions! - 1}`;
    const faults = dnsLabel(host);
    if (faults.length > 0) errors.push(invalidValue(new FieldPath('metadata.name'), job.metadata.name, `will not able to create pod with invalid DNS label: ${host}`));
  }
  return errors;
}

const NODE_FIELDS = ['nodeSelector', 'tolerations', 'schedulingGates', 'affinity'] as const;

/** While suspended and never started, where the pods run and what they ask for may still change. */
function allowedTemplate(job: Job, old: Job): PodTemplateSpec | undefined {
  const was = old.spec?.template;
  const now = job.spec?.template;
  const suspended = old.spec?.suspend === true && (old.status?.startTime === undefined || isConditionTrue(old.status.conditions, 'Suspended')) && (old.status?.active ?? 0) === 0;
  if (!suspended || was === undefined || now === undefined) return was;
  const spec = { ...was.spec!, ...Object.fromEntries(NODE_FIELDS.map((field) => [field, now.spec?.[field]])) };
  for (const field of ['containers', 'initContainers'] as const) {
    if (spec[field]) spec[field] = spec[field].map((container, i) => ({ ...container, resources: now.spec?.[field]?.[i]?.resources }));
  }
  return { metadata: { ...was.metadata, labels: now.metadata?.labels, annotations: now.metadata?.annotations }, spec };
}

export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const spec = job.spec;
  const was = old.spec;
  const errors: FieldError[] = [];
  if (spec?.completions !== was?.completions) {
    const elastic = was?.completionMode === 'Indexed' && spec?.completions !== undefined && was.completions !== undefined && spec.completions === spec.parallelism && was.completions === was.parallelism;
    if (was?.completionMode !== 'Indexed') errors.push(invalidValue(SPEC.child('completions'), spec?.completions, IMMUTABLE));
    else if (!elastic) errors.push(invalidValue(SPEC.child('completions'), spec?.completions, 'can only be modified in tandem with parallelism'));
  }
  errors.push(...immutable(SPEC.child('selector'), spec?.selector, was?.selector));
  if (!sameValue(spec?.template, allowedTemplate(job, old))) errors.push(invalidValue(SPEC.child('template'), spec?.template, IMMUTABLE));
  return [
    ...errors,
    ...immutable(SPEC.child('completionMode'), spec?.completionMode, was?.completionMode),
    ...immutableStruct(SPEC.child('podFailurePolicy'), 'io.k8s.api.batch.v1.PodFailurePolicy', spec?.podFailurePolicy, was?.podFailurePolicy),
    ...immutable(SPEC.child('backoffLimitPerIndex'), spec?.backoffLimitPerIndex, was?.backoffLimitPerIndex),
    ...immutable(SPEC.child('managedBy'), spec?.managedBy, was?.managedBy),
    ...immutableStruct(SPEC.child('successPolicy'), 'io.k8s.api.batch.v1.SuccessPolicy', spec?.successPolicy, was?.successPolicy),
  ];
}

function validateSchedule(cron: CronJob): FieldError[] {
  const path = SPEC.child('schedule');
  const { schedule, timeZone } = cron.spec;
  if (!schedule) return [required(path)];
  const errors: FieldError[] = [];
  const withZone = /^(CRON_)?TZ=/.exec(schedule);
  if (withZone !== null) {
    const text = timeZone === undefined ? 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead' : 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    errors.push(invalidValue(path, schedule, text));
  }
  try {
    parseSchedule(schedule.replace(/^(CRON_)?TZ=\S+\s+/, ''));
  } catch (error) {
    errors.push(invalidValue(path, schedule, error instanceof Error ? error.message : String(error)));
  }
  return errors;
}

function validateTimeZone(zone: string | undefined): FieldError[] {
  const path = SPEC.child('timeZone');
  if (zone === undefined) return [];
  if (zone === '') return [invalidValue(path, zone, 'timeZone must be nil or non-empty string')];
  if (zone.toLowerCase() === 'local') return [invalidValue(path, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    return [];
  } catch {
    return [invalidValue(path, zone, `unknown time zone ${zone}`)];
  }
}

export function validateCronJob(cron: CronJob, old?: CronJob): FieldError[] {
  const spec = cron.spec;
  const errors = [
    ...validateSchedule(cron), ...nonNegative(SPEC.child('startingDeadlineSeconds'), spec.startingDeadlineSeconds), ...(old !== undefined && old.spec?.timeZone === spec.timeZone ? [] : validateTimeZone(spec.timeZone)),
    ...needOneOf(SPEC.child('concurrencyPolicy'), spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']), ...validateJobTemplate(cron),
    ...nonNegative(SPEC.child('successfulJobsHistoryLimit'), spec.successfulJobsHistoryLimit), ...nonNegative(SPEC.child('failedJobsHistoryLimit'), spec.failedJobsHistoryLimit),
  ];
  if (old === undefined && byteLength(cron.metadata.name ?? '') > CRON_NAME_MAX) errors.push(invalidValue(new FieldPath('metadata.name'), cron.metadata.name, `must be no more than ${CRON_NAME_MAX} characters`));
  return errors;
}

function validateJobTemplate({ spec }: CronJob): FieldError[] {
  const path = SPEC.child('jobTemplate');
  const errors = validateLabels(path.child('labels'), spec.jobTemplate?.metadata?.labels);
  const job = spec.jobTemplate?.spec;
  if (job === undefined) return [...errors, required(path.child('spec'))];
  if (job.manualSelector) errors.push(notSupported(path.child('spec', 'manualSelector'), job.manualSelector, ['nil', 'false']));
  if (job.selector !== undefined) errors.push(invalidValue(path.child('spec', 'selector'), job.selector, '`selector` will be auto-generated'));
  return [...errors, ...validateJobSpec(path.child('spec'), job)];
}
