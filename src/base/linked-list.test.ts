import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinkedList, type Place } from './linked-list.ts';

test('never differs from a set to which the same is done, and what has gone points at nothing', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.record({ add: fc.constant(true), at: fc.nat() }), fc.record({ add: fc.constant(false), at: fc.nat() })), { maxLength: 60 }), (steps) => {
    const list = new LinkedList<number>();
    const model = new Set<number>();
    const places: Place<number>[] = [];
    for (const [i, { add, at }] of steps.entries()) {
      if (add || places.length === 0) {
        model.add(i);
        places.push(list.add(i));
      } else {
        // Also such as have been removed before.
        const place = places[at % places.length]!;
        model.delete(place.value);
        list.remove(place);
        expect([place.before, place.after]).toEqual([undefined, undefined]);
      }
      expect(list.values()).toEqual([...model]);
      expect(list.size).toBe(model.size);
      expect(list.first?.value).toBe([...model][0]);
    }
  }), { seed: 20 });
});
