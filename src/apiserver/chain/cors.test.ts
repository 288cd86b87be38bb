import { describe, expect, test } from 'vitest';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { cors, originPatternFault } from './cors.ts';

const stage = cors([String.raw`^https://(.*\.)?example\.com(:|$)`, '//localhost:']);
const ask = (method: string, origin?: string): Promise<ServerResponse> => Promise.resolve(stage.handle({ method, headers: origin === undefined ? {} : { origin } } as unknown as ServerRequest, async () => ({ status: 200, headers: { 'content-type': 'x' }, body: '' })));

describe('pages of other origins', () => {
  test.each(['https://example.com', 'https://a.example.com', 'https://example.com:8443', 'http://localhost:3000'])('%s may read', async (origin) => {
    expect(await ask('GET', origin)).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'x', 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'Date',
        'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH', 'access-control-allow-headers': 'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
      },
    });
  });
  test.each([undefined, 'https://example.com.evil.test', 'https://evilexample.com', 'http://example.com', 'null'])('%s may not', async (origin) => expect((await ask('GET', origin)).headers).toEqual({ 'content-type': 'x' }));
  test('preflights of those who may end at once; the others are requests like any other', async () => {
    expect(await ask('OPTIONS', 'https://example.com')).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': 'https://example.com' } });
    expect((await ask('OPTIONS', 'https://evil.test')).status).toBe(200);
  });
});

describe('patterns', () => {
  test.each(['^https://a$', '//a:', String.raw`//a\.b(:|$)`])('%s', (pattern) => expect(originPatternFault(pattern)).toBeUndefined());
  test.each(['example.com', '^a', 'a$'])('%s leaves the host open', (pattern) => expect(originPatternFault(pattern)).toBe('regular expression does not pin to start/end of host in the origin header'));
  test('none', () => expect(originPatternFault('^($')).toMatch(/parsing regexp/));
});
