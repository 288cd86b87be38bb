import type { Command } from 'commander';
import type { Operations, Progress } from '../operations.ts';
import { columns } from '../columns.ts';

const dataDirFlag = ['--data-dir <dir>', 'the cluster\'s data directory'] as const;

/** `kubets kubeconfig | kubectl | version`. */
export function registerTools(program: Command, operations: Operations, write: (text: string) => void, exit: (code: number) => void): void {
  program
    .command('kubeconfig')
    .description('Print the admin\'s kubeconfig, or merge it into your own')
    .option(...dataDirFlag)
    .option('--merge', 'merge it into $KUBECONFIG or ~/.kube/config, and make it the current context', false)
    .action(async (options: { dataDir?: string; merge: boolean }) => {
      const { text, mergedInto } = await operations.kubeconfig({ dataDir: options.dataDir, merge: options.merge });
      write(mergedInto === undefined ? text : `merged into ${mergedInto}\n`);
    });
  program
    .command('kubectl')
    .description('Run kubectl against the cluster: the one on PATH, else the one that npm ships')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[args...]')
    .passThroughOptions()
    .action(async (args: string[]) => exit(await operations.kubectl({ dataDir: process.env['KUBETS_DATA_DIR'], args })));
  program
    .command('version')
    .description('Print versions')
    .action(() => {
      const version = operations.version();
      write(`kubets ${version.kubets}\nKubernetes API ${version.kubernetes}\nNode.js ${version.node}\n`);
    });
}

/** `kubets image build | load | list`. */
export function registerImage(program: Command, operations: Operations, progress: Progress, write: (text: string) => void): void {
  const image = program.command('image').description('Build images from local files, and bring them to the nodes');
  image
    .command('build')
    .description('Build an image from a folder with a Containerfile (FROM scratch or a local archive, COPY, ENV, ENTRYPOINT …), and load it')
    .argument('<dir>', 'the build context')
    .requiredOption('-t, --tag <name>', 'the image\'s name')
    .option('-f, --file <file>', 'the Containerfile (default: Containerfile or Dockerfile in the context)')
    .option('-o, --output <file>', 'write an archive instead of loading it')
    .option(...dataDirFlag)
    .option('--no-install', 'install nothing (for the launcher)')
    .action((dir: string, options: { tag: string; file?: string; output?: string; dataDir?: string }) =>
      operations.buildImage({ dataDir: options.dataDir, context: dir, tag: options.tag, file: options.file, output: options.output }, progress));
  image
    .command('load')
    .description('Load an image archive (docker save, OCI layout) into every node')
    .argument('<file>', 'a tar archive')
    .option(...dataDirFlag)
    .option('--no-install', 'install nothing (for the launcher)')
    .action((archive: string, options: { dataDir?: string }) => operations.loadImage({ dataDir: options.dataDir, archive }, progress));
  image
    .command('list')
    .description('List the images on the nodes')
    .option(...dataDirFlag)
    .option('--no-install', 'install nothing (for the launcher)')
    .action(async (options: { dataDir?: string }) => {
      const rows = await operations.listImages({ dataDir: options.dataDir });
      write(`${columns(['NODE', 'IMAGE', 'SIZE'], rows.map((row) => [row.node, row.name, `${(row.sizeBytes / 1e6).toFixed(1)} MB`]))}\n`);
    });
}
