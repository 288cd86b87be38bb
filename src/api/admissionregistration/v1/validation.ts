/** Rules of webhook configurations. */
import { needOneOf } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, invalidValue, notSupported, required, tooMany } from '../../meta/field.ts';
import { dnsSubdomain, portNumber, qualifiedName } from '../../meta/names.ts';
import { each, faultsAt, repeats, validateLabelSelector } from '../../meta/validation.ts';
import type { MatchCondition, MutatingWebhook, NamedRuleWithOperations, RuleWithOperations, ValidatingWebhook, WebhookClientConfig } from './types.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const MATCH_CONDITIONS_MAX = 64;

/** A name with at least three labels. */
export function validateFullName(path: FieldPath, name: string): FieldError[] {
  if (name === '') return [required(path)];
  const faults = dnsSubdomain(name);
  if (faults.length > 0) return [invalidValue(path, name, faults.join(','))];
  return name.split('.').length < 3 ? [invalidValue(path, name, 'should be a domain with at least three segments separated by dots')] : [];
}

/** Where to call: a URL or a service of the cluster. Shared with the conversion webhooks of custom resources. */
export function validateClientConfig(path: FieldPath, config: WebhookClientConfig | undefined): FieldError[] {
  const { url, service } = config ?? {};
  if ((url === undefined) === (service === undefined)) return [required(path, 'exactly one of url or service is required')];
  const errors: FieldError[] = [];
  if (url !== undefined) errors.push(...validateUrl(path.child('url'), url));
  if (service === undefined) return errors;
  const at = path.child('service');
  if (!service.name) errors.push(required(at.child('name')));
  if (!service.namespace) errors.push(required(at.child('namespace')));
  if (service.port !== undefined) errors.push(...faultsAt(at.child('port'), service.port, portNumber(service.port).map(() => `port is not valid: must be between 1 and 65535, inclusive`)));
  return [...errors, ...(service.path === undefined ? [] : validateServicePath(at.child('path'), service.path))];
}

interface UrlParts {
  scheme: string;
  user: string | undefined;
  host: string;
  query: string;
  fragment: string;
}

/** The parts of a URL as Go takes it apart; a text where it cannot. */
function partsOfUrl(text: string): UrlParts | string {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'net/url: invalid control character in URL';
  const [before, ...fragment] = text.split('#');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(before!)?.[1] ?? '';
  if (scheme === '' && before!.startsWith(':')) return 'missing protocol scheme';
  const rest = scheme === '' ? before! : before!.slice(scheme.length + 1);
  const [place, ...query] = rest.split('?');
  if (scheme === '' && !place!.startsWith('/') && place!.split('/')[0]!.includes(':')) return 'first path segment in URL cannot contain colon';
  const authority = place!.startsWith('//') ? place!.slice(2).split('/')[0]! : '';
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const port = /:[^\]]*$/.exec(host)?.[0] ?? '';
  if (!/^(?::\d*)?$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(place!)?.[0];
  if (escape !== undefined) return `invalid URL escape ${JSON.stringify(escape)}`;
  return { scheme: scheme.toLowerCase(), user: at < 0 ? undefined : authority.slice(0, at), host, query: query.join('?'), fragment: fragment.join('#') };
}

