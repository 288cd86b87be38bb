/**
 * A hundred thousand broken requests against an API server in this process: every answer must be a refusal with a cause, or right; memory must not grow.
 *
 *   npm run fuzz [-- --requests 100000] [--seed WORD]
 */
import { parseArgs } from 'node:util';
import { attack, startVictim } from '../test/unit/mutated-requests-run.ts';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: 'fuzz' } } });
const rounds = 10;
const perRound = Math.ceil(Number(values.requests) / rounds);
/** Heap that may be left over at the end, beside what was there after the first rounds. */
const growthLimitBytes = 64 * 2 ** 20;
const collect = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

const server = await startVictim();
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const before = { heap: collect(), rss: process.memoryUsage.rss() };
const statuses = new Map<number, number>();
const started = performance.now();
const cpu = process.cpuUsage();
let warm = 0;
let complaints = 0;
for (let round = 0; round < rounds; round++) {
  for (const complaint of await attack(server, `${values.seed}-${round}`, perRound, statuses)) {
    complaints++;
    console.error(complaint);
  }
  if (round === 2) warm = collect();
}
const after = collect();
const grown = after - warm;
const { user, system } = process.cpuUsage(cpu);
console.log(`${rounds * perRound} requests in ${((performance.now() - started) / 1000).toFixed(0)} s, seed "${values.seed}": ${complaints} wrong answers; heap grew by ${mebibytes(grown)} MiB after the third round`);
console.log(`answers: ${[...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`).join(', ')}`);
console.log(`${((user + system) / 1e6).toFixed(0)} s of processor time; heap ${mebibytes(before.heap)} → ${mebibytes(after)} MiB, resident ${mebibytes(before.rss)} → ${mebibytes(process.memoryUsage.rss())} MiB`);
await server.stop();
process.exit(complaints > 0 || (globalThis.gc && grown > growthLimitBytes) ? 1 : 0);
