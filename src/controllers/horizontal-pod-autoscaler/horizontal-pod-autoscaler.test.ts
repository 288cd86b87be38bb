import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../api/autoscaling/v2/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startHorizontalPodAutoscaler } from './controller.ts';
import { decideAutoscaler, type MetricResult } from './decide.ts';
import { limitReplicas, noHistory, remember, type ScaleHistory } from './limits.ts';
import { averageReplicas, sharedReplicas, utilizationReplicas, valueReplicas, type PodSample, type PodsQuestion } from './replicas.ts';

const nowMs = Date.UTC(2030, 0, 1, 12);
const minute = 60_000;

interface PodShape { cpu?: string; ready?: boolean; phase?: string; deleting?: boolean; ageMs?: number; sidecar?: string }
function podOf(name: string, shape: PodShape = {}): Pod {
  const { cpu = '1000m', ready = true, phase = 'Running', deleting = false, ageMs = 60 * minute, sidecar } = shape;
  const at = formatTime(nowMs - ageMs);
  return {
    metadata: { name, namespace: 'shop', labels: { app: 'web' }, ...(deleting ? { deletionTimestamp: at } : {}) },
    spec: {
      containers: [{ name: 'c', image: 'i', resources: cpu === '' ? {} : { requests: { cpu } } }],
      ...(sidecar ? { initContainers: [{ name: 's', image: 'i', restartPolicy: 'Always', resources: { requests: { cpu: sidecar } } }] } : {}),
    },
    status: { phase, startTime: at, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: at }] },
  };
}

const sample = (milli: number): PodSample => ({ milli, timestampMs: nowMs, windowMs: minute });
function question(current: number, shapes: (PodShape & { uses?: number })[]): PodsQuestion & { resource: string } {
  const pods = shapes.map((shape, i) => podOf(`p${i}`, shape));
  const samples = new Map(shapes.flatMap(({ uses }, i) => (uses === undefined ? [] : [[`p${i}`, sample(uses)] as const])));
  return { currentReplicas: current, pods, samples, resource: 'cpu', nowMs, tolerance: { up: 0.1, down: 0.1 }, timing: { cpuInitializationMs: 5 * minute, initialReadinessDelayMs: 30_000 } };
}
const using = (...uses: (number | undefined)[]): (PodShape & { uses?: number })[] => uses.map((each) => (each === undefined ? {} : { uses: each }));

describe('replicas by utilization', () => {
  const rows: [string, number, (PodShape & { uses?: number })[], number, number][] = [
    ['within tolerance: as it is', 3, using(1010, 1030, 1020), 100, 3],
    ['above the target: up', 3, using(300, 500, 700), 30, 5],
    ['below the target: down', 5, using(100, 300, 500, 250, 250), 50, 3],
    ['a pod without samples counts as idle when growing', 4, using(500, 950, 700, undefined).map((s) => ({ ...s, cpu: '500m' })), 100, 4],
    ['growing around a pod without samples', 2, using(900, undefined).map((s) => ({ ...s, cpu: '500m' })), 50, 4],
    ['a pod without samples counts as busy when shrinking', 4, using(100, 400, 800, undefined), 50, 4],
    ['a pod that is not ready counts as idle when growing', 3, [...using(500, 700), { uses: 500, ready: false, ageMs: minute }], 30, 4],
    ['a pending pod as well', 3, [...using(500, 700), { phase: 'Pending', ready: false }], 30, 4],
    ['failed and deleted pods do not count', 2, [...using(500, 700), { uses: 900, phase: 'Failed' }, { uses: 900, deleting: true }], 50, 3],
    ['sidecars ask for something too', 1, [{ uses: 900, sidecar: '1' }], 45, 1],
  ];
  test.each(rows)('%s', (_name, current, shapes, percent, expected) => {
    expect(utilizationReplicas(question(current, shapes), percent).replicas).toBe(expected);
  });

  test.each([
    ['no pods', [], 'no pods returned by selector while calculating replica count'],
    ['no request', [{ cpu: '', uses: 1 }], 'missing request for cpu in container c of Pod p0'],
    ['only unready pods', [{ uses: 1, ready: false, ageMs: minute }], 'did not receive metrics for targeted pods (pods might be unready)'],
  ])('refuses: %s', (_name, shapes, message) => {
    expect(() => utilizationReplicas(question(1, shapes), 50)).toThrow(message);
  });

  test('young pods: samples that reach back to before readiness do not count', () => {
    const young = question(2, [{ uses: 2000, ageMs: 30_000 }, { uses: 100 }]);
    expect(utilizationReplicas(young, 50).replicas).toBe(1);
  });
});

