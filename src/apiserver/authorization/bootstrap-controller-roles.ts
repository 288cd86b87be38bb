/** One cluster role for each controller; each is bound to the service account of the same name (without the prefix) in kube-system. */
import { allow, read, recordEvents, type BootstrapRole } from './bootstrap-shape.ts';

export const BOOTSTRAP_CONTROLLER_ROLES: readonly BootstrapRole[] = [
  {
    name: 'system:controller:attachdetach-controller',
    rules: [
      allow('list watch', 'core', 'persistentvolumeclaims persistentvolumes'),
      allow(read, 'core', 'nodes'),
      allow('patch update', 'core', 'nodes/status'),
      allow('list watch', 'core', 'pods'),
      recordEvents,
      allow('create delete get list watch', 'storage.k8s.io', 'volumeattachments'),
      allow(read, 'storage.k8s.io', 'csidrivers'),
      allow(read, 'storage.k8s.io', 'csinodes'),
    ],
  },
  {
    name: 'system:controller:certificate-controller',
    rules: [
      allow('delete get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
      allow('update', 'certificates.k8s.io', 'certificatesigningrequests/approval certificatesigningrequests/status'),
      allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
      allow('sign', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown'),
      allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:clusterrole-aggregation-controller',
    rules: [
      allow('escalate get list patch update watch', 'rbac.authorization.k8s.io', 'clusterroles'),
    ],
  },
  {
    name: 'system:controller:cronjob-controller',
    rules: [
      allow('get list update watch', 'batch', 'cronjobs'),
      allow('create delete get list patch update watch', 'batch', 'jobs'),
      allow('update', 'batch', 'cronjobs/status'),
      allow('update', 'batch', 'cronjobs/finalizers'),
      allow('delete list watch', 'core', 'pods'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:daemon-set-controller',
    rules: [
      allow(read, 'apps extensions', 'daemonsets'),
      allow('update', 'apps extensions', 'daemonsets/status'),
      allow('update', 'apps extensions', 'daemonsets/finalizers'),
      allow('list watch', 'core', 'nodes'),
      allow('create delete list patch watch', 'core', 'pods'),
      allow('create', 'core', 'pods/binding'),
      allow('create delete get list patch update watch', 'apps', 'controllerrevisions'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:deployment-controller',
    rules: [
      allow('get list update watch', 'apps extensions', 'deployments'),
      allow('update', 'apps extensions', 'deployments/status'),
      allow('update', 'apps extensions', 'deployments/finalizers'),
      allow('create delete get list patch update watch', 'apps extensions', 'replicasets'),
      allow('get list update watch', 'core', 'pods'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:device-taint-eviction-controller',
    rules: [
      allow('delete get list watch', 'core', 'pods'),
      allow('patch update', 'core', 'pods/status'),
      allow(read, 'resource.k8s.io', 'resourceclaims'),
      allow(read, 'resource.k8s.io', 'resourceslices'),
      allow(read, 'resource.k8s.io', 'deviceclasses'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:disruption-controller',
    rules: [
      allow(read, 'apps extensions', 'deployments'),
      allow(read, 'apps extensions', 'replicasets'),
      allow(read, 'core', 'replicationcontrollers'),
      allow(read, 'policy', 'poddisruptionbudgets'),
      allow(read, 'apps', 'statefulsets'),
      allow('update', 'policy', 'poddisruptionbudgets/status'),
      allow('patch update', 'core', 'pods/status'),
      allow('get', '*', '*/scale'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:endpoint-controller',
    rules: [
      allow(read, 'core', 'pods services'),
      allow('create delete get list update watch', 'core', 'endpoints'),
      allow('create', 'core', 'endpoints/restricted'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:endpointslice-controller',
    rules: [
      allow(read, 'core', 'nodes pods services'),
      allow('update', 'core', 'services/finalizers'),
      allow('create delete get list update watch', 'discovery.k8s.io', 'endpointslices'),
      allow('create', 'discovery.k8s.io', 'endpointslices/restricted'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:endpointslicemirroring-controller',
    rules: [
      allow(read, 'core', 'endpoints services'),
      allow('update', 'core', 'services/finalizers'),
      allow('update', 'core', 'endpoints/finalizers'),
      allow('create delete get list update watch', 'discovery.k8s.io', 'endpointslices'),
      allow('create', 'discovery.k8s.io', 'endpointslices/restricted'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:ephemeral-volume-controller',
    rules: [
      allow(read, 'core', 'pods'),
      allow('update', 'core', 'pods/finalizers'),
      allow('create get list watch', 'core', 'persistentvolumeclaims'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:expand-controller',
    rules: [
      allow('get list patch update watch', 'core', 'persistentvolumes'),
      allow('patch update', 'core', 'persistentvolumeclaims/status'),
      allow(read, 'core', 'persistentvolumeclaims'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:generic-garbage-collector',
    rules: [
      allow('delete get list patch update watch', '*', '*'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:horizontal-pod-autoscaler',
    rules: [
      allow(read, 'autoscaling', 'horizontalpodautoscalers'),
      allow('update', 'autoscaling', 'horizontalpodautoscalers/status'),
      allow('get update', '*', '*/scale'),
      allow('list watch', 'core', 'pods'),
      allow('list watch', 'metrics.k8s.io', 'pods'),
      allow(read, 'custom.metrics.k8s.io', '*'),
      allow(read, 'external.metrics.k8s.io', '*'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:job-controller',
    rules: [
      allow('get list patch update watch', 'batch', 'jobs'),
      allow('update', 'batch', 'jobs/status'),
      allow('update', 'batch', 'jobs/finalizers'),
      allow('create delete list patch watch', 'core', 'pods'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:legacy-service-account-token-cleaner',
    rules: [
      allow('get', 'core', 'configmaps', 'kube-apiserver-legacy-service-account-token-tracking'),
      allow('delete patch', 'core', 'secrets'),
    ],
  },
  {
    name: 'system:controller:namespace-controller',
    rules: [
      allow('delete get list watch', 'core', 'namespaces'),
      allow('update', 'core', 'namespaces/finalize namespaces/status'),
      allow('delete deletecollection get list watch', '*', '*'),
    ],
  },
  {
    name: 'system:controller:node-controller',
    rules: [
      allow('delete get list patch update watch', 'core', 'nodes'),
      allow('patch update', 'core', 'nodes/status'),
      allow('patch update', 'core', 'pods/status'),
      allow('delete get list watch', 'core', 'pods'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:persistent-volume-binder',
    rules: [
      allow('create delete get list update watch', 'core', 'persistentvolumes'),
      allow('update', 'core', 'persistentvolumes/status'),
      allow('get list update watch', 'core', 'persistentvolumeclaims'),
      allow('update', 'core', 'persistentvolumeclaims/status'),
      allow('create delete get list watch', 'core', 'pods'),
      allow(read, 'storage.k8s.io', 'storageclasses'),
      allow('list watch', 'core', 'nodes'),
      recordEvents,
      allow('watch', 'core', 'events'),
    ],
  },
  {
    name: 'system:controller:pod-garbage-collector',
    rules: [
      allow('delete list watch', 'core', 'pods'),
      allow(read, 'core', 'nodes'),
      allow('patch', 'core', 'pods/status'),
    ],
  },
  {
    name: 'system:controller:pv-protection-controller',
    rules: [
      allow('get list update watch', 'core', 'persistentvolumes'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:pvc-protection-controller',
    rules: [
      allow('get list update watch', 'core', 'persistentvolumeclaims'),
      allow('update', 'core', 'persistentvolumeclaims/status'),
      allow(read, 'core', 'pods'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:replicaset-controller',
    rules: [
      allow('get list update watch', 'apps extensions', 'replicasets'),
      allow('update', 'apps extensions', 'replicasets/status'),
      allow('update', 'apps extensions', 'replicasets/finalizers'),
      allow('create delete list patch watch', 'core', 'pods'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:replication-controller',
    rules: [
      allow('get list update watch', 'core', 'replicationcontrollers'),
      allow('update', 'core', 'replicationcontrollers/status'),
      allow('update', 'core', 'replicationcontrollers/finalizers'),
      allow('create delete list patch watch', 'core', 'pods'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:resource-claim-controller',
    rules: [
      allow(read, 'core', 'pods'),
      allow('update', 'core', 'pods/finalizers'),
      allow('create delete get list watch', 'resource.k8s.io', 'resourceclaims'),
      allow('patch update', 'resource.k8s.io', 'resourceclaims resourceclaims/status'),
      allow('patch update', 'core', 'pods/status'),
      recordEvents,
      allow('patch update', 'resource.k8s.io', 'resourceclaims/binding'),
    ],
  },
  {
    name: 'system:controller:resourcequota-controller',
    rules: [
      allow('list watch', '*', '*'),
      allow('update', 'core', 'resourcequotas/status'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:root-ca-cert-publisher',
    rules: [
      allow('create update', 'core', 'configmaps'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:route-controller',
    rules: [
      allow('list watch', 'core', 'nodes'),
      allow('patch', 'core', 'nodes/status'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:selinux-warning-controller',
    rules: [
      recordEvents,
      allow(read, 'core', 'persistentvolumes'),
      allow(read, 'core', 'persistentvolumeclaims'),
      allow(read, 'core', 'pods'),
      allow(read, 'storage.k8s.io', 'csidrivers'),
    ],
  },
  {
    name: 'system:controller:service-account-controller',
    rules: [
      allow('create', 'core', 'serviceaccounts'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:service-ca-cert-publisher',
    rules: [
      allow('create update', 'core', 'configmaps'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:service-cidrs-controller',
    rules: [
      allow('get list patch update watch', 'networking.k8s.io', 'servicecidrs'),
      allow('patch update', 'networking.k8s.io', 'servicecidrs/finalizers'),
      allow('patch update', 'networking.k8s.io', 'servicecidrs/status'),
      allow(read, 'networking.k8s.io', 'ipaddresses'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:service-controller',
    rules: [
      allow(read, 'core', 'services'),
      allow('patch update', 'core', 'services/status'),
      allow('list watch', 'core', 'nodes'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:statefulset-controller',
    rules: [
      allow('list watch', 'core', 'pods'),
      allow(read, 'apps', 'statefulsets'),
      allow('update', 'apps', 'statefulsets/status'),
      allow('update', 'apps', 'statefulsets/finalizers'),
      allow('create delete get patch update', 'core', 'pods'),
      allow('create delete get list patch update watch', 'apps', 'controllerrevisions'),
      allow('create get list watch', 'core', 'persistentvolumeclaims'),
      allow('delete update', 'core', 'persistentvolumeclaims'),
      allow('update', 'core', 'pods/finalizers'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:ttl-after-finished-controller',
    rules: [
      allow('delete get list watch', 'batch', 'jobs'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:ttl-controller',
    rules: [
      allow('list patch update watch', 'core', 'nodes'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:validatingadmissionpolicy-status-controller',
    rules: [
      allow(read, 'admissionregistration.k8s.io', 'validatingadmissionpolicies'),
      allow('get patch update', 'admissionregistration.k8s.io', 'validatingadmissionpolicies/status'),
      recordEvents,
    ],
  },
  {
    name: 'system:controller:volumeattributesclass-protection-controller',
    rules: [
      allow(read, 'core', 'persistentvolumeclaims'),
      allow(read, 'core', 'persistentvolumes'),
      allow('get list update watch', 'storage.k8s.io', 'volumeattributesclasses'),
      recordEvents,
    ],
  },
];

/** Roles of controllers for what is off by default, by what must be served for them to be there: `group/version/plural`. */
export const CONTROLLER_ROLES_OFF_BY_DEFAULT: Readonly<Record<string, BootstrapRole>> = {
  'internal.apiserver.k8s.io/v1alpha1/storageversions': {
    name: 'system:controller:storage-version-garbage-collector',
    rules: [
      allow(read, 'coordination.k8s.io', 'leases'),
      allow('delete get list patch update watch', 'internal.apiserver.k8s.io', 'storageversions'),
      allow('get patch update', 'internal.apiserver.k8s.io', 'storageversions/status'),
    ],
  },
  'storagemigration.k8s.io/v1beta1/storageversionmigrations': {
    name: 'system:controller:storage-version-migrator-controller',
    rules: [allow('list patch', '*', '*'), allow('get list update watch', 'storagemigration.k8s.io', 'storageversionmigrations'), allow('update', 'storagemigration.k8s.io', 'storageversionmigrations/status')],
  },
};
