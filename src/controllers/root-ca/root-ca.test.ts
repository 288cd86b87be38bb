import { describe, expect, test } from 'vitest';
import type { ConfigMap } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startRootCaPublisher } from './controller.ts';
import { decideRootCa } from './decide.ts';

const namespace = (extra = {}) => ({ metadata: { name: 'shop', ...extra } });

describe('root CA publisher', () => {
  test('decides: an active namespace only, and only where something differs', () => {
    const create = decideRootCa({ namespace: namespace(), configMap: undefined, rootCa: 'CA' });
    expect(create).toMatchObject({ create: { metadata: { name: 'kube-root-ca.crt', namespace: 'shop' }, data: { 'ca.crt': 'CA' } } });
    const configMap = (create as { create: ConfigMap }).create;
    expect(decideRootCa({ namespace: namespace(), configMap, rootCa: 'CA' })).toBeUndefined();
    expect(decideRootCa({ namespace: namespace(), configMap, rootCa: 'NEW' })).toMatchObject({ update: { data: { 'ca.crt': 'NEW' } } });
    expect(decideRootCa({ namespace: namespace(), configMap: { ...configMap, data: { ...configMap.data, extra: 'x' } }, rootCa: 'CA' })).toMatchObject({ update: { data: { 'ca.crt': 'CA' } } });
    expect(decideRootCa({ namespace: namespace({ deletionTimestamp: '2030-01-01T00:00:00Z' }), configMap: undefined, rootCa: 'CA' })).toBeUndefined();
    expect(decideRootCa({ namespace: undefined, configMap: undefined, rootCa: 'CA' })).toBeUndefined();
  });

  test('publishes, and puts back what was deleted or changed', async () => {
    const host = virtualHost({ seed: 'root-ca', settle: turn });
    const context = fakeContext(host);
    context.api.put('namespaces', namespace());
    context.run(startRootCaPublisher);
    const published = () => context.api.object<ConfigMap>('configmaps', 'shop/kube-root-ca.crt')?.data;
    await host.clock.advance(100);
    expect(published()).toEqual({ 'ca.crt': 'ROOT CA' });
    context.api.remove('configmaps', 'shop/kube-root-ca.crt');
    await host.clock.advance(100);
    expect(published()).toEqual({ 'ca.crt': 'ROOT CA' });
    context.api.put('configmaps', { ...context.api.object<ConfigMap>('configmaps', 'shop/kube-root-ca.crt')!, data: { 'ca.crt': 'wrong' } } as ConfigMap);
    await host.clock.advance(100);
    expect(published()).toEqual({ 'ca.crt': 'ROOT CA' });
    await context.stop();
  });
});
