/** Which conformance requirements have a test of their name here. A title that no requirement has is a mistake; a missing one is not, yet. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const facts = new URL('../../../shared/k8s-api/conformance.json', import.meta.url);
const elsewhere = process.env['KUBETS_API_FACTS'];
const path = elsewhere === undefined ? facts : new URL(`file://${elsewhere}/conformance.json`);
/** Here on hollow nodes or none, and where real containers are needed. */
const folders = [new URL('./', import.meta.url), new URL('../e2e/conformance/', import.meta.url)];

interface Requirement { codename: string; sig: string }

/** Titles of tests that begin with a special interest group: `test('[sig-…] …'`, also in other quotes and with a constant for their beginning. */
function titlesIn(source: string): string[] {
  const constants = new Map([...source.matchAll(/^const (\w+) = '(\[sig-(?:\\.|[^'\\])*)';$/gm)].map(([, name, text]) => [name!, text!]));
  const filled = source.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => constants.get(name) ?? whole);
  return [...filled.matchAll(/\b(?:test|it)(?:\.\w+)?\(\s*(['"`])(\[sig-(?:\\.|(?!\1).)*)\1/g)].map(([, , title]) => title!.replace(/\\(.)/g, '$1'));
}

/** The names that a title with a part filled in at run time may stand for; itself when there is none. */
function named(title: string, codenames: readonly string[]): string[] {
  const pattern = new RegExp(`^${title.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(/[.*+?^()[\]{}|\\]/g, '\\$&')).join('\\S+')}$`);
  const found = codenames.filter((codename) => pattern.test(codename));
  return found.length > 0 ? found : [title];
}

test('titles are found in any quotes', () => {
  expect(titlesIn(`test('[sig-a] it\\'s', () => {}); test("[sig-b] x", f); test('other', f); test.skip(\`[sig-c] y\`, f)`)).toEqual(["[sig-a] it's", '[sig-b] x', '[sig-c] y']);
  expect(titlesIn(`const start = '[sig-a] b';\ntest(\`\${start} c\`, f)`)).toEqual(['[sig-a] b c']);
});

describe.skipIf(!existsSync(path))('conformance requirements (skipped: conformance.json is not beside this repository; KUBETS_API_FACTS may name its folder)', () => {
  test('each title is the name of a requirement, and stands once', () => {
    const { tests } = JSON.parse(readFileSync(path, 'utf8')) as { tests: Requirement[] };
    const codenames = tests.map(({ codename }) => codename);
    const known = new Set(codenames);
    const written = folders.flatMap((folder) => readdirSync(folder).filter((file) => file.endsWith('.test.ts') && file !== 'coverage.test.ts').flatMap((file) => titlesIn(readFileSync(new URL(file, folder), 'utf8'))));
    const titles = written.flatMap((title) => (title.includes('${') ? named(title, codenames) : [title]));
    expect(titles.filter((title) => !known.has(title))).toEqual([]);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
    const covered = new Set(titles);
    const sigs = [...new Set(tests.map(({ sig }) => sig))].sort();
    const lines = sigs.map((sig) => {
      const all = tests.filter((each) => each.sig === sig);
      return `${sig.padEnd(22)} ${String(all.filter(({ codename }) => covered.has(codename)).length).padStart(3)} of ${all.length}`;
    });
    console.log([`requirements that have a test:`, ...lines, `${'all'.padEnd(22)} ${String(covered.size).padStart(3)} of ${tests.length}`].join('\n'));
  });
});
