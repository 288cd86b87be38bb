/**
 * Certificate signing requests (PKCS #10, RFC 2986): what they ask for, and certificates made from them.
 * Time comes from the caller; serial numbers from the operating system, as for all certificates of `certificates.ts`.
 */
import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { KeyPair } from './certificates.ts';

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

const subjectAlternativeName = '2.5.29.17';
const backdateMs = 5 * 60_000;

/** What a request says of its holder. */
export interface RequestedIdentity {
  commonName: string;
  organizations: string[];
  dnsNames: string[];
  ipAddresses: string[];
  emailAddresses: string[];
  uris: string[];
}

/** Usages as `spec.usages` of a CertificateSigningRequest has them, each with what it is in X.509. */
const keyUsages: Readonly<Record<string, number>> = {
  'signing': x509.KeyUsageFlags.digitalSignature,
  'digital signature': x509.KeyUsageFlags.digitalSignature,
  'content commitment': x509.KeyUsageFlags.nonRepudiation,
  'key encipherment': x509.KeyUsageFlags.keyEncipherment,
  'key agreement': x509.KeyUsageFlags.keyAgreement,
  'data encipherment': x509.KeyUsageFlags.dataEncipherment,
  'cert sign': x509.KeyUsageFlags.keyCertSign,
  'crl sign': x509.KeyUsageFlags.cRLSign,
  'encipher only': x509.KeyUsageFlags.encipherOnly,
  'decipher only': x509.KeyUsageFlags.decipherOnly,
};
const extendedUsages: Readonly<Record<string, string>> = {
  'any': '2.5.29.37.0', 'server auth': '1.3.6.1.5.5.7.3.1', 'client auth': '1.3.6.1.5.5.7.3.2', 'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4', 's/mime': '1.3.6.1.5.5.7.3.4', 'ipsec end system': '1.3.6.1.5.5.7.3.5', 'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7', 'timestamping': '1.3.6.1.5.5.7.3.8', 'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3', 'netscape sgc': '2.16.840.1.113730.4.1',
};

function namesOf(request: x509.Pkcs10CertificateRequest): x509.JsonGeneralName[] {
  const extension = request.extensions.find((each) => each.type === subjectAlternativeName);
  return extension instanceof x509.SubjectAlternativeNameExtension ? extension.names.toJSON() : [];
}

const read = (pem: string): x509.Pkcs10CertificateRequest => new x509.Pkcs10CertificateRequest(x509.PemConverter.decodeFirst(pem));

/** Reads a PEM request. Throws where it is none. */
export function readRequest(pem: string): RequestedIdentity {
  const request = read(pem);
  const names = namesOf(request);
  const of = (type: string): string[] => names.filter((name) => name.type === type).map((name) => name.value);
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '', organizations: request.subjectName.getField('O'),
    dnsNames: of('dns'), ipAddresses: of('ip'), emailAddresses: of('email'), uris: of('url'),
  };
}

/** When a PEM certificate ends. Throws where it is none. */
export function certificateEndMs(pem: string): number {
  return new x509.X509Certificate(x509.PemConverter.decodeFirst(pem)).notAfter.getTime();
}

async function signingKey(pem: string): Promise<{ key: webcrypto.CryptoKey; algorithm: { name: string; hash: string } }> {
  const key = createPrivateKey(pem);
  const curve = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }[key.asymmetricKeyDetails?.namedCurve ?? ''];
  const algorithm = key.asymmetricKeyType === 'rsa' ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: curve ?? '', hash: 'SHA-256' };
  if (key.asymmetricKeyType !== 'rsa' && curve === undefined) throw new Error(`a signing key of type ${key.asymmetricKeyType ?? 'unknown'} is not supported: use RSA or an ECDSA curve P-256, P-384 or P-521`);
  const der = key.export({ format: 'der', type: 'pkcs8' });
  return { key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']), algorithm };
}

export interface SigningOrder {
  /** PEM. */
  request: string;
  /** As `spec.usages` has them; unknown ones are refused. */
  usages: readonly string[];
  nowMs: number;
  durationMs: number;
}

/** Signs a request, for its own key, subject and names; it never lasts longer than the authority. Throws when the request is not signed by its key. */
export async function signRequest(authority: KeyPair, order: SigningOrder): Promise<string> {
  const request = read(order.request);
  if (!(await request.verify())) throw new Error('unable to verify certificate request signature');
  const issuer = new x509.X509Certificate(authority.cert);
  const { key, algorithm } = await signingKey(authority.key);
  const unknown = order.usages.find((usage) => keyUsages[usage] === undefined && extendedUsages[usage] === undefined);
  if (unknown !== undefined) throw new Error(`unrecognized usage values: [${JSON.stringify(unknown)}]`);
  const flags = order.usages.reduce((all, usage) => all | (keyUsages[usage] ?? 0), 0);
  const extended = [...new Set(order.usages.flatMap((usage) => extendedUsages[usage] ?? []))];
  const names = namesOf(request);
  const serial = webcrypto.getRandomValues(new Uint8Array(16));
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(serial).toString('hex'),
    subject: request.subjectName.toJSON(),
    issuer: issuer.subject,
    notBefore: new Date(order.nowMs - backdateMs),
    notAfter: new Date(Math.min(order.nowMs - backdateMs + order.durationMs, issuer.notAfter.getTime())),
    signingAlgorithm: algorithm as never,
    publicKey: request.publicKey,
    signingKey: key as never,
    extensions: [
      ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
      ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey as never),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return certificate.toString('pem') + '\n';
}
