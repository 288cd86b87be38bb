import { describe, expect, test } from 'vitest';
import type { Pod } from '../../api/core/v1/types.ts';
import { notFound, type StatusError } from '../../api/meta/status.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { ClusterRoles, LimitRanges, Namespaces, Nodes, PersistentVolumeClaims, Pods, PriorityClasses, ResourceQuotas, RuntimeClasses, ServiceAccounts, StorageClasses } from '../../api/resources.ts';
import type { Client } from '../../client/types.ts';
import { nodeHost } from '../../host/node/index.ts';
import { alwaysAllow } from '../authorization/simple.ts';
import type { Lookup } from '../lookup.ts';
import type { AdmissionRequest } from '../types.ts';
import type { AdmissionContext, CreatePlugin } from './context.ts';
import { defaultStorageClass } from './default-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { createAdmission, listedPlugins } from './index.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { isRestrictedLabel, nodeRestriction } from './node-restriction.ts';
import { podSecurity } from './pod-security/plugin.ts';
import { priority } from './priority.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { resourceQuota } from './resource-quota/plugin.ts';
import { runAdmission } from './run.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount, tokenMountPath } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

const host = nodeHost({ logLevel: 'silent' });

/** Objects as informers and client would show them. */
function contextWith(...objects: [Resource, KubeObject][]): AdmissionContext & { written: KubeObject[] } {
  const written: KubeObject[] = [];
  const all = (resource: Resource, namespace?: string): KubeObject[] => objects.filter(([r, o]) => r.plural === resource.plural && (namespace === undefined || o.metadata.namespace === namespace)).map(([, o]) => o);
  const get = (resource: Resource, namespace: string | undefined, name: string) => all(resource, namespace).find((o) => o.metadata.name === name);
  const lookup = { get, list: all } as unknown as Lookup;
  const clientOf = (resource: Resource, namespace?: string) => ({
    inNamespace: (ns: string) => clientOf(resource, ns),
    get: async (name: string) => {
      const found = get(resource, namespace, name);
      if (!found) throw notFound(resource, name);
      return found;
    },
    updateStatus: async (object: KubeObject) => {
      written.push(object);
      return object;
    },
  });
  return { host, lookup, client: { of: clientOf } as unknown as Client, authorizer: alwaysAllow, written };
}

const pod = (spec: object = {}, metadata: object = {}): Pod => ({ metadata: { name: 'p', namespace: 'ns', ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }) as Pod;
const asking = (resource: Resource, object: unknown, more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  operation: 'CREATE', resource, subresource: '', namespace: resource.namespaced ? 'ns' : '', name: (object as KubeObject | undefined)?.metadata?.name ?? '', user: { name: 'u', groups: [] }, ...(object ? { object: object as Record<string, unknown> } : {}),
  options: {}, dryRun: false, warnings: [], ...more,
});
async function run(create: CreatePlugin, context: AdmissionContext, request: AdmissionRequest): Promise<AdmissionRequest> {
  await runAdmission([create(context)], request);
  return request;
}
const refused = (create: CreatePlugin, context: AdmissionContext, request: AdmissionRequest): Promise<string> => run(create, context, request).then(() => 'admitted', (error: StatusError) => error.message);

const namespace = (more: object = {}): [Resource, KubeObject] => [Namespaces, { metadata: { name: 'ns' }, ...more } as KubeObject];
const account = (more: object = {}): [Resource, KubeObject] => [ServiceAccounts, { metadata: { name: 'default', namespace: 'ns' }, ...more } as KubeObject];

describe('the list', () => {
  test('names are unique, unknown ones are refused', () => {
    const names = listedPlugins().map((p) => p.name);
    expect(new Set(names).size).toBe(names.length);
    expect(() => createAdmission(contextWith(), { enable: ['Nope'], disable: [] })).toThrow('unknown admission plug-in "Nope"');
  });
  test('what is off by default can be switched on, and the other way', () => {
    const names = createAdmission(contextWith(), { enable: ['StorageObjectInUseProtection'], disable: ['Priority'] }).map((p) => p.name);
    expect(names).toContain('StorageObjectInUseProtection');
    expect(names).not.toContain('Priority');
    expect(names.at(-1)).toBe('ResourceQuota');
  });
});

