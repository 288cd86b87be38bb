import { describe, expect, test } from 'vitest';
import { readYaml } from './yaml.ts';

const laughs = (levels: number): string => `a0: &a0 [x,x]\n${Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`).join('\n')}`;

describe('aliases', () => {
  test('stand for what they name', () => expect(readYaml('a: &a {b: 1}\nc: *a\n').value).toEqual({ a: { b: 1 }, c: { b: 1 } }));
  test('may be many where each is small', () => expect(Object.keys(readYaml(`a: &a {b: 1}\n${Array.from({ length: 900 }, (_, i) => `k${i}: *a`).join('\n')}`).value as object)).toHaveLength(901));
  test.each([5, 30, 100])('that multiply are refused: %i levels', (levels) => expect(() => readYaml(laughs(levels))).toThrow('document contains excessive aliasing'));
  test.each(['a: &a\n  b: *a\n', '&a [x, *a]\n', 'a: &a [{b: [*a]}]\n'])('must not hold themselves: %s', (text) => expect(() => readYaml(text)).toThrow('anchor value contains itself'));
});
