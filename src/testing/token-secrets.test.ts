/** Token secrets of service accounts, as users make them by hand: filled by the cluster's own key, good until they are gone. */
import { expect, test } from 'vitest';
import { Secrets, ServiceAccounts, startCluster } from './index.ts';
import { createClient, httpTransport } from '../client/index.ts';
import { nodeHost } from '../host/node/index.ts';

test('a token secret is filled, its token is the account\'s, and ends with the secret', async () => {
  const cluster = await startCluster({ nodes: 0, controllers: ['serviceaccount-controller', 'serviceaccount-token-controller'] });
  const { kubeconfig, close } = await cluster.serve();
  try {
    const secrets = cluster.client.of(Secrets).inNamespace('default');
    await cluster.until('the account is there', async () => cluster.client.of(ServiceAccounts).inNamespace('default').get('default').then(() => true, () => false), 30_000);
    await secrets.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'robot', annotations: { 'kubernetes.io/service-account.name': 'default' } }, type: 'kubernetes.io/service-account-token' });
    await cluster.until('it is filled', async () => (await secrets.get('robot')).data?.['token'] !== undefined, 30_000);
    const secret = await secrets.get('robot');
    const token = Buffer.from(secret.data!['token']!, 'base64').toString('utf8');
    expect(Object.keys(secret.data!).sort()).toEqual(['ca.crt', 'namespace', 'token']);
    const { server, 'certificate-authority-data': ca } = (kubeconfig as { clusters: { cluster: { server: string; 'certificate-authority-data': string } }[] }).clusters[0]!.cluster;
    const asRobot = createClient(httpTransport(nodeHost({ logLevel: 'silent' }).net, { server, tls: { ca: Buffer.from(ca, 'base64').toString('utf8') }, userAgent: 'test', token }));
    const who = (): Promise<string> => asRobot.request<{ status: { userInfo: { username: string } } }>({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', headers: { 'content-type': 'application/json' }, body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}' }).then(({ status }) => status.userInfo.username);
    expect(await who()).toBe('system:serviceaccount:default:default');
    await secrets.delete('robot');
    await expect(who()).rejects.toThrow('Unauthorized');
  } finally {
    await close();
    await cluster.stop();
  }
}, 60_000);
