/** The server's metrics have the names, kinds, labels and buckets that upstream promises for v1.36. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { ConfigMaps, CustomResourceDefinitions } from '../../api/resources.ts';
import { nodeHost } from '../../host/node/index.ts';
import { memoryBackend } from '../../store/memory.ts';
import { setUpLimits } from '../fairness/setup.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';
import { createServerMetrics } from './server-metrics.ts';
import { versionInfo } from './version.ts';

const factsFile = new URL('../../../../shared/k8s-api/metrics.json', import.meta.url);
const haveFacts = existsSync(factsFile);
if (!haveFacts) console.warn('metrics are not compared with the facts: the file is absent');

interface Fact { name: string; type: string; stability: 'STABLE' | 'BETA'; labels: string[]; buckets?: (number | string)[] }

/** Of what this server has not: files of configuration for authentication and authorization, which it refuses by name. */
const absent: Readonly<Record<string, string>> = {
  apiserver_authentication_config_controller_automatic_reload_last_timestamp_seconds: 'no authentication configuration file', apiserver_authentication_config_controller_automatic_reloads_total: 'no authentication configuration file',
  apiserver_authorization_config_controller_automatic_reload_last_timestamp_seconds: 'no authorization configuration file', apiserver_authorization_config_controller_automatic_reloads_total: 'no authorization configuration file',
};

describe.skipIf(!haveFacts)('the facts', () => {
  const facts = haveFacts ? (JSON.parse(readFileSync(factsFile, 'utf8')) as { metrics: Fact[] }).metrics.filter(({ name }) => /^(?:apiserver|kubernetes)_/.test(name)) : [];
  const metrics = createServerMetrics(versionInfo('0', 'amd64'));
  setUpLimits({ host: nodeHost({ logLevel: 'silent' }), metrics, limits: undefined, fairness: true, count: () => 0 });
  const own = new Map([...metrics.registry.facts(), ...metrics.indicators.facts()].map((fact) => [fact.name, fact]));

  test.each(facts.filter(({ name }) => !Object.hasOwn(absent, name)).map((fact) => [fact.stability, fact.name, fact] as const))('%s %s', (_, name, fact) => {
    const found = own.get(name);
    expect(found, 'registered').toBeDefined();
    expect(found!.labelNames.toSorted()).toEqual(fact.labels.toSorted());
    if (fact.type !== 'Custom') expect(found!.type).toBe(fact.type.toLowerCase());
    if (fact.buckets) expect(found!.buckets).toEqual(fact.buckets.map(Number));
  });

  test('what is said to be absent is', () => {
    for (const name of Object.keys(absent)) expect(own.has(name), name).toBe(false);
  });
});

