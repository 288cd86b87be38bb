/**
 * A hundred thousand broken requests against an API server: every answer must be a refusal with a cause, or right; memory must not grow.
 *
 *   npm run fuzz [-- --requests 100000] [--seed WORD] [--wire] [--rounds 10]
 *
 * With `--wire` they come over TLS to the port of a server that runs as a process of its own, as the launcher starts one, and HTTP itself is broken as well.
 * Under fire the engine keeps memory that it once needed for the next time, and gives it back when it next looks after it. What is judged is what the
 * process holds when the engine is told that memory is short: what the last two thirds of the requests add to it has a limit.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { allocatorSettings, nodeFlags } from '../src/main/server-flags.ts';
import { attackWire } from '../test/unit/broken-wire-run.ts';
import { attack, startVictim } from '../test/unit/mutated-requests-run.ts';
import { collect, type VictimQuestion, type VictimState } from '../test/unit/collected.ts';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: 'fuzz' }, wire: { type: 'boolean', default: false }, rounds: { type: 'string', default: '10' } } });
const rounds = Number(values.rounds);
const perRound = Math.ceil(Number(values.requests) / rounds);
/** The code is warm and caches are full after so many rounds, a third of all. */
const warmRounds = Math.max(1, Math.floor(rounds / 3));
/** What may be held at the end, beside what was by then: caches that fill slowly, code that is compiled late, room in pieces. */
const limits = { heapBytes: 16 * 2 ** 20, residentBytes: 32 * 2 ** 20 } as const;

interface Target {
  attack(seed: string, requests: number): Promise<string[]>;
  /** After a collection; `held`: one that gives back whatever is free. */
  state(how?: 'held'): Promise<VictimState>;
  stop(): Promise<void> | void;
}

const answers = new Map<number | string, number>();

async function overTheWire(): Promise<Target> {
  const child = fork(new URL('../test/unit/wire-victim.ts', import.meta.url), { execArgv: [...nodeFlags, '--expose-gc'], env: { ...allocatorSettings, ...process.env } });
  child.once('exit', (code, signal) => {
    console.error(`the server has ended: ${signal ?? code}`);
    process.exit(1);
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    attack: (seed, requests) => attackWire({ port }, seed, requests, answers as Map<string, number>),
    async state(how) {
      child.send((how ?? 'collected') satisfies VictimQuestion);
      const [state] = (await once(child, 'message')) as [VictimState];
      return state;
    },
    stop: () => {
      child.removeAllListeners('exit');
      child.disconnect();
    },
  };
}

async function inProcess(): Promise<Target> {
  const server = await startVictim();
  return {
    attack: (seed, requests) => attack(server, seed, requests, answers as Map<number, number>),
    async state(how) {
      collect(how ?? 'collected');
      const { heapUsed, external, rss } = process.memoryUsage();
      return { left: 0, heapBytes: heapUsed, externalBytes: external, residentBytes: rss };
    },
    stop: () => server.stop(),
  };
}

const target = await (values.wire ? overTheWire() : inProcess());
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const described = ({ heapBytes, externalBytes, residentBytes }: VictimState): string => `heap ${mebibytes(heapBytes)}, beside it ${mebibytes(externalBytes)}, resident ${mebibytes(residentBytes)} MiB`;
let complaints = 0;
function complain(complaint: string): void {
  complaints++;
  console.error(complaint);
}

const started = performance.now();
console.log(`before: ${described(await target.state())}`);
let warm: VictimState | undefined;
for (let round = 1; round <= rounds; round++) {
  for (const complaint of await target.attack(`${values.seed}-${round - 1}`, perRound)) complain(complaint);
  console.log(`round ${round}: ${described(await target.state())}`);
  if (round !== warmRounds) continue;
  warm = await target.state('held');
  console.log(`held: ${described(warm)}`);
}
// What clients have left behind them is dropped within moments.
const patience = performance.now() + 30_000;
let last = await target.state();
while (last.left > 0 && performance.now() < patience) {
  await sleep(100);
  last = await target.state();
}
if (last.left > 0) complain(`${last.left} requests are still running`);
console.log(`${rounds * perRound} requests in ${((performance.now() - started) / 1000).toFixed(0)} s, seed "${values.seed}": ${complaints} wrong answers`);
console.log(`answers: ${[...answers].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)).map(([status, count]) => `${status}: ${count}`).join(', ')}`);
const held = await target.state('held');
console.log(`held: ${described(held)}`);
if (globalThis.gc) {
  for (const part of ['heapBytes', 'residentBytes'] as const) {
    const grown = held[part] - warm![part];
    console.log(`${part} since round ${warmRounds}: ${mebibytes(grown)} MiB more`);
    if (grown > limits[part]) complain(`that is more than ${mebibytes(limits[part])} MiB`);
  }
}
await target.stop();
process.exit(complaints > 0 ? 1 : 0);
