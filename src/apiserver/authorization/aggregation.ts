/**
 * Cluster roles that are the sum of others: `admin`, `edit`, `view` and whatever has an `aggregationRule`.
 * A small controller keeps their rules in step with the roles that their selectors choose.
 */
import { isDeepStrictEqual } from 'node:util';
import { isNotFound, isConflict } from '../../api/meta/status.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import type { ClusterRole, PolicyRule } from '../../api/rbac/v1/types.ts';
import { ClusterRoles } from '../../api/resources.ts';
import type { Client, InformerFactory, Running } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';

/** The rules of `role` put together from the roles that it selects, in order of their names, each rule once. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const matchers = (role.aggregationRule?.clusterRoleSelectors ?? []).map((selector) => labelSelectorOf(selector));
  const chosen = all.filter((other) => other.metadata.name !== role.metadata.name && matchers.some((matches) => matches(other.metadata.labels ?? {})));
  const rules: PolicyRule[] = [];
  const seen = new Set<string>();
  for (const other of chosen.toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))) {
    for (const rule of other.rules ?? []) {
      const key = JSON.stringify([rule.verbs, rule.apiGroups ?? [], rule.resources ?? [], rule.resourceNames ?? [], rule.nonResourceURLs ?? []]);
      if (seen.has(key)) continue;
      seen.add(key);
      rules.push(rule);
    }
  }
  return rules;
}

/** Fills in the rules of aggregated roles among `roles`, until nothing changes: one may be made of another. */
export function resolveAggregation(roles: readonly ClusterRole[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const role of roles) {
      if (!role.aggregationRule) continue;
      const rules = aggregatedRules(role, roles);
      if (isDeepStrictEqual(rules, role.rules ?? [])) continue;
      role.rules = structuredClone(rules);
      changed = true;
    }
  }
}

const retryDelayMs = 500;

/** Watches cluster roles and writes the sums that are out of step, once `after` is done. Several events in a row cost one round. */
export function startAggregation(host: Host, client: Client, informers: InformerFactory, after: Promise<void>): Running {
  const informer = informers.of(ClusterRoles);
  const stop = new AbortController();
  let wanted = false;
  let round: Promise<void> | undefined;

  const reconcile = async (role: ClusterRole): Promise<void> => {
    const rules = aggregatedRules(role, informer.lister.list());
    if (isDeepStrictEqual(rules, role.rules ?? [])) return;
    await client.of(ClusterRoles).update({ ...structuredClone(role), rules: structuredClone(rules) }, { fieldManager: 'clusterrole-aggregation-controller' });
  };
  const run = async (): Promise<void> => {
    while (wanted && !stop.signal.aborted) {
      wanted = false;
      let failed = false;
      for (const role of informer.lister.list()) {
        if (!role.aggregationRule || stop.signal.aborted) continue;
        try {
          await reconcile(role);
        } catch (error) {
          if (isNotFound(error)) continue;
          if (!isConflict(error)) host.log.warn('an aggregated cluster role could not be updated', { role: role.metadata.name, error: String(error) });
          failed = true;
        }
      }
      wanted ||= failed;
      if (failed) await host.clock.sleep(retryDelayMs, stop.signal);
    }
    round = undefined;
  };
  informer.onEvent(() => {
    wanted = true;
    // Waits for the list to be complete, and for the end of a burst of events.
    round ??= Promise.all([after, informers.synced()]).then(() => host.clock.sleep(1, stop.signal)).then(run, () => undefined);
  });
  return {
    stop: async () => {
      stop.abort();
      await round;
    },
  };
}
