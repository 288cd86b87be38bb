import { describe, expect, test } from 'vitest';
import type { ClusterRole, PolicyRule } from '../../api/rbac/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startClusterRoleAggregation } from './controller.ts';
import { decideAggregation } from './decide.ts';

const rule = (verb: string): PolicyRule => ({ verbs: [verb], apiGroups: [''], resources: ['pods'] });
const source = (name: string, ...rules: PolicyRule[]): ClusterRole => ({ metadata: { name, labels: { 'to-view': 'true' } }, rules });
const view = (...rules: PolicyRule[]): ClusterRole => ({ metadata: { name: 'view' }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'to-view': 'true' } }] }, rules });

describe('cluster role aggregation', () => {
  const rows: [string, ClusterRole | undefined, ClusterRole[], PolicyRule[] | undefined][] = [
    ['an absent role', undefined, [], undefined],
    ['a role that does not aggregate', source('x', rule('get')), [source('y', rule('list'))], undefined],
    ['sources in the order of names, rules once', view(), [source('b', rule('list'), rule('get')), source('a', rule('get'))], [rule('get'), rule('list')]],
    ['what is there already', view(rule('get')), [source('a', rule('get'))], undefined],
    ['rules written by hand go', view(rule('delete')), [], []],
    ['a role does not aggregate itself', { ...view(rule('get')), metadata: { name: 'view', labels: { 'to-view': 'true' } } }, [{ ...view(rule('get')), metadata: { name: 'view', labels: { 'to-view': 'true' } } }], []],
  ];
  test.each(rows)('decides: %s', (_name, role, roles, expected) => {
    expect(decideAggregation({ role, roles })).toEqual(expected);
  });

  test('follows its sources, also through another aggregated role', async () => {
    const host = virtualHost({ seed: 'aggregation', settle: turn });
    const context = fakeContext(host);
    context.api.put('clusterroles', { ...view(), metadata: { name: 'view', labels: { 'to-edit': 'true' } } });
    context.api.put('clusterroles', { metadata: { name: 'edit' }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'to-edit': 'true' } }] } } as ClusterRole);
    context.api.put('clusterroles', source('a', rule('get')));
    context.run(startClusterRoleAggregation);
    await host.clock.advance(1_000);
    expect(context.api.object<ClusterRole>('clusterroles', 'edit')?.rules).toEqual([rule('get')]);
    context.api.remove('clusterroles', 'a');
    await host.clock.advance(1_000);
    expect(context.api.object<ClusterRole>('clusterroles', 'edit')?.rules).toEqual([]);
    const quiet = context.api.revision;
    await host.clock.advance(60_000);
    expect(context.api.revision).toBe(quiet);
    await context.stop();
  });
});
