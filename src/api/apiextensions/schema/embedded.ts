/** Objects inside objects (`x-kubernetes-embedded-resource`): their metadata is read like any other object's. */
import { decodeObject } from '../../decode.ts';
import { dnsLabel1035, pathName } from '../../meta/names.ts';
import { FieldPath, invalidValue, required, type FieldError } from '../../meta/field.ts';
import { StatusError } from '../../meta/status.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import { validateObjectMeta } from '../../meta/validation.ts';
import type { JsonRecord, JsonValue, Node } from './node.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Reads metadata: unknown fields go, and are named with the path in front. Throws StatusError 400 for values of a wrong type. */
export function readMetadata(metadata: JsonValue, path: string, unknown: string[]): JsonValue {
  const decoded = decodeObject<Record<string, JsonValue>>(OBJECT_META, metadata);
  unknown.push(...decoded.unknownFields.map((field) => `${path}.${field}`));
  return decoded.object;
}

/** Reads metadata field by field: what cannot be read, or is unknown, is left out. */
export function readLeniently(metadata: JsonValue): JsonRecord {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return {};
  try {
    return readMetadata(metadata, '', []) as JsonRecord;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
  const kept: JsonRecord = {};
  for (const [field, value] of Object.entries(metadata)) {
    try {
      Object.assign(kept, readMetadata({ [field]: value }, '', []));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
  return kept;
}

/** An embedded object that cannot be read. */
export class UnreadableEmbedded extends Error {
  readonly fault: FieldError;
  constructor(fault: FieldError) {
    super(`${fault.field}: ${fault.detail}`);
    this.fault = fault;
  }
}

/** Reads the metadata of all embedded objects, in place. Throws UnreadableEmbedded unless it is told to be lenient. `lenient` drops what cannot be read: objects that were stored before anybody looked. */
export function readEmbedded(value: JsonValue, node: Node, unknown: string[], lenient = false, path = ''): void {
  if (!node.within.embedded || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    if (node.items !== undefined) for (const [i, item] of value.entries()) readEmbedded(item, node.items, unknown, lenient, `${path}[${i}]`);
    return;
  }
  if (node.embedded && !lenient) requireText(value, path);
  if (node.embedded && value['metadata'] !== undefined) {
    const at = path === '' ? 'metadata' : `${path}.metadata`;
    const given = value['metadata'];
    try {
      value['metadata'] = readMetadata(value['metadata'] ?? {}, at, unknown);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (!lenient) throw new UnreadableEmbedded(invalidValue(new FieldPath(at), given, whyUnread(error)));
      delete value['metadata'];
    }
  }
  for (const [key, inner] of Object.entries(value)) {
    const below = node.properties.get(key) ?? (typeof node.additional === 'object' ? node.additional : undefined);
    if (below !== undefined) readEmbedded(inner, below, unknown, lenient, path === '' ? key : `${path}.${key}`);
  }
}

function validateText(path: FieldPath, object: JsonRecord, name: 'apiVersion' | 'kind', faultOf: (text: string) => string | undefined): FieldError[] {
  const at = path.child(name);
  if (!Object.hasOwn(object, name)) return [required(at)];
  const text = object[name];
  if (typeof text !== 'string') return [invalidValue(at, text, 'must be a string')];
  const fault = text === '' ? 'must not be empty' : faultOf(text);
  return fault === undefined ? [] : [invalidValue(at, text, fault)];
}

function kindFault(kind: string): string | undefined {
  const faults = dnsLabel1035(kind.toLowerCase());
  return faults.length > 0 ? `may have mixed case, but should otherwise match: ${faults.join(',')}` : undefined;
}

/** Metadata as it is read, or why it cannot be, in the words of Go's decoder. */
function metadataOf(metadata: JsonValue): ObjectMeta | string {
  try {
    return decodeObject<ObjectMeta>(OBJECT_META, metadata ?? {}).object;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return whyUnread(error);
  }
}

/** What Go's decoder says, without whose words they are. */
const whyUnread = (error: StatusError): string => error.message.replace(/^.* cannot be handled as a ObjectMeta: /, '');

function requireText(object: JsonRecord, path: string): void {
  for (const name of ['apiVersion', 'kind']) {
    const value = object[name];
    if (Object.hasOwn(object, name) && typeof value !== 'string') throw new UnreadableEmbedded(invalidValue(new FieldPath(path === '' ? name : `${path}.${name}`), value, 'must be a string'));
  }
}

/** The first thing in embedded objects that cannot be what it should. */
export function embeddedFault(path: FieldPath, value: JsonValue, node: Node): FieldError | undefined {
  if (!node.within.embedded || typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const list = Array.isArray(value);
    if (node.embedded && !list) {
      if ((key === 'apiVersion' || key === 'kind') && typeof inner !== 'string') return invalidValue(path.child(key), inner, 'must be a string');
      const read = key === 'metadata' ? metadataOf(inner) : undefined;
      if (typeof read === 'string') return invalidValue(path.child(key), inner, read);
    }
    const property = list ? node.items : node.properties.get(key);
    const below = property ?? (typeof node.additional === 'object' ? node.additional : undefined);
    const found = below === undefined ? undefined : embeddedFault(list ? path.index(Number(key)) : property === undefined ? path.key(key) : path.child(key), inner, below);
    if (found !== undefined) return found;
  }
  return undefined;
}

function validateEmbeddedMeta(path: FieldPath, metadata: JsonValue): FieldError[] {
  const found = metadataOf(metadata);
  if (typeof found === 'string') return [invalidValue(path, metadata, found)];
  // Whether an embedded object needs a name or a namespace is not known here.
  return validateObjectMeta({ ...found, name: found.name || 'fakename' }, { namespaced: Boolean(found.namespace), name: pathName, anyFinalizer: true }, path);
}

function validateEmbeddedObject(path: FieldPath, object: JsonRecord): FieldError[] {
  const errors = [
    ...validateText(path, object, 'apiVersion', (text) => (text.split('/').length > 2 ? `unexpected GroupVersion string: ${text}` : undefined)),
    ...validateText(path, object, 'kind', kindFault),
  ];
  const metadata = object['metadata'];
  return metadata === undefined || metadata === null ? errors : [...errors, ...validateEmbeddedMeta(path.child('metadata'), metadata)];
}

/** What is wrong with apiVersion, kind and metadata of embedded objects. */
export function validateEmbedded(path: FieldPath, value: JsonValue, node: Node, root = true): FieldError[] {
  if (!node.within.embedded || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return node.items === undefined ? [] : value.flatMap((item, i) => validateEmbedded(path.index(i), item, node.items!, false));
  const errors = node.embedded && !root ? validateEmbeddedObject(path, value) : [];
  for (const [key, inner] of Object.entries(value)) {
    const property = node.properties.get(key);
    const below = property ?? (typeof node.additional === 'object' ? node.additional : undefined);
    if (below !== undefined) errors.push(...validateEmbedded(property === undefined ? path.key(key) : path.child(key), inner, below, false));
  }
  return errors;
}
