/**
 * persistentvolume-binder-controller: brings claims and volumes together, and lets volumes go when their claims are gone.
 * Contract: volume and claim refer to each other by uid, the volume first, so that a crash in between is mended by going on; every write carries
 * the revision that it was decided on, so that no volume is given twice; a finished binding is never changed (the claim is Lost instead). Classes that
 * wait for the first consumer are bound by the scheduler's choice. Making and deleting storage is for provisioners outside: without one a volume
 * that should be deleted is Failed, and says so.
 */
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isNotFound } from '../../api/meta/status.ts';
import { PersistentVolumeClaims, PersistentVolumes, Pods, StorageClasses } from '../../api/resources.ts';
import { runningAll, startController } from '../../client/index.ts';
import type { EventRecorder, Informer, Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { sameStatus } from '../shared/index.ts';
import { boundClaim, boundStatus, boundVolume, decideClaim, decideVolume, defaultClassOf, provisionerAnnotations, unboundVolume, type ClaimAction, type EventText, type VolumeAction } from './decide.ts';

/** How often everything that is not settled is looked at again, as upstream's `--pvclaimbinder-sync-period`. */
export const syncPeriodMs = 15_000;
const podsByClaim = 'persistentvolume-binder-controller/claim';

const isSettled = (claim: PersistentVolumeClaim): boolean => claim.status?.phase === 'Bound';

class Binder {
  readonly #context: ControllerContext;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #classes;
  readonly #pods: Informer<Pod>;
  readonly #recorder: EventRecorder;
  wakeClaim: (key: string) => void = () => undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers } = context;
    this.#claims = informers.of(PersistentVolumeClaims);
    this.#volumes = informers.of(PersistentVolumes);
    this.#classes = informers.of(StorageClasses);
    this.#pods = informers.of(Pods);
    this.#pods.addIndex(podsByClaim, (pod) => (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => (persistentVolumeClaim ? [`${pod.metadata.namespace}/${persistentVolumeClaim.claimName}`] : [])));
    this.#recorder = context.recorder('persistentvolume-controller');
  }

  async claim(key: string): Promise<Outcome> {
    const claim = this.#claims.lister.byKey(key);
    if (!claim) return { done: true };
    const action = decideClaim({
      claim,
      volume: claim.spec?.volumeName ? this.#volumes.lister.byKey(claim.spec.volumeName) : undefined,
      volumes: this.#volumes.lister.list(),
      classes: (name) => this.#classes.lister.byKey(name),
      defaultClass: defaultClassOf(this.#classes.lister.list()),
      waitingPod: this.#pods.lister.byIndex(podsByClaim, key).find((pod) => !pod.spec?.nodeName)?.metadata.name,
    });
    return this.#apply(claim, action);
  }

  async volume(name: string): Promise<Outcome> {
    const volume = this.#volumes.lister.byKey(name);
    if (!volume) return { done: true };
    const action = decideVolume({ volume, claim: await this.#claimOf(volume) });
    if (action) await this.#applyToVolume(volume, action);
    return { done: true };
  }

  /** The claim that the volume's reference means. Before it counts as gone the server itself is asked. */
  async #claimOf(volume: PersistentVolume): Promise<PersistentVolumeClaim | undefined> {
    const reference = volume.spec?.claimRef;
    if (!reference?.uid || !reference.namespace || !reference.name) return undefined;
    const known = this.#claims.lister.get(reference.namespace, reference.name);
    if (known?.metadata.uid === reference.uid) return known;
    try {
      const live = await this.#context.client.of(PersistentVolumeClaims).inNamespace(reference.namespace).get(reference.name);
      return live.metadata.uid === reference.uid ? live : undefined;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return undefined;
    }
  }

  async #apply(claim: PersistentVolumeClaim, action: ClaimAction): Promise<Outcome> {
    const inNamespace = this.#context.client.of(PersistentVolumeClaims).inNamespace(claim.metadata.namespace!);
    switch (action.do) {
      case 'bind':
        await this.#bind(claim, action.volume);
        break;
      case 'class':
        await inNamespace.update({ ...claim, spec: { ...claim.spec, storageClassName: action.name } });
        break;
      case 'provision': {
        const missing = provisionerAnnotations.filter((name) => claim.metadata.annotations?.[name] !== action.provisioner);
        const asked = Object.fromEntries(provisionerAnnotations.map((name) => [name, action.provisioner]));
        const current = missing.length > 0 ? await inNamespace.update({ ...claim, metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, ...asked } } }) : claim;
        this.#event(claim, action.event);
        await this.#setClaimPhase(current, 'Pending');
        break;
      }
      case 'phase': {
        const changed = await this.#setClaimPhase(claim, action.phase);
        if (action.event && (changed || !action.onChange)) this.#event(claim, action.event);
        break;
      }
      case 'retry':
        return { retry: new Error(action.why) };
    }
    return { done: true };
  }

  /** Volume, its phase, claim, its status, in this order. Any step may have been done before. */
  async #bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { client } = this.#context;
    const reserved = boundVolume(volume, claim);
    const taken = reserved ? await client.of(PersistentVolumes).update(reserved) : volume;
    await this.#setVolumePhase(taken, 'Bound');
    const inNamespace = client.of(PersistentVolumeClaims).inNamespace(claim.metadata.namespace!);
    const wanted = boundClaim(claim, taken);
    const bound = wanted ? await inNamespace.update(wanted) : claim;
    const status = boundStatus(bound, taken);
    if (!sameStatus(bound.status, status)) await inNamespace.updateStatus({ ...bound, status });
  }

  async #applyToVolume(volume: PersistentVolume, action: VolumeAction): Promise<void> {
    switch (action.do) {
      case 'phase':
        if ((await this.#setVolumePhase(volume, action.phase, action.event?.message, action.event?.reason)) && action.event) this.#event(volume, action.event);
        break;
      case 'unbind': {
        const free = await this.#context.client.of(PersistentVolumes).update(unboundVolume(volume, action.keepReservation));
        await this.#setVolumePhase(free, 'Available');
        break;
      }
      case 'wake': {
        if (action.event) this.#event(volume, action.event);
        const { namespace, name } = volume.spec!.claimRef!;
        this.wakeClaim(`${namespace}/${name}`);
        break;
      }
    }
  }

  /** Returns whether it was another before. */
  async #setClaimPhase(claim: PersistentVolumeClaim, phase: string): Promise<boolean> {
    if (claim.status?.phase === phase) return false;
    const { capacity: _capacity, accessModes: _accessModes, ...rest } = claim.status ?? {};
    await this.#context.client.of(PersistentVolumeClaims).inNamespace(claim.metadata.namespace!).updateStatus({ ...claim, status: { ...rest, phase } });
    return true;
  }

  async #setVolumePhase(volume: PersistentVolume, phase: string, message?: string, reason?: string): Promise<boolean> {
    // In the same phase, message and reason may be somebody else's.
    if (volume.status?.phase === phase) return false;
    const { message: _message, reason: _reason, ...rest } = volume.status ?? {};
    await this.#context.client.of(PersistentVolumes).updateStatus({ ...volume, status: { ...rest, phase, ...(message ? { message } : {}), ...(reason ? { reason } : {}) } });
    return true;
  }

  #event(about: PersistentVolume | PersistentVolumeClaim, { type, reason, message }: EventText): void {
    this.#recorder.event(about, type, reason, message);
  }
}

