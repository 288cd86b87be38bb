/** The conformance requirements of sig-auth, with real containers where tokens are mounted. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, sharedSandbox } from '../cluster.ts';
import type { Sandbox } from '../sandbox.ts';

const image = 'kubets.local/busybox:1';
const namespace = 'sig-auth';
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

interface Token { status: { token: string } }
interface Review { status: { authenticated?: boolean; allowed?: boolean; error?: string; user?: { username: string; groups: string[] } } }
interface PodShape { spec: { volumes?: { projected?: { sources: object[] } }[]; containers: { volumeMounts?: { mountPath: string }[] }[] } }

describe.skipIf(inject('skipped'))('sig-auth', () => {
  let sandbox: Sandbox;
  let kubectl: Kubectl;
  const within = (...args: string[]): string[] => ['-n', namespace, ...args];
  /** POST of an object that is not stored, or of a subresource. */
  const post = async <T>(path: string, body: object, as: string[] = []): Promise<T> => JSON.parse(await kubectl.must([...as, 'create', '--raw', path, '-f', '-'], { input: JSON.stringify(body) })) as T;
  const tokenOf = async (account: string, audiences: string[] = []): Promise<string> =>
    (await post<Token>(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences, expirationSeconds: 600 } })).status.token;
  const runPod = async (name: string, spec: object): Promise<void> => {
    await kubectl.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { terminationGracePeriodSeconds: 0, restartPolicy: 'Never', ...spec } }, namespace);
  };
  const succeeded = (name: string): Promise<boolean> => eventually(`${name} succeeds`, async () => {
    const phase = await kubectl.must(within('get', 'pod', name, '-o', 'jsonpath={.status.phase}'));
    if (phase === 'Failed') throw new Error(await kubectl.must(within('logs', name, '--all-containers')));
    return phase === 'Succeeded';
  });
  /** Events of a watch until `wanted` types have been seen. */
  const watch = (path: string): { events: () => { type: string; object: { metadata: { name: string; labels?: Record<string, string> } } }[]; stop: () => void } => {
    let said = '';
    const child = sandbox.start(kubectl.program, ['get', '--raw', path], kubectl.env);
    child.stdout?.on('data', (chunk: Buffer) => void (said += chunk.toString()));
    return { events: () => said.split('\n').slice(0, -1).map((line) => JSON.parse(line) as never), stop: () => void child.kill('SIGKILL') };
  };

  beforeAll(async () => {
    sandbox = sharedSandbox(inject('sandbox'));
    kubectl = await Kubectl.shipped(sandbox);
    await kubectl.must(['create', 'namespace', namespace]);
  });
  afterAll(async () => {
    await kubectl?.must(['delete', 'namespace', namespace, '--timeout=90s']);
  });

  test('[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]', async () => {
    const group = '/apis/certificates.k8s.io';
    expect((JSON.parse(await kubectl.must(['get', '--raw', '/apis'])) as { groups: { name: string }[] }).groups.map(({ name }) => name)).toContain('certificates.k8s.io');
    expect((JSON.parse(await kubectl.must(['get', '--raw', group])) as { versions: { version: string }[] }).versions.map(({ version }) => version)).toContain('v1');
    const { resources } = JSON.parse(await kubectl.must(['get', '--raw', `${group}/v1`])) as { resources: { name: string; verbs: string[] }[] };
    const verbs = Object.fromEntries(resources.map(({ name, verbs: all }) => [name, all]));
    expect(verbs['certificatesigningrequests']).toEqual(expect.arrayContaining(['create', 'get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection']));
    for (const subresource of ['approval', 'status']) expect(verbs[`certificatesigningrequests/${subresource}`]).toEqual(expect.arrayContaining(['get', 'update', 'patch']));

    const directory = mkdtempSync(join(tmpdir(), 'kubets-e2e-csr-'));
    try {
      execFileSync('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=tester', '-keyout', join(directory, 'key'), '-out', join(directory, 'csr')], { stdio: 'ignore' });
      const request = readFileSync(join(directory, 'csr')).toString('base64');
      const csr = (name: string): object => ({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name, labels: { set: 'conformance' } }, spec: { request, signerName: 'example.com/conformance', usages: ['digital signature', 'key encipherment', 'client auth'], expirationSeconds: 3600 } });
      for (const name of ['csr-a', 'csr-b', 'csr-c']) await kubectl.must(['create', '-f', '-'], { input: JSON.stringify(csr(name)) });
      expect(await kubectl.must(['get', 'csr', '-l', 'set=conformance', '-o', 'name'])).toBe(['a', 'b', 'c'].map((x) => `certificatesigningrequest.certificates.k8s.io/csr-${x}\n`).join(''));
      await kubectl.must(['patch', 'csr', 'csr-a', '-p', '{"metadata":{"annotations":{"patched":"true"}}}']);
      expect(await kubectl.must(['get', 'csr', 'csr-a', '-o', 'jsonpath={.metadata.annotations.patched}'])).toBe('true');
      await kubectl.must(['certificate', 'approve', 'csr-a']);
      expect(await kubectl.must(['get', 'csr', 'csr-a', '-o', 'jsonpath={.status.conditions[*].type}'])).toBe('Approved');
      const condition = '{"status":{"conditions":[{"type":"StatusPatched","status":"True","reason":"E2E"}]}}';
      await kubectl.must(['patch', 'csr', 'csr-b', '--subresource=status', '--type=merge', '-p', condition]);
      expect(await kubectl.must(['get', 'csr', 'csr-b', '-o', 'jsonpath={.status.conditions[*].type}'])).toBe('StatusPatched');
      await kubectl.must(['delete', 'csr', 'csr-a']);
      expect((await kubectl.run(['get', 'csr', 'csr-a'])).stderr).toMatch(/NotFound/);
      await kubectl.must(['delete', 'csr', '-l', 'set=conformance']);
      expect(await kubectl.must(['get', 'csr', '-l', 'set=conformance', '-o', 'name'])).toBe('');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test('[sig-auth] ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer [Conformance]', async () => {
    const configuration = JSON.parse(await kubectl.must(['get', '--raw', '/.well-known/openid-configuration'])) as { issuer: string; jwks_uri: string; id_token_signing_alg_values_supported: string[] };
    const keys = JSON.parse(await kubectl.must(['get', '--raw', '/openid/v1/jwks'])) as { keys: { kid: string; kty: string; alg: string }[] };
    const token = await tokenOf('default');
    const [header, claims] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, string>);
    expect(claims!['iss']).toBe(configuration.issuer);
    expect(configuration.id_token_signing_alg_values_supported).toContain(header!['alg']);
    expect(keys.keys.map(({ kid }) => kid)).toContain(header!['kid']);
    expect(configuration.jwks_uri).toMatch(/\/openid\/v1\/jwks$/);
    // Every service account may read them: role system:service-account-issuer-discovery.
    for (const path of ['/.well-known/openid-configuration', '/openid/v1/jwks']) expect((await kubectl.run(['get', '--raw', path, '--as', `system:serviceaccount:${namespace}:default`, '--as-group', 'system:serviceaccounts'])).code).toBe(0);
  });

  test('[sig-auth] ServiceAccounts should allow opting out of API token automount [Conformance]', async () => {
    const flags: [string, boolean | undefined][] = [['defaultsa', undefined], ['mountsa', true], ['nomountsa', false]];
    for (const [account, automount] of flags) await kubectl.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account }, ...(automount === undefined ? {} : { automountServiceAccountToken: automount }) }, namespace);
    for (const [account, byAccount] of flags) for (const byPod of [undefined, true, false]) {
      const name = `pod-${account}-${String(byPod ?? 'default')}`;
      const spec = { serviceAccountName: account, containers: [{ name: 'c', image }], ...(byPod === undefined ? {} : { automountServiceAccountToken: byPod }) };
      const made = JSON.parse(await kubectl.must(within('create', '--dry-run=server', '-o', 'json', '-f', '-'), { input: JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }) })) as PodShape;
      const mounted = (made.spec.containers[0]!.volumeMounts ?? []).some((mount) => mount.mountPath === mountPath);
      expect([name, mounted]).toEqual([name, byPod ?? byAccount ?? true]);
    }
  });

  test('[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]', async () => {
    await kubectl.must(within('create', 'serviceaccount', 'reviewed'));
    const token = await tokenOf('reviewed');
    expect(token).not.toBe('');
    const review = await post<Review>('/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } });
    expect(review.status.error).toBeUndefined();
    expect(review.status.authenticated).toBe(true);
    expect(review.status.user!.username).toBe(`system:serviceaccount:${namespace}:reviewed`);
    expect(review.status.user!.groups).toEqual(expect.arrayContaining(['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']));
    const forged = await post<Review>('/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: `${token.slice(0, -4)}AAAA` } });
    expect(forged.status.authenticated ?? false).toBe(false);
  });

  test('[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]', async () => {
    const bundle = (): Promise<string> => eventually('the bundle is there', async () => {
      const result = await kubectl.run(within('get', 'configmap', 'kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}'));
      return result.stdout.startsWith('-----BEGIN CERTIFICATE-----') ? result.stdout : undefined;
    });
    const first = await bundle();
    await kubectl.must(within('delete', 'configmap', 'kube-root-ca.crt'));
    expect(await bundle()).toBe(first);
    await kubectl.must(within('patch', 'configmap', 'kube-root-ca.crt', '--type=merge', '-p', '{"data":{"ca.crt":"nonsense"}}'));
    expect(await bundle()).toBe(first);
  });

  test('[sig-auth] ServiceAccounts should mount an API token into pods [Conformance]', async () => {
    await kubectl.must(within('create', 'serviceaccount', 'mounted'));
    const reader = (name: string, file: string): object => ({ name, image, command: ['cat', `${mountPath}/${file}`] });
    await runPod('mounts', { serviceAccountName: 'mounted', containers: [reader('token', 'token'), reader('root-ca', 'ca.crt'), reader('namespace', 'namespace')] });
    await succeeded('mounts');
    const said = (container: string): Promise<string> => kubectl.must(within('logs', 'mounts', '-c', container));
    expect(await said('namespace')).toBe(namespace);
    expect((await said('root-ca')).trim()).toBe((await kubectl.must(within('get', 'configmap', 'kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}'))).trim());
    const review = await post<Review>('/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: await said('token') } });
    // The pod has ended: its token may be refused for that. What it names is what counts.
    const claims = JSON.parse(Buffer.from((await said('token')).split('.')[1]!, 'base64url').toString()) as { sub: string };
    expect(claims.sub).toBe(`system:serviceaccount:${namespace}:mounted`);
    if (review.status.authenticated === true) expect(review.status.user!.username).toBe(claims.sub);
  });

  test('[sig-auth] ServiceAccounts should mount projected service account token [Conformance]', async () => {
    await runPod('projected', {
      volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'projected-token', audience: 'vault.example', expirationSeconds: 3600 } }] } }],
      containers: [{ name: 'c', image, command: ['cat', '/tokens/projected-token'], volumeMounts: [{ name: 'token', mountPath: '/tokens' }] }],
    });
    await succeeded('projected');
    const claims = JSON.parse(Buffer.from((await kubectl.must(within('logs', 'projected'))).split('.')[1]!, 'base64url').toString()) as { aud: string[]; sub: string; exp: number; iat: number };
    expect(claims.aud).toEqual(['vault.example']);
    expect(claims.sub).toBe(`system:serviceaccount:${namespace}:default`);
    expect(claims.exp - claims.iat).toBe(3600);
  });

  test('[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]', async () => {
    const following = watch(`/api/v1/namespaces/${namespace}/serviceaccounts?watch=1&labelSelector=life%3Dstatic&timeoutSeconds=120`);
    try {
      await kubectl.must(within('create', '-f', '-'), { input: JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'lives', labels: { life: 'static' } } }) });
      await eventually('ADDED', async () => following.events().some((event) => event.type === 'ADDED' && event.object.metadata.labels!['life'] === 'static'));
      const patched = await kubectl.must(within('patch', 'serviceaccount', 'lives', '--type=merge', '-p', '{"automountServiceAccountToken":false}', '-o', 'jsonpath={.automountServiceAccountToken}'));
      expect(patched).toBe('false');
      expect(await kubectl.must(['get', 'serviceaccounts', '-A', '-l', 'life=static', '-o', 'jsonpath={.items[*].metadata.name} {.items[*].automountServiceAccountToken}'])).toBe('lives false');
      await kubectl.must(within('delete', 'serviceaccount', '-l', 'life=static'));
      await eventually('DELETED', async () => following.events().some((event) => event.type === 'DELETED' && event.object.metadata.name === 'lives'));
    } finally {
      following.stop();
    }
  });

  test('[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]', async () => {
    await kubectl.must(within('create', 'serviceaccount', 'updated'));
    const account = await kubectl.json<{ automountServiceAccountToken?: boolean }>(within('get', 'serviceaccount', 'updated'));
    expect(account.automountServiceAccountToken).toBeUndefined();
    await kubectl.must(within('replace', '-f', '-'), { input: JSON.stringify({ ...account, automountServiceAccountToken: true }) });
    expect(await kubectl.must(within('get', 'serviceaccount', 'updated', '-o', 'jsonpath={.automountServiceAccountToken}'))).toBe('true');
  });

  test('[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]', async () => {
    await kubectl.must(within('create', 'serviceaccount', 'subject'));
    const user = `system:serviceaccount:${namespace}:subject`;
    const allowed = async (verb: string): Promise<boolean[]> => {
      const attributes = { namespace, verb, resource: 'configmaps' };
      const spec = { user, groups: ['system:authenticated', 'system:serviceaccounts'], resourceAttributes: attributes };
      const cluster = await post<Review>('/apis/authorization.k8s.io/v1/subjectaccessreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec });
      const local = await post<Review>(`/apis/authorization.k8s.io/v1/namespaces/${namespace}/localsubjectaccessreviews`, { apiVersion: 'authorization.k8s.io/v1', kind: 'LocalSubjectAccessReview', metadata: { namespace }, spec });
      // What the impersonated client really may do.
      const real = verb === 'list' ? await kubectl.run(within('get', 'configmaps', '--as', user)) : await kubectl.run(within('create', 'configmap', `by-${verb}`, '--dry-run=server', '--as', user));
      return [cluster.status.allowed === true, local.status.allowed === true, real.code === 0];
    };
    expect(await allowed('list')).toEqual([false, false, false]);
    await kubectl.must(within('create', 'rolebinding', 'subject-views', '--clusterrole=view', `--serviceaccount=${namespace}:subject`));
    await eventually('the binding is known', async () => (await allowed('list')).every(Boolean));
    expect(await allowed('create')).toEqual([false, false, false]);
  });
});
