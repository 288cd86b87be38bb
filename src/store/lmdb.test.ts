import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeClock } from '../host/node/clock.ts';
import { nodeDisk } from '../host/node/disk.ts';
import type { Backend } from './backend.ts';
import { backendConformance } from './conformance.ts';
import { lmdbBackend } from './lmdb.ts';
import { ManualClock } from './manual-clock.ts';

const root = mkdtempSync(join(tmpdir(), 'kubets-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const newPath = (): string => join(root, `s${++count}`);
const openAt = (path: string): Promise<Backend> => lmdbBackend({ path, disk: nodeDisk(), clock: nodeClock() });
const small = 256 * 2 ** 20;

backendConformance('lmdb, with turns', (options) => lmdbBackend({ path: newPath(), disk: nodeDisk(), mapSizeBytes: small, turn: () => Promise.resolve(), ...options }));

test('a long list is read in turns, and shows one moment: not what is written meanwhile', async () => {
  let turns = 0;
  const store: Backend = await lmdbBackend({ path: newPath(), disk: nodeDisk(), clock: nodeClock(), mapSizeBytes: small, turn: async () => {
    turns++;
    await store.commit({ type: 'create', key: `/p/9-late-${turns}`, value: Buffer.from('late') });
    await store.commit({ type: 'delete', key: `/p/${20 + turns}`, expected: revisions[20 + turns]! });
  } });
  const revisions: number[] = [];
  const value = Buffer.alloc(2 ** 19, 'v');
  for (let i = 0; i < 40; i++) {
    const result = await store.commit({ type: 'create', key: `/p/${i + 10}`, value });
    if (result.ok) revisions[i + 10] = result.revision;
  }
  const { entries, more } = await store.list('/p/');
  expect(turns).toBeGreaterThan(5);
  expect([entries.map(({ key }) => key), more]).toEqual([Array.from({ length: 40 }, (_, i) => `/p/${i + 10}`), false]);
  await store.close();
});

test('what has changed is told again in turns, each change once and in order', async () => {
  let turns = 0;
  const store: Backend = await lmdbBackend({ path: newPath(), disk: nodeDisk(), clock: nodeClock(), mapSizeBytes: small, turn: async () => void (await store.commit({ type: 'create', key: `/p/late-${turns++}`, value: Buffer.from('late') })) });
  for (let i = 0; i < 20; i++) await store.commit({ type: 'create', key: `/p/${i + 10}`, value: Buffer.alloc(2 ** 19, 'v') });
  const told: number[] = [];
  for await (const { changes } of store.watch('/p/', 0)) {
    told.push(...changes.map(({ revision }) => revision));
    if (told.length === 20 + turns && turns > 2) break;
  }
  expect(told).toEqual(Array.from(told, (_, i) => told[0]! + i));
  expect(turns).toBeGreaterThan(2);
  await store.close();
});

backendConformance('lmdb', (options) => lmdbBackend({ path: newPath(), disk: nodeDisk(), mapSizeBytes: small, ...options }));

/** A process that creates keys as fast as it can, many at a time, and prints the name of each once it is acknowledged. */
const WRITER = `
  const { lmdbBackend } = await import(process.env.LMDB);
  const { nodeDisk } = await import(process.env.DISK);
  const { nodeClock } = await import(process.env.CLOCK);
  const store = await lmdbBackend({ path: process.env.STORE, disk: nodeDisk(), clock: nodeClock() });
  let next = 0;
  const value = Buffer.alloc(Number(process.env.SIZE ?? 500), 'v');
  const worker = async () => {
    for (;;) {
      const key = '/k/' + process.env.RUN + '/' + next++;
      try {
        await store.commit({ type: 'create', key, value });
      } catch (error) {
        process.stdout.write('ERROR ' + error.message + '\\n', () => process.exit(3));
        return;
      }
      process.stdout.write(key + '\\n');
    }
  };
  for (let i = 0; i < 16; i++) void worker();
`;
const writerEnvironment = (path: string, run: string): NodeJS.ProcessEnv => ({
  ...process.env, STORE: path, RUN: run, LMDB: new URL('lmdb.ts', import.meta.url).href,
  DISK: new URL('../host/node/disk.ts', import.meta.url).href, CLOCK: new URL('../host/node/clock.ts', import.meta.url).href,
});

describe('lmdb on disk', () => {
  test('kill -9 while writing: every acknowledged write is there', async () => {
    const path = newPath();
    for (let run = 0; run < 3; run++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER], { env: writerEnvironment(path, String(run)), stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      child.stdout.setEncoding('utf8');
      child.stdout.on('data', (chunk: string) => {
        output += chunk;
        if (output.length > 6_000 * (run + 1)) child.kill('SIGKILL');
      });
      await new Promise((resolve) => child.on('close', resolve));
      const acknowledged = output.split('\n').slice(0, -1);
      expect(acknowledged.length).toBeGreaterThan(100);
      const store = await openAt(path);
      const there = new Set((await store.list(`/k/${run}/`)).entries.map((entry) => entry.key));
      expect(acknowledged.filter((key) => !there.has(key))).toEqual([]);
      expect(await store.revision()).toBe((await store.list('/')).entries.length);
      await store.close();
    }
  });

  test('a reopened store goes on where it was: revision, history, watches, time limits', async () => {
    const path = newPath();
    const clock = new ManualClock();
    const first = await lmdbBackend({ path, disk: nodeDisk(), clock });
    for (let i = 0; i < 5; i++) await first.commit({ type: 'create', key: `/a/${i}`, value: Buffer.from(String(i)), ...(i === 4 ? { ttlSeconds: 5 } : {}) });
    await first.commit({ type: 'delete', key: '/a/0', expected: 1 });
    await first.compact(6);
    await first.close();
    const second = await lmdbBackend({ path, disk: nodeDisk(), clock });
    expect(await second.revision()).toBe(6);
    await expect(second.get('/a/0', 5)).rejects.toThrow('compacted');
    clock.advance(6_000);
    for (let i = 0; i < 5_000 && (await second.count('/a/')) > 3; i++) await new Promise((resolve) => setImmediate(resolve));
    expect((await second.list('/a/')).entries.map((entry) => entry.key)).toEqual(['/a/1', '/a/2', '/a/3']);
    for await (const batch of second.watch('/a/', 6)) {
      expect(batch.changes.map((change) => `${change.type} ${change.key}`)).toEqual(['delete /a/4']);
      break;
    }
    await second.close();
  });

  test('compaction gives space back: rewriting one key for ever does not grow the file', async () => {
    const path = newPath();
    const store = await openAt(path);
    let expected = 0;
    const sizes: number[] = [];
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 150; i++) {
        const value = Buffer.alloc(20_000, 'x');
        const result = await store.commit(expected === 0 ? { type: 'create', key: '/a', value } : { type: 'update', key: '/a', value, expected });
        expected = result.ok ? result.revision : -1;
      }
      await store.compact(expected);
      sizes.push(statSync(join(path, 'data.mdb')).size);
    }
    await store.close();
    expect(sizes.at(-1)!).toBeLessThan(sizes[1]! * 1.5);
  });

  test('a second process takes the store over; the first one writes no more', async () => {
    const path = newPath();
    const first = await openAt(path);
    await first.commit({ type: 'create', key: '/a', value: Buffer.from('1') });
    const script = `const { lmdbBackend } = await import(process.env.LMDB); const { nodeDisk } = await import(process.env.DISK); const { nodeClock } = await import(process.env.CLOCK);
      const store = await lmdbBackend({ path: process.env.STORE, disk: nodeDisk(), clock: nodeClock() });
      await store.commit({ type: 'create', key: '/b', value: Buffer.from('2') }); await store.close(); process.exit(0);`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { env: writerEnvironment(path, '0'), timeout: 20_000 });
    await expect(first.commit({ type: 'create', key: '/c', value: Buffer.from('3') })).rejects.toThrow('another process has opened the store');
    await first.close();
    const third = await openAt(path);
    expect((await third.list('/')).entries.map((entry) => entry.key)).toEqual(['/a', '/b']);
    await third.close();
  });
});

