/**
 * Keeps the status of CustomResourceDefinitions, and empties those that are deleted.
 * Promise: names that are in force are in force once in a group; a definition goes only after its objects.
 */
import { sameJson } from '../../api/apiextensions/schema/index.ts';
import type { CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import type { KubeObject, ObjectMeta } from '../../api/meta/v1/types.ts';
import { CustomResourceDefinitions } from '../../api/resources.ts';
import type { Client } from '../../client/types.ts';
import type { Host, Timer } from '../../host/types.ts';
import { decideStatus, withConditions } from './decide.ts';
import type { Definitions } from './definitions.ts';
import { CLEANUP_FINALIZER, type DefinitionRecord } from './record.ts';

/** Definitions that are worked on at the same time; those of one group never are. */
const WORKERS = 8;
const RETRY_AFTER_MS = 1_000;
/** How often is looked whether the objects of a deleted definition have gone; their going is told besides. */
const CLEANUP_POLL_MS = 5_000;

export interface DefinitionController {
  stop(): Promise<void>;
}

class Controller implements DefinitionController {
  readonly #host: Host;
  readonly #client: Client;
  readonly #definitions: Definitions;
  readonly #waiting = new Set<string>();
  readonly #busyGroups = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #timers = new Map<string, Timer>();
  readonly #ready: Promise<void>;
  #isReady = false;
  #stopped = false;

  constructor(host: Host, client: Client, definitions: Definitions) {
    this.#host = host;
    this.#client = client;
    this.#definitions = definitions;
    definitions.onChange((name) => this.#changed(name));
    definitions.onInstanceGone((name) => {
      if (definitions.record(name)?.deleting === true) this.#queue(name);
    });
    this.#ready = definitions.allRead().then(() => {
      this.#isReady = true;
      for (const name of definitions.names()) if (this.#hasWork(definitions.record(name))) this.#queue(name);
    });
  }

  /** A name that was given up may be what another definition of the group waits for. */
  #changed(name: string): void {
    // They are all looked at once they have been read.
    if (!this.#isReady) return;
    // Nothing is to be done about most: at a start about all of them.
    if (this.#hasWork(this.#definitions.record(name))) this.#queue(name);
    const group = name.slice(name.indexOf('.') + 1);
    for (const record of this.#definitions.inGroup(group)) if (!record.namesAccepted) this.#queue(record.name);
  }

  #hasWork(record: DefinitionRecord | undefined): boolean {
    return record !== undefined && (record.deleting || !record.settled);
  }

  #queue(name: string): void {
    if (this.#stopped) return;
    this.#waiting.add(name);
    // Changes are told of in the midst of the cache taking them in.
    queueMicrotask(() => this.#dispatch());
  }

  #dispatch(): void {
    if (this.#stopped) return;
    for (const name of this.#waiting) {
      if (this.#running.size >= WORKERS) return;
      const group = name.slice(name.indexOf('.') + 1);
      if (this.#busyGroups.has(group)) continue;
      this.#waiting.delete(name);
      this.#busyGroups.add(group);
      const work = this.#work(name).finally(() => {
        this.#busyGroups.delete(group);
        this.#running.delete(work);
        this.#dispatch();
      });
      this.#running.add(work);
    }
  }

  #later(name: string, ms: number): void {
    this.#timers.get(name)?.cancel();
    this.#timers.set(name, this.#host.clock.setTimer(() => {
      this.#timers.delete(name);
      this.#queue(name);
    }, ms));
  }

  async #work(name: string): Promise<void> {
    try {
      // The group's last write must be known, or two definitions could be given one name.
      await this.#definitions.caughtUp();
      const record = this.#definitions.record(name);
      if (record === undefined) return;
      if (record.deleting) await this.#cleanUp(record);
      else if (!record.settled) await this.#settle(record);
    } catch (error) {
      if (this.#stopped || isNotFound(error)) return;
      if (!isConflict(error)) this.#host.log.warn('a CustomResourceDefinition could not be settled', { name, error: String(error) });
      this.#later(name, isConflict(error) ? 0 : RETRY_AFTER_MS);
    }
  }

  async #settle(record: DefinitionRecord): Promise<void> {
    const definition = this.#definitions.read(record.name);
    if (definition === undefined) return;
    const others = [...this.#definitions.inGroup(record.group)].filter(({ name }) => name !== record.name);
    const status = decideStatus(definition, others, this.#host.clock.now());
    if (!sameJson(status, definition.status)) await this.#client.of(CustomResourceDefinitions).updateStatus({ ...definition, status });
  }

  async #setTerminating(name: string, status: 'True' | 'False', reason: string, message: string): Promise<CustomResourceDefinition | undefined> {
    const definition = this.#definitions.read(name);
    if (definition === undefined) return undefined;
    const conditions = withConditions(definition.status?.conditions ?? [], [{ type: 'Terminating', status, reason, message }], this.#host.clock.now());
    if (sameJson(conditions, definition.status?.conditions)) return definition;
    return this.#client.of(CustomResourceDefinitions).updateStatus({ ...definition, status: { ...definition.status, conditions } });
  }

  async #cleanUp(record: DefinitionRecord): Promise<void> {
    if (!record.cleansUp) return;
    if (record.established && !(await this.#empty(record))) return;
    const definition = await this.#setTerminating(record.name, 'False', 'InstanceDeletionCompleted', 'removed all instances');
    if (definition === undefined) return;
    const metadata: ObjectMeta = { ...definition.metadata, finalizers: (definition.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP_FINALIZER) };
    await this.#client.of(CustomResourceDefinitions).update({ ...definition, metadata });
  }

  /** Deletes all objects; true when none is left. */
  async #empty(record: DefinitionRecord): Promise<boolean> {
    const resource = this.#definitions.resource(record.group, record.storage, record.names.plural, true);
    if (resource === undefined) return true;
    const objects = this.#client.of(resource);
    const left = (await objects.list()).items;
    if (left.length === 0) return true;
    await this.#setTerminating(record.name, 'True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
    const fresh = left.filter((object) => object.metadata.deletionTimestamp === undefined);
    const namespaces = new Set(fresh.map((object) => object.metadata.namespace ?? ''));
    for (const namespace of namespaces) await (namespace === '' ? objects : objects.inNamespace(namespace)).deleteCollection();
    const rest: KubeObject[] = fresh.length === 0 ? left : (await objects.list()).items;
    if (rest.length > 0) this.#later(record.name, CLEANUP_POLL_MS);
    return rest.length === 0;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    await Promise.all([this.#ready, ...this.#running]);
  }
}

export function startDefinitionController(host: Host, client: Client, definitions: Definitions): DefinitionController {
  return new Controller(host, client, definitions);
}
