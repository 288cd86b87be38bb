/** All controllers, in the order in which they start, by the names that upstream's flag `--controllers` knows. */
import { createRecorder, runningAll, type ObservedHost } from '../client/index.ts';
import type { Running } from '../client/types.ts';
import { startAttachDetach } from './attach-detach/controller.ts';
import { startBootstrapSigner, startTokenCleaner } from './bootstrap-tokens/controller.ts';
import { startCertificateApproving, startCertificateCleaner, startCertificateSigning } from './certificates/controller.ts';
import { startAdmissionPolicyStatus } from './admission-policy-status/controller.ts';
import { startClusterRoleAggregation } from './clusterrole-aggregation/controller.ts';
import type { ControllerContext, StartController } from './context.ts';
import { startCronJob } from './cronjob/controller.ts';
import { startDaemonSet } from './daemonset/controller.ts';
import { startDeployment } from './deployment/controller.ts';
import { startDeviceTaintEviction } from './device-taint-eviction/controller.ts';
import { startDisruption } from './disruption/controller.ts';
import { startEndpoints } from './endpoints/controller.ts';
import { startEndpointSlice } from './endpointslice/controller.ts';
import { startEndpointSliceMirroring } from './endpointslice-mirroring/controller.ts';
import { startEphemeralVolume } from './ephemeral-volume/controller.ts';
import { startGarbageCollector } from './garbage-collector/controller.ts';
import { startHorizontalPodAutoscaler } from './horizontal-pod-autoscaler/controller.ts';
import { startJob } from './job/controller.ts';
import { startLegacyTokenCleaner } from './legacy-token-cleaner/controller.ts';
import { startNamespace } from './namespace/controller.ts';
import { startNodeIpam } from './node-ipam/controller.ts';
import { startNodeLifecycle } from './node-lifecycle/controller.ts';
import { startPersistentVolumeBinder } from './persistentvolume-binder/controller.ts';
import { startVolumeExpander } from './persistentvolume-expander/controller.ts';
import { startPodGc } from './pod-gc/controller.ts';
import { startReplicaSet } from './replicaset/controller.ts';
import { startReplicationController } from './replicationcontroller/controller.ts';
import { startResourceClaim } from './resource-claim/controller.ts';
import { startResourceQuota } from './resourcequota/controller.ts';
import { startRootCaPublisher } from './root-ca/controller.ts';
import { startServiceCidr } from './service-cidr/controller.ts';
import { startServiceAccount, startServiceAccountToken } from './serviceaccount/controller.ts';
import { startStatefulSet } from './statefulset/controller.ts';
import { startStorageVersionGarbageCollector } from './storage-version-garbage-collector/controller.ts';
import { startStorageVersionMigrator } from './storage-version-migrator/controller.ts';
import { startTaintEviction } from './taint-eviction/controller.ts';
import { startTtl } from './ttl/controller.ts';
import { startTtlAfterFinished } from './ttl-after-finished/controller.ts';
import { startAttributesClassProtection, startClaimProtection, startVolumeProtection } from './volume-protection/controller.ts';

export type { ControllerContext, ControllerSettings, StartController } from './context.ts';

/**
 * Name and start of each, and the service account that it acts as where the context gives each its own (upstream's names, which are not those
 * of the controllers); none: it acts as the controller manager itself. What a pod cannot do without comes first.
 */
