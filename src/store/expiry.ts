/** Remembers when keys run out, and says so on time. Moments are rounded up to whole seconds, so that a burst of events costs one timer. */
import type { Clock, Timer } from '../host/types.ts';
import type { Revision } from './backend.ts';

export interface Expiring {
  key: string;
  /** The write that set the limit; a later write of the key voids it. */
  revision: Revision;
}

export class ExpiryQueue {
  readonly #clock: Clock;
  readonly #expired: (items: Expiring[]) => void;
  readonly #bySecond = new Map<number, Expiring[]>();
  #timer: Timer | undefined;
  #timerSecond = Infinity;
  #closed = false;

  constructor(clock: Clock, expired: (items: Expiring[]) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** `atMs`: milliseconds since 1970. */
  add(item: Expiring, atMs: number): void {
    if (this.#closed) return;
    const second = Math.ceil(atMs / 1000);
    const there = this.#bySecond.get(second);
    if (there) there.push(item);
    else this.#bySecond.set(second, [item]);
    if (second < this.#timerSecond) this.#arm(second);
  }

  /** What is waited for, and when it runs out, in milliseconds since 1970. */
  waiting(): (Expiring & { atMs: number })[] {
    return [...this.#bySecond].flatMap(([second, items]) => items.map((item) => ({ ...item, atMs: second * 1000 })));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#bySecond.clear();
  }

  #arm(second: number): void {
    this.#timer?.cancel();
    this.#timerSecond = second;
    this.#timer = this.#clock.setTimer(() => this.#fire(), Math.max(0, second * 1000 - this.#clock.now()));
  }

  #fire(): void {
    if (this.#closed) return;
    const now = this.#clock.now();
    const due = [...this.#bySecond.keys()].filter((second) => second * 1000 <= now).sort((a, b) => a - b);
    const items = due.flatMap((second) => this.#bySecond.get(second)!);
    for (const second of due) this.#bySecond.delete(second);
    this.#timerSecond = Infinity;
    if (this.#bySecond.size > 0) this.#arm(Math.min(...this.#bySecond.keys()));
    if (items.length > 0) this.#expired(items);
  }
}
