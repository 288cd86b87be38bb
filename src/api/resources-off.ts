/**
 * Resources of the alpha and beta versions of v1.36, which are served only where `--runtime-config` says so. Loaded when somebody asks for them;
 * facts (verbs, short names, hashes) are those of v1.36.
 */
import type { Resource } from './meta/resource.ts';
import { definer, statusOf, type ApiGroup } from './resources.ts';

/** All of them, in the order of discovery. */
export function resourcesOffByDefault(): Resource[] {
  const found: Resource[] = [];
  const add = (resource: Resource): void => void found.push(Object.freeze({ ...resource, offByDefault: true }));

  const certificatesV1beta1 = definer('certificates.k8s.io', 'v1beta1', 'io.k8s.api.certificates.v1beta1');
  add(certificatesV1beta1.cluster('clustertrustbundles', 'ClusterTrustBundle', { storageVersionHash: 'v5yhuVertL4=' }));
  add(certificatesV1beta1.namespaced('podcertificaterequests', 'PodCertificateRequest', { subresources: [statusOf('PodCertificateRequest')], storageVersionHash: 'wYA9yXQH8fg=' }));

  const certificatesV1alpha1 = definer('certificates.k8s.io', 'v1alpha1', 'io.k8s.api.certificates.v1alpha1');
  add(certificatesV1alpha1.cluster('clustertrustbundles', 'ClusterTrustBundle', { storageVersion: { group: 'certificates.k8s.io', version: 'v1beta1' }, storageVersionHash: 'v5yhuVertL4=' }));

  const networkingV1beta1 = definer('networking.k8s.io', 'v1beta1', 'io.k8s.api.networking.v1beta1');
  add(networkingV1beta1.cluster('ipaddresses', 'IPAddress', { shortNames: ['ip'], storageVersion: { group: 'networking.k8s.io', version: 'v1' }, storageVersionHash: '3f/plJFChNE=' }));
  add(networkingV1beta1.cluster('servicecidrs', 'ServiceCIDR', { subresources: [statusOf('ServiceCIDR')], storageVersion: { group: 'networking.k8s.io', version: 'v1' }, storageVersionHash: 'gNLvruQhW2g=' }));

  const storageV1beta1 = definer('storage.k8s.io', 'v1beta1', 'io.k8s.api.storage.v1beta1');
  add(storageV1beta1.cluster('volumeattributesclasses', 'VolumeAttributesClass', { shortNames: ['vac'], storageVersion: { group: 'storage.k8s.io', version: 'v1' }, storageVersionHash: 'tIjydgKBC5w=' }));

  const admissionregistrationV1beta1 = definer('admissionregistration.k8s.io', 'v1beta1', 'io.k8s.api.admissionregistration.v1beta1');
  add(admissionregistrationV1beta1.cluster('mutatingadmissionpolicies', 'MutatingAdmissionPolicy', { categories: ['api-extensions'], storageVersion: { group: 'admissionregistration.k8s.io', version: 'v1' }, storageVersionHash: 'LYmCf+UMVdg=' }));
  add(admissionregistrationV1beta1.cluster('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', { categories: ['api-extensions'], storageVersion: { group: 'admissionregistration.k8s.io', version: 'v1' }, storageVersionHash: '90V5FRZZ3Zg=' }));

  const admissionregistrationV1alpha1 = definer('admissionregistration.k8s.io', 'v1alpha1', 'io.k8s.api.admissionregistration.v1alpha1');
  add(admissionregistrationV1alpha1.cluster('mutatingadmissionpolicies', 'MutatingAdmissionPolicy', { categories: ['api-extensions'], storageVersion: { group: 'admissionregistration.k8s.io', version: 'v1' }, storageVersionHash: 'LYmCf+UMVdg=' }));
  add(admissionregistrationV1alpha1.cluster('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', { categories: ['api-extensions'], storageVersion: { group: 'admissionregistration.k8s.io', version: 'v1' }, storageVersionHash: '90V5FRZZ3Zg=' }));

  const schedulingV1alpha2 = definer('scheduling.k8s.io', 'v1alpha2', 'io.k8s.api.scheduling.v1alpha2');
  add(schedulingV1alpha2.namespaced('podgroups', 'PodGroup', { subresources: [statusOf('PodGroup')], storageVersionHash: 'YYgX3v5V204=' }));
  add(schedulingV1alpha2.namespaced('workloads', 'Workload', { storageVersionHash: 'vSX7gJe5Mx8=' }));

  const coordinationV1beta1 = definer('coordination.k8s.io', 'v1beta1', 'io.k8s.api.coordination.v1beta1');
  add(coordinationV1beta1.namespaced('leasecandidates', 'LeaseCandidate', { storageVersionHash: 'lvME0iHWE20=' }));

  const coordinationV1alpha2 = definer('coordination.k8s.io', 'v1alpha2', 'io.k8s.api.coordination.v1alpha2');
  add(coordinationV1alpha2.namespaced('leasecandidates', 'LeaseCandidate', { storageVersion: { group: 'coordination.k8s.io', version: 'v1beta1' }, storageVersionHash: 'lvME0iHWE20=' }));

  const resourceV1beta2 = definer('resource.k8s.io', 'v1beta2', 'io.k8s.api.resource.v1beta2');
  add(resourceV1beta2.cluster('deviceclasses', 'DeviceClass', { storageVersion: { group: 'resource.k8s.io', version: 'v1' }, storageVersionHash: 'Yk2PTc1Ybxk=' }));
  add(resourceV1beta2.cluster('devicetaintrules', 'DeviceTaintRule', { subresources: [statusOf('DeviceTaintRule')], storageVersion: { group: 'resource.k8s.io', version: 'v1alpha3' }, storageVersionHash: 'DJ3UJ0fj8MI=' }));
  add(resourceV1beta2.namespaced('resourceclaims', 'ResourceClaim', { subresources: [statusOf('ResourceClaim')], storageVersion: { group: 'resource.k8s.io', version: 'v1' }, storageVersionHash: 'wgAZaHcZxUg=' }));
  add(resourceV1beta2.namespaced('resourceclaimtemplates', 'ResourceClaimTemplate', { storageVersion: { group: 'resource.k8s.io', version: 'v1' }, storageVersionHash: 'TuzjC49aUfM=' }));
  add(resourceV1beta2.cluster('resourceslices', 'ResourceSlice', { storageVersion: { group: 'resource.k8s.io', version: 'v1' }, storageVersionHash: 'KsC072WgaEY=' }));

  const resourceV1beta1 = definer('resource.k8s.io', 'v1beta1', 'io.k8s.api.resource.v1beta1');
  add(resourceV1beta1.cluster('deviceclasses', 'DeviceClass', { storageVersion: { group: 'resource.k8s.io', version: 'v1' }, storageVersionHash: 'Yk2PTc1Ybxk=' }));
  add(resourceV1beta1.namespaced('resourceclaims', 'ResourceClaim', { subresources: [statusOf('ResourceClaim')], storageVersion: { group: 'resource.k8s.io', version: 'v1' }, storageVersionHash: 'wgAZaHcZxUg=' }));
  add(resourceV1beta1.namespaced('resourceclaimtemplates', 'ResourceClaimTemplate', { storageVersion: { group: 'resource.k8s.io', version: 'v1' }, storageVersionHash: 'TuzjC49aUfM=' }));
  add(resourceV1beta1.cluster('resourceslices', 'ResourceSlice', { storageVersion: { group: 'resource.k8s.io', version: 'v1' }, storageVersionHash: 'KsC072WgaEY=' }));

  const resourceV1alpha3 = definer('resource.k8s.io', 'v1alpha3', 'io.k8s.api.resource.v1alpha3');
  add(resourceV1alpha3.cluster('devicetaintrules', 'DeviceTaintRule', { subresources: [statusOf('DeviceTaintRule')], storageVersionHash: 'DJ3UJ0fj8MI=' }));
  add(resourceV1alpha3.cluster('resourcepoolstatusrequests', 'ResourcePoolStatusRequest', { subresources: [statusOf('ResourcePoolStatusRequest')], storageVersionHash: 'iy583CtMwdY=' }));

  const apiserverinternalV1alpha1 = definer('internal.apiserver.k8s.io', 'v1alpha1', 'io.k8s.api.apiserverinternal.v1alpha1');
  add(apiserverinternalV1alpha1.cluster('storageversions', 'StorageVersion', { subresources: [statusOf('StorageVersion')], storageVersionHash: 'c8YZt5U0nPk=' }));

  const storagemigrationV1beta1 = definer('storagemigration.k8s.io', 'v1beta1', 'io.k8s.api.storagemigration.v1beta1');
  add(storagemigrationV1beta1.cluster('storageversionmigrations', 'StorageVersionMigration', { subresources: [statusOf('StorageVersionMigration')], storageVersionHash: 'pCjmmKOkLy4=' }));

  return found;
}

