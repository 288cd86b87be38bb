/** The node's own name servers. */
import type { Disk } from '../host/types.ts';
import { parseResolvConf } from './sandbox-config.ts';

const usualPath = '/etc/resolv.conf';
/** Where systemd-resolved names the servers behind its own, which listens on an address that pods cannot reach. */
const systemdPath = '/run/systemd/resolve/resolv.conf';

/** The text of the resolver's configuration that is of use to pods. */
export async function resolverText(disk: Disk): Promise<string> {
  const usual = await disk.readText(usualPath).catch(() => '');
  const { servers } = parseResolvConf(usual);
  const isLocal = servers.length > 0 && servers.every((server) => server.startsWith('127.') || server === '::1');
  if (!isLocal) return usual;
  return disk.readText(systemdPath).catch(() => usual);
}
