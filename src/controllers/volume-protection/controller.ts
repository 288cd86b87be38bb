/**
 * persistentvolumeclaim-protection-controller, persistentvolume-protection-controller, volumeattributesclass-protection-controller:
 * what is in use stays until it is not (KEP: Storage Object in Use Protection).
 * Contract: every claim, volume and attributes class has its finalizer; it goes once the object is being deleted and nothing uses it. For claims and
 * classes the server itself is asked before: a local copy may not know yet of the pod that began to use the claim.
 */
import type { PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isNotFound } from '../../api/meta/status.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { PersistentVolumeClaims, PersistentVolumes, Pods, VolumeAttributesClasses } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running, WorkQueue } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { ATTRIBUTES_CLASS_FINALIZER, attributesClassesOf, CLAIM_FINALIZER, claimNamesOf, decideProtection, isVolumeUsed, podUsesClaim, VOLUME_FINALIZER, withFinalizer } from './decide.ts';

interface Protection<T extends KubeObject> {
  name: string;
  resource: Resource<T>;
  finalizer: string;
  /** Asked only for objects that are being deleted. */
  isUsed(object: T): boolean | Promise<boolean>;
}

/** The part that the three have in common. */
function startProtection<T extends KubeObject>(context: ControllerContext, { name, resource, finalizer, isUsed }: Protection<T>): WorkQueue & Running {
  const { client, informers, host } = context;
  const informer = informers.of(resource);

  async function reconcile(key: string): Promise<Outcome> {
    const object = informer.lister.byKey(key);
    const action = object && decideProtection(object, finalizer);
    if (!object || !action || (action === 'release' && (await isUsed(object)))) return { done: true };
    const all = client.of(resource);
    try {
      await (resource.namespaced ? all.inNamespace(object.metadata.namespace!) : all).update(withFinalizer(object, finalizer, action === 'add'));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return { done: true };
  }

  const queue = startController(host, { name, informers, reconcile });
  informer.onEvent(({ type, object }) => {
    if (type !== 'deleted' && decideProtection(object, finalizer)) queue.add(keyOf(object));
  });
  return queue;
}

const podsByClaim = 'persistentvolumeclaim-protection-controller/claim';

export function startClaimProtection(context: ControllerContext): Running {
  const { client, informers } = context;
  const pods = informers.of(Pods);
  pods.addIndex(podsByClaim, (pod) => claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`));

  async function isUsed(claim: PersistentVolumeClaim): Promise<boolean> {
    if (pods.lister.byIndex(podsByClaim, keyOf(claim)).some((pod) => podUsesClaim(pod, claim))) return true;
    const { items } = await client.of(Pods).inNamespace(claim.metadata.namespace!).list();
    return items.some((pod) => podUsesClaim(pod, claim));
  }

  const queue = startProtection(context, { name: 'persistentvolumeclaim-protection-controller', resource: PersistentVolumeClaims, finalizer: CLAIM_FINALIZER, isUsed });
  const claims = informers.of(PersistentVolumeClaims).lister;
  const touched = (pod: Pod): void => {
    for (const name of claimNamesOf(pod)) {
      const claim = claims.get(pod.metadata.namespace, name);
      if (claim && decideProtection(claim, CLAIM_FINALIZER)) queue.add(keyOf(claim));
    }
  };
  pods.onEvent((event) => {
    touched(event.object);
    // One that was deleted and made again between two looks appears as a change.
    if (event.type === 'updated' && event.old.metadata.uid !== event.object.metadata.uid) touched(event.old);
  });
  return queue;
}

export function startVolumeProtection(context: ControllerContext): Running {
  return startProtection(context, { name: 'persistentvolume-protection-controller', resource: PersistentVolumes, finalizer: VOLUME_FINALIZER, isUsed: isVolumeUsed });
}

export function startAttributesClassProtection(context: ControllerContext): Running {
  const { client, informers } = context;
  const classes = informers.of(VolumeAttributesClasses).lister;

  async function isUsed({ metadata: { name } }: KubeObject): Promise<boolean> {
    const [claims, volumes] = await Promise.all([client.of(PersistentVolumeClaims).list(), client.of(PersistentVolumes).list()]);
    return claims.items.some((claim) => attributesClassesOf(claim).includes(name!)) || volumes.items.some((volume) => volume.spec?.volumeAttributesClassName === name);
  }

  const queue = startProtection(context, { name: 'volumeattributesclass-protection-controller', resource: VolumeAttributesClasses, finalizer: ATTRIBUTES_CLASS_FINALIZER, isUsed });
  const touch = (names: readonly string[]): void => {
    for (const name of names) if (classes.byKey(name)?.metadata.deletionTimestamp) queue.add(name);
  };
  informers.of(PersistentVolumeClaims).onEvent((event) => touch(attributesClassesOf(event.type === 'updated' ? event.old : event.object)));
  informers.of(PersistentVolumes).onEvent((event) => touch([(event.type === 'updated' ? event.old : event.object).spec?.volumeAttributesClassName ?? '']));
  return queue;
}
