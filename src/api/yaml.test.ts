import { describe, expect, test } from 'vitest';
import { readYaml } from './yaml.ts';

const laughs = (levels: number): string => `a0: &a0 [x,x]\n${Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`).join('\n')}`;

describe('aliases', () => {
  test('stand for what they name', () => expect(readYaml('a: &a {b: 1}\nc: *a\n').value).toEqual({ a: { b: 1 }, c: { b: 1 } }));
  test('may be many where each is small', () => expect(Object.keys(readYaml(`a: &a {b: 1}\n${Array.from({ length: 900 }, (_, i) => `k${i}: *a`).join('\n')}`).value as object)).toHaveLength(901));
  test.each([5, 30, 100])('that multiply are refused: %i levels', (levels) => expect(() => readYaml(laughs(levels))).toThrow('document contains excessive aliasing'));
  test.each(['a: &a\n  b: *a\n', '&a [x, *a]\n', 'a: &a [{b: [*a]}]\n'])('must not hold themselves: %s', (text) => expect(() => readYaml(text)).toThrow('anchor value contains itself'));
});

test.each<[string, string, unknown]>([
  ['words of YAML 1.1', '[y, No, ON, off, ~, Null, "y"]', [true, false, true, false, null, null, 'y']],
  ['numbers in all notations', '[0x1F, 0o17, 017, 0b11, -0B1, 1_000, 08, 1., +.5, 1e3, 9223372036854775807, 18446744073709551615, 1e400]', [31, 15, 15, 3, -1, 1000, 8, 1, 0.5, 1000, 9223372036854775807n, 2 ** 64, '1e400']],
  ['times and what looks like one', '[2020-01-01, 2020-01-01T10:00:00Z, 1:30]', ['2020-01-01', '2020-01-01T10:00:00Z', '1:30']],
  ['keys of other kinds', '{1: a, true: b, 0x10: c, 1.5: d, 1000000.5: e, .inf: f, 2020-01-01: g}', { '1': 'a', true: 'b', '16': 'c', '1.5': 'd', '1.0000005e+06': 'e', '.inf': 'f', '2020-01-01': 'g' }],
  ['tags', '[!!str 12, !!int "12", !!float 1, !!bool "yes", !!null "", !!binary aGk=, !foo x, ! 1, !bar [1], !bar {a: 1}, !!set {a, b}]', ['12', 12, 1, true, null, 'hi', 'x', '1', [1], { a: 1 }, { a: null, b: null }]],
  ['merges', 'a: &a {x: 1, w: 2}\nb: {<<: *a, w: 3}\nc: {<<: [{x: 0}, *a], z: 4}\n', { a: { x: 1, w: 2 }, b: { x: 1, w: 3 }, c: { x: 0, w: 2, z: 4 } }],
  ['the first document of several', '# first\n---\na: 1\n---\nb: }\n', { a: 1 }],
  ['what comes behind the end', 'a: |\n  x\n...\nnot: [yaml\n', { a: 'x\n' }],
  ['a document of its own after directives', '%YAML 1.1\n---\na: 1\n', { a: 1 }],
  ['dashes within a text', 'a: |\n  ---\n  b\n', { a: '---\nb\n' }],
])('reads %s', (_name, text, value) => expect(readYaml(text).value).toEqual(value));

test.each<[string, string]>([
  ['a: .inf', 'json: unsupported value: +Inf'],
  ['[1, -.INF]', 'json: unsupported value: -Inf'],
  ['.nan', 'json: unsupported value: NaN'],
  ['!!int x', 'error converting YAML to JSON: yaml: cannot decode !!str `x` as a !!int'],
  ['!!bool 1', 'error converting YAML to JSON: yaml: cannot decode !!int `1` as a !!bool'],
])('refuses %s', (text, message) => expect(() => readYaml(text)).toThrow(message));

test.each<[string, string, unknown]>([
  ['a bracket that closes at the margin', 'a:\n  b: [\n    x,\n]\nc: {\n  d: e\n}\n', { a: { b: ['x'] }, c: { d: 'e' } }],
  ['lines within quotes at the margin', 'a:\n  b: "x\n\ny\nz"\n  c: \'it\'\'s\nso\'\n', { a: { b: 'x\ny z', c: "it's so" } }],
  ['what follows a document within brackets', '# c\n{"a": [1]} {"b": 2}\n', { a: [1] }],
  ['tags that are said in full', 'a: !<x> 1\nb: !<tag:yaml.org,2002:str> 2\n', { a: '1', b: '2' }],
  ['marks of byte order within', 'a: x\ufeffy\n', { a: 'x\ufeffy' }],
])('takes %s', (_name, text, value) => expect(readYaml(text).value).toEqual(value));

test.each<[string, string, string]>([
  ['characters that say nothing', 'a: x\u0080\n', 'yaml: control characters are not allowed'],
  ['other characters that say nothing', '# \u007f\na: x\n', 'yaml: control characters are not allowed'],
  ['a directive that nobody knows', '# c\n%FOO x\n---\na: 1\n', 'yaml: line 2: found unknown directive name'],
  ['a directive without a name', '%\n---\na: 1\n', 'yaml: could not find expected directive name'],
  ['a name that does not end', '%YAML% 1.1\n---\na: 1\n', 'yaml: found unexpected non-alphabetical character'],
  ['a version that is none', '%YAML\n---\na: 1\n', 'yaml: did not find expected version number'],
  ['another version', '%YAML 1.2\n---\na: 1\n', 'yaml: found incompatible YAML document'],
  ['a version and more', '%YAML 1.1 x\n---\na: 1\n', 'yaml: did not find expected comment or line break'],
  ['a version twice', '%YAML 1.1\n%YAML 1.1\n---\na: 1\n', 'yaml: line 2: found duplicate %YAML directive'],
  ['an escape beyond all characters', 'a: "\\U00110000"\n', 'yaml: found invalid Unicode character escape code'],
  ['half a character', '"\\ud800": 1\n', 'yaml: found invalid Unicode character escape code'],
  ['the margin where it counts', 'a:\n  - b\n c: d\n', 'yaml: '],
  ['more than brackets can mend', 'a: "x\n---\ny"\n', 'yaml: '],
])('refuses %s', (_name, text, message) => expect(() => readYaml(text)).toThrow(`error converting YAML to JSON: ${message}`));

test('many lines at the margin are mended up to a limit, in time', () => {
  const lines = (count: number): string => `a: "${'x\n'.repeat(count)}"\n`;
  expect(readYaml(lines(300)).value).toEqual({ a: `${'x '.repeat(300)}` });
  expect(() => readYaml(lines(20_000))).toThrow('deficient indentation');
});
