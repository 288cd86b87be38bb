/** A custom resource in one version, as the registry serves it. */
import { parseExactly } from '../../api/exact-json.ts';
import { NOWHERE, readLeniently, typesFit, UnreadableEmbedded, validateEmbedded, validateListTypes, validateValue, type JsonRecord, type JsonValue, type Node } from '../../api/apiextensions/schema/index.ts';
import { customResourceStrategy } from '../../api/strategies.ts';
import { FieldPath, type FieldError } from '../../api/meta/field.ts';
import { groupVersionOf } from '../../api/meta/objects.ts';
import type { Resource, Subresource } from '../../api/meta/resource.ts';
import { badRequest, StatusError } from '../../api/meta/status.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { CachedObject } from '../cache/object.ts';
import { sortedFormOf, type StoredForm } from '../cache/stored.ts';
import type { FeedSource } from '../cache/feed.ts';
import { bytesOfLine, sortedJson } from '../go-json.ts';
import { REGISTRY_PREFIX } from '../cache/feed.ts';
import type { Kind } from '../registry/kinds.ts';
import type { CustomKind } from '../registry/custom.ts';
import type { Conversion } from './conversion.ts';
import { stepsOf, valueAt } from './paths.ts';
import type { DefinitionRecord, VersionRecord } from './record.ts';
import type { Rules } from './rules.ts';
import { scaleFaults, scaleSteps } from './scale.ts';
import type { Schemas } from './schemas.ts';
import { shapeOfRoot } from './shape.ts';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
/** What discovery shows of kinds that are being cleaned up. Changes are still taken: finalizers must come off. */
const LAST_VERBS = ['delete', 'deletecollection', 'get', 'list', 'watch'];
const READ_WRITE = ['get', 'patch', 'update'];

/** What all versions of one definition have in common. */
export interface Family {
  record: DefinitionRecord;
  schemas: Schemas;
  conversion: Conversion;
  rules: Rules;
  source: FeedSource;
  forms: ReadonlyMap<string, StoredForm>;
  /** Bytes made by the schemas of today. */
  written: WeakSet<Uint8Array>;
}

export function prefixOf(record: DefinitionRecord): string {
  return `${REGISTRY_PREFIX}${record.group}/${record.names.plural}/`;
}

/** How stored objects begin, by version. `cbor`: what is written is CBOR. */
export function formsOf(record: DefinitionRecord, cbor: boolean): Map<string, StoredForm> {
  return new Map(record.versions.map(({ name }) => [name, { ...sortedFormOf({ group: record.group, version: name, kind: record.accepted.kind }), cbor }]));
}

function subresourcesOf(record: DefinitionRecord, version: VersionRecord): Subresource[] {
  const verbs = READ_WRITE;
  return [
    ...(version.status ? [{ name: 'status', kind: record.accepted.kind, verbs }] : []),
    ...(version.scale ? [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs }] : []),
  ];
}

/** The resource as discovery shows it. */
export function discoveredResource(record: DefinitionRecord, version: VersionRecord): Resource {
  const resource = resourceOf(record, version);
  return record.terminating ? { ...resource, verbs: LAST_VERBS } : resource;
}

/** The resource as it is served. */
export function resourceOf(record: DefinitionRecord, version: VersionRecord): Resource {
  const { accepted, group } = record;
  return {
    group, version: version.name, plural: record.names.plural, singular: accepted.singular ?? '', kind: accepted.kind, listKind: accepted.listKind ?? `${accepted.kind}List`,
    namespaced: record.namespaced, verbs: VERBS, shortNames: accepted.shortNames ?? [], categories: accepted.categories ?? [],
    subresources: subresourcesOf(record, version), storagePrefix: `${group}/${record.names.plural}`, storageVersion: { group, version: record.storage },
    // No schema of the program has such a name: whoever looks it up finds that nothing is known.
    schema: `custom.${group}.${version.name}.${accepted.kind}`,
  };
}

/** Fields that a selector may ask for, as text. */
function selectableReader(paths: readonly string[]): (object: KubeObject) => Record<string, string> {
  const steps = paths.map((path) => [path, stepsOf(path)] as const);
  return (object) => Object.fromEntries(steps.map(([path, at]) => {
    const value = valueAt(object, at);
    return [path, value === undefined || value === null ? '' : String(value)];
  }));
}

