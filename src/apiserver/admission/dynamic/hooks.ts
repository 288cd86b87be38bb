/** The webhooks of all configurations in their order, prepared, and what calling one of them comes to. */
import type { MutatingWebhook, MutatingWebhookConfiguration, ValidatingWebhook, ValidatingWebhookConfiguration } from '../../../api/admissionregistration/v1/types.ts';
import { badRequest, forbidden, internalError } from '../../../api/meta/status.ts';
import type { Resource } from '../../../api/meta/resource.ts';
import type { AdmissionRequest } from '../../types.ts';
import { callWebhook } from '../../webhook-client.ts';
import type { AdmissionContext } from '../context.ts';
import { compileConditions, conditionsHold, type Conditions } from './conditions.ts';
import { annotate } from './annotate.ts';
import { activationOf } from './environment.ts';
import { matchRequest, selectorOf, type Criteria } from './match.ts';
import { denied, readVerdict, reviewOf, type Verdict } from './review.ts';
import { prepareVersion, requestedOf } from './versions.ts';

type Configuration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration;

/** A webhook with what has been worked out about it. */
export interface Hook {
  webhook: ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;
  configuration: string;
  /** Tells it apart from all others. */
  id: string;
  criteria: Criteria;
  conditions: () => Conditions;
}

const defaultTimeoutSeconds = 10;

function hooksOf(configuration: Configuration): Hook[] {
  const name = configuration.metadata.name!;
  return (configuration.webhooks ?? []).map((webhook, i) => {
    let conditions: Conditions | undefined;
    return {
      webhook, configuration: name, id: `${name}/${webhook.name}/${i}`,
      criteria: { rules: webhook.rules ?? [], matchPolicy: webhook.matchPolicy, namespaces: selectorOf(webhook.namespaceSelector), objects: selectorOf(webhook.objectSelector) },
      // Most requests do not come as far as the conditions.
      conditions: () => (conditions ??= compileConditions(webhook.matchConditions)),
    };
  });
}

/** Keeps what was worked out for as long as the configuration stays the same. */
export class HookList {
  readonly #known = new WeakMap<Configuration, Hook[]>();

  of(configurations: readonly Configuration[]): Hook[] {
    return configurations.toSorted((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1)).flatMap((configuration) => {
      let hooks = this.#known.get(configuration);
      if (hooks === undefined) this.#known.set(configuration, (hooks = hooksOf(configuration)));
      return hooks;
    });
  }
}

/** The version in which the hook wants the request; undefined when it is not for it. Throws StatusError 403 when its conditions fail closed. */
export async function concerns(hook: Hook, request: AdmissionRequest, context: AdmissionContext): Promise<Resource | undefined> {
  const resource = await matchRequest(hook.criteria, request, context);
  if (resource !== undefined) await prepareVersion(request, resource, context);
  if (resource === undefined || (hook.webhook.matchConditions?.length ?? 0) === 0) return resource;
  const outcome = await conditionsHold(hook.conditions(), activationOf(request, resource, context.authorizer));
  if ('holds' in outcome) return outcome.holds ? resource : undefined;
  if (hook.webhook.failurePolicy === 'Ignore') {
    context.host.log.warn('match conditions of a webhook failed; it is left out', { webhook: hook.webhook.name, fault: outcome.fault });
    return undefined;
  }
  throw forbidden(requestedOf(request), request.name, outcome.fault);
}

/** Asks the webhook; `place` names the call in audit events. Undefined: it failed, and is to be ignored then. Throws StatusError for a refusal, and for failures that count. */
export async function ask(hook: Hook, place: string, request: AdmissionRequest, resource: Resource, context: AdmissionContext, mutating: boolean): Promise<Verdict | undefined> {
  const { webhook } = hook;
  const { host } = context;
  if (request.dryRun && webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun') throw badRequest(`admission webhook "${webhook.name}" does not support dry run`);
  const started = host.clock.monotonic();
  const observe = (rejected: boolean): void => context.observeWebhook?.([webhook.name, request.operation, String(rejected), mutating ? 'admit' : 'validating'], (host.clock.monotonic() - started) / 1000);
  let verdict: Verdict;
  try {
    verdict = await call(hook, request, resource, context, mutating);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    observe(webhook.failurePolicy !== 'Ignore');
    if (webhook.failurePolicy !== 'Ignore') throw internalError(new Error(`failed calling webhook "${webhook.name}": ${why}`));
    host.log.warn('a webhook could not be called; it is left out', { webhook: webhook.name, configuration: hook.configuration, error: why });
    annotate(request, `failed-open.${mutating ? 'mutation' : 'validating'}.webhook.admission.k8s.io/${place}`, webhook.name);
    return undefined;
  }
  observe(!verdict.allowed);
  for (const [key, value] of Object.entries(verdict.auditAnnotations)) annotate(request, `${webhook.name}/${key}`, String(value));
  request.warnings.push(...verdict.warnings);
  if (!verdict.allowed) throw denied(webhook.name, verdict);
  return verdict;
}

async function call(hook: Hook, request: AdmissionRequest, resource: Resource, context: AdmissionContext, mutating: boolean): Promise<Verdict> {
  const { webhook } = hook;
  const version = webhook.admissionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1');
  if (version === undefined) throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
  const apiVersion = `admission.k8s.io/${version}`;
  const uid = context.host.random.uuid();
  const answer = await callWebhook(context.host, context.resolver, webhook.clientConfig, reviewOf(request, resource, apiVersion, uid), (webhook.timeoutSeconds ?? defaultTimeoutSeconds) * 1000);
  return readVerdict(answer, apiVersion, uid, mutating);
}
