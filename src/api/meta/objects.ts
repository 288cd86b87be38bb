/** Small questions that every component asks of an object: its key, its owner, whether it is going away. */
import type { Resource } from './resource.ts';
import { apiVersionOf } from './resource.ts';
import type { KubeObject, ObjectMeta, OwnerReference } from './v1/types.ts';

/** `namespace/name`, or `name` for an object without a namespace. */
export function keyOf(object: { metadata: Pick<ObjectMeta, 'name' | 'namespace'> }): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name ?? ''}` : (name ?? '');
}

/** The parts of a key; the namespace is '' for cluster-scoped objects. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The owner that manages the object: the one reference marked `controller`. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** Whether `owner` manages `object` (the controller reference names its uid). */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  const controller = controllerOf(object);
  return controller !== undefined && controller.uid === owner.metadata.uid;
}

/** Whether any reference of `object` names `owner`. */
export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  const uid = owner.metadata.uid;
  return object.metadata.ownerReferences?.some((reference) => reference.uid === uid) ?? false;
}

/**
 * A reference that makes `owner` the controller of what carries it: the owner may not be deleted in the foreground before it.
 * @param kind the owner's resource, or its apiVersion and kind (lists and watches leave them out of objects).
 */
export function ownerReference(owner: KubeObject, kind: Pick<Resource, 'group' | 'version' | 'kind'> | { apiVersion: string; kind: string }): OwnerReference {
  return {
    apiVersion: 'apiVersion' in kind ? kind.apiVersion : apiVersionOf(kind),
    kind: kind.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Whether the object has been asked to go and waits for finalizers or its grace period. */
export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined && object.metadata.deletionTimestamp !== null;
}

/** The group and version of an apiVersion: `apps/v1` gives `apps` and `v1`, `v1` gives '' and `v1`. */
export function groupVersionOf(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}