describe('lmdb and directories it cannot use', () => {
  const filled = async (): Promise<string> => {
    const path = newPath();
    const store = await openAt(path);
    for (let i = 0; i < 50; i++) await store.commit({ type: 'create', key: `/a/${i}`, value: Buffer.alloc(3_000, 'v') });
    await store.close();
    return path;
  };
  const damage: [string, (file: string) => void, RegExp][] = [
    ['cut short', (file) => truncateSync(file, 20_000), /is damaged: .*cut short/],
    ['empty file', (file) => truncateSync(file, 0), /is damaged: .* is empty/],
    ['not a store at all', (file) => writeFileSync(file, Buffer.alloc(100_000, 'junk')), /is damaged: .* does not begin as a store does/],
    ['second header gone', (file) => writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 4096), Buffer.alloc(4096), readFileSync(file).subarray(8192)])), /broken second header/],
  ];
  test.each(damage)('%s', async (_name, break_, message) => {
    const path = await filled();
    break_(join(path, 'data.mdb'));
    await expect(openAt(path)).rejects.toThrow(message);
  });

  test("somebody else's files", async () => {
    const path = newPath();
    await nodeDisk().mkdir(path);
    writeFileSync(join(path, 'holiday.jpg'), '');
    await expect(openAt(path)).rejects.toThrow(/is not a kubets store: it holds "holiday.jpg"/);
  });

  test('a flipped bit in a value is found when it is read', async () => {
    const path = await filled();
    const file = join(path, 'data.mdb');
    const content = readFileSync(file);
    const at = content.lastIndexOf('vvvvvvvv');
    content[at] = 0x77;
    writeFileSync(file, content);
    const store = await openAt(path);
    await expect(store.list('/a/').then((page) => Promise.all(page.entries))).rejects.toThrow(/damaged \(checksum mismatch\)/);
    await store.close();
  });
});

