import { describe, expect, test } from 'vitest';
import { formatLabelSelector, labelSelectorOf, labelsMatcher, nothing, parseFieldSelector, parseLabelSelector } from './selectors.ts';

describe('parseLabelSelector', () => {
  test.each([
    ['everything', '', {}, true], ['equal', 'a=b', { a: 'b' }, true], ['not equal', 'a=b', { a: 'c' }, false], ['double equal', 'a==b', { a: 'b' }, true],
    ['unequal', 'a!=b', { a: 'c' }, true], ['unequal and absent', 'a!=b', {}, true], ['in', 'a in (b,c)', { a: 'c' }, true], ['in, absent', 'a in (b,c)', {}, false],
    ['notin', 'a notin (b,c)', { a: 'c' }, false], ['notin, absent', 'a notin (b,c)', {}, true], ['exists', 'a', { a: '' }, true], ['does not exist', '!a', { a: '' }, false],
    ['several', 'a=b,!c', { a: 'b' }, true], ['an empty value', 'a=', { a: '' }, true], ['an empty set', 'a in ()', { a: '' }, true], ['greater', 'a>5', { a: '6' }, true],
    ['less', 'a<5', { a: '6' }, false], ['greater than no number', 'a>5', { a: 'x' }, false], ['words that are operators', 'in in (in,notin)', { in: 'notin' }, true],
    ['blanks', ' a  =  b , c ', { a: 'b', c: '' }, true], ['a name of the prototype', 'constructor', {}, false],
  ])('%s', (_, text, labels, expected) => {
    expect(parseLabelSelector(text)(labels)).toBe(expected);
  });

  test.each([
    ['x in (b,,a),y,!z,w!=3,v>1', 'v>1,w!=3,x in (,a,b),y,!z'], ['a==b', 'a==b'], ['a notin (c,b)', 'a notin (b,c)'], ['', ''],
  ])('%s is written %s', (text, expected) => {
    expect(parseLabelSelector(text).text).toBe(expected);
  });

  test('values of an object that come twice are written twice', () => {
    expect(formatLabelSelector({ matchExpressions: [{ key: 'a', operator: 'In', values: ['b', 'a', 'b'] }] })).toBe('a in (a,b,b)');
  });

  test.each([
    ['no key', '=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['two words', 'a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a comma at the end', 'a=b,', "found '', expected: identifier after ','"],
    ['no parenthesis', 'a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['an open set', 'a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a value too many', 'a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a broken value', 'a=b_', "unable to parse requirement: values[0][a]: Invalid value: \"b_\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"],
    ['a broken key', '_a', "unable to parse requirement: <nil>: Invalid value: \"_a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"],
    ['no number', 'a>b', "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer"],
  ])('%s is refused', (_, text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });
});

describe('labelSelectorOf', () => {
  test('absent matches nothing, empty matches everything', () => {
    expect(labelSelectorOf(undefined)).toBe(nothing);
    expect(labelSelectorOf(undefined)({})).toBe(false);
    expect(labelSelectorOf({})({ a: 'b' })).toBe(true);
    expect(formatLabelSelector({})).toBe('<none>');
  });
  test('joins labels and expressions', () => {
    const matcher = labelSelectorOf({ matchLabels: { b: '1' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['y', 'x'] }, { key: 'c', operator: 'DoesNotExist' }] });
    expect(matcher.text).toBe('a in (x,y),b=1,!c');
    expect(matcher({ a: 'x', b: '1' })).toBe(true);
    expect(matcher({ a: 'x', b: '1', c: '' })).toBe(false);
  });
  test('refuses an unknown operator', () => {
    expect(() => labelSelectorOf({ matchExpressions: [{ key: 'a', operator: 'Like' }] })).toThrow('"Like" is not a valid label selector operator');
  });
  test('labelsMatcher wants all of the labels', () => {
    expect(labelsMatcher({ a: 'b' })({ a: 'b', c: 'd' })).toBe(true);
    expect(labelsMatcher({ a: 'b' })(undefined)).toBe(false);
    expect(labelsMatcher(undefined).isEmpty).toBe(true);
  });
});

describe('parseFieldSelector', () => {
  test('matches fields, absent ones as empty', () => {
    const matcher = parseFieldSelector('spec.nodeName!=a,metadata.name==x');
    expect(matcher.text).toBe('metadata.name=x,spec.nodeName!=a');
    expect(matcher({ 'metadata.name': 'x' })).toBe(true);
    expect(matcher({ 'metadata.name': 'x', 'spec.nodeName': 'a' })).toBe(false);
    expect(matcher.exact('metadata.name')).toBe('x');
    expect(matcher.exact('spec.nodeName')).toBeUndefined();
  });
  test('unescapes values and escapes them again', () => {
    const matcher = parseFieldSelector('a=b\\,c\\=d\\\\');
    expect(matcher({ a: 'b,c=d\\' })).toBe(true);
    expect(matcher.text).toBe('a=b\\,c\\=d\\\\');
  });
  test.each([['a word', 'a', "invalid selector: 'a'; can't understand 'a'"], ['a bare equals sign', 'a=b=c', 'invalid field selector: unescaped character in value: 61'], ['a strange escape', 'a=\\x', 'invalid field selector: invalid escape sequence: \\x']])(
    '%s is refused',
    (_, text, message) => {
      expect(() => parseFieldSelector(text)).toThrow(message);
    },
  );
});
