/**
 * Keeps an APIService for every group and version that this server serves itself, its custom resources' too, so that clients see in one list who serves what.
 * Those of built-in groups are made at the server's start and then left to whoever changes them; those of custom resources are kept as they must be.
 */
import { APIServices, type ApiGroup } from '../../api/resources.ts';
import type { APIService, APIServiceSpec } from '../../api/apiregistration/v1/types.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { startController } from '../../client/index.ts';
import type { Client, Outcome, Running } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';
import type { Lookup } from '../lookup.ts';

export const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';
/** Places of the groups of custom resources in discovery. */
const customGroupPriority = 1000;
const customVersionPriority = 100;
/** The group of APIServices cannot be given away by one of its own objects, and is first in discovery. */
const ownGroup = 'apiregistration.k8s.io';
const fieldManager = 'kube-apiserver';

export type Management = 'onstart' | 'true';

export interface Wanted {
  management: Management;
  spec: APIServiceSpec;
}

/** By name, what built-in groups need. */
export function wantedForBuiltIns(groups: readonly ApiGroup[], resources: readonly Resource[]): Map<string, Wanted> {
  const served = new Set(resources.map(({ group, version }) => `${group}/${version}`));
  const wanted = new Map<string, Wanted>();
  for (const { group, versions, priority } of groups) {
    if (group === ownGroup) continue;
    for (const version of versions) {
      if (!served.has(`${group}/${version.version}`)) continue;
      wanted.set(`${version.version}.${group}`, { management: 'onstart', spec: { group, version: version.version, groupPriorityMinimum: priority, versionPriority: version.priority } });
    }
  }
  return wanted;
}

export type LocalAction = 'create' | 'update' | 'delete' | 'leave';

const managementOf = (service: APIService): Management | undefined => {
  const label = service.metadata.labels?.[managedLabel];
  return label === 'onstart' || label === 'true' ? label : undefined;
};

function isAsWanted(service: APIService, wanted: Wanted): boolean {
  const { spec } = service;
  if (!spec || spec.service || spec.caBundle || spec.insecureSkipTLSVerify) return false;
  return (spec.group ?? '') === (wanted.spec.group ?? '') && spec.version === wanted.spec.version && spec.groupPriorityMinimum === wanted.spec.groupPriorityMinimum
    && spec.versionPriority === wanted.spec.versionPriority && managementOf(service) === wanted.management;
}

/**
 * What to do about one name. `atStart`: the object was there when the server started; `seen`: it has been brought up to date, or made, since then.
 * An object without the label is somebody else's, whatever its name.
 */
export function decideLocal(wanted: Wanted | undefined, current: APIService | undefined, { atStart, seen }: { atStart: boolean; seen: boolean }): LocalAction {
  if (!current) {
    if (!wanted || (wanted.management === 'onstart' && seen)) return 'leave';
    return 'create';
  }
  const management = managementOf(current);
  if (!management) return 'leave';
  if (management === 'onstart' && (!atStart || seen)) return 'leave';
  if (!wanted) return 'delete';
  return isAsWanted(current, wanted) ? 'leave' : 'update';
}

/** The keeper at work. */
export interface LocalServices extends Running {
  /** Looks again at an object that has changed. */
  look(name: string): void;
  /** Resolves when every built-in group has its object. */
  complete: Promise<void>;
}

/** What is known of a CustomResourceDefinition. */
interface DefinedGroup {
  group: string;
  versions: readonly { name: string; served: boolean }[];
}

/** All of them, with word of each that came, changed or went. */
export interface DefinedGroups {
  names(): Iterable<string>;
  record(name: string): DefinedGroup | undefined;
  /** Resolves when they can all be looked at without much ado. */
  allRead(): Promise<void>;
  onChange(listener: (name: string) => void): void;
}

/** Groups and versions of custom resources, from their definitions. */
export class CustomGroups {
  readonly #byDefinition = new Map<string, string[]>();
  /** How many definitions want an APIService, by its name. */
  readonly #wanted = new Map<string, number>();
  #onChange: (names: readonly string[]) => void = () => undefined;