/** Their versions, by group; of groups that have versions on by default, only the others. */
export function groupsOffByDefault(): ApiGroup[] {
  return [
    { group: 'certificates.k8s.io', preferred: 'v1', priority: 17300, versions: [{ version: 'v1beta1', stage: 'beta', priority: 9 }, { version: 'v1alpha1', stage: 'alpha', priority: 1 }] },
    { group: 'networking.k8s.io', preferred: 'v1', priority: 17200, versions: [{ version: 'v1beta1', stage: 'beta', priority: 9 }] },
    { group: 'storage.k8s.io', preferred: 'v1', priority: 16800, versions: [{ version: 'v1beta1', stage: 'beta', priority: 9 }] },
    { group: 'admissionregistration.k8s.io', preferred: 'v1', priority: 16700, versions: [{ version: 'v1beta1', stage: 'beta', priority: 12 }, { version: 'v1alpha1', stage: 'alpha', priority: 9 }] },
    { group: 'scheduling.k8s.io', preferred: 'v1', priority: 16600, versions: [{ version: 'v1alpha2', stage: 'alpha', priority: 2 }] },
    { group: 'coordination.k8s.io', preferred: 'v1', priority: 16500, versions: [{ version: 'v1beta1', stage: 'beta', priority: 13 }, { version: 'v1alpha2', stage: 'alpha', priority: 12 }] },
    { group: 'resource.k8s.io', preferred: 'v1', priority: 16200, versions: [{ version: 'v1beta2', stage: 'beta', priority: 15 }, { version: 'v1beta1', stage: 'beta', priority: 9 }, { version: 'v1alpha3', stage: 'alpha', priority: 1 }] },
    { group: 'internal.apiserver.k8s.io', preferred: 'v1alpha1', priority: 16000, versions: [{ version: 'v1alpha1', stage: 'alpha', priority: 9 }] },
    { group: 'storagemigration.k8s.io', preferred: 'v1beta1', priority: 15800, versions: [{ version: 'v1beta1', stage: 'beta', priority: 9 }] },
  ];
}
