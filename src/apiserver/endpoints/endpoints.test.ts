import { describe, expect, test } from 'vitest';
import type { ServerRequest } from '../types.ts';
import { Health } from './health.ts';
import { Counter, Histogram, MetricsRegistry } from './metrics.ts';
import { JoinedDocument } from './openapi-parts.ts';
import { OpenApiEndpoints } from './openapi.ts';
import { createServerMetrics } from './server-metrics.ts';
import { versionInfo } from './version.ts';

const get = (path: string, headers: Record<string, string> = {}): ServerRequest => {
  const url = new URL(path, 'http://t');
  return { method: 'GET', path: url.pathname, query: url.searchParams, headers } as ServerRequest;
};

describe('health', () => {
  const make = (broken: boolean): Health => {
    const health = new Health(createServerMetrics(versionInfo('0', 'amd64')));
    health.add({ name: 'ping', check: () => undefined }, { name: 'store', check: () => { if (broken) throw new Error('down'); } }, { name: 'late', check: () => undefined, endpoints: ['readyz'] });
    return health;
  };
  test('well', async () => {
    expect(await make(false).handle(get('/readyz'))).toMatchObject({ status: 200, body: 'ok' });
    expect((await make(false).handle(get('/readyz?verbose')))!.body).toBe('[+]ping ok\n[+]store ok\n[+]late ok\nreadyz check passed\n');
    expect((await make(false).handle(get('/livez?verbose')))!.body).toBe('[+]ping ok\n[+]store ok\nlivez check passed\n');
  });
  test('not well: says which, not why', async () => {
    expect(await make(true).handle(get('/readyz'))).toMatchObject({ status: 500, body: '[+]ping ok\n[-]store failed: reason withheld\n[+]late ok\nreadyz check failed\n' });
    expect((await make(true).handle(get('/livez/store')))!.status).toBe(500);
    expect(await make(true).handle(get('/livez/ping'))).toMatchObject({ status: 200, body: 'ok' });
    for (const path of ['/livez/none', '/livez/']) expect(await make(true).handle(get(path))).toBeUndefined();
  });
  test('excluded checks', async () => {
    expect((await make(true).handle(get('/readyz?exclude=store&verbose')))!.body).toContain('[+]store excluded: ok');
    expect((await make(true).handle(get('/readyz?exclude=store&exclude=none&verbose')))!.body).toContain('no matches for "none"');
    expect((await make(false).handle(get('/livez?verbose&exclude=zip&exclude=ping&exclude=nope')))!.body).toBe('[+]ping excluded: ok\n[+]store ok\nwarn: some health checks cannot be excluded: no matches for "nope","zip"\nlivez check passed\n');
  });
});

describe('metrics', () => {
  test('the text form', () => {
    const registry = new MetricsRegistry();
    registry.register(new Counter('a_total', 'A.', ['x'])).add(['q"\n\\'], 2);
    const histogram = registry.register(new Histogram('h', 'H.', [], [1, 2]));
    for (const value of [0.5, 1, 1.5, 9]) histogram.observe([], value);
    registry.register(new Counter('unused', 'U.', ['y']));
    expect(registry.text()).toBe('# HELP a_total [ALPHA] A.\n# TYPE a_total counter\na_total{x="q\\"\\n\\\\"} 2\n# HELP h [ALPHA] H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="2"} 3\nh_bucket{le="+Inf"} 4\nh_sum 12\nh_count 4\n');
  });

  test('who holds a series goes on counting in it after all has been forgotten', () => {
    const registry = new MetricsRegistry();
    const held = registry.register(new Counter('a_total', 'A.', ['x'])).at(['1']);
    const series = registry.register(new Histogram('h', 'H.', ['y'], [1])).at(['2']);
    expect(registry.text()).toBe('');
    held.add(3);
    series.observe(5);
    registry.reset();
    expect(registry.text()).toBe('');
    held.add();
    series.observe(0.5);
    expect(registry.text()).toBe('# HELP a_total [ALPHA] A.\n# TYPE a_total counter\na_total{x="1"} 1\n# HELP h [ALPHA] H.\n# TYPE h histogram\nh_bucket{y="2",le="1"} 1\nh_bucket{y="2",le="+Inf"} 1\nh_sum{y="2"} 0.5\nh_count{y="2"} 1\n');
  });
});

