import { describe, expect, test } from 'vitest';
import { turn } from '../host/node/turn.ts';
import { seededRandom, virtualHost } from './virtual-host.ts';

const make = (seed = '1') => virtualHost({ seed, settle: turn });

describe('virtual clock', () => {
  test('time passes only by advance, and alarms run in order of time', async () => {
    const { clock } = make();
    const start = clock.now();
    const seen: string[] = [];
    clock.setTimer(() => seen.push('b'), 2000);
    clock.setTimer(() => seen.push('a'), 1000);
    const cancelled = clock.setTimer(() => seen.push('never'), 1500);
    cancelled.cancel();
    await clock.advance(1999);
    expect(seen).toEqual(['a']);
    await clock.advance(1);
    expect(seen).toEqual(['a', 'b']);
    expect(clock.now() - start).toBe(2000);
  });

  test('work that an alarm starts is settled before the next alarm', async () => {
    const { clock } = make();
    const seen: string[] = [];
    clock.setTimer(() => void Promise.resolve().then(() => Promise.resolve()).then(() => seen.push('promise')), 10);
    clock.setTimer(() => seen.push('next'), 11);
    await clock.advance(20);
    expect(seen).toEqual(['promise', 'next']);
  });

  test('the seed decides the order within one instant, and the same seed decides the same', async () => {
    const order = async (seed: string): Promise<string> => {
      const { clock } = make(seed);
      const seen: number[] = [];
      for (let i = 0; i < 8; i++) clock.setTimer(() => seen.push(i), 5);
      await clock.advance(5);
      return seen.join('');
    };
    expect(await order('a')).toBe(await order('a'));
    expect(new Set([await order('a'), await order('b'), await order('c')]).size).toBeGreaterThan(1);
  });

  test('a sleep ends early when its signal aborts', async () => {
    const { clock } = make();
    const stop = new AbortController();
    let woke = false;
    void clock.sleep(1_000_000, stop.signal).then(() => (woke = true));
    stop.abort();
    await clock.advance(0);
    expect(woke).toBe(true);
  });
});

describe('seeded random', () => {
  test('forks do not disturb each other', () => {
    const a = seededRandom('s');
    const first = a.fork('x').next();
    a.next();
    expect(a.fork('x').next()).toBe(first);
    expect(a.fork('y').next()).not.toBe(first);
  });
  test('bounds hold', () => {
    const r = seededRandom('s');
    for (let i = 0; i < 1000; i++) expect(r.int(7)).toBeLessThan(7);
  });
});
