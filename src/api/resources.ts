/**
 * Every resource that the server knows by default: one typed constant each, and look-ups over all of them.
 * Facts (verbs, short names, paths in the store) are those of Kubernetes v1.36.
 */
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingWebhookConfiguration, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingWebhookConfiguration } from './admissionregistration/v1/types.ts';
import type { CustomResourceDefinition } from './apiextensions/v1/types.ts';
import type { APIService } from './apiregistration/v1/types.ts';
import type { ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet } from './apps/v1/types.ts';
import type { SelfSubjectReview, TokenReview } from './authentication/v1/types.ts';
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview } from './authorization/v1/types.ts';
import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from './autoscaling/v1/types.ts';
import type { HorizontalPodAutoscaler } from './autoscaling/v2/types.ts';
import type { CronJob, Job } from './batch/v1/types.ts';
import type { CertificateSigningRequest } from './certificates/v1/types.ts';
import type { Lease } from './coordination/v1/types.ts';
import type { Binding, ComponentStatus, ConfigMap, Endpoints as EndpointsKind, Event, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, PodTemplate, ReplicationController, ResourceQuota, Secret, Service, ServiceAccount } from './core/v1/types.ts';
import type { EndpointSlice } from './discovery/v1/types.ts';
import type { Event as EventV1 } from './events/v1/types.ts';
import type { FlowSchema, PriorityLevelConfiguration } from './flowcontrol/v1/types.ts';
import type { IPAddress, Ingress, IngressClass, NetworkPolicy, ServiceCIDR } from './networking/v1/types.ts';
import type { RuntimeClass } from './node/v1/types.ts';
import type { PodDisruptionBudget } from './policy/v1/types.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from './rbac/v1/types.ts';
import type { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from './resource/v1/types.ts';
import type { PriorityClass } from './scheduling/v1/types.ts';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from './storage/v1/types.ts';
import type { Resource, Subresource, Verb } from './meta/resource.ts';
import type { KubeObject } from './meta/v1/types.ts';

const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const CREATE_ONLY: readonly string[] = ['create'];
const READ_WRITE: readonly string[] = ['get', 'patch', 'update'];
const CONNECT: readonly string[] = ['create', 'get'];
const ANY_METHOD: readonly string[] = ['create', 'delete', 'get', 'patch', 'update'];
const SCALE: Subresource = { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: READ_WRITE };
export const statusOf = (kind: string): Subresource => ({ name: 'status', kind, verbs: READ_WRITE });

type Extras = Partial<Pick<Resource, 'verbs' | 'shortNames' | 'categories' | 'subresources' | 'storagePrefix' | 'storageVersion' | 'storageVersionHash'>>;

function define(group: string, version: string, schemaPrefix: string, namespaced: boolean, plural: string, kind: string, extras: Extras): Resource {
  return Object.freeze({
    group, version, plural, kind, namespaced,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    verbs: ALL_VERBS,
    shortNames: [],
    categories: [],
    subresources: [],
    storagePrefix: plural,
    schema: `${schemaPrefix}.${kind}`,
    ...extras,
  });
}

export interface Definer {
  namespaced<T extends KubeObject>(plural: string, kind: string, extras?: Extras): Resource<T>;
  cluster<T extends KubeObject>(plural: string, kind: string, extras?: Extras): Resource<T>;
}

/** Makes the resources of one group version. */
export function definer(group: string, version: string, schemaPrefix: string): Definer {
  return {
    namespaced: <T extends KubeObject>(plural: string, kind: string, extras: Extras = {}) => define(group, version, schemaPrefix, true, plural, kind, extras) as Resource<T>,
    cluster: <T extends KubeObject>(plural: string, kind: string, extras: Extras = {}) => define(group, version, schemaPrefix, false, plural, kind, extras) as Resource<T>,
  };
}

const coreV1 = definer('', 'v1', 'io.k8s.api.core.v1');
export const Bindings: Resource<Binding> = coreV1.namespaced('bindings', 'Binding', { verbs: CREATE_ONLY });
export const ComponentStatuses: Resource<ComponentStatus> = coreV1.cluster('componentstatuses', 'ComponentStatus', { verbs: ['get', 'list'], shortNames: ['cs'] });
export const ConfigMaps: Resource<ConfigMap> = coreV1.namespaced('configmaps', 'ConfigMap', { shortNames: ['cm'], storageVersionHash: 'qFsyl6wFWjQ=' });
export const Endpoints: Resource<EndpointsKind> = coreV1.namespaced('endpoints', 'Endpoints', { shortNames: ['ep'], storagePrefix: 'services/endpoints', storageVersionHash: 'fWeeMqaN/OA=' });
export const Events: Resource<Event> = coreV1.namespaced('events', 'Event', { shortNames: ['ev'], storageVersionHash: 'r2yiGXH7wu8=' });
export const LimitRanges: Resource<LimitRange> = coreV1.namespaced('limitranges', 'LimitRange', { shortNames: ['limits'], storageVersionHash: 'EBKMFVe6cwo=' });
export const Namespaces: Resource<Namespace> = coreV1.cluster('namespaces', 'Namespace', {
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  shortNames: ['ns'],
  subresources: [
    { name: 'finalize', kind: 'Namespace', verbs: ['update'] },
    statusOf('Namespace'),
  ],
  storageVersionHash: 'Q3oi5N2YM8M=',
});
export const Nodes: Resource<Node> = coreV1.cluster('nodes', 'Node', {
  shortNames: ['no'],
  subresources: [
    { name: 'proxy', kind: 'NodeProxyOptions', verbs: ANY_METHOD },
    statusOf('Node'),
  ],
  storagePrefix: 'minions',
  storageVersionHash: 'XwShjMxG9Fs=',
});
export const PersistentVolumeClaims: Resource<PersistentVolumeClaim> = coreV1.namespaced('persistentvolumeclaims', 'PersistentVolumeClaim', { shortNames: ['pvc'], subresources: [statusOf('PersistentVolumeClaim')], storageVersionHash: 'QWTyNDq0dC4=' });
export const PersistentVolumes: Resource<PersistentVolume> = coreV1.cluster('persistentvolumes', 'PersistentVolume', { shortNames: ['pv'], subresources: [statusOf('PersistentVolume')], storageVersionHash: 'HN/zwEC+JgM=' });
export const Pods: Resource<Pod> = coreV1.namespaced('pods', 'Pod', {
  shortNames: ['po'],
  categories: ['all'],
  subresources: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: CONNECT },
    { name: 'binding', kind: 'Binding', verbs: CREATE_ONLY },
    { name: 'ephemeralcontainers', kind: 'Pod', verbs: READ_WRITE },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: CREATE_ONLY },
    { name: 'exec', kind: 'PodExecOptions', verbs: CONNECT },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: CONNECT },
    { name: 'proxy', kind: 'PodProxyOptions', verbs: ANY_METHOD },
    { name: 'resize', kind: 'Pod', verbs: READ_WRITE },
    statusOf('Pod'),
  ],
  storageVersionHash: 'xPOwRZ+Yhw8=',
});
export const PodTemplates: Resource<PodTemplate> = coreV1.namespaced('podtemplates', 'PodTemplate', { storageVersionHash: 'LIXB2x4IFpk=' });
export const ReplicationControllers: Resource<ReplicationController> = coreV1.namespaced('replicationcontrollers', 'ReplicationController', {
  shortNames: ['rc'],
  categories: ['all'],
  subresources: [
    SCALE,
    statusOf('ReplicationController'),
  ],
  storagePrefix: 'controllers',
  storageVersionHash: 'Jond2If31h0=',
});
export const ResourceQuotas: Resource<ResourceQuota> = coreV1.namespaced('resourcequotas', 'ResourceQuota', { shortNames: ['quota'], subresources: [statusOf('ResourceQuota')], storageVersionHash: '8uhSgffRX6w=' });
export const Secrets: Resource<Secret> = coreV1.namespaced('secrets', 'Secret', { storageVersionHash: 'S6u1pOWzb84=' });
export const ServiceAccounts: Resource<ServiceAccount> = coreV1.namespaced('serviceaccounts', 'ServiceAccount', {
  shortNames: ['sa'],
  subresources: [
    { name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: CREATE_ONLY },
  ],
  storageVersionHash: 'pbx9ZvyFpBE=',
});
export const Services: Resource<Service> = coreV1.namespaced('services', 'Service', {
  shortNames: ['svc'],
  categories: ['all'],
  subresources: [
    { name: 'proxy', kind: 'ServiceProxyOptions', verbs: ANY_METHOD },
    statusOf('Service'),
  ],
  storagePrefix: 'services/specs',
  storageVersionHash: '0/CO1lhkEBI=',
});

