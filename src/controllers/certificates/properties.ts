import type { CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { parseTime } from '../../api/meta/time.ts';
import { CertificateSigningRequests } from '../../api/resources.ts';
import { nameOf, safety, type Properties } from '../property.ts';
import { answeredMs, pendingMs } from './decide.ts';
import { isOurs, signerNames } from './signers.ts';

const has = (request: CertificateSigningRequest | undefined, type: string): boolean => (request?.status?.conditions ?? []).some((condition) => condition.type === type && condition.status !== 'False');
/** When it was asked or answered, whichever came last. */
const lastMs = (request: CertificateSigningRequest): number =>
  Math.max(...[request.metadata.creationTimestamp, ...(request.status?.conditions ?? []).map(({ lastUpdateTime }) => lastUpdateTime)].map((time) => (time ? parseTime(time) : 0)));

export const signingProperties: Properties = {
  safety: [
    safety<CertificateSigningRequest>({
      name: 'only what is approved is signed', promise: 'a certificate comes only into a request that is approved and not denied', of: CertificateSigningRequests,
      broken: ({ type, object, old }) => (type === 'updated' && object.status?.certificate && !old!.status?.certificate && (!has(object, 'Approved') || has(object, 'Denied')) ? `${nameOf(object)} was signed, and nobody approved it` : undefined),
    }),
  ],
  liveness: [{
    name: 'what is approved is signed', promise: 'an approved request to one of the built-in signers has its certificate, or the condition Failed', alone: true,
    *missing(world) {
      for (const request of world.list(CertificateSigningRequests)) if (isOurs(request.spec.signerName) && has(request, 'Approved') && !has(request, 'Denied') && !has(request, 'Failed') && !request.status?.certificate) yield `${nameOf(request)} is approved and not signed`;
    },
  }],
};

export const approvingProperties: Properties = {
  safety: [
    safety<CertificateSigningRequest>({
      name: 'only kubelets are approved unseen', promise: 'nothing but a request for a kubelet\'s client certificate is approved by itself', of: CertificateSigningRequests,
      broken({ type, object, old }) {
        const isAutomatic = object.status?.conditions?.some(({ type: kind, reason }) => kind === 'Approved' && reason === 'AutoApproved');
        return type === 'updated' && isAutomatic && !has(old, 'Approved') && object.spec.signerName !== signerNames.kubeletClient ? `${nameOf(object)} for ${object.spec.signerName} was approved by itself` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'kubelets are not kept waiting', promise: 'a node\'s request for its own client certificate is answered', alone: true,
    *missing(world) {
      for (const request of world.list(CertificateSigningRequests)) {
        const isKubelet = request.spec.signerName === signerNames.kubeletClient && request.spec.username?.startsWith('system:node:');
        if (isKubelet && !has(request, 'Approved') && !has(request, 'Denied')) yield `${nameOf(request)} of ${request.spec.username} is not answered`;
      }
    },
  }],
};

export const cleaningProperties: Properties = {
  safety: [
    safety<CertificateSigningRequest>({
      name: 'fresh requests stay', promise: 'no request is removed within an hour of the last that happened to it', of: CertificateSigningRequests, alone: true,
      broken: ({ type, object }, world) => (type === 'deleted' && world.nowMs() - lastMs(object) < answeredMs ? `${nameOf(object)} was removed ${(world.nowMs() - lastMs(object)) / 1000} s after its last change` : undefined),
    }),
  ],
  liveness: [{
    name: 'old requests go', promise: 'a request that nobody answered is gone after a day and an hour',
    *missing(world) {
      for (const request of world.list(CertificateSigningRequests)) {
        if (!has(request, 'Approved') && !has(request, 'Denied') && !has(request, 'Failed') && world.nowMs() - lastMs(request) > pendingMs + answeredMs) yield `${nameOf(request)} has waited for more than a day`;
      }
    },
  }],
};