  onChange(listener: (names: readonly string[]) => void): void {
    this.#onChange = listener;
    listener([...this.#wanted.keys()]);
  }

  #set(name: string, definition: DefinedGroup | undefined): void {
    const before = this.#byDefinition.get(name) ?? [];
    const after = definition?.versions.filter((version) => version.served).map((version) => `${version.name}.${definition.group}`) ?? [];
    if (definition) this.#byDefinition.set(name, after);
    else this.#byDefinition.delete(name);
    for (const one of after) this.#wanted.set(one, (this.#wanted.get(one) ?? 0) + 1);
    for (const one of before) {
      const left = this.#wanted.get(one)! - 1;
      if (left === 0) this.#wanted.delete(one);
      else this.#wanted.set(one, left);
    }
    this.#onChange([...new Set([...before, ...after])]);
  }

  wanted(name: string): Wanted | undefined {
    if (!this.#wanted.has(name)) return undefined;
    const at = name.indexOf('.');
    return { management: 'true', spec: { group: name.slice(at + 1), version: name.slice(0, at), groupPriorityMinimum: customGroupPriority, versionPriority: customVersionPriority } };
  }

  /** Hears of definitions from those who hold them; resolves when all that are there now are known. */
  async follow(definitions: DefinedGroups): Promise<void> {
    await definitions.allRead();
    definitions.onChange((name) => this.#set(name, definitions.record(name)));
    for (const name of definitions.names()) this.#set(name, definitions.record(name));
  }
}

export interface LocalServicesOptions {
  host: Host;
  client: Client;
  lookup: Lookup;
  groups: readonly ApiGroup[];
  resources: readonly Resource[];
  custom: CustomGroups;
  /** Work begins when this resolves: the caches are complete. */
  ready: Promise<void>;
}

/** Starts the keeper. */
export function startLocalServices({ host, client, lookup, groups, resources, custom, ready }: LocalServicesOptions): LocalServices {
  const builtIn = wantedForBuiltIns(groups, resources);
  const services = client.of(APIServices);
  let atStart: ReadonlySet<string> = new Set();
  const seen = new Set<string>();
  let finish: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => {
    finish = resolve;
  });

  async function act(action: LocalAction, name: string, wanted: Wanted | undefined, current: APIService | undefined): Promise<void> {
    if (action === 'create') {
      await services.create({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name, labels: { [managedLabel]: wanted!.management } }, spec: wanted!.spec }, { fieldManager });
    } else if (action === 'update') {
      await services.update({ ...current!, metadata: { ...current!.metadata, labels: { ...current!.metadata.labels, [managedLabel]: wanted!.management } }, spec: wanted!.spec }, { fieldManager });
    } else if (action === 'delete') await services.delete(name, { preconditions: { uid: current!.metadata.uid! } });
  }

  async function reconcile(name: string): Promise<Outcome> {
    const wanted = builtIn.get(name) ?? custom.wanted(name);
    const current = lookup.get(APIServices, undefined, name);
    try {
      await act(decideLocal(wanted, current, { atStart: atStart.has(name), seen: seen.has(name) }), name, wanted, current);
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return { retry: error as Error };
      if (!isNotFound(error)) throw error;
    }
    seen.add(name);
    if (builtIn.size > 0 && [...builtIn.keys()].every((key) => seen.has(key))) finish();
    return { done: true };
  }

  const begun = ready.then(() => {
    atStart = new Set(lookup.list(APIServices).map(({ metadata }) => metadata.name ?? ''));
  });
  const controller = startController(host, { name: 'apiservice-registration-controller', workers: 8, reconcile, ready: begun, maxRetryMs: 5_000 });
  begun.then(() => {
    for (const name of new Set([...builtIn.keys(), ...atStart])) controller.add(name);
  }, () => undefined);
  custom.onChange((names) => {
    for (const name of names) controller.add(name);
  });
  if (builtIn.size === 0) finish();
  return { complete, stop: () => controller.stop(), look: (name) => controller.add(name) };
}
