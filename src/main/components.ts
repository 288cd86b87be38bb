/** Each component as a process of its own: what `up` starts, and what a person may start with upstream's flags. */
import { flushCompileCache } from 'node:module';
import { UserError } from '../cli/operations.ts';
import { nodeHost } from '../host/node/index.ts';
import { levelOf, type LogLevel } from '../host/node/log.ts';
import type { Host } from '../host/types.ts';
import type { Cluster } from './cluster.ts';
import type { Flags } from './flags.ts';
import type { Layout } from './layout.ts';
import { Lifetime } from './lifetime.ts';
import { waitForSignal } from './signals.ts';


type FindCluster = (dataDir: string | undefined) => Promise<{ layout: Layout; cluster: Cluster }>;

function logLevelOf(flags: Flags, fallback: string): LogLevel {
  const verbosity = flags['v'];
  if (verbosity === undefined) return fallback as LogLevel;
  const level = Number(verbosity);
  if (!Number.isInteger(level) || level < 0) throw new UserError(`--v: invalid value "${verbosity}": must be a whole number from 0`);
  return levelOf(level);
}

type Place = Awaited<ReturnType<FindCluster>>;

async function startPart(name: string, flags: Flags, host: Host, { layout, cluster }: Place, lifetime: Lifetime): Promise<void> {
  if (name === 'control-plane') {
    const { startControlPlaneOf } = await import('./control-plane.ts');
    return startControlPlaneOf(host, layout, cluster, lifetime);
  }
  if (name === 'hollow-nodes') {
    const { runHollowNodes } = await import('./hollow-nodes.ts');
    await lifetime.add(await runHollowNodes(host, layout, cluster));
    return;
  }
  const node = cluster.nodes.find((n) => n.name === flags['name']);
  if (!node) throw new UserError(`--name: the cluster has no node "${flags['name']}"`);
  const { startNodeAgent } = await import('./node-agent.ts');
  await lifetime.add(await startNodeAgent(host, layout, cluster, node));
}

const standalone = ['apiserver', 'controller-manager', 'scheduler', 'kubelet', 'proxy', 'dns'] as const;

/** Loaded only when asked for: the command line itself shall start fast. */
async function startStandalone(name: (typeof standalone)[number], host: Host, flags: Flags, lifetime: Lifetime): Promise<void> {
  const { startApiServer, runControllerManager, runDns, runKubelet, runProxy, runScheduler } = await import('./standalone.ts');
  if (name === 'apiserver') return startApiServer(host, flags, lifetime);
  const starters = { 'controller-manager': runControllerManager, scheduler: runScheduler, kubelet: runKubelet, proxy: runProxy, dns: runDns };
  await lifetime.add(await starters[name](host, flags));
}

/** Runs until a signal asks it to end, be it in the midst of the start, then ends in good order. */
export async function runComponent(name: string, flags: Flags, find: FindCluster): Promise<void> {
  const signalled = waitForSignal();
  const alone = standalone.find((component) => component === name);
  let host = nodeHost({ logLevel: logLevelOf(flags, 'info') });
  try {
    const place = alone ? undefined : await find(flags['data-dir']);
    if (place) host = nodeHost({ logLevel: logLevelOf(flags, place.cluster.logLevel) });
    const lifetime = new Lifetime((ms) => host.clock.sleep(ms));
    const starting = place ? startPart(name, flags, host, place, lifetime) : startStandalone(alone!, host, flags, lifetime);
    const started = await Promise.race([starting.then(() => true), signalled.then(() => false)]);
    // Otherwise this waits for the end of the process, which may be a sudden one.
    if (started) flushCompileCache();
    const signal = await signalled;
    host.log.info('stopping', started ? { signal } : { signal, during: 'start' });
    await lifetime.end(starting);
  } catch (error) {
    host.log.error(`${name} failed`, { error: error instanceof Error ? (process.env['KUBETS_DEBUG'] ? error.stack : error.message) : String(error) });
    throw error;
  }
}
