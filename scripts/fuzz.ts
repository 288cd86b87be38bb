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
const started = performance.now();
let warm = 0;
let complaints = 0;
for (let round = 0; round < rounds; round++) {
  for (const complaint of await attack(server, `${values.seed}-${round}`, perRound)) {
    complaints++;
    console.error(complaint);
  }
  if (round === 2) warm = collect();
}
const grown = collect() - warm;
console.log(`${rounds * perRound} requests in ${((performance.now() - started) / 1000).toFixed(0)} s, seed "${values.seed}": ${complaints} wrong answers; heap grew by ${(grown / 2 ** 20).toFixed(1)} MiB after the third round`);
await server.stop();
process.exit(complaints > 0 || (globalThis.gc && grown > growthLimitBytes) ? 1 : 0);
