import type { CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { parseTime } from '../../api/meta/time.ts';
import { isOurs, refusalOf, signerNames, type RequestIdentity } from './signers.ts';

/** How long requests stay: answered ones an hour, unanswered ones a day. */
export const answeredMs = 3_600_000;
export const pendingMs = 86_400_000;
const leastMs = 600_000;

const hasCondition = (request: CertificateSigningRequest, type: string): boolean =>
  (request.status?.conditions ?? []).some((condition) => condition.type === type && condition.status !== 'False');

export type Recognized = {
  /** What the requester must be allowed to `create`: certificatesigningrequests/<subresource>. */
  subresource: 'selfnodeclient' | 'nodeclient';
  message: string;
};

/**
 * Whether a request is a kubelet's for its client certificate, and so may be approved without a human: first as that of the node itself
 * (renewal), then as that of somebody who may speak for nodes (a bootstrap token).
 */
export function decideApproval(request: CertificateSigningRequest, identity: RequestIdentity): Recognized[] {
  if (request.status?.certificate || hasCondition(request, 'Approved') || hasCondition(request, 'Denied')) return [];
  if (request.spec.signerName !== signerNames.kubeletClient || refusalOf(request.spec.signerName, identity, request.spec.usages ?? []) !== undefined) return [];
  const node: Recognized = { subresource: 'nodeclient', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' };
  const self: Recognized = { subresource: 'selfnodeclient', message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' };
  return request.spec.username === identity.commonName ? [self, node] : [node];
}

export type SigningAction = { sign: { durationMs: number } } | { fail: string } | undefined;

/** Whether an approved request is to be signed, or why it never will be. */
export function decideSigning(request: CertificateSigningRequest, identity: RequestIdentity | undefined, longestMs: number): SigningAction {
  if (!isOurs(request.spec.signerName) || request.status?.certificate) return undefined;
  if (!hasCondition(request, 'Approved') || hasCondition(request, 'Denied') || hasCondition(request, 'Failed')) return undefined;
  if (!identity) return { fail: 'unable to parse csr' };
  const refusal = refusalOf(request.spec.signerName, identity, request.spec.usages ?? []);
  if (refusal !== undefined) return { fail: refusal };
  const asked = request.spec.expirationSeconds === undefined ? longestMs : request.spec.expirationSeconds * 1000;
  return { sign: { durationMs: Math.max(leastMs, Math.min(asked, longestMs)) } };
}

/** Why a request is to be deleted; undefined while it may stay. `endsMs` is when its certificate does. */
export function decideCleaning(request: CertificateSigningRequest, endsMs: number | undefined, nowMs: number): string | undefined {
  const certificate = request.status?.certificate;
  if (certificate && endsMs !== undefined && endsMs < nowMs) return 'its certificate has expired';
  const conditions = request.status?.conditions ?? [];
  if (conditions.length === 0 && nowMs - parseTime(request.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z') > pendingMs) return 'nobody answered it';
  const old = (type: string): boolean => conditions.some((condition) => condition.type === type && !!condition.lastUpdateTime && nowMs - parseTime(condition.lastUpdateTime) > answeredMs);
  if (old('Approved') && certificate) return 'its certificate was issued';
  if (old('Denied')) return 'it was denied';
  if (old('Failed')) return 'its signer refused it';
  return undefined;
}
