/** Strategies of kinds that have no version on by default. What upstream checks of them beyond this is not checked yet. */
import type { ClusterTrustBundle, PodCertificateRequest } from './certificates/v1beta1/types.ts';
import type { LeaseCandidate } from './coordination/v1beta1/types.ts';
import type { StorageVersion } from './apiserverinternal/v1alpha1/types.ts';
import { FieldPath, invalidValue, required, type FieldError } from './meta/field.ts';
import { makeStrategy } from './meta/rules.ts';
import type { Strategy } from './meta/strategy.ts';
import type { KubeObject } from './meta/v1/types.ts';
import { sameValue } from './meta/validation.ts';
import type { DeviceTaintRule, ResourcePoolStatusRequest } from './resource/v1alpha3/types.ts';
import type { PodGroup, Workload } from './scheduling/v1alpha2/types.ts';
import type { StorageVersionMigration } from './storagemigration/v1beta1/types.ts';

const spec = new FieldPath('spec');

/** One error for each of these fields that is missing or empty. */
function missing(fields: Readonly<Record<string, unknown>>): FieldError[] {
  return Object.entries(fields).flatMap(([path, value]) => (value === undefined || value === '' || value === 0 ? [required(path.split('.').reduce((at, step) => at.child(step), spec))] : []));
}

/** The spec, or one of its fields, stays as it was. */
function immutable<T extends KubeObject>(field?: string): (object: T, old: T) => FieldError[] {
  const of = (object: T): unknown => {
    const whole = (object as unknown as { spec?: Record<string, unknown> }).spec;
    return field === undefined ? whole : whole?.[field];
  };
  const path = field === undefined ? spec : spec.child(field);
  return (object, old) => (sameValue(of(object), of(old)) ? [] : [invalidValue(path, of(object), 'field is immutable')]);
}

/** A bundle of a signer bears its name: `example.com/signer` has `example.com:signer:` in front. */
function validateBundle(bundle: ClusterTrustBundle): FieldError[] {
  const { signerName = '', trustBundle } = bundle.spec;
  const name = bundle.metadata.name ?? '';
  const prefix = `${signerName.replace('/', ':')}:`;
  const errors = missing({ trustBundle });
  const path = new FieldPath('metadata').child('name');
  if (signerName !== '' && !name.startsWith(prefix)) errors.push(invalidValue(path, name, `ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`));
  if (signerName === '' && name.includes(':')) errors.push(invalidValue(path, name, 'ClusterTrustBundle without signer name must not have ":" in its name'));
  return errors;
}

const anyName = (): string[] => [];

export function certificatesOffStrategies(): Record<string, Strategy<never>> {
  return {
    ClusterTrustBundle: makeStrategy<ClusterTrustBundle>({ namespaced: false, name: anyName, validate: validateBundle, validateUpdate: immutable('signerName'), selectableFields: (bundle) => ({ 'spec.signerName': bundle.spec?.signerName ?? '' }) }),
    PodCertificateRequest: makeStrategy<PodCertificateRequest>({
      namespaced: true, status: true, validateUpdate: immutable(),
      validate: ({ spec: { signerName, podName, podUID, serviceAccountName, serviceAccountUID, nodeName, nodeUID, maxExpirationSeconds } }) => missing({ signerName, podName, podUID, serviceAccountName, serviceAccountUID, nodeName, nodeUID, maxExpirationSeconds }),
      selectableFields: (request) => ({ 'spec.signerName': request.spec?.signerName ?? '', 'spec.podName': request.spec?.podName ?? '', 'spec.nodeName': request.spec?.nodeName ?? '' }),
    }),
  };
}

export function coordinationOffStrategies(): Record<string, Strategy<never>> {
  return { LeaseCandidate: makeStrategy<LeaseCandidate>({ namespaced: true, createOnUpdate: true, unconditionalUpdate: false, validate: ({ spec: { leaseName, binaryVersion, strategy } }) => missing({ leaseName, binaryVersion, strategy }) }) };
}

export function schedulingOffStrategies(): Record<string, Strategy<never>> {
  return {
    PodGroup: makeStrategy<PodGroup>({ namespaced: true, status: true, generation: ['spec'], validateUpdate: immutable() }),
    Workload: makeStrategy<Workload>({ namespaced: true, generation: ['spec'], validate: ({ spec: { podGroupTemplates } }) => missing({ podGroupTemplates: podGroupTemplates?.length }) }),
  };
}

export function resourceOffStrategies(): Record<string, Strategy<never>> {
  return {
    DeviceTaintRule: makeStrategy<DeviceTaintRule>({ namespaced: false, status: true, generation: ['spec'], validate: ({ spec: { taint } }) => missing({ 'taint.key': taint?.key, 'taint.effect': taint?.effect }) }),
    ResourcePoolStatusRequest: makeStrategy<ResourcePoolStatusRequest>({ namespaced: false, status: true, validate: ({ spec: { driver } }) => missing({ driver }), validateUpdate: immutable() }),
  };
}

export function storageVersionStrategies(): Record<string, Strategy<never>> {
  return { StorageVersion: makeStrategy<StorageVersion>({ namespaced: false, status: true }) };
}

export function storageMigrationStrategies(): Record<string, Strategy<never>> {
  return { StorageVersionMigration: makeStrategy<StorageVersionMigration>({ namespaced: false, status: true, validate: ({ spec: migration }) => missing({ 'resource.resource': migration?.resource?.resource }), validateUpdate: immutable() }) };
}
