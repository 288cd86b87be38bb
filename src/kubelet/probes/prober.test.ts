/** The rhythm of probes is in `decide.ts`, each kind in `run.ts`; here: what metrics tell of them. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Pod } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import type { KubeletContext } from '../config.ts';
import type { PodRuntime } from '../runtime-state.ts';
import { ProbeMetrics } from './metrics.ts';
import { Prober } from './prober.ts';

const factsFile = new URL('../../../../shared/k8s-api/metrics.json', import.meta.url);
if (!existsSync(factsFile)) console.warn('metrics of probes are not compared with the facts: the file is absent');

test.skipIf(!existsSync(factsFile))('the metric is upstream\'s', () => {
  const { metrics } = JSON.parse(readFileSync(factsFile, 'utf8')) as { metrics: { name: string; type: string; stability: string; labels: string[] }[] };
  const wanted = metrics.filter(({ name }) => name.startsWith('prober_')).map(({ name, type, labels }) => ({ name, type: type.toLowerCase(), labels }));
  expect(new ProbeMetrics().registry.facts().map(({ name, type, labelNames }) => ({ name, type, labels: labelNames }))).toEqual(wanted);
});

test('probes are counted by how they end, through restarts of the container, until the pod goes', async () => {
  const host = virtualHost({ seed: 'probes', settle: turn });
  let isReady = true;
  const probe = (_id: string, kind: string) => (kind === 'startup' ? undefined : { ok: kind === 'liveness' || isReady, output: 'no' });
  const context = { host, config: { serving: {}, nodeIp: '192.0.2.1' }, runtime: { pretender: { probe } }, recorder: { event: () => undefined }, hollow: false, runtimeName: 'hollow' } as unknown as KubeletContext;
  const prober = new Prober(context, () => undefined);
  const each = { periodSeconds: 10, successThreshold: 1, failureThreshold: 3, exec: { command: ['true'] } };
  const podOf = (name: string, probes: object): Pod => ({ metadata: { name, namespace: 'shop', uid: `uid-${name}` }, spec: { containers: [{ name: 'main', image: 'app', ...probes }] }, status: {} });
  const runtime = (id: string): PodRuntime => ({ sandboxes: [], containers: [{ id, name: 'main', state: 'running', startedAt: host.clock.now() }] }) as unknown as PodRuntime;
  const lines = (): string[] => prober.metricsText().split('\n').filter((line) => line.startsWith('prober_probe_total')).map((line) => line.replace('prober_probe_total', ''));
  const series = (kind: string, result: string): string => `{container="main",namespace="shop",pod="web",pod_uid="uid-web",probe_type="${kind}",result="${result}"}`;
  const web = podOf('web', { livenessProbe: each, readinessProbe: each });
  prober.follow(web, runtime('c1'), false);
  // A probe that cannot be carried out says nothing.
  prober.follow(podOf('odd', { startupProbe: each }), runtime('c9'), false);
  await host.clock.advance(25_000);
  isReady = false;
  expect(lines()).toEqual([`${series('Liveness', 'successful')} 3`, `${series('Readiness', 'successful')} 3`]);
  prober.follow(web, runtime('c2'), false);
  await host.clock.advance(5_000);
  expect(lines()).toEqual([`${series('Liveness', 'successful')} 4`, `${series('Readiness', 'failed')} 1`, `${series('Readiness', 'successful')} 3`]);
  expect(prober.metricsText()).toContain('# HELP prober_probe_total [BETA] ');
  prober.forgetPod('uid-web');
  expect(lines()).toEqual([]);
  prober.stop();
});
