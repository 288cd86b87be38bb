import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalMicroTime, canonicalTime, formatDuration, formatMicroTime, formatTime, parseDuration, parseMicroTime, parseTime } from './time.ts';

describe('Time', () => {
  test('has whole seconds', () => {
    expect(formatTime(1_700_000_000_999)).toBe('2023-11-14T22:13:20Z');
    expect(formatTime(-1)).toBe('1969-12-31T23:59:59Z');
  });
  test.each([
    ['UTC', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'], ['an offset', '2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00Z'],
    ['a fraction', '2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00Z'], ['a leap day', '2024-02-29T00:00:00-00:30', '2024-02-29T00:30:00Z'],
    ['an early year', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'], ['a fraction after a comma', '2026-01-31T12:00:00,5Z', '2026-01-31T12:00:00Z'],
    ['one digit for the hour', '2026-01-31T1:00:00Z', '2026-01-31T01:00:00Z'], ['an hour of the year before the first', '0000-01-01T00:00:00+05:30', '-0001-12-31T18:30:00Z'],
    ['an hour of the year after the last', '9999-12-31T23:59:59-12:00', '10000-01-01T11:59:59Z'],
  ])('%s', (_, text, expected) => {
    expect(canonicalTime(text)).toBe(expected);
  });
  test.each([
    ['a word', 'x', 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
    ['a date', '2026-01-31', 'parsing time "2026-01-31" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
    ['no zone', '2026-01-31T12:00:00', 'parsing time "2026-01-31T12:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"'],
    ['a month too many', '2026-13-31T12:00:00Z', 'parsing time "2026-13-31T12:00:00Z": month out of range'],
    ['a day too many', '2026-02-29T12:00:00Z', 'parsing time "2026-02-29T12:00:00Z": day out of range'],
    ['a day that no month has, and no zone', '2026-01-32T12:00:00', 'parsing time "2026-01-32T12:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"'],
    ['what is no ASCII, quoted byte for byte', '2026−01', 'parsing time "2026\\xe2\\x88\\x9201" as "2006-01-02T15:04:05Z07:00": cannot parse "\\xe2\\x88\\x9201" as "-"'],
    ['text after it', '2026-01-31T12:00:00Zx', 'parsing time "2026-01-31T12:00:00Zx": extra text: "x"'],
  ])('%s is refused', (_, text, message) => {
    expect(() => parseTime(text)).toThrow(message);
  });
  test('reads what it writes', () => {
    fc.assert(fc.property(fc.integer({ min: -60_000_000_000, max: 250_000_000_000 }), (seconds) => {
      expect(parseTime(formatTime(seconds * 1000))).toBe(seconds * 1000);
    }));
  });
});

describe('MicroTime', () => {
  test('has six digits', () => {
    expect(formatMicroTime(1000.5)).toBe('1970-01-01T00:00:01.000500Z');
    expect(canonicalMicroTime('1970-01-01T01:00:01.000007+01:00')).toBe('1970-01-01T00:00:01.000007Z');
    expect(parseMicroTime('1970-01-01T00:00:01.000007Z')).toBe(1_000_007n);
  });
  test('takes a comma before them', () => {
    expect(canonicalMicroTime('1970-01-01T00:00:01,000007Z')).toBe('1970-01-01T00:00:01.000007Z');
  });
  test('takes no other number of digits', () => {
    expect(() => parseMicroTime('2026-01-31T12:00:00Z')).toThrow('parsing time "2026-01-31T12:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"');
  });
});

describe('durations', () => {
  test.each([['0', 0n, '0s'], ['1h', 3_600_000_000_000n, '1h0m0s'], ['90s', 90_000_000_000n, '1m30s'], ['1.5s', 1_500_000_000n, '1.5s'], ['250ms', 250_000_000n, '250ms'], ['1us', 1000n, '1µs'], ['-1h2m3s', -3_723_000_000_000n, '-1h2m3s'],
    ['0.3333333333333333333h', 1_200_000_000_000n, '20m0s'], ['-9223372036854775808ns', -(2n ** 63n), '-2562047h47m16.854775808s'], ['1.s', 1_000_000_000n, '1s']])(
    '%s',
    (text, nanos, written) => {
      expect(parseDuration(text)).toBe(nanos);
      expect(formatDuration(nanos)).toBe(written);
    },
  );
  test.each([['empty', '', 'time: invalid duration ""'], ['no unit', '5', 'time: missing unit in duration "5"'], ['a strange unit', '5d', 'time: unknown unit "d" in duration "5d"'], ['no number', '.s', 'time: invalid duration ".s"'],
    ['more than there is', '9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'], ['a control character', '1s\n', 'time: unknown unit "s\\x0a" in duration "1s\\x0a"'],
    ['too much before what is wrong', '2562048h1d', 'time: invalid duration "2562048h1d"']])(
    '%s is refused',
    (_, text, message) => {
      expect(() => parseDuration(text)).toThrow(message);
    },
  );
});
