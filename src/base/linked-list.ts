/** A list whose members come and go in any order. */

/** A member's place, by which it is removed again. */
export interface Place<T> {
  readonly value: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
}

/**
 * Values in the order in which they came, each removed by its place. For what comes and goes with every request, in place of a `Set`: a set moves to a new table
 * now and then, and the engine lets each old table point at the next. Once one of them counts as old, all that follow survive with what was in them when they were
 * left, until everything is collected.
 */
export class LinkedList<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of those that are in it, the one that came first. */
  get first(): Place<T> | undefined {
    return this.#first;
  }

  /** Puts a value at the end. */
  add(value: T): Place<T> {
    const place: Place<T> = { value, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    this.#size++;
    return place;
  }

  /** A place that has been removed before is left alone. */
  remove(place: Place<T>): void {
    const { before, after } = place;
    if (before === undefined && this.#first !== place) return;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    // What has gone points at nothing that is still here.
    place.before = place.after = undefined;
    this.#size--;
  }

  /** What is in it now. */
  values(): T[] {
    const values: T[] = [];
    for (let place = this.#first; place !== undefined; place = place.after) values.push(place.value);
    return values;
  }
}
