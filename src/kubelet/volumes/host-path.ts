import type { Host } from '../../host/types.ts';
import type { VolumeKind } from './types.ts';

type FoundKind = 'directory' | 'file' | 'socket' | 'character device' | 'block device' | 'other';

/** What the path leads to, links followed; undefined where nothing is. */
async function kindOf(host: Pick<Host, 'disk' | 'exec'>, path: string): Promise<FoundKind | undefined> {
  const found = await host.disk.stat(path);
  if (!found) return undefined;
  if (found.kind === 'directory' || found.kind === 'file' || found.kind === 'socket') return found.kind;
  const { code, stdout } = await host.exec.run('stat', ['--dereference', '--format=%F', '--', path]);
  if (code !== 0) return undefined;
  const words: Readonly<Record<string, FoundKind>> = {
    directory: 'directory', 'regular file': 'file', 'regular empty file': 'file', socket: 'socket', 'character special file': 'character device', 'block special file': 'block device',
  };
  return words[stdout.trim()] ?? 'other';
}

const wanted: Readonly<Record<string, FoundKind>> = { Directory: 'directory', DirectoryOrCreate: 'directory', File: 'file', FileOrCreate: 'file', Socket: 'socket', CharDevice: 'character device', BlockDevice: 'block device' };

/** Rejects when the path is not what the type says; creates it where the type says so. */
export async function checkHostPath(host: Pick<Host, 'disk' | 'exec'>, path: string, type = ''): Promise<void> {
  if (path.split('/').includes('..')) throw new Error(`path "${path}" must not contain '..'`);
  if (type === '') return;
  const want = wanted[type];
  if (!want) throw new Error(`hostPath type "${type}" is not known`);
  let found = await kindOf(host, path);
  if (!found && type === 'DirectoryOrCreate') await host.disk.mkdir(path, 0o755);
  if (!found && type === 'FileOrCreate') await host.disk.write(path, '', { mode: 0o644 });
  if (!found && type.endsWith('OrCreate')) found = await kindOf(host, path);
  if (found !== want) throw new Error(`hostPath type check failed: ${path} is not a ${want}`);
}

/** `hostPath`: a file or folder of the node, as it is. */
export const hostPathVolume: VolumeKind = {
  folder: 'kubernetes.io~host-path',
  handles: (volume) => volume.hostPath !== undefined,
  async setUp(inputs, volume) {
    const { path, type } = volume.hostPath!;
    await checkHostPath(inputs.context.host, path, type);
    return { hostPath: path };
  },
};
