/** What the server fills in on workloads of the group apps. */
import type { Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from './types.ts';

const REVISION_HISTORY = 10;
const PROGRESS_DEADLINE_SECONDS = 600;

function deployment({ spec }: Deployment): void {
  if (spec === undefined) return;
  spec.replicas ??= 1;
  const strategy = (spec.strategy ??= {});
  if (unset(strategy.type)) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= REVISION_HISTORY;
  spec.progressDeadlineSeconds ??= PROGRESS_DEADLINE_SECONDS;
}

function daemonSet({ spec }: DaemonSet): void {
  if (spec === undefined) return;
  const strategy = (spec.updateStrategy ??= {});
  if (unset(strategy.type)) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= REVISION_HISTORY;
}

function statefulSet({ spec }: StatefulSet): void {
  if (spec === undefined) return;
  if (unset(spec.podManagementPolicy)) spec.podManagementPolicy = 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  if (unset(strategy.type)) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate !== undefined) strategy.rollingUpdate.partition ??= 0;
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  if (unset(retention.whenDeleted)) retention.whenDeleted = 'Retain';
  if (unset(retention.whenScaled)) retention.whenScaled = 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= REVISION_HISTORY;
}

const P = 'io.k8s.api.apps.v1';

export const appsDefaulters: Defaulters = {
  [`${P}.Deployment`]: deployment,
  [`${P}.DaemonSet`]: daemonSet,
  [`${P}.StatefulSet`]: statefulSet,
  [`${P}.ReplicaSet`]: ({ spec }: ReplicaSet) => {
    if (spec !== undefined) spec.replicas ??= 1;
  },
};