describe('a running server', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await createApiServer({ host: nodeHost({ logLevel: 'silent' }), backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {} });
    await server.start();
    await server.ready();
  });
  afterAll(() => server.stop());

  test('counts what happens', async () => {
    const transport = server.transport(loopbackUser);
    const client = createClient(transport);
    await client.of(ConfigMaps).inNamespace('default').create({ metadata: { name: 'counted' } });
    const asked = await transport.send({ method: 'GET', path: '/api/v1/endpoints' });
    expect(asked.headers['warning']).toBe('299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"');
    let text = '';
    for await (const piece of (await transport.send({ method: 'GET', path: '/metrics' })).body) text += Buffer.from(piece).toString();
    for (const line of [
      /^apiserver_request_total\{code="201",component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource="",system_client="true",verb="POST",version="v1"\} \d+$/m,
      /^apiserver_admission_step_admission_duration_seconds_count\{operation="CREATE",rejected="false",type="admit"\} \d+$/m,
      /^apiserver_storage_objects\{resource="configmaps"\} \d+$/m, /^apiserver_storage_objects\{resource="clusterroles.rbac.authorization.k8s.io"\} 70$/m,
      /^apiserver_storage_events_received_total\{group="",resource="configmaps"\} \d+$/m,
      /^apiserver_requested_deprecated_apis\{group="",removed_release="",resource="endpoints",subresource="",version="v1"\} 1$/m,
      /^apiserver_current_inflight_requests\{request_kind="readOnly"\} \d+$/m,
      /^apiserver_flowcontrol_nominal_limit_seats\{priority_level="workload-low"\} 245$/m,
    ]) expect(text).toMatch(line);
  });

  async function scrape(): Promise<string> {
    let text = '';
    for await (const piece of (await server.transport(loopbackUser).send({ method: 'GET', path: '/metrics' })).body) text += Buffer.from(piece).toString();
    return text;
  }

  test('takes the time of states that watches begin with', async () => {
    const abort = new AbortController();
    const query = { watch: 'true', sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' };
    const { body } = await server.transport(loopbackUser).send({ method: 'GET', path: '/api/v1/namespaces/default/configmaps', query, signal: abort.signal });
    let seen = '';
    for await (const piece of body) {
      seen += Buffer.from(piece).toString();
      if (seen.includes('k8s.io/initial-events-end')) break;
    }
    abort.abort();
    expect(await scrape()).toMatch(/^apiserver_watch_list_duration_seconds_count\{group="",resource="configmaps",scope="namespace",version="v1"\} 1$/m);
  });

  test('takes the time of rules of custom resources', async () => {
    const client = createClient(server.transport(loopbackUser));
    const schema = { type: 'object', properties: { spec: { 'type': 'object', 'properties': { n: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.n < 5' }] } } };
    await client.of(CustomResourceDefinitions).create({
      metadata: { name: 'rules.timed.example.com' },
      spec: { group: 'timed.example.com', scope: 'Cluster', names: { plural: 'rules', singular: 'rule', kind: 'Rule' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }] },
    } as never);
    const made = async (n: number): Promise<number> => (await server.transport(loopbackUser).send({
      method: 'POST', path: '/apis/timed.example.com/v1/rules', headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ apiVersion: 'timed.example.com/v1', kind: 'Rule', metadata: { name: `r${n}` }, spec: { n } })),
    })).status;
    await expect.poll(() => made(1), { timeout: 10_000 }).toBe(201);
    expect(await made(9)).toBe(422);
    const text = await scrape();
    expect(text).toMatch(/^apiserver_cel_compilation_duration_seconds_count 1$/m);
    expect(text).toMatch(/^apiserver_cel_evaluation_duration_seconds_count 2$/m);
    expect(text).toMatch(/^apiserver_request_total\{code="422",component="apiserver",dry_run="",group="timed.example.com",resource="rules",scope="resource",subresource="",system_client="true",verb="POST",version="v1"\} 1$/m);
    expect(text).toMatch(/^apiserver_resource_objects\{group="timed.example.com",resource="rules"\} 1$/m);
    await client.of(CustomResourceDefinitions).delete('rules.timed.example.com');
    // What is no more is told of no more.
    await expect.poll(async () => (await scrape()).match(/^apiserver_(?:resource_objects|storage_\w+)\{.*timed\.example\.com.*$/m), { timeout: 10_000 }).toBe(null);
  });

  test('says what is promised of each metric, and how many there are', async () => {
    const text = await scrape();
    for (const line of [
      /^# HELP apiserver_request_total \[STABLE\] \S/m, /^# HELP apiserver_flowcontrol_current_executing_seats \[BETA\] \S/m, /^# HELP apiserver_resource_objects \[ALPHA\] \S/m,
      /^# HELP apiserver_storage_objects \[STABLE\] \(Deprecated since 1\.34\.0\) \S/m, /^# HELP process_cpu_seconds_total [^[]/m,
      /^registered_metrics_total\{deprecated_version="1\.34\.0",stability_level="STABLE"\} 1$/m, /^hidden_metrics_total 0$/m, /^disabled_metrics_total 0$/m,
      /^apiserver_validation_declarative_validation_(?:mismatch|panic)_total 0$/m, /^kubernetes_feature_enabled\{name="APIServerIdentity",stage="BETA"\} 1$/m, /^kubernetes_feature_enabled\{name="CBORServingAndStorage",stage="ALPHA"\} 0$/m,
      /^apiserver_response_sizes_bucket\{.*,le="1e\+06"\} \d+$/m,
    ]) expect(text).toMatch(line);
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
  });
});