describe('openapi', () => {
  let made = 0;
  const endpoints = new OpenApiEndpoints({ groupVersions: () => ['api/v1', 'apis/apps/v1'], v3: (gv) => ({ gv, made: ++made }), v2: () => JoinedDocument.of({ swagger: '2.0' }) }, 'v1', () => 1_800_000_000_000);
  test('the index leads to documents that may be kept', async () => {
    const index = JSON.parse((await endpoints.handle(get('/openapi/v3')))!.body as string) as { paths: Record<string, { serverRelativeURL: string }> };
    const url = index.paths['apis/apps/v1']!.serverRelativeURL;
    const first = (await endpoints.handle(get(url)))!;
    expect(first).toMatchObject({ status: 200, headers: { 'cache-control': 'public, immutable', vary: 'Accept', expires: 'Sat, 15 Jan 2028 08:00:00 GMT', 'last-modified': 'Fri, 15 Jan 2027 08:00:00 GMT' }, body: '{"gv":"apis/apps/v1","made":1}' });
    expect((await endpoints.handle(get(url)))!.body).toBe(first.body);
    expect(await endpoints.handle(get(url, { 'if-none-match': first.headers['etag']! }))).toMatchObject({ status: 304 });
  });
  test.each([
    ['the tag', (tag: string) => tag, 304], ['weak', (tag: string) => `W/${tag}`, 304], ['in a list', (tag: string) => `"a,b", W/"c" ,${tag}`, 304], ['any', () => '*', 304],
    ['another', () => '"A"', 200], ['no quotes', (tag: string) => tag.slice(1, -1), 200], ['within another', (tag: string) => `"x${tag.slice(1)}`, 200], ['none', () => '', 200],
  ] as const)('If-None-Match: %s', async (_, header, status) => {
    for (const path of ['/openapi/v2', '/openapi/v3', '/openapi/v3/api/v1']) {
      const { etag } = (await endpoints.handle(get(path)))!.headers;
      expect([path, (await endpoints.handle(get(path, { 'if-none-match': header(etag!) })))!.status]).toEqual([path, status]);
    }
  });
  test.each([['Fri, 15 Jan 2027 08:00:00 GMT', 304], ['Fri, 15 Jan 2027 07:59:59 GMT', 200], ['yesterday', 200]] as const)('If-Modified-Since: %s', async (since, status) => {
    expect((await endpoints.handle(get('/openapi/v2', { 'if-modified-since': since })))!.status).toBe(status);
    expect((await endpoints.handle(get('/openapi/v2', { 'if-modified-since': since, 'if-none-match': '"A"' })))!.status).toBe(200);
  });
  test('an old hash leads to the new one', async () => expect(await endpoints.handle(get('/openapi/v3/api/v1?hash=OLD'))).toMatchObject({ status: 301, headers: { location: expect.stringContaining('/openapi/v3/api/v1?hash=') } }));
  test('v2, unknown groups, other media', async () => {
    const document = (await endpoints.handle(get('/openapi/v2')))!.body as JoinedDocument;
    expect(document.bytes().toString()).toBe('{"swagger":"2.0","definitions":{},"paths":{}}');
    expect(await endpoints.handle(get('/openapi/v3/apis/none/v1'))).toMatchObject({ status: 404, body: '' });
    for (const accept of ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'text/html', 'application/jsonish']) expect(await endpoints.handle(get('/openapi/v2', { accept }))).toMatchObject({ status: 406, headers: { vary: 'Accept' }, body: '' });
  });
});

test('the version', () => expect(versionInfo('0.1.0', 'arm64')).toMatchObject({ major: '1', minor: '36', gitVersion: 'v1.36.2+kubets.0.1.0', platform: 'linux/arm64' }));
