import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bans, exempt, floors, guarded } from './walls.ts';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => join('src', name))
  .filter((name) => name.endsWith('.ts'))
  .toSorted();
const isTest = (file: string): boolean => /\.test\.ts$|\/testdata\/|\.fixture\.ts$/.test(file);
const code = new Map(sources.map((file) => [file, readFileSync(file, 'utf8')]));

/** Source without comments, keeping line structure roughly. Good enough for a search for names. */
const bare = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:'"`])\/\/[^\n]*/g, '$1');

const room = (file: string): string => file.split('/')[1]!;
const floorOf = (name: string): number => floors.findIndex((rooms) => rooms.includes(name));

function importsOf(file: string): string[] {
  const found = [...bare(code.get(file)!).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => normalize(join(dirname(file), match[1]!)));
  return found.filter((target) => target.startsWith('src/'));
}

function broken(file: string, target: string): string | undefined {
  const [from, to] = [room(file), room(target)];
  if (from === to) {
    return target.startsWith('src/host/node/') && !file.startsWith('src/host/node/') ? `${file} imports host/node` : undefined;
  }
  if (floorOf(from) < 0) return `${file}: room "${from}" stands on no floor`;
  if (floorOf(to) >= floorOf(from)) return `${file} (${from}) imports ${target} (${to}), which is not below it`;
  for (const [place, allowed] of Object.entries(guarded)) {
    if (target.startsWith(`src/${place}/`) && !allowed.includes(from)) return `${file} imports ${target}: only ${allowed.join(', ')} may`;
  }
  return undefined;
}

/** Files that import each other in a circle, types included: each such group of files once. */
function circles(files: readonly string[]): string[][] {
  const state = new Map<string, { index: number; low: number; open: boolean }>();
  const [stack, found]: [string[], string[][]] = [[], []];
  const visit = (file: string): number => {
    const own = { index: state.size, low: state.size, open: true };
    state.set(file, own);
    stack.push(file);
    for (const target of importsOf(file)) {
      if (!code.has(target)) continue;
      const known = state.get(target);
      if (known === undefined) own.low = Math.min(own.low, visit(target));
      else if (known.open) own.low = Math.min(own.low, known.index);
    }
    if (own.low === own.index) {
      const group = stack.splice(stack.indexOf(file));
      for (const each of group) state.get(each)!.open = false;
      if (group.length > 1) found.push(group.toSorted());
    }
    return own.low;
  };
  for (const file of files) if (!state.has(file)) visit(file);
  return found;
}

describe('walls', () => {
  test('a room imports only what stands below it', () => {
    const wrong = sources.filter((file) => !isTest(file)).flatMap((file) => importsOf(file).map((target) => broken(file, target)).filter(Boolean));
    expect(wrong).toEqual([]);
  });

  test('no files import each other in a circle', () => {
    expect(circles(sources.filter((file) => !isTest(file)))).toEqual([]);
  });

  test.each(bans.map((ban) => [ban.name, ban] as const))('%s is used only at the seam', (_name, ban) => {
    const wrong = sources
      .filter((file) => !isTest(file) && !Object.keys(exempt).some((place) => file.startsWith(place)))
      .filter((file) => ban.pattern.test(bare(code.get(file)!)));
    expect(wrong, `use ${ban.use}`).toEqual([]);
  });

  test('every source file has a name in kebab case', () => {
    expect(sources.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(file.split('/').at(-1)!))).toEqual([]);
  });

  test('hand-written files hold fewer than 600 lines of code', () => {
    const linesOf = (file: string): number => bare(code.get(file)!).split('\n').filter((line) => line.trim() !== '').length;
    const long = sources.filter((file) => !file.includes('/generated/') && linesOf(file) > 600);
    expect(long).toEqual([]);
  });
});
