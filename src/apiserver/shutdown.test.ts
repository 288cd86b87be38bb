/** A server that stops drops no request: clients that never pause, over HTTP/1.1 and HTTP/2, see answers until they are told to go elsewhere. */
import * as http2 from 'node:http2';
import * as https from 'node:https';
import { beforeAll, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../pki/certificates.ts';
import { memoryBackend } from '../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer } from './server.ts';

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

interface Answer { status: number; text: string }
interface ClientLog { answered: number; failures: string[]; ended: boolean }

const isRefused = (error: unknown): boolean => (error as { code?: string }).code === 'ECONNREFUSED';
const body = (name: string): string => JSON.stringify({ metadata: { name }, data: { a: 'b' } });
const path = '/api/v1/namespaces/default/configmaps';

function overHttp1(port: number, agent: https.Agent, method: string, target: string, content?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port, agent, method, path: target, headers: content ? { 'content-type': 'application/json', 'content-length': content.length } : {} }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(content);
  });
}

function overHttp2(session: http2.ClientHttp2Session, method: string, target: string, content?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': target, ...(content ? { 'content-type': 'application/json' } : {}) });
    let [status, text] = [0, ''];
    stream.on('response', (head) => (status = head[':status'] ?? 0));
    stream.on('data', (piece: Buffer) => (text += piece.toString()));
    stream.on('error', reject);
    stream.on('end', () => resolve({ status, text }));
    stream.end(content);
  });
}

/** Asks and asks, until nobody takes connections any more. */
async function ask(log: ClientLog, name: string, send: (method: string, target: string, content?: string) => Promise<Answer>): Promise<void> {
  for (let i = 0; ; i++) {
    try {
      const { status, text } = await (i % 2 === 0 ? send('POST', path, body(`${name}-${i}`)) : send('GET', `${path}/${name}-${i - 1}`));
      if (status >= 400 || text === '') log.failures.push(`${name} ${i}: ${status} ${text.slice(0, 200)}`);
      log.answered++;
    } catch (error) {
      // Never begun (RFC 9113, 8.7): the client's own side gave the stream up, as the word to go elsewhere came. Every client sends it anew.
      if ((error as Error).message.includes('NGHTTP2_REFUSED_STREAM')) i--;
      else if (isRefused(error)) log.ended = true;
      else log.failures.push(`${name} ${i}: ${String((error as { code?: string }).code)} ${String(error)}`);
      if (log.ended || log.failures.length > 0) return;
    }
  }
}

function http1Client(port: number, name: string): { log: ClientLog; done: Promise<void> } {
  const log: ClientLog = { answered: 0, failures: [], ended: false };
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: authority.cert, ...admin, ALPNProtocols: ['http/1.1'] });
  return { log, done: ask(log, name, (method, target, content) => overHttp1(port, agent, method, target, content)).finally(() => agent.destroy()) };
}

function http2Client(port: number, name: string): { log: ClientLog; done: Promise<void> } {
  const log: ClientLog = { answered: 0, failures: [], ended: false };
  let session: http2.ClientHttp2Session | undefined;
  const connected = (): Promise<http2.ClientHttp2Session> => {
    if (session && !session.closed && !session.destroyed) return Promise.resolve(session);
    return new Promise((resolve, reject) => {
      const fresh = http2.connect(`https://127.0.0.1:${port}`, { ca: authority.cert, ...admin });
      fresh.once('error', reject);
      fresh.once('connect', () => {
        session = fresh;
        fresh.on('error', () => undefined);
        resolve(fresh);
      });
    });
  };
  return { log, done: ask(log, name, async (method, target, content) => overHttp2(await connected(), method, target, content)).finally(() => session?.destroy()) };
}

async function start(): Promise<{ server: ApiServer; port: number }> {
  const server = await createApiServer({ host, backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: { clientCa: authority.cert }, shutdownDelayMs: 300 });
  await server.start();
  await server.ready();
  const { port } = await server.listen({ address: '127.0.0.1', port: 0, tls: serving });
  return { server, port };
}

test('no request fails; readiness does, first; watches end in order; who is slow is waited for', async () => {
  const { server, port } = await start();
  const clients = [...Array.from({ length: 4 }, (_, i) => http1Client(port, `one-${i}`)), ...Array.from({ length: 4 }, (_, i) => http2Client(port, `two-${i}`))];
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
