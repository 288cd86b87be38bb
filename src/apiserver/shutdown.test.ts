/** A server that stops drops no request: clients that never pause, over HTTP/1.1 and HTTP/2, see answers until they are told to go elsewhere. */
import * as http2 from 'node:http2';
import * as https from 'node:https';
import { beforeAll, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../pki/certificates.ts';
import { memoryBackend } from '../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer } from './server.ts';
import { http1Client, http2Client, overHttp1, overHttp2 } from './tireless-clients.fixture.ts';

const host = nodeHost({ logLevel: 'silent' });
let authority: KeyPair;
let serving: KeyPair;
let admin: KeyPair;
beforeAll(async () => {
  const common = { nowMs: host.clock.now(), days: 1 };
  authority = await createAuthority({ commonName: 'ca', ...common });
  serving = await issueCertificate(authority, { commonName: 'server', usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], ...common });
  admin = await issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'], ...common });
});

const path = '/api/v1/namespaces/default/configmaps';
const body = (name: string): string => JSON.stringify({ metadata: { name }, data: { a: 'b' } });

async function start(): Promise<{ server: ApiServer; port: number }> {
  const server = await createApiServer({ host, backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: { clientCa: authority.cert }, shutdownDelayMs: 300 });
  await server.start();
  await server.ready();
  const { port } = await server.listen({ address: '127.0.0.1', port: 0, tls: serving });
  return { server, port };
}

test('no request fails; readiness does, first; watches end in order; who is slow is waited for', async () => {
  const { server, port } = await start();
  const asked = { port, ca: authority.cert, admin, path, body };
  const clients = [...Array.from({ length: 4 }, (_, i) => http1Client(asked, `one-${i}`)), ...Array.from({ length: 4 }, (_, i) => http2Client(asked, `two-${i}`))];
  await expect.poll(() => clients.every(({ log }) => log.answered > 20), { timeout: 20_000 }).toBe(true);

  const side = http2.connect(`https://127.0.0.1:${port}`, { ca: authority.cert, ...admin });
  side.on('error', () => undefined);
  const watch = overHttp2(side, 'GET', `${path}?watch=1&resourceVersion=0`);
  // A body that comes in two parts, with the stop between them.
  const slow = side.request({ ':method': 'POST', ':path': path, 'content-type': 'application/json' });
  const slowStatus = new Promise((resolve) => slow.on('response', (head) => resolve(head[':status'])));
  slow.resume();
  slow.write(body('slow').slice(0, 10));
  await overHttp2(side, 'GET', '/readyz');

  const stopping = server.stop(10_000);
  const during = await server.transport(loopbackUser).send({ method: 'GET', path: '/readyz' });
  expect(during.status).toBe(500);
  expect((await server.transport(loopbackUser).send({ method: 'GET', path: '/livez' })).status).toBe(200);
  // New connections are taken until the delay is over.
  expect((await overHttp1(port, new https.Agent({ ca: authority.cert, ...admin, ALPNProtocols: ['http/1.1'] }), 'GET', '/version')).status).toBe(200);
  const { status, text } = await watch;
  expect(status).toBe(200);
  expect(text.endsWith('\n')).toBe(true);
  slow.end(body('slow').slice(10));
  expect(await slowStatus).toBe(201);
  await Promise.all([stopping, ...clients.map(({ done }) => done)]);
  expect(clients.flatMap(({ log }) => log.failures)).toEqual([]);
  expect(clients.every(({ log }) => log.ended)).toBe(true);
  side.destroy();
}, 60_000);
