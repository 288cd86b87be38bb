/** All checkers, in the order in which they look. */
import type { Checker } from './checker.ts';
import { nothingLeaks, podsSettle } from './liveness.ts';
import { addressesUnique, boundOnce, budgetsHold, capacityHolds, oneOfEachName } from './pods.ts';
import { promisedByControllers } from './promises.ts';
import { finalizersHold, linearizable, namespacesEndEmpty, revisionsRise, watchesAreWhole } from './store.ts';
import { collectsOnlyGarbage, jobsCountTruly } from './workloads.ts';

export type { Checker, Fail, RunningPod, Scene } from './checker.ts';

/** Fresh ones: each remembers what it has seen of one run. */
export function createCheckers(): Checker[] {
  return [
    revisionsRise(), linearizable(), watchesAreWhole(), finalizersHold(), namespacesEndEmpty(),
    boundOnce(), capacityHolds(), addressesUnique(), oneOfEachName(), budgetsHold(), jobsCountTruly(), collectsOnlyGarbage(),
    ...promisedByControllers(), nothingLeaks(), podsSettle(),
  ];
}
