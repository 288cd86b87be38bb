/**
 * node-ipam-controller: gives each node its share of the cluster's pod address range (`spec.podCIDR`, `spec.podCIDRs`).
 * Contract: shares of two nodes never overlap; a share once given is never changed; nothing happens unless a cluster CIDR is set.
 */
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { Nodes } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { decideIpam, parseRanges } from './decide.ts';

export function startNodeIpam(context: ControllerContext): Running {
  const { client, informers, host, settings } = context;
  if (!settings.clusterCidr) return { stop: async () => undefined };
  const ranges = parseRanges(settings.clusterCidr, { ipv4: settings.nodeCidrMaskSizes?.ipv4 ?? settings.nodeCidrMaskSize, ipv6: settings.nodeCidrMaskSizes?.ipv6 });
  const nodes = informers.of(Nodes);
  const recorder = context.recorder('cidrAllocator');
  const pending = new Map<string, readonly string[]>();
  let cursors = ranges.map(() => 0);

  function forgetSeen(): void {
    for (const [name, cidrs] of pending) {
      const node = nodes.lister.byKey(name);
      if (!node || node.spec?.podCIDRs?.join() === cidrs.join()) pending.delete(name);
    }
  }

  async function reconcile(): Promise<Outcome> {
    forgetSeen();
    const decision = decideIpam({ nodes: nodes.lister.list(), ranges, reserved: settings.serviceCidr ? settings.serviceCidr.split(',') : [], pending, cursors });
    cursors = decision.cursors;
    for (const node of decision.exhausted) recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${node.metadata.name} status is now: CIDRNotAvailable`);
    let failed: Error | undefined;
    for (const { node, podCIDRs } of decision.assign) {
      const { name, uid, resourceVersion } = node.metadata;
      pending.set(name!, podCIDRs);
      try {
        // The revision guards against a node that was given a range by somebody else in the meantime.
        await client.of(Nodes).patch(name!, { metadata: { uid, resourceVersion }, spec: { podCIDR: podCIDRs[0], podCIDRs } }, { type: 'merge' });
      } catch (error) {
        // Whether or not the server took it: the revision guards the next attempt, and the search goes on behind this share.
        pending.delete(name!);
        if (isNotFound(error)) continue;
        if (!isConflict(error)) recorder.event(node, 'Normal', 'CIDRAssignmentFailed', `Node ${name} status is now: CIDRAssignmentFailed`);
        failed = error as Error;
      }
    }
    if (failed) return { retry: failed };
    return decision.exhausted.length > 0 ? { afterMs: 30_000 } : { done: true };
  }

  const queue = startController(host, { name: 'node-ipam-controller', informers, reconcile });
  nodes.onEvent(({ type, object }) => {
    if (type !== 'deleted' && object.spec?.podCIDR) return;
    queue.add('all');
  });
  return queue;
}
