/**
 * validatingadmissionpolicy-status-controller: says in a policy's status what is wrong with the types in its expressions, once for each
 * generation of it.
 * Contract: every policy comes to have its own generation in `observedGeneration`, with a warning for each expression that does not fit the types of
 * the kinds that its rules name; what a policy does is never changed.
 */
import { RESOURCES, ValidatingAdmissionPolicies } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { customKinds } from './custom-kinds.ts';

export function startAdmissionPolicyStatus(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const policies = informers.of(ValidatingAdmissionPolicies);

  async function reconcile(key: string): Promise<Outcome> {
    const policy = policies.lister.byKey(key);
    if (policy === undefined || policy.status?.observedGeneration === policy.metadata.generation) return { done: true };
    // CEL is not loaded before the first policy.
    const { decideStatus, foreignVersions } = await import('./decide.ts');
    const custom = (await Promise.all(foreignVersions(policy, RESOURCES).map((apiVersion) => customKinds(client, apiVersion)))).flat();
    const status = decideStatus({ policy, resources: RESOURCES, custom });
    if (status !== undefined) await client.of(ValidatingAdmissionPolicies).updateStatus({ ...policy, status });
    return { done: true };
  }

  const queue = startController(host, { name: 'validatingadmissionpolicy-status-controller', informers, workers: workersOf(context, 'concurrent-validating-admission-policy-status-syncs', 5), reconcile });
  policies.onEvent(({ object }) => queue.add(object.metadata.name!));
  return queue;
}
