import { describe, expect, test } from 'vitest';
import type { AnyCondition } from './pods.ts';
import { getCondition, hostPortsOf, isPodActive, isPodAvailable, isPodReady, isPodTerminating, podIpsOf, podPhase, removeCondition, resolvePort, setCondition } from './pods.ts';
import { computeQosClass, isExtendedResource, podLimits, podQosClass, podRequests } from './resources.ts';
import type { Container, Pod, ResourceRequirements } from './types.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const pod = (spec: Partial<Pod['spec']> = {}, status: Pod['status'] = {}, metadata: Pod['metadata'] = {}): Pod => ({ metadata: { name: 'p', namespace: 'n', ...metadata }, spec: { containers: [], ...spec }, status });
const c = (requests?: Record<string, string>, limits?: Record<string, string>, rest: Partial<Container> = {}): Container => {
  const resources: ResourceRequirements = { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) };
  return { name: 'c', resources, ...rest };
};
const ready = (status: string, at: string): Pod => pod({}, { conditions: [{ type: 'Ready', status, lastTransitionTime: at }] });

describe('state', () => {
  test.each<[string, Pod, boolean[]]>([
    ['new', pod(), [true, false]],
    ['running', pod({}, { phase: 'Running' }), [true, false]],
    ['ended', pod({}, { phase: 'Failed' }), [false, false]],
    ['being deleted', pod({}, { phase: 'Running' }, { deletionTimestamp: 't' }), [false, true]],
    ['ended and being deleted', pod({}, { phase: 'Succeeded' }, { deletionTimestamp: 't' }), [false, false]],
  ])('%s', (_name, object, expected) => {
    expect([isPodActive(object), isPodTerminating(object)]).toEqual(expected);
  });
  test('ready, and available after a while', () => {
    const object = ready('True', '2026-03-01T11:59:50Z');
    expect([isPodReady(object), isPodAvailable(object, 0, NOW), isPodAvailable(object, 10, NOW), isPodAvailable(object, 11, NOW)]).toEqual([true, true, true, false]);
    expect([isPodReady(ready('False', 't')), isPodAvailable(ready('False', 't'), 0, NOW), podPhase(pod())]).toEqual([false, false, 'Pending']);
  });
});

describe('conditions', () => {
  const old: AnyCondition[] = [{ type: 'A', status: 'True', lastTransitionTime: 't1', reason: 'X' }, { type: 'B', status: 'False' }];
  test('the time stays while the status stays', () => {
    expect(setCondition(old, { type: 'A', status: 'True', reason: 'Y' }, 't2')[0]).toEqual({ type: 'A', status: 'True', lastTransitionTime: 't1', reason: 'Y' });
    expect(setCondition(old, { type: 'A', status: 'False' }, 't2')[0]).toEqual({ type: 'A', status: 'False', lastTransitionTime: 't2' });
    expect(setCondition(old, { type: 'C', status: 'True' }, 't2')).toHaveLength(3);
  });
  test('the list is the same when nothing changed, and never changed in place', () => {
    expect(setCondition(old, { type: 'A', status: 'True', reason: 'X' }, 't2')).toBe(old);
    expect(getCondition(removeCondition(old, 'A'), 'A')).toBeUndefined();
    expect(old).toHaveLength(2);
  });
});

