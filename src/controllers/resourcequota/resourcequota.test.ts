import { describe, expect, test } from 'vitest';
import type { Pod, ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus, Service } from '../../api/core/v1/types.ts';
import { ConfigMaps } from '../../api/resources.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { fullResyncPeriodMs, startResourceQuota } from './controller.ts';
import { countedResources, decideQuota, givesBack, isTouched } from './decide.ts';

const pod = (name: string, cpu = '1'): Pod => ({ metadata: { name, namespace: 'shop', uid: name }, spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }] } });
const service: Service = { metadata: { name: 's', namespace: 'shop' }, spec: { type: 'NodePort', ports: [{ port: 1 }, { port: 2 }] } };
const quota = (hard: ResourceQuotaSpec['hard'], status?: ResourceQuotaStatus, more: ResourceQuotaSpec = {}): ResourceQuota => ({ metadata: { name: 'q', namespace: 'shop' }, spec: { hard, ...more }, ...(status ? { status } : {}) });
const held: Record<string, unknown[]> = { pods: [pod('a'), pod('b', '500m')], services: [service], persistentvolumeclaims: [] };
const counts: Record<string, number> = { configmaps: 3, 'jobs.batch': 0 };

describe('the status of a quota', () => {
  const rows: [string, ResourceQuota, ResourceQuotaStatus | undefined][] = [
    ['counted and measured', quota({ pods: '2', cpu: '4', configmaps: '9', 'count/jobs.batch': '1', 'services.nodeports': '5', 'count/services': '1' }), {
      hard: { pods: '2', cpu: '4', configmaps: '9', 'count/jobs.batch': '1', 'services.nodeports': '5', 'count/services': '1' },
      used: { pods: '2', cpu: '1500m', configmaps: '3', 'count/jobs.batch': '0', 'services.nodeports': '2', 'count/services': '1' },
    }],
    ['nothing there takes any of it', quota({ 'requests.storage': '1Gi', 'limits.memory': '1Gi', 'services.loadbalancers': '0' }), { hard: { 'requests.storage': '1Gi', 'limits.memory': '1Gi', 'services.loadbalancers': '0' }, used: { 'requests.storage': '0', 'limits.memory': '0', 'services.loadbalancers': '0' } }],
    ['the same already, in other words', quota({ cpu: '4000m' }, { hard: { cpu: '4' }, used: { cpu: '1.5' } }), undefined],
    ['another limit', quota({ pods: '5' }, { hard: { pods: '4' }, used: { pods: '2' } }), { hard: { pods: '5' }, used: { pods: '2' } }],
    ['a limit that is gone', quota({ pods: '5' }, { hard: { pods: '5', cpu: '1' }, used: { pods: '2', cpu: '1' } }), { hard: { pods: '5' }, used: { pods: '2' } }],
    ['no limits at all', quota(undefined), { hard: {}, used: {} }],
    ['a kind that nobody serves', quota({ 'count/wishes.example.com': '1' }), { hard: { 'count/wishes.example.com': '1' }, used: {} }],
    ['what cannot be counted now keeps its number', quota({ 'count/wishes.example.com': '1' }, { hard: { 'count/wishes.example.com': '1' }, used: { 'count/wishes.example.com': '1' } }), undefined],
    ['a scope', quota({ pods: '5', configmaps: '1' }, undefined, { scopes: ['BestEffort'] }), { hard: { pods: '5', configmaps: '1' }, used: { pods: '0', configmaps: '0' } }],
  ];
  test.each(rows)('%s', (_name, each, expected) => {
    expect(decideQuota({ quota: each, objects: (plural) => held[plural]!, count: (name) => counts[name] }, 0)).toEqual(expected);
  });

  test('helpers', () => {
    expect(countedResources(quota({ pods: '1', 'count/services': '1', secrets: '1', 'count/secrets': '1', 'count/jobs.batch': '1', cpu: '1' }))).toEqual(['jobs.batch', 'secrets']);
    expect(givesBack(quota({}, { used: { pods: '2' } }), { used: { pods: '1' } })).toBe(true);
    expect(givesBack(quota({}, { used: { pods: '2' } }), { used: { pods: '3', cpu: '1' } })).toBe(false);
    expect(isTouched(quota({ cpu: '1' }), { pods: '1', cpu: '1' }, { pods: '1', cpu: '1' })).toBe(false);
    expect(isTouched(quota({ cpu: '1' }), { pods: '1', cpu: '1' }, { pods: '1' })).toBe(true);
    expect(isTouched(quota({ pods: '1' }), { pods: '1', cpu: '1' }, { pods: '1' })).toBe(false);
  });

  test('what is only counted is watched as long as a quota names it', async () => {
    const host = virtualHost({ seed: 'counters', settle: turn });
    const context = fakeContext(host);
    context.api.served = [ConfigMaps];
    context.api.put('configmaps', { metadata: { name: 'c', namespace: 'shop' } });
    context.api.put('configmaps', { metadata: { name: 'c', namespace: 'other' } });
    context.run(startResourceQuota);
    await host.clock.advance(1_000);
    const idle = context.api.watches;
    context.api.put('resourcequotas', quota({ configmaps: '5', 'count/wishes.example.com': '1' }));
    await host.clock.advance(2_000);
    expect(context.api.object<ResourceQuota>('resourcequotas', 'shop/q')?.status?.used).toEqual({ configmaps: '1' });
    expect(context.api.watches).toBe(idle + 1);
    context.api.remove('resourcequotas', 'shop/q');
    await host.clock.advance(fullResyncPeriodMs);
    expect(context.api.watches).toBe(idle);
    await context.stop();
    expect(context.api.watches).toBe(0);
  });

  test('a pod charged for before its event came is counted again after room was given back', async () => {
    const host = virtualHost({ seed: 'quota', settle: turn });
    const context = fakeContext(host);
    context.api.put('resourcequotas', quota({ pods: '5' }, { hard: { pods: '5' }, used: { pods: '3' } }));
    context.api.put('pods', pod('a'));
    context.run(startResourceQuota);
    await host.clock.advance(1_000);
    const used = () => context.api.object<ResourceQuota>('resourcequotas', 'shop/q')?.status?.used;
    expect(used()).toEqual({ pods: '1' });
    context.api.put('pods', pod('b'));
    await host.clock.advance(2_000);
    expect(used()).toEqual({ pods: '2' });
    context.api.remove('pods', 'shop/a');
    await host.clock.advance(1_000);
    expect(used()).toEqual({ pods: '1' });
    await context.stop();
  });
});
