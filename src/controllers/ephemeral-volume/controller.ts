/**
 * ephemeral-volume-controller: makes the claims of pods' generic ephemeral volumes.
 *
 * Contract: each volume `ephemeral` of a pod gets a claim `<pod>-<volume>` that the pod owns, and which the garbage collector removes with it.
 * Never: a claim for a pod that is being deleted, or a change of one that another owns (an event says so).
 * Eventually: every pod has its claims.
 */
import type { Pod } from '../../api/core/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { isAlreadyExists } from '../../api/meta/status.ts';
import { PersistentVolumeClaims, Pods } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Outcome, Running } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { isNamespaceTerminating } from '../shared/index.ts';
import { decideEphemeral } from './decide.ts';

const hasEphemeral = (pod: Pod): boolean => (pod.spec?.volumes ?? []).some((volume) => volume.ephemeral !== undefined);

export function startEphemeralVolume(context: ControllerContext): Running {
  const { client, informers, host } = context;
  const pods = informers.of(Pods);
  const claims = informers.of(PersistentVolumeClaims);
  const recorder = context.recorder('ephemeral_volume');

  async function reconcile(key: string): Promise<Outcome> {
    const pod = pods.lister.byKey(key);
    if (!pod) return { done: true };
    const failed = (volume: string, why: string): Outcome => {
      recorder.event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume}: ${why}`);
      return { retry: new Error(`pod ${key}, ephemeral volume ${volume}: ${why}`) };
    };
    for (const action of decideEphemeral(pod, (name) => claims.lister.get(pod.metadata.namespace, name))) {
      if ('fail' in action) return failed(action.volume, action.fail);
      try {
        await client.of(PersistentVolumeClaims).create(action.create);
      } catch (error) {
        if (isNamespaceTerminating(error)) return { done: true };
        // The local copy is behind: look again at whose it is.
        if (isAlreadyExists(error)) return { afterMs: 1_000 };
        return failed(action.create.metadata.name!.slice(pod.metadata.name!.length + 1), (error as Error).message);
      }
    }
    return { done: true };
  }

  const queue = startController(host, { name: 'ephemeral-volume-controller', workers: workersOf(context, 'concurrent-ephemeralvolume-syncs', 5), informers, reconcile });
  pods.onEvent(({ type, object }) => {
    if (type === 'added' && hasEphemeral(object)) queue.add(keyOf(object));
  });
  claims.onEvent(({ type, object }) => {
    const owner = type === 'deleted' ? object.metadata.ownerReferences?.find((reference) => reference.controller && reference.kind === 'Pod') : undefined;
    if (owner) queue.add(`${object.metadata.namespace}/${owner.name}`);
  });
  return queue;
}
