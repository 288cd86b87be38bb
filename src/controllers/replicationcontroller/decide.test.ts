import { expect, test } from 'vitest';
import type { Pod, ReplicationController } from '../../api/core/v1/types.ts';
import { decideReplicaSet, replicaSetStatus } from '../replicaset/decide.ts';
import { asReplicaSet } from './controller.ts';

const now = Date.UTC(2030, 0, 1);
const pod = (name: string, status: Pod['status'] = {}): Pod => ({ metadata: { name, uid: name, labels: { app: 'web' } }, spec: { containers: [] }, status });
const controller = (spec: ReplicationController['spec']): ReplicationController => ({ metadata: { name: 'web', generation: 2 }, spec });

test.each<[string, ReplicationController['spec'], Pod[], number, string[]]>([
  ['no number means one', { selector: { app: 'web' } }, [], 1, []],
  ['too few', { replicas: 3, selector: { app: 'web' } }, [pod('a')], 2, []],
  ['ended ones do not count', { replicas: 1, selector: { app: 'web' } }, [pod('a', { phase: 'Failed' })], 1, []],
  ['too many: one that is not bound goes first', { replicas: 1, selector: { app: 'web' } }, [{ ...pod('a', { phase: 'Running' }), spec: { nodeName: 'n', containers: [] } }, pod('b', { phase: 'Pending' })], 0, ['b']],
  ['none', { replicas: 0, selector: { app: 'web' } }, [pod('a')], 0, ['a']],
])('decides as of a ReplicaSet: %s', (_name, spec, pods, create, gone) => {
  const replicaSet = asReplicaSet(controller(spec));
  const actions = decideReplicaSet({ replicaSet, pods, related: pods }, now);
  expect([actions.create, actions.delete.map(({ metadata }) => metadata.name)]).toEqual([create, gone]);
  expect(replicaSetStatus(replicaSet, pods, undefined, now)).toMatchObject({ observedGeneration: 2, replicas: pods.filter(({ status }) => status?.phase !== 'Failed').length });
});
