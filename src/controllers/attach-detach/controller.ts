/**
 * persistentvolume-attach-detach-controller: has volumes attached to the nodes whose pods use them, and detached when none does.
 *
 * Contract: for each volume of a CSI driver that attaches (CSIDriver.spec.attachRequired) there is a VolumeAttachment while a pod on the node wants
 * it; the driver's attacher does the work; the node's status says what is attached.
 * Never: detaches what the node still mounts, unless the node is gone, out of service, or silent for six minutes after the pods went; attaches a
 * volume of a single node to a second one (an event tells the pod). Eventually: what pods want is attached, and nothing else.
 */
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/core/v1/types.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status.ts';
import type { CSIDriver, VolumeAttachment } from '../../api/storage/v1/types.ts';
import { CSIDrivers, Nodes, PersistentVolumeClaims, PersistentVolumes, VolumeAttachments } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { EventRecorder, Informer, Outcome, Running, WorkQueue } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { podsByNode, type PodsByNode } from '../pod-index.ts';
import { decideAttachments, type AttachableVolume, type AttachAction } from './decide.ts';

const byNode = 'attachdetach/node';
const byVolume = 'attachdetach/volume';

class AttachDetachController {
  readonly queue: WorkQueue & Running;
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #pods: PodsByNode;
  readonly #nodes;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #attachments: Informer<VolumeAttachment>;
  readonly #drivers: Informer<CSIDriver>;
  readonly #unwantedSince = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers } = context;
    this.#recorder = context.recorder('attachdetach-controller');
    this.#pods = podsByNode(informers);
    this.#nodes = informers.of(Nodes);
    this.#claims = informers.of(PersistentVolumeClaims);
    this.#volumes = informers.of(PersistentVolumes);
    this.#attachments = informers.of(VolumeAttachments);
    this.#drivers = informers.of(CSIDrivers);
    this.#attachments.addIndex(byNode, (attachment) => [attachment.spec.nodeName]);
    this.#attachments.addIndex(byVolume, (attachment) => [attachment.spec.source.persistentVolumeName ?? '']);
    this.queue = startController(context.host, { name: 'persistentvolume-attach-detach-controller', workers: 5, informers, reconcile: (node) => this.#reconcile(node) });
    this.#listen();
  }

  #listen(): void {
    this.#pods.informer.onEvent((event) => {
      const { object } = event;
      const node = object.spec?.nodeName;
      if (!node || !usesClaims(object)) return;
      // Of a pod only its coming, its end and its going matter.
      if (event.type === 'updated' && event.old.spec?.nodeName === node && event.old.status?.phase === object.status?.phase) return;
      this.queue.add(node);
    });
    this.#attachments.onEvent(({ object }) => {
      this.queue.add(object.spec.nodeName);
      // Somebody may wait for the volume to come free.
      for (const other of this.#nodesWanting(object.spec.source.persistentVolumeName)) this.queue.add(other);
    });
    this.#nodes.onEvent((event) => {
      const name = event.object.metadata.name!;
      if (event.type === 'updated' && sameUse(event.old.status?.volumesInUse, event.object.status?.volumesInUse) && JSON.stringify(event.old.spec?.taints) === JSON.stringify(event.object.spec?.taints)) return;
      if (event.type !== 'updated' || this.#attachments.lister.byIndex(byNode, name).length > 0) this.queue.add(name);
    });
    this.#claims.onEvent((event) => {
      if (event.type === 'updated' && event.old.status?.phase === event.object.status?.phase) return;
      for (const node of this.#nodesWanting(event.object.spec?.volumeName)) this.queue.add(node);
    });
    this.#drivers.onEvent(({ object }) => {
      for (const volume of this.#volumes.lister.list()) {
        if (volume.spec?.csi?.driver === object.metadata.name) for (const node of this.#nodesWanting(volume.metadata.name)) this.queue.add(node);
      }
    });
  }

  #nodesWanting(volumeName: string | undefined): string[] {
    const reference = volumeName === undefined ? undefined : this.#volumes.lister.byKey(volumeName)?.spec?.claimRef;
    if (!reference) return [];
    return this.#pods.informer.lister.list(reference.namespace)
      .filter((pod) => pod.spec?.nodeName && (pod.spec.volumes ?? []).some((volume) => claimNameOf(pod, volume) === reference.name))
      .map((pod) => pod.spec!.nodeName!);
  }

  #attachable(pod: Pod): AttachableVolume[] {
    return (pod.spec?.volumes ?? []).flatMap((each) => {
      const name = claimNameOf(pod, each);
      const claim = name === undefined ? undefined : this.#claims.lister.get(pod.metadata.namespace, name);
      const volume = claim?.spec?.volumeName && claim.status?.phase === 'Bound' ? this.#volumes.lister.byKey(claim.spec.volumeName) : undefined;
      const csi = volume?.spec?.csi;
      // A driver that nobody registered attaches, as far as one knows.
      if (!csi || this.#drivers.lister.byKey(csi.driver)?.spec?.attachRequired === false) return [];
      return [{ volume: volume!, driver: csi.driver, handle: csi.volumeHandle }];
    });
  }

  async #reconcile(nodeName: string): Promise<Outcome> {
    const nowMs = this.#context.host.clock.now();
    const attachments = this.#attachments.lister.byIndex(byNode, nodeName);
    const pods = this.#pods.onNode(nodeName).filter(usesClaims);
    if (attachments.length === 0 && pods.length === 0 && (this.#nodes.lister.byKey(nodeName)?.status?.volumesAttached ?? []).length === 0) return { done: true };
    const wanted = new Set(pods.flatMap((pod) => this.#attachable(pod)).map(({ volume }) => volume.metadata.name));
    for (const { metadata, spec } of attachments) {
      if (wanted.has(spec.source.persistentVolumeName)) this.#unwantedSince.delete(metadata.name!);
      else if (!this.#unwantedSince.has(metadata.name!)) this.#unwantedSince.set(metadata.name!, nowMs);
    }
    const actions = decideAttachments({
      node: this.#nodes.lister.byKey(nodeName), nodeName, pods, attachments,
      attachable: (pod) => this.#attachable(pod),
      attachmentsOf: (volume) => this.#attachments.lister.byIndex(byVolume, volume),
      handleOf: (volume) => {
        const csi = this.#volumes.lister.byKey(volume)?.spec?.csi;
        return csi && { driver: csi.driver, handle: csi.volumeHandle };
      },
      unwantedSinceMs: (name) => this.#unwantedSince.get(name) ?? nowMs,
    }, nowMs);
    let afterMs = Infinity;
    for (const action of actions) {
      if (action.do === 'wait') afterMs = Math.min(afterMs, action.afterMs);
      else await this.#apply(nodeName, action);
    }
    return afterMs === Infinity ? { done: true } : { afterMs };
  }

  async #apply(nodeName: string, action: Exclude<AttachAction, { do: 'wait' }>): Promise<void> {
    const { client } = this.#context;
    switch (action.do) {
      case 'refuse':
        this.#recorder.event(action.pod, 'Warning', 'FailedAttachVolume', `Multi-Attach error for volume "${action.volume}" Volume is already exclusively attached to one node and can't be attached to another`);
        return;
      case 'attach':
        await client.of(VolumeAttachments).create(action.attachment).catch((error: unknown) => {
          if (!isAlreadyExists(error)) throw error;
        });
        return;
      case 'detach':
        this.#unwantedSince.delete(action.attachment.metadata.name!);
        await client.of(VolumeAttachments).delete(action.attachment.metadata.name!, { preconditions: { uid: action.attachment.metadata.uid } }).catch((error: unknown) => {
          if (!isNotFound(error) && !isConflict(error)) throw error;
        });
        return;
      case 'report':
        await client.of(Nodes).patch(nodeName, { status: { volumesAttached: action.volumesAttached } }, { type: 'merge', subresource: 'status' }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
        return;
    }
  }
}

function claimNameOf(pod: Pod, volume: { name: string; persistentVolumeClaim?: { claimName: string }; ephemeral?: object }): string | undefined {
  return volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined);
}

const usesClaims = (pod: Pod): boolean => (pod.spec?.volumes ?? []).some((volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined);
const sameUse = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.length === b.length && a.every((each, i) => each === b[i]);

export const startAttachDetach = (context: ControllerContext): Running => new AttachDetachController(context).queue;
