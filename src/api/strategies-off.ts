/** Strategies of kinds that have no version on by default. */
import { storageVersionName, validateStorageVersion } from './apiserverinternal/v1alpha1/validation.ts';
import type { StorageVersion } from './apiserverinternal/v1alpha1/types.ts';
import type { ClusterTrustBundle, PodCertificateRequest } from './certificates/v1beta1/types.ts';
import { validateBundle, validateBundleUpdate, validatePodRequest, validatePodRequestStatus, validatePodRequestUpdate } from './certificates/v1beta1/validation.ts';
import type { LeaseCandidate } from './coordination/v1beta1/types.ts';
import { validateCandidate, validateCandidateUpdate } from './coordination/v1beta1/validation.ts';
import { configMapKey } from './meta/names.ts';
import { makeStrategy } from './meta/rules.ts';
import type { Strategy } from './meta/strategy.ts';
import type { DeviceTaintRule, ResourcePoolStatusRequest } from './resource/v1alpha3/types.ts';
import { validatePoolRequest, validatePoolRequestStatus, validatePoolRequestUpdate, validateTaintRule, validateTaintRuleStatus } from './resource/v1alpha3/validation.ts';
import type { PodGroup, Workload } from './scheduling/v1alpha2/types.ts';
import {
  dropFromGroup, dropFromWorkload, validatePodGroup, validatePodGroupStatus, validatePodGroupUpdate, validateWorkload, validateWorkloadUpdate,
} from './scheduling/v1alpha2/validation.ts';
import type { StorageVersionMigration } from './storagemigration/v1beta1/types.ts';
import { validateMigration, validateMigrationStatus, validateMigrationUpdate } from './storagemigration/v1beta1/validation.ts';

/** The kind's own rules say what is wrong with a name. */
const anyName = (): string[] => [];

/** Kinds of certificates.k8s.io/v1beta1 to strategies. */
export function certificatesOffStrategies(): Record<string, Strategy<never>> {
  return {
    ClusterTrustBundle: makeStrategy<ClusterTrustBundle>({
      namespaced: false, name: anyName, unconditionalUpdate: false,
      validate: (bundle, _context, old) => validateBundle(bundle, old), validateUpdate: validateBundleUpdate,
      selectableFields: (bundle) => ({ 'spec.signerName': bundle.spec?.signerName ?? '' }),
    }),
    PodCertificateRequest: makeStrategy<PodCertificateRequest>({
      namespaced: true, status: true, statusKeeps: 'all', unconditionalUpdate: false,
      // What was asked has been checked; only the metadata of a request changes.
      validate: (request, _context, old) => (old === undefined ? validatePodRequest(request) : []),
      validateUpdate: validatePodRequestUpdate, validateStatus: (request, old, context) => validatePodRequestStatus(request, old, context.now),
      selectableFields: (request) => ({ 'spec.signerName': request.spec?.signerName ?? '', 'spec.podName': request.spec?.podName ?? '', 'spec.nodeName': request.spec?.nodeName ?? '' }),
    }),
  };
}

/** Kinds of coordination.k8s.io/v1beta1 to strategies. */
export function coordinationOffStrategies(): Record<string, Strategy<never>> {
  return {
    LeaseCandidate: makeStrategy<LeaseCandidate>({
      namespaced: true, name: configMapKey, createOnUpdate: true, unconditionalUpdate: false, validate: validateCandidate, validateUpdate: validateCandidateUpdate,
    }),
  };
}

/** Kinds of scheduling.k8s.io/v1alpha2 to strategies. */
export function schedulingOffStrategies(): Record<string, Strategy<never>> {
  return {
    PodGroup: makeStrategy<PodGroup>({
      namespaced: true, status: true, prepareForCreate: (group) => dropFromGroup(group), prepareForUpdate: dropFromGroup,
      validate: validatePodGroup, validateUpdate: validatePodGroupUpdate, validateStatus: validatePodGroupStatus,
    }),
    Workload: makeStrategy<Workload>({
      namespaced: true, prepareForCreate: (workload) => dropFromWorkload(workload), prepareForUpdate: dropFromWorkload, validate: validateWorkload, validateUpdate: validateWorkloadUpdate,
    }),
  };
}

/** Kinds of resource.k8s.io/v1alpha3 to strategies. */
export function resourceOffStrategies(): Record<string, Strategy<never>> {
  return {
    DeviceTaintRule: makeStrategy<DeviceTaintRule>({
      namespaced: false, status: true, statusKeeps: 'all', generation: ['spec'], validate: (rule, _context, old) => validateTaintRule(rule, old), validateStatus: validateTaintRuleStatus,
    }),
    ResourcePoolStatusRequest: makeStrategy<ResourcePoolStatusRequest>({
      namespaced: false, status: true, statusKeeps: 'all', unconditionalUpdate: false,
      validate: validatePoolRequest, validateUpdate: validatePoolRequestUpdate, validateStatus: validatePoolRequestStatus,
    }),
  };
}

/** Kinds of internal.apiserver.k8s.io/v1alpha1 to strategies. */
export function storageVersionStrategies(): Record<string, Strategy<never>> {
  return {
    StorageVersion: makeStrategy<StorageVersion>({ namespaced: false, name: storageVersionName, status: true, unconditionalUpdate: false, validate: validateStorageVersion, validateStatus: validateStorageVersion }),
  };
}

/** Kinds of storagemigration.k8s.io/v1beta1 to strategies. */
export function storageMigrationStrategies(): Record<string, Strategy<never>> {
  return {
    StorageVersionMigration: makeStrategy<StorageVersionMigration>({
      namespaced: false, status: true, statusKeeps: 'all', unconditionalUpdate: false,
      validate: validateMigration, validateUpdate: validateMigrationUpdate, validateStatus: validateMigrationStatus,
    }),
  };
}
