import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addQuantity, canonicalQuantity, compareQuantity, formatQuantity, isZeroQuantity, parseQuantity, quantityOf, quantityToMilli, quantityToNumber, roundUpQuantity, scaledValue,
  subtractQuantity,
} from './quantity.ts';

describe('canonicalQuantity', () => {
  test.each([
    ['zero', '0', '0'], ['zero with a suffix', '0Ki', '0'], ['zero with a fraction', '0.000', '0'], ['a sign alone', '-', '0'],
    ['thousands become k', '1000', '1k'], ['a fraction becomes m', '0.5', '500m'], ['a leading dot', '.5', '500m'], 
    ['milli that are whole', '1000m', '1'], ['milli beyond', '1500m', '1500m'], ['micro', '100u', '100u'], ['nano', '1n', '1n'],
    ['finer than nano rounds up', '0.1n', '1n'], ['and away from zero', '-0.1n', '-1n'],
    ['binary goes up', '1024Mi', '1Gi'], ['binary stays', '1025Mi', '1025Mi'], ['below 1024 is decimal', '512', '512'], ['small binary is decimal', '0.5Ki', '512'],
    ['a binary fraction', '1.5Gi', '1536Mi'], ['a tiny binary amount is decimal', '0.0001Ki', '102400u'], ['binary of the largest size', '16Ei', '9223372036854775807'],
    ['an exponent stays one', '1e3', '1e3'], ['an exponent is a multiple of three', '1e4', '10e3'], ['a negative exponent', '1e-3', '1e-3'],
    ['mega', '1M', '1M'], ['kilo to mega', '1000k', '1M'], ['exa', '1E', '1E'], ['beyond exa', '1000E', '1e21'],
    ['many digits', '1234567890123456789012', '1234567890123456789012'], ['signed', '-1.5', '-1500m'], ['signed kilo', '+1000', '1k'],
    ['typed text that upstream keeps: zeros at the end', '1.500', '1.500'], ['zeros at the start', '0100', '0100'], ['a trailing dot', '5.', '5.'], ['a large E', '1E3', '1E3'],
  ])('%s: %s → %s', (_, text, expected) => {
    expect(canonicalQuantity(text)).toBe(expected);
  });

  test.each([['empty', ''], ['a word', 'x'], ['a space', '1 '], ['two dots', '1.2.3'], ['text after the suffix', '1Kix']])('%s is no quantity', (_, text) => {
    expect(() => parseQuantity(text)).toThrow("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  });
  test.each([['Kb is no suffix', '1iK'], ['mM', '1mM'], ['a bare e', '1e']])('%s', (_, text) => {
    expect(() => parseQuantity(text)).toThrow("unable to parse quantity's suffix");
  });

  test('is a fixed point, and keeps the amount', () => {
    const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'e2', 'e-4');
    fc.assert(fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.nat(999), suffix, (whole, fraction, unit) => {
      const text = `${whole}.${fraction}${unit}`;
      const canonical = canonicalQuantity(text);
      expect(compareQuantity(text, canonical)).toBe(0);
      expect(compareQuantity(canonicalQuantity(canonical), canonical)).toBe(0);
    }));
  });
});

describe('arithmetic', () => {
  test('adds in the format of the first, or of the second when the first is zero', () => {
    expect(formatQuantity(addQuantity('1Gi', '1G'))).toBe('2073741824');
    expect(formatQuantity(addQuantity('0', '1Ki'))).toBe('1Ki');
    expect(formatQuantity(addQuantity('100m', '900m'))).toBe('1');
    expect(formatQuantity(subtractQuantity('1', '1m'))).toBe('999m');
    expect(isZeroQuantity(subtractQuantity('1', '1000m'))).toBe(true);
  });
  test('compares across units', () => {
    expect(compareQuantity('1Ki', '1k')).toBeGreaterThan(0);
    expect(compareQuantity('1000m', '1')).toBe(0);
    expect(compareQuantity('-1', '1m')).toBeLessThan(0);
  });
  test('addition undoes subtraction', () => {
    fc.assert(fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.integer({ min: -9, max: 9 }), (a, b, scale) => {
      const left = quantityOf(a, scale);
      expect(compareQuantity(subtractQuantity(addQuantity(left, quantityOf(b)), quantityOf(b)), left)).toBe(0);
    }));
  });
  test.each([['100m', 100], ['2', 2000], ['1.0001', 1001], ['1u', 1], ['-1u', -1]])('%s in thousandths is %i', (text, expected) => {
    expect(quantityToMilli(text)).toBe(expected);
  });
  test.each([['1Ki', 1024], ['1500m', 2], ['128974848', 128_974_848], ['123Mi', 128_974_848], ['1e3', 1000]])('%s in units is %i', (text, expected) => {
    expect(quantityToNumber(text)).toBe(expected);
  });
  test('rounds up to a scale', () => {
    expect(formatQuantity(roundUpQuantity('1.00001', -3))).toBe('1001m');
    expect(formatQuantity(roundUpQuantity('5m', -3))).toBe('5m');
    expect(scaledValue('1500m', 0)).toBe(2n);
  });
});
