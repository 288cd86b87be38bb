/**
 * Rules that v1.36 declares on the fields of its types (required, form, least and most, immutable, unique): each is broken in a sample of its kind, at
 * every place where the sample has the field, and must be refused there once, with the type and the words that belong to the rule.
 */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FieldError } from './meta/field.ts';
import type { Loose } from './strategies.fixture.ts';
import { contextFor, created, kindOf, loadOffKinds, OFF_KINDS, refusals, SAMPLE_KINDS } from './strategies.fixture.ts';

interface Field {
  json: string;
  schema?: { type?: string; $ref?: string; items?: { $ref?: string }; additionalProperties?: { $ref?: string } };
  k8sTags?: string[];
  inline?: boolean;
  ptr?: boolean;
}

/** The kind of a sample. */
const plain = (key: string): string => key.split('#')[0]!;
const FACTS = new URL('../../../shared/k8s-api/types.json', import.meta.url);
const types = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { types: Record<string, { fields: Field[] }> }).types : {};
if (Object.keys(types).length === 0) console.warn('SKIPPED: declared rules are not compared with the facts, which are not here');
beforeAll(loadOffKinds);

const UID = '6f1b8d5e-1c9a-4d57-9f0f-5a8f2a0f9b11';
const config = { opaque: { driver: 'gpus.example.com', parameters: { a: 1 } } };
const selectors = [{ cel: { expression: 'true' } }];
const tolerations = [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }];
const exactly = { deviceClassName: 'gpu', selectors, tolerations };
const device = { driver: 'gpus.example.com', pool: 'node-1', device: 'gpu-0', shareID: UID };
const claimSpec = {
  devices: {
    requests: [{ name: 'gpu', exactly }, { name: 'any', firstAvailable: [{ name: 'small', ...exactly }] }],
    constraints: [{ requests: ['gpu'], matchAttribute: 'example.com/model' }], config: [{ requests: ['gpu'], ...config }],
  },
};

/** What samples get beside what they have, so that the rules have something to be broken in. A kind may have a second sample, named `group/Kind#…`. */
const RICHER: Record<string, (object: Loose) => void> = {
  'resource.k8s.io/ResourceClaim': (c) => { c.spec = structuredClone(claimSpec); },
  'resource.k8s.io/ResourceClaimTemplate': (c) => { c.spec.spec = structuredClone(claimSpec); },
  'resource.k8s.io/DeviceClass': (c) => { c.spec.config = [config]; c.spec.extendedResourceName = 'example.com/gpu'; },
  'resource.k8s.io/ResourceSlice': (s) => {
    s.spec.devices = [{ name: 'gpu-0', attributes: { model: { string: 'x' } }, capacity: { memory: { value: '1Gi' } }, consumesCounters: [{ counterSet: 'set', counters: { slots: { value: '1' } } }], taints: [{ key: 'a', effect: 'None' }], bindingConditions: ['a'], bindingFailureConditions: ['b'] }];
  },
  'resource.k8s.io/ResourceSlice#counters': (s) => {
    delete s.spec.devices;
    s.spec.sharedCounters = [{ name: 'set', counters: { slots: { value: '4' } } }];
  },
  'networking.k8s.io/IngressClass': (c) => { c.spec.parameters = { kind: 'A', name: 'b' }; },
  'autoscaling/HorizontalPodAutoscaler': (h) => { h.spec.minReplicas = 1; },
};
/** And their statuses. */
const STATUS: Record<string, object> = {
  'resource.k8s.io/ResourceClaim': {
    allocation: { devices: { results: [{ request: 'gpu', ...device, tolerations, bindingConditions: ['a'], bindingFailureConditions: ['b'] }], config: [{ source: 'FromClaim', requests: ['gpu'], ...config }] } },
    reservedFor: [{ resource: 'pods', name: 'web', uid: UID }], devices: [{ ...device, networkData: { interfaceName: 'eth0', ips: ['10.0.0.1/24'], hardwareAddress: 'a' } }],
  },
  'resource.k8s.io/ResourcePoolStatusRequest': { poolCount: 1, pools: [{ driver: 'gpus.example.com', poolName: 'a', generation: 1, resourceSliceCount: 1, totalDevices: 1, allocatedDevices: 1, availableDevices: 1, unavailableDevices: 1, nodeName: 'n', validationError: 'e' }], conditions: [] },
  'certificates.k8s.io/CertificateSigningRequest': { conditions: [{ type: 'Failed', status: 'True' }] },
  'scheduling.k8s.io/PodGroup': {},
};

interface Rule {
  key: string;
  path: (string | number)[];
  tag: string;
}

