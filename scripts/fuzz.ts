/**
 * A hundred thousand broken requests against an API server: every answer must be a refusal with a cause, or right; memory must not grow.
 *
 *   npm run fuzz [-- --requests 100000] [--seed WORD] [--wire] [--rounds 10]
 *
 * With `--wire` they come over TLS to the port of a server that runs as a process of its own, as the launcher starts one, and HTTP itself is broken as well.
 * Under fire the engine keeps what it once needed for the next time. Left alone, without anybody asking for a collection, the server must give it back
 * to the system: that is where its resident memory is judged.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { allocatorSettings, nodeFlags } from '../src/main/server-flags.ts';
import { attackWire } from '../test/unit/broken-wire-run.ts';
import { attack, startVictim } from '../test/unit/mutated-requests-run.ts';
import type { VictimQuestion, VictimState } from '../test/unit/wire-victim.ts';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: 'fuzz' }, wire: { type: 'boolean', default: false }, rounds: { type: 'string', default: '10' } } });
const rounds = Number(values.rounds);
const perRound = Math.ceil(Number(values.requests) / rounds);
/** The code is warm and caches are full after so many rounds, a third of all. */
const warmRounds = Math.max(1, Math.floor(rounds / 3));
/** In use at the end, beside what was by then. */
const heapGrowthBytes = 16 * 2 ** 20;
/** Resident when it has been left alone, beside what it was before it was attacked: loaded and compiled code, and caches. */
const residentGrowthBytes = 48 * 2 ** 20;
/** The engine looks after a time of rest for what it can give back, and then again. */
const restMs = 300_000;

interface Target {
  attack(seed: string, requests: number): Promise<string[]>;
  /** After a collection. */
  state(): Promise<VictimState>;
  /** As it is. */
  residentBytes(): Promise<number>;
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
  async function ask<Answer>(question: VictimQuestion): Promise<Answer> {
    child.send(question);
    const [answer] = (await once(child, 'message')) as [Answer];
    return answer;
  }
  return {
    attack: (seed, requests) => attackWire({ port }, seed, requests, answers as Map<string, number>),
    state: () => ask<VictimState>('state'),
    residentBytes: () => ask<number>('residentBytes'),
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
    async state() {
      globalThis.gc?.();
      const { heapUsed, external, rss } = process.memoryUsage();
      return { left: 0, heapBytes: heapUsed, externalBytes: external, residentBytes: rss };
    },
    residentBytes: async () => process.memoryUsage.rss(),
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
const before = await target.state();
console.log(`before: ${described(before)}`);
let warm: VictimState | undefined;
for (let round = 1; round <= rounds; round++) {
  for (const complaint of await target.attack(`${values.seed}-${round - 1}`, perRound)) complain(complaint);
  const now = await target.state();
  if (round === warmRounds) warm = now;
  console.log(`round ${round}: ${described(now)}`);
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
if (globalThis.gc) {
  const grown = last.heapBytes - warm!.heapBytes;
  console.log(`since round ${warmRounds}: heap ${mebibytes(grown)} MiB more`);
  if (grown > heapGrowthBytes) complain(`the heap grew by more than ${mebibytes(heapGrowthBytes)} MiB since round ${warmRounds}`);
}
if (values.wire) {
  const restedFrom = performance.now();
  let resident = await target.residentBytes();
  while (resident > before.residentBytes + residentGrowthBytes && performance.now() < restedFrom + restMs) {
    await sleep(1_000);
    resident = await target.residentBytes();
  }
  console.log(`left alone for ${((performance.now() - restedFrom) / 1000).toFixed(0)} s: resident ${mebibytes(resident)} MiB, ${mebibytes(resident - before.residentBytes)} more than before it was attacked`);
  if (resident > before.residentBytes + residentGrowthBytes) complain(`that is more than ${mebibytes(residentGrowthBytes)} MiB more`);
}
await target.stop();
process.exit(complaints > 0 ? 1 : 0);
