/** Which volumes are to be attached to a node. Pure: one node at a time, one step at a time. */
import { createHash } from 'node:crypto';
import { isConditionTrue, isPodTerminal } from '../../api/core/v1/pods.ts';
import type { AttachedVolume, Node, PersistentVolume, Pod } from '../../api/core/v1/types.ts';
import type { VolumeAttachment } from '../../api/storage/v1/types.ts';

/** A volume that somebody must attach before a pod can use it. */
export interface AttachableVolume {
  volume: PersistentVolume;
  driver: string;
  handle: string;
}

/** How long a volume stays attached to a node that does not answer, after its pods are gone. */
export const unmountPatienceMs = 6 * 60_000;
export const outOfServiceTaint = 'node.kubernetes.io/out-of-service';

/** The name under which kubelets know it. */
export const uniqueNameOf = ({ driver, handle }: { driver: string; handle: string }): string => `kubernetes.io/csi/${driver}^${handle}`;

/** The same for the same volume, driver and node: whoever attaches twice finds the first attachment. */
export function attachmentName(handle: string, driver: string, node: string): string {
  return `csi-${createHash('sha256').update(`${handle}${driver}${node}`).digest('hex')}`;
}

/** Whether it bears the name that this controller gives: others, which somebody else made, are theirs to delete. Of a volume that is gone only the form of the name is known. */
function isOurs(attachment: VolumeAttachment, handle: { driver: string; handle: string } | undefined): boolean {
  const name = attachment.metadata.name!;
  return handle ? name === attachmentName(handle.handle, handle.driver, attachment.spec.nodeName) : /^csi-[0-9a-f]{64}$/.test(name);
}

export interface AttachSnapshot {
  node: Node | undefined;
  nodeName: string;
  /** Pods that are bound to it. */
  pods: readonly Pod[];
  /** Volumes of a pod that need attaching. */
  attachable: (pod: Pod) => readonly AttachableVolume[];
  /** Those of this node. */
  attachments: readonly VolumeAttachment[];
  /** By the name of the volume, all nodes. */
  attachmentsOf: (volumeName: string) => readonly VolumeAttachment[];
  handleOf: (volumeName: string) => { driver: string; handle: string } | undefined;
  /** Since when each attachment is not wanted any more, by its name. */
  unwantedSinceMs: (name: string) => number;
}

export type AttachAction =
  | { do: 'attach'; attachment: VolumeAttachment }
  | { do: 'detach'; attachment: VolumeAttachment }
  /** The volume is elsewhere, and can be in one place only. */
  | { do: 'refuse'; pod: Pod; volume: string }
  /** What the node's status says is attached. */
  | { do: 'report'; volumesAttached: AttachedVolume[] }
  | { do: 'wait'; afterMs: number };

const singleNode = (volume: PersistentVolume): boolean => !(volume.spec?.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');

function isUnhealthy(node: Node): boolean {
  return !isConditionTrue(node.status?.conditions, 'Ready');
}

function mayDetach(node: Node | undefined, unique: string, sinceMs: number, nowMs: number): { now: true } | { afterMs: number } | undefined {
  if (!node) return { now: true };
  if (!(node.status?.volumesInUse ?? []).includes(unique)) return { now: true };
  if ((node.spec?.taints ?? []).some((taint) => taint.key === outOfServiceTaint)) return { now: true };
  // A node that answers says itself when it has unmounted.
  if (!isUnhealthy(node)) return undefined;
  return nowMs - sinceMs >= unmountPatienceMs ? { now: true } : { afterMs: sinceMs + unmountPatienceMs - nowMs };
}

function wantedOn({ pods, attachable }: AttachSnapshot): Map<string, { pod: Pod; volume: AttachableVolume }> {
  const wanted = new Map<string, { pod: Pod; volume: AttachableVolume }>();
  for (const pod of pods) if (!isPodTerminal(pod)) for (const volume of attachable(pod)) wanted.set(volume.volume.metadata.name!, { pod, volume });
  return wanted;
}

function attachActions(snapshot: AttachSnapshot, wanted: ReturnType<typeof wantedOn>): AttachAction[] {
  const { nodeName, node, attachments, attachmentsOf } = snapshot;
  if (!node) return [];
  const here = new Set(attachments.map((each) => each.spec.source.persistentVolumeName));
  const actions: AttachAction[] = [];
  for (const [name, { pod, volume }] of wanted) {
    if (here.has(name)) continue;
    const elsewhere = attachmentsOf(name).some((each) => each.spec.nodeName !== nodeName);
    if (elsewhere && singleNode(volume.volume)) actions.push({ do: 'refuse', pod, volume: name });
    else {
      actions.push({
        do: 'attach',
        attachment: { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name: attachmentName(volume.handle, volume.driver, nodeName) }, spec: { attacher: volume.driver, nodeName, source: { persistentVolumeName: name } } },
      });
    }
  }
  return actions;
}

/** The node's next steps: attach what pods want, detach what none does, say in its status what is attached. */
export function decideAttachments(snapshot: AttachSnapshot, nowMs: number): AttachAction[] {
  const { node, attachments, handleOf, unwantedSinceMs } = snapshot;
  const wanted = wantedOn(snapshot);
  const actions = attachActions(snapshot, wanted);
  const report: AttachedVolume[] = [];
  const leaving: VolumeAttachment[] = [];
  for (const attachment of attachments) {
    const name = attachment.spec.source.persistentVolumeName;
    if (name === undefined) continue;
    const handle = handleOf(name);
    const unique = handle && uniqueNameOf(handle);
    const attached = attachment.status?.attached === true && !attachment.metadata.deletionTimestamp;
    if (wanted.has(name)) {
      if (attached && unique) report.push({ name: unique, devicePath: '' });
      continue;
    }
    if (attachment.metadata.deletionTimestamp) continue;
    const ours = isOurs(attachment, handle);
    const may = ours ? mayDetach(node, unique ?? '', unwantedSinceMs(attachment.metadata.name!), nowMs) : undefined;
    if (may && 'now' in may) leaving.push(attachment);
    else {
      if (may) actions.push({ do: 'wait', afterMs: may.afterMs });
      if (attached && unique) report.push({ name: unique, devicePath: '' });
    }
  }
  const names = (list: readonly AttachedVolume[]): string => list.map((each) => each.name).sort().join('\n');
  const changed = node !== undefined && names(report) !== names((node.status?.volumesAttached ?? []).filter((each) => each.name.startsWith('kubernetes.io/csi/')));
  // The kubelet must not mount what is about to go: the status says so first.
  if (changed) actions.push({ do: 'report', volumesAttached: report });
  actions.push(...leaving.map((attachment): AttachAction => ({ do: 'detach', attachment })));
  return actions;
}