describe('NamespaceLifecycle', () => {
  test('a namespace that is there', async () => expect(await refused(namespaceLifecycle, contextWith(namespace()), asking(Pods, pod()))).toBe('admitted'));
  test('one that is not', async () => expect(await refused(namespaceLifecycle, contextWith(), asking(Pods, pod()))).toBe('namespaces "ns" not found'));
  test('one that goes', async () => {
    const error = await run(namespaceLifecycle, contextWith(namespace({ status: { phase: 'Terminating' } })), asking(Pods, pod())).catch((e: unknown) => e as StatusError);
    expect((error as StatusError).status).toMatchObject({ code: 403, message: 'pods "p" is forbidden: unable to create new content in namespace ns because it is being terminated', details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] } });
  });
  test('deletes in one that goes', async () => expect(await refused(namespaceLifecycle, contextWith(), asking(Pods, undefined, { operation: 'DELETE', name: 'p' }))).toBe('admitted'));
  test.each(['default', 'kube-system', 'kube-public'])('%s stays', async (name) => {
    expect(await refused(namespaceLifecycle, contextWith(), asking(Namespaces, undefined, { operation: 'DELETE', name, namespace: name }))).toBe(`namespaces "${name}" is forbidden: this namespace may not be deleted`);
  });
});

describe('ServiceAccount', () => {
  test('gives the default account, its token and its pull secrets', async () => {
    const { object } = await run(serviceAccount, contextWith(account({ imagePullSecrets: [{ name: 'pull' }] })), asking(Pods, pod({ initContainers: [{ name: 'i', image: 'i' }] })));
    const { spec } = object as unknown as Pod;
    expect(spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default', imagePullSecrets: [{ name: 'pull' }] });
    const volume = spec!.volumes![0]!;
    expect(volume.name).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(volume.projected).toMatchObject({ defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }, { configMap: { name: 'kube-root-ca.crt' } }, { downwardAPI: {} }] });
    for (const container of [...spec!.containers!, ...spec!.initContainers!]) expect(container.volumeMounts).toEqual([{ name: volume.name, readOnly: true, mountPath: tokenMountPath }]);
  });
  test.each([
    ['the pod says no', pod({ automountServiceAccountToken: false }), account()],
    ['the account says no', pod(), account({ automountServiceAccountToken: false })],
    ['something is mounted there', pod({ containers: [{ name: 'c', volumeMounts: [{ name: 'own', mountPath: tokenMountPath }] }] }), account()],
  ])('no token when %s', async (_, object, sa) => {
    const admitted = await run(serviceAccount, contextWith(sa), asking(Pods, object));
    expect((admitted.object as unknown as Pod).spec!.volumes).toBeUndefined();
  });
  test('no such account', async () => {
    expect(await refused(serviceAccount, contextWith(), asking(Pods, pod({ serviceAccountName: 'x' })))).toBe('pods "p" is forbidden: error looking up service account ns/x: serviceaccount "x" not found');
  });
});

describe('Priority', () => {
  const classes: [Resource, KubeObject][] = [[PriorityClasses, { metadata: { name: 'high' }, value: 100 } as KubeObject], [PriorityClasses, { metadata: { name: 'usual' }, value: 5, globalDefault: true, preemptionPolicy: 'Never' } as KubeObject]];
  test.each([
    ['a class', classes, { priorityClassName: 'high' }, { priority: 100, preemptionPolicy: 'PreemptLowerPriority' }],
    ['the default class', classes, {}, { priority: 5, priorityClassName: 'usual', preemptionPolicy: 'Never' }],
    ['no class at all', [], {}, { priority: 0, preemptionPolicy: 'PreemptLowerPriority' }],
  ] as [string, [Resource, KubeObject][], object, object][])('%s', async (_, objects, spec, expected) => {
    expect(((await run(priority, contextWith(...objects), asking(Pods, pod(spec)))).object as unknown as Pod).spec).toMatchObject(expected);
  });
  test('an unknown class', async () => expect(await refused(priority, contextWith(), asking(Pods, pod({ priorityClassName: 'x' })))).toBe('pods "p" is forbidden: no PriorityClass with name x was found'));
  test('a number of one\'s own', async () => expect(await refused(priority, contextWith(...classes), asking(Pods, pod({ priorityClassName: 'high', priority: 7 })))).toContain('the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 100'));
  test('a second default class', async () => expect(await refused(priority, contextWith(...classes), asking(PriorityClasses, { metadata: { name: 'n' }, value: 1, globalDefault: true }))).toContain('PriorityClass usual is already marked as default'));
});

