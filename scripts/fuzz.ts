/**
 * A hundred thousand broken requests against an API server in this process: every answer must be a refusal with a cause, or right; memory must not grow.
 *
 *   npm run fuzz [-- --requests 100000] [--seed WORD] [--wire]
 *
 * With `--wire` they come over TLS to its port, and HTTP itself is broken as well.
 */
import { parseArgs } from 'node:util';
import { attackWire, inFlight, startWireVictim } from '../test/unit/broken-wire-run.ts';
import { attack, startVictim } from '../test/unit/mutated-requests-run.ts';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: 'fuzz' }, wire: { type: 'boolean', default: false } } });
const rounds = 10;
const perRound = Math.ceil(Number(values.requests) / rounds);
/** Heap that may be left over at the end, beside what was there after the first rounds. */
const growthLimitBytes = 64 * 2 ** 20;
const collect = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

interface Target {
  attack(seed: string, requests: number): Promise<string[]>;
  /** Requests that are still running. */
  left(): Promise<number>;
  stop(): Promise<void>;
}

const answers = new Map<number | string, number>();

async function overTheWire(): Promise<Target> {
  const victim = await startWireVictim();
  return { attack: (seed, requests) => attackWire(victim, seed, requests, answers as Map<string, number>), left: () => inFlight(victim), stop: () => victim.server.stop() };
}

async function inProcess(): Promise<Target> {
  const server = await startVictim();
  return { attack: (seed, requests) => attack(server, seed, requests, answers as Map<number, number>), left: async () => 0, stop: () => server.stop() };
}

const target = await (values.wire ? overTheWire() : inProcess());
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const before = { heap: collect(), rss: process.memoryUsage.rss() };
const started = performance.now();
const cpu = process.cpuUsage();
let warm = 0;
let complaints = 0;
for (let round = 0; round < rounds; round++) {
  for (const complaint of await target.attack(`${values.seed}-${round}`, perRound)) {
    complaints++;
    console.error(complaint);
  }
  if (round === 2) warm = collect();
}
// What clients have left behind them is dropped within moments.
const patience = performance.now() + 30_000;
let left = await target.left();
while (left > 0 && performance.now() < patience) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  left = await target.left();
}
if (left > 0) {
  complaints++;
  console.error(`${left} requests are still running`);
}
const after = collect();
const grown = after - warm;
const { user, system } = process.cpuUsage(cpu);
console.log(`${rounds * perRound} requests in ${((performance.now() - started) / 1000).toFixed(0)} s, seed "${values.seed}": ${complaints} wrong answers; heap grew by ${mebibytes(grown)} MiB after the third round`);
console.log(`answers: ${[...answers].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)).map(([status, count]) => `${status}: ${count}`).join(', ')}`);
console.log(`${((user + system) / 1e6).toFixed(0)} s of processor time; heap ${mebibytes(before.heap)} → ${mebibytes(after)} MiB, resident ${mebibytes(before.rss)} → ${mebibytes(process.memoryUsage.rss())} MiB`);
await target.stop();
process.exit(complaints > 0 || (globalThis.gc && grown > growthLimitBytes) ? 1 : 0);
