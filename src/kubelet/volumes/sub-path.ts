/**
 * `subPath`: part of a volume mounted into a container. The volume's content belongs to the pod, which may put links in the way of the kubelet
 * that is root; so the path is walked link by link within the volume, the result is bind-mounted to a place of the kubelet's own, and then compared
 * with what a second walk finds. Only what both agree on is handed to the runtime.
 */
import type { Disk, FileStat } from '../../host/types.ts';
import type { Mounts } from './mounts.ts';

const maxLinks = 40;

function escaped(path: string): Error {
  return new Error(`subPath "${path}" leads out of its volume`);
}

/** The real path of `subPath` below `root`; links are resolved by hand and must stay inside. Missing folders are made where `create` is set. */
export async function resolveInside(disk: Disk, root: string, subPath: string, create: boolean): Promise<string> {
  if (subPath.startsWith('/')) throw new Error(`subPath "${subPath}" must be relative`);
  let links = 0;
  const inside: string[] = [];
  const rest = subPath.split('/').filter((part) => part !== '' && part !== '.');
  if (rest.includes('..')) throw escaped(subPath);
  while (rest.length > 0) {
    const part = rest.shift()!;
    if (part === '..') {
      if (inside.pop() === undefined) throw escaped(subPath);
      continue;
    }
    const path = [root, ...inside, part].join('/');
    const found = await disk.stat(path);
    if (!found) {
      if (!create) throw Object.assign(new Error(`subPath "${subPath}" does not exist in its volume`), { code: 'ENOENT' });
      await disk.mkdir(path, 0o755);
      const parent = await disk.stat([root, ...inside].join('/'));
      // Group and setgid come from the volume, as an fsGroup wants it.
      if (parent && (parent.mode & 0o2000) !== 0) {
        await disk.chown(path, 0, parent.gid);
        await disk.chmod(path, 0o2775);
      }
      inside.push(part);
    } else if (found.kind === 'symlink') {
      if (++links > maxLinks) throw new Error(`subPath "${subPath}" runs through too many links`);
      const target = await disk.readLink(path);
      if (target.startsWith('/')) {
        // An absolute link counts only where it points back into the volume.
        if (target !== root && !target.startsWith(`${root}/`)) throw escaped(subPath);
        inside.length = 0;
        rest.unshift(...target.slice(root.length).split('/').filter((p) => p !== '' && p !== '.'));
      } else rest.unshift(...target.split('/').filter((p) => p !== '' && p !== '.'));
    } else inside.push(part);
  }
  return [root, ...inside].join('/');
}

const isSameFile = (a: FileStat | undefined, b: FileStat | undefined): boolean => a !== undefined && b !== undefined && a.inode === b.inode && a.device === b.device;

/** Resolves with a path of the kubelet's own on which the part of the volume is mounted. */
export async function prepareSubPath(needs: { disk: Disk; mounts: Mounts }, options: { volumeRoot: string; subPath: string; target: string; readOnly: boolean }): Promise<string> {
  const { disk, mounts } = needs;
  const { volumeRoot, subPath, target } = options;
  const source = await resolveInside(disk, volumeRoot, subPath, !options.readOnly);
  const before = await disk.stat(source);
  if (await mounts.isMounted(target)) {
    if (isSameFile(await disk.stat(target), before)) return target;
    await mounts.unmountBelow(target);
  }
  await disk.mkdir(target.slice(0, target.lastIndexOf('/')));
  if (before?.kind === 'directory') await disk.mkdir(target);
  else if (!(await disk.stat(target))) await disk.write(target, '');
  await mounts.bind(source, target);
  const walkedAgain = await disk.stat(await resolveInside(disk, volumeRoot, subPath, false));
  if (isSameFile(await disk.stat(target), walkedAgain)) return target;
  await mounts.unmountBelow(target);
  throw new Error(`subPath "${subPath}" changed while it was being mounted`);
}
