/** `npm test`: everything that must hold. Started by scripts/test.sh, which installs what is missing. */
import { runStages, simulationStages, type Stage } from './stages.ts';

const again = process.argv.includes('--again');
const onlyOnce: Stage[] = [
  { name: 'generated files are current', command: ['node', '--no-warnings', 'scripts/generate-api.ts', '--verify'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['oxlint', '--deny-warnings'] },
];
await runStages([
  ...(again ? [] : onlyOnce),
  { name: 'bundle', command: ['node', '--no-warnings', 'scripts/build.ts'] },
  { name: 'unit, golden and simulation tests', command: ['vitest', 'run'] },
  ...simulationStages,
  { name: 'end-to-end tests', command: ['vitest', 'run', '--config', 'vitest.e2e.config.ts'] },
]);
process.stdout.write('\nall stages passed\n');
