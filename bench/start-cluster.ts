/**
 * `startCluster()` to ready, its snapshot and its fork, in one process: what a test pays.
 *
 *   node bench/start-cluster.ts [--runs 20] [--out FILE]
 */
import { startCluster } from '../src/testing/index.ts';
import { count, percentile, report } from './report.ts';

const runs = count('runs', 20);

async function timed<T>(into: number[], work: () => Promise<T> | T): Promise<T> {
  const began = performance.now();
  const result = await work();
  into.push(performance.now() - began);
  return result;
}

const [start, virtual, snapshot, fork, stop]: number[][] = [[], [], [], [], []];
for (let run = 0; run < runs; run++) {
  const cluster = await timed(start!, () => startCluster());
  const taken = await timed(snapshot!, () => cluster.snapshot());
  const other = await timed(fork!, () => startCluster({ from: taken }));
  await timed(stop!, () => cluster.stop());
  await other.stop();
  await (await timed(virtual!, () => startCluster({ clock: 'virtual' }))).stop();
}
const first = start![0]!;
const median = (values: number[]): number => percentile(values.toSorted((a, b) => a - b), 0.5);
report('start-cluster', [
  { name: 'startCluster, first of the process', value: first, unit: 'ms' },
  { name: 'startCluster, median', value: median(start!), unit: 'ms' },
  { name: 'startCluster on the virtual clock, median', value: median(virtual!), unit: 'ms' },
  { name: 'snapshot, median', value: median(snapshot!), unit: 'ms' },
  { name: 'fork (startCluster from a snapshot), median', value: median(fork!), unit: 'ms' },
  { name: 'stop, median', value: median(stop!), unit: 'ms' },
]);