const apiregistrationV1 = definer('apiregistration.k8s.io', 'v1', 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1');
export const APIServices: Resource<APIService> = apiregistrationV1.cluster('apiservices', 'APIService', { categories: ['api-extensions'], subresources: [statusOf('APIService')], storagePrefix: 'apiregistration.k8s.io/apiservices', storageVersionHash: 'InPBPD7+PqM=' });

const appsV1 = definer('apps', 'v1', 'io.k8s.api.apps.v1');
export const ControllerRevisions: Resource<ControllerRevision> = appsV1.namespaced('controllerrevisions', 'ControllerRevision', { storageVersionHash: '85nkx63pcBU=' });
export const DaemonSets: Resource<DaemonSet> = appsV1.namespaced('daemonsets', 'DaemonSet', { shortNames: ['ds'], categories: ['all'], subresources: [statusOf('DaemonSet')], storageVersionHash: 'dd7pWHUlMKQ=' });
export const Deployments: Resource<Deployment> = appsV1.namespaced('deployments', 'Deployment', {
  shortNames: ['deploy'],
  categories: ['all'],
  subresources: [
    SCALE,
    statusOf('Deployment'),
  ],
  storageVersionHash: '8aSe+NMegvE=',
});
export const ReplicaSets: Resource<ReplicaSet> = appsV1.namespaced('replicasets', 'ReplicaSet', {
  shortNames: ['rs'],
  categories: ['all'],
  subresources: [
    SCALE,
    statusOf('ReplicaSet'),
  ],
  storageVersionHash: 'P1RzHs8/mWQ=',
});
export const StatefulSets: Resource<StatefulSet> = appsV1.namespaced('statefulsets', 'StatefulSet', {
  shortNames: ['sts'],
  categories: ['all'],
  subresources: [
    SCALE,
    statusOf('StatefulSet'),
  ],
  storageVersionHash: 'H+vl74LkKdo=',
});

const eventsV1 = definer('events.k8s.io', 'v1', 'io.k8s.api.events.v1');
export const EventsV1: Resource<EventV1> = eventsV1.namespaced('events', 'Event', { shortNames: ['ev'], storageVersion: { group: '', version: 'v1' }, storageVersionHash: 'r2yiGXH7wu8=' });

const authenticationV1 = definer('authentication.k8s.io', 'v1', 'io.k8s.api.authentication.v1');
export const SelfSubjectReviews: Resource<SelfSubjectReview> = authenticationV1.cluster('selfsubjectreviews', 'SelfSubjectReview', { verbs: CREATE_ONLY });
export const TokenReviews: Resource<TokenReview> = authenticationV1.cluster('tokenreviews', 'TokenReview', { verbs: CREATE_ONLY });

const authorizationV1 = definer('authorization.k8s.io', 'v1', 'io.k8s.api.authorization.v1');
export const LocalSubjectAccessReviews: Resource<LocalSubjectAccessReview> = authorizationV1.namespaced('localsubjectaccessreviews', 'LocalSubjectAccessReview', { verbs: CREATE_ONLY });
export const SelfSubjectAccessReviews: Resource<SelfSubjectAccessReview> = authorizationV1.cluster('selfsubjectaccessreviews', 'SelfSubjectAccessReview', { verbs: CREATE_ONLY });
export const SelfSubjectRulesReviews: Resource<SelfSubjectRulesReview> = authorizationV1.cluster('selfsubjectrulesreviews', 'SelfSubjectRulesReview', { verbs: CREATE_ONLY });
export const SubjectAccessReviews: Resource<SubjectAccessReview> = authorizationV1.cluster('subjectaccessreviews', 'SubjectAccessReview', { verbs: CREATE_ONLY });

const autoscalingV2 = definer('autoscaling', 'v2', 'io.k8s.api.autoscaling.v2');
export const HorizontalPodAutoscalers: Resource<HorizontalPodAutoscaler> = autoscalingV2.namespaced('horizontalpodautoscalers', 'HorizontalPodAutoscaler', { shortNames: ['hpa'], categories: ['all'], subresources: [statusOf('HorizontalPodAutoscaler')], storageVersionHash: 'qwQve8ut294=' });

const autoscalingV1 = definer('autoscaling', 'v1', 'io.k8s.api.autoscaling.v1');
export const HorizontalPodAutoscalersV1: Resource<HorizontalPodAutoscalerV1> = autoscalingV1.namespaced('horizontalpodautoscalers', 'HorizontalPodAutoscaler', { shortNames: ['hpa'], categories: ['all'], subresources: [statusOf('HorizontalPodAutoscaler')], storageVersion: { group: 'autoscaling', version: 'v2' }, storageVersionHash: 'qwQve8ut294=' });

const batchV1 = definer('batch', 'v1', 'io.k8s.api.batch.v1');
export const CronJobs: Resource<CronJob> = batchV1.namespaced('cronjobs', 'CronJob', { shortNames: ['cj'], categories: ['all'], subresources: [statusOf('CronJob')], storageVersionHash: 'sd5LIXh4Fjs=' });
export const Jobs: Resource<Job> = batchV1.namespaced('jobs', 'Job', { categories: ['all'], subresources: [statusOf('Job')], storageVersionHash: 'mudhfqk/qZY=' });

const certificatesV1 = definer('certificates.k8s.io', 'v1', 'io.k8s.api.certificates.v1');
export const CertificateSigningRequests: Resource<CertificateSigningRequest> = certificatesV1.cluster('certificatesigningrequests', 'CertificateSigningRequest', {
  shortNames: ['csr'],
  subresources: [
    { name: 'approval', kind: 'CertificateSigningRequest', verbs: READ_WRITE },
    statusOf('CertificateSigningRequest'),
  ],
  storageVersionHash: '95fRKMXA+00=',
});

const networkingV1 = definer('networking.k8s.io', 'v1', 'io.k8s.api.networking.v1');
export const IngressClasses: Resource<IngressClass> = networkingV1.cluster('ingressclasses', 'IngressClass', { storageVersionHash: 'l/iqIbDgFyQ=' });
export const Ingresses: Resource<Ingress> = networkingV1.namespaced('ingresses', 'Ingress', { shortNames: ['ing'], subresources: [statusOf('Ingress')], storagePrefix: 'ingress', storageVersionHash: '39NQlfNR+bo=' });
export const IPAddresses: Resource<IPAddress> = networkingV1.cluster('ipaddresses', 'IPAddress', { shortNames: ['ip'], storageVersionHash: '3f/plJFChNE=' });
export const NetworkPolicies: Resource<NetworkPolicy> = networkingV1.namespaced('networkpolicies', 'NetworkPolicy', { shortNames: ['netpol'], storageVersionHash: 'YpfwF18m1G8=' });
export const ServiceCIDRs: Resource<ServiceCIDR> = networkingV1.cluster('servicecidrs', 'ServiceCIDR', { subresources: [statusOf('ServiceCIDR')], storageVersionHash: 'gNLvruQhW2g=' });

const policyV1 = definer('policy', 'v1', 'io.k8s.api.policy.v1');
export const PodDisruptionBudgets: Resource<PodDisruptionBudget> = policyV1.namespaced('poddisruptionbudgets', 'PodDisruptionBudget', { shortNames: ['pdb'], subresources: [statusOf('PodDisruptionBudget')], storageVersionHash: 'EVWiDmWqyJw=' });

const rbacV1 = definer('rbac.authorization.k8s.io', 'v1', 'io.k8s.api.rbac.v1');
export const ClusterRoleBindings: Resource<ClusterRoleBinding> = rbacV1.cluster('clusterrolebindings', 'ClusterRoleBinding', { storageVersionHash: '48tpQ8gZHFc=' });
export const ClusterRoles: Resource<ClusterRole> = rbacV1.cluster('clusterroles', 'ClusterRole', { storageVersionHash: 'bYE5ZWDrJ44=' });
export const RoleBindings: Resource<RoleBinding> = rbacV1.namespaced('rolebindings', 'RoleBinding', { storageVersionHash: 'eGsCzGH6b1g=' });
export const Roles: Resource<Role> = rbacV1.namespaced('roles', 'Role', { storageVersionHash: '7FuwZcIIItM=' });

const storageV1 = definer('storage.k8s.io', 'v1', 'io.k8s.api.storage.v1');
export const CSIDrivers: Resource<CSIDriver> = storageV1.cluster('csidrivers', 'CSIDriver', { storageVersionHash: 'hL6j/rwBV5w=' });
export const CSINodes: Resource<CSINode> = storageV1.cluster('csinodes', 'CSINode', { storageVersionHash: 'Pe62DkZtjuo=' });
export const CSIStorageCapacities: Resource<CSIStorageCapacity> = storageV1.namespaced('csistoragecapacities', 'CSIStorageCapacity', { storageVersionHash: 'xeVl+2Ly1kE=' });
export const StorageClasses: Resource<StorageClass> = storageV1.cluster('storageclasses', 'StorageClass', { shortNames: ['sc'], storageVersionHash: 'K+m6uJwbjGY=' });
export const VolumeAttachments: Resource<VolumeAttachment> = storageV1.cluster('volumeattachments', 'VolumeAttachment', { subresources: [statusOf('VolumeAttachment')], storageVersionHash: 'tJx/ezt6UDU=' });
export const VolumeAttributesClasses: Resource<VolumeAttributesClass> = storageV1.cluster('volumeattributesclasses', 'VolumeAttributesClass', { shortNames: ['vac'], storageVersionHash: 'tIjydgKBC5w=' });

const admissionregistrationV1 = definer('admissionregistration.k8s.io', 'v1', 'io.k8s.api.admissionregistration.v1');
export const MutatingAdmissionPolicies: Resource<MutatingAdmissionPolicy> = admissionregistrationV1.cluster('mutatingadmissionpolicies', 'MutatingAdmissionPolicy', { categories: ['api-extensions'], storageVersionHash: 'LYmCf+UMVdg=' });
export const MutatingAdmissionPolicyBindings: Resource<MutatingAdmissionPolicyBinding> = admissionregistrationV1.cluster('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', { categories: ['api-extensions'], storageVersionHash: '90V5FRZZ3Zg=' });
export const MutatingWebhookConfigurations: Resource<MutatingWebhookConfiguration> = admissionregistrationV1.cluster('mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', { categories: ['api-extensions'], storageVersionHash: 'Sqi0GUgDaX0=' });
export const ValidatingAdmissionPolicies: Resource<ValidatingAdmissionPolicy> = admissionregistrationV1.cluster('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', { categories: ['api-extensions'], subresources: [statusOf('ValidatingAdmissionPolicy')], storageVersionHash: '6OxvlMmQ6is=' });
export const ValidatingAdmissionPolicyBindings: Resource<ValidatingAdmissionPolicyBinding> = admissionregistrationV1.cluster('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', { categories: ['api-extensions'], storageVersionHash: 'v9715VZqakg=' });
export const ValidatingWebhookConfigurations: Resource<ValidatingWebhookConfiguration> = admissionregistrationV1.cluster('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', { categories: ['api-extensions'], storageVersionHash: 'B0wHjQmsGNk=' });

const apiextensionsV1 = definer('apiextensions.k8s.io', 'v1', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1');
export const CustomResourceDefinitions: Resource<CustomResourceDefinition> = apiextensionsV1.cluster('customresourcedefinitions', 'CustomResourceDefinition', { shortNames: ['crd', 'crds'], categories: ['api-extensions'], subresources: [statusOf('CustomResourceDefinition')], storagePrefix: 'apiextensions.k8s.io/customresourcedefinitions', storageVersionHash: 'jfWCUB31mvA=' });

const schedulingV1 = definer('scheduling.k8s.io', 'v1', 'io.k8s.api.scheduling.v1');
export const PriorityClasses: Resource<PriorityClass> = schedulingV1.cluster('priorityclasses', 'PriorityClass', { shortNames: ['pc'], storageVersionHash: '1QwjyaZjj3Y=' });

const coordinationV1 = definer('coordination.k8s.io', 'v1', 'io.k8s.api.coordination.v1');
export const Leases: Resource<Lease> = coordinationV1.namespaced('leases', 'Lease', { storageVersionHash: 'gqkMMb/YqFM=' });

const nodeV1 = definer('node.k8s.io', 'v1', 'io.k8s.api.node.v1');
export const RuntimeClasses: Resource<RuntimeClass> = nodeV1.cluster('runtimeclasses', 'RuntimeClass', { storageVersionHash: 'WQTu1GL3T2Q=' });

const discoveryV1 = definer('discovery.k8s.io', 'v1', 'io.k8s.api.discovery.v1');
export const EndpointSlices: Resource<EndpointSlice> = discoveryV1.namespaced('endpointslices', 'EndpointSlice', { storageVersionHash: 'qgS0xkrxYAI=' });

const resourceV1 = definer('resource.k8s.io', 'v1', 'io.k8s.api.resource.v1');
export const DeviceClasses: Resource<DeviceClass> = resourceV1.cluster('deviceclasses', 'DeviceClass', { storageVersionHash: 'Yk2PTc1Ybxk=' });
export const ResourceClaims: Resource<ResourceClaim> = resourceV1.namespaced('resourceclaims', 'ResourceClaim', { subresources: [statusOf('ResourceClaim')], storageVersionHash: 'wgAZaHcZxUg=' });
export const ResourceClaimTemplates: Resource<ResourceClaimTemplate> = resourceV1.namespaced('resourceclaimtemplates', 'ResourceClaimTemplate', { storageVersionHash: 'TuzjC49aUfM=' });
export const ResourceSlices: Resource<ResourceSlice> = resourceV1.cluster('resourceslices', 'ResourceSlice', { storageVersionHash: 'KsC072WgaEY=' });

const flowcontrolV1 = definer('flowcontrol.apiserver.k8s.io', 'v1', 'io.k8s.api.flowcontrol.v1');
export const FlowSchemas: Resource<FlowSchema> = flowcontrolV1.cluster('flowschemas', 'FlowSchema', { subresources: [statusOf('FlowSchema')], storageVersionHash: 'GJVAJZSZBIw=' });
export const PriorityLevelConfigurations: Resource<PriorityLevelConfiguration> = flowcontrolV1.cluster('prioritylevelconfigurations', 'PriorityLevelConfiguration', { subresources: [statusOf('PriorityLevelConfiguration')], storageVersionHash: 'Kir5PVfvNeI=' });

/** All of them, in the order of discovery: groups by priority, resources by name. */
export const RESOURCES: readonly Resource[] = [
  Bindings, ComponentStatuses, ConfigMaps, Endpoints, Events, LimitRanges, Namespaces, Nodes, PersistentVolumeClaims,
  PersistentVolumes, Pods, PodTemplates, ReplicationControllers, ResourceQuotas, Secrets, ServiceAccounts, Services, APIServices,
  ControllerRevisions, DaemonSets, Deployments, ReplicaSets, StatefulSets, EventsV1, SelfSubjectReviews, TokenReviews,
  LocalSubjectAccessReviews, SelfSubjectAccessReviews, SelfSubjectRulesReviews, SubjectAccessReviews, HorizontalPodAutoscalers,
  HorizontalPodAutoscalersV1, CronJobs, Jobs, CertificateSigningRequests, IngressClasses, Ingresses, IPAddresses, NetworkPolicies,
  ServiceCIDRs, PodDisruptionBudgets, ClusterRoleBindings, ClusterRoles, RoleBindings, Roles, CSIDrivers, CSINodes,
  CSIStorageCapacities, StorageClasses, VolumeAttachments, VolumeAttributesClasses, MutatingAdmissionPolicies,
  MutatingAdmissionPolicyBindings, MutatingWebhookConfigurations, ValidatingAdmissionPolicies, ValidatingAdmissionPolicyBindings,
  ValidatingWebhookConfigurations, CustomResourceDefinitions, PriorityClasses, Leases, RuntimeClasses, EndpointSlices,
  DeviceClasses, ResourceClaims, ResourceClaimTemplates, ResourceSlices, FlowSchemas, PriorityLevelConfigurations,
] as readonly Resource[];

/** A version of a group: its stage, and where it stands among the group's versions (higher first). */
export interface GroupVersion {
  version: string;
  stage: 'GA' | 'beta' | 'alpha';
  priority: number;
}

/** A group of the API; `priority` orders the groups in discovery, higher first. */
export interface ApiGroup {
  group: string;
  preferred: string;
  priority: number;
  versions: readonly GroupVersion[];
}

export const GROUPS: readonly ApiGroup[] = [
  { group: '', preferred: 'v1', priority: 18000, versions: [{ version: 'v1', stage: 'GA', priority: 1 }] },
  { group: 'apiregistration.k8s.io', preferred: 'v1', priority: 20000, versions: [{ version: 'v1', stage: 'GA', priority: 18 }] },
  { group: 'apps', preferred: 'v1', priority: 17800, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'events.k8s.io', preferred: 'v1', priority: 17750, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'authentication.k8s.io', preferred: 'v1', priority: 17700, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'authorization.k8s.io', preferred: 'v1', priority: 17600, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'autoscaling', preferred: 'v2', priority: 17500, versions: [{ version: 'v2', stage: 'GA', priority: 30 }, { version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'batch', preferred: 'v1', priority: 17400, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'certificates.k8s.io', preferred: 'v1', priority: 17300, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'networking.k8s.io', preferred: 'v1', priority: 17200, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'policy', preferred: 'v1', priority: 17100, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'rbac.authorization.k8s.io', preferred: 'v1', priority: 17000, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'storage.k8s.io', preferred: 'v1', priority: 16800, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'admissionregistration.k8s.io', preferred: 'v1', priority: 16700, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'apiextensions.k8s.io', preferred: 'v1', priority: 16700, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'scheduling.k8s.io', preferred: 'v1', priority: 16600, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'coordination.k8s.io', preferred: 'v1', priority: 16500, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'node.k8s.io', preferred: 'v1', priority: 16300, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'discovery.k8s.io', preferred: 'v1', priority: 16200, versions: [{ version: 'v1', stage: 'GA', priority: 15 }] },
  { group: 'resource.k8s.io', preferred: 'v1', priority: 16200, versions: [{ version: 'v1', stage: 'GA', priority: 21 }] },
  { group: 'flowcontrol.apiserver.k8s.io', preferred: 'v1', priority: 16100, versions: [{ version: 'v1', stage: 'GA', priority: 21 }] },
];

let known = RESOURCES;
let byPlural: ReadonlyMap<string, Resource> | undefined;
let byKind: ReadonlyMap<string, Resource> | undefined;

/** Those that are on by default, and further ones once they are loaded. */
export const knownResources = (): readonly Resource[] => known;

/** Lets the look-ups below find further resources: those that are off by default. They are not served for that. */
export function addResources(more: readonly Resource[]): void {
  known = [...known, ...more];
  byPlural = undefined;
  byKind = undefined;
}

/** The resource under `group`/`version` with that plural name, if it is one of ours. */
export function resourceFor(group: string, version: string, plural: string): Resource | undefined {
  byPlural ??= new Map(known.map((r) => [`${r.group}/${r.version}/${r.plural}`, r]));
  return byPlural.get(`${group}/${version}/${plural}`);
}

/** The resource under `group`/`version` that serves `kind`, if it is one of ours. */
export function resourceForKind(group: string, version: string, kind: string): Resource | undefined {
  byKind ??= new Map(known.map((r) => [`${r.group}/${r.version}/${r.kind}`, r]));
  return byKind.get(`${group}/${version}/${kind}`);
}
