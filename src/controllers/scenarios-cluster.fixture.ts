/** For tests only: what may happen to namespaces, owners, accounts, certificates and roles, and how their controllers' promises can be broken. */
import { statusOfEntries } from '../api/apiserverinternal/v1alpha1/entries.ts';
import type { StorageVersion } from '../api/apiserverinternal/v1alpha1/types.ts';
import type { ValidatingAdmissionPolicy } from '../api/admissionregistration/v1/types.ts';
import type { Job } from '../api/batch/v1/types.ts';
import type { CertificateSigningRequest } from '../api/certificates/v1/types.ts';
import type { ConfigMap, Pod, ResourceQuota, Secret } from '../api/core/v1/types.ts';
import type { Resource } from '../api/meta/resource.ts';
import { formatTime } from '../api/meta/time.ts';
import { CertificateSigningRequests, ClusterRoles, ConfigMaps, Deployments, Jobs, Leases, Namespaces, Pods, ReplicaSets, ResourceQuotas, Secrets, ServiceAccounts, Services, ValidatingAdmissionPolicies } from '../api/resources.ts';
import type { ClusterRole } from '../api/rbac/v1/types.ts';
import { storageVersionsResource } from './storage-version-garbage-collector/properties.ts';
import { migrationsResource } from './storage-version-migrator/properties.ts';
import type { History, Scenario } from './history.fixture.ts';

