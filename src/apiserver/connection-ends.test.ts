/** Whose HTTP/2 connections end after an answer. */
import { once } from 'node:events';
import * as http2 from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { createAuthority, issueCertificate } from '../pki/certificates.ts';
import { memoryBackend } from '../store/memory.ts';
import { connectionEnds } from './connection-ends.ts';
import { createApiServer, type ApiServer } from './server.ts';
import type { ServerRequest, ServerResponse } from './types.ts';

describe('the decision', () => {
  const rows: [name: string, user: string | undefined, status: number, endAnonymous: boolean, chance: number, ends: boolean][] = [
    ['somebody', 'alice', 200, true, 0, false],
    ['nobody', 'system:anonymous', 200, true, 0, true],
    ['nobody, who may not', 'system:anonymous', 403, true, 0, true],
    ['wrong credentials', undefined, 401, true, 0, true],
    ['a request that was refused before anybody asked who it is', undefined, 429, true, 0, false],
    ['nobody, without the feature', 'system:anonymous', 200, false, 0.02, false],
    ['by chance', 'alice', 200, false, 0.6, true],
  ];
  test.each(rows)('%s', (_, name, status, endAnonymous, chance, ends) => {
    const decide = connectionEnds({ endAnonymous, chance, random: { next: () => 0.5 } })!;
    expect(decide({ user: name === undefined ? undefined : { name, groups: [] } } as unknown as ServerRequest, { status } as ServerResponse)).toBe(ends);
  });
  test('is not asked for where nothing ends', () => expect(connectionEnds({ endAnonymous: false, chance: 0, random: { next: () => 0 } })).toBeUndefined());
});

describe('a server', () => {
  const host = nodeHost({ logLevel: 'silent' });
  let server: ApiServer;
  let port: number;
  let ca: string;
  beforeAll(async () => {
    const common = { nowMs: host.clock.now(), days: 1 };
    const authority = await createAuthority({ commonName: 'ca', ...common });
    const serving = await issueCertificate(authority, { commonName: 'server', usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], ...common });
    ca = authority.cert;
    server = await createApiServer({ host, backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: { tokens: [{ token: 't', user: { name: 'alice', groups: [] } }] } });
    await server.start();
    await server.ready();
    ({ port } = await server.listen({ address: '127.0.0.1', port: 0, tls: serving }));
  });
  afterAll(() => server.stop());

  test.each<[name: string, headers: Record<string, string>, status: number]>([
    ['no credentials', {}, 200], ['wrong ones', { authorization: 'Bearer wrong' }, 401],
  ])('answers and lets go: %s', async (_, headers, status) => {
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca });
    session.on('error', () => undefined);
    const told = once(session, 'goaway');
    const stream = session.request({ ':path': '/version', ...headers });
    const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
    stream.resume();
    expect(head[':status']).toBe(status);
    expect((await told)[0]).toBe(http2.constants.NGHTTP2_NO_ERROR);
    if (!session.destroyed) await once(session, 'close');
  });

  test('who says who he is keeps his connection', async () => {
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca });
    let told = false;
    session.on('goaway', () => (told = true));
    for (let i = 0; i < 3; i++) {
      const stream = session.request({ ':path': '/version', 'authorization': 'Bearer t' });
      const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
      stream.resume();
      await once(stream, 'close');
      expect(head[':status']).toBe(200);
    }
    expect([told, session.closed]).toEqual([false, false]);
    session.destroy();
  });
});
