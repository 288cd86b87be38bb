import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { StatusError } from '../api/meta/status.ts';
import { ClusterRoleBindings, ClusterRoles, ConfigMaps, Endpoints, EndpointSlices, FlowSchemas, Namespaces, Nodes, Pods, PriorityClasses, RoleBindings, Roles, Secrets, ServiceAccounts, Services } from '../api/resources.ts';
import { createClient } from '../client/index.ts';
import type { ApiRequest, ApiResponse, Client, Transport } from '../client/types.ts';
import { nodeHost } from '../host/node/index.ts';
import { memoryBackend } from '../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer, type ApiServerOptions } from './server.ts';
import type { UserInfo } from './types.ts';

const host = nodeHost({ logLevel: 'silent' });
const signingKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const issuer = 'https://kubernetes.default.svc.cluster.local';
const servers: ApiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function startServer(more: Partial<ApiServerOptions> = {}): Promise<{ server: ApiServer; admin: Client }> {
  const server = await createApiServer({
    host, backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', advertiseAddress: '192.0.2.1', authentication: { serviceAccount: { issuer, signingKey }, clientCa: 'CA' }, ...more,
  });
  servers.push(server);
  await server.start();
  await server.ready();
  return { server, admin: createClient(server.transport(loopbackUser)) };
}

const as = (server: ApiServer, name: string, ...groups: string[]): Client => createClient(server.transport({ name, groups: [...groups, 'system:authenticated'] } satisfies UserInfo));
async function read(transport: Transport, path: string, more: Partial<ApiRequest> = {}): Promise<{ status: number; text: string; headers: ApiResponse['headers'] }> {
  const response = await transport.send({ method: 'GET', path, ...more });
  let text = '';
  for await (const piece of response.body) text += Buffer.from(piece).toString();
  return { status: response.status, text, headers: response.headers };
}
const message = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'fine', (error: StatusError) => `${error.code} ${error.message}`);
const newPod = (name: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'i' }], ...more } });

