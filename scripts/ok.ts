/** `npm run ok`: all checks that need no containers. */
import { runStages } from './stages.ts';

await runStages([
  { name: 'generated files are current', command: ['node', '--no-warnings', 'scripts/generate-api.ts', '--verify'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['oxlint', '--deny-warnings'] },
  { name: 'tests', command: ['vitest', 'run'] },
  { name: 'simulation: a few seeds', command: ['node', '--no-warnings', 'scripts/sim.ts', '--seed', '1', '--seeds', '10', '--for', '30s'] },
]);
