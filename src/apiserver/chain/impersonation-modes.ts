/**
 * The ways in which one may act as another: constrained ones, each for some kind of users and for some verbs (KEP-5284), and at last the right to `impersonate`,
 * which holds for everything.
 */
import { subdomainName } from '../../api/meta/names.ts';
import { AUTHENTICATED, ANONYMOUS, MASTERS, NODES, nodeUserPrefix, serviceAccountGroups, serviceAccountOf, UNAUTHENTICATED } from '../authentication/identities.ts';
import type { Attributes, Authorizer, RequestInfo, UserInfo } from '../types.ts';

/** Whom a request's headers name. */
export interface Wanted {
  name: string;
  uid: string;
  groups: string[];
  extra: Record<string, string[]>;
}

/** Why an attempt is refused: what was not allowed. */
export interface Refused {
  attributes: Attributes;
  reason: string;
}

/** `constraint`: the right that was needed, where it was a constrained one. */
export type Attempt = { user: UserInfo; constraint?: string; refused?: undefined } | { refused: Refused };

interface Mode {
  name: 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info' | 'legacy';
  /** Whether the mode is for that user at all. */
  concerns: (wanted: Wanted, asker: UserInfo) => boolean;
}

const AUTHENTICATION = 'authentication.k8s.io';
const NODE_NAME = 'authentication.kubernetes.io/node-name';
const ASSOCIATED_KEYS = 'authentication.kubernetes.io/associated-node-keys';

/** From so many groups or extra values on, the right to all of them is asked for first. */
const MANY = 4;
/** Askers whose last mode is known. */
const KNOWN_ASKERS = 1_024;

/** The node that a user name names. */
function nodeNamed(name: string): string | undefined {
  const node = name.startsWith(nodeUserPrefix) ? name.slice(nodeUserPrefix.length) : '';
  return node !== '' && subdomainName(node).length === 0 ? node : undefined;
}

const namesOnly = ({ uid, groups, extra }: Wanted): boolean => uid === '' && groups.length === 0 && Object.keys(extra).length === 0;

/** Whether the asker is an account whose token was made for a pod on that node. */
function livesOn(asker: UserInfo, node: string | undefined): boolean {
  const names = asker.extra?.[NODE_NAME] ?? [];
  return node !== undefined && serviceAccountOf(asker.name) !== undefined && names.length === 1 && names[0] === node;
}

const LEGACY: Mode = { name: 'legacy', concerns: () => true };
const CONSTRAINED: readonly Mode[] = [
  { name: 'associated-node', concerns: (wanted, asker) => namesOnly(wanted) && livesOn(asker, nodeNamed(wanted.name)) },
  { name: 'arbitrary-node', concerns: (wanted) => namesOnly(wanted) && nodeNamed(wanted.name) !== undefined },
  { name: 'serviceaccount', concerns: (wanted) => namesOnly(wanted) && serviceAccountOf(wanted.name) !== undefined },
  { name: 'user-info', concerns: ({ name }) => nodeNamed(name) === undefined && serviceAccountOf(name) === undefined },
];

function question(verb: string, apiGroup: string, resource: string, name: string, more: Partial<RequestInfo> = {}): RequestInfo {
  return { isResourceRequest: true, path: '', verb, apiGroup, apiVersion: 'v1', namespace: '', resource, subresource: '', name, parts: [], ...more };
}

/** Who is asked about, with what is said of the user's name. */
function nameQuestion(mode: Mode, verb: string, group: string, { name }: Wanted): RequestInfo {
  const account = serviceAccountOf(name);
  if (account !== undefined) return question(verb, group, 'serviceaccounts', account.name, { namespace: account.namespace });
  const node = mode.name === 'legacy' ? undefined : nodeNamed(name);
  // An account may act as whichever node it lives on: its right is one to all of them.
  return node === undefined ? question(verb, group, 'users', name) : question(verb, group, 'nodes', mode.name === 'associated-node' ? '*' : node);
}

const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

