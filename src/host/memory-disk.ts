/** Files that live in this process's memory: the disk of simulated and hollow nodes. Error codes are Node's. */
import type { Clock, Disk, FileStat, OpenFile, WriteOptions } from './types.ts';

interface Item {
  kind: 'file' | 'directory' | 'symlink';
  content: Uint8Array;
  mode: number;
  uid: number;
  gid: number;
  modifiedMs: number;
  inode: number;
}

/** Links followed before a path counts as a loop, as Linux has it. */
const maxLinks = 40;

function fail(code: string, path: string): never {
  throw Object.assign(new Error(`${code}: "${path}"`), { code, path });
}

const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 1));

function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** A Disk in memory. Everything in it is gone with the process. */
export class MemoryDisk implements Disk {
  #items = new Map<string, Item>();
  #watchers = new Map<string, Set<() => void>>();
  #clock: Pick<Clock, 'now'>;
  #nextInode = 2;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#put('/', 'directory', new Uint8Array(), 0o755);
  }

  #put(path: string, kind: Item['kind'], content: Uint8Array, mode: number): void {
    this.#items.set(path, { kind, content, mode, uid: 0, gid: 0, modifiedMs: this.#clock.now(), inode: this.#nextInode++ });
    this.#notify(path);
  }

  #notify(path: string): void {
    for (const watched of [path, parentOf(path)]) for (const changed of this.#watchers.get(watched) ?? []) changed();
  }

  /** Follows links in every part of the path; with `last` also a link at its end. */
  #resolve(path: string, last: boolean): string {
    let links = 0;
    let rest = normalize(path).split('/').filter(Boolean);
    let done = '';
    while (rest.length > 0) {
      const next = `${done}/${rest[0]}`;
      const item = this.#items.get(next);
      if (item?.kind === 'symlink' && (rest.length > 1 || last)) {
        if (++links > maxLinks) fail('ELOOP', path);
        const target = Buffer.from(item.content).toString();
        const joined = normalize(target.startsWith('/') ? target : `${done}/${target}`);
        rest = [...joined.split('/').filter(Boolean), ...rest.slice(1)];
        done = '';
      } else {
        done = next;
        rest = rest.slice(1);
      }
    }
    return done === '' ? '/' : done;
  }

  #item(path: string, last = true): { path: string; item: Item } {
    const resolved = this.#resolve(path, last);
    const item = this.#items.get(resolved);
    if (!item) fail('ENOENT', path);
    return { path: resolved, item };
  }

  #needParent(path: string): void {
    const parent = this.#items.get(parentOf(path));
    if (!parent) fail('ENOENT', path);
    if (parent.kind !== 'directory') fail('ENOTDIR', path);
  }

  async read(path: string): Promise<Uint8Array> {
    const { item } = this.#item(path);
    if (item.kind === 'directory') fail('EISDIR', path);
    return item.content;
  }

  async readText(path: string): Promise<string> {
    return Buffer.from(await this.read(path)).toString('utf8');
  }

  async write(path: string, content: Uint8Array | string, options: WriteOptions = {}): Promise<void> {
    const target = this.#resolve(path, true);
    const existing = this.#items.get(target);
    if (existing?.kind === 'directory') fail('EISDIR', path);
    this.#needParent(target);
    const bytes = Uint8Array.from(Buffer.from(content as string));
    if (!existing || options.atomic) return this.#put(target, 'file', bytes, options.mode ?? existing?.mode ?? 0o644);
    // Written in place: whoever has it open goes on with the same file.
    Object.assign(existing, { content: bytes, modifiedMs: this.#clock.now(), mode: options.mode ?? existing.mode });
    this.#notify(target);
  }

  async append(path: string, content: Uint8Array | string): Promise<void> {
    const target = this.#resolve(path, true);
    const before = this.#items.get(target)?.content ?? new Uint8Array();
    await this.write(path, Buffer.concat([before, Buffer.from(content as string)]));
  }

  async open(path: string): Promise<OpenFile> {
    const { item, path: resolved } = this.#item(path);
    const current = (): Item => this.#items.get(resolved) ?? item;
    return {
      read: async (position, length) => current().content.subarray(position, position + length),
      stat: async () => this.#statOf(current()),
      close: async () => undefined,
    };
  }

  async mkdir(path: string, mode = 0o755): Promise<void> {
    const target = this.#resolve(path, true);
    const existing = this.#items.get(target);
    if (existing?.kind === 'directory') return;
    if (existing) fail('EEXIST', path);
    await this.mkdir(parentOf(target));
    this.#put(target, 'directory', new Uint8Array(), mode);
  }

  async list(path: string): Promise<string[]> {
    const { path: folder, item } = this.#item(path);
    if (item.kind !== 'directory') fail('ENOTDIR', path);
    const prefix = folder === '/' ? '/' : `${folder}/`;
    const names: string[] = [];
    for (const key of this.#items.keys()) {
      if (key !== '/' && key.startsWith(prefix) && !key.includes('/', prefix.length)) names.push(key.slice(prefix.length));
    }
    return names.toSorted();
  }

  #statOf(item: Item): FileStat {
    const { kind, mode, uid, gid, modifiedMs, inode } = item;
    return { kind, size: item.content.length, mode, uid, gid, modifiedMs, inode, device: 1 };
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const item = this.#items.get(this.#resolve(path, false));
    return item && this.#statOf(item);
  }

  async rename(from: string, to: string): Promise<void> {
    const source = this.#item(from, false);
    const target = this.#resolve(to, false);
    this.#needParent(target);
    if (this.#items.get(target)?.kind === 'directory' && (await this.list(target)).length > 0) fail('ENOTEMPTY', to);
    for (const [key, item] of Array.from(this.#items)) {
      if (key !== source.path && !key.startsWith(`${source.path}/`)) continue;
      this.#items.delete(key);
      this.#items.set(target + key.slice(source.path.length), item);
    }
    this.#notify(source.path);
    this.#notify(target);
  }

  async remove(path: string): Promise<void> {
    const target = this.#resolve(path, false);
    for (const key of Array.from(this.#items.keys())) if (key === target || key.startsWith(`${target}/`)) this.#items.delete(key);
    this.#notify(target);
  }

  async removeEmptyDirectory(path: string): Promise<void> {
    if ((await this.list(path)).length > 0) fail('ENOTEMPTY', path);
    await this.remove(path);
  }

  async symlink(target: string, path: string): Promise<void> {
    const place = this.#resolve(path, false);
    if (this.#items.has(place)) fail('EEXIST', path);
    this.#needParent(place);
    this.#put(place, 'symlink', Buffer.from(target), 0o777);
  }

  async readLink(path: string): Promise<string> {
    const { item } = this.#item(path, false);
    if (item.kind !== 'symlink') fail('EINVAL', path);
    return Buffer.from(item.content).toString();
  }

  async chmod(path: string, mode: number): Promise<void> {
    this.#item(path).item.mode = mode;
  }

  async chown(path: string, uid: number, gid: number): Promise<void> {
    Object.assign(this.#item(path, false).item, { uid, gid });
  }

  async usage(): Promise<{ totalBytes: number; freeBytes: number; totalInodes: number; freeInodes: number }> {
    return { totalBytes: 2 ** 40, freeBytes: 2 ** 39, totalInodes: 2 ** 24, freeInodes: 2 ** 23 };
  }

  watch(path: string, changed: () => void): { close(): void } {
    const place = this.#resolve(path, true);
    const watchers = this.#watchers.get(place) ?? new Set();
    this.#watchers.set(place, watchers.add(changed));
    return { close: () => void watchers.delete(changed) };
  }
}
