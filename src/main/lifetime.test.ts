import { describe, expect, test } from 'vitest';
import { Lifetime } from './lifetime.ts';

const forever = new Promise<never>(() => undefined);
const never = (): Promise<never> => forever;

/** Parts that note when they are stopped. */
function partsOf(order: string[]): (name: string) => { stop(): Promise<void> } {
  return (name) => ({ stop: async () => void order.push(name) });
}

describe('what has been started is stopped, the last first', () => {
  test('when all runs', async () => {
    const order: string[] = [];
    const part = partsOf(order);
    const lifetime = new Lifetime(never);
    const starting = (async () => {
      await lifetime.add(part('store'));
      await lifetime.add(part('server'));
      await lifetime.during(Promise.resolve());
    })();
    await starting;
    await lifetime.end(starting);
    expect(order).toEqual(['server', 'store']);
  });

  test('in the midst of a step: the start is not waited for, and goes no further', async () => {
    const order: string[] = [];
    const part = partsOf(order);
    const lifetime = new Lifetime(never);
    const starting = (async () => {
      await lifetime.add(part('store'));
      await lifetime.during(forever);
      await lifetime.add(part('workers'));
    })();
    await lifetime.end(starting);
    expect(order).toEqual(['store']);
    await expect(starting).rejects.toThrow('the process is ending');
  });

  test('what begins to run while the end is waited for is stopped too', async () => {
    const order: string[] = [];
    const part = partsOf(order);
    const lifetime = new Lifetime(never);
    const opened = Promise.withResolvers<void>();
    const starting = (async () => {
      await opened.promise;
      await lifetime.add(part('store'));
      order.push('goes on');
    })();
    const ended = lifetime.end(starting);
    opened.resolve();
    await ended;
    expect(order).toEqual(['store']);
  });

  test('a step that takes forever is waited for some time; what it makes in the end is stopped there', async () => {
    const order: string[] = [];
    const part = partsOf(order);
    const lifetime = new Lifetime(async () => undefined);
    const opened = Promise.withResolvers<void>();
    const starting = (async () => {
      await lifetime.add(part('first'));
    })().then(() => opened.promise).then(() => lifetime.add(part('late')));
    await Promise.resolve();
    await lifetime.end(starting);
    expect(order).toEqual(['first']);
    opened.resolve();
    await expect(starting).rejects.toThrow('the process is ending');
    expect(order).toEqual(['first', 'late']);
  });
});