/** A file system of a few megabytes needs its own mount namespace. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

/** Fills a small disk next to a filler file, and goes on once the filler has gone. */
const FILL = `
  const { lmdbBackend } = await import(process.env.LMDB);
  const { nodeDisk } = await import(process.env.DISK);
  const { nodeClock } = await import(process.env.CLOCK);
  const disk = nodeDisk();
  const filler = process.env.STORE + '/lost+found';
  await disk.write(filler, Buffer.alloc(2_000_000, 1));
  const store = await lmdbBackend({ path: process.env.STORE, disk, clock: nodeClock() });
  const said = [];
  let failure;
  for (let i = 0; failure === undefined; i++) {
    await Promise.all(Array.from({ length: 8 }, (_, j) => '/k/' + i + '.' + j).map((key) =>
      store.commit({ type: 'create', key, value: Buffer.alloc(3000, 'v') }).then(() => said.push(key), (error) => (failure = error))));
  }
  console.log('ERROR ' + failure.message);
  console.log('HEALTH ' + await store.health().catch((error) => error.message));
  console.log('READABLE ' + ((await store.list('/k/')).entries.length === said.length));
  await disk.remove(filler);
  const again = await store.commit({ type: 'create', key: '/k/again', value: Buffer.alloc(3000, 'v') });
  await store.health();
  console.log('RECOVERED ' + again.ok);
  console.log(said.join('\\n'));
  process.exit(0);
`;

test.skipIf(!canMount())('a full disk: one clear error, writes refused, nothing acknowledged is lost, and writing goes on when there is space', () => {
  const path = newPath();
  const check = `const { lmdbBackend } = await import(process.env.LMDB); const { nodeDisk } = await import(process.env.DISK); const { nodeClock } = await import(process.env.CLOCK);
    const store = await lmdbBackend({ path: process.env.STORE, disk: nodeDisk(), clock: nodeClock() });
    console.log((await store.list('/k/')).entries.map((entry) => entry.key).join('\\n')); process.exit(0);`;
  const shell = 'mkdir -p "$STORE" && mount -t tmpfs -o size=6m tmpfs "$STORE" && "$NODE" --input-type=module -e "$WRITE" 2>/dev/null; echo ---; "$NODE" --input-type=module -e "$CHECK"';
  const env = { ...writerEnvironment(path, '0'), NODE: process.execPath, WRITE: FILL, CHECK: check };
  const output = execFileSync('unshare', ['-m', 'sh', '-c', shell], { env, encoding: 'utf8', timeout: 25_000 });
  const [written, kept] = output.split('---\n') as [string, string];
  expect(written).toMatch(/^ERROR the disk that holds the store is full .*\nHEALTH the disk that holds the store is full .*\nREADABLE true\nRECOVERED true\n/);
  const there = new Set(kept.split('\n'));
  const acknowledged = written.split('\n').filter((line) => line.startsWith('/k/'));
  expect(acknowledged.length).toBeGreaterThan(100);
  expect(acknowledged.filter((key) => !there.has(key))).toEqual([]);
  expect(there.has('/k/again')).toBe(true);
});
