import { describe, expect, test } from 'vitest';
import type { ConfigMap } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startRootCaPublisher } from './controller.ts';
import { decideRootCa } from './decide.ts';

const namespace = (extra = {}) => ({ metadata: { name: 'shop', ...extra } });

describe('root CA publisher', () => {
  const made = (data: Record<string, string>, annotations: Record<string, string> = { 'kubernetes.io/description': 'told' }): ConfigMap => ({ metadata: { name: 'kube-root-ca.crt', namespace: 'shop', annotations }, data });
  const rows: [string, ReturnType<typeof namespace> | undefined, ConfigMap | undefined, 'create' | 'update' | undefined][] = [
    ['a new namespace', namespace(), undefined, 'create'],
    ['one that has it', namespace(), made({ 'ca.crt': 'CA' }), undefined],
    ['another authority', namespace(), made({ 'ca.crt': 'OLD' }), 'update'],
    ['something beside it', namespace(), made({ 'ca.crt': 'CA', extra: 'x' }), 'update'],
    ['no word on what it is for', namespace(), made({ 'ca.crt': 'CA' }, {}), 'update'],
    ['a namespace that goes', namespace({ deletionTimestamp: '2030-01-01T00:00:00Z' }), undefined, undefined],
    ['no namespace', undefined, undefined, undefined],
  ];
  test.each(rows)('decides: %s', (_name, space, configMap, expected) => {
    const action = decideRootCa({ namespace: space, configMap, rootCa: 'CA' });
    expect(Object.keys(action ?? {})[0]).toBe(expected);
    if (action) expect(('create' in action ? action.create : action.update).data).toEqual({ 'ca.crt': 'CA' });
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
