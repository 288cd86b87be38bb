import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../store/manual-clock.ts';
import { QueueSet, type Queuing, type Refusal, type Ticket, type Work } from './queue-set.ts';

const one: Work = { initialSeats: 1, finalSeats: 0, aftermathMs: 0 };
const wide = (initialSeats: number): Work => ({ ...one, initialSeats });
const queuing: Queuing = { queues: 8, handSize: 2, queueLengthLimit: 50 };
const never = new AbortController().signal;

class Rig {
  readonly clock = new ManualClock();
  readonly set: QueueSet;
  readonly started: string[] = [];
  readonly refused: string[] = [];
  readonly running: { name: string; ticket: Ticket }[] = [];

  constructor(limit: number, queues: Queuing | undefined = queuing, maxWaitMs = 15_000) {
    this.set = new QueueSet({ clock: this.clock, limit, queuing: queues, maxWaitMs });
  }

  arrive(flow: string, name: string, work = one, signal = never): void {
    const begun = this.set.begin('schema', flow, work, { signal });
    const take = (result: Ticket | Refusal): void => {
      if (typeof result === 'string') this.refused.push(`${name} ${result}`);
      else {
        this.started.push(name);
        this.running.push({ name, ticket: result });
      }
    };
    if (typeof begun === 'string' || !('started' in begun)) take(begun);
    else void begun.started.then((refusal) => take(refusal ?? begun.ticket));
  }

  async finish(name?: string): Promise<void> {
    const at = name === undefined ? 0 : this.running.findIndex((one) => one.name === name);
    this.set.finish(this.running.splice(at, 1)[0]!.ticket);
    await this.settled();
  }

  async settled(): Promise<void> {
    for (let i = 0; i < 4; i++) await Promise.resolve();
  }
}

describe('seats', () => {
  test('are taken at once while there are any, and then waited for in order', async () => {
    const rig = new Rig(2);
    for (const name of ['a', 'b', 'c', 'd']) rig.arrive('flow', name);
    await rig.settled();
    expect([rig.started, rig.set.waiting]).toEqual([['a', 'b'], 2]);
    await rig.finish();
    expect(rig.started).toEqual(['a', 'b', 'c']);
    await rig.finish();
    await rig.finish();
    await rig.finish();
    expect([rig.set.executing, rig.set.waiting, rig.set.seatsInUse]).toEqual([0, 0, 0]);
  });

  test('without queues who finds none is refused', () => {
    const rig = new Rig(1, undefined);
    // The default of a parameter would stand in for undefined.
    const set = new QueueSet({ clock: rig.clock, limit: 1, queuing: undefined, maxWaitMs: 1 });
    expect(typeof set.begin('s', 'f', one, { signal: never })).toBe('object');
    expect(set.begin('s', 'f', one, { signal: never })).toBe('concurrency-limit');
    expect(set.counts.rejected).toBe(1);
  });

  test('of a wide request must all be free, and narrow ones that came later do not overtake it for ever', async () => {
    const rig = new Rig(4);
    for (const name of ['a', 'b', 'c', 'd']) rig.arrive('narrow', name);
    rig.arrive('wide', 'W', wide(4));
    for (let i = 0; i < 20; i++) rig.arrive('narrow', `n${i}`);
    await rig.settled();
    for (let i = 0; i < 8; i++) {
      rig.clock.advance(3);
      await rig.finish();
    }
    expect(rig.started).toContain('W');
  });

  test('one that is wider than everything runs alone', async () => {
    const rig = new Rig(2);
    rig.arrive('a', 'a');
    rig.arrive('b', 'W', wide(10));
    await rig.settled();
    expect(rig.started).toEqual(['a']);
    await rig.finish();
    expect(rig.started).toEqual(['a', 'W']);
    rig.arrive('a', 'c');
    await rig.settled();
    expect(rig.started).toEqual(['a', 'W']);
  });

  test('are kept for the aftermath of a write', async () => {
    const rig = new Rig(4);
    rig.arrive('a', 'write', { initialSeats: 1, finalSeats: 3, aftermathMs: 5 });
    rig.arrive('b', 'x', wide(2));
    await rig.settled();
    expect(rig.started).toEqual(['write']);
    await rig.finish('write');
    expect([rig.started, rig.set.executing, rig.set.seatsInUse]).toEqual([['write'], 0, 3]);
    rig.clock.advance(5);
    await rig.settled();
    expect([rig.started, rig.set.seatsInUse]).toEqual([['write', 'x'], 2]);
  });

  test('that are lent away come back as requests end; more of them let the waiting in', async () => {
    const rig = new Rig(4);
    for (let i = 0; i < 8; i++) rig.arrive('a', `r${i}`);
    rig.set.configure(2, queuing);
    await rig.finish();
    await rig.finish();
    expect(rig.started).toHaveLength(4);
    await rig.finish();
    expect(rig.started).toHaveLength(5);
    rig.set.configure(10, queuing);
    await rig.settled();
    expect(rig.started).toHaveLength(8);
  });
});