function faultOfKey(key: string): string | undefined {
  const at = key.indexOf('/');
  const said = (value: string, why: string): string => `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${JSON.stringify(value)}: ${why}`;
  if (at <= 0 || at === key.length - 1) return said(key, 'must be a domain-prefixed path (such as "acme.io/foo")');
  const [domain, path] = [key.slice(0, at), key.slice(at + 1)];
  const [fault] = subdomainName(domain);
  if (fault !== undefined) return said(domain, fault);
  if (!PATH.test(path)) return said(path, String.raw`Invalid path (regex used for validation is '[A-Za-z0-9/\-._~%!$&'()*+,;=:]+')`);
  return key === key.toLowerCase() ? undefined : `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
}

/** What a constrained mode does not take of extra values. */
function faultOfExtra(extra: Wanted['extra']): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const fault = faultOfKey(key);
    if (fault !== undefined) return fault;
    if (values.length === 0) return 'impersonating empty values in extra is not allowed';
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

/** What has to be allowed of a part of the user: `all` in one instead, where that is allowed. */
interface Part {
  all?: RequestInfo;
  each: RequestInfo[];
  /** Never allowed, and why. */
  fault?: { info: RequestInfo; why: string } | undefined;
}

function groupsPart(mode: Mode, verb: string, group: string, groups: readonly string[]): Part {
  const ask = (name: string): RequestInfo => question(verb, group, 'groups', name);
  const each = groups.map(ask);
  if (mode.name === 'legacy') return { each };
  if (groups.includes('')) return { each, fault: { info: ask(''), why: 'impersonating the empty string group is not allowed' } };
  if (groups.includes(MASTERS)) return { each, fault: { info: ask(MASTERS), why: 'impersonating the system:masters group is not allowed' } };
  return groups.length >= MANY ? { all: ask('*'), each } : { each };
}

function extraPart(mode: Mode, verb: string, extra: Wanted['extra']): Part {
  const ask = (key: string, value: string): RequestInfo => question(verb, AUTHENTICATION, 'userextras', value, { subresource: key });
  const each = Object.entries(extra).flatMap(([key, values]) => values.map((value) => ask(key, value)));
  if (mode.name === 'legacy') return { each };
  const why = faultOfExtra(extra);
  if (why !== undefined) return { each, fault: { info: ask('', ''), why } };
  return Object.keys(extra).length >= MANY || each.length >= MANY ? { all: ask('*', '*'), each } : { each };
}

function partsOf(mode: Mode, wanted: Wanted): Part[] {
  const verb = mode.name === 'legacy' ? 'impersonate' : `impersonate:${mode.name}`;
  const group = mode.name === 'legacy' ? '' : AUTHENTICATION;
  return [
    { each: [nameQuestion(mode, verb, group, wanted)] }, { each: wanted.uid === '' ? [] : [question(verb, AUTHENTICATION, 'uids', wanted.uid)] },
    groupsPart(mode, verb, group, wanted.groups), extraPart(mode, verb, wanted.extra),
  ];
}

/** The user as the rest of the chain sees it, with the groups that follow from the name. */
function userOf(mode: Mode, { name, uid, groups: asked, extra }: Wanted): UserInfo {
  const account = serviceAccountOf(name);
  const isNode = mode.name !== 'legacy' && nodeNamed(name) !== undefined;
  const groups = isNode ? [NODES] : asked.length === 0 && account ? serviceAccountGroups(account.namespace) : [...asked];
  const implied = name === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED;
  if (!groups.includes(implied) && !groups.includes(UNAUTHENTICATED)) groups.push(implied);
  return { name, ...(uid === '' ? {} : { uid }), groups, extra };
}

/** Finds the first mode in which the asker may do what a request wants as somebody else. */
export class Impersonator {
  readonly #authorizer: Authorizer;
  readonly #modes: readonly Mode[];
  /** The mode that was right the last time, by asker: tried first, and what is wrong with it is told. */
  readonly #last = new Map<string, Mode>();

  /** @param constrained whether there are other modes than the one for everything. */
  constructor(authorizer: Authorizer, constrained: boolean) {
    this.#authorizer = authorizer;
    this.#modes = constrained ? [...CONSTRAINED, LEGACY] : [LEGACY];
  }

  async attempt(asker: UserInfo, wanted: Wanted, info: RequestInfo): Promise<Attempt> {
    const key = JSON.stringify([asker.name, asker.uid, asker.groups, asker.extra]);
    const last = this.#last.get(key);
    let first: Refused | undefined;
    for (const mode of last === undefined ? this.#modes : [last, ...this.#modes.filter((one) => one !== last)]) {
      if (!mode.concerns(wanted, asker)) continue;
      const refused = await this.#refusal(mode, asker, wanted, info);
      if (refused === undefined) {
        this.#remember(key, mode);
        return { user: userOf(mode, wanted), ...(mode.name === 'legacy' ? {} : { constraint: `impersonate:${mode.name}` }) };
      }
      first ??= refused;
    }
    return { refused: first! };
  }

  #remember(key: string, mode: Mode): void {
    this.#last.delete(key);
    this.#last.set(key, mode);
    if (this.#last.size > KNOWN_ASKERS) this.#last.delete(this.#last.keys().next().value!);
  }

  async #refusal(mode: Mode, asker: UserInfo, wanted: Wanted, info: RequestInfo): Promise<Refused | undefined> {
    // What an account's token says of itself is no part of the question: only that it says where the account lives.
    const user = mode.name === 'associated-node' ? { ...asker, extra: { [ASSOCIATED_KEYS]: Object.keys(asker.extra ?? {}).sort() } } : asker;
    const refused = async (about: RequestInfo): Promise<Refused | undefined> => {
      const { decision, reason } = await this.#authorizer.authorize({ user, info: about });
      return decision === 'allow' ? undefined : { attributes: { user, info: about }, reason };
    };
    if (mode.name !== 'legacy') {
      const fault = await refused({ ...info, verb: `impersonate-on:${mode.name}:${info.verb}` });
      if (fault !== undefined) return fault;
    }
    for (const { all, each, fault } of partsOf(mode, wanted)) {
      if (fault !== undefined) return { attributes: { user, info: fault.info }, reason: fault.why };
      if (all !== undefined && (await refused(all)) === undefined) continue;
      for (const about of each) {
        const denied = await refused(about);
        if (denied !== undefined) return denied;
      }
    }
    return undefined;
  }
}
