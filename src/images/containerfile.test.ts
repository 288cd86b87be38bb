import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { readImageArchive } from './archive.ts';
import { buildContainerfile, parseContainerfile } from './containerfile.ts';
import { parseIgnore } from './ignore.ts';
import { readTar } from './tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const host = nodeHost({ logLevel: 'error' });

mkdirSync(join(folder, 'site/sub'), { recursive: true });
writeFileSync(join(folder, 'site/index.html'), 'hello');
writeFileSync(join(folder, 'site/sub/a.txt'), 'a');
writeFileSync(join(folder, 'site/secret.key'), 'no');
symlinkSync('index.html', join(folder, 'site/home'));
writeFileSync(join(folder, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
writeFileSync(join(folder, '.containerignore'), '# keys\n**/*.key\n');

const build = (text: string, resolveBase?: (name: string) => Promise<Uint8Array | undefined>) =>
  buildContainerfile(host, { contextDir: folder, text, names: ['demo'], architecture: 'amd64', ...(resolveBase ? { resolveBase } : {}) });

async function contents(bytes: Uint8Array): Promise<string[]> {
  const found: string[] = [];
  await readTar(bytes, (header, content) => found.push(`${header.type === 'symlink' ? `${header.name} -> ${header.linkname}` : header.name} ${header.mode.toString(8)} ${content.length}`));
  return found;
}

describe('build from a Containerfile', () => {
  test('copies, sets and records', async () => {
    const built = await build(`FROM scratch
ARG version=1.0
ENV A=1 B="two words" \\
    C=\${version}
LABEL org.example/x="y z"
WORKDIR /srv
COPY site .
COPY run.sh /bin/
COPY --chmod=0600 site/*.html /etc/app/
EXPOSE 80 53/udp
USER 1000:1000
ENTRYPOINT ["/bin/run.sh"]
CMD serve $A
`);
    const image = await readImageArchive(built.archive, 'amd64');
    expect(image.config).toEqual({
      user: '1000:1000',
      exposedPorts: ['80/tcp', '53/udp'],
      env: ['A=1', 'B=two words', 'C=1.0'],
      entrypoint: ['/bin/run.sh'],
      cmd: ['/bin/sh', '-c', 'serve $A'],
      workingDir: '/srv',
      labels: { 'org.example/x': 'y z' },
    });
    expect(image.names).toEqual(['docker.io/library/demo:latest']);
    expect(await contents(image.layers[0]!.bytes)).toEqual([
      'bin/ 755 0', 'bin/run.sh 755 10', 'etc/ 755 0', 'etc/app/ 755 0', 'etc/app/index.html 600 5',
      'srv/ 755 0', 'srv/home -> index.html 777 0', 'srv/index.html 644 5', 'srv/sub/ 755 0', 'srv/sub/a.txt 644 1',
    ]);
  });

  test('builds on an archive and keeps what it set', async () => {
    const base = await build('FROM scratch\nENV A=1\nCOPY run.sh /run.sh\nENTRYPOINT ["/run.sh"]\nCMD ["x"]');
    writeFileSync(join(folder, 'base.tar'), base.archive);
    const asFile = await build('FROM base.tar\nENV B=$A$A\nCOPY site/index.html /i');
    const asName = await build('FROM base:v1\nENV B=$A$A\nCOPY site/index.html /i', async (name) => (name === 'base:v1' ? base.archive : undefined));
    expect(asFile.digest).toBe(asName.digest);
    const image = await readImageArchive(asFile.archive, 'amd64');
    expect(image.layers.length).toBe(2);
    expect(image.config).toMatchObject({ env: ['A=1', 'B=11'], entrypoint: ['/run.sh'], cmd: ['x'] });
  });

  test('gives the same bytes twice', async () => {
    const text = 'FROM scratch\nCOPY . /';
    expect((await build(text)).archive.equals((await build(text)).archive)).toBe(true);
  });

  test.each([
    ['RUN', 'FROM scratch\nRUN make', 'Containerfile line 2: RUN is not supported: image build runs no container'],
    ['no FROM', 'COPY a /', 'Containerfile line 1: the first instruction must be FROM'],
    ['a second stage', 'FROM scratch AS a\nFROM scratch', 'Containerfile line 2: a second FROM'],
    ['a missing source', 'FROM scratch\n\nCOPY nothing /', 'Containerfile line 3: "nothing" is not in the build folder'],
    ['an escape from the folder', 'FROM scratch\nCOPY ../../etc/passwd /', '"etc/passwd" is not in the build folder'],
    ['an unknown word', 'FROM scratch\nINSTALL x', '"INSTALL" is not an instruction'],
    ['--from', 'FROM scratch\nCOPY --from=x a /', '"--from=x" is not supported'],
    ['a URL', 'FROM scratch\nADD https://example.com/x /', 'fetching a URL is not supported'],
    ['an unknown base', 'FROM debian', '"debian" is neither an image archive'],
    ['a bad port', 'FROM scratch\nEXPOSE http', '"http" is not a port'],
  ])('%s fails by name', async (_name, text, message) => {
    await expect(build(text)).rejects.toThrow(message);
  });

  test('joins continued lines and keeps line numbers', () => {
    expect(parseContainerfile('# c\nFROM scratch\nENV a=1 \\\n # c\n b=2\nCMD x')).toEqual([
      { name: 'FROM', rest: 'scratch', line: 2 }, { name: 'ENV', rest: 'a=1  b=2', line: 3 }, { name: 'CMD', rest: 'x', line: 6 },
    ]);
  });
});

describe('ignore files', () => {
  test.each([
    ['a name', 'a.txt', 'a.txt', true], ['only at the root', 'a.txt', 'b/a.txt', false], ['at any depth', '**/a.txt', 'b/c/a.txt', true],
    ['a folder', 'node_modules', 'node_modules/x/y', true], ['a star', '*.log', 'x.log', true], ['a star stops at a slash', '*.log', 'd/x.log', false],
    ['an exception', '*.md\n!README.md', 'README.md', false], ['a question mark', '?.c', 'a.c', true],
  ])('%s', (_name, text, path, expected) => {
    expect(parseIgnore(text).matches(path)).toBe(expected);
  });
});
