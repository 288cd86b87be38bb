import type { Command } from 'commander';
import { UserError, type Operations } from '../operations.ts';

interface WhyOptions {
  dataDir?: string;
  kubeconfig?: string;
  namespace: string;
  config?: string;
  all: boolean;
  output?: string;
}

/** `kubets why pod/NAME`. */
export function registerWhy(program: Command, operations: Operations, write: (text: string) => void): void {
  program
    .command('why')
    .description('Tell for every node which scheduler plug-ins refuse a pod or how they score it, and what the smallest change would be')
    .argument('<pod>', 'pod/NAME, or NAME')
    .option('-n, --namespace <name>', 'its namespace', 'default')
    .option('--kubeconfig <file>', 'another cluster than that of the data directory')
    .option('--data-dir <dir>', 'the cluster\'s data directory')
    .option('--config <file>', 'the KubeSchedulerConfiguration that the cluster\'s scheduler runs with')
    .option('--all', 'show all nodes', false)
    .option('-o, --output <format>', 'json: for programs')
    .action(async (subject: string, options: WhyOptions) => {
      const match = /^(?:pods?\/)?([a-z0-9][-a-z0-9.]*)$/.exec(subject);
      if (!match) throw new UserError(`"${subject}" is no pod: say pod/NAME`);
      if (options.output !== undefined && options.output !== 'json') throw new UserError(`--output: invalid value "${options.output}": must be json`);
      write(await operations.why({ dataDir: options.dataDir, kubeconfig: options.kubeconfig, namespace: options.namespace, name: match[1]!, config: options.config, all: options.all, json: options.output === 'json' }));
    });
}
