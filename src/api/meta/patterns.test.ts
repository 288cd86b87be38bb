import { describe, expect, test } from 'vitest';
import { compilePattern } from './patterns.ts';

describe('a pattern in which a group has its name twice', () => {
  const rows: [pattern: string, fits: string, not: string][] = [
    ['^(?P<a>x)(?P<a>y)$', 'xy', 'xx'],
    ['^(?<a>x)|(?<a>y)$', 'zy', 'zz'],
    ['^(?P<a>x)(?P<a>y)\\(?P<b>$', 'xyP<b>', 'xy'],
    ['^(?P<a>x)(?P<a>y)[(?P<a>]$', 'xy<', 'xyx'],
    ['^(?P<a>x)(?P<a>y)[]\\](?P<a>)]$', 'xy]', 'xyx'],
    ['^(?P<a>x)(?P<a>y)\\Q(?P<a>\\E$', 'xy(?P<a>', 'xy('],
    ['^(?P<a>x)(?P<a>y)[[:alpha:](?P<q>]$', 'xyq', 'xy1'],
  ];
  test.each(rows)('%s', (pattern, fits, not) => {
    const compiled = compilePattern(pattern);
    expect([compiled.matcher(fits).find(), compiled.matcher(not).find()]).toEqual([true, false]);
  });
  test.each(['(?P<a>x', '(?P<a b>x)', 'a**', '(?=x)', '(?P<a>x)(?P<a>y)[', '\\1'])('%s is none', (pattern) => expect(() => compilePattern(pattern)).toThrow(/error parsing regexp/));
});
