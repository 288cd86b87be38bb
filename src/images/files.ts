/** The files that an image layer is made of, and how they are read from a folder of the machine. */
import type { Disk } from '../host/types.ts';
import type { IgnoreRules } from './ignore.ts';

/** One entry of a layer. The default mode is 0644 for files and 0755 for folders; `uid` and `gid` default to 0. */
export type ImageFile =
  | { content: Uint8Array | string; mode?: number; uid?: number; gid?: number }
  | { symlink: string }
  | { directory: true; mode?: number; uid?: number; gid?: number };

/** Entries by their path inside the image: absolute, without a trailing slash, as `/etc/passwd`. */
export type ImageFiles = Map<string, ImageFile>;

/**
 * An absolute path with `.`, `..`, doubled and trailing slashes resolved; the root is `/`. `..` never climbs above the root.
 * A relative path is taken from `base`.
 */
export function imagePath(path: string, base = '/'): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/**
 * Reads a folder, or a single file, of the machine into image entries below `target`.
 * Owners become root (a build must not depend on who runs it), the permission bits are kept, symbolic links stay links. Sockets and devices fail by name.
 */
export async function readFiles(disk: Disk, source: string, target: string, ignore?: IgnoreRules, relative = ''): Promise<ImageFiles> {
  const files: ImageFiles = new Map();
  await collect(disk, files, source, imagePath(target), ignore, relative);
  return files;
}

async function collect(disk: Disk, files: ImageFiles, source: string, target: string, ignore: IgnoreRules | undefined, relative: string): Promise<void> {
  const stat = await disk.stat(source);
  if (stat === undefined) throw new Error(`"${source}": no such file or folder`);
  const ignored = relative !== '' && ignore !== undefined && ignore.matches(relative);
  if (ignored && !(stat.kind === 'directory' && ignore.hasExceptions)) return;
  switch (stat.kind) {
    case 'file':
      files.set(target, { content: await disk.read(source), mode: stat.mode });
      return;
    case 'symlink':
      files.set(target, { symlink: await disk.readLink(source) });
      return;
    case 'directory':
      if (target !== '/' && !ignored) files.set(target, { directory: true, mode: stat.mode });
      for (const name of await disk.list(source)) {
        await collect(disk, files, `${source}/${name}`, imagePath(name, target), ignore, relative === '' ? name : `${relative}/${name}`);
      }
      return;
    default:
      throw new Error(`"${source}" is a ${stat.kind === 'socket' ? 'socket' : 'device or pipe'}: an image cannot hold it`);
  }
}

/** The same entries with the folders that lead to them, in the order in which they go into an archive. */
export function withParents(files: ImageFiles): [string, ImageFile][] {
  const all: ImageFiles = new Map(files);
  for (const path of files.keys()) {
    const parts = path.split('/').slice(1, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const parent = `/${parts.slice(0, depth).join('/')}`;
      if (!all.has(parent)) all.set(parent, { directory: true });
    }
  }
  all.delete('/');
  // Byte order puts a folder before what it holds, and does not depend on the locale.
  return [...all].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