/** Selectable fields of all versions: which of them an object in the store has depends on its version. */
export function fieldReader(record: DefinitionRecord): (object: KubeObject) => Record<string, string> {
  return selectableReader([...new Set(record.versions.flatMap((version) => version.selectable))]);
}

/** What the schema of a status says of one. Within it, paths begin at the status. */
function validateStatus(object: JsonRecord, node: Node, old: KubeObject | undefined): FieldError[] {
  const { properties } = node.schema;
  const schema = properties?.['status'];
  if (schema === undefined || object['status'] === undefined) return [];
  return validateValue(object['status'], schema, '', (old as unknown as JsonRecord | undefined)?.['status'])
    .map((error) => ({ ...error, field: error.field === '' || error.field === NOWHERE ? 'status' : `status.${error.field}` }));
}

/** What an object was let pass with: told when it is written. */
const letPass = new WeakMap<KubeObject, string[]>();

function validator({ schemas, rules }: Family, version: VersionRecord) {
  return (object: KubeObject, old: KubeObject | undefined, subresource: string): FieldError[] => {
    const node = schemas.of(version.name);
    const value = object as unknown as JsonRecord;
    const ofStatus = version.status && subresource === 'status';
    const errors = ofStatus ? validateStatus(value, node, old) : validateValue(value, node.schema, '', old);
    errors.push(...scaleFaults(object, version.scale, ofStatus));
    if (!ofStatus) errors.push(...validateEmbedded(new FieldPath(), value, node));
    const root = new FieldPath();
    // A list that held something twice before anybody minded may go on so.
    if (old === undefined || validateListTypes(root, old as unknown as JsonValue, node).length === 0) errors.push(...validateListTypes(root, value, node));
    if (!node.within.rules) return errors;
    const warnings: FieldError[] = [];
    const all = rules.validate(version.name, errors, object, old, warnings);
    if (warnings.length > 0) letPass.set(object, warnings.map(({ field, detail }) => `${field}: ${detail}`));
    return all;
  };
}

class Custom implements CustomKind {
  readonly source: FeedSource;
  readonly columns: CustomKind['columns'];
  readonly scale: CustomKind['scale'];
  readonly scalePaths: CustomKind['scalePaths'];
  readonly deprecation: string | undefined;
  readonly terminating: boolean;
  readonly convertsElsewhere: boolean;
  readonly fieldsOf: CustomKind['fieldsOf'];
  readonly #family: Family;
  readonly #version: string;
  readonly #hasStatus: boolean;
  readonly #apiVersion: string;

  constructor(family: Family, record: DefinitionRecord, version: VersionRecord) {
    this.#family = family;
    this.#version = version.name;
    this.#hasStatus = version.status;
    this.#apiVersion = `${family.record.group}/${version.name}`;
    this.source = family.source;
    this.columns = version.columns;
    this.scale = version.scale;
    this.scalePaths = new Map(record.versions.map(({ name, scale }) => [`${record.group}/${name}`, scale && scaleSteps(scale.specReplicasPath)]));
    this.deprecation = version.deprecation;
    this.terminating = record.terminating;
    this.convertsElsewhere = family.conversion.elsewhere;
    this.fieldsOf = selectableReader(version.selectable);
  }

