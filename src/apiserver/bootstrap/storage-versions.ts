/**
 * What this server says of itself in StorageVersions, where internal.apiserver.k8s.io/v1alpha1 is served: which version of each resource it writes, and
 * which ones it can read and serves (KEP-2339). Loaded only there.
 *
 * Contract: the server's Lease is there before its first entry, or the entries would be collected. Entries of other servers stay as they are, and
 * nothing is written that is there already. Everything is looked at every ten minutes, and a definition when it changes.
 */
import { sameJson } from '../../api/apiextensions/schema/index.ts';
import { statusOfEntries } from '../../api/apiserverinternal/v1alpha1/entries.ts';
import type { ServerStorageVersion, StorageVersion, StorageVersionStatus } from '../../api/apiserverinternal/v1alpha1/types.ts';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status.ts';
import type { OwnerReference } from '../../api/meta/v1/types.ts';
import type { Client, Running } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';
import type { Definitions } from '../crd/definitions.ts';
import type { DefinitionRecord } from '../crd/record.ts';
import { storageVersionName, type StorageVersionBarrier } from './storage-version-barrier.ts';

const LOOK_AGAIN_MS = 600_000;
const RETRY_MS = 1_000;
/** How often a write is tried anew at once when others were quicker. */
const ATTEMPTS = 10;
const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' } as const;

/** What a server has to say of one resource. */
export interface ResourceVersions extends Omit<ServerStorageVersion, 'apiServerID'> {
  /** Of the StorageVersion: `<group>.<resource>`. */
  name: string;
  /** The definition that the resource comes from: the object goes with it. */
  owner?: OwnerReference;
}

/** What is to be written of a StorageVersion; what is absent is as it should be. */
export interface EntryChange {
  create?: StorageVersion;
  owners?: OwnerReference[];
  status?: StorageVersionStatus;
}

const storedAs = ({ group, version, kind, storageVersion = { group, version } }: Resource): string => `${apiVersionOf(storageVersion)} ${kind}`;

/** Of the resources that are served and stored; `known` are all that objects in the store can be read as. */
export function builtInVersions(served: readonly Resource[], known: readonly Resource[]): ResourceVersions[] {
  const readable = Map.groupBy(known, storedAs);
  const byName = Map.groupBy(served.filter(({ verbs }) => verbs.includes('watch')), ({ group, plural }) => storageVersionName(group, plural));
  return byName.entries().map(([name, versions]): ResourceVersions => {
    const stored = storedAs(versions[0]!);
    const encodingVersion = stored.slice(0, stored.indexOf(' '));
    return {
      name, encodingVersion,
      decodableVersions: [...new Set([encodingVersion, ...(readable.get(stored) ?? []).map(apiVersionOf)])].sort(),
      servedVersions: versions.map(apiVersionOf).sort(),
    };
  }).toArray();
}

/** Of a custom resource; undefined where it is not served. */
export function customVersions({ name, uid, group, names, versions, storage, established, deleting }: DefinitionRecord): ResourceVersions | undefined {
  if (!established || deleting) return undefined;
  const full = (all: DefinitionRecord['versions']): string[] => all.map((version) => `${group}/${version.name}`).sort();
  return {
    name: `${group}.${names.plural}`, encodingVersion: `${group}/${storage}`,
    decodableVersions: full(versions), servedVersions: full(versions.filter(({ served }) => served)), owner: { ...DEFINITION, name, uid },
  };
}

/** Owners with the definition as it is now: an earlier one of its name is gone. */
function ownersWith(owners: readonly OwnerReference[], owner: OwnerReference): OwnerReference[] {
  return [...owners.filter(({ apiVersion, kind, name }) => !(apiVersion === owner.apiVersion && kind === owner.kind && name === owner.name)), owner];
}

/** What is to be written so that the object says what this server has to say. */
export function decideEntry(object: StorageVersion | undefined, { name, owner, ...versions }: ResourceVersions, apiServerID: string, nowMs: number): EntryChange {
  const wanted = owner === undefined ? [] : [owner];
  if (object === undefined) return { create: { metadata: { name, ...(owner === undefined ? {} : { ownerReferences: wanted }) }, spec: {} } };
  const owners = object.metadata.ownerReferences ?? [];
  const missing = owner !== undefined && !owners.some((one) => one.kind === owner.kind && one.uid === owner.uid);
  const entries = object.status?.storageVersions ?? [];
  const entry: ServerStorageVersion = { apiServerID, ...versions };
  const at = entries.findIndex((one) => one.apiServerID === apiServerID);
  const status = statusOfEntries(object, at < 0 ? [...entries, entry] : entries.with(at, entry), nowMs);
  return { ...(missing ? { owners: ownersWith(owners, owner) } : {}), ...(sameJson(status, object.status) ? {} : { status }) };
}

