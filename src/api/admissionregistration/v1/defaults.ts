/** What the server fills in on webhook configurations and admission policies. */
import type { Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import type { MatchResources, MutatingWebhook, NamedRuleWithOperations, ServiceReference, ValidatingWebhook } from './types.ts';

const WEBHOOK_TIMEOUT_SECONDS = 10;
const HTTPS_PORT = 443;

function matching(object: Pick<MatchResources, 'matchPolicy' | 'namespaceSelector' | 'objectSelector'>): void {
  if (unset(object.matchPolicy)) object.matchPolicy = 'Equivalent';
  object.namespaceSelector ??= {};
  object.objectSelector ??= {};
}

function failurePolicy(object: { failurePolicy?: string }): void {
  if (unset(object.failurePolicy)) object.failurePolicy = 'Fail';
}

function webhook(object: ValidatingWebhook | MutatingWebhook): void {
  failurePolicy(object);
  matching(object);
  object.timeoutSeconds ??= WEBHOOK_TIMEOUT_SECONDS;
}

function rule(object: Pick<NamedRuleWithOperations, 'scope'>): void {
  if (unset(object.scope)) object.scope = '*';
}

const P = 'io.k8s.api.admissionregistration.v1';

export const admissionDefaulters: Defaulters = {
  [`${P}.ValidatingWebhook`]: webhook,
  [`${P}.MutatingWebhook`]: (object: MutatingWebhook) => {
    webhook(object);
    if (unset(object.reinvocationPolicy)) object.reinvocationPolicy = 'Never';
  },
  [`${P}.RuleWithOperations`]: rule,
  [`${P}.NamedRuleWithOperations`]: rule,
  [`${P}.ServiceReference`]: (object: ServiceReference) => {
    object.port ??= HTTPS_PORT;
  },
  [`${P}.ValidatingAdmissionPolicySpec`]: failurePolicy,
  [`${P}.MutatingAdmissionPolicySpec`]: failurePolicy,
  [`${P}.MatchResources`]: matching,
};
