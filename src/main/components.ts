/** Each component as a process of its own: what `up` starts, and what a person may start with upstream's flags. */
import { flushCompileCache } from 'node:module';
import { UserError } from '../cli/operations.ts';
import type { Running } from '../client/types.ts';
import { nodeHost } from '../host/node/index.ts';
import type { LogLevel } from '../host/node/log.ts';
import type { Host } from '../host/types.ts';
import type { Cluster } from './cluster.ts';
import type { Flags } from './flags.ts';
import type { Layout } from './layout.ts';
import { waitForSignal } from './signals.ts';


type FindCluster = (dataDir: string | undefined) => Promise<{ layout: Layout; cluster: Cluster }>;

function logLevelOf(flags: Flags, fallback: string): LogLevel {
  const verbosity = flags['v'];
  if (verbosity === undefined) return fallback as LogLevel;
  const level = Number(verbosity);
  if (!Number.isInteger(level) || level < 0) throw new UserError(`--v: invalid value "${verbosity}": must be a whole number from 0`);
  return level >= 4 ? 'debug' : 'info';
}

async function startPart(name: string, flags: Flags, find: FindCluster): Promise<{ host: Host; running: Running }> {
  const { layout, cluster } = await find(flags['data-dir']);
  const host = nodeHost({ logLevel: logLevelOf(flags, cluster.logLevel) });
  if (name === 'control-plane') {
    const { runControlPlane } = await import('./control-plane.ts');
    return { host, running: await runControlPlane(host, layout, cluster) };
  }
  if (name === 'hollow-nodes') {
    const { runHollowNodes } = await import('./hollow-nodes.ts');
    return { host, running: await runHollowNodes(host, layout, cluster) };
  }
  const node = cluster.nodes.find((n) => n.name === flags['name']);
  if (!node) throw new UserError(`--name: the cluster has no node "${flags['name']}"`);
  const { startNodeAgent } = await import('./node-agent.ts');
  return { host, running: await startNodeAgent(host, layout, cluster, node) };
}

const standalone = ['apiserver', 'controller-manager', 'scheduler', 'kubelet', 'proxy', 'dns'] as const;

/** Loaded only when asked for: the command line itself shall start fast. */
async function startStandalone(name: (typeof standalone)[number], host: Host, flags: Flags): Promise<Running> {
  const { runApiServer, runControllerManager, runDns, runKubelet, runProxy, runScheduler } = await import('./standalone.ts');
  const starters = { apiserver: runApiServer, 'controller-manager': runControllerManager, scheduler: runScheduler, kubelet: runKubelet, proxy: runProxy, dns: runDns };
  return starters[name](host, flags);
}

/** Runs until a signal asks it to end, then ends in good order. */
export async function runComponent(name: string, flags: Flags, find: FindCluster): Promise<void> {
  const alone = standalone.find((component) => component === name);
  let host = nodeHost({ logLevel: logLevelOf(flags, 'info') });
  try {
    let running: Running;
    if (alone) running = await startStandalone(alone, host, flags);
    else ({ host, running } = await startPart(name, flags, find));
    // Otherwise this waits for the end of the process, which may be a sudden one.
    flushCompileCache();
    const signal = await waitForSignal();
    host.log.info('stopping', { signal });
    await running.stop();
  } catch (error) {
    host.log.error(`${name} failed`, { error: error instanceof Error ? (process.env['KUBETS_DEBUG'] ? error.stack : error.message) : String(error) });
    throw error;
  }
}
