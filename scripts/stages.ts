/** Commands run one after the other, each with its name and time; the first that fails ends it all. */
import { spawn } from 'node:child_process';

export interface Stage {
  name: string;
  command: readonly [string, ...string[]];
}

const simulate = (...args: string[]): Stage['command'] => ['node', '--no-warnings', 'scripts/sim.ts', ...args];

/** Fifty seeds that are always the same, eleven of them (one a workload) three times over with one history, and as many new seeds as the time allows. */
export const simulationStages: readonly Stage[] = [
  { name: 'simulation: one history a seed', command: simulate('--seed', '1', '--seeds', '11', '--times', '3', '--for', '60s') },
  { name: 'simulation: fixed seeds', command: simulate('--seed', '12', '--seeds', '39', '--for', '60s') },
  { name: 'simulation: fresh seeds', command: simulate('--budget', '10s') },
];

function run([file, ...args]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

export async function runStages(stages: readonly Stage[]): Promise<void> {
  for (const stage of stages) {
    const started = performance.now();
    process.stdout.write(`\n== ${stage.name}\n`);
    const code = await run(stage.command);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (code !== 0) {
      process.stdout.write(`\n== ${stage.name}: FAILED after ${seconds} s (status ${code})\n`);
      process.exit(1);
    }
    process.stdout.write(`== ${stage.name}: ok, ${seconds} s\n`);
  }
}
