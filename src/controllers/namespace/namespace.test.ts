import { describe, expect, test } from 'vitest';
import type { Namespace, Pod } from '../../api/core/v1/types.ts';
import { serviceUnavailable } from '../../api/meta/status.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startNamespace } from './controller.ts';
import { conditionsOf, decideNamespace, mayFinalize, type ContentReport } from './decide.ts';

const nothing: ContentReport = { discoveryFailures: [], deletionFailures: [], remaining: new Map(), finalizers: new Map() };
const terminating: Namespace = { metadata: { name: 'shop', deletionTimestamp: '2030-01-01T00:00:00Z' }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Terminating' } };

function setUp(extra: { groups?: object[] } = {}) {
  const host = virtualHost({ seed: 'namespace', settle: turn });
  const context = fakeContext(host);
  const json = (value: unknown) => ({ status: 200, headers: {}, body: (async function* body() { yield Buffer.from(JSON.stringify(value)); })() });
  const resource = (name: string) => ({ resource: name, singularResource: name, responseKind: { group: '', version: 'v1', kind: name }, scope: 'Namespaced', verbs: ['delete', 'deletecollection', 'list'] });
  context.api.intercept = (request) => {
    if (request.path === '/apis') return json({ kind: 'APIGroupDiscoveryList', items: extra.groups ?? [] });
    if (request.path === '/api') return json({ kind: 'APIGroupDiscoveryList', items: [{ metadata: { name: '' }, versions: [{ version: 'v1', resources: [resource('configmaps'), resource('pods'), resource('secrets')] }] }] });
    return undefined;
  };
  const conditions = () => Object.fromEntries((context.api.object<Namespace>('namespaces', 'shop')?.status?.conditions ?? []).map(({ type, message }) => [type, message]));
  return { host, context, conditions };
}

describe('namespace deletion', () => {
  const steps: [string, Namespace | undefined, string][] = [
    ['gone already', undefined, 'ignore'],
    ['not deleted', { metadata: { name: 'shop' }, spec: { finalizers: ['kubernetes'] } }, 'ignore'],
    ['deleted, phase still Active', { ...terminating, status: { phase: 'Active' } }, 'mark-terminating'],
    ['terminating', terminating, 'delete-content'],
    ['finalized by this controller, another finalizer is left', { ...terminating, spec: { finalizers: ['example.com/x'] } }, 'ignore'],
  ];
  test.each(steps)('decides: %s', (_name, namespace, step) => {
    expect(decideNamespace(namespace)).toBe(step);
  });

  test('conditions tell what is in the way', () => {
    const report: ContentReport = {
      discoveryFailures: ['metrics.k8s.io/v1beta1: down'], deletionFailures: ['no'], remaining: new Map([['pods.', 2], ['jobs.batch', 1]]), finalizers: new Map([['example.com/x', 1]]),
    };
    expect(conditionsOf(terminating, report, 'now').map(({ status, reason, message }) => [status, reason, message])).toEqual([
      ['True', 'DiscoveryFailed', 'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: down'],
      ['False', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
      ['True', 'ContentDeletionFailed', 'Failed to delete all resource types, 1 remaining: no'],
      ['True', 'SomeResourcesRemain', 'Some resources are remaining: jobs.batch has 1 resource instances, pods. has 2 resource instances'],
      ['True', 'SomeFinalizersRemain', 'Some content in the namespace has finalizers remaining: example.com/x in 1 resource instances'],
    ]);
    expect(mayFinalize(report)).toBe(false);
    expect(mayFinalize(nothing)).toBe(true);
    const conditions = conditionsOf(terminating, nothing, 'now');
    expect(conditionsOf({ ...terminating, status: { conditions } }, nothing, 'later')).toBe(conditions);
  });

  test('an empty namespace goes after the grace', async () => {
    const { host, context } = setUp();
    context.api.put('namespaces', terminating);
    context.run(startNamespace);
    await host.clock.advance(4_900);
    expect(context.api.object('namespaces', 'shop')).toBeDefined();
    await host.clock.advance(200);
    expect(context.api.object('namespaces', 'shop')).toBeUndefined();
    await context.stop();
  });

  test('pods go before all else, finalizers are waited for, other namespaces are not touched', async () => {
    const { host, context, conditions } = setUp();
    context.api.put('namespaces', terminating);
    for (const namespace of ['shop', 'other']) {
      context.api.put('pods', { metadata: { name: 'p', namespace, finalizers: ['example.com/hold'] }, spec: { containers: [], terminationGracePeriodSeconds: 30 } } as Pod);
      context.api.put('configmaps', { metadata: { name: 'c', namespace } });
    }
    context.run(startNamespace);
    await host.clock.advance(6_000);
    expect(context.api.object<Pod>('pods', 'shop/p')?.metadata.deletionTimestamp).toBeDefined();
    expect(context.api.object('configmaps', 'shop/c')).toBeDefined();
    expect(conditions()).toMatchObject({ NamespaceContentRemaining: 'Some resources are remaining: pods. has 1 resource instances', NamespaceFinalizersRemaining: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances' });
    context.api.remove('pods', 'shop/p');
    await host.clock.advance(20_000);
    expect(context.api.object('namespaces', 'shop')).toBeUndefined();
    expect(context.api.objects('configmaps').map((object) => object.metadata.namespace)).toEqual(['other']);
    expect(context.api.object<Pod>('pods', 'other/p')?.metadata.deletionTimestamp).toBeUndefined();
    await context.stop();
  });

  test('a group that does not answer keeps the namespace, and is named', async () => {
    const groups: object[] = [{ metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', freshness: 'Stale' }] }];
    const { host, context, conditions } = setUp({ groups });
    context.api.put('namespaces', terminating);
    context.api.put('configmaps', { metadata: { name: 'c', namespace: 'shop' } });
    context.run(startNamespace);
    await host.clock.advance(10_000);
    expect(context.api.object('configmaps', 'shop/c')).toBeUndefined();
    expect(conditions().NamespaceDeletionDiscoveryFailure).toContain('metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1');
    groups.length = 0;
    await host.clock.advance(1_200_000);
    expect(context.api.object('namespaces', 'shop')).toBeUndefined();
    await context.stop();
  });

  test('a server that fails for a while delays, no more', async () => {
    const { host, context } = setUp();
    const answer = context.api.intercept!;
    let failing = true;
    context.api.intercept = (request) => (failing && request.path.startsWith('/api/v1/namespaces/shop') ? serviceUnavailable('not now') : answer(request));
    context.api.put('namespaces', terminating);
    context.run(startNamespace);
    await host.clock.advance(20_000);
    failing = false;
    await host.clock.advance(60_000);
    expect(context.api.object('namespaces', 'shop')).toBeUndefined();
    await context.stop();
  });
});