test('DefaultTolerationSeconds adds what is not tolerated yet', async () => {
  const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 7 };
  const { object } = await run(defaultTolerationSeconds, contextWith(), asking(Pods, pod({ tolerations: [own] })));
  expect((object as unknown as Pod).spec!.tolerations).toEqual([own, { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }]);
});

test('TaintNodesByCondition taints a new node', async () => {
  const { object } = await run(taintNodesByCondition, contextWith(), asking(Nodes, { metadata: { name: 'n' } }));
  expect(object).toMatchObject({ spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] } });
});

test('DefaultStorageClass takes the newest default', async () => {
  const storageClass = (name: string, creationTimestamp: string): [Resource, KubeObject] => [StorageClasses, { metadata: { name, creationTimestamp, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } }];
  const context = contextWith(storageClass('old', '2024-01-01T00:00:00Z'), storageClass('new', '2025-01-01T00:00:00Z'));
  expect((await run(defaultStorageClass, context, asking(PersistentVolumeClaims, { metadata: {}, spec: {} }))).object).toMatchObject({ spec: { storageClassName: 'new' } });
  expect((await run(defaultStorageClass, context, asking(PersistentVolumeClaims, { metadata: {}, spec: { storageClassName: '' } }))).object).toMatchObject({ spec: { storageClassName: '' } });
});

describe('RuntimeClass', () => {
  const context = contextWith([RuntimeClasses, { metadata: { name: 'vm' }, handler: 'h', overhead: { podFixed: { cpu: '100m' } }, scheduling: { nodeSelector: { vm: 'yes' } } } as KubeObject]);
  test('adds overhead and node selector', async () => expect((await run(runtimeClass, context, asking(Pods, pod({ runtimeClassName: 'vm' })))).object).toMatchObject({ spec: { overhead: { cpu: '100m' }, nodeSelector: { vm: 'yes' } } }));
  test('unknown', async () => expect(await refused(runtimeClass, context, asking(Pods, pod({ runtimeClassName: 'x' })))).toContain('pod rejected: RuntimeClass "x" not found'));
  test('overhead out of nowhere', async () => expect(await refused(runtimeClass, context, asking(Pods, pod({ overhead: { cpu: '1' } })))).toContain('Pod overhead set without corresponding RuntimeClass'));
});

describe('LimitRanger', () => {
  const range = (item: object): [Resource, KubeObject] => [LimitRanges, { metadata: { name: 'l', namespace: 'ns' }, spec: { limits: [item] } } as KubeObject];
  const with_ = (resources: object) => pod({ containers: [{ name: 'c', resources }] });
  test('fills in defaults, and says so', async () => {
    const { object } = await run(limitRanger, contextWith(range({ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '100m' } })), asking(Pods, pod()));
    expect(object).toMatchObject({ metadata: { annotations: { 'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for container c; cpu limit for container c' } }, spec: { containers: [{ resources: { limits: { cpu: '1' }, requests: { cpu: '100m' } } }] } });
  });
  test.each([
    ['below the minimum', { min: { cpu: '100m' } }, { requests: { cpu: '50m' } }, 'minimum cpu usage per Container is 100m, but request is 50m'],
    ['no request', { min: { cpu: '100m' } }, {}, 'minimum cpu usage per Container is 100m.  No request is specified'],
    ['above the maximum', { max: { memory: '1Gi' } }, { limits: { memory: '2Gi' } }, 'maximum memory usage per Container is 1Gi, but limit is 2Gi'],
    ['no limit', { max: { memory: '1Gi' } }, {}, 'maximum memory usage per Container is 1Gi.  No limit is specified'],
    ['ratio', { maxLimitRequestRatio: { cpu: '2' } }, { requests: { cpu: '1' }, limits: { cpu: '4' } }, 'cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000'],
  ])('%s', async (_, item, resources, message) => {
    expect(await refused(limitRanger, contextWith(range({ type: 'Container', ...item })), asking(Pods, with_(resources)))).toBe(`pods "p" is forbidden: ${message}`);
  });
});

