/** Rules of trust bundles (KEP-3257) and of pods' requests for certificates (KEP-4317). */
import { X509Certificate, constants, verify, type KeyObject } from 'node:crypto';
import { immutableStruct } from '../../internal-form.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, forbiddenField, invalidOmitted, invalidValue, notSupported, required, tooLong } from '../../meta/field.ts';
import { byteLength, dnsSubdomain, qualifiedName } from '../../meta/names.ts';
import { ANNOTATIONS_MAX_BYTES, faultsAt, immutable, sameValue, validateConditions } from '../../meta/validation.ts';
import { readPem } from '../pem.ts';
import { readPublicKey, readSigningRequest } from '../pkcs10.ts';
import { validateSignerName } from '../v1/validation.ts';
import type { ClusterTrustBundle, PodCertificateRequest, PodCertificateRequestSpec, PodCertificateRequestStatus } from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');
const CHAIN = STATUS.child('certificateChain');
const BUNDLE_MAX_BYTES = 1024 * 1024;
const CHAIN_MAX_BYTES = 50 * 1024;
const KEY_MAX_BYTES = 10 * 1024;
const UID_MAX_BYTES = 128;
const EXPIRATION_SECONDS_MIN = 3600;
/** A day for signers of Kubernetes itself, 91 days for others. */
const EXPIRATION_SECONDS_MAX = { own: 86_400, other: 7_862_400 };
const SKEW_MS = 5 * 60_000;
const REFRESH_MARGIN_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;