export const controllers: readonly (readonly [name: string, start: StartController, account?: string])[] = [
  ['serviceaccount-token-controller', startServiceAccountToken],
  ['serviceaccount-controller', startServiceAccount, 'service-account-controller'],
  ['root-ca-certificate-publisher-controller', startRootCaPublisher, 'root-ca-cert-publisher'],
  ['namespace-controller', startNamespace, 'namespace-controller'],
  ['resourcequota-controller', startResourceQuota, 'resourcequota-controller'],
  ['node-ipam-controller', startNodeIpam, 'node-controller'],
  ['node-lifecycle-controller', startNodeLifecycle, 'node-controller'],
  ['taint-eviction-controller', startTaintEviction, 'node-controller'],
  ['persistentvolume-binder-controller', startPersistentVolumeBinder, 'persistent-volume-binder'],
  ['persistentvolumeclaim-protection-controller', startClaimProtection, 'pvc-protection-controller'],
  ['persistentvolume-protection-controller', startVolumeProtection, 'pv-protection-controller'],
  ['volumeattributesclass-protection-controller', startAttributesClassProtection, 'volumeattributesclass-protection-controller'],
  ['persistentvolume-expander-controller', startVolumeExpander, 'expand-controller'],
  ['persistentvolume-attach-detach-controller', startAttachDetach, 'attachdetach-controller'],
  ['ephemeral-volume-controller', startEphemeralVolume, 'ephemeral-volume-controller'],
  ['resourceclaim-controller', startResourceClaim, 'resource-claim-controller'],
  ['device-taint-eviction-controller', startDeviceTaintEviction, 'device-taint-eviction-controller'],
  ['replicaset-controller', startReplicaSet, 'replicaset-controller'],
  ['deployment-controller', startDeployment, 'deployment-controller'],
  ['daemonset-controller', startDaemonSet, 'daemon-set-controller'],
  ['statefulset-controller', startStatefulSet, 'statefulset-controller'],
  ['job-controller', startJob, 'job-controller'],
  ['cronjob-controller', startCronJob, 'cronjob-controller'],
  ['replicationcontroller-controller', startReplicationController, 'replication-controller'],
  ['disruption-controller', startDisruption, 'disruption-controller'],
  ['endpointslice-controller', startEndpointSlice, 'endpointslice-controller'],
  ['endpoints-controller', startEndpoints, 'endpoint-controller'],
  ['endpointslice-mirroring-controller', startEndpointSliceMirroring, 'endpointslicemirroring-controller'],
  ['garbage-collector-controller', startGarbageCollector, 'generic-garbage-collector'],
  ['pod-garbage-collector-controller', startPodGc, 'pod-garbage-collector'],
  ['service-cidr-controller', startServiceCidr, 'service-cidrs-controller'],
  ['clusterrole-aggregation-controller', startClusterRoleAggregation, 'clusterrole-aggregation-controller'],
  ['horizontal-pod-autoscaler-controller', startHorizontalPodAutoscaler, 'horizontal-pod-autoscaler'],
  ['certificatesigningrequest-signing-controller', startCertificateSigning, 'certificate-controller'],
  ['certificatesigningrequest-approving-controller', startCertificateApproving, 'certificate-controller'],
  ['certificatesigningrequest-cleaner-controller', startCertificateCleaner, 'certificate-controller'],
  ['ttl-controller', startTtl, 'ttl-controller'],
  ['ttl-after-finished-controller', startTtlAfterFinished, 'ttl-after-finished-controller'],
  ['bootstrap-signer-controller', startBootstrapSigner, 'bootstrap-signer'],
  ['token-cleaner-controller', startTokenCleaner, 'token-cleaner'],
  ['legacy-serviceaccount-token-cleaner-controller', startLegacyTokenCleaner, 'legacy-service-account-token-cleaner'],
  ['storageversion-garbage-collector-controller', startStorageVersionGarbageCollector, 'storage-version-garbage-collector'],
  ['storage-version-migrator-controller', startStorageVersionMigrator, 'storage-version-migrator-controller'],
  ['validatingadmissionpolicy-status-controller', startAdmissionPolicyStatus, 'validatingadmissionpolicy-status-controller'],
];

/** Starts one under its own account: its client and its recorders act as that; informers stay shared. */
function startAs(given: ControllerContext, start: StartController, account: string | undefined): Running {
  const { queues } = given;
  // Queues are made on the host: it says who is told of them.
  const context: ControllerContext = queues ? { ...given, host: { ...given.host, queues } as ObservedHost } : given;
  if (account === undefined || !context.clientFor) return start(context);
  const client = context.clientFor(account);
  const recorders: Running[] = [];
  const running = start({
    ...context,
    client,
    recorder(component) {
      const recorder = createRecorder(context.host, client, component);
      recorders.push(recorder);
      return recorder;
    },
  });
  return runningAll([...recorders, running]);
}

/** Off unless named, as upstream has it: `*` does not turn them on. */
export const offByDefault: ReadonlySet<string> = new Set(['bootstrap-signer-controller', 'token-cleaner-controller']);

/** Whether a list such as `['*', '-job-controller']` turns a controller on: by its own name first, then by `*`. */
export function isEnabled(name: string, enabled: readonly string[]): boolean {
  if (enabled.includes(name)) return true;
  if (offByDefault.has(name)) return false;
  return !enabled.includes(`-${name}`) && enabled.includes('*');
}

/** Those that `enabled` names. Throws for a name that is not known. */
function chosen(enabled: readonly string[]): typeof controllers {
  const known = new Set(controllers.map(([name]) => name));
  for (const each of enabled) {
    const name = each.startsWith('-') ? each.slice(1) : each;
    if (name !== '*' && !known.has(name)) throw new Error(`"${name}" is not in the list of known controllers: ${[...known].sort().join(', ')}`);
  }
  return controllers.filter(([name]) => isEnabled(name, enabled));
}

/**
 * Starts the controllers that `enabled` names (default: all). The caller starts `context.informers` afterwards; stopping is in the reverse
 * order and leaves the informers running. Throws for a name that is not known.
 */
export function startControllers(context: ControllerContext, enabled: readonly string[] = ['*']): Running {
  return runningAll(chosen(enabled).map(([, start, account]) => startAs(context, start, account)));
}

/** The same, one controller in a turn of the event loop: an API server in the same process answers between them. With the signal no more of them begin. */
export async function startControllersInTurns(context: ControllerContext, turn: () => Promise<void>, enabled: readonly string[] = ['*'], signal?: AbortSignal): Promise<Running> {
  const running: Running[] = [];
  for (const [, start, account] of chosen(enabled)) {
    if (signal?.aborted) break;
    running.push(startAs(context, start, account));
    await turn();
  }
  return runningAll(running);
}
