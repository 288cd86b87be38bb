/** Where the `kubets` command begins. */
import { CommanderError } from 'commander';
import { UserError } from '../cli/operations.ts';
import { createProgram } from '../cli/program.ts';
import { terminalProgress } from '../cli/progress.ts';
import { nodeHost } from '../host/node/index.ts';
import { StatusError } from '../api/meta/status.ts';
import { createOperations } from './operations.ts';

const systemErrors: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  EADDRINUSE: 'the port is in use',
  EMFILE: 'too many open files',
};

/** One line for the person, and a hint on a second one. */
function wordsFor(error: unknown): string {
  if (error instanceof UserError) return error.hint === undefined ? error.message : `${error.message}\n  ${error.hint}`;
  if (error instanceof StatusError) return `the API server refuses: ${error.message}`;
  const { code, path, message } = error as { code?: string; path?: string; message?: string };
  if (code !== undefined && systemErrors[code]) return `${systemErrors[code]}${path === undefined ? '' : `: ${path}`}`;
  return message ?? String(error);
}

async function main(): Promise<void> {
  const host = nodeHost({ logLevel: 'warn' });
  const output = { write: (text: string) => void process.stdout.write(text), isTerminal: process.stdout.isTTY, columns: process.stdout.columns };
  const terminal = {
    write: output.write,
    exit(code: number) {
      process.exitCode = code;
    },
  };
  const program = createProgram(createOperations(host), terminalProgress(output, () => host.clock.monotonic()), terminal);
  program.exitOverride();
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version end well; a wrong flag has been named by commander already.
      process.exitCode = error.exitCode;
      return;
    }
    process.stderr.write(`kubets: ${wordsFor(error)}\n`);
    if (process.env['KUBETS_DEBUG']) process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = 1;
  }
  // Keep-alive connections would hold the process for seconds.
  process.exit();
}

await main();
