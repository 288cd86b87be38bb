import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { meaningOf } from './yaml-words.ts';
import { writeYaml } from './yaml-write.ts';
import { readYaml } from './yaml.ts';

const WORD = 'word '.repeat(20);
const LONG_KEY = 'k'.repeat(129);

test.each<[string, unknown, string]>([
  ['keys by their natural order', { b: 1, a10: 1, a2: 1, A: 1, a_b: 1, '1': 1, 'f:x': 1, a: 1 }, '"1": 1\nA: 1\na: 1\na_b: 1\na2: 1\na10: 1\nb: 1\nf:x: 1\n'],
  ['lists at the indent of their key', { a: [1, [2, [3]], { b: [], c: {} }] }, 'a:\n- 1\n- - 2\n  - - 3\n- b: []\n  c: {}\n'],
  ['texts that are not taken for something else', ['yes', 'n', 'Off', '~', '', 'null', '1', '0x1F', '0o17', '017', '08', '1_000', '1e3', '.5', '.inf', '-.INF', '1:30', '190:20:30.15', '2020-01-01', '2020-01-01T1:2:3Z'].map((text) => ({ a: text })),
    '- a: "yes"\n- a: "n"\n- a: "Off"\n- a: "~"\n- a: ""\n- a: "null"\n- a: "1"\n- a: "0x1F"\n- a: "0o17"\n- a: "017"\n- a: "08"\n- a: "1_000"\n- a: "1e3"\n- a: ".5"\n- a: ".inf"\n- a: "-.INF"\n- a: "1:30"\n- a: "190:20:30.15"\n- a: "2020-01-01"\n- a: "2020-01-01T1:2:3Z"\n'],
  ['texts that only look so', ['0xg', '1e', '_', '2020-02-30', '1e999', '1:99', '<<', '=', 'yEs'], '- 0xg\n- 1e\n- _\n- 2020-02-30\n- 1e999\n- 1:99\n- <<\n- =\n- yEs\n'],
  ['texts with marks of YAML in them', ['- a', 'a: b', 'a #c', 'a#c', '#c', ' lead', 'trail ', '@x', "it's", "it's: ", '[x', 'a, b', '---', '?x', '? x'], "- '- a'\n- 'a: b'\n- 'a #c'\n- a#c\n- '#c'\n- ' lead'\n- 'trail '\n- '@x'\n- it's\n- 'it''s: '\n- '[x'\n- a, b\n- '---'\n- ?x\n- '? x'\n"],
  ['several lines', { a: 'x\n', b: 'x', c: 'x\ny', d: 'x\n\n', e: ' x\ny', f: 'x \ny', g: 'x\n\ty', h: '\n' }, 'a: |\n  x\nb: x\nc: |-\n  x\n  y\nd: |+\n  x\n\ne: |2-\n   x\n  y\nf: "x \\ny"\ng: "x\\n\\ty"\nh: |2+\n\n'],
  ['what cannot be shown', ['\u0001\u007f', 'tab\t', '\u{1f600}', 'é\u00a0日本', '\ufeffbom', 'a\rb'], '- "\\x01\\x7F"\n- "tab\\t"\n- "\\U0001F600"\n- é\u00a0日本\n- "\\uFEFF\\x62\\x6F\\x6D"\n- "a\\rb"\n'],
  ['long lines, folded', { a: `${WORD}x`, b: `${WORD}: x`, c: `\u0001${WORD}x` },
    `a: ${'word '.repeat(15)}word\n  word word word word x\nb: '${'word '.repeat(15)}word\n  word word word word : x'\nc: "\\x01${'word '.repeat(14)}word\n  word word word word word x"\n`],
  ['a long key, and one of several lines', { [LONG_KEY]: ['x'], 'a\nb': { c: 1 } }, `? |-\n  a\n  b\n: c: 1\n? ${LONG_KEY}\n: - x\n`],
  ['numbers', [0, -0, 1.5, 123456.5, 1234567.5, 1e20, 1e21, 0.0001, 0.00001, 9007199254740993n, 18446744073709551615n, 5e-324], '- 0\n- 0\n- 1.5\n- 123456.5\n- 1.2345675e+06\n- 1e+20\n- 1e+21\n- 0.0001\n- 1e-05\n- 9007199254740993\n- 18446744073709551615\n- 5e-324\n'],
  ['nothing and little', [null, true, undefined, {}, [], [[]]], '- null\n- true\n- null\n- {}\n- []\n- - []\n'],
  ['members that are undefined', { a: undefined, b: 1 }, 'b: 1\n'],
  ['a text alone', 'x: y', "'x: y'\n"],
])('%s', (_name, value, text) => expect(writeYaml(value)).toBe(text));

const pieces = fc.oneof(fc.constantFrom('a', ' ', '\n', ': ', ' #', '- ', "'", '"', '1', '0x', '.', '~', 'yes', 'é', '\u{1f600}', '\ufeff', '\t', '\\', 'word '), fc.string({ maxLength: 3 }));
// The reader takes the number of blanks in front of a text of several lines for one less, where a list or nothing is around it.
const texts = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('').toWellFormed()).filter((text) => !/^[ \r\n\u0085\u2028\u2029]/.test(text) || !text.includes('\n'));
const values = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, texts, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(texts.filter((key) => key !== '<<'), tie('value'), { maxKeys: 4, noNullPrototype: true })),
})).value;

test('what is written reads as it was', () => {
  fc.assert(fc.property(values, (value) => {
    expect(readYaml(writeYaml(value)).value).toEqual(value);
  }), { seed: 20_261_127, numRuns: 300 });
});

test.each<[string, ReturnType<typeof meaningOf>]>([
  ['0b11', { is: 'integer', value: 3 }], ['-0B11', { is: 'integer', value: -3 }], ['0_7', { is: 'integer', value: 7 }], ['08', { is: 'float', value: 8 }], ['1.', { is: 'float', value: 1 }], ['+.5', { is: 'float', value: 0.5 }],
  ['18446744073709551615', { is: 'integer', value: 18446744073709551615n }], ['18446744073709551616', { is: 'float', value: 18446744073709552000 }], ['+9223372036854775808', { is: 'float', value: 9223372036854776000 }],
  ['2020-1-1', { is: 'timestamp' }], ['2020-01-01 10:00:00', { is: 'timestamp' }], ['2020-01-01T10:00:00', { is: 'text' }], ['2020-13-01', { is: 'text' }],
])('%s has its meaning', (text, meaning) => expect(meaningOf(text)).toEqual(meaning));
