/** All defaults that the facts of v1.36 name: each on an object of its type with nothing else in it, or on the one that its condition asks for. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { applyDefaults } from './defaults.ts';
import { schemaNames } from './schema.ts';
import type { Loose } from './strategies.fixture.ts';
import { created } from './strategies.fixture.ts';

type Fact = readonly [type: string, path: string, value: unknown, condition: string];
const FACTS = new URL('../../../shared/k8s-api/defaults.json', import.meta.url);
const facts = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { defaults: Fact[] }).defaults : [];
if (facts.length === 0) console.warn('SKIPPED: defaults are not compared with the facts, which are not here');

/** `core/v1.Probe` to the name of its schema. */
function schemaOfType(type: string): string | undefined {
  const match = /^([^/]+)\/(\w+)\.(\w+)$/.exec(type);
  if (match === null) return undefined;
  const group = match[1]!.split('.')[0]!;
  return schemaNames().find((name) => name.endsWith(`.${group}.${match[2]}.${match[3]}`));
}

/** The steps of `a.b[].c`. */
const stepsOf = (path: string): (string | number)[] => path.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), 0] : [step]));
const at = (object: Loose, path: string): unknown => stepsOf(path).reduce<Loose>((value, step) => value?.[step], object);

/** An object of the path's parents alone. */
function parentsOf(path: string): Loose {
  const object: Loose = {};
  const steps = stepsOf(path);
  steps.slice(0, -1).reduce<Loose>((value, step, i) => (value[step] ??= typeof steps[i + 1] === 'number' ? [] : {}), object);
  return object;
}

const container = (fields: object): object => ({ name: 'c', image: 'i:1', ...fields });
const pod = (spec: object): object => ({ spec: { containers: [container({})], ...spec } });
const labelled = { metadata: {}, spec: { template: { metadata: { labels: { a: 'b' } } } } };
const balancer = { spec: { type: 'LoadBalancer' } };
const definition = { spec: { group: 'g', scope: 'Cluster', names: { kind: 'FooBar', plural: 'foobars' }, versions: [{ name: 'v1', served: true, storage: true }] } };
const limited = { resources: { limits: { cpu: '1' } } };