  shape(): ReturnType<typeof shapeOfRoot> {
    return shapeOfRoot(this.#family.schemas.of(this.#version));
  }

  ready(): Promise<void> | undefined {
    return this.#family.rules.ready(this.#version, this.#family.schemas);
  }

  decode(value: JsonRecord, defaults: boolean): { object: KubeObject; unknownFields: string[] } {
    try {
      const unknownFields = this.#family.schemas.read(value, this.#version, defaults);
      return { object: value as unknown as KubeObject, unknownFields };
    } catch (error) {
      if (!(error instanceof UnreadableEmbedded || error instanceof StatusError)) throw error;
      const { kind } = this.#family.record.accepted;
      const cause = error.message.replace(/^ObjectMeta in version "v1" cannot be handled as a ObjectMeta: /, '');
      throw Object.assign(badRequest(`${kind} in version "${this.#version}" cannot be handled as a ${kind}: ${cause}`), { cause });
    }
  }

  typesFit(object: KubeObject, subresource: string): boolean {
    if (!this.#hasStatus || (subresource !== '' && subresource !== 'status')) return true;
    const { group, version } = groupVersionOf(object.apiVersion ?? '');
    if (group !== this.#family.record.group || !this.#family.forms.has(version) || object.kind !== this.#family.record.accepted.kind) return false;
    const { properties } = this.#family.schemas.of(this.#version).schema;
    const dropped = subresource === '' ? ['status'] : Object.keys(object).filter((field) => field !== 'status' && field !== 'metadata');
    return dropped.every((field) => properties?.[field] === undefined || typesFit((object as unknown as JsonRecord)[field], properties[field]!));
  }

  fill(object: KubeObject): void {
    this.#family.schemas.fill(object, this.#version);
  }

  metadataOf(object: KubeObject): KubeObject['metadata'] {
    return readLeniently(object.metadata as unknown as JsonValue) as KubeObject['metadata'];
  }

  clean(object: KubeObject): void {
    this.#family.schemas.clean(object, this.#version, true);
  }

  prepare(objects: readonly CachedObject[]): Promise<void> | undefined {
    if (!this.convertsElsewhere) return undefined;
    const missing = objects.filter((object) => !object.has(this.#apiVersion));
    return missing.length === 0 ? undefined : this.#convert(missing);
  }

  async #convert(objects: readonly CachedObject[]): Promise<void> {
    const converted = await this.#family.conversion.all(objects.map((object) => object.object), this.#version);
    for (const [i, object] of objects.entries()) object.put(this.#apiVersion, this.#encode(converted[i]!));
  }

  #encode(object: KubeObject): Buffer {
    const { kind, apiVersion } = this.#family.forms.get(this.#version)!;
    return bytesOfLine(sortedJson({ ...object, kind, apiVersion }));
  }

  view(object: CachedObject): KubeObject {
    return object.form.apiVersion === this.#apiVersion ? object.object : (parseExactly(this.bytes(object).toString()) as KubeObject);
  }

  bytes(object: CachedObject): Buffer {
    return object.in(this.#apiVersion, (source) => this.#encode(this.#family.conversion.now(source, this.#version)));
  }

  toStored(object: KubeObject): KubeObject | Promise<KubeObject> {
    const { record, conversion } = this.#family;
    if (record.storage === this.#version) return object;
    if (!conversion.elsewhere) return conversion.now(object, record.storage);
    return conversion.all([object], record.storage).then(([converted]) => converted!);
  }

  inVersion(objects: readonly KubeObject[], apiVersion: string): ReturnType<CustomKind['inVersion']> {
    const { conversion, forms, schemas } = this.#family;
    const { group, version } = groupVersionOf(apiVersion);
    if (group !== this.#family.record.group || !forms.has(version)) return undefined;
    const shape = shapeOfRoot(schemas.of(version));
    if (!conversion.elsewhere || objects.length === 0) return { objects: objects.map((object) => conversion.now(object, version)), shape };
    return conversion.all(objects, version).then((converted) => ({ objects: converted, shape }));
  }

  wrote(value: Uint8Array): void {
    this.#family.written.add(value);
  }
}

/** The kind of one version. */
export function kindOfVersion(family: Family, record: DefinitionRecord, version: VersionRecord): Kind {
  const { forms } = family;
  const resource = resourceOf(record, version);
  return {
    resource, stored: resource, prefix: family.source.prefix, form: forms.get(version.name)!, storedForm: forms.get(record.storage)!,
    strategy: customResourceStrategy({ namespaced: record.namespaced, status: version.status, validate: validator(family, version), warnings: (object) => letPass.get(object) ?? [] }),
    selectable: new Set(version.selectable), hasStatus: version.status, alwaysStatus: false, custom: new Custom(family, record, version),
  };
}

/** What the cache asks of stored bytes: pruned and defaulted by the schema of the version that they lie in. */
export function readerOf(record: DefinitionRecord, schemas: Schemas, forms: ReadonlyMap<string, StoredForm>, written: WeakSet<Uint8Array>): NonNullable<FeedSource['reader']> {
  return {
    formOf: (apiVersion) => forms.get(groupVersionOf(apiVersion).version) ?? sortedFormOf({ group: record.group, version: groupVersionOf(apiVersion).version, kind: record.accepted.kind }),
    read(object) {
      const { version } = groupVersionOf(object.apiVersion ?? '');
      if (!forms.has(version)) return object;
      const copy = structuredClone(object);
      return schemas.clean(copy, version) ? copy : object;
    },
    wrote: (value) => written.has(value),
  };
}

