/** The pure parts by tables: expansion, fields, environment, DNS, hosts, security, resources, credentials, admission, probes, patches. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node, Pod, Probe, Secret, Service } from '../api/core/v1/types.ts';
import { notFound } from '../api/meta/status.ts';
import type { Container as RuntimeContainer, Image } from '../cri/runtime.ts';
import { decideAdmission, type AdmissionSnapshot } from './admission.ts';
import { v1Files, v2Files, weightOfShares } from './cgroups.ts';
import { credentialsFor, repositoryOf } from './credentials.ts';
import { buildEnvironment, ContainerConfigError, serviceEnvironment } from './environment.ts';
import { availableMemory, rankForEviction } from './eviction.ts';
import { expand, missingNames } from './expansion.ts';
import { fieldValue, formatMap, resourceFieldValue } from './fields.ts';
import { removableImages, superfluousContainers } from './housekeeping.ts';
import { withDefaultTag } from './images.ts';
import { allocatableOf } from './node-status.ts';
import type { ObjectCache } from './objects.ts';
import { afterOutcome, initialState, nextRunMs } from './probes/decide.ts';
import { containerResources, oomScoreOf, podCgroupLimits, podCgroupPath, quotaOf, sharesOf } from './resources.ts';
import { dnsConfigOf, hostsFile, parseResolvConf } from './sandbox-config.ts';
import { checkNonRoot, containerSecurity, forbiddenSysctl, namespacesOf } from './security.ts';
import { statusPatch } from './status-manager.ts';
import { mirrorOf, staticPodOf } from './static-pods.ts';

function pod(spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return { metadata: { name: 'p', namespace: 'ns', uid: 'u', ...metadata }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], ...spec } };
}

describe('expansion', () => {
  const known = (name: string): string | undefined => ({ A: 'x', B: '$(A)' })[name];
  test.each([
    ['$(A)', 'x'], ['a$(A)b$(A)', 'axbx'], ['$(NONE)', '$(NONE)'], ['$$(A)', '$(A)'], ['$$$(A)', '$x'], ['$A', '$A'], ['$', '$'], ['$(A', '$(A'], ['$$', '$'], ['100%$', '100%$'], ['$(B)', '$(A)'], ['', ''], ['$()', '$()'],
  ])('%s becomes %s', (text, expected) => expect(expand(text, known)).toBe(expected));
  test('a text without dollars stays as it is (property)', () => {
    fc.assert(fc.property(fc.string().filter((text) => !text.includes('$')), (text) => expand(text, known) === text));
  });
  test('names what is missing', () => expect(missingNames('$(A)/$(NONE)', (name) => name === 'A')).toEqual(['NONE']));
});

describe('fields', () => {
  const facts = { pod: pod({ serviceAccountName: 'sa' }, { labels: { b: '2', a: '1' }, annotations: { k: 'say "hi"' } }), podIps: ['10.0.0.1', 'fd00::1'], nodeIp: '192.0.2.1', allocatable: { cpu: 4000, memory: 1024 } };
  test.each([
    ['metadata.name', 'p'], ['metadata.namespace', 'ns'], ['metadata.uid', 'u'], ['spec.nodeName', 'n'], ['spec.serviceAccountName', 'sa'], ['status.podIP', '10.0.0.1'], ['status.podIPs', '10.0.0.1,fd00::1'], ['status.hostIP', '192.0.2.1'],
    ['metadata.labels', 'a="1"\nb="2"'], ['metadata.labels[\'b\']', '2'], ['metadata.labels[\'none\']', ''], ['metadata.annotations[\'k\']', 'say "hi"'], ['spec.other', undefined],
  ])('%s is %s', (path, expected) => expect(fieldValue(path, facts)).toBe(expected));
  test('maps are quoted', () => expect(formatMap({ k: 'say "hi"' })).toBe('k="say \\"hi\\""'));
  const c = { name: 'c', resources: { limits: { cpu: '1500m', memory: '65Mi' }, requests: { memory: '1Mi' } } };
  test.each([
    ['limits.cpu', undefined, '2'], ['limits.cpu', '1m', '1500'], ['requests.cpu', '1', '2'], ['limits.memory', '1Mi', '65'], ['requests.memory', undefined, '1048576'], ['limits.ephemeral-storage', undefined, '0'], ['limits.gpu', undefined, undefined],
  ])('%s in units of %s is %s', (resource, divisor, expected) => expect(resourceFieldValue({ resource, ...(divisor ? { divisor } : {}) }, c, facts)).toBe(expected));
  test('a missing limit stands for what the node has', () => expect(resourceFieldValue({ resource: 'limits.memory' }, { name: 'c' }, facts)).toBe('1024'));
});

describe('environment', () => {
  const service = (name: string, namespace: string, clusterIP: string, ports: object[]): Service => ({ metadata: { name, namespace }, spec: { clusterIP, ports: ports as never } });
  const services = [service('kubernetes', 'default', '10.96.0.1', [{ name: 'https', port: 443 }]), service('my-db', 'ns', '10.96.0.2', [{ port: 5432, protocol: 'TCP' }]), service('none', 'ns', 'None', [{ port: 1 }]), service('far', 'other', '10.96.0.3', [{ port: 1 }])];
  test('services are told, headless and foreign ones are not', () => {
    expect(Object.fromEntries(serviceEnvironment(pod(), services))).toEqual({
      KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443', KUBERNETES_SERVICE_PORT_HTTPS: '443', KUBERNETES_PORT: 'tcp://10.96.0.1:443', KUBERNETES_PORT_443_TCP: 'tcp://10.96.0.1:443', KUBERNETES_PORT_443_TCP_PROTO: 'tcp',
      KUBERNETES_PORT_443_TCP_PORT: '443', KUBERNETES_PORT_443_TCP_ADDR: '10.96.0.1', MY_DB_SERVICE_HOST: '10.96.0.2', MY_DB_SERVICE_PORT: '5432', MY_DB_PORT: 'tcp://10.96.0.2:5432', MY_DB_PORT_5432_TCP: 'tcp://10.96.0.2:5432',
      MY_DB_PORT_5432_TCP_PROTO: 'tcp', MY_DB_PORT_5432_TCP_PORT: '5432', MY_DB_PORT_5432_TCP_ADDR: '10.96.0.2',
    });
    expect([...serviceEnvironment(pod({ enableServiceLinks: false }), services).keys()].every((name) => name.startsWith('KUBERNETES_'))).toBe(true);
  });

  const objects = {
    async get(resource: { plural: string }, _namespace: string, name: string) {
      if (name === 'there') return resource.plural === 'secrets' ? { data: { s: Buffer.from('hidden').toString('base64') } } : { data: { k: 'v', 'bad=name': 'x' } };
      throw notFound({ group: '', plural: resource.plural }, name);
    },
  } as unknown as ObjectCache;
  const build = async (container: object): Promise<Record<string, string>> => Object.fromEntries(await buildEnvironment({ facts: { pod: pod(), podIps: [], nodeIp: '', allocatable: {} }, container: { name: 'c', ...container }, services: [], objects }));

  test.each<[string, object, Record<string, string>]>([
    ['later ones see earlier ones', { env: [{ name: 'A', value: '1' }, { name: 'B', value: '$(A)2' }] }, { A: '1', B: '12' }],
    ['env goes over envFrom', { envFrom: [{ configMapRef: { name: 'there' }, prefix: 'P_' }], env: [{ name: 'P_k', value: 'own' }] }, { P_k: 'own' }],
    ['keys that are no names are left out', { envFrom: [{ configMapRef: { name: 'there' } }] }, { k: 'v' }],
    ['secrets are decoded', { envFrom: [{ secretRef: { name: 'there' } }], env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'there', key: 's' } } }] }, { s: 'hidden', X: 'hidden' }],
    ['optional ones may be missing', { envFrom: [{ configMapRef: { name: 'gone', optional: true } }], env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'gone', key: 's', optional: true } } }] }, {}],
  ])('%s', async (_name, container, expected) => expect(await build(container)).toEqual(expected));

  test.each<[string, object, string]>([
    ['a missing ConfigMap', { envFrom: [{ configMapRef: { name: 'gone' } }] }, 'configmaps "gone" not found'],
    ['a missing key', { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'there', key: 'z' } } }] }, 'couldn\'t find key z in ConfigMap ns/there'],
    ['a missing key of a Secret', { env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'there', key: 'z' } } }] }, 'couldn\'t find key z in Secret ns/there'],
    ['a field that is not offered', { env: [{ name: 'X', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] }, 'field "spec.x" is not supported'],
  ])('%s is told by name', async (_name, container, message) => {
    const error: unknown = await build(container).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ContainerConfigError);
    expect((error as Error).message).toContain(message);
  });
});

describe('names', () => {
  const dns = { resolvConf: 'nameserver 192.0.2.53 # own\nsearch example.com.\noptions timeout:2\n', clusterDns: ['10.96.0.10'], clusterDomain: 'cluster.local' };
  test.each<[string, Partial<Pod['spec']>, object]>([
    ['the cluster first', {}, { servers: ['10.96.0.10'], searches: ['ns.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.com'], options: ['ndots:5'] }],
    ['on the host network the node\'s', { hostNetwork: true }, { servers: ['192.0.2.53'], searches: ['example.com'], options: ['timeout:2'] }],
    ['on the host network the cluster\'s where asked for', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, { servers: ['10.96.0.10'] }],
    ['the node\'s by default policy', { dnsPolicy: 'Default' }, { servers: ['192.0.2.53'], searches: ['example.com'] }],
    ['nothing but its own', { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['x'], options: [{ name: 'ndots', value: '1' }, { name: 'edns0' }] } }, { servers: ['1.1.1.1'], searches: ['x'], options: ['ndots:1', 'edns0'] }],
    ['its own go over the policy\'s', { dnsConfig: { options: [{ name: 'ndots', value: '2' }] } }, { options: ['ndots:2'] }],
  ])('%s', (_name, spec, expected) => expect(dnsConfigOf(pod(spec), dns)).toMatchObject(expected));
  test('a resolver file without anything is empty', () => expect(parseResolvConf('')).toEqual({ servers: [], searches: [], options: [] }));
  test('the hosts file holds the pod and its aliases', () => {
    const text = hostsFile(pod({ hostname: 'h', subdomain: 's', hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] }), ['10.0.0.1'], 'cluster.local', '');
    expect(text).toContain('10.0.0.1\th.s.ns.svc.cluster.local\th\n');
    expect(text).toContain('1.2.3.4\ta\tb\n');
    expect(hostsFile(pod({ hostNetwork: true }), [], 'c', '127.0.0.1 node\n')).toContain('127.0.0.1 node\n');
  });
});

describe('security', () => {
  test.each<[string, Partial<Pod['spec']>, object]>([
    ['by default its own', {}, { network: 'pod', pid: 'container', ipc: 'pod' }],
    ['the node\'s', { hostNetwork: true, hostPID: true, hostIPC: true }, { network: 'node', pid: 'node', ipc: 'node' }],
    ['one process namespace for all', { shareProcessNamespace: true }, { pid: 'pod' }],
  ])('namespaces: %s', (_name, spec, expected) => expect(namespacesOf(pod(spec))).toMatchObject(expected));

  const security = (own: object | undefined, shared?: object, image: Partial<Image> = {}): object =>
    containerSecurity({ pod: pod({ securityContext: shared as never }), container: { name: 'c', ...(own ? { securityContext: own as never } : {}) }, kind: 'main', image: { username: '', ...image }, seccompRoot: '/sec' });
  test.each<[string, object | undefined, object | undefined, object]>([
    ['the container\'s goes over the pod\'s', { runAsUser: 1 }, { runAsUser: 2, runAsGroup: 3 }, { runAsUser: 1, runAsGroup: 3 }],
    ['groups come together', undefined, { fsGroup: 5, supplementalGroups: [6] }, { supplementalGroups: [6, 5] }],
    ['no escalation is no new privileges', { allowPrivilegeEscalation: false }, undefined, { noNewPrivs: true }],
    ['capabilities lose their prefix', { capabilities: { add: ['NET_ADMIN'], drop: ['CAP_CHOWN', 'ALL'] } }, undefined, { capabilities: { addCapabilities: ['NET_ADMIN'], dropCapabilities: ['CHOWN', 'ALL'] } }],
    ['a local profile is found under the root', { seccompProfile: { type: 'Localhost', localhostProfile: 'p.json' } }, undefined, { seccomp: { profileType: 'Localhost', localhostRef: '/sec/p.json' } }],
    ['proc is masked', {}, undefined, { maskedPaths: expect.arrayContaining(['/proc/kcore']), readonlyPaths: expect.arrayContaining(['/proc/sys']) }],
  ])('%s', (_name, own, shared, expected) => expect(security(own, shared)).toMatchObject(expected));
  test('a privileged container sees all of proc', () => expect(security({ privileged: true })).not.toHaveProperty('maskedPaths'));

  test.each<[string, object, Partial<Image> | undefined, string | undefined]>([
    ['a number that is not root', { runAsNonRoot: true, runAsUser: 5 }, undefined, undefined],
    ['root by number', { runAsNonRoot: true, runAsUser: 0 }, undefined, 'container\'s runAsUser breaks non-root policy (pod: "p_ns(u)", container: c)'],
    ['an image that runs as root', { runAsNonRoot: true }, { uid: 0 }, 'container has runAsNonRoot and image will run as root (pod: "p_ns(u)", container: c)'],
    ['an image with a user\'s name', { runAsNonRoot: true }, { username: 'app' }, 'container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root (pod: "p_ns(u)", container: c)'],
    ['an image with a user\'s number', { runAsNonRoot: true }, { uid: 7, username: '' }, undefined],
    ['nothing asked', {}, { uid: 0 }, undefined],
  ])('not root: %s', (_name, own, image, message) => {
    const check = (): void => checkNonRoot(pod(), { name: 'c', securityContext: own as never }, image && { username: '', ...image });
    if (message) expect(check).toThrow(message);
    else expect(check).not.toThrow();
  });

  test('unsafe sysctls need to be allowed', () => {
    const p = pod({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }, { name: 'kernel.msgmax', value: '1' }] } });
    expect(forbiddenSysctl(p, [])).toBe('kernel.msgmax');
    expect(forbiddenSysctl(p, ['kernel.msg*'])).toBeUndefined();
  });
});

describe('resources', () => {
  test.each([[0, 2], [1, 2], [100, 102], [1000, 1024], [1_000_000, 262_144]])('%i thousandths weigh %i', (milli, shares) => expect(sharesOf(milli)).toBe(shares));
  test.each([[0, 0], [1, 1000], [500, 50_000], [2000, 200_000]])('%i thousandths are %i µs a period', (milli, quota) => expect(quotaOf(milli)).toBe(quota));
  test.each([[2, 1], [1024, 39], [262_144, 10_000]])('%i shares are weight %i', (shares, weight) => expect(weightOfShares(shares)).toBe(weight));

  const sized = (requests: Record<string, string>, limits: Record<string, string>): Pod => pod({ containers: [{ name: 'c', resources: { requests, limits } }] });
  const guaranteed = sized({ cpu: '1', memory: '1Gi' }, { cpu: '1', memory: '1Gi' });
  const burstable = sized({ cpu: '250m', memory: '1Gi' }, { memory: '2Gi' });
  test.each<[string, Pod, number, string, object]>([
    ['guaranteed', guaranteed, -997, '/r/kubepods/podu', { cpuShares: 1024, cpuQuotaUs: 100_000, memoryBytes: 2 ** 30 }],
    ['burstable', burstable, 750, '/r/kubepods/burstable/podu', { cpuShares: 256, memoryBytes: 2 ** 31 }],
    ['best effort', pod(), 1000, '/r/kubepods/besteffort/podu', { cpuShares: 2 }],
    ['critical', pod({ priority: 2_000_001_000 }), -997, '/r/kubepods/besteffort/podu', { cpuShares: 2 }],
  ])('%s', (_name, p, score, path, limits) => {
    expect(oomScoreOf(p, p.spec!.containers[0]!, 2 ** 32)).toBe(score);
    expect(podCgroupPath('/r', p)).toBe(path);
    expect(podCgroupLimits(p)).toEqual(limits);
  });
  test('a container\'s request falls back on its limit', () => expect(containerResources(pod(), { name: 'c', resources: { limits: { cpu: '1' } } }, 1)).toMatchObject({ cpuShares: 1024, cpuQuota: 100_000, memoryLimitInBytes: 0 }));
  test('files of both versions', () => {
    const limits = { cpuShares: 1024, cpuQuotaUs: 50_000, memoryBytes: 100 };
    expect(v1Files('cpu', limits)).toEqual({ 'cpu.shares': '1024', 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '50000' });
    expect(v1Files('memory', limits)).toEqual({ 'memory.limit_in_bytes': '100' });
    expect(v2Files(limits)).toEqual({ 'cpu.weight': '39', 'cpu.max': '50000 100000', 'memory.max': '100' });
    expect(v2Files({ cpuShares: 2 })).toEqual({ 'cpu.weight': '1', 'cpu.max': 'max 100000', 'memory.max': 'max' });
  });
  test('what is reserved is not offered', () => {
    const kept = { systemReserved: { memory: '1Gi' }, kubeReserved: { memory: '512Mi', cpu: '20' } };
    expect(allocatableOf({ memory: '4Gi', cpu: '8', pods: '110' }, kept as never)).toEqual({ memory: '2560Mi', cpu: '0', pods: '110' });
  });
});

describe('images', () => {
  test.each([
    ['app', 'app:latest'], ['app:1', 'app:1'], ['r.io:5000/a/b', 'r.io:5000/a/b:latest'], ['r.io:5000/a/b:v', 'r.io:5000/a/b:v'], [`app@sha256:${'a'.repeat(64)}`, `app@sha256:${'a'.repeat(64)}`], ['localhost/x', 'localhost/x:latest'],
  ])('%s is %s', (image, expected) => expect(withDefaultTag(image)).toBe(expected));
  test.each(['App', 'a b', '', 'a//b', 'app:', ':1'])('"%s" is no name', (image) => expect(() => withDefaultTag(image)).toThrow(/invalid reference format/));

  const secret = (auths: object): Secret => ({ metadata: {}, data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') } });
  const auth = Buffer.from('me:pa:ss').toString('base64');
  test.each<[string, string, object, number]>([
    ['the hub under its old name', 'busybox', { 'https://index.docker.io/v1/': { auth } }, 1],
    ['another registry', 'r.io/a/b:1', { 'r.io': { auth } }, 1],
    ['… not this one', 'q.io/a/b:1', { 'r.io': { auth } }, 0],
    ['with its port', 'r.io:5000/a', { 'r.io:5000': { auth } }, 1],
    ['… not another port', 'r.io:5001/a', { 'r.io:5000': { auth } }, 0],
    ['part of its path', 'r.io/team/app', { 'r.io/team': { auth } }, 1],
    ['… not another part', 'r.io/other/app', { 'r.io/team': { auth } }, 0],
    ['a star for one part of the name', 'x.r.io/app', { '*.r.io': { auth } }, 1],
    ['… for one part only', 'x.y.r.io/app', { '*.r.io': { auth } }, 0],
    ['the more specific first', 'r.io/team/app', { 'r.io': { auth }, 'r.io/team': { identitytoken: 't' } }, 2],
  ])('credentials: %s', (_name, image, auths, count) => expect(credentialsFor(image, [secret(auths)])).toHaveLength(count));
  test('the password may hold colons', () => expect(credentialsFor('r.io/a', [secret({ 'r.io': { auth } })])).toEqual([{ username: 'me', password: 'pa:ss' }]));
  test('a secret that cannot be read helps nothing', () => expect(credentialsFor('a', [{ metadata: {}, data: { '.dockerconfigjson': 'bm8=' } }])).toEqual([]));
  test('repositories', () => expect(['busybox:1', 'a/b', 'r.io/a:1', 'localhost:5000/a'].map(repositoryOf)).toEqual(['docker.io/library/busybox', 'docker.io/a/b', 'r.io/a', 'localhost:5000/a']));
});

describe('admission', () => {
  const node: Node = { metadata: { name: 'n', labels: { zone: 'a' } } };
  const room: AdmissionSnapshot = { node, allocatable: { cpu: 1000, memory: 1000 }, maxPods: 2, others: [], allowedUnsafeSysctls: [] };
  const asks = (cpu: string): Pod => pod({ containers: [{ name: 'c', resources: { requests: { cpu } } }] });
  const port = pod({ containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] });
  const affinity = (value: string): Pod => pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] }] } } } });
  test.each<[string, Pod, Partial<AdmissionSnapshot>, string | undefined]>([
    ['what fits', asks('500m'), {}, undefined],
    ['too much', asks('600m'), { others: [asks('500m')] }, 'OutOfcpu'],
    ['too many', pod(), { others: [pod(), pod()] }, 'OutOfpods'],
    ['a taken port', port, { others: [port] }, 'NodePorts'],
    ['another node\'s selector', pod({ nodeSelector: { zone: 'b' } }), {}, 'NodeAffinity'],
    ['an affinity that holds', affinity('a'), {}, undefined],
    ['an affinity that does not', affinity('b'), {}, 'NodeAffinity'],
    ['another system', pod({ os: { name: 'windows' } }), {}, 'PodOSNotSupported'],
    ['a forbidden sysctl', pod({ securityContext: { sysctls: [{ name: 'kernel.x', value: '1' }] } }), {}, 'SysctlForbidden'],
    ['a resource that the node has not got', pod({ containers: [{ name: 'c', resources: { requests: { 'hugepages-2Mi': '2Mi' } } }] }), {}, 'OutOfhugepages-2Mi'],
    ['an extended resource that the node does not know', pod({ containers: [{ name: 'c', resources: { requests: { 'example.com/gpu': '1' } } }] }), {}, undefined],
    ['more of an extended resource than there is', pod({ containers: [{ name: 'c', resources: { requests: { 'example.com/gpu': '2' } } }] }), { allocatable: { ...room.allocatable, 'example.com/gpu': 1 } }, 'OutOfexample.com/gpu'],
  ])('%s', (_name, p, extra, reason) => expect(decideAdmission(p, { ...room, ...extra })?.reason).toBe(reason));
});

describe('probes', () => {
  test('thresholds count outcomes in a row', () => {
    const probe = { successThreshold: 2, failureThreshold: 3 };
    let state = initialState;
    const seen = (['failure', 'failure', 'success', 'failure', 'failure', 'failure', 'success', 'success'] as const).map((outcome) => (state = afterOutcome(state, outcome, probe)).result);
    expect(seen).toEqual([undefined, undefined, undefined, undefined, undefined, 'failure', 'failure', 'success']);
  });
  test.each<[string, Probe, number | undefined, number, number]>([
    ['at once', {}, undefined, 1_000, 1_000],
    ['after its initial delay', { initialDelaySeconds: 5 }, undefined, 1_000, 5_500],
    ['a period later', { periodSeconds: 2 }, 3_000, 3_100, 5_000],
    ['now, when it is late', { periodSeconds: 2 }, 3_000, 9_000, 9_000],
  ])('the next run is %s', (_name, probe, last, now, expected) => expect(nextRunMs(probe, 500, last, now)).toBe(expected));
});

describe('status patches', () => {
  test('nothing changed, nothing to write', () => expect(statusPatch({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] })).toBeUndefined());
  test('others\' fields and conditions stay', () => expect(statusPatch({ phase: 'Pending', nominatedNodeName: 'x', conditions: [{ type: 'other', status: 'True' }] }, { phase: 'Running', conditions: [] })).toEqual({ phase: 'Running' }));
  test('what a condition no longer says is taken away', () => expect(statusPatch({ conditions: [{ type: 'Ready', status: 'False', reason: 'R' }] }, { conditions: [{ type: 'Ready', status: 'True' }] })).toEqual({ conditions: [{ type: 'Ready', status: 'True', reason: null }] }));
  test('what went is said', () => expect(statusPatch({ reason: 'R', message: 'M', podIPs: [{ ip: '1' }] }, { podIPs: [{ ip: '2' }] })).toEqual({ reason: null, message: null, podIPs: [{ ip: '2' }, { $patch: 'delete', ip: '1' }] }));
});

describe('static pods', () => {
  const manifest = 'apiVersion: v1\nkind: Pod\nmetadata: {name: Web}\nspec:\n  containers:\n  - {name: c, image: i}\n';
  test('get the node\'s name, a uid of their content, and defaults', () => {
    const one = staticPodOf(manifest, 'web.yaml', 'N1', 0);
    expect(one).toMatchObject({ metadata: { name: 'Web-n1', namespace: 'default', annotations: { 'kubernetes.io/config.source': 'file' } }, spec: { nodeName: 'N1', restartPolicy: 'Always' } });
    expect(one.metadata.uid).toMatch(/^[0-9a-f]{32}$/);
    expect(staticPodOf(manifest, 'web.yaml', 'N1', 9).metadata.uid).toBe(one.metadata.uid);
    expect(staticPodOf(manifest.replace('image: i', 'image: j'), 'web.yaml', 'N1', 0).metadata.uid).not.toBe(one.metadata.uid);
    const mirror = mirrorOf(one, { metadata: { name: 'N1', uid: 'nu' } });
    expect(mirror.metadata.annotations?.['kubernetes.io/config.mirror']).toBe(one.metadata.uid);
    expect(mirror.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Node', uid: 'nu' });
    expect(mirror.metadata.uid).toBeUndefined();
  });
  test.each([
    ['another kind', 'apiVersion: v1\nkind: Service\nmetadata: {name: x}\n', /not a Pod|unknown field/],
    ['an unknown field', manifest.replace('image: i', 'imaje: i'), /imaje/],
    ['no containers', 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {}\n', /spec\.containers/],
  ])('%s is refused by name', (_name, text, message) => expect(() => staticPodOf(text, 'x.yaml', 'n', 0)).toThrow(message));
});

describe('cleaning up', () => {
  const dead = (id: string, name: string, createdAt: number, state: 'exited' | 'running' = 'exited'): RuntimeContainer => ({ id, createdAt, state, labels: { 'io.kubernetes.pod.uid': 'u', 'io.kubernetes.container.name': name } }) as unknown as RuntimeContainer;
  test('one dead container a name is kept', () => expect(superfluousContainers([dead('1', 'a', 1), dead('2', 'a', 2), dead('3', 'a', 3, 'running'), dead('4', 'b', 1)]).map((c) => c.id)).toEqual(['1']));
  test('unused images go, the longest unused first, fresh and pinned ones never', () => {
    const image = (id: string, pinned = false): Image => ({ id, repoTags: [`${id}:1`], repoDigests: [], size: 1, username: '', pinned });
    const used = { imageId: 'used', imageRef: '', image: { image: '' } } as RuntimeContainer;
    const seen = new Map([['old', 0], ['older', -1], ['fresh', 990_000], ['used', 0], ['pinned', 0]]);
    expect(removableImages([image('old'), image('older'), image('fresh'), image('used'), image('pinned', true)], [used], seen, 1_000_000).map((i) => i.id)).toEqual(['older', 'old']);
  });
  test('pods that take more than they asked for go first, then by priority; critical ones never', () => {
    const candidate = (name: string, request: string, usedBytes: number, priority = 0): { pod: Pod; usedBytes: number } => ({ pod: pod({ priority, containers: [{ name: 'c', resources: { requests: { memory: request } } }] }, { name }), usedBytes });
    expect(rankForEviction([candidate('modest', '100', 50), candidate('greedy', '100', 300), candidate('important', '100', 900, 10), candidate('critical', '0', 999, 2_000_000_001)], 'memory').map((c) => c.pod.metadata.name)).toEqual(['greedy', 'important', 'modest']);
  });
  test('available memory', () => expect(availableMemory('MemTotal: 9 kB\nMemAvailable:   123 kB\n')).toBe(123 * 1024));
});
