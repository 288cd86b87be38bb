/**
 * clusterrole-aggregation-controller: a ClusterRole with an aggregationRule holds the union of the rules of the roles it selects.
 * Contract: the rules are exactly those of the selected roles, each once, in the order of the roles' names, whoever changed what; rules written into
 * such a role by hand are replaced; a role without an aggregationRule is never touched.
 */
import { ClusterRoles } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { decideAggregation } from './decide.ts';

export function startClusterRoleAggregation(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const roles = informers.of(ClusterRoles);

  async function reconcile(key: string): Promise<Outcome> {
    const role = roles.lister.byKey(key);
    const rules = decideAggregation({ role, roles: roles.lister.list() });
    if (!role || !rules) return { done: true };
    await client.of(ClusterRoles).update({ ...role, rules });
    return { done: true };
  }

  const queue = startController(host, { name: 'clusterrole-aggregation-controller', informers, workers: 5, reconcile });
  roles.onEvent(() => {
    // Any role may be a source of any aggregated one.
    for (const role of roles.lister.list()) if (role.aggregationRule) queue.add(role.metadata.name!);
  });
  return queue;
}
