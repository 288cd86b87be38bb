/**
 * Which objects a controller manages: those whose controller reference names it. Orphans that its selector matches are adopted, objects that
 * it owns and no longer matches are released.
 */
import { controllerOf, isTerminating, ownerReference } from '../../api/meta/objects.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { isNotFound, isStatus } from '../../api/meta/status.ts';
import type { KubeObject, OwnerReference } from '../../api/meta/v1/types.ts';
import type { Client, Informer, Lister } from '../../client/types.ts';

const OWNER_INDEX = 'controller-of';

/** Objects by the uid of their controller; those without one under their namespace. */
function ownershipIndex(object: KubeObject): string[] {
  const controller = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
  return [controller ? `uid:${controller.uid}` : `orphans:${object.metadata.namespace ?? ''}`];
}

/** To be called before the informer starts; several controllers may call it on one informer. */
export function indexByOwner<T extends KubeObject>(informer: Informer<T>): void {
  informer.addIndex(OWNER_INDEX, ownershipIndex);
}

export function ownedBy<T extends KubeObject>(lister: Lister<T>, owner: KubeObject): T[] {
  return lister.byIndex(OWNER_INDEX, `uid:${owner.metadata.uid}`);
}

/** Objects that the same controller (a Deployment) manages as it does this one; itself alone when nobody does. */
export function siblingsOf<T extends KubeObject>(lister: Lister<T>, object: T): T[] {
  const controller = controllerOf(object);
  return controller ? lister.byIndex(OWNER_INDEX, `uid:${controller.uid}`) : [object];
}

export function orphansIn<T extends KubeObject>(lister: Lister<T>, namespace: string): T[] {
  return lister.byIndex(OWNER_INDEX, `orphans:${namespace}`);
}

export interface Claims<T> {
  /** Owned and matched: what the controller counts. */
  owned: T[];
  adopt: T[];
  release: T[];
}

/** Which of the owner's objects and of the namespace's orphans to keep, to take and to let go. An owner that is being deleted takes none. */
export function planClaims<T extends KubeObject>(owner: KubeObject, matches: (labels: Record<string, string> | undefined) => boolean, owned: readonly T[], orphans: readonly T[]): Claims<T> {
  const claims: Claims<T> = { owned: [], adopt: [], release: [] };
  for (const object of owned) {
    if (controllerOf(object)?.uid !== owner.metadata.uid) continue;
    if (matches(object.metadata.labels)) claims.owned.push(object);
    else if (!isTerminating(owner)) claims.release.push(object);
  }
  if (isTerminating(owner)) return claims;
  for (const object of orphans) if (!isTerminating(object) && !controllerOf(object) && matches(object.metadata.labels)) claims.adopt.push(object);
  return claims;
}

export interface ClaimOptions<O extends KubeObject, T extends KubeObject> {
  client: Client;
  ownerResource: Resource<O>;
  owner: O;
  resource: Resource<T>;
  matches: (labels: Record<string, string> | undefined) => boolean;
  lister: Lister<T>;
  /** Added by adoption and taken off by release (job tracking). */
  finalizer?: string;
}

export function controllerReference(owner: KubeObject, resource: Resource): OwnerReference {
  return { ...ownerReference(owner, resource), controller: true, blockOwnerDeletion: true };
}

/** The owner may have been deleted and made again since the informer saw it: adopting for it would leave objects nobody cleans up. */
async function stillWants<O extends KubeObject>(client: Client, resource: Resource<O>, owner: O): Promise<boolean> {
  const live = await client.of(resource).inNamespace(owner.metadata.namespace!).get(owner.metadata.name!);
  if (live.metadata.uid !== owner.metadata.uid) throw new Error(`original ${resource.kind} ${owner.metadata.namespace}/${owner.metadata.name} is gone: got uid ${live.metadata.uid}, wanted ${owner.metadata.uid}`);
  return !isTerminating(live);
}

/** Gone, or owned by somebody else meanwhile: no harm done. */
const tooLate = (error: unknown): boolean => isNotFound(error) || isStatus(error, 'Invalid') || isStatus(error, 'Conflict');

async function adopt<O extends KubeObject, T extends KubeObject>(options: ClaimOptions<O, T>, object: T): Promise<T | undefined> {
  const { client, owner, ownerResource, resource, finalizer } = options;
  const patch = {
    metadata: {
      uid: object.metadata.uid,
      ownerReferences: [controllerReference(owner, ownerResource)],
      ...(finalizer ? { finalizers: [finalizer] } : {}),
    },
  };
  try {
    return await client.of(resource).inNamespace(object.metadata.namespace!).patch(object.metadata.name!, patch, { type: 'strategic' });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function release<O extends KubeObject, T extends KubeObject>(options: ClaimOptions<O, T>, object: T): Promise<void> {
  const { client, owner, resource, finalizer } = options;
  const patch = {
    metadata: {
      uid: object.metadata.uid,
      ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }],
      ...(finalizer ? { '$deleteFromPrimitiveList/finalizers': [finalizer] } : {}),
    },
  };
  try {
    await client.of(resource).inNamespace(object.metadata.namespace!).patch(object.metadata.name!, patch, { type: 'strategic' });
  } catch (error) {
    if (!tooLate(error)) throw error;
  }
}

/** The objects that the owner manages from now on, adopted ones included. */
export async function claim<O extends KubeObject, T extends KubeObject>(options: ClaimOptions<O, T>): Promise<T[]> {
  const { owner, lister, matches } = options;
  const claims = planClaims(owner, matches, ownedBy(lister, owner), orphansIn(lister, owner.metadata.namespace!));
  await Promise.all(claims.release.map((object) => release(options, object)));
  if (claims.adopt.length === 0 || !(await stillWants(options.client, options.ownerResource, owner))) return claims.owned;
  const adopted = await Promise.all(claims.adopt.map((object) => adopt(options, object)));
  return [...claims.owned, ...adopted.filter((object) => object !== undefined)];
}
