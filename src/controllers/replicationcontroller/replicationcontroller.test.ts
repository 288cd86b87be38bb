import { afterEach, expect, test } from 'vitest';
import type { ReplicationController } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { about, fakeCluster, type FakeCluster } from '../shared/fake-cluster.ts';
import { startReplicationController } from './controller.ts';

let cluster: FakeCluster;
afterEach(() => cluster.stop());

test('keeps the number of pods, whoever takes one, and follows a new number', async () => {
  cluster = fakeCluster(virtualHost({ seed: 'rc', settle: turn }), startReplicationController);
  const controller: ReplicationController = {
    apiVersion: 'v1', kind: 'ReplicationController', metadata: about('web', { uid: 'web-uid' }),
    spec: { replicas: 3, selector: { app: 'web' }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
  };
  cluster.context.api.put('replicationcontrollers', controller);
  await cluster.advance();
  expect(cluster.pods()).toHaveLength(3);
  cluster.context.api.remove('pods', `default/${cluster.pods()[0]!.metadata.name}`);
  await cluster.advance();
  expect(cluster.pods()).toHaveLength(3);
  cluster.makeReady();
  await cluster.advance();
  expect(cluster.get<ReplicationController>('replicationcontrollers', 'web').status).toMatchObject({ replicas: 3, readyReplicas: 3, observedGeneration: 1 });
  cluster.change<ReplicationController>('replicationcontrollers', 'web', (object) => (object.spec!.replicas = 1));
  await cluster.advance();
  expect(cluster.pods()).toHaveLength(1);
});
