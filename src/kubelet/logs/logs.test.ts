import { describe, expect, test } from 'vitest';
import { MemoryDisk } from '../../host/memory-disk.ts';
import { nodeHost } from '../../host/node/index.ts';
import type { Host } from '../../host/types.ts';
import { readContainerLog, rotateLog, type LogRequest } from './index.ts';

const path = '/logs/0.log';
const at = (second: number): string => `2030-01-01T00:00:0${second}.000000000Z`;
const entry = (second: number, text: string, stream = 'stdout', tag = 'F'): string => `${at(second)} ${stream} ${tag} ${text}\n`;

async function hostWith(text: string): Promise<Pick<Host, 'disk' | 'clock'>> {
  const clock = nodeHost({ logLevel: 'silent' }).clock;
  const disk = new MemoryDisk(clock);
  await disk.mkdir('/logs');
  await disk.write(path, text);
  return { disk, clock };
}

async function read(host: Pick<Host, 'disk' | 'clock'>, request: Partial<LogRequest> = {}): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readContainerLog(host, { path, ...request })) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const three = entry(1, 'one') + entry(2, 'two', 'stderr') + entry(3, 'three');

describe('reading', () => {
  test.each<[string, string, Partial<LogRequest>, string]>([
    ['everything', three, {}, 'one\ntwo\nthree\n'],
    ['the last line', three, { tailLines: 1 }, 'three\n'],
    ['more lines than there are', three, { tailLines: 10 }, 'one\ntwo\nthree\n'],
    ['no lines', three, { tailLines: 0 }, ''],
    ['one stream', three, { stream: 'stderr' }, 'two\n'],
    ['since a time', three, { sinceMs: Date.parse(at(2)) }, 'two\nthree\n'],
    ['up to a number of bytes', three, { limitBytes: 6 }, 'one\ntw'],
    ['with timestamps', entry(1, 'one'), { timestamps: true }, `${at(1)} one\n`],
    ['a line in parts', entry(1, 'be', 'stdout', 'P') + entry(1, 'gin'), { timestamps: true }, `${at(1)} begin\n`],
    ['an empty line', entry(1, ''), {}, '\n'],
    ['lines of another form are passed over', `garbage\n${entry(1, 'one')}`, {}, 'one\n'],
  ])('%s', async (_name, text, request, expected) => {
    expect(await read(await hostWith(text), request)).toBe(expected);
  });

  test('a tail longer than a block', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => entry(1, `line ${i} ${'x'.repeat(40)}`)).join('');
    expect((await read(await hostWith(lines), { tailLines: 3000 })).split('\n')[0]).toMatch(/^line 2000 /);
  });

  test('following goes on over a rotation and ends with the container', async () => {
    const host = await hostWith(entry(1, 'one'));
    let running = true;
    const reading = read(host, { follow: true, stillWritten: async () => running });
    await host.clock.sleep(20);
    await host.disk.append(path, entry(2, 'two'));
    await host.clock.sleep(20);
    await host.disk.rename(path, `${path}.old`);
    await host.disk.write(path, entry(3, 'three'));
    await host.clock.sleep(20);
    running = false;
    expect(await reading).toBe('one\ntwo\nthree\n');
  });
});

describe('rotation', () => {
  test('sets a large log aside and keeps as many as it may', async () => {
    const host = await hostWith('x'.repeat(100));
    for (const old of ['20290101-000000', '20290102-000000', '20290103-000000']) await host.disk.write(`${path}.${old}`, 'old');
    let reopened = 0;
    expect(await rotateLog(host, path, async () => void reopened++, { maxBytes: 50, maxFiles: 3 })).toBe(true);
    expect(reopened).toBe(1);
    expect((await host.disk.list('/logs')).length).toBe(2);
  });
  test('leaves a small log alone', async () => {
    expect(await rotateLog(await hostWith('x'), path, async () => undefined)).toBe(false);
  });
  test('gives the name back when the runtime refuses', async () => {
    const host = await hostWith('x'.repeat(100));
    await expect(rotateLog(host, path, () => Promise.reject(new Error('no')), { maxBytes: 50 })).rejects.toThrow('no');
    expect(await host.disk.readText(path)).toHaveLength(100);
  });
});
