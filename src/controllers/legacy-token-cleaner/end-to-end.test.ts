import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TokenReview } from '../../api/authentication/v1/types.ts';
import type { Secret } from '../../api/core/v1/types.ts';
import { ConfigMaps, Secrets, ServiceAccounts, TokenReviews } from '../../api/resources.ts';
import { secretTokenSigner } from '../../apiserver/authentication/service-account-tokens.ts';
import { realCluster } from '../real-cluster.fixture.ts';
import { invalidSinceLabel, lastUsedLabel } from './decide.ts';

const day = 86_400_000;
const tracking = 'kube-apiserver-legacy-service-account-token-tracking';
const signingKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

test('a token in a secret: its uses are recorded by the API server, and out of use it is marked, counts no longer, and goes', async () => {
  const cluster = await realCluster(
    ['serviceaccount-token-controller', 'legacy-serviceaccount-token-cleaner-controller'], { signSecretToken: secretTokenSigner(signingKey), legacyTokenUnusedMs: 3 * day },
    { authentication: { serviceAccount: { issuer: 'https://kubernetes.default.svc', signingKey } } },
  );
  const today = (): string => new Date(cluster.host.clock.now()).toISOString().slice(0, 10);
  const secret = (): Promise<Secret> => cluster.get(Secrets, 'bot-token', 'default');
  const review = (token: string): Promise<TokenReview> => cluster.create(TokenReviews, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token } } as TokenReview);

  // Since when uses are recorded; who removes that has it begin anew.
  expect((await cluster.get(ConfigMaps, tracking, 'kube-system')).data).toEqual({ since: today() });
  await cluster.run(cluster.client.of(ConfigMaps).inNamespace('kube-system').delete(tracking));
  await cluster.advance(1_000);
  expect((await cluster.get(ConfigMaps, tracking, 'kube-system')).data).toEqual({ since: today() });

  await cluster.create(ServiceAccounts, { metadata: { name: 'bot', namespace: 'default' }, secrets: [{ name: 'bot-token' }] });
  await cluster.create(Secrets, { metadata: { name: 'bot-token', namespace: 'default', annotations: { 'kubernetes.io/service-account.name': 'bot' } }, type: 'kubernetes.io/service-account-token' });
  await cluster.advance(1_000);
  const token = Buffer.from((await secret()).data!['token']!, 'base64').toString();
  await cluster.advance(2 * day);
  expect((await review(token)).status).toMatchObject({ authenticated: true, user: { username: 'system:serviceaccount:default:bot' } });
  await cluster.advance(1_000);
  expect((await secret()).metadata.labels).toEqual({ [lastUsedLabel]: today() });
  const { resourceVersion } = (await secret()).metadata;
  await review(token);
  await cluster.advance(1_000);
  expect((await secret()).metadata.resourceVersion).toBe(resourceVersion);

  await cluster.advance(2 * day);
  expect((await secret()).metadata.labels).not.toHaveProperty(invalidSinceLabel);
  await cluster.advance(2 * day);
  expect((await secret()).metadata.labels).toHaveProperty([invalidSinceLabel]);
  expect((await review(token)).status).toMatchObject({ error: expect.stringContaining('has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens') });
  await cluster.advance(5 * day);
  await expect(secret()).rejects.toThrow('secrets "bot-token" not found');
  expect(cluster.refused).toEqual([]);
  await cluster.stop();
}, 60_000);
