import { describe, expect, test } from 'vitest';
import { ConfigMaps, Jobs, PersistentVolumeClaims, Pods, ReplicationControllers, Services } from '../../resources.ts';
import type { Resource } from '../../meta/resource.ts';
import { countedGroupResource, increase, quotaMatches, usageOf, type Usage } from './quota.ts';
import type { Container, PersistentVolumeClaim, Pod, PodSpec, ResourceQuota, ResourceQuotaSpec, Service } from './types.ts';

const container = (cpu: string, extra: Partial<Container> = {}): Container => ({ name: `c${cpu}`, image: 'i', resources: { requests: { cpu } }, ...extra });
const sidecar = (cpu: string): Container => container(cpu, { restartPolicy: 'Always' });
const pod = (spec: Partial<PodSpec>, status: Pod['status'] = {}, metadata: Pod['metadata'] = {}): Pod => ({ metadata: { name: 'p', namespace: 'n', ...metadata }, spec: { containers: [], ...spec }, status });
const service = (spec: Service['spec']): Service => ({ metadata: { name: 's', namespace: 'n' }, spec });
const claim = (spec: PersistentVolumeClaim['spec'], status: PersistentVolumeClaim['status'] = {}): PersistentVolumeClaim => ({ metadata: { name: 'c', namespace: 'n' }, spec, status });
const cpu = (amount: string): Usage => ({ pods: '1', 'count/pods': '1', cpu: amount, 'requests.cpu': amount });

describe('what an object takes', () => {
  const rows: [string, Resource, unknown, Usage][] = [
    ['containers add up', Pods, pod({ containers: [container('100m'), container('1')] }), cpu('1100m')],
    ['the largest init container', Pods, pod({ initContainers: [container('2'), container('1')], containers: [container('500m')] }), cpu('2')],
    ['sidecars run along', Pods, pod({ initContainers: [sidecar('1')], containers: [container('500m')] }), cpu('1500m')],
    ['an init container beside a sidecar that was started before', Pods, pod({ initContainers: [sidecar('1'), container('2')], containers: [container('500m')] }), cpu('3')],
    ['an init container before the sidecar', Pods, pod({ initContainers: [container('2'), sidecar('1')], containers: [container('1500m')] }), cpu('2500m')],
    ['a pod-level request has the last word', Pods, pod({ containers: [container('1')], resources: { requests: { cpu: '4' } } }), cpu('4')],
    ['overhead', Pods, pod({ containers: [container('1')], overhead: { cpu: '250m' } }), cpu('1250m')],
    ['limits, huge pages and extended resources', Pods, pod({ containers: [{ name: 'c', image: 'i', resources: { requests: { 'hugepages-2Mi': '4Mi', 'example.com/gpu': '1' }, limits: { memory: '1Gi' } } }] }), {
      pods: '1', 'count/pods': '1', 'hugepages-2Mi': '4Mi', 'requests.hugepages-2Mi': '4Mi', 'requests.example.com/gpu': '1', 'limits.memory': '1Gi',
    }],
    ['a smaller size that is not in force yet', Pods, pod({ containers: [container('1', { name: 'c' })] }, { containerStatuses: [{ name: 'c', image: 'i', imageID: 'i', ready: true, restartCount: 0, resources: { requests: { cpu: '2' } }, allocatedResources: { cpu: '1500m' } }] }), cpu('2')],
    ['a resize that can never be', Pods, pod({ containers: [container('64', { name: 'c' })] }, {
      conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }],
      containerStatuses: [{ name: 'c', image: 'i', imageID: 'i', ready: true, restartCount: 0, resources: { requests: { cpu: '2' } }, allocatedResources: { cpu: '2' } }],
    }), cpu('2')],
    ['an ended pod', Pods, pod({ containers: [container('1')] }, { phase: 'Failed' }), { 'count/pods': '1' }],
    ['a pod whose end is overdue', Pods, pod({ containers: [container('1')] }, {}, { deletionTimestamp: '2030-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 }), { 'count/pods': '1' }],
    ['a pod on its way out', Pods, pod({ containers: [container('1')] }, {}, { deletionTimestamp: '2030-01-01T00:59:50Z', deletionGracePeriodSeconds: 30 }), cpu('1')],
    ['a service', Services, service({ ports: [{ port: 1 }] }), { services: '1', 'count/services': '1' }],
    ['node ports', Services, service({ type: 'NodePort', ports: [{ port: 1 }, { port: 2 }] }), { services: '1', 'count/services': '1', 'services.nodeports': '2' }],
    ['a load balancer', Services, service({ type: 'LoadBalancer', ports: [{ port: 1 }] }), { services: '1', 'count/services': '1', 'services.loadbalancers': '1', 'services.nodeports': '1' }],
    ['a load balancer that only has the node ports it asks for', Services, service({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 1 }, { port: 2, nodePort: 30_000 }] }), { services: '1', 'count/services': '1', 'services.loadbalancers': '1', 'services.nodeports': '1' }],
    ['a claim', PersistentVolumeClaims, claim({ storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } }), {
      persistentvolumeclaims: '1', 'count/persistentvolumeclaims': '1', 'requests.storage': '1Gi',
      'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '1', 'fast.storageclass.storage.k8s.io/requests.storage': '1Gi',
    }],
    ['a claim that is allotted more than it asks for now', PersistentVolumeClaims, claim({ resources: { requests: { storage: '1Gi' } } }, { allocatedResources: { storage: '2Gi' } }), { persistentvolumeclaims: '1', 'count/persistentvolumeclaims': '1', 'requests.storage': '2Gi' }],
    ['kinds with a plain name', ConfigMaps, {}, { configmaps: '1', 'count/configmaps': '1' }],
    ['also', ReplicationControllers, {}, { replicationcontrollers: '1', 'count/replicationcontrollers': '1' }],
    ['all others', Jobs, {}, { 'count/jobs.batch': '1' }],
  ];
  test.each(rows)('%s', (_name, resource, object, expected) => {
    expect(usageOf(resource, object, Date.UTC(2030, 0, 1, 1))).toEqual(expected);
  });

  test('what comes on top', () => {
    expect(increase({ cpu: '2', memory: '1Gi', pods: '1' }, { cpu: '500m', memory: '2Gi', pods: '1' })).toEqual({ cpu: '1500m' });
  });

  test.each([['configmaps', 'configmaps'], ['count/configmaps', 'configmaps'], ['count/jobs.batch', 'jobs.batch'], ['pods', 'pods'], ['requests.cpu', undefined], ['services.nodeports', undefined]])('%s counts %s', (name, expected) => {
    expect(countedGroupResource(name)).toBe(expected);
  });
});

