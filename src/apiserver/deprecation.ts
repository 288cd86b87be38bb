/** APIs that are served and should no longer be used: every request for one is answered with a warning. */
import type { ServerMetrics } from './endpoints/server-metrics.ts';
import type { RequestInfo, ServerRequest } from './types.ts';

interface Deprecation {
  warning: string;
  /** The release that will not have it any more; '' when none is named. */
  removed: string;
}

const deprecations: Readonly<Record<string, Deprecation>> = {
  '/v1/componentstatuses': { warning: 'v1 ComponentStatus is deprecated in v1.19+', removed: '' },
  '/v1/endpoints': { warning: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice', removed: '' },
  ...prerelease('certificates.k8s.io/v1alpha1', { clustertrustbundles: 'ClusterTrustBundle' }, 34),
  ...prerelease('certificates.k8s.io/v1beta1', { clustertrustbundles: 'ClusterTrustBundle' }, 36),
  ...prerelease('networking.k8s.io/v1beta1', { ipaddresses: 'IPAddress', servicecidrs: 'ServiceCIDR' }, 34),
  ...prerelease('storage.k8s.io/v1beta1', { volumeattributesclasses: 'VolumeAttributesClass' }, 34),
  ...prerelease('admissionregistration.k8s.io/v1alpha1', { mutatingadmissionpolicies: 'MutatingAdmissionPolicy', mutatingadmissionpolicybindings: 'MutatingAdmissionPolicyBinding' }, 35),
  ...prerelease('coordination.k8s.io/v1alpha2', { leasecandidates: 'LeaseCandidate' }, 35),
  ...prerelease('coordination.k8s.io/v1beta1', { leasecandidates: 'LeaseCandidate' }, 36),
  ...prerelease('resource.k8s.io/v1beta1', deviceKinds(), 35),
  ...prerelease('resource.k8s.io/v1beta2', deviceKinds(), 36),
  ...prerelease('resource.k8s.io/v1alpha3', { devicetaintrules: 'DeviceTaintRule' }, 36),
};

function deviceKinds(): Record<string, string> {
  return { deviceclasses: 'DeviceClass', resourceclaims: 'ResourceClaim', resourceclaimtemplates: 'ResourceClaimTemplate', resourceslices: 'ResourceSlice' };
}

/** Alpha and beta versions are deprecated three releases after they came, and gone three releases later. */
function prerelease(apiVersion: string, kinds: Readonly<Record<string, string>>, minor: number): Record<string, Deprecation> {
  const removed = `1.${minor + 3}`;
  return Object.fromEntries(Object.entries(kinds).map(([resource, kind]) => [`${apiVersion}/${resource}`, { warning: `${apiVersion} ${kind} is deprecated in v1.${minor}+, unavailable in v${removed}+`, removed }]));
}

/** Whether any resource of the version may be deprecated: not those of versions that are there to stay, but for the oldest. */
export function mayBeDeprecated({ apiGroup, apiVersion }: RequestInfo): boolean {
  return apiGroup === '' || apiVersion.length > 2;
}

/** Tells the audit event, where there will be one. */
export function annotateDeprecation(request: ServerRequest, removed: string): void {
  if (request.audited !== undefined) request.auditAnnotations = { ...request.auditAnnotations, 'k8s.io/deprecated': 'true', ...(removed === '' ? {} : { 'k8s.io/removed-release': removed }) };
}

/** Warns of what the request asks for, and notes that somebody did. */
export function noteDeprecation(request: ServerRequest, { apiGroup, apiVersion, resource, subresource }: RequestInfo, metrics: ServerMetrics): void {
  const key = `${apiGroup}/${apiVersion}/${resource}`;
  if (!Object.hasOwn(deprecations, key)) return;
  const { warning, removed } = deprecations[key]!;
  request.warnings.push(warning);
  annotateDeprecation(request, removed);
  metrics.deprecatedApis.set([apiGroup, removed, resource, subresource, apiVersion], 1);
}
