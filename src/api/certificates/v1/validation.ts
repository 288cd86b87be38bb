/** Rules of certificate signing requests. */
import { X509Certificate } from 'node:crypto';
import { oneOf } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { duplicate, FieldPath, forbiddenField, invalidValue, notSupported, required } from '../../meta/field.ts';
import { dnsSubdomain, isHttpPath } from '../../meta/names.ts';
import { immutable, repeats } from '../../meta/validation.ts';
import { readPem } from '../pem.ts';
import { readSigningRequest } from '../pkcs10.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');
const EXPIRATION_SECONDS_MIN = 600;
const SIGNER_NAME_MAX = 571;
const USAGES = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection',
  'encipher only', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth',
  'signing', 'timestamping',
];

function decode(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}

/** `domain.name/path`, both parts there. */
export function validateSignerName(path: FieldPath, name: string): FieldError[] {
  if (name === '') return [required(path)];
  const cut = name.indexOf('/');
  if (cut < 0 || name.indexOf('/', cut + 1) >= 0) return [invalidValue(path, name, 'must be a fully qualified domain and path of the form \'example.com/signer-name\'')];
  const [domain, rest] = [name.slice(0, cut), name.slice(cut + 1)];
  const errors: FieldError[] = [];
  for (const fault of dnsSubdomain(domain)) errors.push(invalidValue(path, domain, `validating label "${domain}": ${fault}`));
  if (errors.length === 0 && !domain.includes('.')) errors.push(invalidValue(path, domain, 'should be a domain with at least two segments separated by dots'));
  if (rest === '') errors.push(invalidValue(path, rest, 'validating label "": a lowercase RFC 1123 subdomain must not be empty'));
  else if (!isHttpPath(rest)) errors.push(invalidValue(path, rest, `validating label ${JSON.stringify(rest)}`));
  if (name.length > SIGNER_NAME_MAX) errors.push(invalidValue(path, name, `must be no more than ${SIGNER_NAME_MAX} bytes`));
  return errors;
}

/** A request in PEM that is signed by its own key. */
function validatePem(path: FieldPath, base64: string): FieldError[] {
  const [block] = readPem(decode(base64));
  if (block?.type !== 'CERTIFICATE REQUEST') return [invalidValue(path, base64, 'PEM block type must be CERTIFICATE REQUEST')];
  const request = block.der && readSigningRequest(block.der);
  if (request === undefined) return [invalidValue(path, base64, 'x509: malformed certificate request')];
  return request.signed ? [] : [invalidValue(path, base64, 'x509: the signature does not fit the key of the request')];
}

export function validateRequest(request: CertificateSigningRequest): FieldError[] {
  const spec = request.spec;
  const errors: FieldError[] = [];
  errors.push(...validatePem(SPEC.child('request'), spec?.request ?? ''));
  const usages = spec?.usages ?? [];
  if (usages.length === 0) errors.push(required(SPEC.child('usages')));
  const seen = repeats();
  for (const [i, usage] of usages.entries()) {
    if (!USAGES.includes(usage)) errors.push(notSupported(SPEC.child('usages').index(i), usage, USAGES));
    if (seen(usage)) errors.push(duplicate(SPEC.child('usages').index(i), usage));
  }
  const signer = SPEC.child('signerName');
  if (spec?.signerName === 'kubernetes.io/legacy-unknown') errors.push(invalidValue(signer, spec.signerName, 'the legacy signerName is not allowed via this API version'));
  else errors.push(...validateSignerName(signer, spec?.signerName ?? ''));
  const seconds = spec?.expirationSeconds;
  if (seconds !== undefined && seconds < EXPIRATION_SECONDS_MIN) errors.push(invalidValue(SPEC.child('expirationSeconds'), seconds, `may not specify a duration less than ${EXPIRATION_SECONDS_MIN} seconds (10 minutes)`));
  return [...errors, ...validateConditions(request)];
}

function validateConditions(request: CertificateSigningRequest): FieldError[] {
  const conditions = request.status?.conditions ?? [];
  const path = STATUS.child('conditions');
  const errors: FieldError[] = [];
  let decided: string | undefined;
  const seen = repeats();
  for (const [i, condition] of conditions.entries()) {
    const at = path.index(i);
    if (!condition.type) errors.push(required(at.child('type')));
    if (!condition.status) errors.push(required(at.child('status')));
    else if (['Approved', 'Denied', 'Failed'].includes(condition.type)) {
      if (condition.status !== 'True') errors.push(notSupported(at.child('status'), condition.status, ['True']));
    } else errors.push(...oneOf(at.child('status'), condition.status, ['True', 'False', 'Unknown']));
    if (condition.type === 'Approved' || condition.type === 'Denied') {
      if (decided !== undefined && decided !== condition.type) errors.push(invalidValue(at.child('type'), condition.type, 'Approved and Denied conditions are mutually exclusive'));
      decided = condition.type;
    }
    if (seen(condition.type)) errors.push(duplicate(at.child('type'), condition.type));
  }
  return errors;
}

const of = (request: CertificateSigningRequest, type: string): CertificateSigningRequestCondition | undefined => request.status?.conditions?.find((condition) => condition.type === type);

/** Decisions stay, and come only through /approval; a failure and a certificate stay too. */
export function validateRequestUpdate(request: CertificateSigningRequest, old: CertificateSigningRequest, subresource: string): FieldError[] {
  const path = STATUS.child('conditions');
  const errors: FieldError[] = immutable(SPEC, request.spec, old.spec);
  for (const type of ['Approved', 'Denied', 'Failed']) {
    if (of(old, type) && !of(request, type)) errors.push(forbiddenField(path, `updates may not remove a condition of type "${type}"`));
    if (!of(old, type) && of(request, type) && type !== 'Failed' && subresource !== 'approval') errors.push(forbiddenField(path, `updates may not add a condition of type "${type}"`));
  }
  const certificate = STATUS.child('certificate');
  const issued = request.status?.certificate;
  if (subresource === 'status') {
    if (old.status?.certificate && issued !== old.status.certificate) errors.push(forbiddenField(certificate, 'updates may not change certificate content once set'));
    else if (issued && issued !== old.status?.certificate) errors.push(...validateIssued(certificate, issued));
  } else if (issued !== old.status?.certificate) errors.push(forbiddenField(certificate, 'updates may not set certificate content'));
  return errors;
}

/** One certificate, or several one after the other. */
function isCertificate(der: Uint8Array): boolean {
  try {
    for (let at = 0; at < der.length;) at += new X509Certificate(der.subarray(at)).raw.length;
    return true;
  } catch {
    return false;
  }
}

function validateIssued(path: FieldPath, base64: string): FieldError[] {
  const blocks = readPem(decode(base64));
  const refuse = (detail: string): FieldError[] => [invalidValue(path, '<certificate data>', detail)];
  for (const block of blocks) {
    if (block.type !== 'CERTIFICATE') return refuse(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(block.type)}`);
    if (block.headers) return refuse('no PEM block headers are permitted');
    if (block.der === undefined || block.der.length === 0) return refuse('found CERTIFICATE PEM block containing 0 certificates');
    if (!isCertificate(block.der)) return refuse('x509: malformed certificate');
  }
  return blocks.length === 0 ? refuse('must contain at least one CERTIFICATE PEM block') : [];
}
