import { describe, expect, test } from 'vitest';
import { convert } from './convert.ts';
import { Events, EventsV1, HorizontalPodAutoscalers, HorizontalPodAutoscalersV1, Pods } from './resources.ts';

const scaler = {
  kind: 'HorizontalPodAutoscaler', apiVersion: 'autoscaling/v2', metadata: { name: 'a', annotations: { x: 'y' } },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, minReplicas: 1, maxReplicas: 5,
    metrics: [
      { type: 'Pods', pods: { metric: { name: 'requests', selector: { matchLabels: { a: 'b' } } }, target: { type: 'AverageValue', averageValue: '10' } } },
      { type: 'Object', object: { describedObject: { kind: 'Service', name: 's' }, metric: { name: 'm' }, target: { type: 'Value', value: '5' } } },
      { type: 'External', external: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '3' } } },
      { type: 'ContainerResource', containerResource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' }, container: 'c' } },
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
  },
  status: {
    currentReplicas: 2, desiredReplicas: 3, conditions: [{ type: 'AbleToScale', status: 'True' }],
    currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageValue: '300m', averageUtilization: 60 } } }],
  },
};

describe('convert', () => {
  test('an autoscaler to v1 keeps what v1 lacks in annotations', () => {
    const v1 = convert(scaler, HorizontalPodAutoscalersV1) as unknown as { metadata: { annotations: Record<string, string> } };
    expect(v1).toMatchObject({
      apiVersion: 'autoscaling/v1',
      spec: { minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 70 },
      status: { currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 60 },
    });
    expect(Object.keys(v1.metadata.annotations)).toEqual([
      'x', 'autoscaling.alpha.kubernetes.io/metrics', 'autoscaling.alpha.kubernetes.io/current-metrics', 'autoscaling.alpha.kubernetes.io/conditions',
      'autoscaling.alpha.kubernetes.io/behavior',
    ]);
  });
  test('an autoscaler comes back from v1 as it was', () => {
    expect(convert(convert(scaler, HorizontalPodAutoscalersV1), HorizontalPodAutoscalers)).toEqual(scaler);
  });
  test('a broken annotation counts as none', () => {
    const v1 = { apiVersion: 'autoscaling/v1', metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '{' } }, spec: { scaleTargetRef: { kind: 'D', name: 'd' }, maxReplicas: 1 } };
    expect(convert(v1, HorizontalPodAutoscalers)).toEqual({
      apiVersion: 'autoscaling/v2', metadata: {}, spec: { scaleTargetRef: { kind: 'D', name: 'd' }, maxReplicas: 1 }, status: { desiredReplicas: 0 },
    });
  });
  test('events go both ways', () => {
    const event = { kind: 'Event', apiVersion: 'v1', metadata: { name: 'e' }, involvedObject: { kind: 'Pod' }, reason: 'R', message: 'm', source: { component: 'c' }, count: 2, reportingComponent: 'r' };
    const there = convert(event, EventsV1);
    expect(there).toEqual({
      kind: 'Event', apiVersion: 'events.k8s.io/v1', metadata: { name: 'e' }, regarding: { kind: 'Pod' }, reason: 'R', note: 'm', deprecatedSource: { component: 'c' }, deprecatedCount: 2, reportingController: 'r',
    });
    expect(convert(there, Events)).toEqual(event);
  });
  test('the same version is the same object, no conversion is an error', () => {
    const pod = { apiVersion: 'v1', metadata: {} };
    expect(convert(pod, Pods)).toBe(pod);
    expect(() => convert({ apiVersion: 'v2', metadata: {} }, Pods)).toThrow('no conversion of Pod from v2 to v1');
  });
});
