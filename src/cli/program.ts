/** The command line: `kubets COMMAND`. */
import { Command } from 'commander';
import type { Operations, Progress } from './operations.ts';
import { registerComponents } from './commands/components.ts';
import { registerLifecycle } from './commands/lifecycle.ts';
import { registerSimulate } from './commands/simulate.ts';
import { registerImage, registerTools } from './commands/tools.ts';
import { registerUp } from './commands/up.ts';
import { registerWhy } from './commands/why.ts';

export interface Terminal {
  write(text: string): void;
  exit(code: number): void;
}

/** Builds the program; `parseAsync` runs it. Errors come out as rejections, so that one place words them. */
export function createProgram(operations: Operations, progress: Progress, terminal: Terminal): Command {
  const program = new Command('kubets')
    .description('Kubernetes, whole, in TypeScript')
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the flags)')
    .option('--no-install', 'install nothing; say what is missing (for the launcher)');
  registerUp(program, operations, progress);
  registerLifecycle(program, operations, progress, (text) => terminal.write(text));
  registerTools(program, operations, (text) => terminal.write(text), (code) => terminal.exit(code));
  registerImage(program, operations, progress, (text) => terminal.write(text));
  registerSimulate(program, operations, progress, (text) => terminal.write(text));
  registerWhy(program, operations, (text) => terminal.write(text));
  registerComponents(program, operations);
  return program;
}
