/** Encodings of many objects, made a few at a time: the first reader of a long list must not keep all others waiting. */
import type { CachedObject } from '../cache/object.ts';
import type { Turn } from '../outgoing.ts';

/** Encodings that are made in one turn of the event loop: some five milliseconds. */
const madeInATurn = 100;

/** What `make` gives for each object; other work goes on between those that do not hold the encoding `key` yet. */
export async function inTurns(objects: readonly CachedObject[], key: string, make: (object: CachedObject) => Buffer, turn: Turn | undefined): Promise<Buffer[]> {
  const items: Buffer[] = [];
  let made = 0;
  for (const object of objects) {
    if (turn !== undefined && !object.holds(key) && ++made % madeInATurn === 0) await turn();
    items.push(make(object));
  }
  return items;
}