type Loose = Record<string, unknown>;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const space = (n: number): string => `s${n % 3}`;
const putSpace = (history: History, n: number): void => history.put(Namespaces, space(n), { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
const dropSpace = (history: History, n: number): Promise<void> => history.delete(Namespaces, space(n));
const now = (history: History): string => formatTime(history.host.clock.now());

const namespaces: Scenario = {
  acts: [
    putSpace, putSpace, dropSpace,
    (history, n) => {
      const namespace = history.world.get(Namespaces, undefined, space(n));
      if (namespace && !namespace.metadata.deletionTimestamp) history.put(n % 2 === 0 ? ConfigMaps : Pods, `o${n % 5}`, n % 7 === 0 ? { metadata: { finalizers: ['test/hold'] } } : {}, space(n));
    },
    (history, n) => history.change(ConfigMaps, `o${n % 5}`, (object) => { delete object.metadata.finalizers; }, space(n)),
    // The small API keeps what is being deleted when its last finalizer is taken away like this.
    (history) => { for (const object of [...history.list(ConfigMaps), ...history.list(Pods)]) if (object.metadata.deletionTimestamp && !object.metadata.finalizers) history.context.api.remove(object.kind === 'Pod' ? 'pods' : 'configmaps', `${object.metadata.namespace}/${object.metadata.name}`); },
  ],
  world: (history) => { for (const object of [...history.list(ConfigMaps), ...history.list(Pods)]) if (object.metadata.deletionTimestamp && !object.metadata.finalizers) history.context.api.remove(object.kind === 'Pod' ? 'pods' : 'configmaps', `${object.metadata.namespace}/${object.metadata.name}`); },
  settleMs: 600_000, settleSteps: 10,
  breaks: {
    'namespaces are let go empty': (stage) => stage.put(Namespaces, 's', { spec: { finalizers: ['kubernetes'] } }).put(ConfigMaps, 'a', {}, 's').put(Namespaces, 's', { spec: {} }),
    'deleted namespaces end': (stage) => stage.put(Namespaces, 's', { metadata: { deletionTimestamp: 'x' } }),
  },
};

const accounts: Scenario = {
  acts: [putSpace, putSpace, dropSpace, (history, n) => history.delete(ServiceAccounts, 'default', 'Background', space(n))], settleMs: 30_000,
  breaks: {
    'no account for what goes': (stage) => stage.put(Namespaces, 's', { metadata: { deletionTimestamp: 'x' } }).put(ServiceAccounts, 'default', {}, 's'),
    'namespaces have their account': (stage) => stage.put(Namespaces, 's'),
  },
};

const authority: Scenario = {
  acts: [
    putSpace, putSpace, dropSpace,
    (history, n) => history.delete(ConfigMaps, 'kube-root-ca.crt', 'Background', space(n)),
    (history, n) => history.change<ConfigMap>(ConfigMaps, 'kube-root-ca.crt', (object) => { object.data = n % 2 === 0 ? { 'ca.crt': 'FORGED' } : { ...object.data, more: 'x' }; }, space(n)),
  ],
  settleMs: 30_000,
  breaks: {
    'no authority for what goes': (stage) => stage.put(Namespaces, 's', { metadata: { deletionTimestamp: 'x' } }).put(ConfigMaps, 'kube-root-ca.crt', {}, 's'),
    'namespaces know the authority': (stage) => stage.put(Namespaces, 's'),
  },
};

const tokenSecret = (account: string, more: Loose = {}, data: Loose = {}): Loose => ({ metadata: { annotations: { 'kubernetes.io/service-account.name': account, ...more } }, type: 'kubernetes.io/service-account-token', data });
const tokens: Scenario = {
  settings: { signSecretToken: ({ secret }) => `token of ${secret}` },
  acts: [
    (history, n) => history.put(ServiceAccounts, `a${n % 3}`, {}),
    (history, n) => history.delete(ServiceAccounts, `a${n % 3}`),
    (history, n) => history.put(Secrets, `t${n % 4}`, tokenSecret(`a${n % 3}`)),
    (history, n) => history.change<Secret>(Secrets, `t${n % 4}`, (object) => { object.data = {}; }),
  ],
  settleMs: 60_000,
  breaks: {
    'tokens speak for who is there': (stage) => stage.put(Secrets, 't', tokenSecret('gone', {}, { token: 'x' })),
    'token secrets are filled, or gone': (stage) => stage.put(ServiceAccounts, 'a').put(Secrets, 't', tokenSecret('a')),
  },
};

const quota = (hard: Loose, status: Loose = {}): Loose => ({ spec: { hard }, status });
const quotas: Scenario = {
  arrange: (history) => history.put(ResourceQuotas, 'q', quota({ pods: '10', services: '3', 'count/configmaps': '5' })),
  acts: [
    (history, n) => history.put(Pods, `p${n % 5}`, { spec: { containers: [] } }),
    (history, n) => history.change<Pod>(Pods, `p${n % 5}`, (object) => { object.status = { phase: n % 2 === 0 ? 'Succeeded' : 'Failed' }; }),
    (history, n) => history.delete(Pods, `p${n % 5}`),
    (history, n) => history.put(ConfigMaps, `c${n % 5}`, {}),
    (history, n) => history.delete(ConfigMaps, `c${n % 5}`),
    (history, n) => history.put(Services, `v${n % 3}`, { spec: {} }),
    (history, n) => history.change<ResourceQuota>(ResourceQuotas, 'q', (object) => { object.spec = { hard: n % 2 === 0 ? { pods: `${n % 20}`, configmaps: '4' } : { 'count/pods': '9', 'count/configmaps': '2' } }; }),
    // As admission does, of what then was not stored.
    (history) => history.change<ResourceQuota>(ResourceQuotas, 'q', (object) => { if (object.status?.used?.['pods'] !== undefined) object.status.used['pods'] = String(Number(object.status.used['pods']) + 1); }),
  ],
  settleMs: 600_000,
  breaks: {
    'quotas count upwards from nothing': (stage) => stage.put(ResourceQuotas, 'q', quota({}, { hard: { pods: '1' }, used: { pods: '-1' } })),
    'quotas count truly': (stage) => stage.put(Pods, 'p').put(ResourceQuotas, 'q', quota({ pods: '3' }, { hard: { pods: '3' }, used: { pods: '2' } })),
  },
};

const owned = (name: string, uid: string | undefined, block = true): Loose => ({ metadata: { ownerReferences: [{ apiVersion: name.startsWith('r') ? 'apps/v1' : 'v1', kind: name.startsWith('r') ? 'ReplicaSet' : 'ConfigMap', name, uid: uid ?? 'gone', blockOwnerDeletion: block }] } });
const owners: Scenario = {
  acts: [
    (history, n) => history.put(ConfigMaps, `c${n % 4}`, {}),
    (history, n) => history.put(ConfigMaps, `c${n % 4}`, n % 3 === 0 ? {} : owned(`c${(n + 1) % 4}`, history.context.api.object('configmaps', `default/c${(n + 1) % 4}`)?.metadata.uid)),
    (history, n) => history.put(ReplicaSets, `r${n % 2}`, { spec: { replicas: 0 } }),
    (history, n) => history.put(Pods, `p${n % 4}`, owned(`r${n % 2}`, history.context.api.object('replicasets', `default/r${n % 2}`)?.metadata.uid, n % 3 !== 0)),
    (history, n) => history.delete(ConfigMaps, `c${n % 4}`, (['Foreground', 'Background', 'Orphan'] as const)[n % 3]!),
    (history, n) => history.delete(ReplicaSets, `r${n % 2}`, (['Foreground', 'Background', 'Orphan'] as const)[n % 3]!),
  ],
  settleMs: 180_000, runs: 16,
  breaks: {
    'foreground deletion: ReplicaSet goes last': (stage) => stage.put(ReplicaSets, 'r', { metadata: { deletionTimestamp: 'x', finalizers: ['foregroundDeletion'] } }).put(Pods, 'p', owned('r', 'r')).drop(ReplicaSets, 'r'),
    'foreground deletion: Deployment goes last': (stage) => stage.put(Deployments, 'd', { metadata: { deletionTimestamp: 'x', finalizers: ['foregroundDeletion'] } }).put(Pods, 'p', owned('d', 'd')).drop(Deployments, 'd'),
    'foreground deletion: ConfigMap goes last': (stage) => stage.put(ConfigMaps, 'c', { metadata: { deletionTimestamp: 'x', finalizers: ['foregroundDeletion'] } }).put(Pods, 'p', owned('c', 'c')).drop(ConfigMaps, 'c'),
    'nothing outlives its owners': (stage) => stage.put(Pods, 'p', owned('c', 'gone')),
  },
};

const finished = (history: History, seconds: number): Loose => ({ spec: { ttlSecondsAfterFinished: seconds }, status: { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: now(history) }] } });
const finishedJobs: Scenario = {
  acts: [
    (history, n) => history.put(Jobs, `j${n % 4}`, finished(history, n % 50)),
    (history, n) => history.put(Jobs, `j${n % 4}`, { spec: { ttlSecondsAfterFinished: n % 50 } }),
    (history, n) => history.change<Job>(Jobs, `j${n % 4}`, (object) => { object.spec!.ttlSecondsAfterFinished = n % 80; }),
  ],
  settleMs: 120_000,
  breaks: {
    'jobs have their time': (stage) => stage.put(Jobs, 'j', { spec: { ttlSecondsAfterFinished: 60 }, status: { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: formatTime(stage.nowMs) }] } }).drop(Jobs, 'j'),
    'jobs do not outlive their time': (stage) => stage.put(Jobs, 'j', { spec: { ttlSecondsAfterFinished: 60 }, status: { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: formatTime(stage.nowMs - 120_000) }] } }),
  },
};