describe('waiting', () => {
  test('ends after so long', async () => {
    const rig = new Rig(1);
    rig.arrive('a', 'first');
    rig.arrive('a', 'second');
    rig.clock.advance(15_000);
    await rig.settled();
    expect([rig.refused, rig.set.waiting, rig.set.counts.timedOut]).toEqual([['second time-out'], 0, 1]);
  });

  test('ends when the client has gone', async () => {
    const rig = new Rig(1);
    const gone = new AbortController();
    rig.arrive('a', 'first');
    rig.arrive('a', 'second', one, gone.signal);
    rig.arrive('a', 'third');
    gone.abort();
    await rig.settled();
    expect(rig.refused).toEqual(['second cancelled']);
    await rig.finish();
    expect(rig.started).toEqual(['first', 'third']);
  });

  test('is refused where the queue is full, and only there', async () => {
    const rig = new Rig(1, { queues: 1, handSize: 1, queueLengthLimit: 2 });
    for (const name of ['a', 'b', 'c', 'd']) rig.arrive('x', name);
    await rig.settled();
    expect(rig.refused).toEqual(['d queue-full']);
  });

  test('a mouse passes between the elephant\'s requests', async () => {
    const rig = new Rig(1, { queues: 64, handSize: 6, queueLengthLimit: 50 });
    for (let i = 0; i < 200; i++) rig.arrive('elephant', `e${i}`);
    rig.arrive('mouse', 'mouse');
    for (let i = 0; i < 30; i++) {
      rig.clock.advance(3);
      await rig.finish();
    }
    expect(rig.started.indexOf('mouse')).toBeGreaterThan(0);
    expect(rig.started.indexOf('mouse')).toBeLessThan(10);
  });

  test('flows that always have something to do get the same', async () => {
    const rig = new Rig(2, { queues: 64, handSize: 1, queueLengthLimit: 50 });
    const flows = ['a', 'b', 'c'];
    const done = new Map<string, number>();
    for (let round = 0; round < 5; round++) for (const flow of flows) rig.arrive(flow, flow);
    await rig.settled();
    for (let i = 0; i < 300; i++) {
      rig.clock.advance(2);
      const { name } = rig.running[0]!;
      done.set(name, (done.get(name) ?? 0) + 1);
      rig.arrive(name, name);
      await rig.finish();
    }
    for (const flow of flows) expect(done.get(flow)! / 100).toBeCloseTo(1, 0);
  });
});

const arrival = fc.record({ kind: fc.constant('arrive' as const), flow: fc.nat(5), seats: fc.integer({ min: 1, max: 6 }), after: fc.nat(3) });
const step = fc.oneof({ weight: 3, arbitrary: arrival }, { weight: 2, arbitrary: fc.record({ kind: fc.constant('finish' as const), at: fc.nat(20) }) }, { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(20) }) }, { weight: 1, arbitrary: fc.record({ kind: fc.constant('limit' as const), seats: fc.integer({ min: 1, max: 9 }) }) });

test('never more seats than the limit of the moment at which they were given; every flow\'s turn comes', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
    let limit = 5;
    const rig = new Rig(limit, queuing, 1e9);
    let arrived = 0;
    const check = (before: number): void => {
      const { seatsInUse, executing } = rig.set;
      // Seats given before the limit fell are kept; nobody gets new ones meanwhile.
      expect(seatsInUse <= Math.max(limit, before) || executing === 1).toBe(true);
      expect(executing === 0 && rig.set.waiting > 0 && seatsInUse === 0).toBe(false);
    };
    for (const one of steps) {
      const before = rig.set.seatsInUse;
      if (one.kind === 'arrive') rig.arrive(String(one.flow), `r${arrived++}`, { initialSeats: one.seats, finalSeats: one.after, aftermathMs: one.after });
      else if (one.kind === 'finish' && rig.running.length > 0) await rig.finish(rig.running[one.at % rig.running.length]!.name);
      else if (one.kind === 'pass') rig.clock.advance(one.ms);
      else if (one.kind === 'limit') rig.set.configure((limit = one.seats), queuing);
      await rig.settled();
      check(before);
    }
    // Liveness: while what runs ends, all that wait come to run.
    for (let i = 0; i < 4 * arrived + 10 && (rig.running.length > 0 || rig.set.waiting > 0); i++) {
      rig.clock.advance(5);
      await rig.settled();
      if (rig.running.length > 0) await rig.finish();
    }
    rig.clock.advance(10);
    expect(rig.started.length + rig.refused.length).toBe(arrived);
    expect(rig.refused.filter((refusal) => !refusal.endsWith('queue-full'))).toEqual([]);
    rig.set.configure(limit, queuing);
    expect([rig.set.executing, rig.set.waiting, rig.set.seatsInUse]).toEqual([0, 0, 0]);
  }), { seed: 36, numRuns: 200 });
});

test('no flow starves however hard the others push', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30 }), async (limit, pushers, durationMs) => {
    const rig = new Rig(limit, { queues: 32, handSize: 4, queueLengthLimit: 50 }, 1e9);
    const push = (): void => {
      for (let i = 0; i < pushers; i++) rig.arrive(`pusher-${i}`, `p${i}`);
    };
    for (let i = 0; i < 20; i++) push();
    rig.arrive('quiet', 'quiet');
    await rig.settled();
    const bound = 40 * (pushers + 1) + 20;
    for (let i = 0; i < bound && !rig.started.includes('quiet'); i++) {
      rig.clock.advance(durationMs);
      push();
      await rig.finish();
    }
    expect(rig.started).toContain('quiet');
  }), { seed: 36, numRuns: 40 });
});