describe('replicas by amounts', () => {
  test.each([
    ['pods: up', () => averageReplicas(question(3, using(20_000, 10_000, 30_000)), 15_000).replicas, 4],
    ['pods: down', () => averageReplicas(question(5, using(12_000, 12_000, 12_000, 12_000, 12_000)), 20_000).replicas, 3],
    ['object: value', () => valueReplicas(3, 20_000, 15_000, { up: 0.1, down: 0.1 }, [podOf('a'), podOf('b'), podOf('c')]).replicas, 4],
    ['object: from zero', () => valueReplicas(0, 20_000, 15_000, { up: 0.1, down: 0.1 }, []).replicas, 2],
    ['shared', () => sharedReplicas(3, 40_000, 10_000, { up: 0.1, down: 0.1 }).replicas, 4],
    ['shared, from zero', () => sharedReplicas(0, 40_000, 10_000, { up: 0.1, down: 0.1 }).replicas, 4],
    ['shared, within tolerance', () => sharedReplicas(4, 42_000, 10_000, { up: 0.1, down: 0.1 }).replicas, 4],
    ['a wider tolerance up', () => averageReplicas({ ...question(2, using(14_000, 14_000)), tolerance: { up: 0.5, down: 0.1 } }, 10_000).replicas, 2],
  ])('%s', (_name, compute, expected) => {
    expect(compute()).toBe(expected);
  });
});

function autoscalerOf(spec: Partial<HorizontalPodAutoscaler['spec']> = {}): HorizontalPodAutoscaler {
  return {
    apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', namespace: 'shop', uid: 'u', generation: 1 },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 20, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }], ...spec },
  };
}
const up = (rules: HPAScalingRules = {}): HPAScalingRules => ({ stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }], ...rules });
const down = (rules: HPAScalingRules = {}): HPAScalingRules => ({ selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }], ...rules });