describe('which quotas are about it', () => {
  const quota = (spec: ResourceQuotaSpec): ResourceQuota => ({ metadata: { name: 'q', namespace: 'n' }, spec });
  const selecting = (scopeName: string, operator: string, ...values: string[]): ResourceQuota => quota({ scopeSelector: { matchExpressions: [{ scopeName, operator, values }] } });
  const plain = pod({ containers: [{ name: 'c', image: 'i' }] });
  const busy = pod({ containers: [container('1')] });
  const rows: [string, ResourceQuota, Resource, unknown, boolean][] = [
    ['no scope', quota({}), ConfigMaps, {}, true],
    ['a scope, and no pod', quota({ scopes: ['BestEffort'] }), ConfigMaps, {}, false],
    ['BestEffort', quota({ scopes: ['BestEffort'] }), Pods, plain, true],
    ['BestEffort, but it asks', quota({ scopes: ['BestEffort'] }), Pods, busy, false],
    ['BestEffort, but the pod as a whole asks', quota({ scopes: ['BestEffort'] }), Pods, pod({ containers: [{ name: 'c', image: 'i' }], resources: { requests: { cpu: '1' } } }), false],
    ['NotBestEffort', quota({ scopes: ['NotBestEffort'] }), Pods, busy, true],
    ['Terminating', quota({ scopes: ['Terminating'] }), Pods, pod({ activeDeadlineSeconds: 5 }), true],
    ['NotTerminating', quota({ scopes: ['NotTerminating'] }), Pods, plain, true],
    ['both must hold', quota({ scopes: ['NotTerminating', 'BestEffort'] }), Pods, busy, false],
    ['priority class in', selecting('PriorityClass', 'In', 'high'), Pods, pod({ priorityClassName: 'high' }), true],
    ['priority class not in', selecting('PriorityClass', 'NotIn', 'high'), Pods, pod({ priorityClassName: 'high' }), false],
    ['no priority class', selecting('PriorityClass', 'Exists'), Pods, plain, false],
    ['other namespaces', quota({ scopes: ['CrossNamespacePodAffinity'] }), Pods, pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['other'] }] } } }), true],
    ['attributes class', selecting('VolumeAttributesClass', 'In', 'gold'), PersistentVolumeClaims, claim({ volumeAttributesClassName: 'gold' }), true],
    ['attributes class that it is leaving', selecting('VolumeAttributesClass', 'In', 'gold'), PersistentVolumeClaims, claim({ volumeAttributesClassName: 'iron' }, { currentVolumeAttributesClassName: 'gold' }), true],
    ['no attributes class', selecting('VolumeAttributesClass', 'Exists'), PersistentVolumeClaims, claim({}), false],
    ['a scope of pods, and a claim', quota({ scopes: ['BestEffort'] }), PersistentVolumeClaims, claim({}), false],
  ];
  test.each(rows)('%s', (_name, each, resource, object, expected) => {
    expect(quotaMatches(each, resource, object)).toBe(expected);
  });
});
