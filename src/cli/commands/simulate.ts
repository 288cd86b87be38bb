import { Option, type Command } from 'commander';
import { quantityToNumber } from '../../api/meta/quantity.ts';
import { UserError, type Operations, type Progress, type SimulateRequest } from '../operations.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A simulated year is more than anybody waits for. */
const longestMs = 366 * unitMs['d']!;
const mostNodes = 20_000;

/** `24h`, `90m`, `1h30m`. */
export function durationMs(flag: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
  const value = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs[unit!]!, 0);
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text || value <= 0 || value > longestMs) {
    throw new UserError(`${flag}: invalid value "${text}": must be a duration such as 90s, 30m, 24h or 7d`);
  }
  return value;
}

function positive(flag: string, name: string, text: string, max: number, isWhole: boolean): number {
  let value: number;
  try {
    value = quantityToNumber(text);
  } catch {
    value = Number.NaN;
  }
  if (!(value > 0 && value <= max) || (isWhole && !/^\d+$/.test(text))) throw new UserError(`${flag}: invalid value "${text}" for ${name}: must be a ${isWhole ? 'whole number' : 'quantity'} above zero`);
  return value;
}

/** `cpu=8,memory=32Gi,pods=110,zones=3`; what is left out is as in the example. */
export function nodeShape(text: string): SimulateRequest['shape'] {
  const shape = { cpu: 8, memoryBytes: 32 * 2 ** 30, pods: 110, zones: 3 };
  for (const pair of text.split(',').filter(Boolean)) {
    const [name = '', value = ''] = pair.split('=', 2);
    if (name === 'cpu') shape.cpu = positive('--node-shape', name, value, 4_096, true);
    else if (name === 'memory') shape.memoryBytes = positive('--node-shape', name, value, 2 ** 50, false);
    else if (name === 'pods') shape.pods = positive('--node-shape', name, value, 250, true);
    else if (name === 'zones') shape.zones = positive('--node-shape', name, value, 100, true);
    else throw new UserError(`--node-shape: unknown part "${name}": must be cpu, memory, pods or zones`);
  }
  return shape;
}

interface Flags {
  filename: string[];
  nodes: string;
  for: string;
  nodeShape: string;
  fault?: string[];
  seed: string;
  jobTime: string;
  output: 'text' | 'json';
  report?: string;
}

/** `kubets simulate`: what would happen to these manifests on so many nodes? */
export function registerSimulate(program: Command, operations: Operations, progress: Progress, write: (text: string) => void): void {
  program
    .command('simulate')
    .description('Run manifests on pretending nodes on a virtual clock, and tell what became ready, what did not and why, what was lost, and how full the cluster was')
    .requiredOption('-f, --filename <path...>', 'files and folders with manifests (YAML or JSON)')
    .option('--nodes <count>', 'how many nodes', '10')
    .option('--node-shape <parts>', 'what a node has, and how many zones there are', 'cpu=8,memory=32Gi,pods=110,zones=3')
    .option('--for <duration>', 'how much virtual time passes', '1h')
    .option('--fault <fault...>', 'what befalls nodes: node-crash[=TIME], zone-outage[=TIME], container-crash[=TIME], pull[=SHARE], start[=SHARE], sandbox[=SHARE]; TIME is the average between two, SHARE from 0 to 1')
    .option('--seed <text>', 'decides all chance; the same seed tells the same story', '1')
    .option('--job-time <duration>', 'how long pods of jobs run, whose images tell nothing', '60s')
    .addOption(new Option('-o, --output <format>', 'how the report is printed').choices(['text', 'json']).default('text'))
    .option('--report <file>', 'write a report with charts to this HTML file')
    .option('--no-install', 'install nothing; say what is missing (for the launcher)')
    .action(async (flags: Flags) => {
      write(await operations.simulate({
        files: flags.filename,
        nodes: positive('--nodes', 'nodes', flags.nodes, mostNodes, true),
        durationMs: durationMs('--for', flags.for),
        shape: nodeShape(flags.nodeShape),
        faults: (flags.fault ?? []).flatMap((text) => text.split(',')),
        seed: flags.seed,
        jobMs: durationMs('--job-time', flags.jobTime),
        output: flags.output,
        report: flags.report,
      }, progress));
    });
}