const rule = (n: number): Loose => ({ verbs: ['get'], apiGroups: [''], resources: [`r${n % 5}`] });
const roles: Scenario = {
  arrange: (history) => history.put(ClusterRoles, 'view', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'view' } }] }, rules: [] }),
  acts: [
    (history, n) => history.put(ClusterRoles, `r${n % 4}`, { metadata: { labels: n % 3 === 0 ? {} : { to: 'view' } }, rules: [rule(n), rule(n + 1)] }),
    (history, n) => history.change<ClusterRole>(ClusterRoles, `r${n % 4}`, (object) => { object.rules = [rule(n)] as never; object.metadata.labels = n % 2 === 0 ? {} : { to: 'view' }; }),
    (history, n) => history.delete(ClusterRoles, `r${n % 4}`),
    (history, n) => history.change<ClusterRole>(ClusterRoles, 'view', (object) => { object.rules = (object.rules ?? []).slice(n % 2); }),
  ],
  settleMs: 30_000,
  breaks: {
    'aggregation makes no rights': (stage) => stage.put(ClusterRoles, 'view', { aggregationRule: {}, rules: [] }).put(ClusterRoles, 'view', { aggregationRule: {}, rules: [rule(1)] }),
    'aggregated roles are whole': (stage) => stage.put(ClusterRoles, 'r', { metadata: { labels: { to: 'view' } }, rules: [rule(1)] }).put(ClusterRoles, 'view', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'view' } }] } }),
  },
};

