/**
 * Start-up of the control plane from its bundle, cold (new state) and warm (with state), to the first good answer of /readyz; memory after a rest.
 *
 *   node scripts/build.ts && node bench/startup.ts [--runs 5] [--out FILE]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { count, percentile, report } from './report.ts';

const runs = count('runs', 5);
const program = new URL('../dist/kubets.js', import.meta.url).pathname;
const port = String(count('port', 17_443));

function kubets(dataDir: string, ...args: string[]): string {
  const result = spawnSync(process.execPath, ['--no-warnings', program, ...args, '--data-dir', dataDir], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`kubets ${args.join(' ')}: ${result.stderr}${result.stdout}`);
  return result.stdout;
}

/** The time that the station "control plane" reports, in milliseconds. */
function stationMs(output: string): number {
  const match = /control plane.*\(([\d.]+) (ms|s)\)/.exec(output);
  if (!match) throw new Error(`no time in: ${output}`);
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

const [cold, warm, memory]: [number[], number[], number[]] = [[], [], []];
for (let run = 0; run < runs; run++) {
  const dataDir = mkdtempSync(join(tmpdir(), 'kubets-bench-'));
  cold.push(stationMs(kubets(dataDir, 'up', '--runtime', 'hollow', '--port', port)));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const { pid } = JSON.parse(readFileSync(join(dataDir, 'processes', 'control-plane.json'), 'utf8')) as { pid: number };
  memory.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);
  kubets(dataDir, 'down');
  warm.push(stationMs(kubets(dataDir, 'up', '--runtime', 'hollow', '--port', port)));
  kubets(dataDir, 'reset', '--yes');
  rmSync(dataDir, { recursive: true, force: true });
}
const median = (values: number[]): number => percentile(values.toSorted((a, b) => a - b), 0.5);
report('startup', [
  { name: 'control plane, cold start to /readyz, median', value: median(cold), unit: 'ms' },
  { name: 'control plane, start with state, median', value: median(warm), unit: 'ms' },
  { name: 'control plane memory at rest, median', value: median(memory), unit: 'MiB' },
]);