function parseCertificate(der: Uint8Array | undefined): X509Certificate | undefined {
  try {
    return der === undefined ? undefined : new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** A bundle of a signer bears its name: `example.com/signer` has `example.com:signer:` in front. */
function validateBundleName(bundle: ClusterTrustBundle): FieldError[] {
  const path = new FieldPath('metadata.name');
  const signer = bundle.spec?.signerName ?? '';
  const name = bundle.metadata.name ?? '';
  if (name === '') return [];
  if (signer === '') return faultsAt(path, name, name.includes(':') ? ['ClusterTrustBundle without signer name must not have ":" in its name'] : dnsSubdomain(name));
  const prefix = `${signer.replaceAll('/', ':')}:`;
  if (!name.startsWith(prefix)) return [invalidValue(path, name, `ClusterTrustBundle for signerName ${signer} must be named with prefix ${prefix}`)];
  return faultsAt(path, name, dnsSubdomain(name.slice(prefix.length)));
}

/** Certificates of authorities, each once. */
function validateAnchors(path: FieldPath, text: string): FieldError[] {
  if (byteLength(text) > BUNDLE_MAX_BYTES) return [tooLong(path, BUNDLE_MAX_BYTES)];
  const seen = new Map<string, number[]>();
  const refuse = (detail: string): FieldError => invalidValue(path, '<value omitted>', detail);
  const errors = readPem(text).flatMap((block, i) => {
    if (block.type !== 'CERTIFICATE') return [refuse(`entry ${i} has bad block type: ${block.type}`)];
    if (block.headers) return [refuse(`entry ${i} has PEM block headers`)];
    const certificate = parseCertificate(block.der);
    if (certificate === undefined) return [refuse(`entry ${i} does not parse as X.509`)];
    if (!certificate.ca) return [refuse(`entry ${i} does not have the CA bit set`)];
    seen.set(certificate.fingerprint256, [...(seen.get(certificate.fingerprint256) ?? []), i]);
    return [];
  });
  if (errors.length > 0) return errors;
  if (seen.size === 0) return [refuse('at least one trust anchor must be provided')];
  return [...seen.values()].filter((places) => places.length > 1).map((places) => refuse(`duplicate trust anchor (indices [${places.join(' ')}])`));
}

export function validateBundle(bundle: ClusterTrustBundle, old?: ClusterTrustBundle): FieldError[] {
  const { signerName, trustBundle = '' } = bundle.spec ?? {};
  const errors = validateBundleName(bundle);
  if (signerName) errors.push(...validateSignerName(SPEC.child('signerName'), signerName));
  return old !== undefined && old.spec?.trustBundle === trustBundle ? errors : [...errors, ...validateAnchors(SPEC.child('trustBundle'), trustBundle)];
}

export function validateBundleUpdate(bundle: ClusterTrustBundle, old: ClusterTrustBundle): FieldError[] {
  return immutable(SPEC.child('signerName'), bundle.spec?.signerName, old.spec?.signerName);
}

function validateUid(path: FieldPath, uid: string | undefined): FieldError[] {
  if (!uid) return [invalidValue(path, '', 'must not be empty')];
  return byteLength(uid) > UID_MAX_BYTES ? [tooLong(path, UID_MAX_BYTES)] : [];
}

function validateUserAnnotations(path: FieldPath, annotations: Readonly<Record<string, string>> | undefined): FieldError[] {
  let bytes = 0;
  const errors = Object.entries(annotations ?? {}).flatMap(([key, value]) => {
    bytes += byteLength(key) + byteLength(value);
    return [...faultsAt(path, key, qualifiedName(key.toLowerCase())), ...(key.includes('/') ? [] : [invalidValue(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')])];
  });
  return bytes > ANNOTATIONS_MAX_BYTES ? [...errors, tooLong(path, ANNOTATIONS_MAX_BYTES)] : errors;
}

function validateExpiration(spec: PodCertificateRequestSpec): FieldError[] {
  const path = SPEC.child('maxExpirationSeconds');
  const seconds = spec.maxExpirationSeconds;
  if (seconds === undefined) return [required(path, 'must be set')];
  const max = spec.signerName?.split('/')[0]!.match(/(^|\.)kubernetes\.io$/) ? EXPIRATION_SECONDS_MAX.own : EXPIRATION_SECONDS_MAX.other;
  return seconds < EXPIRATION_SECONDS_MIN || seconds > max ? [invalidValue(path, seconds, `must be in the range [${EXPIRATION_SECONDS_MIN}, ${max}]`)] : [];
}

const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** The kinds of keys that pods may have. */
function validateKey(path: FieldPath, key: KeyObject): FieldError[] {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return [];
    case 'ec':
      return CURVES.has(details?.namedCurve ?? '') ? [] : [invalidValue(path, `curve ${details?.namedCurve ?? ''}`, 'elliptic public keys must use curve P256, P384 or P521')];
    case 'rsa':
      return details?.modulusLength === 3072 || details?.modulusLength === 4096 ? [] : [invalidValue(path, `${details?.modulusLength ?? 0}-bit modulus`, 'RSA keys must have modulus size 3072 or 4096')];
    default:
      return [invalidOmitted(path, 'unknown public key type; supported types are Ed25519, ECDSA, and RSA')];
  }
}

/** The older proof: a signature over the pod's identifier. */
function provesPossession(key: KeyObject, podUid: string, proof: Uint8Array): boolean {
  try {
    if (key.asymmetricKeyType === 'ed25519') return verify(null, Buffer.from(podUid), key, proof);
    return verify('sha256', Buffer.from(podUid), key.asymmetricKeyType === 'rsa' ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO } : key, proof);
  } catch {
    return false;
  }
}

function validateOlderProof(spec: PodCertificateRequestSpec): FieldError[] {
  const path = SPEC.child('pkixPublicKey');
  const der = Buffer.from(spec.pkixPublicKey ?? '', 'base64');
  const proof = Buffer.from(spec.proofOfPossession ?? '', 'base64');
  if (der.length > KEY_MAX_BYTES) return [tooLong(path, KEY_MAX_BYTES)];
  if (proof.length > KEY_MAX_BYTES) return [tooLong(SPEC.child('proofOfPossession'), KEY_MAX_BYTES)];
  const key = readPublicKey(der);
  if (key === undefined) return [invalidValue(path, spec.pkixPublicKey, 'must be a valid PKIX-serialized public key')];
  const errors = validateKey(path, key);
  if (errors.length > 0) return errors;
  return provesPossession(key, spec.podUID, proof) ? [] : [invalidOmitted(SPEC.child('proofOfPossession'), 'could not verify proof-of-possession signature')];
}

/** The key, and a proof that the asker has its other half: a request signed with it, or one of the older form. */
function validateProof(spec: PodCertificateRequestSpec): FieldError[] {
  const path = SPEC.child('stubPKCS10Request');
  if (!spec.stubPKCS10Request) return spec.pkixPublicKey ? validateOlderProof(spec) : [required(path, 'must be set')];
  const errors: FieldError[] = [];
  for (const field of ['pkixPublicKey', 'proofOfPossession'] as const) if (spec[field]) errors.push(forbiddenField(SPEC.child(field), 'may not be set when stubPKCS10Request is set'));
  const der = Buffer.from(spec.stubPKCS10Request, 'base64');
  if (der.length > KEY_MAX_BYTES) return [...errors, tooLong(path, KEY_MAX_BYTES)];
  const request = readSigningRequest(der);
  if (request === undefined) return [...errors, invalidOmitted(path, 'must be a valid PKCS#10 certificate signing request')];
  if (!request.signed) errors.push(invalidOmitted(path, 'could not verify the signature of the certificate signing request'));
  return [...errors, ...validateKey(path, request.key)];
}

export function validatePodRequest(request: PodCertificateRequest): FieldError[] {
  const spec = request.spec;
  const named = (field: 'podName' | 'serviceAccountName' | 'nodeName'): FieldError[] => faultsAt(SPEC.child(field), spec[field] ?? '', dnsSubdomain(spec[field] ?? ''));
  const errors = [
    ...validateSignerName(SPEC.child('signerName'), spec.signerName ?? ''),
    ...validateUserAnnotations(SPEC.child('unverifiedUserAnnotations'), spec.unverifiedUserAnnotations),
    ...named('podName'), ...validateUid(SPEC.child('podUID'), spec.podUID),
    ...named('serviceAccountName'), ...validateUid(SPEC.child('serviceAccountUID'), spec.serviceAccountUID),
    ...named('nodeName'), ...validateUid(SPEC.child('nodeUID'), spec.nodeUID),
    ...validateExpiration(spec),
  ];
  return spec.maxExpirationSeconds === undefined ? errors : [...errors, ...validateProof(spec)];
}

export function validatePodRequestUpdate(request: PodCertificateRequest, old: PodCertificateRequest): FieldError[] {
  return immutableStruct(SPEC, 'io.k8s.api.certificates.v1beta1.PodCertificateRequestSpec', request.spec, old.spec);
}

const ENDS: readonly string[] = ['Issued', 'Denied', 'Failed'];
const endOf = (status: PodCertificateRequestStatus | undefined): string | undefined => status?.conditions?.find((condition) => ENDS.includes(condition.type) && condition.status === 'True')?.type;

function validateEnds(status: PodCertificateRequestStatus): FieldError[] {
  const path = STATUS.child('conditions');
  let known = 0;
  return (status.conditions ?? []).flatMap((condition, i) => {
    const at = path.child(`[${i}]`);
    if (!ENDS.includes(condition.type)) return [notSupported(at.child('type'), condition.type, ENDS)];
    known++;
    return [
      ...(known > 1 ? [invalidValue(at.child('type'), condition.type, 'There may be at most one condition with type "Issued", "Denied", or "Failed"')] : []),
      ...(condition.status === 'True' ? [] : [notSupported(at.child('status'), condition.status ?? '', ['True'])]),
    ];
  });
}

/** The answer: an end that is final, with a certificate for the key that was asked for where it is issued. */
export function validatePodRequestStatus(request: PodCertificateRequest, old: PodCertificateRequest, nowMs: number): FieldError[] {
  const status = request.status ?? {};
  const errors = [...validateEnds(status), ...validateConditions(STATUS.child('conditions'), status.conditions)];
  if (errors.length > 0) return errors;
  const same = sameValue(status, old.status ?? {});
  if (endOf(old.status) !== undefined) return same ? [] : [invalidOmitted(STATUS, 'immutable after PodCertificateRequest is issued, denied, or failed')];
  switch (endOf(status)) {
    case 'Issued':
      return validateIssued(request, status, nowMs);
    case 'Denied':
    case 'Failed':
      return sameValue(status, { conditions: status.conditions }) ? [] : [invalidOmitted(STATUS, 'non-condition status fields must be empty when denying or failing the PodCertificateRequest')];
    default:
      return same ? [] : [invalidOmitted(STATUS, 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"')];
  }
}

/** The first error alone, as later checks build on the earlier ones. */
function validateIssued(request: PodCertificateRequest, status: PodCertificateRequestStatus, nowMs: number): FieldError[] {
  const chain = status.certificateChain ?? '';
  if (byteLength(chain) > CHAIN_MAX_BYTES) return [tooLong(CHAIN, CHAIN_MAX_BYTES)];
  const [first, ...rest] = readPem(chain);
  if (first === undefined) return [invalidValue(CHAIN, chain, 'issued certificate chain must contain at least one certificate')];
  if (first.type !== 'CERTIFICATE') return [invalidValue(CHAIN, chain, 'issued certificate chain must consist entirely of CERTIFICATE PEM blocks')];
  const leaf = parseCertificate(first.der);
  if (leaf === undefined) return [invalidValue(CHAIN, chain, 'leaf certificate does not parse as valid X.509')];
  const { stubPKCS10Request, pkixPublicKey } = request.spec;
  const key = stubPKCS10Request ? readSigningRequest(Buffer.from(stubPKCS10Request, 'base64'))?.key : readPublicKey(Buffer.from(pkixPublicKey ?? '', 'base64'));
  if (key === undefined || !leaf.publicKey.equals(key)) return [invalidValue(CHAIN, chain, 'leaf certificate was not issued to the requested public key')];
  const errors = validateTimes(request, status, leaf, nowMs);
  if (errors.length > 0) return errors;
  if (rest.some((block) => block.type !== 'CERTIFICATE')) return [invalidValue(CHAIN, chain, 'issued certificate chain must consist entirely of CERTFICATE PEM blocks')];
  return rest.some((block) => parseCertificate(block.der) === undefined) ? [invalidValue(CHAIN, chain, 'intermediate certificate does not parse as valid X.509')] : [];
}

function validateTimes(request: PodCertificateRequest, status: PodCertificateRequestStatus, leaf: X509Certificate, nowMs: number): FieldError[] {
  const paths = { notBefore: STATUS.child('notBefore'), notAfter: STATUS.child('notAfter'), beginRefreshAt: STATUS.child('beginRefreshAt') };
  const { notBefore, notAfter, beginRefreshAt } = status;
  const errors: FieldError[] = [];
  const consistent = 'must be present and consistent with the issued certificate';
  if (!notBefore) errors.push(required(paths.notBefore, consistent));
  if (!notAfter) errors.push(required(paths.notAfter, consistent));
  if (!beginRefreshAt) errors.push(required(paths.beginRefreshAt, 'must be present and in the range [notbefore+10min, notafter-10min]'));
  if (!notBefore || !notAfter || !beginRefreshAt) return errors;
  const [from, to, refresh] = [Date.parse(notBefore), Date.parse(notAfter), Date.parse(beginRefreshAt)];
  if (from !== Date.parse(leaf.validFrom)) return [invalidValue(paths.notBefore, notBefore, 'must be set to the NotBefore time encoded in the leaf certificate')];
  if (Math.abs(from - nowMs) >= SKEW_MS) return [invalidValue(paths.notBefore, notBefore, "must be set to within 5 minutes of kube-apiserver's current time")];
  if (to !== Date.parse(leaf.validTo)) return [invalidValue(paths.notAfter, notAfter, 'must be set to the NotAfter time encoded in the leaf certificate')];
  const lifetime = `${(to - from) / 1000}s`;
  if (to - from < HOUR_MS) return [invalidValue(CHAIN, lifetime, 'leaf certificate lifetime must be >= 1 hour')];
  const most = request.spec.maxExpirationSeconds ?? 0;
  if (to - from > most * 1000) return [invalidValue(CHAIN, lifetime, `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${most})`)];
  if (refresh < from + REFRESH_MARGIN_MS) return [invalidValue(paths.beginRefreshAt, beginRefreshAt, 'must be at least 10 minutes after status.notBefore')];
  return refresh > to - REFRESH_MARGIN_MS ? [invalidValue(paths.beginRefreshAt, beginRefreshAt, 'must be at least 10 minutes before status.notAfter')] : [];
}
