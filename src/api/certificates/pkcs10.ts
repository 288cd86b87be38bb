/** Certificate signing requests (PKCS #10, RFC 2986) as far as a server must know them: the key, and whether the request is signed by it. */
import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';

interface Element {
  tag: number;
  /** Where the element begins, where its contents begin, and where both end. */
  from: number;
  start: number;
  end: number;
}

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const BIT_STRING = 0x03;

/** One DER element at a place; undefined where there is none, or where it is longer than the bytes. */
function elementAt(bytes: Uint8Array, at: number, limit: number): Element | undefined {
  const tag = bytes[at];
  let length = bytes[at + 1];
  if (tag === undefined || length === undefined || at + 2 > limit) return undefined;
  let start = at + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) return undefined;
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[start + i] ?? 0);
    start += count;
  }
  const end = start + length;
  return end > limit ? undefined : { tag, from: at, start, end };
}

function childrenOf(bytes: Uint8Array, parent: Element): Element[] | undefined {
  const found: Element[] = [];
  for (let at = parent.start; at < parent.end;) {
    const element = elementAt(bytes, at, parent.end);
    if (element === undefined) return undefined;
    found.push(element);
    at = element.end;
  }
  return found;
}

const hex = (bytes: Uint8Array, { start, end }: Element): string => Buffer.from(bytes.subarray(start, end)).toString('hex');

/** Contents of algorithm identifiers in hexadecimal, and the hash that each goes with. */
const HASHES: Readonly<Record<string, string>> = {
  '2a864886f70d010105': 'sha1', '2a864886f70d01010b': 'sha256', '2a864886f70d01010c': 'sha384', '2a864886f70d01010d': 'sha512',
  '2a8648ce3d0401': 'sha1', '2a8648ce3d040302': 'sha256', '2a8648ce3d040303': 'sha384', '2a8648ce3d040304': 'sha512',
};
const PSS = '2a864886f70d01010a';
const ED25519 = '2b6570';
const DIGESTS: readonly (readonly [string, string])[] = [['608648016503040201', 'sha256'], ['608648016503040202', 'sha384'], ['608648016503040203', 'sha512']];

/** What a request holds. */
export interface SigningRequest {
  key: KeyObject;
  /** The request is signed by its own key. */
  signed: boolean;
}

function isSigned(bytes: Uint8Array, key: KeyObject, info: Element, algorithm: Element, signature: Element): boolean {
  const identifier = childrenOf(bytes, algorithm)?.[0];
  if (identifier?.tag !== OBJECT_IDENTIFIER) return false;
  const name = hex(bytes, identifier);
  const data = bytes.subarray(info.from, info.end);
  const proof = bytes.subarray(signature.start + 1, signature.end);
  try {
    if (name === ED25519) return verify(null, data, key, proof);
    if (name === PSS) {
      const parameters = hex(bytes, algorithm);
      const hash = DIGESTS.find(([oid]) => parameters.includes(oid))?.[1] ?? 'sha1';
      return verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, proof);
    }
    const hash = HASHES[name];
    return hash !== undefined && verify(hash, data, key, proof);
  } catch {
    return false;
  }
}

/** Reads a request in DER; undefined where the bytes are none. */
export function readSigningRequest(bytes: Uint8Array): SigningRequest | undefined {
  const whole = elementAt(bytes, 0, bytes.length);
  if (whole?.tag !== SEQUENCE || whole.end !== bytes.length) return undefined;
  const [info, algorithm, signature, ...rest] = childrenOf(bytes, whole) ?? [];
  if (info?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || signature?.tag !== BIT_STRING || rest.length > 0) return undefined;
  const spki = childrenOf(bytes, info)?.[2];
  if (spki?.tag !== SEQUENCE) return undefined;
  const key = readPublicKey(bytes.subarray(spki.from, spki.end));
  return key === undefined ? undefined : { key, signed: isSigned(bytes, key, info, algorithm, signature) };
}

/** Reads a public key in PKIX form; undefined where the bytes are none. */
export function readPublicKey(der: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
