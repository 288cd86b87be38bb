import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeDisk } from './disk.ts';

describe('making folders', () => {
  const disk = nodeDisk();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubets-disk-'));
    writeFileSync(join(folder, 'file'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('makes what leads to it, and takes what is there', async () => {
    const path = join(folder, 'a/b/c');
    await disk.mkdir(path, 0o700);
    await disk.mkdir(path);
    expect([path, join(folder, 'a')].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  test('twenty at once share their beginning', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => disk.mkdir(join(folder, 'shared/deep', String(i)))));
    expect(await disk.list(join(folder, 'shared/deep'))).toHaveLength(20);
  });

  test.each([
    ['below a file', 'file/x', 'ENOTDIR'],
    ['where a file is', 'file', 'EEXIST'],
  ])('%s: refused', async (_name, path, code) => {
    await expect(disk.mkdir(join(folder, path))).rejects.toMatchObject({ code });
  });

  test.runIf(process.platform === 'linux')('in a file system that takes no folders: refused, where Node would try for ever', async () => {
    await expect(disk.mkdir('/proc/kubets/x/y')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
