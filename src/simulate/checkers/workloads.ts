/** Promises of controllers that hold at every moment. */
import type { Job } from '../../api/batch/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { Checker } from './checker.ts';
import { aboutOf } from './paths.ts';

const controllerOf = (object: Pod | undefined): { kind: string; uid: string } | undefined => object?.metadata.ownerReferences?.find((owner) => owner.controller);

export function jobsCountTruly(): Checker {
  const succeeded = new Map<string, Set<string>>();
  const failed = new Map<string, Set<string>>();
  const add = (to: Map<string, Set<string>>, job: string, pod: string): void => void to.set(job, (to.get(job) ?? new Set()).add(pod));
  return {
    name: 'jobs count truly',
    promise: 'a job counts no pod twice, none that has not ended so, and never more completions than it wants; its counts do not fall',
    committed({ folder, type, object, old }, _scene, fail) {
      if (folder === 'pods' && type !== 'deleted') {
        const owner = controllerOf(object as Pod);
        const phase = (object as Pod).status?.phase;
        if (owner?.kind !== 'Job') return;
        if (phase === 'Succeeded') add(succeeded, owner.uid, object.metadata.uid!);
        // A pod that is being deleted counts as failed before it has ended.
        if (phase === 'Failed' || object.metadata.deletionTimestamp) add(failed, owner.uid, object.metadata.uid!);
      }
      if (folder !== 'jobs' || type === 'deleted') return;
      const job = object as Job;
      const { succeeded: done = 0, failed: broken = 0 } = job.status ?? {};
      const seen = succeeded.get(job.metadata.uid!)?.size ?? 0;
      const lost = failed.get(job.metadata.uid!)?.size ?? 0;
      if (done > seen) fail(`job ${job.metadata.name} counts ${done} succeeded pods, and only ${seen} have`);
      if (broken > lost) fail(`job ${job.metadata.name} counts ${broken} failed pods, and only ${lost} have`);
      const { completions } = job.spec ?? {};
      if (completions !== undefined && completions !== null && job.spec?.completionMode === 'Indexed' && done > completions) fail(`job ${job.metadata.name} counts ${done} completions of ${completions}`);
      const before = (old as Job | undefined)?.status?.succeeded ?? 0;
      if (done < before && job.spec?.completionMode !== 'Indexed') fail(`job ${job.metadata.name} counted ${before} succeeded pods, and now ${done}`);
    },
  };
}

/** The garbage collector takes only what nobody owns any more. */
export function collectsOnlyGarbage(): Checker {
  return {
    name: 'collects only garbage',
    promise: 'the garbage collector deletes no object that has an owner which is there and stays',
    exchanged({ request, status, user }, { state }, fail) {
      if (request.method !== 'DELETE' || status >= 300 || !user.endsWith(':generic-garbage-collector')) return;
      const key = aboutOf(request)?.key;
      const object = key === undefined ? undefined : state.held(key)?.object;
      const staying = object?.metadata.ownerReferences?.find((owner) => {
        const held = state.byUid(owner.uid)?.object;
        return held !== undefined && held.metadata.deletionTimestamp === undefined;
      });
      if (staying) fail(`${key} was deleted as garbage, though its owner ${staying.kind} ${staying.name} is there`);
    },
  };
}
