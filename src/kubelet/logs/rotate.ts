/** Keeping container logs from filling the disk (kubelet's containerLogMaxSize and containerLogMaxFiles). */
import { basename, dirname, join } from 'node:path';
import type { Host } from '../../host/types.ts';

export interface RotationSettings {
  /** Default 10 MiB. */
  maxBytes?: number;
  /** Files a container may have, the one being written included. Default 5. */
  maxFiles?: number;
}

const stamp = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');

/**
 * Sets the log aside when it is too large, has the runtime begin a new one, and removes the oldest beyond the limit. When the runtime cannot, the old
 * name is given back, so that nothing is written to a file that nobody reads. Returns whether it rotated.
 */
export async function rotateLog(host: Pick<Host, 'disk' | 'clock'>, path: string, reopen: () => Promise<void>, settings: RotationSettings = {}): Promise<boolean> {
  const stat = await host.disk.stat(path);
  if (!stat || stat.size < (settings.maxBytes ?? 10 * 2 ** 20)) return false;
  const aside = `${path}.${stamp(host.clock.now())}`;
  await host.disk.rename(path, aside);
  try {
    await reopen();
  } catch (error) {
    await host.disk.rename(aside, path);
    throw error;
  }
  await removeOldest(host, path, (settings.maxFiles ?? 5) - 1);
  return true;
}

async function removeOldest(host: Pick<Host, 'disk'>, path: string, keep: number): Promise<void> {
  const prefix = `${basename(path)}.`;
  const rotated = (await host.disk.list(dirname(path))).filter((name) => name.startsWith(prefix) && /^\d{8}-\d{6}$/.test(name.slice(prefix.length)));
  for (const name of rotated.toSorted().slice(0, Math.max(0, rotated.length - keep))) await host.disk.remove(join(dirname(path), name));
}
