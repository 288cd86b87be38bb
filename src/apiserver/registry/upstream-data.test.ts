/** What lies in the store is what upstream's API server would have put there, and what that one has put there is served. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiVersionOf } from '../../api/meta/resource.ts';
import { loadVersionsOffByDefault } from '../../api/off-by-default.ts';
import { decodeProtobuf, readEnvelope } from '../../api/protobuf/decode.ts';
import { encodeProtobuf } from '../../api/protobuf/encode.ts';
import { isProtobuf } from '../../api/protobuf/envelope.ts';
import { protobufSchema } from '../../api/protobuf/kinds.ts';
import { RESOURCES } from '../../api/resources.ts';
import { strategyFor } from '../../api/strategies.ts';
import { nodeClock } from '../../host/node/clock.ts';
import type { Backend } from '../../store/backend.ts';
import { hasEtcd, startEtcd, type EtcdCluster } from '../../store/etcd.fixture.ts';
import { etcdBackend } from '../../store/etcd.ts';
import { describeKind } from './kinds.ts';
import { startRig, type Rig } from './rig.ts';

const FACTS = new URL('../../../../shared/k8s-api/', import.meta.url);
const hasFacts = existsSync(new URL('resources.json', FACTS));
if (!hasFacts) console.warn(`SKIPPED: upstream's keys and values: there is no ${FACTS.pathname}`);

interface Fact { group: string; version: string; resource: string; kind: string; namespaced: boolean; storage?: [string, string]; etcdPath?: string; onByDefault: boolean }

const facts = (): Fact[] => (JSON.parse(readFileSync(new URL('resources.json', FACTS), 'utf8')) as { resources: Fact[] }).resources;
const kindsOf = (): Map<string, ReturnType<typeof describeKind>> => new Map(RESOURCES.filter((resource) => (resource.verbs as readonly string[]).includes('watch')).map((resource) => [`${resource.group}/${resource.version}/${resource.plural}`, describeKind(resource, RESOURCES, strategyFor, 'protobuf')]));
/** The list's name for namespaces is that of a test's object, cut in the wrong place. */
const pathOf = (fact: Fact): string => (fact.resource === 'namespaces' ? '/registry/namespaces/x' : fact.etcdPath!);

let kinds: ReturnType<typeof kindsOf>;
beforeAll(async () => {
  // Some kinds are stored in a version that is not served.
  await loadVersionsOffByDefault();
  kinds = kindsOf();
});

test.skipIf(!hasFacts)('every kind lies under the keys, and in the version, that upstream keeps it in', () => {
  const wanted = facts().filter((fact) => fact.onByDefault && fact.etcdPath);
  expect(wanted.length).toBeGreaterThanOrEqual(60);
  const here = wanted.map((fact) => {
    const kind = kinds.get(`${fact.group}/${fact.version}/${fact.resource}`);
    return `${fact.group}/${fact.version}/${fact.resource} ${kind?.prefix}${fact.namespaced ? '{namespace}/' : ''} ${kind?.storedForm.stored?.apiVersion ?? kind?.storedForm.apiVersion}`;
  });
  const there = wanted.map((fact) => `${fact.group}/${fact.version}/${fact.resource} ${pathOf(fact).slice(0, pathOf(fact).lastIndexOf('/') + 1)} ${fact.storage!.filter(Boolean).join('/')}`);
  expect(here).toEqual(there);
});