export function startPersistentVolumeBinder(context: ControllerContext): Running {
  const { informers, host } = context;
  const name = 'persistentvolume-binder-controller';
  const binder = new Binder(context);
  const claims = informers.of(PersistentVolumeClaims);
  const volumes = informers.of(PersistentVolumes);
  // One at a time: two that choose at once would choose the same volume, and one of them would have to do it again.
  const claimQueue = startController(host, { name: `${name}/claims`, informers, reconcile: (key) => binder.claim(key) });
  const volumeQueue = startController(host, { name: `${name}/volumes`, informers, reconcile: (key) => binder.volume(key) });
  binder.wakeClaim = (key) => claimQueue.add(key);

  claims.onEvent(({ type, object }) => {
    if (type !== 'deleted') claimQueue.add(keyOf(object));
    else if (object.spec?.volumeName) volumeQueue.add(object.spec.volumeName);
    if (type !== 'deleted' && isSettled(object) && object.spec?.volumeName) volumeQueue.add(object.spec.volumeName);
  });
  const waiting = (): PersistentVolumeClaim[] => claims.lister.list().filter((claim) => !isSettled(claim));
  volumes.onEvent((event) => {
    volumeQueue.add(event.object.metadata.name!);
    const reference = event.object.spec?.claimRef;
    if (reference?.namespace && reference.name) claimQueue.add(`${reference.namespace}/${reference.name}`);
    const becameFree = event.type !== 'deleted' && event.object.status?.phase === 'Available' && (event.type === 'added' || event.old.status?.phase !== 'Available');
    if (becameFree) for (const claim of waiting()) claimQueue.add(keyOf(claim));
  });
  informers.of(StorageClasses).onEvent(() => {
    for (const claim of waiting()) claimQueue.add(keyOf(claim));
  });

  const resync = startController(host, {
    name: `${name}/resync`, informers,
    async reconcile(): Promise<Outcome> {
      for (const claim of waiting()) claimQueue.add(keyOf(claim));
      for (const volume of volumes.lister.list()) volumeQueue.add(volume.metadata.name!);
      return { afterMs: syncPeriodMs };
    },
  });
  resync.add('all');
  return runningAll([claimQueue, volumeQueue, resync]);
}
