import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { derived } from './derive.ts';
import { WireRequest } from './incoming.ts';

const wire = (): WireRequest => new WireRequest(Object.assign(new PassThrough(), { socket: {} }) as unknown as IncomingMessage, { method: 'GET', target: '/a?b=c', headers: { accept: 'x' }, rawHeaders: [] }, 7, false);

test('a derived request shares what the original works out when asked', () => {
  const request = wire();
  const other = derived(request, { path: '/elsewhere' });
  expect([other.path, other.rawPath, other.query.get('b'), other.receivedAt, other.headers['accept']]).toEqual(['/elsewhere', '/a', 'c', 7, 'x']);
  other.cancel?.('enough');
  expect([other.signal.aborted, request.signal.aborted, request.signal.reason]).toEqual([true, true, 'enough']);
});

test('a signal that is asked for after the end has aborted, with the first reason', () => {
  const request = wire();
  request.cancel('first');
  request.cancel('second');
  expect([request.signal.aborted, request.signal.reason]).toEqual([true, 'first']);
});
