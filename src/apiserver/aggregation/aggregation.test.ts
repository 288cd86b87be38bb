import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { nodeHost } from '../../host/node/index.ts';
import type { AnyServerRequest } from '../../host/types.ts';
import { APIServices, Deployments, EndpointSlices, RESOURCES, Services } from '../../api/resources.ts';
import { createClient } from '../../client/index.ts';
import { memoryBackend } from '../../store/memory.ts';
import { createApiServer, loopbackUser } from '../server.ts';
import { availableCondition } from './registration.ts';
import { publish, register, send, startRig, type Rig } from './rig.fixture.ts';

const eventually = { timeout: 20_000, interval: 20 };
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const isApps = (resource: { group: string }): boolean => resource.group === 'apps';

const conditionOf = async (rig: Rig, name: string) => {
  const { status, reason, message } = availableCondition(await rig.admin.of(APIServices).get(name)) ?? {};
  return { status, reason, message };
};
const untilAvailable = (rig: Rig, name: string) => vi.waitFor(async () => expect(await conditionOf(rig, name)).toEqual({ status: 'True', reason: 'Passed', message: 'all checks passed' }), eventually);

describe('another kubets serves the group apps', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ resources: RESOURCES.filter((resource) => !isApps(resource)) });
    const extension = await createApiServer({
      host: nodeHost({ logLevel: 'silent' }), backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.97.0.0/16',
      authentication: { requestHeader: { clientCa: rig.pki.front.cert, allowedNames: ['front-proxy-client'] } },
    });
    await extension.start();
    await extension.ready();
    rig.closing.push(() => extension.stop());
    await rig.listen(extension.listen({ address: '127.0.0.1', port: 0, tls: rig.pki.serving }), 8443);
    await publish(rig.admin, 8443);
    await register(rig.admin, 'apps', 'v1', { caBundle: rig.pki.server.cert });
    await untilAvailable(rig, 'v1.apps');
  }, 60_000);
  afterAll(() => rig.close());

  const deployment = (name: string) => ({ metadata: { name, namespace: 'default' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } });

  test('writes and reads pass through, under the client\'s name', async () => {
    await rig.admin.of(Deployments).inNamespace('default').create(deployment('one') as never);
    expect((await rig.admin.of(Deployments).list()).items.map(({ metadata }) => metadata.name)).toEqual(['one']);
    // Who may do nothing here gets no further; who may here, but not there, hears the other server's refusal.
    const stranger = createClient(rig.server.transport({ name: 'stranger', groups: ['system:authenticated'] }));
    await expect(stranger.of(Deployments).list()).rejects.toThrow('User "stranger" cannot list resource "deployments"');
  });

  test('a watch passes through, event by event', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const { metadata } = await rig.admin.of(Deployments).inNamespace('default').list();
    const watching = (async () => {
      for await (const { type, object } of rig.admin.of(Deployments).inNamespace('default').watch({ resourceVersion: metadata.resourceVersion ?? '', signal: stop.signal })) {
        seen.push(`${type} ${object.metadata.name}`);
        if (type === 'DELETED') return;
      }
    })();
    await rig.admin.of(Deployments).inNamespace('default').create(deployment('two') as never);
    await rig.admin.of(Deployments).inNamespace('default').delete('two');
    await watching;
    expect(seen.at(0)).toBe('ADDED two');
    expect(seen.at(-1)).toBe('DELETED two');
    stop.abort();
  });

  test('discovery in every form has the group at its place', async () => {
    const { groups } = JSON.parse((await send(rig.transport, '/apis')).text) as { groups: { name: string; preferredVersion: object }[] };
    const names = groups.map(({ name }) => name);
    expect(names[0]).toBe('apiregistration.k8s.io');
    // Its priority, 2000, is below that of every built-in group.
    expect(names.at(-1)).toBe('apps');
    expect(JSON.parse((await send(rig.transport, '/apis/apps')).text)).toMatchObject({ kind: 'APIGroup', name: 'apps', preferredVersion: { groupVersion: 'apps/v1' } });
    expect((JSON.parse((await send(rig.transport, '/apis/apps/v1')).text) as { resources: { name: string }[] }).resources.map(({ name }) => name)).toContain('deployments/scale');
    await vi.waitFor(async () => {
      const { text, headers } = await send(rig.transport, '/apis', { headers: { accept: aggregated } });
      const { items } = JSON.parse(text) as { items: { metadata: { name: string }; versions: { version: string; freshness: string; resources: { resource: string }[] }[] }[] };
      const apps = items.find(({ metadata }) => metadata.name === 'apps')!;
      expect(apps.versions.map(({ version, freshness }) => [version, freshness])).toEqual([['v1', 'Current']]);
      expect(apps.versions[0]!.resources.map(({ resource }) => resource)).toContain('deployments');
      expect((await send(rig.transport, '/apis', { headers: { accept: aggregated, 'if-none-match': headers['etag']! } })).status).toBe(304);
    }, eventually);
    expect(JSON.parse((await send(rig.transport, '/')).text)).toMatchObject({ paths: expect.arrayContaining(['/apis/apps', '/apis/apps/v1']) });
  });

  test('OpenAPI has its documents', async () => {
    await vi.waitFor(async () => {
      const { paths } = JSON.parse((await send(rig.transport, '/openapi/v3')).text) as { paths: Record<string, { serverRelativeURL: string }> };
      const [path, hash] = paths['apis/apps/v1']!.serverRelativeURL.split('?hash=');
      const { status, text, headers } = await send(rig.transport, path!, { query: { hash } });
      expect(status).toBe(200);
      expect(Object.keys((JSON.parse(text) as { paths: object }).paths)).toContain('/apis/apps/v1/deployments');
      expect((await send(rig.transport, path!, { query: { hash }, headers: { 'if-none-match': headers['etag']! } })).status).toBe(304);
      const second = JSON.parse((await send(rig.transport, '/openapi/v2', { headers: { accept: 'application/json' } })).text) as { paths: object; definitions: object };
      expect(Object.keys(second.paths)).toEqual(expect.arrayContaining(['/apis/apps/v1/deployments', '/api/v1/pods']));
    }, eventually);
  });

  test('without its endpoints it is not available, its discovery is stale, and its clients get 503', async () => {
    await rig.admin.of(EndpointSlices).inNamespace('default').delete('extension-1');
    await vi.waitFor(async () => expect(await conditionOf(rig, 'v1.apps')).toEqual({ status: 'False', reason: 'EndpointsNotFound', message: 'cannot find endpointslices for service/extension in "default"' }), eventually);
    await vi.waitFor(async () => {
      const { status, text } = await send(rig.transport, '/apis/apps/v1/deployments');
      expect([status, text]).toEqual([503, 'service unavailable\n']);
      const { items } = JSON.parse((await send(rig.transport, '/apis', { headers: { accept: aggregated } })).text) as { items: { metadata: { name: string }; versions: { freshness: string; resources?: object[] }[] }[] };
      const apps = items.find(({ metadata }) => metadata.name === 'apps')!;
      expect(apps.versions[0]).toMatchObject({ freshness: 'Stale' });
      expect(apps.versions[0]!.resources!.length).toBeGreaterThan(0);
    }, eventually);
    await rig.admin.of(Services).inNamespace('default').delete('extension');
    await vi.waitFor(async () => expect(await conditionOf(rig, 'v1.apps')).toMatchObject({ status: 'False', reason: 'ServiceNotFound', message: 'service/extension in "default" is not present' }), eventually);
    await rig.admin.of(APIServices).delete('v1.apps');
    await vi.waitFor(async () => expect((await send(rig.transport, '/apis/apps/v1/deployments')).status).toBe(404), eventually);
  });
});

