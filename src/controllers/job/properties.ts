import type { Job } from '../../api/batch/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { getCondition, isConditionTrue, isPodTerminal } from '../../api/core/v1/pods.ts';
import { Jobs, Pods } from '../../api/resources.ts';
import { controllerOf, nameOf, podsOwnedBy, safety, type Properties } from '../property.ts';
import { indexOfPod } from './indexes.ts';
import { isFinished } from './decide.ts';
import { isTracked } from './pods.ts';

export const properties: Properties = {
  safety: [
    safety<Job>({
      name: 'ended jobs stay ended', promise: 'a job that is complete or has failed does not become the other, nor runs again; an indexed one counts no more completions than it wants', of: Jobs,
      broken({ type, object, old }) {
        if (type !== 'updated') return undefined;
        const { completions } = object.spec ?? {};
        // An elastic job may come to want fewer than it has.
        const isCounted = (object.status?.succeeded ?? 0) !== (old!.status?.succeeded ?? 0);
        if (isCounted && completions !== undefined && completions !== null && object.spec?.completionMode === 'Indexed' && (object.status?.succeeded ?? 0) > completions) return `${nameOf(object)} counts ${object.status?.succeeded} completions of ${completions}`;
        const [complete, failed] = ['Complete', 'Failed'].map((end) => isConditionTrue(object.status?.conditions, end));
        if (complete && failed) return `${nameOf(object)} is complete and has failed`;
        return isFinished(old!) && !isFinished(object) ? `${nameOf(object)} had ended and has not any more` : undefined;
      },
    }),
    safety<Pod>({
      name: 'jobs keep to their parallelism', promise: 'a new pod never makes more active pods than parallelism, nor a second one of its index', of: Pods, alone: true,
      broken({ type, object }, world) {
        const job = type === 'created' ? (controllerOf(world, object) as Job | undefined) : undefined;
        if (job?.kind !== 'Job') return undefined;
        const active = podsOwnedBy(world, job).filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp);
        const same = active.filter((pod) => indexOfPod(pod) === indexOfPod(object));
        if (job.spec?.completionMode === 'Indexed' && same.length > 1) return `${nameOf(object)} is pod ${same.length} of index ${indexOfPod(object)}`;
        const most = job.spec?.parallelism ?? 1;
        return active.length > most || job.spec?.suspend ? `${nameOf(object)} is active pod ${active.length} of ${nameOf(job)}, which wants ${job.spec?.suspend ? 0 : most}` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'jobs end', promise: 'a job that is not suspended completes or fails, and then no pod of it runs and none is uncounted',
    *missing(world) {
      for (const job of world.list(Jobs)) {
        if (job.spec?.suspend || world.isHopeless(job) || (job.spec?.managedBy ?? 'kubernetes.io/job-controller') !== 'kubernetes.io/job-controller') continue;
        const end = getCondition(job.status?.conditions, 'Complete')?.status === 'True' ? 'Complete' : isFinished(job) ? 'Failed' : undefined;
        if (!end) yield `${nameOf(job)} has neither completed nor failed: ${JSON.stringify(job.status)}`;
        const pods = podsOwnedBy(world, job);
        const active = pods.filter((pod) => !isPodTerminal(pod));
        if (end && active.length > 0) yield `${nameOf(job)} has ended, and ${active.length} pods of it are there`;
        const uncounted = job.status?.uncountedTerminatedPods;
        if (end && ((uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0) > 0 || pods.some(isTracked))) yield `${nameOf(job)} has ended with pods that it has not counted`;
        const isShort = (job.status?.succeeded ?? 0) < (job.spec?.completions ?? 0) && !job.spec?.successPolicy;
        // A pod that was made twice over may end twice over: only indexed jobs count exactly, and that is looked at all the time.
        if (end === 'Complete' && isShort) yield `${nameOf(job)} is complete with ${job.status?.succeeded} of ${job.spec?.completions}`;
      }
    },
  }],
};
