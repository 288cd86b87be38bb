/**
 * Files that are seen whole: all of an update or nothing of it. The files lie in a folder with the time in its name, `..data` is a link to that
 * folder and is replaced by a rename, and each file at the top is a link through `..data`.
 */
import type { Disk, Host } from '../../host/types.ts';
import { formatTime } from '../../api/meta/time.ts';

export interface VolumeFile {
  content: Uint8Array;
  mode: number;
  /** Owner, where not root. */
  uid?: number;
}

/** Path below the volume to file. */
export type Payload = Map<string, VolumeFile>;

export interface WriterOptions {
  /** Group that gets to read all of it. */
  fsGroup?: number;
}

const dataLink = '..data';
const newDataLink = '..data_tmp';
const maxPathLength = 4096;

/** The paths come from users: nothing may point out of the volume. */
export function checkPath(path: string): void {
  const parts = path.split('/');
  if (path === '' || path.length > maxPathLength) throw new Error(`invalid path: must not be empty and no longer than ${maxPathLength}: "${path.slice(0, 100)}"`);
  if (path.startsWith('/')) throw new Error(`invalid path: must be relative path: ${path}`);
  if (parts.includes('..')) throw new Error(`invalid path: must not contain '..': ${path}`);
  if (parts[0]!.startsWith('..')) throw new Error(`invalid path: must not start with '..': ${path}`);
  if (parts.includes('') || parts.includes('.')) throw new Error(`invalid path: must be clean: ${path}`);
}

function dirname(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

async function currentFolder(disk: Disk, root: string): Promise<string | undefined> {
  return (await disk.stat(`${root}/${dataLink}`))?.kind === 'symlink' ? disk.readLink(`${root}/${dataLink}`) : undefined;
}

async function filesBelow(disk: Disk, folder: string, prefix = ''): Promise<string[]> {
  const files: string[] = [];
  for (const name of await disk.list(folder)) {
    const found = await disk.stat(`${folder}/${name}`);
    if (found?.kind === 'directory') files.push(...(await filesBelow(disk, `${folder}/${name}`, `${prefix}${name}/`)));
    else files.push(prefix + name);
  }
  return files;
}

async function isSame(disk: Disk, folder: string, payload: Payload, options: WriterOptions): Promise<boolean> {
  try {
    const files = await filesBelow(disk, folder);
    if (files.length !== payload.size) return false;
    for (const path of files) {
      const wanted = payload.get(path);
      const found = await disk.stat(`${folder}/${path}`);
      if (!wanted || !found || (found.mode & 0o777) !== modeOf(wanted, options) || Buffer.compare(await disk.read(`${folder}/${path}`), wanted.content) !== 0) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** With an fsGroup, the group may read whatever the owner may. */
function modeOf(file: VolumeFile, { fsGroup }: WriterOptions): number {
  return fsGroup === undefined ? file.mode : file.mode | 0o440;
}

async function own(disk: Disk, path: string, uid: number, { fsGroup }: WriterOptions): Promise<void> {
  if (fsGroup !== undefined || uid !== 0) await disk.chown(path, uid, fsGroup ?? 0);
}

async function makeFolder(disk: Disk, path: string, options: WriterOptions): Promise<void> {
  await disk.mkdir(path);
  await own(disk, path, 0, options);
  await disk.chmod(path, options.fsGroup === undefined ? 0o755 : 0o2775);
}

async function fill(disk: Disk, folder: string, payload: Payload, options: WriterOptions): Promise<void> {
  await makeFolder(disk, folder, options);
  const folders = new Set([...payload.keys()].flatMap((path) => {
    const parts = dirname(path).split('/').filter(Boolean);
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  }));
  for (const sub of [...folders].toSorted()) await makeFolder(disk, `${folder}/${sub}`, options);
  for (const [path, file] of payload) {
    const target = `${folder}/${path}`;
    await disk.write(target, file.content, { mode: modeOf(file, options) });
    await own(disk, target, file.uid ?? 0, options);
    // Giving a file away clears bits of its mode.
    if (options.fsGroup !== undefined || file.uid) await disk.chmod(target, modeOf(file, options));
  }
}

/** Writes the files into the folder `root`, which must exist. Returns whether anything changed. */
export async function writeAtomically(host: Pick<Host, 'disk' | 'clock' | 'random'>, root: string, payload: Payload, options: WriterOptions = {}): Promise<boolean> {
  const { disk } = host;
  for (const path of payload.keys()) checkPath(path);
  const before = await currentFolder(disk, root);
  if (before !== undefined && (await isSame(disk, `${root}/${before}`, payload, options))) return false;
  const stamp = formatTime(host.clock.now()).replaceAll(/[-:]/g, '_').replace('T', '_').replace('Z', '');
  const fresh = `..${stamp}.${host.random.int(2 ** 31)}`;
  await fill(disk, `${root}/${fresh}`, payload, options);
  await disk.remove(`${root}/${newDataLink}`);
  await disk.symlink(fresh, `${root}/${newDataLink}`);
  await disk.rename(`${root}/${newDataLink}`, `${root}/${dataLink}`);
  const tops = new Set([...payload.keys()].map((path) => path.split('/')[0]!));
  for (const top of tops) if (!(await disk.stat(`${root}/${top}`))) await disk.symlink(`${dataLink}/${top}`, `${root}/${top}`);
  for (const name of await disk.list(root)) {
    const isStale = name.startsWith('..') ? name !== dataLink && name !== fresh : !tops.has(name);
    if (isStale) await disk.remove(`${root}/${name}`);
  }
  return true;
}
