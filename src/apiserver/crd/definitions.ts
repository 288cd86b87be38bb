/** All CustomResourceDefinitions as the server acts on them: which kinds they make, in which versions, and what changes when one of them does. */
import type { CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { serviceUnavailable } from '../../api/meta/status.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { APISERVER } from '../authentication/identities.ts';
import type { Feed, FeedSource } from '../cache/feed.ts';
import type { CachedObject } from '../cache/object.ts';
import type { DecodedPool } from '../cache/pool.ts';
import type { Kind } from '../registry/kinds.ts';
import type { CustomKinds } from '../registry/kinds.ts';
import type { RequestInfo, ServerRequest } from '../types.ts';
import { noConversion, type Conversion } from './conversion.ts';
import { discoveredResource, fieldReader, formsOf, kindOfVersion, prefixOf, readerOf, type Family } from './kind.ts';
import { compareVersions, recordOf, servesAlike, type DefinitionRecord, type VersionRecord } from './record.ts';
import { noRules, type Rules } from './rules.ts';
import { Schemas } from './schemas.ts';
import { skim } from './skim.ts';

/** A group that custom resources are in, with its versions, the best first. */
export interface CustomGroup {
  name: string;
  versions: string[];
}

export interface DefinitionsOptions {
  /** How a definition with the strategy `Webhook` converts. */
  convertByWebhook?: (record: DefinitionRecord, schemas: Schemas) => Conversion;
  rules?: (record: DefinitionRecord) => Rules;
  /** Custom resources are stored as CBOR. Either form is read. */
  cbor?: boolean;
  /** Lets other work go on where there is much to do. */
  turn?: (() => Promise<void>) | undefined;
}

/** Definitions that are read in one turn of the event loop: some milliseconds. */
const READ_IN_A_TURN = 50;

class Definition {
  readonly object: CachedObject;
  #record: DefinitionRecord | undefined;
  readonly schemas: Schemas;
  readonly #options: DefinitionsOptions;
  #family: Family | undefined;
  readonly #kinds: Map<string, Kind> = new Map();

  constructor(object: CachedObject, options: DefinitionsOptions, record?: DefinitionRecord, before?: Definition) {
    this.object = object;
    this.#record = record;
    this.#options = options;
    this.schemas = before?.schemas ?? new Schemas();
    this.schemas.load = () => this.read();
    // Only conditions have changed when what came before is passed in.
    if (before === undefined) return;
    this.#family = before.#family;
    if (before.record.terminating === this.record.terminating) this.#kinds = before.#kinds;
  }

  /** All but the schemas; read out of the stored bytes when first asked for. */
  get record(): DefinitionRecord {
    return (this.#record ??= recordOf(skim(this.object)));
  }

  get isRead(): boolean {
    return this.#record !== undefined;
  }

  /** The definition as stored; decoded each time. */
  read(): CustomResourceDefinition {
    return structuredClone(this.object.glance()) as CustomResourceDefinition;
  }

  family(pool: DecodedPool, changed: (name: string) => void): Family {
    if (this.#family === undefined) {
      const { record, schemas } = this;
      const forms = formsOf(record, this.#options.cbor === true);
      const written = new WeakSet<Uint8Array>();
      const webhook = record.conversion?.strategy === 'Webhook' ? this.#options.convertByWebhook?.(record, schemas) : undefined;
      const source: FeedSource = {
        prefix: prefixOf(record), form: forms.get(record.storage)!, pool, fieldsOf: fieldReader(record), reader: readerOf(record, schemas, forms, written),
        onEvent: ({ deleted }) => deleted && changed(record.name),
      };
      this.#family = { record, schemas, forms, written, source, conversion: webhook ?? noConversion(record.group, schemas), rules: this.#options.rules?.(record) ?? noRules };
    }
    return this.#family;
  }

  kind(version: string, pool: DecodedPool, changed: (name: string) => void): Kind | undefined {
    let kind = this.#kinds.get(version);
    if (kind === undefined) {
      const found = this.record.versions.find(({ name }) => name === version);
      if (found === undefined) return undefined;
      kind = kindOfVersion(this.family(pool, changed), this.record, found);
      this.#kinds.set(version, kind);
    }
    return kind;
  }
}

type Listener = (name: string) => void;

export class Definitions implements CustomKinds {
  readonly #options: DefinitionsOptions;
  readonly #byName = new Map<string, Definition>();
  readonly #byGroup = new Map<string, Set<string>>();
  readonly #listeners: Listener[] = [];
  readonly #instanceListeners: Listener[] = [];
  #feed: Feed | undefined;
  #pool: DecodedPool | undefined;
  #version = 0;
  #groups: { at: number; groups: CustomGroup[] } | undefined;
  #reading: Promise<void> | undefined;

  constructor(options: DefinitionsOptions = {}) {
    this.#options = options;
  }

  /** Rises whenever what is served changes: for those who keep documents about it. */
  get version(): number {
    return this.#version;
  }

  follow(source: FeedSource): void {
    source.lazy = true;
    source.onLoad = (objects) => this.#load(objects);
    source.onEvent = ({ deleted, object }) => (deleted ? this.#remove(object.name) : this.#put(object));
  }

  attach(feed: Feed, pool: DecodedPool): void {
    this.#feed = feed;
    this.#pool = pool;
  }

  /** Called with the name of each definition that came, changed or went. */
  onChange(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Called with the name of a definition of which an object went. */
  onInstanceGone(listener: Listener): void {
    this.#instanceListeners.push(listener);
  }

  #load(objects: Iterable<CachedObject>): void {
    const gone = new Set(this.#byName.keys());
    for (const object of objects) {
      gone.delete(object.name);
      this.#put(object);
    }
    for (const name of gone) this.#remove(name);
  }

  #put(object: CachedObject): void {
    const before = this.#byName.get(object.name);
    if (before !== undefined && before.object.revision === object.revision) return;
    const group = groupOf(object.name);
    const names = this.#byGroup.get(group);
    if (names) names.add(object.name);
    else this.#byGroup.set(group, new Set([object.name]));
    // Nobody has acted on what nobody has read.
    if (before?.isRead === true) this.#replace(before, object);
    else {
      this.#byName.set(object.name, new Definition(object, this.#options));
      this.#version += 1;
    }
    for (const listener of this.#listeners) listener(object.name);
  }

  #replace(before: Definition, object: CachedObject): void {
    const record = recordOf(skim(object));
    const alike = servesAlike(before.record, record);
    const now = new Definition(object, this.#options, record, alike ? before : undefined);
    this.#byName.set(object.name, now);
    if (!alike || before.record.established !== record.established || before.record.terminating !== record.terminating) this.#version += 1;
    if (!alike) this.#feed?.replace(now.family(this.#pool!, this.#instanceGone).source);
  }

  #remove(name: string): void {
    const before = this.#byName.get(name);
    if (before === undefined) return;
    this.#byName.delete(name);
    const group = groupOf(name);
    const names = this.#byGroup.get(group)!;
    names.delete(name);
    if (names.size === 0) this.#byGroup.delete(group);
    this.#version += 1;
    if (before.isRead) this.#feed?.close(prefixOf(before.record));
    for (const listener of this.#listeners) listener(name);
  }

  /** Resolves when all definitions have been read, a few in each turn: whoever looks at all of them waits for this first. */
  allRead(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    let read = 0;
    for (const definition of this.#byName.values()) {
      if (definition.isRead) continue;
      if (++read % READ_IN_A_TURN === 0) await this.#options.turn?.();
      void definition.record;
    }
  }

  readonly #instanceGone = (name: string): void => {
    for (const listener of this.#instanceListeners) listener(name);
  };

  find(group: string, version: string, plural: string, unserved = false): Kind | undefined {
    const definition = this.#byName.get(`${plural}.${group}`);
    if (definition === undefined || !isServing(definition.record)) return undefined;
    const found = definition.record.versions.find(({ name }) => name === version);
    if (found === undefined || !(found.served || unserved)) return undefined;
    return definition.kind(version, this.#pool!, this.#instanceGone);
  }

  /** The resource under a path, without making its kind. */
  resource(group: string, version: string, plural: string, unserved = false): Resource | undefined {
    return this.find(group, version, plural, unserved)?.resource;
  }

  /** The subresources of a custom resource that is served, by what is known of its definition alone; undefined where none is. */
  subresourcesOf(group: string, version: string, plural: string): readonly string[] | undefined {
    const definition = this.#byName.get(`${plural}.${group}`);
    const found = definition !== undefined && isServing(definition.record) ? definition.record.versions.find(({ name, served }) => served && name === version) : undefined;
    return found && [...(found.status ? ['status'] : []), ...(found.scale === undefined ? [] : ['scale'])];
  }

  /** Resolves when everything that has been written by now is known. */
  async caughtUp(): Promise<void> {
    await this.#feed?.caughtUp();
  }

  /** Versions of a custom resource that are served; undefined where there is none. */
  served(group: string, plural: string): string[] | undefined {
    const record = this.record(`${plural}.${group}`);
    return record && record.versions.flatMap(({ name, served }) => (served ? [name] : []));
  }

  /** The plural of a kind that is served in a version. */
  pluralOf(group: string, version: string, kind: string): { plural: string; namespaced: boolean } | undefined {
    const found = this.serving(group, version).find(({ record }) => record.accepted.kind === kind)?.record;
    return found && { plural: found.names.plural, namespaced: found.namespaced };
  }

  /** An object in another version, with that version's defaults. The argument is left as it is. Rejects with a StatusError. */
  async convert(group: string, plural: string, object: KubeObject, version: string): Promise<KubeObject> {
    const family = this.#byName.get(`${plural}.${group}`)?.family(this.#pool!, this.#instanceGone);
    if (family === undefined) throw serviceUnavailable(`the definition of ${plural}.${group} has gone`);
    const converted = structuredClone((await family.conversion.all([object], version))[0]!);
    family.schemas.clean(converted, version);
    return converted;
  }

  /** Whether there is a definition of that name. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  record(name: string): DefinitionRecord | undefined {
    return this.#byName.get(name)?.record;
  }

  /** The definition as stored, this caller's own. */
  read(name: string): CustomResourceDefinition | undefined {
    return this.#byName.get(name)?.read();
  }

  /** The definition as stored, for a look: not to be changed or kept. */
  look(name: string): CustomResourceDefinition | undefined {
    return this.#byName.get(name)?.object.glance() as CustomResourceDefinition | undefined;
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }

  /** Records of all definitions of a group. */
  *inGroup(group: string): Generator<DefinitionRecord, void, undefined> {
    for (const name of this.#byGroup.get(group) ?? []) yield this.#byName.get(name)!.record;
  }

  /** Groups with something that is served, by name. */
  groups(): readonly CustomGroup[] {
    if (this.#groups?.at !== this.#version) this.#groups = { at: this.#version, groups: this.#servedGroups() };
    return this.#groups.groups;
  }

  #servedGroups(): CustomGroup[] {
    const groups: CustomGroup[] = [];
    for (const name of [...this.#byGroup.keys()].sort()) {
      const versions = new Set<string>();
      for (const record of this.inGroup(name)) if (isServing(record)) for (const version of record.versions) if (version.served) versions.add(version.name);
      if (versions.size > 0) groups.push({ name, versions: [...versions].sort(compareVersions) });
    }
    return groups;
  }

  /** The definitions that serve something in a group and version, by name. */
  serving(group: string, version: string): { record: DefinitionRecord; version: VersionRecord }[] {
    const found: { record: DefinitionRecord; version: VersionRecord }[] = [];
    for (const record of this.inGroup(group)) {
      const one = isServing(record) ? record.versions.find(({ name, served }) => served && name === version) : undefined;
      if (one !== undefined) found.push({ record, version: one });
    }
    return found.sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** What is served in a group and version, by plural. */
  resources(group: string, version: string): Resource[] {
    return this.serving(group, version).map(({ record, version: one }) => discoveredResource(record, one));
  }

  /** Another text whenever what is served in a group and version may be described otherwise. */
  fingerprint(group: string, version: string): string {
    return this.serving(group, version).map(({ record }) => fingerprintOf(record)).join('\n');
  }
}

/** Another text whenever a definition may be described otherwise. */
export function fingerprintOf({ uid, generation, accepted }: DefinitionRecord): string {
  return `${uid} ${generation} ${JSON.stringify(accepted)}`;
}

/** For the router: the resource that a path names, as of all that has been written by now. */
export function customResource(definitions: Definitions): (info: RequestInfo, request: ServerRequest) => Promise<Resource | undefined> {
  return async ({ apiGroup, apiVersion, resource }, request) => {
    if (apiGroup === '') return undefined;
    const find = (): Resource | undefined => definitions.resource(apiGroup, apiVersion, resource, request.user?.name === APISERVER);
    const found = find();
    if (found !== undefined) return found;
    await definitions.caughtUp();
    return find();
  };
}

/** The names of definitions are `<plural>.<group>`. */
const groupOf = (name: string): string => name.slice(name.indexOf('.') + 1);

function isServing(record: DefinitionRecord): boolean {
  return record.established && record.accepted.kind !== '';
}