/** Defaults that need more than an empty object: what they are given, where they are, and what they are. One fact may be shown twice. */
const SHOWN: Readonly<Record<string, readonly (readonly [object: object, path: string, value: unknown])[]>> = {
  'core/v1.Pod spec.containers[].resources.requests[k]': [[pod({ containers: [container(limited)] }), 'spec.containers[].resources.requests.cpu', '1']],
  'core/v1.Pod spec.initContainers[].resources.requests[k]': [[pod({ initContainers: [container(limited)] }), 'spec.initContainers[].resources.requests.cpu', '1']],
  'core/v1.Pod spec.resources.limits[hugepages-*]': [[pod({ resources: { limits: { cpu: '1' } }, containers: [container({ resources: { limits: { 'hugepages-2Mi': '4Mi' } } })] }), 'spec.resources.limits.hugepages-2Mi', '4Mi']],
  'core/v1.Pod spec.resources.requests[k]': [[pod({ resources: { limits: { cpu: '2', memory: '1Gi' } }, containers: [container({ resources: { requests: { cpu: '200m' } } })] }), 'spec.resources.requests', { cpu: '200m', memory: '1Gi' }]],
  'core/v1.Pod spec.containers[].ports[].hostPort': [[pod({ hostNetwork: true, containers: [container({ ports: [{ containerPort: 80 }] })] }), 'spec.containers[].ports[].hostPort', 80]],
  'core/v1.Pod spec.initContainers[].ports[].hostPort': [[pod({ hostNetwork: true, initContainers: [container({ ports: [{ containerPort: 80 }] })] }), 'spec.initContainers[].ports[].hostPort', 80]],
  'core/v1.Container imagePullPolicy': [[{ image: 'a' }, 'imagePullPolicy', 'Always'], [{ image: 'a:latest' }, 'imagePullPolicy', 'Always'], [{ image: 'a:1' }, 'imagePullPolicy', 'IfNotPresent'], [{ image: `a@sha256:${'0'.repeat(64)}` }, 'imagePullPolicy', 'IfNotPresent']],
  'core/v1.EphemeralContainer (as Container)': [[{ image: 'a' }, 'imagePullPolicy', 'Always'], [{ image: 'a' }, 'terminationMessagePath', '/dev/termination-log'], [{ image: 'a' }, 'terminationMessagePolicy', 'File']],
  'core/v1.Volume image.pullPolicy': [[{ image: { reference: 'a' } }, 'image.pullPolicy', 'Always'], [{ image: { reference: 'a:1' } }, 'image.pullPolicy', 'IfNotPresent']],
  'core/v1.ReplicationController spec.selector': [[labelled, 'spec.selector', { a: 'b' }]],
  'core/v1.ReplicationController metadata.labels': [[labelled, 'metadata.labels', { a: 'b' }]],
  'core/v1.Service spec.sessionAffinityConfig': [[{ spec: { sessionAffinityConfig: { clientIP: {} } } }, 'spec.sessionAffinityConfig', undefined]],
  'core/v1.Service spec.sessionAffinityConfig.clientIP.timeoutSeconds': [[{ spec: { sessionAffinity: 'ClientIP' } }, 'spec.sessionAffinityConfig.clientIP.timeoutSeconds', 10_800]],
  'core/v1.Service spec.ports[].targetPort': [[{ spec: { ports: [{ port: 80 }] } }, 'spec.ports[].targetPort', 80], [{ spec: { ports: [{ port: 80, targetPort: '' }] } }, 'spec.ports[].targetPort', 80]],
  'core/v1.Service spec.externalTrafficPolicy': [[{ spec: { type: 'NodePort' } }, 'spec.externalTrafficPolicy', 'Cluster'], [balancer, 'spec.externalTrafficPolicy', 'Cluster'], [{ spec: { externalIPs: ['1.1.1.1'] } }, 'spec.externalTrafficPolicy', 'Cluster'], [{ spec: {} }, 'spec.externalTrafficPolicy', undefined]],
  'core/v1.Service spec.allocateLoadBalancerNodePorts': [[balancer, 'spec.allocateLoadBalancerNodePorts', true]],
  'core/v1.Service status.loadBalancer.ingress[].ipMode': [[{ ...balancer, status: { loadBalancer: { ingress: [{ ip: '1.1.1.1' }] } } }, 'status.loadBalancer.ingress[].ipMode', 'VIP']],
  'core/v1.Namespace metadata.labels[kubernetes.io/metadata.name]': [[{ metadata: { name: 'n', labels: { 'kubernetes.io/metadata.name': 'x' } } }, 'metadata.labels', { 'kubernetes.io/metadata.name': 'n' }]],
  'core/v1.NodeStatus allocatable': [[{ capacity: { cpu: '2' } }, 'allocatable', { cpu: '2' }]],
  'core/v1.LimitRangeItem default[k]': [[{ type: 'Container', max: { cpu: '2' } }, 'default', { cpu: '2' }]],
  'core/v1.LimitRangeItem defaultRequest[k]': [[{ type: 'Container', default: { cpu: '2' }, min: { memory: '1' } }, 'defaultRequest', { cpu: '2', memory: '1' }]],
  'batch/v1.Job spec.backoffLimit': [[{ spec: {} }, 'spec.backoffLimit', 6], [{ spec: { backoffLimitPerIndex: 1 } }, 'spec.backoffLimit', 2_147_483_647]],
  'batch/v1.Job metadata.labels': [[labelled, 'metadata.labels', { a: 'b' }]],
  'batch/v1.Job spec.podReplacementPolicy': [[{ spec: { podFailurePolicy: { rules: [] } } }, 'spec.podReplacementPolicy', 'Failed'], [{ spec: {} }, 'spec.podReplacementPolicy', 'TerminatingOrFailed']],
  'rbac.authorization.k8s.io/v1.Subject apiGroup': [[{ kind: 'User', name: 'u' }, 'apiGroup', 'rbac.authorization.k8s.io'], [{ kind: 'Group', name: 'g' }, 'apiGroup', 'rbac.authorization.k8s.io'], [{ kind: 'ServiceAccount', name: 'a' }, 'apiGroup', undefined]],
  'apiextensions.k8s.io/v1.CustomResourceDefinition spec.names.singular': [[definition, 'spec.names.singular', 'foobar']],
  'apiextensions.k8s.io/v1.CustomResourceDefinition spec.names.listKind': [[definition, 'spec.names.listKind', 'FooBarList']],
  'apiextensions.k8s.io/v1.CustomResourceDefinition spec.conversion.strategy': [[definition, 'spec.conversion.strategy', 'None']],
  'apiextensions.k8s.io/v1.CustomResourceDefinition status.storedVersions': [[definition, 'status.storedVersions', ['v1']]],
  'resource.k8s.io/v1.DeviceTaint timeAdded': [[{ key: 'k', effect: 'None' }, 'timeAdded', '1970-01-01T00:00:01Z']],
};