function validateUrl(path: FieldPath, text: string): FieldError[] {
  const form = '; desired format: https://host[/path]';
  const url = partsOfUrl(text);
  if (typeof url === 'string') return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: ${url}${form}`)];
  const errors: FieldError[] = [];
  if (url.scheme !== 'https') errors.push(invalidValue(path, url.scheme, `'https' is the only allowed URL scheme${form}`));
  if (url.host === '') errors.push(invalidValue(path, url.host, `host must be specified${form}`));
  if (url.user !== undefined) errors.push(invalidValue(path, url.user, 'user information is not permitted in the URL'));
  if (url.fragment !== '') errors.push(invalidValue(path, url.fragment, 'fragments are not permitted in the URL'));
  if (url.query !== '') errors.push(invalidValue(path, url.query, 'query parameters are not permitted in the URL'));
  return errors;
}

function validateServicePath(path: FieldPath, text: string): FieldError[] {
  if (text === '/' || text === '') return [];
  if (text === '//') return [invalidValue(path, text, 'segment[0] may not be empty')];
  const errors: FieldError[] = text.startsWith('/') ? [] : [invalidValue(path, text, "must start with a '/'")];
  for (const [i, segment] of text.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (segment === '') errors.push(invalidValue(path, text, `segment[${i}] may not be empty`));
    else errors.push(...dnsSubdomain(segment).map((fault) => invalidValue(path, text, `segment[${i}]: ${fault}`)));
  }
  return errors;
}

/** What a rule matches: groups, versions and resources, each perhaps `*` alone. */
export function validateRule(path: FieldPath, rule: RuleWithOperations | NamedRuleWithOperations): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['apiGroups', 'apiVersions'] as const) {
    const values = rule[field] ?? [];
    if (values.length === 0) errors.push(required(path.child(field)));
    if (values.length > 1 && values.includes('*')) errors.push(invalidValue(path.child(field), values, `if '*' is present, must not specify other ${field === 'apiGroups' ? 'API groups' : 'API versions'}`));
    if (field === 'apiVersions') for (const [i, value] of values.entries()) if (value === '') errors.push(required(path.child(field).index(i)));
  }
  errors.push(...validateRuleResources(path.child('resources'), rule.resources ?? []));
  if (rule.scope !== undefined && !['*', 'Cluster', 'Namespaced'].includes(rule.scope)) errors.push(notSupported(path.child('scope'), rule.scope, ['*', 'Cluster', 'Namespaced']));
  const operations = rule.operations ?? [];
  if (operations.length === 0) errors.push(required(path.child('operations')));
  if (operations.length > 1 && operations.includes('*')) errors.push(invalidValue(path.child('operations'), operations, "if '*' is present, must not specify other operations"));
  for (const [i, operation] of operations.entries()) if (!OPERATIONS.includes(operation)) errors.push(notSupported(path.child('operations').index(i), operation, OPERATIONS));
  return errors;
}

function validateRuleResources(path: FieldPath, resources: readonly string[]): FieldError[] {
  if (resources.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  const wholes = new Set(resources.filter((resource) => resource.endsWith('/*')).map((resource) => resource.slice(0, -2)));
  for (const [i, resource] of resources.entries()) {
    const at = path.index(i);
    const [name, subresource] = resource.split('/') as [string, string?];
    if (resource === '') errors.push(required(at));
    if (subresource !== undefined && subresource !== '*' && wholes.has(name)) errors.push(invalidValue(at, resource, `if '${name}/*' is present, must not specify ${resource}`));
    if (subresource !== undefined && name !== '*' && resources.includes(`*/${subresource}`)) errors.push(invalidValue(at, resource, `if '*/${subresource}' is present, must not specify ${resource}`));
  }
  if (resources.length > 1 && resources.includes('*/*')) errors.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes('*') && resources.some((resource) => resource !== '*' && !resource.includes('/'))) errors.push(invalidValue(path, resources, "if '*' is present, must not specify other resources without subresources"));
  return errors;
}

/** Conditions in CEL: named once each. The expressions are compiled where they are used. */
export function validateMatchConditions(path: FieldPath, conditions: readonly MatchCondition[] | undefined): FieldError[] {
  const list = conditions ?? [];
  const errors: FieldError[] = list.length > MATCH_CONDITIONS_MAX ? [tooMany(path, list.length, MATCH_CONDITIONS_MAX)] : [];
  const seen = repeats();
  for (const [i, condition] of list.entries()) {
    const at = path.index(i);
    if (!condition.name) errors.push(required(at.child('name')));
    else {
      errors.push(...faultsAt(at.child('name'), condition.name, qualifiedName(condition.name)));
      if (seen(condition.name)) errors.push(duplicate(at.child('name'), condition.name));
    }
    if (!condition.expression?.trim()) errors.push(required(at.child('expression')));
  }
  return errors;
}

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

function validateWebhook(path: FieldPath, hook: Webhook): FieldError[] {
  const errors = validateFullName(path.child('name'), hook.name ?? '');
  for (const [i, rule] of (hook.rules ?? []).entries()) errors.push(...validateRule(path.child('rules').index(i), rule));
  if (hook.failurePolicy !== undefined && !['Fail', 'Ignore'].includes(hook.failurePolicy)) errors.push(notSupported(path.child('failurePolicy'), hook.failurePolicy, ['Fail', 'Ignore']));
  if (hook.matchPolicy !== undefined && !['Equivalent', 'Exact'].includes(hook.matchPolicy)) errors.push(notSupported(path.child('matchPolicy'), hook.matchPolicy, ['Equivalent', 'Exact']));
  if (!hook.sideEffects) errors.push(required(path.child('sideEffects'), 'must specify one of None, NoneOnDryRun'));
  else errors.push(...needOneOf(path.child('sideEffects'), hook.sideEffects, ['None', 'NoneOnDryRun']));
  const timeout = hook.timeoutSeconds;
  if (timeout !== undefined && (timeout < 1 || timeout > 30)) errors.push(invalidValue(path.child('timeoutSeconds'), timeout, 'the timeout value must be between 1 and 30 seconds'));
  errors.push(...validateLabelSelector(path.child('namespaceSelector'), hook.namespaceSelector), ...validateLabelSelector(path.child('objectSelector'), hook.objectSelector));
  if (hook.reinvocationPolicy !== undefined && !['IfNeeded', 'Never'].includes(hook.reinvocationPolicy)) errors.push(notSupported(path.child('reinvocationPolicy'), hook.reinvocationPolicy, ['IfNeeded', 'Never']));
  errors.push(...validateClientConfig(path.child('clientConfig'), hook.clientConfig));
  errors.push(...validateReviewVersions(path.child('admissionReviewVersions'), hook.admissionReviewVersions));
  return [...errors, ...validateMatchConditions(path.child('matchConditions'), hook.matchConditions)];
}

function validateReviewVersions(path: FieldPath, versions: readonly string[] | undefined): FieldError[] {
  const list = versions ?? [];
  if (list.length === 0) return [required(path, 'must specify one of v1, v1beta1')];
  const seen = repeats();
  const errors = list.flatMap((version, i) => (seen(version) ? [invalidValue(path.index(i), version, 'duplicate version')] : []));
  return list.some((version) => version === 'v1' || version === 'v1beta1') ? errors : [...errors, invalidValue(path, list, 'must include at least one of v1, v1beta1')];
}

/** All webhooks of one configuration. */
export function validateWebhooks(configuration: { webhooks?: (ValidatingWebhook | MutatingWebhook)[] }): FieldError[] {
  const hooks = configuration.webhooks ?? [];
  const path = new FieldPath('webhooks');
  const seen = repeats();
  return each(hooks, (hook, i) => [
    ...validateWebhook(path.index(i), hook),
    ...(hook.name && seen(hook.name) ? [duplicate(path.index(i).child('name'), hook.name)] : []),
  ]);
}