function bootstrapToken(history: { host: { clock: { now(): number } } }, n: number): Loose {
  const data = { 'token-id': `token${n % 4}`, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': n % 5 === 0 ? 'false' : 'true', expiration: formatTime(history.host.clock.now() + (n % 9) * 10_000) };
  return { type: 'bootstrap.kubernetes.io/token', data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, base64(value)])) };
}
const putToken = (history: History, n: number): void => history.put(Secrets, `bootstrap-token-token${n % 4}`, bootstrapToken(history, n), 'kube-system');
const dropToken = (history: History, n: number): Promise<void> => history.delete(Secrets, `bootstrap-token-token${n % 4}`, 'Background', 'kube-system');
const clusterInfo = (data: Loose = {}): Loose => ({ data: { kubeconfig: 'text', ...data } });

const signer: Scenario = {
  arrange: (history) => history.put(ConfigMaps, 'cluster-info', clusterInfo(), 'kube-public'),
  acts: [
    putToken, putToken, dropToken,
    (history, n) => history.change<ConfigMap>(ConfigMaps, 'cluster-info', (object) => { object.data = { kubeconfig: `text ${n % 3}` }; }, 'kube-public'),
  ],
  settleMs: 120_000,
  breaks: {
    'only tokens sign': (stage) => stage.put(ConfigMaps, 'cluster-info', clusterInfo({ 'jws-kubeconfig-forged': 'x' }), 'kube-public'),
    'cluster-info is signed': (stage) => stage.put(ConfigMaps, 'cluster-info', clusterInfo(), 'kube-public').put(Secrets, 'bootstrap-token-token0', bootstrapToken({ host: { clock: { now: () => stage.nowMs } } }, 8), 'kube-system'),
  },
};
const cleaner: Scenario = {
  acts: [putToken, putToken], settleMs: 120_000,
  breaks: {
    'good tokens stay': (stage) => stage.put(Secrets, 'bootstrap-token-token8', bootstrapToken({ host: { clock: { now: () => stage.nowMs } } }, 8), 'kube-system').drop(Secrets, 'bootstrap-token-token8', 'kube-system'),
    'tokens end': (stage) => stage.put(Secrets, 'bootstrap-token-token8', bootstrapToken({ host: { clock: { now: () => stage.nowMs - 600_000 } } }, 8), 'kube-system'),
  },
};

const dayMs = 86_400_000;
const legacySecret = (name: string, account: string, labels: Loose = {}): Loose => ({ metadata: { creationTimestamp: '2020-01-01T00:00:00Z', labels, annotations: { 'kubernetes.io/service-account.name': account, 'kubernetes.io/service-account.uid': account } }, type: 'kubernetes.io/service-account-token', data: { token: 'x', name } });
const mounting = (secret: string): Loose => ({ spec: { containers: [], volumes: [{ name: 'v', secret: { secretName: secret } }] } });
const legacy: Scenario = {
  settings: { legacyTokenUnusedMs: 30 * dayMs },
  arrange: (history) => {
    history.put(ConfigMaps, 'kube-apiserver-legacy-service-account-token-tracking', { data: { since: '2020-01-01' } }, 'kube-system');
    for (const n of [0, 1, 2]) history.put(ServiceAccounts, `a${n}`, { metadata: { uid: `a${n}` }, secrets: [{ name: `t${n}` }] });
  },
  acts: [
    (history, n) => history.put(Secrets, `t${n % 3}`, legacySecret(`t${n % 3}`, `a${n % 3}`, n % 2 === 0 ? { 'kubernetes.io/legacy-token-last-used': '2024-01-01' } : {})),
    (history, n) => history.put(Pods, `p${n % 3}`, mounting(`t${n % 3}`)),
    (history, n) => history.delete(Pods, `p${n % 3}`),
    (history, n) => history.advance((n % 40) * dayMs),
  ],
  settleMs: 3 * dayMs, settleSteps: 2, runs: 6,
  breaks: {
    'tokens in use stay good': (stage) => stage.put(Pods, 'p', mounting('t')).put(Secrets, 't', legacySecret('t', 'a', { 'kubernetes.io/legacy-token-invalid-since': '2030-01-01' })),
    'forgotten tokens are marked': (stage) => stage.put(Secrets, 't', legacySecret('t', 'a', { 'kubernetes.io/legacy-token-last-used': '2024-01-01' })),
  },
};

