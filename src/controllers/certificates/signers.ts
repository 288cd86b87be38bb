/** What Kubernetes' own signers demand of a request. https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/ */

export const signerNames = {
  client: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacyUnknown: 'kubernetes.io/legacy-unknown',
} as const;

/** As `pki/requests.ts` reads it. */
export interface RequestIdentity {
  commonName: string;
  organizations: readonly string[];
  dnsNames: readonly string[];
  ipAddresses: readonly string[];
  emailAddresses: readonly string[];
  uris: readonly string[];
}

const nodePrefix = 'system:node:';

function sameSet(usages: readonly string[], ...allowed: (readonly string[])[]): boolean {
  const given = new Set(usages);
  return allowed.some((each) => each.length === given.size && each.every((usage) => given.has(usage)));
}

function nodeSubject(identity: RequestIdentity): string | undefined {
  if (identity.organizations.length !== 1 || identity.organizations[0] !== 'system:nodes') return 'subject organization is not system:nodes';
  if (!identity.commonName.startsWith(nodePrefix)) return 'subject common name does not begin with system:node: ';
  return undefined;
}

function kubeletClient(identity: RequestIdentity, usages: readonly string[]): string | undefined {
  if (identity.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (identity.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (identity.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (identity.uris.length > 0) return 'URI subjectAltNames are not allowed';
  const wrong = nodeSubject(identity);
  if (wrong) return wrong;
  return sameSet(usages, ['digital signature', 'client auth'], ['digital signature', 'client auth', 'key encipherment']) ? undefined : 'usages did not match [client auth digital signature key encipherment]';
}

function kubeletServing(identity: RequestIdentity, usages: readonly string[]): string | undefined {
  if (identity.dnsNames.length + identity.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (identity.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (identity.uris.length > 0) return 'URI subjectAltNames are not allowed';
  const wrong = nodeSubject(identity);
  if (wrong) return wrong;
  return sameSet(usages, ['digital signature', 'server auth'], ['digital signature', 'server auth', 'key encipherment']) ? undefined : 'usages did not match [digital signature key encipherment server auth]';
}

function client(usages: readonly string[]): string | undefined {
  const allowed = new Set(['digital signature', 'key encipherment', 'client auth']);
  if (!usages.includes('client auth')) return 'missing required client auth usage';
  return usages.every((usage) => allowed.has(usage)) ? undefined : 'invalid usages for client certificate';
}

/** Why the signer refuses; undefined when it signs. Signers of other names are not ours: ask `isOurs` first. */
export function refusalOf(signerName: string, identity: RequestIdentity, usages: readonly string[]): string | undefined {
  switch (signerName) {
    case signerNames.client: return client(usages);
    case signerNames.kubeletClient: return kubeletClient(identity, usages);
    case signerNames.kubeletServing: return kubeletServing(identity, usages);
    default: return undefined;
  }
}

export function isOurs(signerName: string): boolean {
  return (Object.values(signerNames) as string[]).includes(signerName);
}