describe.skipIf(!hasEtcd('values in etcd'))('in a real etcd', () => {
  let etcd: EtcdCluster;
  let backend: Backend;
  beforeAll(async () => {
    etcd = await startEtcd();
    backend = await etcdBackend({ endpoints: etcd.endpoints, clock: nodeClock(), rename: { from: '/registry', to: '/registry' }, compactionIntervalMs: 0 });
  });
  afterAll(async () => {
    await backend?.close();
    await etcd?.close();
  });
  const raw = (key: string): Buffer => execFileSync('etcdctl', ['--endpoints', etcd.endpoints[0]!, 'get', '--print-value-only', key], { env: { ...process.env, ETCDCTL_API: '3' } }).subarray(0, -1);

  test.skipIf(!hasFacts)('values that upstream wrote are served as upstream serves them', async () => {
    const planted: { url: string; expected: Record<string, unknown>; key: string }[] = [];
    for (const { resource, stored, prefix } of kinds.values()) {
      if (resource !== stored) continue;
      const name = `testvectors/${resource.group === '' ? 'core' : resource.group}.${resource.version}.${resource.kind}`;
      if (!existsSync(new URL(`${name}.pb`, FACTS))) continue;
      const expected = JSON.parse(readFileSync(new URL(`${name}.json`, FACTS), 'utf8')) as Record<string, unknown> & { metadata: { name: string; namespace: string } };
      const { name: object, namespace } = expected.metadata;
      const key = `${prefix}${resource.namespaced ? `${namespace}/` : ''}${object}`;
      await backend.commit({ type: 'create', key, value: readFileSync(new URL(`${name}.pb`, FACTS)) });
      const base = resource.group === '' ? '/api/v1' : `/apis/${apiVersionOf(resource)}`;
      planted.push({ key, expected, url: `${base}/${resource.namespaced ? `namespaces/${namespace}/` : ''}${resource.plural}/${object}` });
    }
    expect(planted.length).toBeGreaterThan(50);
    const rig = await startRig({ backend, options: { storageEncoding: 'protobuf' } });
    try {
      for (const { url, expected, key } of planted) {
        const entry = await backend.get(key);
        const answer = await rig.send('GET', url);
        expect(answer.status, url).toBe(200);
        expect(answer.body, url).toEqual({ ...expected, metadata: { ...(expected['metadata'] as object), resourceVersion: String(entry!.modRevision) } });
      }
    } finally {
      await rig.stop();
    }
    for (const { key } of planted) await backend.commit({ type: 'delete', key, expected: (await backend.get(key))!.modRevision });
  }, 60_000);

  const written: [string, string, object, string][] = [
    ['a pod', '/api/v1/namespaces/default/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations: { a: 'é' } }, spec: { containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1500m' } } }] } }, '/registry/pods/default/p'],
    ['a service', '/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'NodePort', ports: [{ port: 80, targetPort: 'http' }] } }, '/registry/services/specs/default/s'],
    ['a node', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, '/registry/minions/n'],
    ['a deployment', '/apis/apps/v1/namespaces/default/deployments', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } }, '/registry/deployments/default/d'],
    ['a scaler, in another version', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd' }, targetCPUUtilizationPercentage: 50 } }, '/registry/horizontalpodautoscalers/default/h'],
    ['an address', '', {}, '/registry/ipaddresses/'],
  ];
  test('values that this server wrote are read, without it, in their golden form', async () => {
    const rig: Rig = await startRig({ backend, options: { storageEncoding: 'protobuf' } });
    try {
      for (const [what, url, object, key] of written) {
        if (url !== '') await rig.create(url, object);
        const at = url !== '' ? key : `${key}${(await rig.send('GET', '/api/v1/namespaces/default/services/s')).body.spec.clusterIP as string}`;
        const value = raw(at);
        expect(isProtobuf(value), what).toBe(true);
        const { apiVersion, kind } = readEnvelope(value);
        const schema = protobufSchema(apiVersion, kind)!;
        const decoded = decodeProtobuf<Record<string, unknown> & { apiVersion?: string; metadata: { resourceVersion?: string } }>(schema, value);
        expect(decoded.metadata.resourceVersion, what).toBeUndefined();
        // The bytes are those that the published schema makes of the object: nothing is lost, nothing is extra.
        expect(encodeProtobuf(schema, decoded).equals(value), what).toBe(true);
        if (url !== '' && apiVersion === (object as { apiVersion: string }).apiVersion) {
          const { metadata, ...served } = (await rig.send('GET', `${url}/${at.split('/').at(-1)!}`)).body as typeof decoded;
          delete metadata.resourceVersion;
          expect(decoded, what).toEqual({ ...served, metadata });
        }
      }
      expect(readEnvelope(raw('/registry/horizontalpodautoscalers/default/h'))).toMatchObject({ apiVersion: 'autoscaling/v2' });
      const ports = raw('/registry/ranges/servicenodeports');
      expect(readEnvelope(ports)).toMatchObject({ apiVersion: 'v1', kind: 'RangeAllocation' });
      expect(decodeProtobuf(protobufSchema('v1', 'RangeAllocation')!, ports)).toMatchObject({ range: '30000-32767', data: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/) });
    } finally {
      await rig.stop();
    }
  }, 30_000);
});
