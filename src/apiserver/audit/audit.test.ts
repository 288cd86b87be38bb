import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { ConfigMaps, Secrets } from '../../api/resources.ts';
import { nodeHost } from '../../host/node/index.ts';
import { memoryBackend } from '../../store/memory.ts';
import { requestInfoOf } from '../chain/request-info.ts';
import { createApiServer } from '../server.ts';
import { lineOf, written, type AuditEvent } from './event.ts';
import { auditFile } from './file.ts';
import { evaluate, readPolicy } from './policy.ts';

const host = nodeHost({ logLevel: 'silent' });
const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kubets-audit-'));
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const policyText = (rules: string): string => `apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n${rules}`;
const policy = readPolicy(policyText(`
- {level: None, users: ["system:kube-proxy"], verbs: [watch], resources: [{group: "", resources: [endpoints, services]}]}
- {level: Metadata, resources: [{group: "", resources: [secrets, configmaps, "serviceaccounts/token"]}], omitStages: [ResponseStarted]}
- {level: None, userGroups: ["system:authenticated"], nonResourceURLs: ["/healthz*", /version]}
- {level: Request, namespaces: [kube-system], verbs: [get, list]}
- {level: RequestResponse, resources: [{group: apps, resources: ["*"], resourceNames: [chosen]}, {group: batch}, {group: policy, resources: ["*/status", "x/*"]}]}
- {level: Metadata, namespaces: [""]}
- {level: Request, resources: [{group: "*", resources: ["leases/*", "*/scale"]}]}
`));

describe('the policy', () => {
  test.each<[string, string, string, string, string]>([
    ['a watch of the proxy', 'system:kube-proxy', 'GET', '/api/v1/services?watch=1', 'None'],
    ['somebody else\'s', 'alice', 'GET', '/api/v1/services?watch=1', 'Metadata'],
    ['secrets', 'alice', 'GET', '/api/v1/namespaces/a/secrets/x', 'Metadata'],
    ['a token', 'alice', 'POST', '/api/v1/namespaces/a/serviceaccounts/x/token', 'Metadata'],
    ['another subresource', 'alice', 'POST', '/api/v1/namespaces/a/serviceaccounts/x/other', 'None'],
    ['a page by its beginning', 'alice', 'GET', '/healthz/ping', 'None'],
    ['a namespace and a verb', 'alice', 'GET', '/api/v1/namespaces/kube-system/pods', 'Request'],
    ['another verb there', 'alice', 'DELETE', '/api/v1/namespaces/kube-system/pods/x', 'None'],
    ['a name', 'alice', 'GET', '/apis/apps/v1/namespaces/a/deployments/chosen', 'RequestResponse'],
    ['another name', 'alice', 'GET', '/apis/apps/v1/namespaces/a/deployments/other', 'None'],
    ['a whole group', 'alice', 'GET', '/apis/batch/v1/namespaces/a/jobs/x/status', 'RequestResponse'],
    ['a subresource of anything', 'alice', 'GET', '/apis/policy/v1/namespaces/a/poddisruptionbudgets/x/status', 'RequestResponse'],
    ['things of the cluster', 'alice', 'GET', '/api/v1/nodes', 'Metadata'],
    ['a resource of any group, as one with its subresources', 'alice', 'GET', '/apis/coordination.k8s.io/v1/namespaces/a/leases/x', 'Request'],
    ['a subresource of any group', 'alice', 'GET', '/apis/apps/v1/namespaces/a/deployments/x/scale', 'Request'],
    ['what no rule names', 'alice', 'GET', '/api/v1/namespaces/a/pods', 'None'],
  ])('%s', (_, name, method, target, level) => {
    const url = new URL(target, 'http://t');
    const verdict = evaluate(policy, { name, groups: ['system:authenticated'] }, requestInfoOf(method, url.pathname, url.searchParams));
    expect(verdict.level).toBe(level);
    expect(verdict.omitStages.has('RequestReceived')).toBe(true);
  });

  test.each<[string, string, string]>([
    ['no rules', 'apiVersion: audit.k8s.io/v1\nkind: Policy\n', 'rules: Required value'],
    ['another kind', 'apiVersion: v1\nkind: Pod\n', 'must be a Policy of audit.k8s.io/v1'],
    ['a level that is none', policyText('- {level: All}'), 'rules[0].level: Unsupported value: "All"'],
    ['a stage that is none', policyText('- {level: None, omitStages: [Never]}'), 'rules[0].omitStages: Unsupported value: "Never"'],
    ['a field that is none', policyText('- {level: None, user: [a]}'), 'rules[0]: unknown field "user"'],
    ['both kinds of paths', policyText('- {level: None, namespaces: [a], nonResourceURLs: [/a]}'), 'rules[0].nonResourceURLs: Invalid value'],
    ['a star in the middle', policyText('- {level: None, nonResourceURLs: ["/a*b"]}'), 'non-resource URL rules must begin'],
    ['names of nothing', policyText('- {level: None, resources: [{group: "", resourceNames: [a]}]}'), 'using resourceNames requires at least one resource'],
  ])('is refused by name: %s', (_, text, message) => expect(() => readPolicy(text)).toThrow(message));
});

