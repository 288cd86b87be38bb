/** All controllers, in the order in which they start, by the names that upstream's flag `--controllers` knows. */
import { runningAll } from '../client/index.ts';
import type { Running } from '../client/types.ts';
import { startClusterRoleAggregation } from './clusterrole-aggregation/controller.ts';
import type { ControllerContext, StartController } from './context.ts';
import { startCronJob } from './cronjob/controller.ts';
import { startDaemonSet } from './daemonset/controller.ts';
import { startDeployment } from './deployment/controller.ts';
import { startDisruption } from './disruption/controller.ts';
import { startEndpoints } from './endpoints/controller.ts';
import { startEndpointSlice } from './endpointslice/controller.ts';
import { startGarbageCollector } from './garbage-collector/controller.ts';
import { startJob } from './job/controller.ts';
import { startNamespace } from './namespace/controller.ts';
import { startNodeIpam } from './node-ipam/controller.ts';
import { startNodeLifecycle } from './node-lifecycle/controller.ts';
import { startPodGc } from './pod-gc/controller.ts';
import { startReplicaSet } from './replicaset/controller.ts';
import { startReplicationController } from './replicationcontroller/controller.ts';
import { startRootCaPublisher } from './root-ca/controller.ts';
import { startServiceAccount, startServiceAccountToken } from './serviceaccount/controller.ts';
import { startStatefulSet } from './statefulset/controller.ts';
import { startTaintEviction } from './taint-eviction/controller.ts';

export type { ControllerContext, ControllerSettings, StartController } from './context.ts';

/** Name and start of each. What a pod cannot do without comes first. */
export const controllers: readonly (readonly [name: string, start: StartController])[] = [
  ['serviceaccount-token-controller', startServiceAccountToken],
  ['serviceaccount-controller', startServiceAccount],
  ['root-ca-certificate-publisher-controller', startRootCaPublisher],
  ['namespace-controller', startNamespace],
  ['node-ipam-controller', startNodeIpam],
  ['node-lifecycle-controller', startNodeLifecycle],
  ['taint-eviction-controller', startTaintEviction],
  ['replicaset-controller', startReplicaSet],
  ['deployment-controller', startDeployment],
  ['daemonset-controller', startDaemonSet],
  ['statefulset-controller', startStatefulSet],
  ['job-controller', startJob],
  ['cronjob-controller', startCronJob],
  ['replicationcontroller-controller', startReplicationController],
  ['disruption-controller', startDisruption],
  ['endpointslice-controller', startEndpointSlice],
  ['endpoints-controller', startEndpoints],
  ['garbage-collector-controller', startGarbageCollector],
  ['pod-garbage-collector-controller', startPodGc],
  ['clusterrole-aggregation-controller', startClusterRoleAggregation],
];

/** Whether a list such as `['*', '-job-controller']` turns a controller on: by its own name first, then by `*`. */
export function isEnabled(name: string, enabled: readonly string[]): boolean {
  if (enabled.includes(name)) return true;
  return !enabled.includes(`-${name}`) && enabled.includes('*');
}

/**
 * Starts the controllers that `enabled` names (default: all). The caller starts `context.informers` afterwards; stopping is in the reverse
 * order and leaves the informers running. Throws for a name that is not known.
 */
export function startControllers(context: ControllerContext, enabled: readonly string[] = ['*']): Running {
  const known = new Set(controllers.map(([name]) => name));
  for (const each of enabled) {
    const name = each.startsWith('-') ? each.slice(1) : each;
    if (name !== '*' && !known.has(name)) throw new Error(`"${name}" is not in the list of known controllers: ${[...known].sort().join(', ')}`);
  }
  return runningAll(controllers.filter(([name]) => isEnabled(name, enabled)).map(([, start]) => start(context)));
}