describe('NodeRestriction', () => {
  const kubelet = { user: { name: 'system:node:n1', groups: ['system:nodes'] } };
  const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'u' }] };
  const context = contextWith([Pods, { ...pod({ nodeName: 'n2' }), metadata: { name: 'other', namespace: 'ns', uid: 'uo' } } as KubeObject], [Pods, { ...pod({ nodeName: 'n1' }), metadata: { name: 'mine', namespace: 'ns', uid: 'um' } } as KubeObject]);
  const token = (name: string, uid: string) => asking(ServiceAccounts, { metadata: {}, spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } } }, { subresource: 'token', ...kubelet });
  test.each([
    ['a mirror pod of its own', asking(Pods, pod({ nodeName: 'n1' }, mirror), kubelet), 'admitted'],
    ['a plain pod', asking(Pods, pod({ nodeName: 'n1' }), kubelet), 'can only create mirror pods'],
    ['a mirror pod elsewhere', asking(Pods, pod({ nodeName: 'n2' }, mirror), kubelet), 'can only create pods with spec.nodeName set to itself'],
    ['a mirror pod with a secret', asking(Pods, pod({ nodeName: 'n1', volumes: [{ name: 'v', secret: { secretName: 's' } }] }, mirror), kubelet), 'can not create pods that reference secrets'],
    ['deleting a pod elsewhere', asking(Pods, undefined, { operation: 'DELETE', name: 'other', ...kubelet }), 'can only delete pods with spec.nodeName set to itself'],
    ['its own node', asking(Nodes, { metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1' } } }, kubelet), 'admitted'],
    ['another node', asking(Nodes, { metadata: { name: 'n2' } }, kubelet), 'node "n1" is not allowed to modify node "n2"'],
    ['a label that it may not set', asking(Nodes, { metadata: { name: 'n1', labels: { 'node-role.kubernetes.io/x': '' } } }, kubelet), 'is not allowed to set the following labels: node-role.kubernetes.io/x'],
    ['a taint', asking(Nodes, { metadata: { name: 'n1' }, spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }, { operation: 'UPDATE', oldObject: { metadata: { name: 'n1' } }, ...kubelet }), 'is not allowed to modify taints'],
    ['a token of its pod', token('mine', 'um'), 'admitted'],
    ['a token of another pod', token('other', 'uo'), 'node requested token bound to a pod scheduled on a different node'],
    ['a token without a pod', asking(ServiceAccounts, { metadata: {}, spec: {} }, { subresource: 'token', ...kubelet }), 'node requested token not bound to a pod'],
    ['anybody else', asking(Pods, pod(), {}), 'admitted'],
  ])('%s', async (_, request, message) => {
    const plugin = nodeRestriction(context);
    const outcome = plugin.handles(request) ? await refused(nodeRestriction, context, request) : 'admitted';
    expect(outcome).toContain(message);
  });
  test.each([['kubernetes.io/hostname', false], ['node.kubernetes.io/x', false], ['kubelet.kubernetes.io/x', false], ['x.kubelet.kubernetes.io/x', false], ['node-restriction.kubernetes.io/x', true], ['a.node-restriction.kubernetes.io/x', true], ['k8s.io/x', true], ['example.com/x', false], ['plain', false]])('label %s', (label, restricted) => expect(isRestrictedLabel(label)).toBe(restricted));
});

describe('PodSecurity', () => {
  const labelled = (labels: Record<string, string>) => contextWith([Namespaces, { metadata: { name: 'ns', labels } }]);
  const enforce = (level: string) => labelled({ 'pod-security.kubernetes.io/enforce': level });
  const good = { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, containers: [{ name: 'c', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }] };
  test.each([
    ['nothing enforced', {}, { hostNetwork: true }, 'admitted'],
    ['baseline', { level: 'baseline' }, {}, 'admitted'],
    ['host namespaces', { level: 'baseline' }, { hostNetwork: true, hostPID: true }, 'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true, hostPID=true)'],
    ['privileged', { level: 'baseline' }, { containers: [{ name: 'a', securityContext: { privileged: true } }] }, 'privileged (container "a" must not set securityContext.privileged=true)'],
    ['host path', { level: 'baseline' }, { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'hostPath volumes (volume "v")'],
    ['capability', { level: 'baseline' }, { containers: [{ name: 'a', securityContext: { capabilities: { add: ['NET_ADMIN'] } } }] }, 'non-default capabilities (container "a" must not include "NET_ADMIN" in securityContext.capabilities.add)'],
    ['a good restricted pod', { level: 'restricted' }, good, 'admitted'],
    ['a plain pod where restricted', { level: 'restricted' }, {}, 'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'],
  ] as [string, { level?: string }, object, string][])('%s', async (_, { level }, spec, message) => {
    expect(await refused(podSecurity, level ? enforce(level) : labelled({}), asking(Pods, pod(spec)))).toContain(message);
  });
  test('warnings', async () => {
    const { warnings } = await run(podSecurity, labelled({ 'pod-security.kubernetes.io/warn': 'baseline' }), asking(Pods, pod({ hostIPC: true })));
    expect(warnings).toEqual(['would violate PodSecurity "baseline:latest": host namespaces (hostIPC=true)']);
  });
  test('a wrong label', async () => expect(await refused(podSecurity, contextWith(), asking(Namespaces, { metadata: { name: 'x', labels: { 'pod-security.kubernetes.io/enforce': 'strict' } } }))).toContain('must be one of privileged, baseline, restricted'));
});

describe('ResourceQuota', () => {
  const quota = (hard: Record<string, string>, used: Record<string, string>): [Resource, KubeObject] => [ResourceQuotas, { metadata: { name: 'q', namespace: 'ns' }, spec: { hard }, status: { hard, used } } as KubeObject];
  test('writes what it takes', async () => {
    const context = contextWith(quota({ pods: '2', 'requests.cpu': '1' }, { pods: '1', 'requests.cpu': '500m' }));
    await run(resourceQuota, context, asking(Pods, pod({ containers: [{ name: 'c', resources: { requests: { cpu: '250m' } } }] })));
    expect(context.written).toMatchObject([{ status: { used: { pods: '2', 'requests.cpu': '750m' } } }]);
  });
  test.each([
    ['no room', quota({ pods: '1' }, { pods: '1' }), {}, 'exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'],
    ['nothing asked for', quota({ 'limits.cpu': '1' }, { 'limits.cpu': '0' }), {}, 'failed quota: q: must specify limits.cpu for: c'],
    ['count unknown', quota({ pods: '1' }, {}), {}, 'status unknown for quota: q, resources: pods'],
  ])('%s', async (_, object, spec, message) => expect(await refused(resourceQuota, contextWith(object), asking(Pods, pod(spec)))).toBe(`pods "p" is forbidden: ${message}`));
});

describe('RBACEscalation', () => {
  const nobody = { name: 't', authorize: () => ({ decision: 'no-opinion' as const, reason: '' }) };
  const holding = (rules: { verbs: string[]; apiGroups: string[]; resources: string[] }[]) => rbacEscalation(nobody, { policyRulesFor: () => rules, rulesOfRole: () => [{ verbs: ['delete'], apiGroups: [''], resources: ['pods'] }] } as never);
  const role = { metadata: { name: 'r' }, rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }] };
  test('what one holds may be given on', async () => {
    await holding([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]).validate!(asking(ClusterRoles, role));
  });
  test('more than that may not', async () => {
    await expect(holding([{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]).validate!(asking(ClusterRoles, role, { user: { name: 'u', groups: ['g'] } }))).rejects.toThrow(
      'clusterroles.rbac.authorization.k8s.io "r" is forbidden: user "u" (groups=["g"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["list"]}');
  });
});
