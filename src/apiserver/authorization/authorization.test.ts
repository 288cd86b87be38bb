import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bootstrapClusterRoleBindings, bootstrapClusterRoles, bootstrapPriorityClasses } from '../bootstrap/reconcile.ts';
import { bootstrapFlowSchemas, bootstrapPriorityLevels } from '../bootstrap/flow-control.ts';
import type { RequestInfo } from '../types.ts';
import { BOOTSTRAP_CLUSTER_ROLE_BINDINGS, BOOTSTRAP_ROLE_BINDINGS } from './bootstrap-bindings.ts';
import { BOOTSTRAP_CLUSTER_ROLES } from './bootstrap-cluster-roles.ts';
import { BOOTSTRAP_CONTROLLER_ROLES } from './bootstrap-controller-roles.ts';
import { BOOTSTRAP_ROLES } from './bootstrap-namespace-roles.ts';
import { bindingObject, roleObject } from './bootstrap-shape.ts';
import { NodeGraph } from './node-graph.ts';
import { allows, compileRules, pathMatches, uncovered } from './rules.ts';

const factsFile = new URL('../../../../shared/k8s-api/rbac-bootstrap.json', import.meta.url);
const haveFacts = existsSync(factsFile);
if (!haveFacts) console.warn('bootstrap equality is not tested: the facts file is absent');

interface Facts {
  clusterRoles: { name: string; labels?: object; rules: unknown; aggregationRule?: unknown }[];
  controllerRoles: Facts['clusterRoles'];
  namespaceRoles: (Facts['clusterRoles'][number] & { namespace: string })[];
  clusterRoleBindings: { name: string; namespace?: string; roleRef: [string, string]; subjects?: unknown[] }[];
  controllerRoleBindings: Facts['clusterRoleBindings'];
  namespaceRoleBindings: Facts['clusterRoleBindings'];
  flowSchemas: { name: string; spec: unknown }[];
  priorityLevelConfigurations: { name: string; spec: unknown }[];
  priorityClasses: { name: string; value: number }[];
}

describe.skipIf(!haveFacts)('bootstrap tables equal the facts', () => {
  const facts = haveFacts ? (JSON.parse(readFileSync(factsFile, 'utf8')) as Facts) : ({} as Facts);
  const asFact = (role: ReturnType<typeof roleObject>): object => {
    const { 'kubernetes.io/bootstrapping': mark, ...labels } = role.metadata.labels!;
    expect(mark).toBe('rbac-defaults');
    expect(role.metadata.annotations).toEqual({ 'rbac.authorization.kubernetes.io/autoupdate': 'true' });
    const aggregation = 'aggregationRule' in role ? role.aggregationRule : undefined;
    return {
      name: role.metadata.name, ...(role.metadata.namespace ? { namespace: role.metadata.namespace } : {}), ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(aggregation ? { aggregationRule: aggregation } : {}), rules: aggregation ? null : role.rules,
    };
  };
  const bindingAsFact = (binding: ReturnType<typeof bindingObject>): object => ({
    name: binding.metadata.name, ...(binding.metadata.namespace ? { namespace: binding.metadata.namespace } : {}), roleRef: [binding.roleRef.kind, binding.roleRef.name], ...(binding.subjects.length > 0 ? { subjects: binding.subjects } : {}),
  });

  test('cluster roles', () => expect(BOOTSTRAP_CLUSTER_ROLES.map((r) => asFact(roleObject(r)))).toEqual(facts.clusterRoles));
  test('controller roles', () => expect(BOOTSTRAP_CONTROLLER_ROLES.map((r) => asFact(roleObject(r)))).toEqual(facts.controllerRoles));
  test('roles', () => expect(BOOTSTRAP_ROLES.map((r) => asFact(roleObject(r)))).toEqual(facts.namespaceRoles));
  test('cluster role bindings', () => {
    expect(BOOTSTRAP_CLUSTER_ROLE_BINDINGS.map((b) => bindingAsFact(bindingObject(b)))).toEqual(facts.clusterRoleBindings);
    expect(bootstrapClusterRoleBindings().slice(facts.clusterRoleBindings.length).map((b) => bindingAsFact(b as ReturnType<typeof bindingObject>))).toEqual(facts.controllerRoleBindings);
  });
  test('role bindings', () => expect(BOOTSTRAP_ROLE_BINDINGS.map((b) => bindingAsFact(bindingObject(b)))).toEqual(facts.namespaceRoleBindings));
  test('flow control', () => {
    const specs = (objects: { metadata: { name?: string }; spec?: unknown }[]) => objects.map(({ metadata, spec }) => ({ name: metadata.name, spec }));
    expect(specs(bootstrapFlowSchemas())).toEqual(facts.flowSchemas.map(({ name, spec }) => ({ name, spec })));
    expect(specs(bootstrapPriorityLevels())).toEqual(facts.priorityLevelConfigurations.map(({ name, spec }) => ({ name, spec })));
  });
  test('priority classes', () => expect(bootstrapPriorityClasses().map((c) => [c.metadata.name, c.value])).toEqual(facts.priorityClasses.map((c) => [c.name, c.value])));
});

describe('aggregated roles', () => {
  test('admin holds what edit and view hold', () => {
    const roles = new Map(bootstrapClusterRoles().map((role) => [role.metadata.name, role]));
    const rules = (name: string) => roles.get(name)?.rules ?? [];
    expect(rules('view').length).toBeGreaterThan(3);
    expect(uncovered(rules('edit'), rules('view'))).toEqual([]);
    expect(uncovered(rules('admin'), rules('edit'))).toEqual([]);
    expect(uncovered(rules('view'), rules('edit')).length).toBeGreaterThan(0);
  });
});