export interface StorageVersionsOptions {
  host: Host;
  client: Client;
  /** The kind itself, which is known only where it is served. */
  resource: Resource<StorageVersion>;
  /** Name of this server's Lease. */
  apiServerID: string;
  /** Resolves when the Lease is there. */
  identified: Promise<void>;
  /** What this server serves, and all that it can read. */
  served: readonly Resource[];
  known: readonly Resource[];
  definitions?: Definitions;
  /** Told of what has been written and what could not be. */
  barrier?: Pick<StorageVersionBarrier, 'written' | 'failed'>;
}

class Writer implements Running {
  readonly #options: StorageVersionsOptions;
  readonly #builtIn: readonly ResourceVersions[];
  /** Definitions that have changed. */
  readonly #changed = new Set<string>();
  #pause = new AbortController();
  #stopped = false;
  readonly #running: Promise<void>;

  constructor(options: StorageVersionsOptions) {
    this.#options = options;
    this.#builtIn = builtInVersions(options.served, options.known);
    options.definitions?.onChange((name) => {
      if (this.#stopped) return;
      this.#changed.add(name);
      this.#pause.abort();
    });
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const { host, identified, definitions } = this.#options;
    await identified;
    let allAt = host.clock.now();
    while (!this.#stopped) {
      // Whoever comes while this works cuts the pause after it short.
      this.#pause = new AbortController();
      const all = host.clock.now() >= allAt;
      let complete = true;
      try {
        if (all) {
          await definitions?.allRead();
          this.#changed.clear();
          complete = await this.#writeAll();
          if (complete) allAt = host.clock.now() + LOOK_AGAIN_MS;
        } else complete = await this.#writeChanged();
      } catch (error) {
        complete = false;
        if (!this.#stopped) host.log.warn('storage versions could not be written', { error: String(error) });
      }
      if (!this.#stopped) await host.clock.sleep(complete ? Math.max(allAt - host.clock.now(), 0) : RETRY_MS, this.#pause.signal);
    }
  }

  async #writeAll(): Promise<boolean> {
    const { client, resource, definitions } = this.#options;
    const { items } = await client.of(resource).list();
    const there = new Map(items.map((object) => [object.metadata.name!, object]));
    let complete = true;
    const custom = [...(definitions?.names() ?? [])].flatMap((name) => customVersions(definitions!.record(name)!) ?? []);
    for (const versions of [...this.#builtIn, ...custom]) complete = (await this.#tried(versions, there)) && complete;
    return complete;
  }

  async #writeChanged(): Promise<boolean> {
    const { definitions } = this.#options;
    let complete = true;
    const names = this.#changed.values().toArray();
    this.#changed.clear();
    for (const name of names) {
      const record = definitions?.record(name);
      const versions = record && customVersions(record);
      if (versions === undefined || (await this.#tried(versions))) continue;
      this.#changed.add(name);
      complete = false;
    }
    return complete;
  }

  #read(name: string): Promise<StorageVersion | undefined> {
    return this.#options.client.of(this.#options.resource).get(name).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
  }

  /** False when it has to be tried again later. `there`: what has just been listed. */
  async #tried(versions: ResourceVersions, there?: ReadonlyMap<string, StorageVersion>): Promise<boolean> {
    if (this.#stopped) return true;
    try {
      for (let attempt = 0; attempt < ATTEMPTS && !this.#stopped; attempt++) {
        if (!(await this.#write(versions, attempt === 0 && there !== undefined ? there.get(versions.name) : await this.#read(versions.name)))) continue;
        this.#options.barrier?.written(versions.name);
        return true;
      }
    } catch (error) {
      this.#options.barrier?.failed(versions.name, error);
      if (!this.#stopped) this.#options.host.log.warn('a storage version could not be written', { name: versions.name, error: String(error) });
    }
    return this.#stopped;
  }

  /** False when somebody else was quicker. */
  async #write(versions: ResourceVersions, object: StorageVersion | undefined): Promise<boolean> {
    const { host, client, resource, apiServerID } = this.#options;
    const objects = client.of(resource);
    const decide = (now: StorageVersion | undefined): EntryChange => decideEntry(now, versions, apiServerID, host.clock.now());
    try {
      const { create, owners } = decide(object);
      let now = create === undefined ? object! : await objects.create(create);
      if (owners !== undefined) now = await objects.update({ ...now, metadata: { ...now.metadata, ownerReferences: owners } });
      const { status } = decide(now);
      if (status !== undefined) await objects.updateStatus({ ...now, status });
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#pause.abort();
    await this.#running;
  }
}

/** Keeps this server's entries until stopped; those that it leaves are collected when its Lease is. */
export function startStorageVersions(options: StorageVersionsOptions): Running {
  return new Writer(options);
}
