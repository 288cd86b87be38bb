/**
 * `npm run sim -- [--seed N] [--seeds N] [--workload W] [--fault NAMES] [--for 5m] [--verbose]`: runs seeds of the simulator; a failure prints the line that replays it.
 * Without a seed a fresh one is drawn and printed. `--budget 20s` runs fresh seeds until the time is over. `--times 3` runs each seed so often and compares the histories.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { failureText, runSimulation, type RunReport } from '../src/simulate/run.ts';
import { workloadNamed, workloads, type Workload } from '../src/simulate/workloads/index.ts';
import { faults } from '../src/simulate/faults.ts';
import { makeWorld } from '../src/testing/simulated-world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' }, seeds: { type: 'string' }, workload: { type: 'string' }, fault: { type: 'string' }, for: { type: 'string' },
    verbose: { type: 'boolean' }, budget: { type: 'string' }, times: { type: 'string' }, list: { type: 'boolean' },
  },
});

function milliseconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!match) throw new Error(`"${text}" is no duration: 90s, 5m, 24h`);
  return Number(match[1]) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match[2] ?? 's']!;
}

if (values.list) {
  for (const { name, what } of workloads) process.stdout.write(`workload ${name.padEnd(18)} ${what}\n`);
  for (const { name, what } of faults) process.stdout.write(`fault    ${name.padEnd(18)} ${what}\n`);
  process.exit(0);
}

const chosen = values.workload === undefined ? workloads : values.workload.split(',').map(workloadNamed);
const options = { faults: values.fault?.split(',') ?? ['all'], ...(values.for === undefined ? {} : { durationMs: milliseconds(values.for) }) };
const times = Number(values.times ?? 1);
let runs = 0;
let failed = 0;

async function runOnce(seed: string, workload: Workload): Promise<RunReport> {
  const began = performance.now();
  const report = await runSimulation({ seed, workload, makeWorld, ...options, ...(values.verbose ? { verbose: (line: string) => void process.stdout.write(`${line}\n`) } : {}) });
  runs++;
  const ms = Math.round(performance.now() - began);
  process.stdout.write(`${report.violations.length === 0 ? 'ok  ' : 'FAIL'} seed ${seed} ${workload.name}: ${report.commits} commits, ${Math.round(report.virtualMs / 1000)} s in ${ms} ms, trace ${report.hash.slice(0, 16)}\n`);
  if (report.violations.length > 0) {
    failed++;
    process.stdout.write(`${failureText(report, options)}\n`);
  }
  return report;
}

async function runSeed(seed: string, workload: Workload): Promise<void> {
  const hashes = new Set<string>();
  for (let i = 0; i < times; i++) hashes.add((await runOnce(seed, workload)).hash);
  if (hashes.size > 1) {
    failed++;
    process.stdout.write(`FAIL seed ${seed} ${workload.name}: ${hashes.size} histories from one seed: ${[...hashes].join(', ')}\n`);
  }
}

if (values.budget !== undefined) {
  const first = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  process.stdout.write(`fresh seeds from ${first}\n`);
  const end = performance.now() + milliseconds(values.budget);
  for (let i = 0; performance.now() < end; i++) await runSeed(String(first + i), chosen[i % chosen.length]!);
} else {
  const count = Number(values.seeds ?? 1);
  const first = values.seed ?? String(randomInt(2 ** 31));
  for (let i = 0; i < count; i++) {
    const seed = count === 1 ? first : String(Number(first) + i);
    // Many seeds go round the workloads; one seed runs them all.
    for (const workload of count > 1 && values.workload === undefined ? [chosen[i % chosen.length]!] : chosen) await runSeed(seed, workload);
  }
}
process.stdout.write(`${runs} runs, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
