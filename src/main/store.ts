/** Which store keeps a cluster's state: etcd where members are named, the embedded one where a directory is, memory otherwise. */
import { UserError } from '../cli/operations.ts';
import type { Host } from '../host/types.ts';
import type { Backend } from '../store/backend.ts';
import { countFlag, durationFlag, listFlag, type Flags } from './flags.ts';

/** Under which keys upstream keeps objects, and we too. */
const DEFAULT_PREFIX = '/registry';

/** How etcd is reached: upstream's flags, without their dashes. */
export interface EtcdSettings {
  servers: readonly string[];
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  prefix?: string;
  compactionIntervalMs?: number;
  healthTimeoutMs?: number;
  leaseReuseSeconds?: number;
}

async function pem(host: Host, flag: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return host.disk.readText(path).catch((error: unknown) => {
    throw new UserError(`--${flag}: "${path}" cannot be read: ${(error as Error).message}`);
  });
}

/** Connects to etcd. What speaks to it is loaded here, and nowhere else. */
export async function openEtcd(host: Host, settings: EtcdSettings): Promise<Backend> {
  const prefix = `/${(settings.prefix ?? DEFAULT_PREFIX).replace(/^\/+|\/+$/g, '')}`;
  if (prefix === '/') throw new UserError('--etcd-prefix: invalid value "/": must name a prefix such as /registry');
  if ((settings.certFile === undefined) !== (settings.keyFile === undefined)) throw new UserError('--etcd-certfile and --etcd-keyfile belong together: a client certificate and its key');
  const [ca, cert, key] = await Promise.all([pem(host, 'etcd-cafile', settings.caFile), pem(host, 'etcd-certfile', settings.certFile), pem(host, 'etcd-keyfile', settings.keyFile)]);
  const { etcdBackend, EtcdError } = await import('../store/etcd.ts');
  try {
    return await etcdBackend({
      endpoints: settings.servers, clock: host.clock, log: host.log.child('etcd'), rename: { from: DEFAULT_PREFIX, to: prefix },
      tls: { ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }) },
      ...(settings.compactionIntervalMs === undefined ? {} : { compactionIntervalMs: settings.compactionIntervalMs }),
      ...(settings.healthTimeoutMs === undefined ? {} : { healthTimeoutMs: settings.healthTimeoutMs }),
      ...(settings.leaseReuseSeconds === undefined ? {} : { leaseReuseSeconds: settings.leaseReuseSeconds }),
    });
  } catch (error) {
    if (error instanceof EtcdError) throw new UserError(`--etcd-servers: ${error.message}`);
    throw error;
  }
}

/** The store that an API server's flags name. */
export async function openStore(host: Host, flags: Flags): Promise<Backend> {
  for (const name of ['etcd-servers-overrides', 'encryption-provider-config']) if (flags[name] !== undefined) throw new UserError(`--${name} is not supported`, 'leave it out: all resources are kept in one store, as they are');
  const kind = flags['storage-backend'];
  if (kind !== undefined && kind !== 'etcd3') throw new UserError(`--storage-backend: invalid value "${kind}": must be etcd3`);
  const servers = listFlag(flags, 'etcd-servers');
  const dataDir = flags['data-dir'];
  if (servers !== undefined && servers.length > 0) {
    if (dataDir !== undefined) throw new UserError('--etcd-servers and --data-dir exclude each other: the state is kept in one store');
    return openEtcd(host, {
      servers, compactionIntervalMs: durationFlag(flags, 'etcd-compaction-interval', 300_000), healthTimeoutMs: durationFlag(flags, 'etcd-healthcheck-timeout', 2_000),
      leaseReuseSeconds: countFlag(flags, 'lease-reuse-duration-seconds', 60), ...etcdFiles(flags),
    });
  }
  if (dataDir === undefined) return (await import('../store/memory.ts')).memoryBackend({ clock: host.clock });
  return (await import('../store/lmdb.ts')).lmdbBackend({ path: dataDir, clock: host.clock, disk: host.disk, turn: host.turn });
}

function etcdFiles(flags: Flags): Partial<EtcdSettings> {
  const [caFile, certFile, keyFile, prefix] = [flags['etcd-cafile'], flags['etcd-certfile'], flags['etcd-keyfile'], flags['etcd-prefix']];
  return { ...(caFile === undefined ? {} : { caFile }), ...(certFile === undefined ? {} : { certFile }), ...(keyFile === undefined ? {} : { keyFile }), ...(prefix === undefined ? {} : { prefix }) };
}
