import type { Command } from 'commander';
import { UserError, type Operations, type Progress, type StatusReport } from '../operations.ts';
import { columns } from '../columns.ts';

const dataDirFlag = ['--data-dir <dir>', 'the cluster\'s data directory'] as const;

function statusText(report: StatusReport): string {
  const parts = report.parts.map((part) => [part.name, part.state, part.pid?.toString() ?? '', part.memoryBytes === undefined ? '' : `${Math.round(part.memoryBytes / 2 ** 20)} MiB`, part.detail ?? '']);
  const lines = [`data directory: ${report.dataDir}`];
  if (report.server) lines.push(`server:         ${report.server}`);
  lines.push('', columns(['PART', 'STATE', 'PID', 'MEMORY', ''], parts));
  if (report.nodes.length > 0) {
    lines.push('', columns(['NODE', 'STATUS', 'VERSION', 'ADDRESS'], report.nodes.map((n) => [n.name, n.ready ? 'Ready' : 'NotReady', n.version, n.address])));
  }
  if (report.problem) lines.push('', report.problem);
  return `${lines.join('\n')}\n`;
}

/** `kubets down | status | reset`. */
export function registerLifecycle(program: Command, operations: Operations, progress: Progress, write: (text: string) => void): void {
  program
    .command('down')
    .description('Stop the cluster; its state stays, and the next `up` goes on from there')
    .option(...dataDirFlag)
    .option('--keep-pods', 'stop only the components: containers go on running', false)
    .action((options: { dataDir?: string; keepPods: boolean }) => operations.down({ dataDir: options.dataDir, keepPods: options.keepPods }, progress));
  program
    .command('status')
    .description('Show what runs')
    .option(...dataDirFlag)
    .option('-o, --output <format>', 'json for machines')
    .action(async (options: { dataDir?: string; output?: string }) => {
      const report = await operations.status({ dataDir: options.dataDir });
      write(options.output === 'json' ? `${JSON.stringify(report, undefined, 2)}\n` : statusText(report));
    });
  program
    .command('reset')
    .description('Stop the cluster and remove everything that it made, its state included')
    .option(...dataDirFlag)
    .option('--yes', 'really do it', false)
    .action(async (options: { dataDir?: string; yes: boolean }) => {
      if (!options.yes) throw new UserError('reset removes the cluster with all its state', 'add --yes to do it');
      await operations.reset({ dataDir: options.dataDir }, progress);
    });
}
