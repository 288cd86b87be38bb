/** The cluster roles that a cluster has from its first start: for people, for the control plane and for nodes. */
import { allow, everything, read, recordEvents, visit, write, type BootstrapRole } from './bootstrap-shape.ts';

export const BOOTSTRAP_CLUSTER_ROLES: readonly BootstrapRole[] = [
  {
    name: 'admin',
    aggregates: [{'rbac.authorization.k8s.io/aggregate-to-admin': 'true'}],
    rules: [],
  },
  {
    name: 'cluster-admin',
    rules: [
      allow('*', '*', '*'),
      visit('*', '*'),
    ],
  },
  {
    name: 'edit',
    labels: {'rbac.authorization.k8s.io/aggregate-to-admin': 'true'},
    aggregates: [{'rbac.authorization.k8s.io/aggregate-to-edit': 'true'}],
    rules: [],
  },
  {
    name: 'system:aggregate-to-admin',
    labels: {'rbac.authorization.k8s.io/aggregate-to-admin': 'true'},
    rules: [
      allow('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
      allow(everything, 'rbac.authorization.k8s.io', 'rolebindings roles'),
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    labels: {'rbac.authorization.k8s.io/aggregate-to-edit': 'true'},
    rules: [
      allow(read, 'core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
      allow('impersonate', 'core', 'serviceaccounts'),
      allow(write, 'core', 'pods pods/attach pods/exec pods/portforward pods/proxy'),
      allow('create', 'core', 'pods/eviction'),
      allow(write, 'core', 'configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy'),
      allow('create', 'core', 'serviceaccounts/token'),
      allow(write, 'core events.k8s.io', 'events'),
      allow(write, 'apps', 'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale'),
      allow(write, 'autoscaling', 'horizontalpodautoscalers'),
      allow(write, 'batch', 'cronjobs jobs'),
      allow(write, 'extensions', 'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale'),
      allow(write, 'policy', 'poddisruptionbudgets'),
      allow(write, 'networking.k8s.io', 'ingresses networkpolicies'),
      allow(everything, 'coordination.k8s.io', 'leases'),
      allow(write, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
    ],
  },
  {
    name: 'system:aggregate-to-view',
    labels: {'rbac.authorization.k8s.io/aggregate-to-view': 'true'},
    rules: [
      allow(read, 'core', 'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status'),
      allow(read, 'core', 'bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status'),
      allow(read, 'core', 'namespaces'),
      allow(read, 'core events.k8s.io', 'events'),
      allow(read, 'discovery.k8s.io', 'endpointslices'),
      allow(read, 'apps', 'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status'),
      allow(read, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
      allow(read, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
      allow(read, 'extensions', 'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale'),
      allow(read, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
      allow(read, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
      allow(read, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: [
      allow('create', 'authentication.k8s.io', 'tokenreviews'),
      allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    ],
  },
  {
    name: 'system:basic-user',
    rules: [
      allow('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
      allow('create', 'authentication.k8s.io', 'selfsubjectreviews'),
    ],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: [
      allow('create', 'certificates.k8s.io', 'certificatesigningrequests/nodeclient'),
    ],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: [
      allow('create', 'certificates.k8s.io', 'certificatesigningrequests/selfnodeclient'),
    ],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-approver',
    rules: [
      allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client'),
    ],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver',
    rules: [
      allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    ],
  },
  {
    name: 'system:certificates.k8s.io:kubelet-serving-approver',
    rules: [
      allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kubelet-serving'),
    ],
  },
  {
    name: 'system:certificates.k8s.io:legacy-unknown-approver',
    rules: [
      allow('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/legacy-unknown'),
    ],
  },
  {
    name: 'system:discovery',
    rules: [
      visit('get', '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/'),
    ],
  },
  {
    name: 'system:heapster',
    rules: [
      allow(read, 'core', 'events namespaces nodes pods'),
      allow(read, 'extensions', 'deployments'),
    ],
  },
  {
    name: 'system:kube-aggregator',
    rules: [
      allow(read, 'core', 'endpoints services'),
    ],
  },
  {
    name: 'system:kube-controller-manager',
    rules: [
      recordEvents,
      allow('create', 'coordination.k8s.io', 'leases'),
      allow('get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
      allow('create', 'core', 'secrets serviceaccounts'),
      allow('delete', 'core', 'secrets'),
      allow('get', 'core', 'configmaps namespaces secrets serviceaccounts'),
      allow('update', 'core', 'secrets serviceaccounts'),
      allow('create', 'authentication.k8s.io', 'tokenreviews'),
      allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
      allow('list watch', '*', '*'),
      allow('create', 'core', 'serviceaccounts/token'),
    ],
  },
  {
    name: 'system:kube-dns',
    rules: [
      allow('list watch', 'core', 'endpoints services'),
    ],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      recordEvents,
      allow('create', 'coordination.k8s.io', 'leases'),
      allow('get list update watch', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
      allow(everything, 'coordination.k8s.io', 'leasecandidates'),
      allow(read, 'core', 'nodes'),
      allow('delete get list watch', 'core', 'pods'),
      allow('create', 'core', 'bindings pods/binding'),
      allow('patch update', 'core', 'pods/status'),
      allow(read, 'core', 'replicationcontrollers services'),
      allow(read, 'apps extensions', 'replicasets'),
      allow(read, 'apps', 'statefulsets'),
      allow(read, 'policy', 'poddisruptionbudgets'),
      allow(read, 'core', 'persistentvolumeclaims persistentvolumes'),
      allow('create', 'authentication.k8s.io', 'tokenreviews'),
      allow('create', 'authorization.k8s.io', 'subjectaccessreviews'),
      allow(read, 'storage.k8s.io', 'csinodes'),
      allow(read, 'storage.k8s.io', 'volumeattachments'),
      allow(read, 'core', 'namespaces'),
      allow(read, 'storage.k8s.io', 'csidrivers'),
      allow(read, 'storage.k8s.io', 'csistoragecapacities'),
      allow(read, 'resource.k8s.io', 'deviceclasses'),
      allow('get list patch update watch', 'resource.k8s.io', 'resourceclaims'),
      allow('get list patch update watch', 'resource.k8s.io', 'resourceclaims/status'),
      allow('update', 'core', 'pods/finalizers'),
      allow(read, 'resource.k8s.io', 'resourceslices'),
      allow('create delete', 'resource.k8s.io', 'resourceclaims'),
      allow('patch update', 'resource.k8s.io', 'resourceclaims/binding'),
    ],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      allow(read, 'core', 'nodes'),
      allow('proxy', 'core', 'nodes'),
      allow('*', 'core', 'nodes/log nodes/metrics nodes/proxy nodes/stats'),
      allow('*', 'core', 'nodes/configz nodes/healthz nodes/pods'),
    ],
  },
  {
    name: 'system:monitoring',
    rules: [
      visit('get', '/flagz /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/* /statusz'),
      allow('get', 'core', 'nodes/metrics'),
    ],
  },
  {
    name: 'system:node',
    rules: [
      allow('create', 'authentication.k8s.io', 'tokenreviews'),
      allow('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
      allow(read, 'core', 'services'),
      allow('create get list watch', 'core', 'nodes'),
      allow('patch update', 'core', 'nodes/status'),
      allow('patch update', 'core', 'nodes'),
      recordEvents,
      allow(read, 'core', 'pods'),
      allow('create delete', 'core', 'pods'),
      allow('patch update', 'core', 'pods/status'),
      allow('create', 'core', 'pods/eviction'),
      allow(read, 'core', 'configmaps secrets'),
      allow('get', 'core', 'persistentvolumeclaims persistentvolumes'),
      allow('get', 'core', 'endpoints'),
      allow('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
      allow('create delete get patch update', 'coordination.k8s.io', 'leases'),
      allow('get', 'storage.k8s.io', 'volumeattachments'),
      allow('create', 'core', 'serviceaccounts/token'),
      allow('get patch update', 'core', 'persistentvolumeclaims/status'),
      allow(read, 'storage.k8s.io', 'csidrivers'),
      allow('create delete get patch update', 'storage.k8s.io', 'csinodes'),
      allow(read, 'node.k8s.io', 'runtimeclasses'),
      allow('get', 'resource.k8s.io', 'resourceclaims'),
      allow('deletecollection', 'resource.k8s.io', 'resourceslices'),
      allow('get', 'core', 'serviceaccounts'),
    ],
  },
  {
    name: 'system:node-bootstrapper',
    rules: [
      allow('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
    ],
  },
  {
    name: 'system:node-problem-detector',
    rules: [
      allow('get', 'core', 'nodes'),
      allow('patch', 'core', 'nodes/status'),
      recordEvents,
    ],
  },
  {
    name: 'system:node-proxier',
    rules: [
      allow('list watch', 'core', 'endpoints services'),
      allow(read, 'core', 'nodes'),
      recordEvents,
      allow('list watch', 'networking.k8s.io', 'servicecidrs'),
      allow('list watch', 'discovery.k8s.io', 'endpointslices'),
    ],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      allow('create delete get list watch', 'core', 'persistentvolumes'),
      allow('get list update watch', 'core', 'persistentvolumeclaims'),
      allow(read, 'storage.k8s.io', 'storageclasses'),
      allow('watch', 'core', 'events'),
      recordEvents,
    ],
  },
  {
    name: 'system:public-info-viewer',
    rules: [
      visit('get', '/healthz /livez /readyz /version /version/'),
    ],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      visit('get', '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/'),
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      allow('get list patch update watch', 'core', 'persistentvolumes'),
      allow(read, 'storage.k8s.io', 'storageclasses'),
      allow('get list patch update watch', 'core', 'persistentvolumeclaims'),
    ],
  },
  {
    name: 'view',
    labels: {'rbac.authorization.k8s.io/aggregate-to-edit': 'true'},
    aggregates: [{'rbac.authorization.k8s.io/aggregate-to-view': 'true'}],
    rules: [],
  },
];
