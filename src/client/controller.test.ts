import { describe, expect, test } from 'vitest';
import { conflict } from '../api/meta/status.ts';
import { ConfigMaps } from '../api/resources.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { createClient } from './client.ts';
import { reconcilesPerTurn, startController } from './controller.ts';
import { fakeApi } from './fake-api.ts';
import { createInformers } from './informers.ts';
import type { Outcome } from './types.ts';
import { createWorkQueue } from './work-queue.ts';

const newHost = () => virtualHost({ seed: 'controller', settle: turn });

describe('work queue', () => {
  test('a key waits at most once, in the order of its first add', () => {
    const queue = createWorkQueue(newHost());
    for (const key of ['a', 'b', 'a', 'b']) queue.add(key);
    expect([queue.length, queue.take(), queue.take(), queue.take()]).toEqual([2, 'a', 'b', undefined]);
  });

  test('a key added while it is worked on comes up afterwards, not beside', () => {
    const queue = createWorkQueue(newHost());
    queue.add('a');
    queue.take();
    queue.add('a');
    queue.add('a');
    expect(queue.take()).toBeUndefined();
    queue.done('a');
    expect([queue.take(), queue.take()]).toEqual(['a', undefined]);
  });

  test('of several waits of one key the earliest counts', async () => {
    const host = newHost();
    const queue = createWorkQueue(host);
    queue.addAfter('a', 100);
    queue.addAfter('a', 50);
    queue.addAfter('a', 200);
    await host.clock.advance(49);
    expect(queue.length).toBe(0);
    await host.clock.advance(1);
    expect(queue.take()).toBe('a');
    queue.done('a');
    await host.clock.advance(1_000);
    expect(queue.length).toBe(0);
  });

  test('failures wait 5 ms, doubling up to 1000 s, until forgotten', () => {
    const queue = createWorkQueue(newHost());
    const waits = Array.from({ length: 20 }, () => queue.addRateLimited('a'));
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(1_000_000);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(5);
  });

  test('after shutDown nothing waits and nothing is added', async () => {
    const host = newHost();
    const queue = createWorkQueue(host);
    queue.addAfter('a', 10);
    queue.add('b');
    queue.shutDown();
    queue.add('c');
    await host.clock.advance(100);
    expect(queue.take()).toBeUndefined();
  });
});

describe('controller', () => {
  const outcomes: [string, (attempt: number) => Outcome, number[]][] = [
    ['done: not again', () => ({ done: true }), [0]],
    ['afterMs: again then', (attempt) => (attempt < 3 ? { afterMs: 1_000 } : { done: true }), [0, 1_000, 2_000]],
    ['retry: backs off', (attempt) => (attempt < 4 ? { retry: new Error('x') } : { done: true }), [0, 5, 15, 35]],
    ['terminal: not again', () => ({ terminal: new Error('never') }), [0]],
  ];
  test.each(outcomes)('%s', async (_name, outcomeOf, expected) => {
    const host = newHost();
    const start = host.clock.now();
    const at: number[] = [];
    const controller = startController(host, { name: 'test', reconcile: async () => {
      at.push(host.clock.now() - start);
      return outcomeOf(at.length);
    } });
    controller.add('key');
    await host.clock.advance(10_000);
    expect(at).toEqual(expected);
    await controller.stop();
  });

  test('what reconcile throws counts as retry', async () => {
    const host = newHost();
    let attempts = 0;
    const controller = startController(host, { name: 'test', reconcile: async () => {
      if (++attempts < 3) throw conflict({ group: '', plural: 'pods' }, 'x', 'changed');
      return { done: true };
    } });
    controller.add('key');
    await host.clock.advance(100);
    expect(attempts).toBe(3);
    await controller.stop();
  });

  test('never more at once than workers, never one key twice at once, all keys in the end', async () => {
    const host = newHost();
    const running = new Set<string>();
    const finished: string[] = [];
    let most = 0;
    const controller = startController(host, { name: 'test', workers: 3, reconcile: async (key) => {
      expect(running.has(key)).toBe(false);
      running.add(key);
      most = Math.max(most, running.size);
      await host.clock.sleep(1 + host.random.int(20));
      running.delete(key);
      finished.push(key);
      return { done: true };
    } });
    for (let i = 0; i < 100; i++) controller.add(`key-${i % 50}`);
    await host.clock.advance(5);
    controller.add('key-0');
    await host.clock.advance(60_000);
    expect(most).toBe(3);
    expect(new Set(finished).size).toBe(50);
    await controller.stop();
  });

  test('many keys let timers in between', async () => {
    const host = newHost();
    let done = 0;
    const controller = startController(host, { name: 'test', reconcile: async () => {
      done++;
      return { done: true };
    } });
    let doneAtTimer = 0;
    host.clock.setTimer(() => (doneAtTimer = done), 0);
    for (let i = 0; i < 1_000; i++) controller.add(String(i));
    await host.clock.advance(0);
    expect(done).toBe(1_000);
    // Timers of one instant come in any order: some turns may go by first, all of them would be chance beyond belief.
    expect(doneAtTimer).toBeLessThan(1_000 - reconcilesPerTurn);
    await controller.stop();
  });

  test.each([
    ['few objects: no rest', 20, [0, 1, 2, 3]],
    ['two thousand objects: 100 ms of rest, and then one look for all that has changed', 2_000, [0, 100]],
    ['however many: a quarter of a second at most', 100_000, [0, 250]],
  ])('a key that has looked at %s', async (_name, lookedAt, expected) => {
    const host = newHost();
    const looks: number[] = [];
    const queue = startController(host, {
      name: 'x',
      reconcile: async () => {
        looks.push(host.clock.monotonic());
        return { done: true, lookedAt };
      },
    });
    for (let i = 0; i < 4; i++) {
      queue.add('a');
      await host.clock.advance(1);
    }
    await host.clock.advance(1_000);
    expect(looks).toEqual(expected);
    await queue.stop();
  });

  test('begins when the informers are complete', async () => {
    const host = newHost();
    const api = fakeApi(host.clock);
    const informers = createInformers(host, createClient(api));
    const informer = informers.of(ConfigMaps);
    let begun = 0;
    const controller = startController(host, { name: 'test', informers, reconcile: async () => {
      expect(informer.hasSynced()).toBe(true);
      begun++;
      return { done: true };
    } });
    controller.add('key');
    await host.clock.advance(1_000);
    expect(begun).toBe(0);
    informers.start();
    await host.clock.advance(0);
    expect(begun).toBe(1);
    await controller.stop();
    await informers.stop();
  });

  test('stop waits for what runs and takes up nothing more', async () => {
    const host = newHost();
    const seen: string[] = [];
    const controller = startController(host, { name: 'test', reconcile: async (key, signal) => {
      seen.push(`begin ${key}`);
      await host.clock.sleep(1_000, signal);
      seen.push(`end ${key}`);
      return { retry: new Error('stopped') };
    } });
    controller.add('a');
    controller.add('b');
    await host.clock.advance(10);
    await controller.stop();
    await host.clock.advance(10_000);
    expect(seen).toEqual(['begin a', 'end a']);
  });
});