describe('a new cluster', () => {
  test('has its namespaces, roles, classes, flow control, service and endpoints', async () => {
    const { admin } = await startServer();
    const names = async (list: Promise<{ items: { metadata: { name?: string } }[] }>) => (await list).items.map((item) => item.metadata.name).toSorted();
    expect(await names(admin.of(Namespaces).list())).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    expect((await admin.of(ClusterRoles).list()).items).toHaveLength(31 + 39);
    expect((await admin.of(ClusterRoleBindings).list()).items).toHaveLength(12 + 39);
    expect((await admin.of(Roles).list()).items).toHaveLength(7);
    expect((await admin.of(RoleBindings).list()).items).toHaveLength(7);
    expect((await admin.of(FlowSchemas).list()).items).toHaveLength(11);
    expect(await names(admin.of(PriorityClasses).list())).toEqual(['system-cluster-critical', 'system-node-critical']);
    expect(await admin.of(Services).inNamespace('default').get('kubernetes')).toMatchObject({ spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] } });
    expect(await admin.of(Endpoints).inNamespace('default').get('kubernetes')).toMatchObject({ subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 6443 }] }] });
    expect(await admin.of(EndpointSlices).inNamespace('default').get('kubernetes')).toMatchObject({ addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.1'] }] });
    expect(await admin.of(ConfigMaps).inNamespace('kube-system').get('extension-apiserver-authentication')).toMatchObject({ data: { 'client-ca-file': 'CA' } });
  });

  test('starts again on what it has, and writes nothing anew', async () => {
    const backend = memoryBackend();
    await startServer({ backend });
    await servers.pop()!.stop();
    const before = await backend.revision();
    await startServer({ backend });
    expect(await backend.revision()).toBe(before);
  });

  test('a role that lost rules gets them back; one that opted out does not', async () => {
    const backend = memoryBackend();
    const { admin } = await startServer({ backend });
    const change = async (name: string, optOut: boolean) => {
      const role = await admin.of(ClusterRoles).get(name);
      await admin.of(ClusterRoles).update({ ...role, rules: [], metadata: { ...role.metadata, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': String(!optOut) } } });
    };
    await change('system:kube-dns', false);
    await change('system:basic-user', true);
    await servers.pop()!.stop();
    const again = await startServer({ backend });
    expect((await again.admin.of(ClusterRoles).get('system:kube-dns')).rules?.length).toBeGreaterThan(0);
    expect((await again.admin.of(ClusterRoles).get('system:basic-user')).rules ?? []).toEqual([]);
  });

  test('immortal namespaces', async () => {
    const { admin } = await startServer();
    expect(await message(admin.of(Namespaces).delete('default'))).toBe('403 namespaces "default" is forbidden: this namespace may not be deleted');
  });
});

describe('endpoints', () => {
  test('health, version, discovery, index, metrics', async () => {
    const { server } = await startServer();
    const transport = server.transport({ name: 'u', groups: ['system:authenticated', 'system:monitoring'] });
    expect(await read(transport, '/readyz')).toMatchObject({ status: 200, text: 'ok' });
    expect((await read(transport, '/readyz', { query: { verbose: '' } })).text).toContain('[+]poststarthook/rbac/bootstrap-roles ok');
    expect(JSON.parse((await read(transport, '/version')).text)).toMatchObject({ major: '1', minor: '36' });
    expect(JSON.parse((await read(transport, '/apis/apps/v1')).text)).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' });
    expect(JSON.parse((await read(transport, '/openapi/v3')).text).paths).toHaveProperty('apis/apps/v1');
    expect(JSON.parse((await read(server.transport(loopbackUser), '/')).text).paths).toContain('/apis/apps/v1');
    expect((await read(transport, '/metrics')).text).toContain('apiserver_request_total{code="200",component="apiserver"');
  });

  test('everybody may ask for health and version, and nothing else', async () => {
    const { server } = await startServer();
    const nobody = server.transport({ name: 'system:anonymous', groups: ['system:unauthenticated'] });
    expect((await read(nobody, '/readyz')).status).toBe(200);
    expect((await read(nobody, '/version')).status).toBe(200);
    expect(JSON.parse((await read(nobody, '/apis')).text)).toMatchObject({ code: 403, message: 'forbidden: User "system:anonymous" cannot get path "/apis"' });
    expect((await read(nobody, '/api/v1/namespaces')).status).toBe(403);
  });

  test.each([
    '/nope', '/apis/none', '/apis/none/v1', '/apis/none/v1/things', '/apis/none/v1/namespaces/a/things/b', '/openapi', '/openapi/v2/', '/metrics/', '/healthz/', '/livez/none', '/debug', '/logs', '/configz',
  ])('beside the API: %s', async (path) => {
    const { server } = await startServer();
    expect(await read(server.transport(loopbackUser), path)).toMatchObject({ status: 404, text: '404 page not found\n' });
  });

  test.each(['/api/v1/things', '/api/v2', '/api/v2/pods', '/apis/apps/v1/things', '/apis/apps/v9', '/apis/apps/v9/deployments', '/apis/apps/v1/deployments/a/b/c', '/version/x', '/api/v1/namespaces/a/nodes'])('in the API: %s', async (path) => {
    const { server } = await startServer();
    expect(JSON.parse((await read(server.transport(loopbackUser), path)).text)).toMatchObject({ kind: 'Status', code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
  });
});

describe('slashes too many', () => {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const [nameless, nowhere] = ['name must be provided', 'the server could not find the requested resource'];
  const rows: [method: string, target: string, code: number, message: string][] = [
    ['GET', `${definitions}/`, 400, nameless], ['PUT', `${definitions}/`, 400, nameless], ['PATCH', `${definitions}/`, 400, nameless], ['DELETE', `${definitions}/`, 400, nameless], ['GET', `${definitions}/?watch=1`, 400, nameless],
    ['POST', `${definitions}/`, 405, 'the server does not allow this method on the requested resource'], ['DELETE', '/api/v1/namespaces/default/pods/', 400, nameless],
    ...['GET', 'PUT', 'PATCH', 'POST', 'DELETE'].flatMap((method) => [`${definitions}//`, `${definitions}/x/`, `${definitions}/x//`, `${definitions}/x/status/`, `${definitions}/x//status`, `${definitions}//x`].map((path): (typeof rows)[number] => [method, path, 404, nowhere])),
    ...['GET', 'POST'].flatMap((method) => ['/apis/apiextensions.k8s.io/v1/', '/apis/apiextensions.k8s.io/', '/apis/apiextensions.k8s.io/v1//'].map((path): (typeof rows)[number] => [method, path, 404, nowhere])),
  ];
  test('are in no table', async () => {
    const { server } = await startServer();
    for (const [method, target, code, message] of rows) {
      const [path, query] = target.split('?') as [string, string?];
      const { text } = await read(server.transport(loopbackUser), path, { method: method as ApiRequest['method'], ...(query === undefined ? {} : { query: { watch: '1' } }) });
      expect(JSON.parse(text), `${method} ${target}`).toMatchObject({ code, message });
    }
    expect(await read(server.transport(loopbackUser), `/${definitions}`), 'before all').toMatchObject({ status: 404, text: '404 page not found\n' });
  });
});

describe('methods', () => {
  const refused: [method: string, path: string][] = [
    ['POST', '/version'], ['DELETE', '/api'], ['POST', '/api/v1'], ['PUT', '/apis/apps'], ['POST', '/apis/apps/v1'], ['POST', '/openid/v1/jwks'], ['POST', '/api/v1/watch/namespaces/default/pods'],
    ['DELETE', '/api/v1/watch/namespaces/default/pods/x'], ['GET', '/api/v1/namespaces/default/bindings'], ['GET', '/apis/authorization.k8s.io/v1/subjectaccessreviews'], ['POST', '/api/v1/componentstatuses'],
    ['GET', '/api/v1/namespaces/default/serviceaccounts/default/token'], ['POST', '/api/v1/configmaps'], ['PUT', '/api/v1/namespaces/default/configmaps'], ['PATCH', '/api/v1/nodes'],
  ];
  test('that a path does not have are refused in the same words everywhere', async () => {
    const { server } = await startServer();
    for (const [method, path] of refused) {
      const { status, text } = await read(server.transport(loopbackUser), path, { method: method as ApiRequest['method'] });
      expect([method, path, status, JSON.parse(text)]).toEqual([method, path, 405, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'the server does not allow this method on the requested resource', reason: 'MethodNotAllowed', details: {}, code: 405 }]);
    }
  });
});

describe('authorization', () => {
  test('a binding takes effect at once, and ends with its deletion', async () => {
    const { server, admin } = await startServer();
    const jane = as(server, 'jane');
    expect(await message(jane.of(Pods).inNamespace('default').list())).toBe('403 pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"');
    await admin.of(RoleBindings).create({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'jane', namespace: 'default' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }] });
    await expect.poll(() => message(jane.of(Pods).inNamespace('default').list())).toBe('fine');
    expect(await message(jane.of(Pods).inNamespace('kube-system').list())).toContain('403');
    expect(await message(jane.of(Secrets).inNamespace('default').list())).toContain('403');
    await admin.of(RoleBindings).inNamespace('default').delete('jane');
    await expect.poll(() => message(jane.of(Pods).inNamespace('default').list())).toContain('403');
  });

  test('nobody hands out more than they hold', async () => {
    const { server, admin } = await startServer();
    await admin.of(ClusterRoles).create({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'roles' }, rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['create', 'get'] }] });
    await admin.of(ClusterRoleBindings).create({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'roles' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'roles' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'joe' }] });
    const joe = as(server, 'joe');
    await expect.poll(() => message(joe.of(ClusterRoles).get('view'))).toBe('fine');
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'more' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] };
    expect(await message(joe.of(ClusterRoles).create(role))).toContain('is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}');
    expect(await message(joe.of(ClusterRoleBindings).create({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'me' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [] }))).toContain('not currently held');
    expect(await message(joe.of(ClusterRoles).create({ ...role, rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['get'] }] }))).toBe('fine');
  });

  test('aggregated roles follow what they are made of', async () => {
    const { admin } = await startServer();
    await admin.of(ClusterRoles).create({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'more', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } }, rules: [{ apiGroups: ['x.io'], resources: ['things'], verbs: ['get'] }] });
    await expect.poll(async () => (await admin.of(ClusterRoles).get('admin')).rules?.some((rule) => rule.apiGroups?.includes('x.io'))).toBe(true);
  });

  test('reviews', async () => {
    const { server, admin } = await startServer();
    const review = (client: Client, kind: string, spec: object): Promise<{ status: Record<string, unknown> }> => client.request({
      method: 'POST', path: `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind, spec }),
    });
    const resourceAttributes = { namespace: 'default', verb: 'list', resource: 'pods' };
    expect((await review(admin, 'SubjectAccessReview', { user: 'jane', resourceAttributes })).status).toEqual({ allowed: false });
    expect((await review(admin, 'SubjectAccessReview', { groups: ['system:masters'], resourceAttributes })).status).toMatchObject({ allowed: true });
    expect((await review(as(server, 'jane'), 'SelfSubjectAccessReview', { resourceAttributes })).status).toEqual({ allowed: false });
    expect((await review(as(server, 'jane'), 'SelfSubjectRulesReview', { namespace: 'default' })).status).toMatchObject({ incomplete: false, resourceRules: expect.arrayContaining([expect.objectContaining({ resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] })]) });
    expect(await message(review(admin, 'SubjectAccessReview', { resourceAttributes }))).toContain('at least one of user or group must be specified');
  });

  test('a kubelet sees what its pods need', async () => {
    const { server, admin } = await startServer();
    const kubelet = as(server, 'system:node:n1', 'system:nodes');
    const other = as(server, 'system:node:n2', 'system:nodes');
    await admin.of(ServiceAccounts).create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
    await admin.of(Secrets).create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: {} });
    expect(await message(kubelet.of(Secrets).inNamespace('default').get('s'))).toContain(`no relationship found between node 'n1' and this object`);
    const pod = await admin.of(Pods).create(newPod('p', { nodeName: 'n1', volumes: [{ name: 'v', secret: { secretName: 's' } }] }));
    await expect.poll(() => message(kubelet.of(Secrets).inNamespace('default').get('s'))).toBe('fine');
    expect(await message(other.of(Secrets).inNamespace('default').get('s'))).toContain('403');
    expect(await message(kubelet.of(Pods).inNamespace('default').get('p'))).toBe('fine');
    expect(await message(other.of(Pods).inNamespace('default').get('p'))).toContain('403');
    expect(await message(kubelet.of(Pods).list({ fieldSelector: 'spec.nodeName=n1' }))).toBe('fine');
    expect(await message(kubelet.of(Pods).list())).toContain('can only list/watch pods with spec.nodeName field selector');
    expect(await message(kubelet.of(Nodes).create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }))).toBe('fine');
    expect(await message(kubelet.of(Nodes).create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n3' } }))).toContain('node "n1" is not allowed to modify node "n3"');
    expect(await message(kubelet.of(Nodes).list({ fieldSelector: 'metadata.name=n1' }))).toBe('fine');
    const bound = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: pod.metadata.uid! };
    const ask = (client: Client) => client.of(ServiceAccounts).inNamespace('default').createSubresource<object, { status: { token: string } }>('default', 'token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { boundObjectRef: bound } });
    expect((await ask(kubelet)).status.token).toMatch(/^ey/);
    expect(await message(ask(other))).toContain('403');
  });
});

describe('tokens', () => {
  test('a token is made, reviewed, and dies with its account', async () => {
    const { admin, server } = await startServer();
    await admin.of(ServiceAccounts).create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'sa', namespace: 'default' } });
    const { status: { token } } = await admin.of(ServiceAccounts).inNamespace('default').createSubresource<object, { status: { token: string } }>('sa', 'token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: {} });
    const review = (): Promise<{ status: object }> => admin.request({ method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }) });
    expect((await review()).status).toMatchObject({ authenticated: true, user: { username: 'system:serviceaccount:default:sa' }, audiences: [issuer] });
    await admin.of(ServiceAccounts).inNamespace('default').delete('sa');
    await expect.poll(async () => (await review()).status).not.toHaveProperty('authenticated');
    const keys = JSON.parse((await read(server.transport({ name: 'x', groups: ['system:serviceaccounts'] }), '/openid/v1/jwks')).text) as { keys: unknown[] };
    expect(keys.keys).toHaveLength(1);
    expect(JSON.parse((await read(server.transport(loopbackUser), '/.well-known/openid-configuration')).text)).toMatchObject({ issuer, jwks_uri: 'https://192.0.2.1:6443/openid/v1/jwks' });
  });

  test('who am I', async () => {
    const { server } = await startServer();
    const me = await as(server, 'jane', 'dev').request<{ status: object }>({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', headers: { 'content-type': 'application/json' }, body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}' });
    expect(me.status).toEqual({ userInfo: { username: 'jane', groups: ['dev', 'system:authenticated'] } });
  });
});

describe('pods', () => {
  test('get their account, priority and tolerations', async () => {
    const { admin } = await startServer();
    await admin.of(ServiceAccounts).create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
    const pod = await admin.of(Pods).create(newPod('p', { priorityClassName: 'system-node-critical' }));
    expect(pod.spec).toMatchObject({ serviceAccountName: 'default', priority: 2_000_001_000, preemptionPolicy: 'PreemptLowerPriority', tolerations: [{ key: 'node.kubernetes.io/not-ready' }, { key: 'node.kubernetes.io/unreachable' }] });
    expect(pod.spec?.volumes?.[0]?.name).toMatch(/^kube-api-access-/);
    expect(await message(admin.of(Pods).create({ ...newPod('q'), metadata: { name: 'q', namespace: 'none' } }))).toContain('namespaces "none" not found');
  });
});

describe('stopping', () => {
  test('watches end in order, and nothing is answered afterwards', async () => {
    const { server, admin } = await startServer();
    const events: string[] = [];
    const watched = (async () => {
      for await (const event of admin.of(Namespaces).watch()) events.push(event.type);
    })();
    await expect.poll(() => events.length).toBe(4);
    await server.stop();
    await watched;
    expect(await message(admin.of(Namespaces).list())).toContain('503');
  });

  test('AlwaysAllow needs no roles', async () => {
    const { server, admin } = await startServer({ authorizationModes: 'AlwaysAllow' });
    expect((await admin.of(ClusterRoles).list()).items).toEqual([]);
    expect(await message(as(server, 'jane').of(Secrets).list())).toBe('fine');
  });
});

describe('paths that mean another scope than they are authorized for', () => {
  test.each([
    ['GET', '/api/v1/namespaces/mine/nodes'], ['GET', '/api/v1/namespaces/mine/nodes/n'], ['GET', '/api/v1/namespaces/mine/nodes/n/proxy/pods'], ['DELETE', '/api/v1/namespaces/mine/persistentvolumes'],
    ['GET', '/api/v1/namespaces/mine/namespaces'], ['DELETE', '/api/v1/namespaces/mine/namespaces/kube-system'], ['GET', '/apis/rbac.authorization.k8s.io/v1/namespaces/mine/clusterroles'],
    ['POST', '/apis/authorization.k8s.io/v1/namespaces/mine/subjectaccessreviews'], ['GET', '/api/v1/watch/namespaces/mine/nodes'],
  ] as const)('the admin of one namespace gets nothing of the cluster: %s %s', async (method, path) => {
    const { server, admin } = await startServer();
    await admin.of(Namespaces).create({ metadata: { name: 'mine' } });
    await admin.of(Nodes).create({ metadata: { name: 'n' }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.7' }] } });
    await admin.of(RoleBindings).inNamespace('mine').create({ metadata: { name: 'b' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }] });
    const jane = as(server, 'jane');
    await expect.poll(() => message(jane.of(Pods).inNamespace('mine').list())).toBe('fine');
    expect((await read(jane.transport, path, { method })).status).toBe(404);
    expect((await read(jane.transport, '/api/v1/namespaces/mine')).status).toBe(200);
  });
});

test('where everything is allowed, nobody comes in without credentials', async () => {
  const { server } = await startServer({ authorizationModes: 'AlwaysAllow' });
  const listener = await server.listen({ address: '127.0.0.1', port: 0 });
  const answer = await host.net.request({ method: 'GET', url: `http://127.0.0.1:${listener.port}/api/v1/secrets` });
  for await (const _ of answer.body);
  expect(answer.status).toBe(401);
});
