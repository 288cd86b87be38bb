/** The next step of a Deployment, as a table; what many steps come to is in controller.test.ts. */
import { describe, expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { decideDeployment } from './decide.ts';
import { DESIRED_REPLICAS_ANNOTATION, MAX_REPLICAS_ANNOTATION, REVISION_ANNOTATION } from './replica-sets.ts';

const now = Date.UTC(2030, 0, 1);
const template = (image: string) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } });
function deployment(replicas: number, spec: object = {}, status: Deployment['status'] = {}): Deployment {
  return {
    metadata: { name: 'web', namespace: 'default', uid: 'd', generation: 1 },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template('new'), strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } }, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, ...spec },
    status,
  };
}
/** A set called by its image; `wanted` is the number that the Deployment wanted when it was scaled last. */
function set(image: string, replicas: number, available: number, { wanted = 4, max = 5, revision = image === 'new' ? 2 : 1 }: { wanted?: number; max?: number; revision?: number } = {}): ReplicaSet {
  return {
    metadata: { name: image, uid: image, generation: 1, creationTimestamp: image === 'new' ? '2029-06-01T00:00:00Z' : '2029-01-01T00:00:00Z', annotations: { [REVISION_ANNOTATION]: String(revision), [DESIRED_REPLICAS_ANNOTATION]: String(wanted), [MAX_REPLICAS_ANNOTATION]: String(max) } },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template(image) },
    status: { replicas, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  };
}
const sizes = (snapshot: Parameters<typeof decideDeployment>[0]): string[] => decideDeployment(snapshot, now).actions.map((action) => {
  switch (action.type) {
    case 'update': return action.to === undefined ? `note ${action.replicaSet.metadata.name}` : `${action.replicaSet.metadata.name} ${action.from}→${action.to}`;
    case 'create': return `create ${action.replicaSet.spec!.replicas}`;
    case 'delete': return `delete ${action.replicaSet.metadata.name}`;
    case 'setRevision': return `revision ${action.revision}`;
    default: return action.reason;
  }
});
const terminating: Pod = { metadata: { name: 'p', deletionTimestamp: 'x' }, status: { phase: 'Running' } };

describe('the next step', () => {
  const rows: [string, Deployment, ReplicaSet[], string[]][] = [
    ['nothing is there', deployment(4), [], ['create 4', 'revision 1']],
    ['a new template: the surge first', deployment(4), [set('old', 4, 4)], ['create 1', 'revision 2']],
    ['no surge: first one old pod goes', deployment(4, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }), [set('old', 4, 4), set('new', 0, 0)], ['old 4→3', 'revision 2']],
    ['as many old ones go as may be missing', deployment(4), [set('old', 4, 4), set('new', 1, 0)], ['old 4→3', 'revision 2']],
    ['a new pod that is available takes the place of an old one', deployment(4), [set('old', 3, 3), set('new', 2, 2)], ['old 3→1', 'revision 2']],
    ['what serves nobody goes first', deployment(4), [set('old', 4, 2), set('new', 1, 0)], ['old 4→3', 'revision 2']],
    ['new pods that do not come up hold the rest', deployment(4), [set('old', 3, 3), set('new', 2, 0)], ['revision 2']],
    ['room again: the new set grows', deployment(4), [set('old', 1, 1), set('new', 2, 2)], ['new 2→4', 'revision 2']],
    ['done', deployment(4), [set('old', 0, 0), set('new', 4, 4)], ['revision 2']],
    ['done: history beyond the limit goes, oldest first', deployment(4, { revisionHistoryLimit: 1 }), [set('old', 0, 0), set('older', 0, 0, { revision: 0 }), set('new', 4, 4)], ['revision 2', 'delete older']],
    ['recreate: all old ones first', deployment(4, { strategy: { type: 'Recreate' } }), [set('old', 4, 4, { max: 4 })], ['old 4→0']],
    ['paused: nothing rolls', deployment(4, { paused: true }), [set('old', 4, 4)], []],
    ['paused: its size still follows', deployment(6, { paused: true }), [set('old', 4, 4)], ['old 4→6']],
    ['in the middle of a rollout growth is shared out', deployment(8), [set('old', 3, 3), set('new', 2, 2)], ['old 3→5', 'new 2→4', 'revision 2']],
    ['in the middle of a rollout shrinking is, too', deployment(2), [set('old', 3, 3), set('new', 2, 2)], ['old 3→2', 'new 2→1', 'revision 2']],
    ['to nothing', deployment(0), [set('old', 3, 3), set('new', 2, 2)], ['old 3→0', 'new 2→0', 'revision 2']],
    ['back to the old template: its set takes the next revision', deployment(4, { template: template('old') }), [set('old', 0, 0), set('new', 4, 4)], ['old 0→1', 'revision 3']],
    ['a selector of everything', deployment(4, { selector: {} }), [], ['SelectingAll']],
  ];
  test.each(rows)('%s', (_name, object, replicaSets, expected) => {
    expect(sizes({ deployment: object, replicaSets, podsOf: () => [] }).sort()).toEqual([...expected].sort());
  });

  test('recreate waits for old pods that are still going', () => {
    const snapshot = { deployment: deployment(4, { strategy: { type: 'Recreate' } }), replicaSets: [set('old', 0, 0)] };
    expect(sizes({ ...snapshot, podsOf: () => [terminating] })).toEqual([]);
    expect(sizes({ ...snapshot, podsOf: () => [{ ...terminating, status: { phase: 'Succeeded' } }] })).toEqual(['create 4', 'revision 2']);
  });
});

describe('conditions', () => {
  const progressing = (reason: string, minutesAgo: number): Deployment['status'] => ({ conditions: [{ type: 'Progressing', status: 'True', reason, lastUpdateTime: new Date(now - minutesAgo * 60_000).toISOString(), lastTransitionTime: '2029-01-01T00:00:00Z' }], replicas: 5, updatedReplicas: 2, readyReplicas: 3, availableReplicas: 3 });
  const stuck = [set('old', 3, 3), set('new', 2, 0)];
  const rows: [string, Deployment, ReplicaSet[], string][] = [
    ['within its deadline', deployment(4, {}, progressing('ReplicaSetUpdated', 5)), stuck, 'Progressing True ReplicaSetUpdated'],
    ['over its deadline', deployment(4, {}, progressing('ReplicaSetUpdated', 11)), stuck, 'Progressing False ProgressDeadlineExceeded'],
    ['no deadline', deployment(4, { progressDeadlineSeconds: 2 ** 31 - 1 }, progressing('ReplicaSetUpdated', 11)), stuck, ''],
    ['a step forward', deployment(4, {}, progressing('ReplicaSetUpdated', 11)), [set('old', 3, 3), set('new', 2, 1)], 'Progressing True ReplicaSetUpdated'],
    ['all there', deployment(4, {}, progressing('ReplicaSetUpdated', 11)), [set('new', 4, 4)], 'Progressing True NewReplicaSetAvailable'],
    ['paused: the deadline stands still', deployment(4, { paused: true }, progressing('ReplicaSetUpdated', 11)), stuck, 'Progressing Unknown DeploymentPaused'],
    ['resumed', deployment(4, {}, progressing('DeploymentPaused', 5)), stuck, 'Progressing Unknown DeploymentResumed'],
  ];
  test.each(rows)('%s', (_name, object, replicaSets, expected) => {
    const { status } = decideDeployment({ deployment: object, replicaSets, podsOf: () => [] }, now);
    const condition = status.conditions?.find(({ type }) => type === 'Progressing');
    expect(condition ? `${condition.type} ${condition.status} ${condition.reason}` : '').toBe(expected);
  });
});
