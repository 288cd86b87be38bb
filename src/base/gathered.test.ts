import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Gathered } from './gathered.ts';

test('property: what has been added, in its order', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 60 }), (pieces) => {
    const gathered = new Gathered();
    for (const piece of pieces) gathered.add(piece);
    expect([gathered.length, Buffer.from(gathered.whole())]).toEqual([Buffer.concat(pieces).length, Buffer.concat(pieces)]);
  }), { seed: 7 });
});

test('the only piece is not copied', () => {
  const [gathered, piece] = [new Gathered(), Buffer.from('whole')];
  gathered.add(piece);
  expect(gathered.whole()).toBe(piece);
});

test('many small pieces keep no more than twice their bytes', () => {
  const gathered = new Gathered();
  for (let i = 0; i < 100_000; i++) gathered.add(Buffer.from('x'));
  expect(gathered.whole().buffer.byteLength).toBeLessThanOrEqual(200_000);
});