describe('a small server of another make', () => {
  let rig: Rig;
  const seen: { url: string | undefined; headers: AnyServerRequest['headers']; raw: readonly string[] }[] = [];
  beforeAll(async () => {
    rig = await startRig();
    const host = nodeHost({ logLevel: 'silent' });
    await rig.listen(host.net.listen({
      address: '127.0.0.1', port: 0, tls: { ...rig.pki.serving, clientCa: rig.pki.front.cert },
      onRequest(request, response) {
        seen.push({ url: request.url, headers: request.headers, raw: request.rawHeaders });
        if (request.url === '/apis/wardle.example.com/v1/away') {
          response.statusCode = 302;
          response.setHeader('location', 'https://elsewhere.example/');
          response.end();
          return;
        }
        response.setHeader('content-type', 'application/json');
        response.end(request.url === '/apis/wardle.example.com/v1' ? JSON.stringify({ kind: 'APIResourceList', groupVersion: 'wardle.example.com/v1', resources: [{ name: 'flunders/status', kind: 'Flunder', namespaced: true, verbs: ['get'] }, { name: 'flunders', singularName: 'flunder', kind: 'Flunder', namespaced: true, verbs: ['get', 'list'] }] }) : '{}');
      },
      onUpgrade(request, socket) {
        seen.push({ url: request.url, headers: request.headers, raw: request.rawHeaders });
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
        socket.pipe(socket);
      },
    }), 9443);
    await publish(rig.admin, 9443);
    await register(rig.admin, 'wardle.example.com', 'v1', { caBundle: rig.pki.server.cert });
    await untilAvailable(rig, 'v1.wardle.example.com');
    await vi.waitFor(async () => expect((await send(rig.transport, '/apis/wardle.example.com/v1/x')).status).toBe(200), eventually);
  }, 60_000);
  afterAll(() => rig.close());

  const lastOf = (url: string) => seen.findLast((request) => request.url === url)!;

  test('is told who asks, and nothing that the client claims about itself', async () => {
    const transport = rig.server.transport({ name: 'alice', uid: '7', groups: ['a, b', 'system:masters', 'system:authenticated'], extra: { 'example.com/scopes': ['x', 'y'] } });
    await send(transport, '/apis/wardle.example.com/v1/who', { query: { q: 'a b' }, headers: { 'x-remote-user': 'mallory', 'x-remote-group': 'evil', 'x-remote-uid': '0', 'x-remote-extra-evil': 'x', authorization: 'Bearer secret', 'x-mine': 'yes' } });
    const { headers, raw } = lastOf('/apis/wardle.example.com/v1/who?q=a+b');
    expect(headers).toMatchObject({ 'x-remote-user': 'alice', 'x-remote-uid': '7', 'x-mine': 'yes' });
    expect(raw.flatMap((name, i) => (i % 2 === 0 && name.toLowerCase() === 'x-remote-group' ? [raw[i + 1]] : []))).toEqual(['a, b', 'system:masters', 'system:authenticated']);
    expect(raw.flatMap((name, i) => (i % 2 === 0 && name.toLowerCase() === 'x-remote-extra-example.com%2fscopes' ? [raw[i + 1]] : []))).toEqual(['x', 'y']);
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('x-remote-extra-evil');
  });

  test('cannot lead clients elsewhere', async () => {
    const { status, text, headers } = await send(rig.transport, '/apis/wardle.example.com/v1/away');
    expect([status, text]).toEqual([502, 'the backend attempted to redirect this request, which is not permitted']);
    expect(headers).not.toHaveProperty('location');
  });

  test('its old discovery is told in the new form', async () => {
    await vi.waitFor(async () => {
      const { items } = JSON.parse((await send(rig.transport, '/apis', { headers: { accept: aggregated } })).text) as { items: { metadata: { name: string }; versions: object[] }[] };
      const kind = { group: 'wardle.example.com', version: 'v1', kind: 'Flunder' };
      expect(items.find(({ metadata }) => metadata.name === 'wardle.example.com')!.versions).toEqual([{
        version: 'v1', freshness: 'Current', resources: [{ resource: 'flunders', responseKind: kind, scope: 'Namespaced', singularResource: 'flunder', verbs: ['get', 'list'], subresources: [{ subresource: 'status', responseKind: kind, verbs: ['get'] }] }],
      }]);
    }, eventually);
  });

  test('protocols change through it', async () => {
    const nodes = nodeHost({ logLevel: 'silent' });
    const listener = await rig.server.listen({ address: '127.0.0.1', port: 0 });
    // Nobody is known here without a certificate; anonymous users have no right to this path.
    const refused = await nodes.net.upgrade({ method: 'GET', url: `http://127.0.0.1:${listener.port}/apis/wardle.example.com/v1/namespaces/d/flunders/x/exec`, headers: { upgrade: 'echo' } });
    expect(refused.status).toBe(403);
    await rig.admin.request({ method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles', body: JSON.stringify({ metadata: { name: 'all' }, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }) });
    await rig.admin.request({ method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', body: JSON.stringify({ metadata: { name: 'all' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'all' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:anonymous' }] }) });
    await vi.waitFor(async () => {
      const { status, socket } = await nodes.net.upgrade({ method: 'GET', url: `http://127.0.0.1:${listener.port}/apis/wardle.example.com/v1/namespaces/d/flunders/x/exec`, headers: { upgrade: 'echo' } });
      expect(status).toBe(101);
      const heard = new Promise((resolve) => socket!.once('data', (piece: Buffer) => resolve(piece.toString())));
      socket!.write('hello');
      expect(await heard).toBe('hello');
      socket!.destroy();
    }, eventually);
    expect(lastOf('/apis/wardle.example.com/v1/namespaces/d/flunders/x/exec').headers).toMatchObject({ upgrade: 'echo', 'x-remote-user': 'system:anonymous' });
    await listener.close();
  });

  test('is not believed with a certificate of another authority', async () => {
    await rig.admin.of(APIServices).patch('v1.wardle.example.com', { spec: { caBundle: Buffer.from(rig.pki.front.cert).toString('base64') } }, { type: 'merge' });
    await vi.waitFor(async () => {
      const { status, text } = await send(rig.transport, '/apis/wardle.example.com/v1/x');
      expect([status, text]).toEqual([503, 'error trying to reach service: tls: failed to verify certificate: x509: certificate signed by unknown authority\n']);
    }, eventually);
    await rig.admin.of(APIServices).patch('v1.wardle.example.com', { spec: { caBundle: null, insecureSkipTLSVerify: true } }, { type: 'merge' });
    await vi.waitFor(async () => expect((await send(rig.transport, '/apis/wardle.example.com/v1/x')).status).toBe(200), eventually);
  });

  test('that does not answer fails its check', async () => {
    rig.ports.clear();
    await rig.admin.of(APIServices).patch('v1.wardle.example.com', { metadata: { labels: { look: 'again' } } }, { type: 'merge' });
    await vi.waitFor(async () => expect(await conditionOf(rig, 'v1.wardle.example.com')).toMatchObject({ status: 'False', reason: 'FailedDiscoveryCheck', message: 'failing or missing response from https://10.99.0.1:9443/apis/wardle.example.com/v1: Get "https://10.99.0.1:9443/apis/wardle.example.com/v1": dial tcp 10.99.0.1:9443: connect: connection refused' }), eventually);
  });
});

test('every group and version has its APIService, and a second start writes none', async () => {
  const backend = memoryBackend();
  const rig = await startRig({ backend });
  const { items } = await rig.admin.of(APIServices).list();
  const served = new Set(RESOURCES.filter(({ group }) => group !== 'apiregistration.k8s.io').map(({ group, version }) => `${version}.${group}`));
  expect(items.map(({ metadata }) => metadata.name).toSorted()).toEqual([...served].toSorted());
  expect(items.find(({ metadata }) => metadata.name === 'v2.autoscaling')).toMatchObject({ metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } }, spec: { groupPriorityMinimum: 17500, versionPriority: 30 }, status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] } });
  // Made once, and then left to whoever changes it.
  await rig.admin.of(APIServices).delete('v1.batch');
  await rig.close();
  const again = await startRig({ backend });
  expect((await again.admin.of(APIServices).list()).items).toHaveLength(served.size);
  const before = await backend.revision();
  await again.close();
  const third = await createApiServer({ host: nodeHost({ logLevel: 'silent' }), backend, version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {} });
  await third.start();
  await third.ready();
  expect(await backend.revision()).toBe(before);
  expect((await send(third.transport(loopbackUser), '/readyz')).status).toBe(200);
  await third.stop();
});
