/** What validating and mutating policies have in common: which bindings of which policies a request meets, and with which values. */
import type { MatchResources, ParamKind, ParamRef } from '../../../api/admissionregistration/v1/types.ts';
import type { Resource } from '../../../api/meta/resource.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import type { AdmissionRequest } from '../../types.ts';
import type { AdmissionContext } from '../context.ts';
import { conditionsHold, type Conditions } from './conditions.ts';
import { activationOf, paramSeen } from './environment.ts';
import { matchRequest, namespaceOf, selectorOf, selects, type Criteria } from './match.ts';
import { KindFault, paramsOf, ParamFault } from './params.ts';
import { prepareVersion } from './versions.ts';

interface PolicySpec { matchConstraints?: MatchResources; paramKind?: ParamKind; failurePolicy?: string }
export interface Policy extends KubeObject { spec?: PolicySpec }
export interface PolicyBinding extends KubeObject { spec?: { policyName?: string; paramRef?: ParamRef; matchResources?: MatchResources } }

export function criteriaOf(match: MatchResources | undefined): Criteria {
  return {
    rules: match?.resourceRules ?? [], except: match?.excludeResourceRules ?? [], matchPolicy: match?.matchPolicy,
    namespaces: selectorOf(match?.namespaceSelector), objects: selectorOf(match?.objectSelector),
  };
}

/** One evaluation that a request calls for: a policy under a binding, with one parameter. */
export interface Meeting<P extends Policy, B extends PolicyBinding> {
  policy: P;
  binding: B;
  resource: Resource;
  activation: Record<string, unknown>;
}

/** `of`: it is the configuration that is wrong, and no action of the binding's makes that less than a refusal. */
export type Fault<P extends Policy, B extends PolicyBinding> = { policy: P; binding: B; fault: string; of?: 'policy' | 'binding' };

export interface Prepared { criteria: Criteria; conditions: Conditions }

/** Binds policies to requests. `prepare` is asked once for each state of a policy. */
export class Meetings<P extends Policy, B extends PolicyBinding, C extends Prepared> {
  readonly #context: AdmissionContext;
  readonly #prepare: (policy: P) => C;
  readonly #prepared = new WeakMap<P, C>();
  readonly #bindings = new WeakMap<B, Criteria>();

  constructor(context: AdmissionContext, prepare: (policy: P) => C) {
    this.#context = context;
    this.#prepare = prepare;
  }

  prepared(policy: P): C {
    let known = this.#prepared.get(policy);
    if (known === undefined) this.#prepared.set(policy, (known = this.#prepare(policy)));
    return known;
  }

  #criteriaOf(binding: B): Criteria {
    let known = this.#bindings.get(binding);
    if (known === undefined) this.#bindings.set(binding, (known = criteriaOf(binding.spec?.matchResources)));
    return known;
  }

  /** Whether the binding narrows the request away. */
  async #binds(binding: B, request: AdmissionRequest): Promise<boolean> {
    if (binding.spec?.matchResources === undefined) return true;
    const criteria = this.#criteriaOf(binding);
    if (criteria.rules.length > 0) return (await matchRequest(criteria, request, this.#context)) !== undefined;
    if (criteria.except!.length > 0 && (await matchRequest({ ...criteria, rules: criteria.except!, except: [] }, request, this.#context)) !== undefined) return false;
    return selects(criteria, request, this.#context);
  }

  /** In the order of names. Those whose match conditions do not hold are left out. */
  async *of(request: AdmissionRequest, policies: readonly P[], bindings: readonly B[]): AsyncGenerator<Meeting<P, B> | Fault<P, B>> {
    const byName = (a: KubeObject, b: KubeObject): number => (a.metadata.name! < b.metadata.name! ? -1 : 1);
    const byPolicy = Map.groupBy(bindings, ({ spec }) => spec?.policyName);
    for (const policy of policies.filter(({ metadata }) => byPolicy.has(metadata.name)).toSorted(byName)) {
      const resource = await matchRequest(this.prepared(policy).criteria, request, this.#context);
      if (resource === undefined) continue;
      let isBroken = false;
      for (const binding of byPolicy.get(policy.metadata.name)!.toSorted(byName)) {
        if (isBroken || !(await this.#binds(binding, request))) continue;
        for await (const met of this.#meet(request, policy, binding, resource)) {
          // Said once, not for each binding.
          isBroken ||= 'fault' in met && met.of === 'policy';
          yield met;
        }
      }
    }
  }

  async *#meet(request: AdmissionRequest, policy: P, binding: B, resource: Resource): AsyncGenerator<Meeting<P, B> | Fault<P, B>> {
    let params: (KubeObject | undefined)[];
    try {
      params = await paramsOf(policy.spec?.paramKind, binding.spec?.paramRef, request, this.#context);
    } catch (error) {
      if (!(error instanceof ParamFault)) throw error;
      const of = error instanceof KindFault ? 'policy' : 'binding';
      yield { policy, binding, fault: `failed to configure ${of}: ${error.message}`, of };
      return;
    }
    const namespace = await namespaceOf(request, this.#context);
    for (const param of params) {
      await prepareVersion(request, resource, this.#context);
      // Anew for each: a mutation changes the object.
      const activation = { ...activationOf(request, resource, this.#context.authorizer, namespace), params: paramSeen(param) };
      const outcome = await conditionsHold(this.prepared(policy).conditions, activation);
      if ('fault' in outcome) yield { policy, binding, fault: outcome.fault };
      else if (outcome.holds) yield { policy, binding, resource, activation };
    }
  }
}