const tagOf = (tag: string): string | undefined => (tag.startsWith('if') ? undefined : tag.replace(/^alpha\(since: "1.36"\)=\+k8s:/, '').replace(/ #.*$/, '').replaceAll('"', ''));
const CHECKED = /^(required|format=|maxItems=|minimum=|maximum=|maxLength=|maxBytes=|immutable|unique=|listType=map|unionMember|update=NoModify)/;

function fieldsOf(type: string): Field[] {
  return (types[type]?.fields ?? []).flatMap((field) => (field.inline ? fieldsOf(field.schema?.$ref ?? '') : [field]));
}

/** The rules of every field that stands in the value. */
function rulesOf(key: string, type: string, value: Loose, path: (string | number)[] = []): Rule[] {
  if (typeof value !== 'object' || value === null) return [];
  return fieldsOf(type).flatMap((field) => {
    const at = [...path, field.json];
    const rules = (field.k8sTags ?? []).map(tagOf).filter((tag) => tag !== undefined && CHECKED.test(tag)).map((tag) => ({ key, path: at, tag: tag! }));
    const inner = value[field.json];
    const own = rules.filter(({ tag }) => inner !== undefined || tag === 'required');
    const item = field.schema?.items?.$ref;
    if (Array.isArray(inner)) return item === undefined ? own : [...own, ...inner.flatMap((entry, i) => rulesOf(key, item, entry, [...at, i]))];
    const values = field.schema?.additionalProperties?.$ref;
    if (values !== undefined) return [...own, ...Object.entries(inner ?? {}).flatMap(([name, entry]) => rulesOf(key, values, entry, [...at, name]))];
    return [...own, ...(field.schema?.$ref ? rulesOf(key, field.schema.$ref, inner, at) : [])];
  });
}

/** Breaks the rule in place; false where the sample cannot show it. */
function breakRule({ path, tag }: Rule, object: Loose): boolean {
  const last = path.at(-1)!;
  const parent = path.slice(0, -1).reduce<Loose>((value, step) => value?.[step], object);
  if (parent === undefined) return false;
  const value = parent[last];
  const [name, amount] = tag.split('=');
  const number = Number(amount);
  switch (name) {
    case 'required':
      if (Array.isArray(value)) parent[last] = [];
      else if (typeof value === 'string') parent[last] = '';
      else delete parent[last];
      return true;
    case 'format':
      parent[last] = 'Not/A fit?/';
      return true;
    case 'maxItems':
      parent[last] = Array.from({ length: number + 1 }, (_, i) => (typeof value[0] === 'string' ? `${value[0]}${i}` : { ...value[0], ...(value[0]?.name === undefined ? {} : { name: `${value[0].name}${i}` }) }));
      return value.length > 0;
    case 'minimum':
      parent[last] = number - 1;
      return true;
    case 'maximum':
      parent[last] = number + 1;
      return true;
    case 'maxLength':
    case 'maxBytes':
      parent[last] = 'a'.repeat(number + 1);
      return true;
    case 'unique':
    case 'listType':
      if (!Array.isArray(value) || value.length === 0) return false;
      value.push(structuredClone(value[0]));
      return true;
    case 'unionMember':
      delete parent[last];
      return true;
    default:
      return false;
  }
}

function changed(value: Loose): Loose {
  if (typeof value === 'string') return `${value}x`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return value.length === 0 ? ['x'] : [changed(value[0]), ...value.slice(1)];
  const [first] = Object.keys(value ?? {});
  return first === undefined ? { x: 'y' } : { ...value, [first]: changed(value[first]) };
}

const textOf = (path: readonly (string | number)[]): string => path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('').slice(1);

function errorsFor(rule: Rule): FieldError[] | undefined {
  const { strategy } = kindOf(plain(rule.key));
  const old = created(plain(rule.key), RICHER[rule.key]);
  old.metadata.resourceVersion = '7';
  const inStatus = rule.path[0] === 'status';
  if (rule.tag === 'immutable' || rule.tag === 'update=NoModify') {
    if (inStatus) old.status = structuredClone(STATUS[rule.key]);
    const next = structuredClone(old);
    const parent = rule.path.slice(0, -1).reduce<Loose>((value, step) => value?.[step], next);
    parent[rule.path.at(-1)!] = changed(parent[rule.path.at(-1)!]);
    return strategy.validateUpdate!(next, old, contextFor(inStatus ? 'status' : ''));
  }
  if (!inStatus) return breakRule(rule, old) ? strategy.validate!(old, contextFor()) : undefined;
  const next = structuredClone(old);
  next.status = structuredClone(STATUS[rule.key]);
  return breakRule(rule, next) ? strategy.validateUpdate!(next, old, contextFor('status')) : undefined;
}

/** Type and words of the errors that a rule has where nothing else is said below: `at` is the field's place. */
function formOf(tag: string): [type: string, words: RegExp] {
  const [name, amount] = tag.split('=') as [string, string | undefined];
  switch (name) {
    case 'required': return ['FieldValueRequired', /^Required value(: |$)/];
    case 'maxItems': return ['FieldValueTooMany', new RegExp(`^Too many: ${Number(amount) + 1}: must have at most ${amount} items?$`)];
    case 'minimum': return ['FieldValueInvalid', new RegExp(`^Invalid value: ${Number(amount) - 1}: must be greater than or equal to ${amount}$`)];
    case 'maximum': return ['FieldValueInvalid', new RegExp(`^Invalid value: ${Number(amount) + 1}: must be less than or equal to ${amount}$`)];
    case 'maxLength': case 'maxBytes': return ['FieldValueTooLong', new RegExp(`^Too long: may not be more than ${amount} bytes$`)];
    case 'immutable': case 'update': return ['FieldValueInvalid', /^Invalid value: .*: field is immutable$/];
    case 'unique': case 'listType': return ['FieldValueDuplicate', /^Duplicate value: /];
    default: return ['FieldValueInvalid', /^Invalid value: /];
  }
}

const FORBIDDEN: [string, RegExp] = ['FieldValueForbidden', /^Forbidden: updates to \w+ are forbidden\.$/];
/** Rules whose errors are older than what is declared and have other words. */
const OTHERWISE: Record<string, [type: string, words: RegExp]> = {
  'HorizontalPodAutoscaler spec.maxReplicas required': ['FieldValueInvalid', /^Invalid value: 0: must be greater than 0$/],
  'HorizontalPodAutoscaler spec.maxReplicas minimum=1': ['FieldValueInvalid', /^Invalid value: 0: must be greater than 0$/],
  'PriorityLevelConfiguration spec.type required': ['FieldValueNotSupported', /^Unsupported value: "": supported values: "Exempt", "Limited"$/],
  'PriorityLevelConfiguration spec.limited.limitResponse.type required': ['FieldValueNotSupported', /^Unsupported value: "": supported values: "Queue", "Reject"$/],
  'StorageClass provisioner immutable': FORBIDDEN, 'StorageClass parameters immutable': FORBIDDEN, 'StorageClass reclaimPolicy immutable': FORBIDDEN,
  'DeviceClass spec.extendedResourceName format=k8s-extended-resource-name': ['FieldValueInvalid', /: must be a valid extended resource name$/],
  // A zero is none.
  'PodGroup spec.schedulingPolicy.gang.minCount minimum=1': ['FieldValueRequired', /^Required value$/],
  'Workload spec.podGroupTemplates[0].schedulingPolicy.gang.minCount minimum=1': ['FieldValueRequired', /^Required value$/],
};

/** A form that never was looked at in full: more slashes than one were always let through. */
const lax = ({ tag }: Rule): boolean => tag === 'format=k8s-resource-fully-qualified-name';

/** What a broken rule is told of: errors at the field or at an item of it, each once, with the rule's type and words. */
function isKept(rule: Rule, errors: readonly FieldError[]): boolean {
  const path = textOf(rule.path);
  const named = path.replaceAll(/\.(attributes|counters)\.([^.]+)/g, '.$1[$2]');
  const name = `${plain(rule.key).split('/')[1]} ${path} ${rule.tag}`;
  const [type, words] = OTHERWISE[name] ?? formOf(rule.tag);
  const texts = errors.map((error) => `${error.type} ${error.field} ${error.detail}`);
  const isItem = type === 'FieldValueDuplicate' || rule.tag.startsWith('unionMember');
  const isAt = (field: string): boolean => (isItem ? field.startsWith(named) || named.startsWith(field) : field === named);
  return new Set(texts).size === texts.length && errors.some((error) => isAt(error.field) && error.type === type && words.test(error.detail));
}

const KINDS = [...SAMPLE_KINDS, ...OFF_KINDS, ...Object.keys(RICHER).filter((key) => key.includes('#'))];

describe.skipIf(Object.keys(types).length === 0)('rules that the types declare', () => {
  const rules = (): Rule[] => KINDS.flatMap((key) => {
    const object = created(plain(key), RICHER[key]);
    if (STATUS[key] !== undefined) object.status = structuredClone(STATUS[key]);
    return rulesOf(key, kindOf(plain(key)).schema, object);
  });

  test('samples with more in them are still valid', () => {
    for (const key of KINDS) expect([key, refusals(plain(key), RICHER[key])]).toEqual([key, []]);
    for (const [key, status] of Object.entries(STATUS)) {
      const old = created(key, RICHER[key]);
      old.metadata.resourceVersion = '7';
      expect([key, kindOf(key).strategy.validateUpdate!({ ...structuredClone(old), status: structuredClone(status) } as Loose, old, contextFor('status'))]).toEqual([key, []]);
    }
  });

  test('each, where it is broken, is refused at its place with the type and the words of the rule', () => {
    const broken = rules().filter((rule) => !lax(rule)).flatMap((rule) => {
      const errors = errorsFor(rule);
      return errors === undefined ? [] : [{ rule, errors }];
    });
    const missed = broken.filter(({ rule, errors }) => !isKept(rule, errors)).map(({ rule, errors }) => `${rule.key} ${textOf(rule.path)} ${rule.tag}: ${errors.map((error) => `${error.type} ${error.field} ${error.detail}`).join('; ').slice(0, 300)}`);
    console.info(`${broken.length - missed.length} declared rules of ${new Set(broken.map(({ rule }) => rule.key)).size} samples are kept`);
    expect(missed).toEqual([]);
    expect(broken.length).toBeGreaterThan(150);
  });
});
