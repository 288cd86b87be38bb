import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../../host/node/index.ts';
import { memoryBackend } from '../../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';
import type { UserInfo } from '../types.ts';
import { uptimeText } from './z-pages.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await createApiServer({ host: nodeHost({ logLevel: 'silent' }), backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {}, flags: { 'secure-port': '6443', 'bind-address': '0.0.0.0' } });
  await server.start();
  await server.ready();
});
afterAll(() => server.stop());

const anybody: UserInfo = { name: 'anybody', groups: ['system:authenticated'] };
async function get(path: string, headers: Record<string, string> = {}, user = loopbackUser): Promise<{ status: number; text: string; type: string | undefined }> {
  const [bare, query] = path.split('?');
  const response = await server.transport(user).send({ method: 'GET', path: bare!, query: Object.fromEntries(new URLSearchParams(query)), headers });
  let text = '';
  for await (const piece of response.body) text += Buffer.from(piece).toString();
  return { status: response.status, text, type: response.headers['content-type'] };
}

describe('health', () => {
  test.each(['/healthz', '/livez', '/readyz', '/livez/ping', '/readyz/etcd', '/readyz/poststarthook/rbac/bootstrap-roles', '/readyz/autoregister-completion'])('%s', async (path) => {
    expect(await get(path, {}, { name: 'system:anonymous', groups: ['system:masters'] })).toMatchObject({ status: 200, text: 'ok' });
  });

  test('all checks, in words', async () => {
    const { text } = await get('/readyz?verbose');
    const lines = text.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('readyz check passed');
    for (const name of ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', 'shutdown', 'poststarthook/priority-and-fairness-config-producer', 'autoregister-completion']) expect(lines).toContain(`[+]${name} ok`);
    expect((await get('/livez?verbose')).text).not.toContain('informer-sync');
    expect((await get('/readyz?verbose&exclude=etcd')).text).toContain('[+]etcd excluded: ok');
    expect((await get('/livez/absent')).status).toBe(404);
  });
});

describe('pages for people', () => {
  test('/statusz', async () => {
    const { status, text, type } = await get('/statusz');
    expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(text).toMatch(/^\nkube-apiserver statusz\nWarning: /);
    expect(text).toMatch(/^Up: 0 hr 00 min \d\d sec$/m);
    expect(text).toMatch(/^Emulation version: 1\.36$/m);
    expect(text).toMatch(/^Paths: .*\/apis .*\/livez .*\/version/m);
    expect((await get('/statusz', { accept: 'application/json' })).status).toBe(406);
    expect((await get('/statusz', {}, anybody)).status).toBe(403);
  });

  test('/flagz', async () => expect((await get('/flagz')).text).toMatch(/^\nkube-apiserver flags\nWarning: .*\n\nbind-address=0\.0\.0\.0\nsecure-port=6443\n$/));

  test('a time in words', () => expect([0, 61_000, 7_384_000].map(uptimeText)).toEqual(['0 hr 00 min 00 sec', '0 hr 01 min 01 sec', '2 hr 03 min 04 sec']));
});

describe('profiles', () => {
  test('of time and of memory, for those who may', async () => {
    const cpu = JSON.parse((await get('/debug/pprof/profile?seconds=0.05')).text) as { nodes: object[]; samples: number[] };
    expect(cpu.nodes.length).toBeGreaterThan(0);
    expect(JSON.parse((await get('/debug/pprof/heap?seconds=0.05')).text)).toHaveProperty('head');
    expect((await get('/debug/pprof')).text).toContain('/debug/pprof/heap');
    expect((await get('/debug/pprof/profile', {}, anybody)).status).toBe(403);
  });

  test.each(['0', '-1', 'x', '1e9'])('not of %s seconds', async (seconds) => expect((await get(`/debug/pprof/profile?seconds=${seconds}`)).status).toBe(400));

  test('one at a time', async () => {
    const [first, second] = await Promise.all([get('/debug/pprof/profile?seconds=0.3'), get('/debug/pprof/heap?seconds=0.01')]);
    expect([first.status, second.status]).toEqual([200, 409]);
  });
});