const policy = (expression: string): Loose => ({ spec: { matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['CREATE'] }] }, validations: [{ expression }] } });
const policies: Scenario = {
  // It is loaded with the first policy, and virtual time does not wait for that.
  arrange: async () => void (await import('./admission-policy-status/decide.ts')),
  acts: [
    (history, n) => history.put(ValidatingAdmissionPolicies, `p${n % 2}`, policy('object.spec.replicas < 5')),
    (history, n) => history.change<ValidatingAdmissionPolicy>(ValidatingAdmissionPolicies, `p${n % 2}`, (object) => { object.spec = policy(n % 2 === 0 ? 'object.spec.nonsense' : 'object.spec.replicas > 1')['spec'] as never; }),
  ],
  settleMs: 30_000, runs: 6,
  breaks: {
    'policies are judged as they are': (stage) => stage.put(ValidatingAdmissionPolicies, 'p', { metadata: { generation: 1 }, status: { observedGeneration: 2 } }),
    'policies are checked': (stage) => stage.put(ValidatingAdmissionPolicies, 'p', { metadata: { generation: 1 } }),
  },
};

/** A request of a kubelet, made once. */
let kubeletRequest: Promise<string> | undefined;
async function makeRequest(): Promise<string> {
  await import('reflect-metadata');
  const [x509, { webcrypto }] = await Promise.all([import('@peculiar/x509'), import('node:crypto')]);
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'O=system:nodes,CN=system:node:n1', keys: keys as never, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } }, webcrypto as never);
  return base64(request.toString('pem'));
}
const request = async (n: number): Promise<Loose> => ({
  spec: { request: await (kubeletRequest ??= makeRequest()), signerName: n % 4 === 0 ? 'kubernetes.io/legacy-unknown' : n % 4 === 1 ? 'example.com/mine' : 'kubernetes.io/kube-apiserver-client-kubelet', username: 'system:node:n1', usages: n % 4 < 2 && n % 7 === 0 ? ['code signing'] : ['client auth', 'digital signature'] },
});
const putRequest = async (history: History, n: number): Promise<void> => history.put(CertificateSigningRequests, `r${n % 6}`, await request(n));
const answer = (history: History, n: number): void => history.change<CertificateSigningRequest>(CertificateSigningRequests, `r${n % 6}`, (object) => { object.status = { ...object.status, conditions: [...(object.status?.conditions ?? []), { type: n % 3 === 0 ? 'Denied' : 'Approved', status: 'True', lastUpdateTime: now(history) }] }; });
/** Reviews of access say yes. */
function allowAll(history: History): void {
  const before = history.context.api.intercept!;
  history.context.api.intercept = (each) => {
    if (each.target.subresource === 'approval') {
      // The whole object comes; of it the conditions count.
      history.change<CertificateSigningRequest>(CertificateSigningRequests, each.target.name, (object) => { object.status = (each.json as CertificateSigningRequest).status; });
    } else if (each.target.plural !== 'subjectaccessreviews') return before(each);
    const body = Buffer.from(JSON.stringify(each.target.plural === 'subjectaccessreviews' ? { ...(each.json as object), status: { allowed: true } } : each.json));
    return { status: 201, headers: { 'content-type': 'application/json' }, body: (async function* bytes() { yield body; })() };
  };
}

