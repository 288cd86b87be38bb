import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../../host/node/index.ts';
import { memoryBackend } from '../../store/memory.ts';
import type { ApiRequest } from '../../client/types.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';
import type { Log } from '../../host/types.ts';
import type { ServerRequest, UserInfo } from '../types.ts';
import { debugPages } from './debug-pages.ts';
import { startChecks } from './start-checks.ts';
import { uptimeText, unixDate } from './z-pages.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await createApiServer({ host: nodeHost({ logLevel: 'silent' }), backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {}, flags: { 'secure-port': '6443', 'bind-address': '0.0.0.0' } });
  await server.start();
  await server.ready();
});
afterAll(() => server.stop());

const anybody: UserInfo = { name: 'anybody', groups: ['system:authenticated'] };
const send = (method: ApiRequest['method'], path: string, user = loopbackUser) => get(path, {}, user, method);

async function get(path: string, headers: Record<string, string> = {}, user = loopbackUser, method: ApiRequest['method'] = 'GET'): Promise<{ status: number; text: string; type: string | undefined }> {
  const [bare, query] = path.split('?');
  const response = await server.transport(user).send({ method, path: bare!, query: Object.fromEntries(new URLSearchParams(query)), headers });
  let text = '';
  for await (const piece of response.body) text += Buffer.from(piece).toString();
  return { status: response.status, text, type: response.headers['content-type'] };
}

