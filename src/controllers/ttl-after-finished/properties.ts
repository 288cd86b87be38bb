import type { Job } from '../../api/batch/v1/types.ts';
import { parseTime } from '../../api/meta/time.ts';
import { Jobs } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';

function endsMs(job: Job): number | undefined {
  const seconds = job.spec?.ttlSecondsAfterFinished;
  const finished = job.status?.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')?.lastTransitionTime;
  return seconds === undefined || !finished ? undefined : parseTime(finished) + seconds * 1000;
}

export const properties: Properties = {
  safety: [
    safety<Job>({
      name: 'jobs have their time', promise: 'no job is removed before it has ended and its time is over', of: Jobs, alone: true,
      broken({ type, object, old }, world) {
        const goes = type === 'deleted' ? !old || !isGoing(old) : type === 'updated' && isGoing(object) && !isGoing(old!);
        return goes && (endsMs(object) ?? Infinity) > world.nowMs() ? `${nameOf(object)} was removed, and its time is not over` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'jobs do not outlive their time', promise: 'a job that ended is gone when its time is over',
    *missing(world) {
      for (const job of world.list(Jobs)) if (!isGoing(job) && (endsMs(job) ?? Infinity) < world.nowMs() - 1000) yield `${nameOf(job)} should have gone ${(world.nowMs() - endsMs(job)!) / 1000} s ago`;
    },
  }],
};
