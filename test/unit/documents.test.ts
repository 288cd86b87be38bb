/** What the documents say can be tried: files, links, scripts and flags that they name are there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('{docs,src,test,bench,scripts,examples}/**/*.md', { cwd: root })];
const files = globSync('{src,test,bench,scripts,docs,examples}/**/*.{ts,sh,md}', { cwd: root });
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
/** Programs and commands, each with the flags that it is shown with. */
const commands = documents.flatMap((document) => [...textOf(document).matchAll(/(?:node (?:--[\w=-]+ )*(?<program>(?:bench|scripts)\/[\w-]+\.ts)|npm run (?<script>[\w:]+)|\.\/kubets (?<command>[\w-]+)|kubets (?<verb>up|down|reset|simulate))(?<rest>[^\n`#|]*)/g)]
  .map(({ groups }) => ({ document, ...groups as { program?: string; script?: string; command?: string; verb?: string; rest: string } })));
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
const cli = globSync('src/cli/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts')).map(textOf).join('\n');

test.each(documents)('%s names files that are there', (document) => {
  const named = [...textOf(document).matchAll(/`((?:\.\.\/|[\w-]+\/)*[\w.-]+\.(?:ts|sh|md))`/g)].map((match) => match[1]!);
  expect(named.filter((file) => ![file, join(dirname(document), file)].some((path) => existsSync(join(root, path))) && !files.some((path) => path.endsWith(`/${file}`)))).toEqual([]);
  const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map((match) => match[1]!);
  expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([]);
});

describe('commands in documents', () => {
  const flagsOf = (rest: string): string[] => [...rest.matchAll(/(?<=^|[\s[])--([a-z][\w-]*)/g)].map((match) => match[1]!);

  test('are there', () => {
    expect(commands.length).toBeGreaterThan(30);
    const missing = commands.filter(({ program, script, command }) => (program !== undefined && !existsSync(join(root, program))) || (script !== undefined && scripts[script] === undefined) || (command !== undefined && !cli.includes(`.command('${command}`)));
    expect(missing).toEqual([]);
  });

  test('know the flags that they are shown with', () => {
    const unknown = commands.flatMap(({ document, program, script, command, verb, rest }) => {
      const path = program ?? /scripts\/[\w-]+\.ts/.exec(scripts[script ?? ''] ?? '')?.[0];
      const source = command !== undefined || verb !== undefined ? cli : path === undefined ? '' : textOf(path) + textOf('bench/report.ts');
      return flagsOf(rest).filter((flag) => flag !== '' && !new RegExp(`(?:--|'|\\b)${flag}\\b`).test(source)).map((flag) => `${document}: ${path ?? command ?? verb} --${flag}`);
    });
    expect(unknown).toEqual([]);
  });
});