describe('limits', () => {
  const past = (secondsAgo: number, replicas: number): { atMs: number; replicas: number } => ({ atMs: nowMs - secondsAgo * 1000, replicas });
  const rows: [string, HorizontalPodAutoscaler, number, number, Partial<ScaleHistory>, number, string, string][] = [
    ['in range', autoscalerOf(), 4, 6, {}, 6, 'ReadyForNewScale', 'DesiredWithinRange'],
    ['at most twice as many', autoscalerOf(), 4, 19, {}, 8, 'ReadyForNewScale', 'ScaleUpLimit'],
    ['the maximum', autoscalerOf(), 15, 30, {}, 20, 'ReadyForNewScale', 'TooManyReplicas'],
    ['the minimum', autoscalerOf(), 4, 1, {}, 2, 'ReadyForNewScale', 'TooFewReplicas'],
    ['down waits five minutes', autoscalerOf(), 9, 3, { recommendations: [past(120, 9)] }, 9, 'ScaleDownStabilized', 'DesiredWithinRange'],
    ['and no longer', autoscalerOf(), 9, 3, { recommendations: [past(301, 9)] }, 3, 'ReadyForNewScale', 'DesiredWithinRange'],
    ['behaviour: four pods or double', autoscalerOf({ behavior: { scaleUp: up(), scaleDown: down() } }), 3, 19, {}, 7, 'ReadyForNewScale', 'ScaleUpLimit'],
    ['behaviour: the least change', autoscalerOf({ behavior: { scaleUp: up({ selectPolicy: 'Min' }), scaleDown: down() } }), 3, 19, {}, 6, 'ReadyForNewScale', 'ScaleUpLimit'],
    ['behaviour: what was added in the period counts', autoscalerOf({ behavior: { scaleUp: up({ policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }] }), scaleDown: down() } }), 6, 19, { up: [past(30, 3)] }, 7, 'ReadyForNewScale', 'ScaleUpLimit'],
    ['behaviour: disabled', autoscalerOf({ behavior: { scaleUp: up({ selectPolicy: 'Disabled' }), scaleDown: down() } }), 6, 19, {}, 6, 'ReadyForNewScale', 'ScaleUpLimit'],
    ['behaviour: up waits for its window', autoscalerOf({ behavior: { scaleUp: up({ stabilizationWindowSeconds: 60 }), scaleDown: down() } }), 6, 9, { recommendations: [past(30, 6)] }, 6, 'ScaleUpStabilized', 'DesiredWithinRange'],
    ['behaviour: down a tenth a minute', autoscalerOf({ behavior: { scaleUp: up(), scaleDown: down({ stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }] }) } }), 20, 3, {}, 18, 'ReadyForNewScale', 'ScaleDownLimit'],
  ];
  test.each(rows)('%s', (_name, autoscaler, current, wanted, history, replicas, stabilized, limited) => {
    const result = limitReplicas(autoscaler, current, wanted, { ...noHistory, ...history }, nowMs);
    expect([result.replicas, result.stabilized.reason, result.limited.reason]).toEqual([replicas, stabilized, limited]);
  });

  test('a lower count waits as long as the flag says, where the autoscaler does not', () => {
    const wants = (behavior: object | undefined, seconds: number): number => limitReplicas(autoscalerOf(behavior ? { behavior: behavior as never } : {}), 9, 3, { ...noHistory, recommendations: [past(seconds, 9)] }, nowMs, 60_000).replicas;
    expect([wants(undefined, 50), wants(undefined, 61)]).toEqual([9, 3]);
    expect([wants({ scaleUp: up(), scaleDown: down() }, 50), wants({ scaleUp: up(), scaleDown: down({ stabilizationWindowSeconds: 40 }) }, 50)]).toEqual([9, 3]);
  });

  test('never: below the minimum, above the maximum', () => {
    fc.assert(fc.property(fc.nat(10), fc.integer({ min: 1, max: 30 }), fc.nat(60), fc.nat(60), fc.boolean(), fc.array(fc.nat(50), { maxLength: 5 }), (extra, min, current, wanted, behaves, past) => {
      const autoscaler = autoscalerOf({ minReplicas: min, maxReplicas: min + extra, ...(behaves ? { behavior: { scaleUp: up(), scaleDown: down() } } : {}) });
      fc.pre(current >= min && current <= min + extra);
      const history = { ...noHistory, recommendations: past.map((replicas, i) => ({ replicas: Math.min(min + extra, Math.max(min, replicas)), atMs: nowMs - i * 30_000 })) };
      const { replicas } = limitReplicas(autoscaler, current, wanted, history, nowMs);
      expect(replicas).toBeGreaterThanOrEqual(min);
      expect(replicas).toBeLessThanOrEqual(min + extra);
    }), { seed: 4 });
  });

  test('eventually: with a constant wish the count reaches it, or its limit, and rests', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 0, max: 40 }), fc.boolean(), (start, wish, behaves) => {
      const autoscaler = autoscalerOf(behaves ? { behavior: { scaleUp: up(), scaleDown: down() } } : {});
      let current = start;
      let history: ScaleHistory = noHistory;
      let at = nowMs;
      for (let round = 0; round < 60; round++, at += 15_000) {
        history = remember(history, current, undefined, undefined, at);
        const { replicas } = limitReplicas(autoscaler, current, wish, history, at);
        history = remember(history, current, wish, replicas, at);
        current = replicas;
      }
      expect(current).toBe(Math.min(20, Math.max(2, wish)));
    }), { seed: 4 });
  });
});

