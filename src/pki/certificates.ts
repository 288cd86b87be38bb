/**
 * X.509 certificates for a cluster: a certificate authority, and leaves for servers and clients (RFC 5280).
 * The names in subjects are Kubernetes identities: CN is the user, each O a group
 * (https://kubernetes.io/docs/setup/best-practices/certificates/).
 *
 * Keys come from the operating system's own randomness, not from the host seam: nothing that replays from a seed may hold a real key.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 3600 * 1000;
/** Certificates are valid from a little before they are made, for machines whose clocks lag. */
const backdateMs = 5 * 60 * 1000;

/** A certificate and its private key, both PEM (PKCS #8). */
export interface KeyPair {
  cert: string;
  key: string;
}

export interface AuthorityRequest {
  commonName: string;
  nowMs: number;
  days: number;
}

export interface LeafRequest {
  commonName: string;
  organizations?: readonly string[];
  usages: readonly ('server' | 'client')[];
  dnsNames?: readonly string[];
  ipAddresses?: readonly string[];
  nowMs: number;
  days: number;
}

/** Distinguished names take structured input, so that no name can smuggle in a further attribute. */
function subjectOf(commonName: string, organizations: readonly string[] = []): x509.JsonName {
  return [...organizations.map((o) => ({ O: [o] })), { CN: [commonName] }];
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  // Positive and not zero, as RFC 5280 4.1.2.2 asks.
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return x509.PemConverter.encode(der, 'PRIVATE KEY') + '\n';
}

async function readKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

/** Makes a self-signed certificate authority. */
export async function createAuthority(request: AuthorityRequest): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: subjectOf(request.commonName),
    notBefore: new Date(request.nowMs - backdateMs),
    notAfter: new Date(request.nowMs + request.days * dayMs),
    signingAlgorithm: algorithm,
    keys: keys as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: request.commonName }]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
    ],
  });
  return { cert: certificate.toString('pem') + '\n', key: await privateKeyPem(keys.privateKey) };
}

/** Makes a key and a certificate for it, signed by the authority. */
export async function issueCertificate(authority: KeyPair, request: LeafRequest): Promise<KeyPair> {
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.cert);
  const names: x509.JsonGeneralName[] = [
    ...(request.dnsNames ?? []).map((value) => ({ type: 'dns', value }) as const),
    ...(request.ipAddresses ?? []).map((value) => ({ type: 'ip', value }) as const),
  ];
  const usages = request.usages.map((usage) => (usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subjectOf(request.commonName, request.organizations),
    issuer: issuer.subject,
    notBefore: new Date(request.nowMs - backdateMs),
    notAfter: new Date(request.nowMs + request.days * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey as never,
    signingKey: (await readKey(authority.key)) as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(usages),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey as never),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { cert: certificate.toString('pem') + '\n', key: await privateKeyPem(keys.privateKey) };
}

/** Makes the key pair that signs service account tokens (ES256): private PKCS #8 and public SPKI, both PEM. */
export async function createSigningKeys(): Promise<{ privateKey: string; publicKey: string }> {
  const keys = await generateKeys();
  const spki = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  return { privateKey: await privateKeyPem(keys.privateKey), publicKey: x509.PemConverter.encode(spki, 'PUBLIC KEY') + '\n' };
}
