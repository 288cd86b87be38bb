import { watch as fsWatch, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Disk, FileStat, OpenFile, WriteOptions } from '../types.ts';

function statOf(s: Stats): FileStat {
  const kind = s.isFile() ? 'file' : s.isDirectory() ? 'directory' : s.isSymbolicLink() ? 'symlink' : s.isSocket() ? 'socket' : 'other';
  return { kind, size: s.size, mode: s.mode & 0o7777, uid: s.uid, gid: s.gid, modifiedMs: s.mtimeMs, inode: s.ino, device: s.dev };
}

const missing = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT';

async function write(path: string, content: Uint8Array | string, options: WriteOptions = {}): Promise<void> {
  const target = options.atomic ? join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`) : path;
  const file = await fs.open(target, 'w', options.mode ?? 0o644);
  try {
    // The mode given to open is cut by the umask, and does not touch a file that exists.
    if (options.mode !== undefined) await file.chmod(options.mode);
    await file.writeFile(content);
    if (options.durable) await file.sync();
  } catch (error) {
    await file.close();
    if (options.atomic) await fs.rm(target, { force: true });
    throw error;
  }
  await file.close();
  if (!options.atomic) return;
  await fs.rename(target, path);
  if (options.durable) await syncDirectory(dirname(path));
}

/** Makes a rename in the folder survive a power cut. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await fs.open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Removes a tree without stepping onto another file system: a mount below it makes the removal fail with EBUSY instead of emptying it. */
async function removeTree(path: string, device: number | undefined): Promise<void> {
  const found = await fs.lstat(path).catch((error: unknown) => {
    if (missing(error)) return undefined;
    throw error;
  });
  if (!found) return;
  if (device !== undefined && found.dev !== device) throw Object.assign(new Error(`EBUSY: "${path}" is a mount`), { code: 'EBUSY', path });
  if (!found.isDirectory()) {
    await fs.unlink(path).catch(ignoreMissing);
    return;
  }
  for (const name of await fs.readdir(path)) await removeTree(join(path, name), found.dev);
  await fs.rmdir(path).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): void {
  if (!missing(error)) throw error;
}

async function open(path: string): Promise<OpenFile> {
  const file = await fs.open(path, 'r');
  return {
    async read(position, length) {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(buffer, 0, length, position);
      return buffer.subarray(0, bytesRead);
    },
    stat: async () => statOf(await file.stat()),
    close: () => file.close(),
  };
}

function watch(path: string, changed: () => void): { close(): void } {
  const watcher = fsWatch(path, () => changed());
  watcher.on('error', () => changed());
  return watcher;
}

/**
 * A folder with all that lead to it. Node's own recursive form never ends where a folder is there and takes no new ones (in /proc and /sys):
 * it makes parent and child in turns.
 */
async function makeFolder(path: string, mode: number | undefined): Promise<void> {
  const make = async (): Promise<void> => {
    try {
      await fs.mkdir(path, mode);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST' || !(await fs.stat(path)).isDirectory()) throw error;
    }
  };
  try {
    await make();
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path), mode);
    await make();
  }
}

/** The machine's files. */
export function nodeDisk(): Disk {
  return {
    read: (path) => fs.readFile(path),
    readText: (path) => fs.readFile(path, 'utf8'),
    write,
    append: (path, content) => fs.appendFile(path, content),
    open,
    mkdir: makeFolder,
    list: async (path) => (await fs.readdir(path)).toSorted(),
    stat: async (path) => {
      try {
        return statOf(await fs.lstat(path));
      } catch (error) {
        const code = (error as { code?: string }).code;
        if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
        throw error;
      }
    },
    rename: (from, to) => fs.rename(from, to),
    remove: (path) => removeTree(path, undefined),
    removeEmptyDirectory: (path) => fs.rmdir(path),
    symlink: (target, path) => fs.symlink(target, path),
    readLink: (path) => fs.readlink(path),
    chmod: (path, mode) => fs.chmod(path, mode),
    chown: (path, uid, gid) => fs.lchown(path, uid, gid),
    usage: async (path) => {
      const s = await fs.statfs(path);
      return { totalBytes: s.blocks * s.bsize, freeBytes: s.bavail * s.bsize, totalInodes: s.files, freeInodes: s.ffree };
    },
    watch,
  };
}
