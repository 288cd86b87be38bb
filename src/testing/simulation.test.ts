import { describe, expect, test } from 'vitest';
import { failureText, runSimulation } from '../simulate/run.ts';
import { workloadNamed } from '../simulate/workloads/index.ts';
import { makeWorld } from './simulated-world.ts';

/** Seeds that once found a bug, and what the bug was. */
const scenarios: readonly (readonly [what: string, workload: string, seed: string])[] = [
  ['a kubelet said nothing when a node that was thought lost came back, because it had said the same before', 'garbage', '108'],
  ['an autoscaler whose change was lost said that it wanted what was there, out of its bounds', 'autoscaling', '70022'],
  ['a condition that turned true kept its old reason', 'preemption', '137'],
];

describe('scenarios', () => {
  test.each(scenarios)('%s', async (_what, workload, seed) => {
    const report = await runSimulation({ seed, workload: workloadNamed(workload), makeWorld });
    expect(report.violations, failureText(report, {})).toEqual([]);
  }, 60_000);
});

describe('with every fault', () => {
  // All workloads, and longer: `npm test` has the simulator's own stage for it.
  test('the same seed gives the same history, three times over', async () => {
    const options = { seed: '7', workload: workloadNamed('leaders'), makeWorld, durationMs: 20_000 };
    const [first, second, third] = [await runSimulation(options), await runSimulation(options), await runSimulation(options)];
    expect(first.commits).toBeGreaterThan(200);
    expect([second.hash, third.hash]).toEqual([first.hash, first.hash]);
    expect((await runSimulation({ ...options, seed: '8' })).hash).not.toBe(first.hash);
  }, 60_000);
});
