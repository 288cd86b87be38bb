/** All workloads, in one ordered list. */
import { autoscaling } from './autoscaling.ts';
import { daemonSets } from './daemonsets.ts';
import { garbage } from './garbage.ts';
import { jobs } from './jobs.ts';
import { leaders } from './leaders.ts';
import { namespaces } from './namespaces.ts';
import { nodeLoss } from './node-loss.ts';
import { preemption } from './preemption.ts';
import { quotas } from './quotas.ts';
import { rollouts } from './rollouts.ts';
import { statefulSets } from './statefulsets.ts';
import type { Workload } from './workload.ts';

export type { Workload } from './workload.ts';

export const workloads: readonly Workload[] = [rollouts, jobs, statefulSets, daemonSets, nodeLoss, quotas, namespaces, preemption, garbage, leaders, autoscaling];

/** Throws for a name that is not known. */
export function workloadNamed(name: string): Workload {
  const found = workloads.find((workload) => workload.name === name);
  if (!found) throw new Error(`"${name}" is no workload: ${workloads.map((each) => each.name).join(', ')}`);
  return found;
}