test('ports and addresses', () => {
  const object = pod(
    { containers: [c(undefined, undefined, { ports: [{ name: 'http', containerPort: 8080, hostPort: 80, protocol: 'TCP' }] })], initContainers: [{ name: 's', restartPolicy: 'Always', ports: [{ name: 'side', containerPort: 9 }] }] },
    { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
  );
  expect(hostPortsOf(object)).toEqual([{ ip: '0.0.0.0', protocol: 'TCP', port: 80 }]);
  expect([resolvePort(object, 'http', 'TCP', 1), resolvePort(object, 'side', 'TCP', 1), resolvePort(object, 'http', 'UDP', 1), resolvePort(object, 5, 'TCP', 1), resolvePort(object, undefined, 'TCP', 1)]).toEqual([8080, 9, undefined, 5, 1]);
  expect(podIpsOf(object)).toEqual(['10.0.0.1', 'fd00::1']);
});

describe('requests', () => {
  const sidecar = { restartPolicy: 'Always' };
  test.each<[string, Pod, Record<string, number>]>([
    ['sum of containers', pod({ containers: [c({ cpu: '100m', memory: '1Ki' }), c({ cpu: '1' })] }), { cpu: 1100, memory: 1024 }],
    ['a larger init container', pod({ containers: [c({ cpu: '100m' })], initContainers: [c({ cpu: '2' })] }), { cpu: 2000 }],
    ['sidecars add up', pod({ containers: [c({ cpu: '100m' })], initContainers: [c({ cpu: '200m' }, undefined, sidecar)] }), { cpu: 300 }],
    ['an init container beside the sidecars before it', pod({ containers: [c({ cpu: '100m' })], initContainers: [c({ cpu: '200m' }, undefined, sidecar), c({ cpu: '1' }), c({ cpu: '300m' }, undefined, sidecar)] }), { cpu: 1200 }],
    ['overhead', pod({ containers: [c({ cpu: '100m' })], overhead: { cpu: '50m', memory: '1' } }), { cpu: 150, memory: 1 }],
    ['the pod as a whole', pod({ containers: [c({ cpu: '100m', 'example.com/gpu': '1' })], resources: { requests: { cpu: '1' } } }), { cpu: 1000, 'example.com/gpu': 1 }],
    ['fractions round up', pod({ containers: [c({ cpu: '100u', memory: '500m' })] }), { cpu: 1, memory: 1 }],
  ])('%s', (_name, object, expected) => {
    expect(podRequests(object)).toEqual(expected);
  });
  test('limits take overhead only where there is one', () => {
    expect(podLimits(pod({ containers: [c(undefined, { cpu: '1' })], overhead: { cpu: '50m', memory: '1' } }))).toEqual({ cpu: 1050 });
  });
  test('a resize counts with the larger of old and new', () => {
    const object = pod({ containers: [c({ cpu: '1' })] }, { containerStatuses: [{ name: 'c', ready: true, restartCount: 0, image: '', imageID: '', resources: { requests: { cpu: '2' } }, allocatedResources: { cpu: '1500m' } }] });
    expect([podRequests(object), podRequests(object, { useStatus: true })]).toEqual([{ cpu: 1000 }, { cpu: 2000 }]);
  });
  test('containers that say nothing', () => {
    expect(podRequests(pod({ containers: [c(), c({ cpu: '1' })] }), { missing: { cpu: 100, memory: 5 } })).toEqual({ cpu: 1100, memory: 10 });
  });
  test('names', () => {
    expect(['cpu', 'example.com/gpu', 'kubernetes.io/x', 'requests.example.com/gpu'].map(isExtendedResource)).toEqual([false, true, false, false]);
  });
});

test.each<[string, Pod, string]>([
  ['nothing', pod({ containers: [c()] }), 'BestEffort'],
  ['a request', pod({ containers: [c({ cpu: '1' })] }), 'Burstable'],
  ['both equal', pod({ containers: [c({ cpu: '1', memory: '1Gi' }, { cpu: '1000m', memory: '1024Mi' })] }), 'Guaranteed'],
  ['one container without', pod({ containers: [c({ cpu: '1', memory: '1Gi' }, { cpu: '1', memory: '1Gi' }), c()] }), 'Burstable'],
  ['storage alone', pod({ containers: [c({ 'ephemeral-storage': '1Gi' })] }), 'BestEffort'],
  ['the pod as a whole', pod({ containers: [c()], resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } } }), 'Guaranteed'],
])('class of service: %s', (_name, object, expected) => {
  expect([computeQosClass(object), podQosClass({ ...object, status: { qosClass: 'Recorded' } })]).toEqual([expected, 'Recorded']);
});
