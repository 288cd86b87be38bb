/** Controllers that work on whatever the server serves, on custom resources. */
import { expect, test } from 'vitest';
import type { CustomResourceDefinition } from '../api/apiextensions/v1/types.ts';
import { isNotFound } from '../api/meta/status.ts';
import type { Resource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { CustomResourceDefinitions, Namespaces, ResourceQuotas } from '../api/resources.ts';
import { realCluster } from './real-cluster.fixture.ts';

const group = 'shop.example.com';
const Orders: Resource = {
  group, version: 'v1', plural: 'orders', singular: 'order', kind: 'Order', listKind: 'OrderList', namespaced: true, verbs: [], shortNames: [], categories: [], subresources: [], storagePrefix: '', schema: '',
};
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `orders.${group}` },
  spec: {
    group, scope: 'Namespaced', names: { plural: 'orders', singular: 'order', kind: 'Order', listKind: 'OrderList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
  },
} as CustomResourceDefinition;
const order = (name: string, metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({ apiVersion: `${group}/v1`, kind: 'Order', metadata: { name, namespace: 'shop', ...metadata } });

test('custom resources are collected with their owners, counted by quotas, and go with their namespace', async () => {
  const cluster = await realCluster(['namespace-controller', 'garbage-collector-controller', 'resourcequota-controller']);
  await cluster.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  await cluster.create(CustomResourceDefinitions, definition);
  // Discovery is asked anew twice a minute.
  await cluster.advance(60_000);

  const owner = await cluster.create(Orders, order('owner'));
  await cluster.create(Orders, order('owned', { ownerReferences: [{ apiVersion: `${group}/v1`, kind: 'Order', name: 'owner', uid: owner.metadata.uid! }] }));
  await cluster.create(Orders, order('free'));
  await cluster.run(cluster.client.of(Orders).inNamespace('shop').delete('owner'));
  await cluster.advance(30_000);
  expect(await cluster.names(Orders, 'shop')).toEqual(['free']);

  await cluster.create(ResourceQuotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few', namespace: 'shop' }, spec: { hard: { [`count/orders.${group}`]: '2' } } });
  await cluster.advance(60_000);
  expect((await cluster.get(ResourceQuotas, 'few')).status).toMatchObject({ used: { [`count/orders.${group}`]: '1' } });
  await cluster.create(Orders, order('second'));
  await expect(cluster.create(Orders, order('third'))).rejects.toThrow(`exceeded quota: few, requested: count/orders.${group}=1, used: count/orders.${group}=2, limited: count/orders.${group}=2`);

  await cluster.run(cluster.client.of(Namespaces).delete('shop'));
  await cluster.advance(60_000);
  await expect(cluster.get(Namespaces, 'shop')).rejects.toSatisfy(isNotFound);
  expect(await cluster.names(Orders)).toEqual([]);
  expect(cluster.refused).toEqual([]);
  await cluster.stop();
});
