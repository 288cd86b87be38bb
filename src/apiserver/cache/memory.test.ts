/** What the cache holds in memory: no more than it must. */
import { describe, expect, test } from 'vitest';
import { Pods } from '../../api/resources.ts';
import { CachedObject, type CachedSource } from './object.ts';
import { DECODED_BYTES_LIMIT, DecodedPool } from './pool.ts';
import { encodeStored, storedFormOf, type StorageEncoding } from './stored.ts';

const pod = (i: number, padding = 0): object => ({ metadata: { name: `pod-${i}`, namespace: 'n', annotations: { note: 'ü'.repeat(padding) } }, spec: { containers: [{ name: 'c', image: 'i' }] } });
const partsOf = (pool: DecodedPool): Record<string, number> => Object.fromEntries(pool.memory().map(({ part, bytes }) => [part, bytes]));

describe.each<StorageEncoding>(['json', 'protobuf'])('stored as %s', (encoding) => {
  const source: CachedSource = { prefix: '/registry/pods/', form: storedFormOf(Pods, encoding), pool: new DecodedPool(), fieldsOf: () => ({}) };

  test('what is kept is in memory of its own, and not a piece of something larger', () => {
    for (const padding of [0, 10, 3_000]) {
      const value = encodeStored(source.form, pod(1, padding) as never);
      const object = new CachedObject(source, '/registry/pods/n/pod-1', value, 42);
      // A writer's value is kept as it is until somebody reads its bytes. Behind JSON there is room for a line feed.
      for (const kept of [value, object.primary, object.stored]) expect(kept.buffer.byteLength - kept.length).toBeLessThanOrEqual(1);
      expect(object.stored.equals(value)).toBe(true);
    }
  });
});

test('decoded objects are kept within a number and a size, the latest ones', () => {
  const pool = new DecodedPool(100);
  const source: CachedSource = { prefix: '/registry/pods/', form: storedFormOf(Pods), pool, fieldsOf: () => ({}) };
  const objectOf = (i: number, padding: number): CachedObject => new CachedObject(source, `/registry/pods/n/pod-${i}`, encodeStored(source.form, pod(i, padding) as never), i + 1);
  const decoded = (objects: readonly CachedObject[]): number[] => objects.flatMap((object, i) => (object.isDecoded ? [i] : []));
  const small = Array.from({ length: 150 }, (_, i) => objectOf(i, 0));
  for (const object of small) void object.object;
  expect(decoded(small)).toEqual(Array.from({ length: 100 }, (_, i) => i + 50));
  const large = Array.from({ length: 50 }, (_, i) => objectOf(i, 100_000));
  for (const object of large) {
    void object.object;
    expect(partsOf(pool)['decoded']).toBeLessThanOrEqual(DECODED_BYTES_LIMIT);
  }
  expect(decoded(small)).toEqual([]);
  const kept = Math.floor(DECODED_BYTES_LIMIT / large[0]!.size);
  expect(decoded(large)).toEqual(Array.from({ length: kept }, (_, i) => 50 - kept + i));
  // One that is larger than the limit alone is kept as long as it is the last.
  const huge = objectOf(1, DECODED_BYTES_LIMIT);
  void huge.object;
  expect([huge.isDecoded, decoded(large)]).toEqual([true, []]);
});