describe('health', () => {
  test.each(['/healthz', '/livez', '/readyz', '/livez/ping', '/readyz/etcd', '/readyz/poststarthook/rbac/bootstrap-roles', '/readyz/autoregister-completion'])('%s', async (path) => {
    expect(await get(path, {}, { name: 'system:anonymous', groups: ['system:masters'] })).toMatchObject({ status: 200, text: 'ok' });
  });

  test('what has been started is named in upstream\'s order', () => {
    const own = ['poststarthook/rbac/bootstrap-roles', 'autoregister-completion', 'poststarthook/of-our-own', 'poststarthook/start-system-namespaces-controller'].map((name) => ({ name, check: () => undefined }));
    const names = (fairness: boolean): string[] => startChecks(own, { fairness, definitions: false, identity: false, proxyCertificate: false }).map(({ name }) => name.replace('poststarthook/', ''));
    expect(names(true)).toEqual([
      'start-apiserver-admission-initializer', 'generic-apiserver-start-informers', 'priority-and-fairness-config-consumer', 'priority-and-fairness-filter', 'storage-object-count-tracker-hook', 'start-system-namespaces-controller',
      'rbac/bootstrap-roles', 'start-kubernetes-service-cidr-controller', 'start-kube-aggregator-informers', 'apiservice-status-local-available-controller', 'apiservice-status-remote-available-controller',
      'apiservice-registration-controller', 'apiservice-discovery-controller', 'kube-apiserver-autoregistration', 'autoregister-completion', 'apiservice-openapi-controller', 'apiservice-openapiv3-controller', 'of-our-own',
    ]);
    expect(names(false)).toContain('max-in-flight-filter');
  });

  test('all checks, in words', async () => {
    const { text } = await get('/readyz?verbose');
    const lines = text.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('readyz check passed');
    for (const name of ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', 'shutdown', 'poststarthook/priority-and-fairness-config-producer', 'autoregister-completion']) expect(lines).toContain(`[+]${name} ok`);
    expect((await get('/livez?verbose')).text).not.toContain('[+]informer-sync ');
    expect((await get('/readyz?verbose&exclude=etcd')).text).toContain('[+]etcd excluded: ok');
    expect((await get('/livez/absent')).status).toBe(404);
  });
});

describe('pages for people', () => {
  test('/statusz', async () => {
    const { status, text, type } = await get('/statusz');
    expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(text).toMatch(/^\napiserver statusz\nWarning: /);
    expect(text).toMatch(/^Started: [A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}$/m);
    expect(text).toMatch(/^Up: 0 hr 00 min \d\d sec$/m);
    expect(text).toMatch(/^Binary version: 1\.36\nEmulation version: 1\.36$/m);
    expect(text).toMatch(/^Paths: \/flagz \/healthz \/livez \/metrics \/readyz \/statusz \/version$/m);
    expect((await get('/statusz', {}, anybody)).status).toBe(403);
  });

  test('/flagz', async () => expect((await get('/flagz')).text).toMatch(/^\napiserver flagz\nWarning: .*\nbind-address=0\.0\.0\.0\nsecure-port=6443\n$/));

  test.each([
    ['/statusz', 'application/json;as=Statusz;g=config.k8s.io;v=v1beta1', 'application/json;g=config.k8s.io;v=v1beta1;as=Statusz', '"kind":"Statusz","apiVersion":"config.k8s.io/v1beta1","metadata":{"name":"apiserver"},"startTime":"'],
    ['/statusz', 'text/html, application/yaml;as=Statusz;g=config.k8s.io;v=v1alpha1', 'application/yaml;g=config.k8s.io;v=v1alpha1;as=Statusz', 'apiVersion: config.k8s.io/v1alpha1\n'],
    ['/flagz', 'application/*;as=Flagz;g=config.k8s.io;v=v1beta1', 'application/json;g=config.k8s.io;v=v1beta1;as=Flagz', '"flags":{"secure-port":"6443","bind-address":"0.0.0.0"}'],
    ['/flagz', '*/*', 'text/plain; charset=utf-8', 'apiserver flagz'],
  ])('%s for %s', async (path, accept, type, part) => {
    const got = await get(path, { accept });
    expect(got).toMatchObject({ status: 200, type });
    expect(got.text).toContain(part);
  });

  test.each([
    ['/statusz', 'application/json'], ['/statusz', 'application/json;as=Statusz;g=config.k8s.io;v=v1'], ['/statusz', 'application/json;as=Flagz;g=config.k8s.io;v=v1beta1'], ['/flagz', 'text/html'],
  ])('%s not for %s', async (path, accept) => {
    expect(JSON.parse((await get(path, { accept })).text)).toMatchObject({ code: 406, message: 'only the following media types are accepted: application/json, application/yaml, text/plain' });
  });

  test('a date in words', () => expect(unixDate(Date.UTC(2026, 10, 5, 1, 2, 3))).toBe('Thu Nov  5 01:02:03 UTC 2026'));

  test('a time in words', () => expect([0, 61_000, 7_384_000].map(uptimeText)).toEqual(['0 hr 00 min 00 sec', '0 hr 01 min 01 sec', '2 hr 03 min 04 sec']));
});

describe('metrics', () => {
  test('/metrics/slis has the health checks, /metrics has not', async () => {
    await get('/readyz');
    const { status, text, type } = await get('/metrics/slis');
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores']);
    expect(text).toMatch(/^kubernetes_healthcheck\{name="ping",type="readyz"\} 1$/m);
    expect(text).toMatch(/^kubernetes_healthchecks_total\{name="ping",status="success",type="readyz"\} \d+$/m);
    expect(text).toMatch(/^process_start_time_seconds \d/m);
    expect((await get('/metrics')).text).not.toContain('kubernetes_healthcheck');
  });

  test('may be reset', async () => {
    expect(await send('DELETE', '/metrics/slis')).toMatchObject({ status: 200, text: 'metrics reset\n' });
    expect((await get('/metrics/slis')).text).not.toContain('kubernetes_healthcheck');
    expect((await send('DELETE', '/metrics', anybody)).status).toBe(403);
  });
});

describe('flags', () => {
  test.each([['GET', '/debug/flags', 200, '/debug/flags/'], ['GET', '/debug/flags/x', 200, '/debug/flags/'], ['GET', '/debug/flags/v', 406, 'unsupported http method\n'], ] as const)('%s %s', async (method, path, status, part) => {
    const answer = await send(method, path);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(part);
  });
});

/** The level of the log, as it is set while the server runs. */
describe('the level of the log', () => {
  const level = async (value: string): Promise<{ status: number; text: string; set: number[] }> => {
    const set: number[] = [];
    const pages = debugPages(nodeHost().clock, { setVerbosity: (verbosity: number) => void set.push(verbosity) } as unknown as Log);
    const { status, body } = (await pages({ method: 'PUT', path: '/debug/flags/v', body: async () => Buffer.from(value) } as unknown as ServerRequest))!;
    return { status, text: String(body), set };
  };
  test.each([['5', 5], ['0', 0], ['010', 10]] as const)('%s is set', async (value, verbosity) => expect(await level(value)).toEqual({ status: 200, text: `successfully set klog.logging.verbosity to ${value}\n`, set: [verbosity] }));
  test.each([
    ['x', 'strconv.ParseUint: parsing "x": invalid syntax'], ['', 'strconv.ParseUint: parsing "": invalid syntax'], ['-3', 'strconv.ParseUint: parsing "-3": invalid syntax'], ['+1', 'strconv.ParseUint: parsing "+1": invalid syntax'],
    ['0x3', 'strconv.ParseUint: parsing "0x3": invalid syntax'], ['2\n', String.raw`strconv.ParseUint: parsing "2\n": invalid syntax`], ['99999999999', 'strconv.ParseUint: parsing "99999999999": value out of range'],
    ['2147483648', 'failed set klog.logging.verbosity 2147483648: strconv.ParseInt: parsing "2147483648": value out of range'],
  ])('%j is not', async (value, why) => expect(await level(value)).toEqual({ status: 400, text: `${why}\n`, set: [] }));

  test('holds for all loggers of a log', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubets-log-'));
    const log = nodeHost({ logLevel: 'info', logFile: join(folder, 'log') }).log;
    const child = log.child('part');
    child.debug('before');
    log.setVerbosity!(4);
    child.debug('within');
    child.setVerbosity!(2);
    log.debug('after');
    log.info('told');
    expect(readFileSync(join(folder, 'log'), 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['within', 'told']);
    rmSync(folder, { recursive: true });
  });

  test('by those who may', async () => expect((await send('PUT', '/debug/flags/v', anybody)).status).toBe(403));
});

describe('profiles', () => {
  test('of time and of memory, for those who may', async () => {
    const cpu = JSON.parse((await get('/debug/pprof/profile?seconds=0.05')).text) as { nodes: object[]; samples: number[] };
    expect(cpu.nodes.length).toBeGreaterThan(0);
    expect(JSON.parse((await get('/debug/pprof/heap?seconds=0.05')).text)).toHaveProperty('head');
    expect((await get('/debug/pprof/')).text).toContain('<a href="heap?seconds=30">');
    expect(await get('/debug/pprof')).toMatchObject({ status: 302 });
    expect(await get('/debug/pprof/absent')).toMatchObject({ status: 404, text: 'Unknown profile\n' });
    expect((await get('/debug/pprof/profile', {}, anybody)).status).toBe(403);
  });

  test.each(['0', '-1', 'x', '1e9'])('not of %s seconds', async (seconds) => expect((await get(`/debug/pprof/profile?seconds=${seconds}`)).status).toBe(400));

  test('one at a time', async () => {
    const [first, second] = await Promise.all([get('/debug/pprof/profile?seconds=0.3'), get('/debug/pprof/heap?seconds=0.01')]);
    expect([first.status, second.status]).toEqual([200, 409]);
  });
});
