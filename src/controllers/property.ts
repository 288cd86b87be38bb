/**
 * How a controller's promises are written down so that they can be checked: named predicates over what the API holds. The same ones are looked
 * at by the property tests (random histories against a small API in memory) and by the simulation's checkers.
 */
import { isPodActive } from '../api/core/v1/pods.ts';
import type { Pod } from '../api/core/v1/types.ts';
import type { Resource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { Pods } from '../api/resources.ts';

/** What the API holds now. */
export interface World {
  list<T extends KubeObject>(resource: Resource<T>, namespace?: string): T[];
  get<T extends KubeObject>(resource: Resource<T>, namespace: string | undefined, name: string): T | undefined;
  byUid(uid: string): KubeObject | undefined;
  /** Everything in a namespace but events. */
  inNamespace(name: string): readonly KubeObject[];
  /** What is known to be unable to get what it asks for: liveness asks nothing of it. */
  isHopeless(object: KubeObject): boolean;
  nowMs(): number;
}

/** One change of one object; the world is already as it is afterwards. */
export interface Change<T extends KubeObject = KubeObject> {
  type: 'created' | 'updated' | 'deleted';
  /** As it is now; the last state of what is gone. */
  object: T;
  old?: T;
}

/** What never happens. */
export interface Safety<T extends KubeObject = KubeObject> {
  name: string;
  /** In one sentence. */
  promise: string;
  /** Whose changes can break it. */
  of: Resource<T>;
  /**
   * It speaks of what this controller does, and holds where nobody else does the like and no request is lost: the simulation, which loses requests on
   * purpose and has users, leaves it out.
   */
  alone?: true;
  /** How the change breaks the promise. */
  broken(change: Change<T>, world: World): string | undefined;
}

/** What comes true when nothing changes any more. */
export interface Liveness {
  name: string;
  promise: string;
  /** As of `Safety`: what only holds where this controller's settings are known, or all others stand still. */
  alone?: true;
  /** What has not come true. */
  missing(world: World): Iterable<string>;
}

/** All that a controller promises. */
export interface Properties {
  safety: readonly Safety[];
  liveness: readonly Liveness[];
}

/** Keeps the type of the changed object inside, and lets lists hold properties of all kinds. */
export function safety<T extends KubeObject>(property: Safety<T>): Safety {
  return property as unknown as Safety;
}

/** `Pod default/a`. */
export function nameOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return `${object.kind ?? 'object'} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Pods whose controller the object is. */
export function podsOwnedBy(world: World, owner: KubeObject): Pod[] {
  return world.list(Pods, owner.metadata.namespace).filter((pod) => pod.metadata.ownerReferences?.some((reference) => reference.controller && reference.uid === owner.metadata.uid));
}

/** Those of them that neither ended nor go. */
export const activePodsOf = (world: World, owner: KubeObject): Pod[] => podsOwnedBy(world, owner).filter(isPodActive);

/** The object's controller, where it has one and that is there. */
export function controllerOf(world: World, object: KubeObject): KubeObject | undefined {
  const reference = object.metadata.ownerReferences?.find((each) => each.controller);
  return reference && world.byUid(reference.uid);
}

/** Says that a count is not what is wanted. */
export function* wants(object: KubeObject, what: string, wanted: number, actual: number | undefined): Generator<string> {
  if ((actual ?? 0) !== wanted) yield `${nameOf(object)} has ${actual ?? 0} ${what}, and wants ${wanted}`;
}

/** Says that the object's last change has not been looked at. */
export function* unobserved(object: KubeObject & { status?: { observedGeneration?: number } }): Generator<string> {
  if ((object.status?.observedGeneration ?? 0) < (object.metadata.generation ?? 0)) yield `${nameOf(object)} has not been looked at since its last change`;
}

export const isGoing = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;