/** Rules that are no object's: embedded where the facts name another type, of gates that are off, or of the server's allocators. */
const OTHERWISE: Readonly<Record<string, () => void>> = {
  'core/v1.*ResourceList (each quantity)': () => expect(defaulted('core/v1.ResourceQuota', { spec: { hard: { cpu: '100u' } } }).spec.hard.cpu).toBe('1m'),
  'core/v1.Pod (strategy) status': () => expect(created('/Pod', (p) => { p.status = { phase: 'Running', hostIP: '1.2.3.4' }; }).status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' }),
  'core/v1.Service spec.clusterIP/clusterIPs/ipFamilies/ipFamilyPolicy/ports[].nodePort/healthCheckNodePort': () => expect(created('/Service').spec.clusterIP).toBeUndefined(),
  'core/v1.ConfigMap data': () => expect(defaulted('core/v1.ConfigMap', {}).data).toBeUndefined(),
  // Every object has it: it is a number without a pointer.
  'core/v1.ReplicationControllerSpec minReadySeconds': () => expect(created('/ReplicationController').spec.minReadySeconds ?? 0).toBe(0),
  'core/v1.PodLogOptions stream': () => expect(defaulted('core/v1.PodLogOptions', {}).stream).toBeUndefined(),
  'apps/v1.StatefulSet spec.updateStrategy.rollingUpdate.maxUnavailable': () => expect(defaulted('apps/v1.StatefulSet', { spec: {} }).spec.updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { partition: 0 } }),
  'storage.k8s.io/v1.CSIDriver spec.preventPodSchedulingIfMissing': () => expect(defaulted('storage.k8s.io/v1.CSIDriver', { spec: {} }).spec.preventPodSchedulingIfMissing).toBeUndefined(),
  // Rules stand in RuleWithOperations, which holds the fields of a Rule.
  'admissionregistration.k8s.io/v1.Rule scope': () => expect(defaulted('admissionregistration.k8s.io/v1.RuleWithOperations', {}).scope).toBe('*'),
  'batch/v1.Job (strategy) spec.selector and template labels': () => {
    const job = created('batch/Job');
    expect(job.spec.selector.matchLabels).toEqual({ 'batch.kubernetes.io/controller-uid': job.metadata.uid });
    expect(Object.keys(job.spec.template.metadata.labels).toSorted()).toEqual(['batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name', 'controller-uid', 'job-name']);
  },
  'certificates.k8s.io/v1, policy/v1, coordination.k8s.io/v1, events.k8s.io/v1 (none)': () => {
    for (const type of ['coordination.k8s.io/v1.Lease', 'policy/v1.PodDisruptionBudget', 'events.k8s.io/v1.Event', 'certificates.k8s.io/v1.CertificateSigningRequest']) expect(defaulted(type, { spec: {} })).toEqual({ spec: {} });
  },
};

function defaulted(type: string, object: object): Loose {
  const copy = structuredClone(object);
  applyDefaults(schemaOfType(type)!, copy as never, { nowMs: 1000 });
  return copy;
}

const keyOf = ([type, path]: Fact): string => `${type} ${path}`;

describe.skipIf(facts.length === 0)('defaults', () => {
  test('every row here is a fact', () => {
    const keys = new Set(facts.map(keyOf));
    expect([...Object.keys(SHOWN), ...Object.keys(OTHERWISE)].filter((key) => !keys.has(key))).toEqual([]);
  });
  test.each(facts.map((fact) => [`${keyOf(fact)} = ${JSON.stringify(fact[2])}`, fact] as const))('%s', (_name, fact) => {
    const [type, path, value] = fact;
    const key = keyOf(fact);
    if (OTHERWISE[key] !== undefined) OTHERWISE[key]();
    else if (SHOWN[key] !== undefined) for (const [object, place, expected] of SHOWN[key]) expect([object, at(defaulted(type, object), place)]).toEqual([object, expected]);
    else expect(at(defaulted(type, parentsOf(path)), path)).toEqual(value);
  });
});