const event = (more: Partial<AuditEvent> = {}): AuditEvent => ({
  level: 'Metadata', auditID: 'a', stage: 'ResponseComplete', requestURI: '/', verb: 'get', user: { username: 'alice', groups: ['g', 'h'] }, sourceIPs: ['10.0.0.1'], userAgent: 'u/1',
  requestReceivedTimestamp: '2026-01-02T03:04:05.600000Z', stageTimestamp: '2026-01-02T03:04:05.700000Z', ...more,
});

test.each<[name: string, more: Partial<AuditEvent>, line: string]>([
  ['an answer', { responseStatus: { metadata: {}, code: 200 }, objectRef: { resource: 'pods', namespace: 'ns', apiVersion: 'v1' } }, '2026-01-02T03:04:05.6Z AUDIT: id="a" stage="ResponseComplete" ip="10.0.0.1" method="get" user="alice" groups="\\"g\\",\\"h\\"" as="<self>" asgroups="<lookup>" user-agent="u/1" namespace="ns" uri="/" response="200"'],
  ['nobody, for somebody else', { user: { username: '', groups: [] }, impersonatedUser: { username: 'bob', groups: ['x'] }, sourceIPs: [], requestReceivedTimestamp: '2026-01-02T03:04:05.000000Z' }, '2026-01-02T03:04:05Z AUDIT: id="a" stage="ResponseComplete" ip="<unknown>" method="get" user="<none>" groups="<none>" as="bob" asgroups="\\"x\\"" user-agent="u/1" namespace="<none>" uri="/" response="<deferred>"'],
])('the legacy form of %s', (_, more, line) => expect(lineOf(written(event(more)), 'legacy')).toBe(line));

test('a file that is full makes place, and the oldest go', async () => {
  const folder = newFolder();
  const log = auditFile(host, { path: join(folder, 'audit.log'), maxBytes: 500, maxBackups: 2 });
  for (let i = 0; i < 8; i++) {
    expect(await log.process([written(event({ auditID: `${i}`, requestURI: 'x'.repeat(60) }))])).toBe(true);
    await host.clock.sleep(2);
  }
  const files = readdirSync(folder).toSorted();
  expect(files).toHaveLength(3);
  expect(files.filter((file) => /^audit-.*\.log$/.test(file))).toHaveLength(2);
  expect(readFileSync(join(folder, 'audit.log'), 'utf8')).toMatch(/^\{.*"auditID":"7".*\}\n$/);
});

test('a server writes what the policy names, stage by stage', async () => {
  const path = join(newFolder(), 'audit.log');
  const server = await createApiServer({
    host, backend: memoryBackend({ clock: host.clock }), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {}, auditLogPath: path,
    auditPolicy: readPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\nomitManagedFields: true\nrules:\n- {level: None, users: ["system:apiserver"]}\n- {level: Metadata, resources: [{group: "", resources: [secrets]}]}\n- {level: RequestResponse, resources: [{group: "", resources: [configmaps]}]}\n`),
  });
  await server.start();
  await server.ready();
  const client = createClient(server.transport({ name: 'alice', groups: ['system:masters', 'system:authenticated'] }));
  await client.of(ConfigMaps).inNamespace('default').create({ metadata: { name: 'seen' }, data: { a: 'b' } });
  await client.of(Secrets).inNamespace('default').create({ metadata: { name: 'kept' }, stringData: { password: 'hunter2' } });
  await client.request({ method: 'GET', path: '/version' });
  const stop = new AbortController();
  await client.transport.send({ method: 'GET', path: '/api/v1/configmaps', query: { watch: true }, signal: stop.signal });
  stop.abort();
  await server.stop();
  const events = readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { level: string; stage: string; verb: string; user: { username: string }; objectRef: { resource: string; name?: string }; requestObject?: { data: object }; responseObject?: { metadata: object; data: object }; responseStatus?: { code: number } });
  expect(events.map(({ level, stage, verb, objectRef }) => `${level} ${stage} ${verb} ${objectRef.resource}`)).toEqual([
    'RequestResponse RequestReceived create configmaps', 'RequestResponse ResponseComplete create configmaps', 'Metadata RequestReceived create secrets', 'Metadata ResponseComplete create secrets',
    'RequestResponse RequestReceived watch configmaps', 'RequestResponse ResponseStarted watch configmaps', 'RequestResponse ResponseComplete watch configmaps',
  ]);
  expect(events.every(({ user }) => user.username === 'alice')).toBe(true);
  expect(events[1]).toMatchObject({ requestObject: { data: { a: 'b' } }, responseObject: { metadata: { name: 'seen' }, data: { a: 'b' } }, responseStatus: { code: 201 } });
  expect(events[1]!.responseObject!.metadata).not.toHaveProperty('managedFields');
  expect(readFileSync(path, 'utf8')).not.toContain('hunter2');
});