const approving: Scenario = {
  arrange: async (history) => {
    allowAll(history);
    // Loaded with the first request, and virtual time does not wait for that.
    await import('../pki/requests.ts');
  },
  acts: [putRequest, putRequest, answer], settleMs: 60_000, runs: 6,
  breaks: {
    'only kubelets are approved unseen': (stage) => stage.put(CertificateSigningRequests, 'r', { spec: { signerName: 'kubernetes.io/kube-apiserver-client' } }).put(CertificateSigningRequests, 'r', { spec: { signerName: 'kubernetes.io/kube-apiserver-client' }, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'AutoApproved' }] } }),
    'kubelets are not kept waiting': (stage) => stage.put(CertificateSigningRequests, 'r', { spec: { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', username: 'system:node:n1' } }),
  },
};
const isUnsigned = ({ status, spec }: CertificateSigningRequest): boolean => spec.signerName.startsWith('kubernetes.io/') && !status?.certificate && status?.conditions?.some(({ type }) => type === 'Approved') === true && !status?.conditions?.some(({ type }) => type === 'Denied' || type === 'Failed');
const signing: Scenario = {
  settings: async () => {
    const { createAuthority } = await import('../pki/certificates.ts');
    return { signing: await createAuthority({ commonName: 'test', nowMs: Date.UTC(2030, 0, 1), days: 10 }) };
  },
  acts: [putRequest, putRequest, answer, answer], settleMs: 60_000, runs: 4,
  // Certificates are made by the operating system's threads, which virtual time does not wait for.
  world: async (history) => {
    for (let i = 0; i < 400 && history.list(CertificateSigningRequests).some(isUnsigned); i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await history.advance(1);
    }
  },
  breaks: {
    'only what is approved is signed': (stage) => stage.put(CertificateSigningRequests, 'r', { spec: { signerName: 'x' } }).put(CertificateSigningRequests, 'r', { spec: { signerName: 'x' }, status: { certificate: 'x' } }),
    'what is approved is signed': (stage) => stage.put(CertificateSigningRequests, 'r', { spec: { signerName: 'kubernetes.io/legacy-unknown' }, status: { conditions: [{ type: 'Approved', status: 'True' }] } }),
  },
};
const cleaning: Scenario = {
  arrange: async () => void (await import('../pki/requests.ts')),
  acts: [putRequest, putRequest, answer, (history, n) => history.advance((n % 30) * 3_600_000)], settleMs: 60 * 3_600_000, settleSteps: 2, runs: 6,
  breaks: {
    'fresh requests stay': (stage) => stage.put(CertificateSigningRequests, 'r', { spec: {} }).drop(CertificateSigningRequests, 'r'),
    'old requests go': (stage) => stage.put(CertificateSigningRequests, 'r', { metadata: { creationTimestamp: '2020-01-01T00:00:00Z' }, spec: {} }),
  },
};

/** What the small API does not tell of itself: that a kind is served that is off by default. */
async function serve(history: History, { group, version, plural }: Resource): Promise<void> {
  const before = history.context.api.intercept!;
  history.context.api.intercept = (each) => {
    if (each.path !== `/apis/${group}/${version}`) return before(each);
    const body = Buffer.from(JSON.stringify({ resources: [{ name: plural }] }));
    return { status: 200, headers: { 'content-type': 'application/json' }, body: (async function* bytes() { yield body; })() };
  };
  // Loaded when it is served, and virtual time does not wait for that.
  await (await import('../api/off-by-default.ts')).loadResourcesOffByDefault();
}
const migrators: Scenario = {
  arrange: (history) => serve(history, migrationsResource as Resource),
  acts: [
    (history, n) => history.put(ConfigMaps, `c${n % 8}`, { data: { n: String(n) } }),
    (history, n) => history.change<ConfigMap>(ConfigMaps, `c${n % 8}`, (object) => { object.data = { n: String(n) }; }),
    (history, n) => history.put(migrationsResource, `m${n % 3}`, { spec: { resource: { group: '', resource: n % 4 === 0 ? 'unknowns' : 'configmaps' } } }),
    (history, n) => history.delete(migrationsResource, `m${n % 3}`),
  ],
  settleMs: 180_000, runs: 6,
  breaks: {
    'ended migrations stay ended': (stage) => stage.put(migrationsResource, 'm', { status: { conditions: [{ type: 'Failed', status: 'True' }] } }).put(migrationsResource, 'm', { status: { conditions: [{ type: 'Succeeded', status: 'True' }] } }),
    'migrations end': (stage) => stage.put(migrationsResource, 'm'),
  },
};

const serverName = (n: number): string => `apiserver-${n % 4}`;
const identityLease = { metadata: { labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver' } } };
/** Entries of the servers of a set, some of which write another version. */
const entriesOf = (servers: readonly string[], old: string | undefined): Loose => ({
  status: statusOfEntries({ metadata: {} }, servers.map((apiServerID) => ({ apiServerID, encodingVersion: apiServerID === old ? 'apps/v1beta1' : 'apps/v1', decodableVersions: ['apps/v1', 'apps/v1beta1'] })), 0),
});
const versions: Scenario = {
  arrange: (history) => serve(history, storageVersionsResource as Resource),
  acts: [
    (history, n) => history.put(Leases, serverName(n), identityLease, 'kube-system'),
    (history, n) => history.put(Leases, serverName(n), n % 8 < 4 ? identityLease : {}, 'kube-system'),
    (history, n) => history.delete(Leases, serverName(n), 'Background', 'kube-system'),
    (history, n) => history.put(storageVersionsResource, `apps.r${n % 5}`, entriesOf([0, 1, 2, 3].filter((bit) => (n >> bit) & 1).map(serverName), serverName(n >> 4))),
    // A server comes, or writes another version.
    (history, n) => history.change<StorageVersion>(storageVersionsResource, `apps.r${n % 5}`, (object) => {
      const others = (object.status?.storageVersions ?? []).filter(({ apiServerID }) => apiServerID !== serverName(n));
      object.status = statusOfEntries(object, [...others, { apiServerID: serverName(n), encodingVersion: `apps/v${(n % 3) + 1}`, decodableVersions: [`apps/v${(n % 3) + 1}`] }], 0);
    }),
  ],
  settleMs: 60_000, runs: 8,
  breaks: {
    'entries of servers that are there stay': (stage) => stage.put(Leases, 'apiserver-0', identityLease, 'kube-system').put(storageVersionsResource, 'apps.r', entriesOf(['apiserver-0'], undefined)).drop(storageVersionsResource, 'apps.r'),
    'the common version is common': (stage) => stage.put(storageVersionsResource, 'apps.r', { status: { commonEncodingVersion: 'apps/v1' } }),
    'entries of servers that are gone go': (stage) => stage.put(storageVersionsResource, 'apps.r', entriesOf(['apiserver-0'], undefined)),
  },
};

export const clusterScenarios: Readonly<Record<string, Scenario>> = {
  'namespace-controller': namespaces,
  'serviceaccount-controller': accounts,
  'root-ca-certificate-publisher-controller': authority,
  'serviceaccount-token-controller': tokens,
  'resourcequota-controller': quotas,
  'garbage-collector-controller': owners,
  'ttl-after-finished-controller': finishedJobs,
  'clusterrole-aggregation-controller': roles,
  'bootstrap-signer-controller': signer,
  'token-cleaner-controller': cleaner,
  'legacy-serviceaccount-token-cleaner-controller': legacy,
  'validatingadmissionpolicy-status-controller': policies,
  'storage-version-migrator-controller': migrators,
  'storageversion-garbage-collector-controller': versions,
  'certificatesigningrequest-approving-controller': approving,
  'certificatesigningrequest-signing-controller': signing,
  'certificatesigningrequest-cleaner-controller': cleaning,
};
