import { describe, expect, test } from 'vitest';
import { Recent } from './recent.ts';

describe('Recent', () => {
  const has = (recent: Recent<number>, value: number): boolean => recent.find((kept) => kept === value) !== undefined;

  test('finds what was remembered, and forgets what has not been of use for longest', () => {
    const recent = new Recent<number>(3);
    for (const value of [1, 2, 3]) {
      expect(has(recent, value)).toBe(false);
      recent.add(() => value);
    }
    expect(has(recent, 1)).toBe(true);
    expect(has(recent, 4)).toBe(false);
    recent.add(() => 4);
    expect([1, 2, 3, 4].map((value) => has(recent, value))).toEqual([true, false, true, true]);
    expect(recent.size).toBe(3);
  });

  test('remembers few of what never comes again, and all once something does', () => {
    const recent = new Recent<number>(8);
    let made = 0;
    const see = (value: number): void => {
      if (!has(recent, value)) recent.add(() => (made++, value));
    };
    for (let value = 0; value < 1_064; value++) see(value);
    expect(made).toBeLessThan(140);
    const last = made;
    for (let i = 0; i < 20; i++) see(-1);
    expect(made).toBe(last + 1);
    see(-2);
    see(-3);
    expect(made).toBe(last + 3);
  });
});
