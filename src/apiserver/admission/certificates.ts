/** Who may approve and sign which certificate requests, and what nobody may ask for. */
import type { CertificateSigningRequest } from '../../api/certificates/v1/types.ts';
import { isDeepStrictEqual } from 'node:util';
import { CertificateSigningRequests } from '../../api/resources.ts';
import type { AdmissionRequest, Authorizer } from '../types.ts';
import { isFor, objectOf, oldOf, refusal, type CreatePlugin } from './context.ts';

const group = 'certificates.k8s.io';
const clientSigner = 'kubernetes.io/kube-apiserver-client';

/** Asks for the verb on the signer itself, then on all signers of its domain (`domain/*`). */
async function maySign(authorizer: Authorizer, request: AdmissionRequest, verb: 'approve' | 'sign' | 'attest', signer: string): Promise<boolean> {
  for (const name of [signer, `${signer.split('/')[0]!}/*`]) {
    const { decision } = await authorizer.authorize({ user: request.user, info: { isResourceRequest: true, path: '', verb, apiGroup: group, apiVersion: '*', namespace: '', resource: 'signers', subresource: '', name, parts: [] } });
    if (decision === 'allow') return true;
  }
  return false;
}

export const certificateApproval: CreatePlugin = ({ authorizer }) => ({
  name: 'CertificateApproval',
  handles: (request) => request.operation === 'UPDATE' && isFor(request, CertificateSigningRequests, ['approval']),
  async validate(request) {
    const signer = oldOf<CertificateSigningRequest>(request).spec.signerName;
    if (!(await maySign(authorizer, request, 'approve', signer))) throw refusal(request, `user not permitted to approve requests with signerName ${JSON.stringify(signer)}`);
  },
});

export const certificateSigning: CreatePlugin = ({ authorizer }) => ({
  name: 'CertificateSigning',
  handles: (request) => request.operation === 'UPDATE' && isFor(request, CertificateSigningRequests, ['status']),
  async validate(request) {
    const [wanted, old] = [objectOf<CertificateSigningRequest>(request), oldOf<CertificateSigningRequest>(request)];
    // Only a signer changes the certificate or says that it could not make one.
    const failed = (object: CertificateSigningRequest): unknown[] => (object.status?.conditions ?? []).filter((condition) => condition.type === 'Failed');
    if ((wanted.status?.certificate ?? '') === (old.status?.certificate ?? '') && isDeepStrictEqual(failed(wanted), failed(old))) return;
    const signer = old.spec.signerName;
    if (!(await maySign(authorizer, request, 'sign', signer))) throw refusal(request, `user not permitted to sign requests with signerName ${JSON.stringify(signer)}`);
  },
});

/** The organizations in the subject of a PEM certificate request; undefined when it cannot be read (validation says so elsewhere). */
async function organizationsOf(pem: string): Promise<string[] | undefined> {
  // The library is large, and requests for certificates are rare: it is loaded when the first one comes.
  await import('reflect-metadata');
  const { Pkcs10CertificateRequest } = await import('@peculiar/x509');
  try {
    return new Pkcs10CertificateRequest(pem).subjectName.getField('O');
  } catch {
    return undefined;
  }
}

export const certificateSubjectRestriction: CreatePlugin = () => ({
  name: 'CertificateSubjectRestriction',
  handles: (request) => request.operation === 'CREATE' && isFor(request, CertificateSigningRequests),
  async validate(request) {
    const { spec } = objectOf<CertificateSigningRequest>(request);
    if (spec.signerName !== clientSigner) return;
    const organizations = await organizationsOf(Buffer.from(spec.request, 'base64').toString('utf8'));
    if (organizations?.includes('system:masters')) throw refusal(request, `use of ${clientSigner} signer with system:masters group is not allowed`);
  },
});