describe('decide', () => {
  const good = (replicas: number): MetricResult => ({ replicas, name: 'cpu resource', status: { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '1' } } } });
  const bad: MetricResult = { reason: 'FailedGetResourceMetric', prefix: 'failed to get cpu resource metric value', message: 'no' };
  const rows: [string, number, MetricResult[], number | undefined, string][] = [
    ['the largest of several', 4, [good(5), good(7)], 7, 'ValidMetricFound'],
    ['a failing metric lets others grow', 4, [bad, good(6)], 6, 'ValidMetricFound'],
    ['never shrinks while a metric fails', 4, [bad, good(3)], undefined, 'FailedGetResourceMetric'],
    ['all fail', 4, [bad], undefined, 'FailedGetResourceMetric'],
    ['a target at zero is switched off', 0, [], undefined, 'ScalingDisabled'],
  ];
  test.each(rows)('%s', (_name, current, results, expected, reason) => {
    const decision = decideAutoscaler({ autoscaler: autoscalerOf(), currentReplicas: current, results, history: noHistory }, nowMs);
    expect(decision.rescale?.replicas).toBe(expected);
    expect(decision.status.conditions!.find(({ type }) => type === 'ScalingActive')!.reason).toBe(reason);
  });

  test.each([[25, 20, 'Current number of replicas above Spec.MaxReplicas'], [1, 2, 'Current number of replicas below Spec.MinReplicas']])('%i replicas become %i without a look at metrics', (current, to, reason) => {
    expect(decideAutoscaler({ autoscaler: autoscalerOf(), currentReplicas: current, results: [], history: noHistory }, nowMs).rescale).toEqual({ replicas: to, reason });
  });
});

test('without a metrics API the condition says so, in upstream\'s words', async () => {
  const host = virtualHost({ seed: 'hpa', settle: turn });
  const context = fakeContext(host);
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web', namespace: 'shop' }, spec: { replicas: 3 }, status: { replicas: 3, selector: 'app=web' } };
  context.api.intercept = ({ target }) => {
    if (target.subresource !== 'scale') return undefined;
    return { status: 200, headers: {}, body: (async function* body() { yield Buffer.from(JSON.stringify(scale)); })() };
  };
  context.api.put('horizontalpodautoscalers', autoscalerOf());
  context.api.put('pods', podOf('p'));
  context.api.served = [];
  context.run(startHorizontalPodAutoscaler);
  await host.clock.advance(20_000);
  const { status } = context.api.object<HorizontalPodAutoscaler>('horizontalpodautoscalers', 'shop/web')!;
  expect(status!.conditions!.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`)).toEqual(['AbleToScale True SucceededGetScale', 'ScalingActive False FailedGetResourceMetric']);
  expect(context.eventReasons()).toContain('Warning FailedComputeMetricsReplicas web');
  await context.stop();
});

test('a target is scaled by its metrics, and goes on from there', async () => {
  const host = virtualHost({ seed: 'hpa', settle: turn });
  const context = fakeContext(host);
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web', namespace: 'shop' }, spec: { replicas: 2 }, status: { replicas: 2, selector: 'app=web' } };
  const answer = (value: object) => ({ status: 200, headers: {}, body: (async function* body() { yield Buffer.from(JSON.stringify(value)); })() });
  context.api.intercept = ({ method, target, path, json }) => {
    if (target.subresource === 'scale') {
      if (method === 'PUT') Object.assign(scale.spec, (json as typeof scale).spec);
      return answer(scale);
    }
    if (!path.startsWith('/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods')) return undefined;
    return answer({ items: ['a', 'b'].map((name) => ({ metadata: { name }, timestamp: formatTime(host.clock.now()), window: '30s', containers: [{ name: 'c', usage: { cpu: '800m' } }] })) });
  };
  context.api.put('horizontalpodautoscalers', autoscalerOf());
  for (const name of ['a', 'b']) {
    const pod = podOf(name);
    const old = formatTime(host.clock.now() - 3_600_000);
    const ready: Pod = { ...pod, status: { ...pod.status, startTime: old, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: old }] } };
    context.api.put('pods', ready);
  }
  context.run(startHorizontalPodAutoscaler);
  await host.clock.advance(5_000);
  // 80 % used of 50 %: 3.2 for two.
  expect(scale.spec.replicas).toBe(4);
  const { status } = context.api.object<HorizontalPodAutoscaler>('horizontalpodautoscalers', 'shop/web')!;
  expect(status).toMatchObject({ currentReplicas: 2, desiredReplicas: 4, currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 80, averageValue: '800m' } } }] });
  expect(status!.conditions!.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`)).toEqual(['AbleToScale True SucceededRescale', 'ScalingActive True ValidMetricFound', 'ScalingLimited False DesiredWithinRange']);
  expect(context.eventReasons()).toEqual(['Normal SuccessfulRescale web']);
  await context.stop();
});
