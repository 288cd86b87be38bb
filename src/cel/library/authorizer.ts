/** `authorizer.group('apps').resource('deployments').check('get').allowed()`: questions to the API server's authorization. */
import { parseFieldSelector, parseLabelSelector } from '../../api/meta/selectors.ts';
import { CelError, opaque } from '../types.ts';
import { noSuchOverload, OpaqueValue, type CelObject, type Value } from '../values.ts';
import { costs, overload, type Measure, type Overload } from './declare.ts';

/** What is asked. Absent user: whoever makes the request. */
export interface AuthorizationQuery {
  /** `namespace` and `name` of a service account that is asked about instead of the requester. */
  serviceAccount?: { namespace: string; name: string };
  path?: string;
  verb: string;
  group: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
  fieldSelector?: string;
  labelSelector?: string;
}

export interface AuthorizationAnswer {
  allowed: boolean;
  reason: string;
  error?: string;
}

/** Answers at once, or later: then the evaluation ends in PendingDecision and is run again. */
export type Authorize = (query: AuthorizationQuery) => AuthorizationAnswer | Promise<AuthorizationAnswer>;

/** An authorizer needs time. Not a fault of the expression: wait for `settled`, then evaluate again with the same authorizer. */
export class PendingDecision extends Error {
  readonly settled: Promise<void>;
  constructor(settled: Promise<void>) {
    super('the authorizer has not answered yet');
    this.name = 'PendingDecision';
    this.settled = settled;
  }
}

/** Asks each question once. */
class Memory {
  private readonly answers = new Map<string, AuthorizationAnswer>();
  private readonly authorize: Authorize;
  constructor(authorize: Authorize) {
    this.authorize = authorize;
  }
  ask(query: AuthorizationQuery): AuthorizationAnswer {
    const key = JSON.stringify(query);
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const answer = this.authorize(query);
    if (!(answer instanceof Promise)) {
      this.answers.set(key, answer);
      return answer;
    }
    throw new PendingDecision(answer.catch((error: unknown) => ({ allowed: false, reason: '', error: error instanceof Error ? error.message : String(error) })).then((found) => void this.answers.set(key, found)));
  }
}

const DNS_LABEL = /^(?=.{1,63}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

const EMPTY: AuthorizationQuery = { verb: '', group: '', resource: '', subresource: '', namespace: '', name: '' };

class Check extends OpaqueValue {
  readonly memory: Memory;
  readonly query: AuthorizationQuery;
  constructor(kind: string, memory: Memory, query: AuthorizationQuery) {
    super(opaque(`kubernetes.authorization.${kind}`));
    this.memory = memory;
    this.query = query;
  }
  /** Nobody is to compare these. */
  equalTo(): boolean {
    throw noSuchOverload();
  }
  as(kind: string, more: Partial<AuthorizationQuery>): Check {
    return new Check(kind, this.memory, { ...this.query, ...more });
  }
}

class DecisionValue extends OpaqueValue {
  readonly answer: AuthorizationAnswer;
  constructor(answer: AuthorizationAnswer) {
    super(opaque('kubernetes.authorization.Decision'));
    this.answer = answer;
  }
  equalTo(): boolean {
    throw noSuchOverload();
  }
}

/** The value of the variable `authorizer`; give the same one to repeated evaluations of one request. */
export function authorizerValue(authorize: Authorize): CelObject {
  return new Check('Authorizer', new Memory(authorize), EMPTY);
}

/** The value of `authorizer.requestResource`. */
export function requestResourceValue(authorizer: CelObject, query: Partial<AuthorizationQuery>): CelObject {
  return (authorizer as Check).as('ResourceCheck', query);
}

function path(check: Check, text: string): Value {
  if (text.trim() === '') throw new CelError('path must not be empty');
  return check.as('PathCheck', { path: text });
}

function serviceAccount(check: Check, namespace: string, name: string): Value {
  if (!DNS_SUBDOMAIN.test(name) || name.length > 253) throw new CelError('Invalid service account name');
  if (!DNS_LABEL.test(namespace)) throw new CelError('Invalid service account namespace');
  return check.as('Authorizer', { serviceAccount: { namespace, name } });
}

function resourceCheck(check: Check, resource: string): Value {
  if (resource.trim() === '') throw new CelError('resource must not be empty');
  return check.as('ResourceCheck', { resource });
}

const answer = (check: Check, verb: string): Value => new DecisionValue(check.memory.ask({ ...check.query, verb }));

/** Selectors that cannot be read are left out, as if nothing had been said. */
function readable(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

export function authorizerLibrary(): Overload[] {
  const question = { cost: costs.fixed(350_000) };
  // Each requirement takes two characters at least, and costs a list and a struct.
  const selector = { cost: (measure: Measure): number => 10 + Math.ceil(measure.size(1) * 0.1) + 50 * Math.ceil(measure.size(1) * 0.5) };
  const step = (name: keyof AuthorizationQuery): Overload => overload(name, 'resource_check.(string) -> resource_check', (check: Check, text: string) => check.as('ResourceCheck', { [name]: text }));
  return [
    overload('path', 'authorizer.(string) -> path_check', path),
    overload('group', 'authorizer.(string) -> group_check', (check: Check, group: string) => check.as('GroupCheck', { group })),
    overload('serviceAccount', 'authorizer.(string, string) -> authorizer', serviceAccount),
    overload('resource', 'group_check.(string) -> resource_check', resourceCheck),
    step('subresource'),
    step('namespace'),
    step('name'),
    overload('fieldSelector', 'resource_check.(string) -> resource_check', (check: Check, text: string) => (readable(parseFieldSelector, text) ? check.as('ResourceCheck', { fieldSelector: text }) : check), selector),
    overload('labelSelector', 'resource_check.(string) -> resource_check', (check: Check, text: string) => (readable(parseLabelSelector, text) ? check.as('ResourceCheck', { labelSelector: text }) : check), selector),
    overload('check', 'path_check.(string) -> decision', answer, question),
    overload('check', 'resource_check.(string) -> decision', answer, question),
    overload('allowed', 'decision.() -> bool', ({ answer: given }: DecisionValue) => given.allowed),
    overload('reason', 'decision.() -> string', ({ answer: given }: DecisionValue) => given.reason),
    overload('errored', 'decision.() -> bool', ({ answer: given }: DecisionValue) => given.error !== undefined),
    overload('error', 'decision.() -> string', ({ answer: given }: DecisionValue) => given.error ?? ''),
  ];
}

