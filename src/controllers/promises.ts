/** What every controller promises, by its name. Nothing that runs a cluster reads this: tests and the simulation's checkers do. */
import { properties as admissionPolicyStatus } from './admission-policy-status/properties.ts';
import { properties as attachDetach } from './attach-detach/properties.ts';
import { cleanerProperties, signerProperties } from './bootstrap-tokens/properties.ts';
import { approvingProperties, cleaningProperties, signingProperties } from './certificates/properties.ts';
import { properties as clusterRoleAggregation } from './clusterrole-aggregation/properties.ts';
import { properties as cronJob } from './cronjob/properties.ts';
import { properties as daemonSet } from './daemonset/properties.ts';
import { properties as deployment } from './deployment/properties.ts';
import { properties as deviceTaintEviction } from './device-taint-eviction/properties.ts';
import { properties as disruption } from './disruption/properties.ts';
import { properties as endpoints } from './endpoints/properties.ts';
import { properties as endpointSlice } from './endpointslice/properties.ts';
import { properties as endpointSliceMirroring } from './endpointslice-mirroring/properties.ts';
import { properties as ephemeralVolume } from './ephemeral-volume/properties.ts';
import { properties as garbageCollector } from './garbage-collector/properties.ts';
import { properties as horizontalPodAutoscaler } from './horizontal-pod-autoscaler/properties.ts';
import { properties as job } from './job/properties.ts';
import { properties as legacyTokenCleaner } from './legacy-token-cleaner/properties.ts';
import { properties as namespace } from './namespace/properties.ts';
import { properties as nodeIpam } from './node-ipam/properties.ts';
import { properties as nodeLifecycle } from './node-lifecycle/properties.ts';
import { properties as persistentVolumeBinder } from './persistentvolume-binder/properties.ts';
import { properties as volumeExpander } from './persistentvolume-expander/properties.ts';
import { properties as podGc } from './pod-gc/properties.ts';
import type { Properties } from './property.ts';
import { properties as replicaSet } from './replicaset/properties.ts';
import { properties as replicationController } from './replicationcontroller/properties.ts';
import { properties as resourceClaim } from './resource-claim/properties.ts';
import { properties as resourceQuota } from './resourcequota/properties.ts';
import { properties as rootCa } from './root-ca/properties.ts';
import { properties as serviceCidr } from './service-cidr/properties.ts';
import { accountProperties, tokenProperties } from './serviceaccount/properties.ts';
import { properties as statefulSet } from './statefulset/properties.ts';
import { properties as storageVersionGarbageCollector } from './storage-version-garbage-collector/properties.ts';
import { properties as storageVersionMigrator } from './storage-version-migrator/properties.ts';
import { properties as taintEviction } from './taint-eviction/properties.ts';
import { properties as ttl } from './ttl/properties.ts';
import { properties as ttlAfterFinished } from './ttl-after-finished/properties.ts';
import { attributesClassProperties, claimProperties, volumeProperties } from './volume-protection/properties.ts';

export type { Change, Liveness, Properties, Safety, World } from './property.ts';

/** A controller's folder, and what it promises. */
export interface Promised extends Properties {
  folder: string;
}

const of = (folder: string, properties: Properties): Promised => ({ folder, ...properties });

export const promises: Readonly<Record<string, Promised>> = {
  'serviceaccount-token-controller': of('serviceaccount', tokenProperties),
  'serviceaccount-controller': of('serviceaccount', accountProperties),
  'root-ca-certificate-publisher-controller': of('root-ca', rootCa),
  'namespace-controller': of('namespace', namespace),
  'resourcequota-controller': of('resourcequota', resourceQuota),
  'node-ipam-controller': of('node-ipam', nodeIpam),
  'node-lifecycle-controller': of('node-lifecycle', nodeLifecycle),
  'taint-eviction-controller': of('taint-eviction', taintEviction),
  'persistentvolume-binder-controller': of('persistentvolume-binder', persistentVolumeBinder),
  'persistentvolumeclaim-protection-controller': of('volume-protection', claimProperties),
  'persistentvolume-protection-controller': of('volume-protection', volumeProperties),
  'volumeattributesclass-protection-controller': of('volume-protection', attributesClassProperties),
  'persistentvolume-expander-controller': of('persistentvolume-expander', volumeExpander),
  'persistentvolume-attach-detach-controller': of('attach-detach', attachDetach),
  'ephemeral-volume-controller': of('ephemeral-volume', ephemeralVolume),
  'resourceclaim-controller': of('resource-claim', resourceClaim),
  'device-taint-eviction-controller': of('device-taint-eviction', deviceTaintEviction),
  'replicaset-controller': of('replicaset', replicaSet),
  'deployment-controller': of('deployment', deployment),
  'daemonset-controller': of('daemonset', daemonSet),
  'statefulset-controller': of('statefulset', statefulSet),
  'job-controller': of('job', job),
  'cronjob-controller': of('cronjob', cronJob),
  'replicationcontroller-controller': of('replicationcontroller', replicationController),
  'disruption-controller': of('disruption', disruption),
  'endpointslice-controller': of('endpointslice', endpointSlice),
  'endpoints-controller': of('endpoints', endpoints),
  'endpointslice-mirroring-controller': of('endpointslice-mirroring', endpointSliceMirroring),
  'garbage-collector-controller': of('garbage-collector', garbageCollector),
  'pod-garbage-collector-controller': of('pod-gc', podGc),
  'service-cidr-controller': of('service-cidr', serviceCidr),
  'clusterrole-aggregation-controller': of('clusterrole-aggregation', clusterRoleAggregation),
  'horizontal-pod-autoscaler-controller': of('horizontal-pod-autoscaler', horizontalPodAutoscaler),
  'certificatesigningrequest-signing-controller': of('certificates', signingProperties),
  'certificatesigningrequest-approving-controller': of('certificates', approvingProperties),
  'certificatesigningrequest-cleaner-controller': of('certificates', cleaningProperties),
  'ttl-controller': of('ttl', ttl),
  'ttl-after-finished-controller': of('ttl-after-finished', ttlAfterFinished),
  'bootstrap-signer-controller': of('bootstrap-tokens', signerProperties),
  'token-cleaner-controller': of('bootstrap-tokens', cleanerProperties),
  'legacy-serviceaccount-token-cleaner-controller': of('legacy-token-cleaner', legacyTokenCleaner),
  'storageversion-garbage-collector-controller': of('storage-version-garbage-collector', storageVersionGarbageCollector),
  'storage-version-migrator-controller': of('storage-version-migrator', storageVersionMigrator),
  'validatingadmissionpolicy-status-controller': of('admission-policy-status', admissionPolicyStatus),
};
