/**
 * certificatesigningrequest-approving-controller: approves what kubelets ask for themselves, when a SubjectAccessReview says that they may.
 * certificatesigningrequest-signing-controller: signs approved requests to Kubernetes' four signers with the cluster's authority.
 * certificatesigningrequest-cleaner-controller: removes requests that were answered an hour ago, never answered for a day, or whose
 * certificates have ended.
 *
 * Contract: a request is judged by what its own certificate request says, never by its name; who may have one approved is RBAC's to say.
 * Never: signs what is not approved, is denied, or breaks its signer's rules; approves for another signer than kube-apiserver-client-kubelet;
 * a certificate that outlives the authority or the configured duration. Eventually: an approved request carries a certificate, or the
 * condition Failed with the reason.
 * The room for certificates is loaded with the first request: most control planes see none for days.
 */
import type { SubjectAccessReview } from '../../api/authorization/v1/types.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../api/certificates/v1/types.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import { CertificateSigningRequests, SubjectAccessReviews } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { decideApproval, decideCleaning, decideSigning } from './decide.ts';
import type { RequestIdentity } from './signers.ts';

const sweepPeriodMs = 3_600_000;
const defaultDurationMs = 365 * 86_400_000;

const pemOf = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

async function identityOf(request: CertificateSigningRequest): Promise<RequestIdentity | undefined> {
  const { readRequest } = await import('../../pki/requests.ts');
  try {
    return readRequest(pemOf(request.spec.request));
  } catch {
    return undefined;
  }
}

function withCondition(request: CertificateSigningRequest, condition: Pick<CertificateSigningRequestCondition, 'type' | 'reason' | 'message'>, now: string): CertificateSigningRequest {
  return { ...request, status: { ...request.status, conditions: [...(request.status?.conditions ?? []), { ...condition, status: 'True', lastUpdateTime: now, lastTransitionTime: now }] } };
}

export function startCertificateApproving(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const requests = informers.of(CertificateSigningRequests);

  async function mayCreate(request: CertificateSigningRequest, subresource: string): Promise<boolean> {
    const { username: user, uid, groups, extra } = request.spec;
    const review = await client.of(SubjectAccessReviews).create({
      apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {},
      spec: { user, uid, groups, extra, resourceAttributes: { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verb: 'create', subresource, version: '*' } },
    } as SubjectAccessReview);
    return review.status?.allowed === true;
  }

  async function reconcile(name: string): Promise<Outcome> {
    const request = requests.lister.byKey(name);
    const identity = request && await identityOf(request);
    const recognized = request && identity ? decideApproval(request, identity) : [];
    for (const { subresource, message } of recognized) {
      if (!(await mayCreate(request!, subresource))) continue;
      await client.of(CertificateSigningRequests).updateSubresource(name, 'approval', withCondition(request!, { type: 'Approved', reason: 'AutoApproved', message }, formatTime(host.clock.now())));
      return { done: true };
    }
    if (recognized.length > 0) return { retry: new Error(`recognized csr "${name}" as [${recognized.map(({ subresource }) => subresource).join(' ')}] but subject access review was not approved`) };
    return { done: true };
  }

  const queue = startController(host, { name: 'certificatesigningrequest-approving-controller', informers, reconcile, maxRetryMs: sweepPeriodMs });
  requests.onEvent(({ type, object }) => {
    if (type !== 'deleted') queue.add(object.metadata.name!);
  });
  return queue;
}

export function startCertificateSigning(context: ControllerContext): Running {
  const { client, informers, host, settings } = context;
  const authority = settings.signing;
  // Without a key there is nobody to sign: requests wait for another signer, as upstream's do.
  if (!authority) return { stop: async () => undefined };
  const requests = informers.of(CertificateSigningRequests);

  async function reconcile(name: string): Promise<Outcome> {
    const request = requests.lister.byKey(name);
    if (!request) return { done: true };
    const action = decideSigning(request, await identityOf(request), authority!.durationMs ?? defaultDurationMs);
    if (!action) return { done: true };
    const now = formatTime(host.clock.now());
    const fail = (message: string): Promise<unknown> => client.of(CertificateSigningRequests).updateStatus(withCondition(request, { type: 'Failed', reason: 'SignerValidationFailure', message }, now));
    if ('fail' in action) {
      await fail(action.fail);
      return { done: true };
    }
    const { signRequest } = await import('../../pki/requests.ts');
    const certificate = await signRequest(authority!, { request: pemOf(request.spec.request), usages: request.spec.usages ?? [], nowMs: host.clock.now(), durationMs: action.sign.durationMs });
    await client.of(CertificateSigningRequests).updateStatus({ ...request, status: { ...request.status, certificate: Buffer.from(certificate).toString('base64') } });
    return { done: true };
  }

  const queue = startController(host, { name: 'certificatesigningrequest-signing-controller', informers, reconcile });
  requests.onEvent(({ type, object }) => {
    if (type !== 'deleted') queue.add(object.metadata.name!);
  });
  return queue;
}

export function startCertificateCleaner(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const requests = informers.of(CertificateSigningRequests);

  async function endOf(request: CertificateSigningRequest): Promise<number | undefined> {
    if (!request.status?.certificate) return undefined;
    const { certificateEndMs } = await import('../../pki/requests.ts');
    try {
      return certificateEndMs(pemOf(request.status.certificate));
    } catch {
      return undefined;
    }
  }

  async function sweep(): Promise<Outcome> {
    for (const request of requests.lister.list()) {
      const why = decideCleaning(request, await endOf(request), host.clock.now());
      if (why === undefined) continue;
      const { name, uid } = request.metadata;
      host.log.info('certificate signing request removed', { name, why });
      try {
        await client.of(CertificateSigningRequests).delete(name!, { preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
    return { afterMs: sweepPeriodMs };
  }

  const queue = startController(host, { name: 'certificatesigningrequest-cleaner-controller', informers, reconcile: sweep });
  queue.add('sweep');
  return queue;
}
