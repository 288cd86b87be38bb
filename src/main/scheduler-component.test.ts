/** The scheduler's configuration file, its plug-ins from outside (the example of the documentation) and its server. */
import { afterAll, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../client/index.ts';
import { nodeHost } from '../host/node/index.ts';
import { setUp } from '../scheduler/scheduler.fixture.ts';
import { SchedulerMetrics } from '../scheduler/index.ts';
import { startComponentServer } from './component-server.ts';
import { readSchedulerSetup, shownConfiguration } from './scheduler-component.ts';

const host = nodeHost({ logLevel: 'silent' });
const example = 'examples/scheduler-plugin';
const folder = mkdtempSync(join(tmpdir(), 'kubets-scheduler-component-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the example plug-in', () => {
  test('is loaded, configured and asked', async () => {
    const setup = await readSchedulerSetup(host, { config: `${example}/scheduler.yaml`, 'plugin-module': `${example}/colour.ts` });
    const cluster = setUp();
    try {
      cluster.start(setup);
      cluster.node('red', { labels: { 'example.com/colour': 'red' } });
      cluster.node('blue', { labels: { 'example.com/colour': 'blue' } });
      cluster.pod('one', { labels: { 'example.com/colour': 'red', 'example.com/after': 'two' } });
      cluster.pod('green', { labels: { 'example.com/colour': 'green' } });
      await cluster.advance();
      expect(cluster.bindings).toEqual([]);
      expect(cluster.get('green').status?.conditions?.[0]?.message).toContain('0/2 nodes are available: 2 node(s) had another colour.');
      cluster.pod('two', { labels: { 'example.com/colour': 'blue' } });
      await cluster.advance();
      expect(cluster.bindings).toEqual(['two blue', 'one red']);
    } finally {
      await cluster.stop();
    }
  });
  test('a module without plug-ins is named', async () => {
    await expect(readSchedulerSetup(host, { 'plugin-module': file('empty.mjs', 'export const x = 1;\n') })).rejects.toThrow(/--plugin-module: ".*empty\.mjs" must export "plugins": an object of functions by plug-in name/);
  });
});

describe('the configuration file', () => {
  test('what is wrong with it is told with its path', async () => {
    const path = file('bad.yaml', 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nparallelism: 0\n');
    await expect(readSchedulerSetup(host, { config: path })).rejects.toThrow(`--config: "${path}": parallelism: Invalid value: 0: should be an integer value greater than zero`);
  });
  test('/configz shows it with defaults and without keys', async () => {
    const key = Buffer.from('secret').toString('base64');
    const path = file('extender.yaml', `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nextenders:\n- urlPrefix: https://x\n  filterVerb: f\n  tlsConfig:\n    keyData: ${key}\n`);
    const { configuration, extenders } = await readSchedulerSetup(host, { config: path });
    expect(extenders[0]).toMatchObject({ urlPrefix: 'https://x', httpTimeoutMs: 5000, tls: { key: 'secret' } });
    const shown = JSON.stringify(shownConfiguration(configuration));
    expect(shown).not.toContain(key);
    expect(shown).toContain('"name":"DefaultPreemption","args":{"kind":"DefaultPreemptionArgs","apiVersion":"kubescheduler.config.k8s.io/v1","minCandidateNodesPercentage":10,"minCandidateNodesAbsolute":100}');
  });
});

test('health is for everybody, metrics for whom the API server allows them', async () => {
  const asked: string[] = [];
  const client = {
    async request({ path, body }: { path: string; body: string }) {
      asked.push(path);
      const { spec } = JSON.parse(body) as { spec: { token?: string; user?: string } };
      if (path.endsWith('tokenreviews')) return { status: spec.token === 'nobody' ? { authenticated: false } : { authenticated: true, user: { username: spec.token } } };
      return { status: { allowed: spec.user === 'prometheus' } };
    },
  } as unknown as Client;
  const metrics = new SchedulerMetrics();
  metrics.preemptions.add([]);
  const listener = await startComponentServer(host, client, { name: 'kube-scheduler', address: '127.0.0.1', port: 0, pages: { '/metrics': { type: 'text/plain', text: () => metrics.text() } } });
  const get = async (path: string, token?: string): Promise<[number, string]> => {
    const response = await host.net.request({ method: 'GET', url: `https://127.0.0.1:${listener.port}${path}`, tls: { insecureSkipVerify: true }, ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}) });
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body) pieces.push(piece);
    return [response.status, Buffer.concat(pieces).toString()];
  };
  try {
    expect(await get('/healthz')).toEqual([200, 'ok']);
    expect((await get('/metrics'))[0]).toBe(401);
    expect((await get('/metrics', 'nobody'))[0]).toBe(401);
    expect((await get('/metrics', 'somebody'))[0]).toBe(403);
    const [status, text] = await get('/metrics', 'prometheus');
    expect([status, text]).toEqual([200, expect.stringContaining('scheduler_preemption_attempts_total 1')]);
    expect((await get('/nothing', 'prometheus'))[0]).toBe(404);
    await get('/healthz');
    expect((await get('/metrics/slis', 'somebody'))[0]).toBe(403);
    const [, indicators] = await get('/metrics/slis', 'prometheus');
    expect(indicators.split('\n').filter((line) => !line.startsWith('# TYPE'))).toEqual([
      expect.stringMatching(/^# HELP kubernetes_healthcheck \[STABLE\] /), 'kubernetes_healthcheck{name="ping",type="healthz"} 1',
      expect.stringMatching(/^# HELP kubernetes_healthchecks_total \[STABLE\] /), 'kubernetes_healthchecks_total{name="ping",status="success",type="healthz"} 2', '',
    ]);
    const before = asked.length;
    await get('/metrics', 'prometheus');
    expect(asked.length).toBe(before);
  } finally {
    await listener.close(0);
  }
});
