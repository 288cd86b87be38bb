/** Asks the authorizers in order; what none of them allows is forbidden. */
import { forbidden, type StatusError } from '../../api/meta/status.ts';
import type { Attributes, Authorizer, Decision, ServerResponse, Stage, UserInfo } from '../types.ts';
import { infoOf } from './request-info.ts';
import { statusResponse } from './responses.ts';

const quoted = (text: string): string => JSON.stringify(text);

/** `User "x" cannot list resource "pods" in API group "" in the namespace "y"`. */
export function forbiddenMessage({ user, info }: Attributes): string {
  const subject = `User ${quoted(user.name)} cannot ${info.verb}`;
  if (!info.isResourceRequest) return `${subject} path ${quoted(info.path)}`;
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  const scope = info.namespace === '' ? 'at the cluster scope' : `in the namespace ${quoted(info.namespace)}`;
  return `${subject} resource ${quoted(resource)} in API group ${quoted(info.apiGroup)} ${scope}`;
}

/** The 403 for a refusal, with the authorizers' reason behind it. */
export function forbiddenBy(attributes: Attributes, reason: string): StatusError {
  const message = forbiddenMessage(attributes);
  const error = forbidden({ group: attributes.info.apiGroup, plural: attributes.info.resource }, attributes.info.name, reason === '' ? message : `${message}: ${reason}`);
  if (!attributes.info.isResourceRequest) error.status.details = {};
  return error;
}

/** The refusal as an answer; unlike other errors it says that its type is to be believed, since what was asked for may come back in it. */
export function refusal(attributes: Attributes, reason: string): ServerResponse {
  const answer = statusResponse(forbiddenBy(attributes, reason).status);
  answer.headers['x-content-type-options'] = 'nosniff';
  return answer;
}

/** What one authorizer has said, in the light of those before it; undefined when the next is to be asked. */
function settled({ decision, reason }: Decision, reasons: string[]): Decision | undefined {
  if (reason !== '') reasons.push(reason);
  if (decision === 'no-opinion') return undefined;
  return { decision, reason: decision === 'allow' ? reason : reasons.join('\n') };
}

/** Asks from one on. Most decisions need no waiting, and a promise a request would cost more than the decision. */
function ask(authorizers: readonly Authorizer[], from: number, reasons: string[], attributes: Attributes): Decision | Promise<Decision> {
  for (let i = from; i < authorizers.length; i++) {
    const answer = authorizers[i]!.authorize(attributes);
    if (answer instanceof Promise) return answer.then((decision) => settled(decision, reasons) ?? ask(authorizers, i + 1, reasons, attributes));
    const decision = settled(answer, reasons);
    if (decision) return decision;
  }
  return { decision: 'no-opinion', reason: reasons.join('\n') };
}

/** One authorizer over an ordered list: the first that allows or denies decides; reasons of the silent ones are joined. */
export function union(authorizers: readonly Authorizer[]): Authorizer {
  return {
    name: 'union',
    authorize: (attributes) => ask(authorizers, 0, [], attributes),
    rulesFor(user, namespace) {
      const all = { resourceRules: [] as NonNullable<ReturnType<NonNullable<Authorizer['rulesFor']>>>['resourceRules'], nonResourceRules: [] as NonNullable<ReturnType<NonNullable<Authorizer['rulesFor']>>>['nonResourceRules'], incomplete: false };
      for (const authorizer of authorizers) {
        const rules = authorizer.rulesFor?.(user, namespace);
        if (!rules) continue;
        all.resourceRules.push(...rules.resourceRules);
        all.nonResourceRules.push(...rules.nonResourceRules);
        all.incomplete ||= rules.incomplete;
      }
      return all;
    },
  };
}

/** The user that an earlier stage has set. */
export function userOf(request: { user?: UserInfo }): UserInfo {
  if (!request.user) throw new Error('the authentication stage has not run');
  return request.user;
}

/** What audit events tell of the decision. */
const DECISION = 'authorization.k8s.io/decision';
const REASON = 'authorization.k8s.io/reason';

export function authorization(authorizer: Authorizer): Stage {
  return {
    name: 'authorization',
    handle(request, next) {
      const attributes = { user: userOf(request), info: infoOf(request) };
      const pass = ({ decision, reason }: Decision): Promise<ServerResponse> => {
        if (request.audited !== undefined) request.auditAnnotations = { ...request.auditAnnotations, [DECISION]: decision === 'allow' ? 'allow' : 'forbid', [REASON]: reason };
        return decision === 'allow' ? next(request) : Promise.resolve(refusal(attributes, reason));
      };
      const answer = authorizer.authorize(attributes);
      return answer instanceof Promise ? answer.then(pass) : pass(answer);
    },
  };
}
