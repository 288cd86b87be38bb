/** Whatever a client does, and whatever fails: no line of the log holds what only client and server may know. */
import * as net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import type { Log } from '../host/types.ts';
import { memoryBackend } from '../store/memory.ts';
import { createApiServer, type ApiServer } from './server.ts';

const secrets = ['right-token', 'wrong-token', 'hunter2', 'asked-for', 'sent-as-protocol', 'webhook-password', 'webhook-token', 'in-the-query'] as const;
const host = nodeHost({ logLevel: 'silent' });
const lines: string[] = [];
const tell = (message: string, fields?: object): void => void lines.push(JSON.stringify([message, fields]));
const log: Log = { debug: tell, info: tell, warn: tell, error: tell, child: () => log };

let server: ApiServer;
let port: number;
beforeAll(async () => {
  server = await createApiServer({
    host: { ...host, log }, backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authorizationModes: ['RBAC'],
    authentication: { tokens: [{ token: 'right-token', user: { name: 'root', groups: ['system:masters'] } }] },
    // Nobody listens there.
    auditWebhook: { url: 'http://user:webhook-password@127.0.0.1:1/?token=in-the-query', token: 'webhook-token', initialBackoffMs: 1 },
    auditWebhookDelivery: { mode: 'batch', batch: { bufferSize: 10, maxBatchSize: 1, maxWaitMs: 1 } },
  });
  await server.start();
  await server.ready();
  ({ port } = await server.listen({ address: '127.0.0.1', port: 0 }));
});
afterAll(() => server.stop());

/** Sends bytes as they are, and reads until the other side closes. */
function exchange(bytes: string, leave = false): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => (leave ? socket.write(bytes, () => socket.destroy()) : socket.write(bytes)));
    let text = '';
    socket.on('data', (piece: Buffer) => (text += piece.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

const at = '/api/v1/namespaces/default/secrets';
const secret = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'kept' }, stringData: { password: 'hunter2' } });
const post = (body: string, token = 'right-token', type = 'application/json'): string => `POST ${at} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const get = (path: string, headers: string): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`;

test.each([
  ['a secret is made', post(secret), 201],
  ['a token that is wrong', post(secret, 'wrong-token'), 401],
  ['a token in the query', get(`${at}?access_token=asked-for`, 'Connection: close\r\n'), 403],
  ['a token among protocols', get(`${at}?watch=1`, `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.${Buffer.from('sent-as-protocol').toString('base64url')}, binary.k8s.io\r\n`), 401],
  ['a body that cannot be read', post(`${secret.slice(0, -1)},`), 400],
  ['a body in another encoding than said', post(secret, 'right-token', 'application/vnd.kubernetes.protobuf'), 400],
  ['a secret that is not valid', post(secret.replace('"kept"', '"Not A Name hunter2"')), 422],
  ['what is no HTTP', 'Authorization: Bearer right-token\r\n\r\n', 400],
])('%s', async (_name, bytes, code) => {
  expect(await exchange(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${code} `));
  expect(secrets.filter((word) => lines.some((line) => line.includes(word)))).toEqual([]);
});

test('a client that leaves in the midst of its body, and a webhook that cannot be reached', async () => {
  await exchange(post(secret).slice(0, -5), true);
  await expect.poll(() => lines.some((line) => line.includes('audit events could not be sent')), { timeout: 20_000 }).toBe(true);
  expect(lines.some((line) => line.includes('http://127.0.0.1:1/'))).toBe(true);
  expect(secrets.filter((word) => lines.some((line) => line.includes(word)))).toEqual([]);
});