const info = (verb: string, resource: string, more: Partial<RequestInfo> = {}): RequestInfo => ({ isResourceRequest: true, path: '', verb, apiGroup: '', apiVersion: 'v1', namespace: 'ns', resource, subresource: '', name: '', parts: [], ...more });

describe('rules', () => {
  test.each([
    ['exact', { verbs: ['get'], apiGroups: [''], resources: ['pods'] }, info('get', 'pods'), true],
    ['another verb', { verbs: ['get'], apiGroups: [''], resources: ['pods'] }, info('list', 'pods'), false],
    ['another group', { verbs: ['get'], apiGroups: [''], resources: ['pods'] }, info('get', 'pods', { apiGroup: 'x' }), false],
    ['a subresource is not its resource', { verbs: ['get'], apiGroups: [''], resources: ['pods'] }, info('get', 'pods', { subresource: 'log' }), false],
    ['a subresource by name', { verbs: ['get'], apiGroups: [''], resources: ['pods/log'] }, info('get', 'pods', { subresource: 'log' }), true],
    ['a subresource of all', { verbs: ['update'], apiGroups: ['*'], resources: ['*/scale'] }, info('update', 'deployments', { subresource: 'scale', apiGroup: 'apps' }), true],
    ['everything', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, info('delete', 'x', { subresource: 'y', apiGroup: 'z' }), true],
    ['a name', { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a'] }, info('get', 'secrets', { name: 'a' }), true],
    ['another name', { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a'] }, info('get', 'secrets', { name: 'b' }), false],
    ['no name where one is asked for', { verbs: ['list'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a'] }, info('list', 'secrets'), false],
    ['a path rule says nothing of resources', { verbs: ['*'], nonResourceURLs: ['*'] }, info('get', 'pods'), false],
    ['a path', { verbs: ['get'], nonResourceURLs: ['/healthz'] }, { ...info('get', ''), isResourceRequest: false, path: '/healthz' }, true],
  ])('%s', (_, rule, question, expected) => {
    expect(allows(compileRules([rule]), question)).toBe(expected);
  });

  test.each([['/a', '/a', true], ['/a/*', '/a/b', true], ['/a/*', '/a', false], ['*', '/x', true], ['/a*', '/ab', true], ['/a', '/ab', false]])('%s against %s', (pattern, path, expected) => {
    expect(pathMatches(pattern, path)).toBe(expected);
  });

  test.each([
    ['the same', [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }], [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], 0],
    ['put together from two', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }, { verbs: ['list'], apiGroups: [''], resources: ['pods'] }], [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }], 0],
    ['one verb more', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], [{ verbs: ['get', 'delete'], apiGroups: [''], resources: ['pods'] }], 1],
    ['a name out of all', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] }], 0],
    ['all where a name is held', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] }], [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], 1],
    ['a path under a star', [{ verbs: ['get'], nonResourceURLs: ['/a/*'] }], [{ verbs: ['get'], nonResourceURLs: ['/a/b'] }], 0],
    ['star is more than a word', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], [{ verbs: ['*'], apiGroups: [''], resources: ['pods'] }], 1],
  ])('covering: %s', (_, owned, wanted, missing) => {
    expect(uncovered(owned, wanted)).toHaveLength(missing);
  });
});

describe('node graph', () => {
  const pod = (name: string, node: string, secret: string) => ({ metadata: { name, namespace: 'ns' }, spec: { nodeName: node, serviceAccountName: 'sa', containers: [{ name: 'c', env: [{ name: 'E', valueFrom: { secretKeyRef: { name: secret, key: 'k' } } }] }], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'claim' } }] } });

  test('a node may see what its pods use, as long as one of them does', () => {
    const graph = new NodeGraph();
    graph.putPod(pod('a', 'n1', 's'));
    graph.putPod(pod('b', 'n1', 's'));
    expect(graph.uses('n1', 'secret', 'ns', 's')).toBe(true);
    expect(graph.uses('n2', 'secret', 'ns', 's')).toBe(false);
    expect(graph.uses('n1', 'secret', 'other', 's')).toBe(false);
    expect(graph.uses('n1', 'serviceaccount', 'ns', 'sa')).toBe(true);
    graph.removePod(pod('a', 'n1', 's'));
    expect(graph.uses('n1', 'secret', 'ns', 's')).toBe(true);
    graph.removePod(pod('b', 'n1', 's'));
    expect(graph.uses('n1', 'secret', 'ns', 's')).toBe(false);
  });

  test('volumes are reached through claims, and their secrets through volumes', () => {
    const graph = new NodeGraph();
    graph.putPod(pod('a', 'n1', 's'));
    graph.putVolume({ metadata: { name: 'pv' }, spec: { claimRef: { namespace: 'ns', name: 'claim' }, csi: { driver: 'd', volumeHandle: 'h', nodePublishSecretRef: { namespace: 'sys', name: 'key' } } } });
    expect(graph.usesVolume('n1', 'pv')).toBe(true);
    expect(graph.usesVolume('n2', 'pv')).toBe(false);
    expect(graph.uses('n1', 'secret', 'sys', 'key')).toBe(true);
  });

  test('mirror pods and pods without a node give nothing', () => {
    const graph = new NodeGraph();
    graph.putPod({ ...pod('a', 'n1', 's'), metadata: { name: 'a', namespace: 'ns', annotations: { 'kubernetes.io/config.mirror': 'x' } } });
    graph.putPod(pod('b', '', 's'));
    expect(graph.uses('n1', 'secret', 'ns', 's')).toBe(false);
  });
});
