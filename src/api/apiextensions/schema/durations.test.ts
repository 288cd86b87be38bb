import { expect, test } from 'vitest';
import { parseDuration, parseWordyDuration } from './durations.ts';

const SECOND = 1_000_000_000n;

test.each<[string, bigint | undefined]>([
  ['0', 0n], ['-0', 0n], ['1h30m', 5400n * SECOND], ['-1.5s', -1_500_000_000n], ['.5s', 500_000_000n], ['1µs', 1000n], ['0.9999999999s', 999_999_999n], ['0.3333333333333333333h', 1200n * SECOND],
  ['9223372036854775807ns', 2n ** 63n - 1n], ['9223372036854775808ns', undefined], ['-9223372036854775808ns', -(2n ** 63n)], ['-9223372036854775809ns', undefined],
  [`${'0'.repeat(60)}1s`, SECOND], [`1.${'0'.repeat(60)}1s`, SECOND], [`${'9'.repeat(60)}h`, undefined], ['1', undefined], ['', undefined], ['1 h', undefined], ['1d', undefined], ['.s', undefined], ['1e3s', undefined],
])('%j as Go reads it', (text, expected) => expect(parseDuration(text)).toBe(expected));

test.each<[string, bigint | undefined]>([
  ['1h30m', 5400n * SECOND], ['3 days', 259_200n * SECOND], ['1d2h', 93_600n * SECOND], ['2 weeks', 1_209_600n * SECOND], ['1w', 604_800n * SECOND], ['2 hours 3 minutes', 7380n * SECOND], ['1 hr', 3600n * SECOND],
  ['PT1H', 3600n * SECOND], ['1 D', 86_400n * SECOND], ['1ms 2s', 2_001_000_000n], ['1nanosecond', 1n], ['99999999999h', -6_657_346_115_609_337_856n], ['1 month', undefined], ['1 usec', undefined], ['5', undefined], ['', undefined],
])('%j with words', (text, expected) => expect(parseWordyDuration(text)).toBe(expected));
