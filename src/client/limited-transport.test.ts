import { expect, test } from 'vitest';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { limitedTransport } from './limited-transport.ts';
import type { ApiResponse } from './types.ts';

test('a burst goes at once, the rest at the rate, and who gives up frees its place', async () => {
  const host = virtualHost({ seed: 'limit', settle: turn });
  const sentAt: number[] = [];
  const begin = host.clock.monotonic();
  const transport = limitedTransport(host, { send: async () => { sentAt.push(host.clock.monotonic() - begin); return {} as ApiResponse; } }, { perSecond: 10, burst: 3 });
  const abort = new AbortController();
  const all = [1, 2, 3, 4, 5].map(() => transport.send({ method: 'GET', path: '/' }));
  const given = transport.send({ method: 'GET', path: '/', signal: abort.signal });
  given.catch(() => undefined);
  abort.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  const last = transport.send({ method: 'GET', path: '/' });
  await host.clock.advance(1_000);
  await Promise.all([...all, last]);
  expect(sentAt).toEqual([0, 0, 0, 100, 200, 300]);
  await host.clock.advance(60_000);
  await Promise.all([1, 2, 3].map(() => transport.send({ method: 'GET', path: '/' })));
  expect(sentAt.slice(-3).every((at) => at === 61_000)).toBe(true);
});
