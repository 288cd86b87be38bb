/**
 * `startCluster()` to ready, its snapshot and its fork, in one process: what a test pays.
 *
 *   node bench/start-cluster.ts [--runs 20] [--out FILE]
 */
import { startCluster } from '../src/testing/index.ts';
import { count, percentile, report, type Figure } from './report.ts';

const runs = count('runs', 20);

/** Milliseconds of processor time (all threads) that the process has taken so far. */
function taken(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

interface Series {
  passed: number[];
  cpu: number[];
}

async function timed<T>(into: Series, work: () => Promise<T> | T): Promise<T> {
  const [began, before] = [performance.now(), taken()];
  const result = await work();
  into.passed.push(performance.now() - began);
  into.cpu.push(taken() - before);
  return result;
}

const series = (): Series => ({ passed: [], cpu: [] });
const [start, virtual, snapshot, fork, stop] = [series(), series(), series(), series(), series()];
for (let run = 0; run < runs; run++) {
  const cluster = await timed(start, () => startCluster());
  const taken = await timed(snapshot, () => cluster.snapshot());
  const other = await timed(fork, () => startCluster({ from: taken }));
  await timed(stop, () => cluster.stop());
  await other.stop();
  await (await timed(virtual, () => startCluster({ clock: 'virtual' }))).stop();
}
const first = start.passed[0]!;
const median = (values: number[]): number => percentile(values.toSorted((a, b) => a - b), 0.5);
const both = (name: string, { passed, cpu }: Series): Figure[] => [
  { name: `${name}, median`, value: median(passed), unit: 'ms' },
  { name: `${name}: processor time, median`, value: median(cpu), unit: 'ms' },
];
report('start-cluster', [
  { name: 'startCluster, first of the process', value: first, unit: 'ms' },
  ...both('startCluster', start), ...both('startCluster on the virtual clock', virtual), ...both('snapshot', snapshot),
  ...both('fork (startCluster from a snapshot)', fork), ...both('stop', stop),
]);
