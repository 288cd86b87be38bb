/** What rules of a definition are refused for, and what all of them may cost. */
import { describe, expect, test } from 'vitest';
import { compileSchema } from '../../api/apiextensions/schema/index.ts';
import type { RulePlace } from '../../api/apiextensions/v1/rule-hook.ts';
import type { JSONSchemaProps, ValidationRule } from '../../api/apiextensions/v1/types.ts';
import { FieldPath, type FieldError } from '../../api/meta/field.ts';
import { celCompiler } from './rule-checks.ts';

const rules = (...list: ValidationRule[]): JSONSchemaProps => ({ 'x-kubernetes-validations': list });
const at = new FieldPath('s');
const place: RulePlace = { times: 1, uncorrelatable: undefined, root: false };
const shown = (errors: readonly FieldError[]): string[] => errors.map(({ field, detail }) => `${field}: ${detail.replace(/ \(try simplifying.*$/, '')}`);

/** Checks schemas one after the other; the last is what is said of all. */
function check(schemas: readonly JSONSchemaProps[], more: Partial<RulePlace> = {}, anyCost = false): string[][] {
  const checks = celCompiler.start({ anyCost });
  return [...schemas.map((schema) => shown(checks.at(at, schema, { ...place, ...more }))), shown(checks.total(at))];
}

const texts = (maxItems: number, rule: string): JSONSchemaProps => ({ type: 'array', maxItems, items: { type: 'string', maxLength: 10 }, ...rules({ rule }) });
const nested = 'self.all(x, self.all(y, x == y))';
const rule = 's.x-kubernetes-validations[0].rule';

describe('costs', () => {
  test('of one rule, by the factor that it is too much', () => {
    expect(check([texts(2000, nested)])).toEqual([[`${rule}: Forbidden: estimated rule cost exceeds budget by factor of 3.6x`], []]);
    expect(check([texts(1100, nested)])).toEqual([[`${rule}: Forbidden: estimated rule cost exceeds budget by factor of 1.089550x`], []]);
    expect(check([texts(100_000, nested)])[0]).toEqual([`${rule}: Forbidden: estimated rule cost exceeds budget by factor of more than 100x`]);
    expect(check([texts(100, nested)])).toEqual([[], []]);
  });

  test('are counted as often as the place can occur; where nothing says, as often as a request has room for it', () => {
    const one: JSONSchemaProps = { type: 'string', maxLength: 1000, ...rules({ rule: 'self.contains("xxxxxxxxxx")' }) };
    expect(check([one], { times: 1 })[0]).toEqual([]);
    expect(check([one], { times: 100_000 })[0]).toEqual([expect.stringContaining('exceeds budget by factor of 4.0x')]);
    expect(check([one], { times: undefined })[0]).toEqual([expect.stringContaining('exceeds budget by factor of 42.0x')]);
    const wide: JSONSchemaProps = { type: 'object', required: ['abcdefgh'], properties: { abcdefgh: { type: 'string', format: 'date-time' } }, ...rules({ rule: 'self.abcdefgh > timestamp(0)' }) };
    expect(check([wide], { times: 2_600_000 })[0]).toEqual([expect.stringContaining('factor of 1.040000x')]);
    expect(check([wide], { times: undefined })[0]).toEqual([]);
  });

  test('of stored rules are let be one by one, and count together', () => {
    const stored = check([texts(10_000, nested)], {}, true);
    expect(stored[0]).toEqual([]);
    expect(stored[1]).toEqual([
      `${rule}: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      's: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 9.0x',
    ]);
  });

  test('of many small rules are too much together, and none of them is named', () => {
    const small = texts(280, nested);
    const found = check(Array.from({ length: 150 }, () => small));
    expect(found.slice(0, -1).flat()).toEqual([]);
    expect(found.at(-1)).toEqual(['s: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 1.060503x']);
  });

  test('of the costliest four are named, the costliest first', () => {
    const checks = celCompiler.start({ anyCost: true });
    for (const items of [1800, 1200, 1900, 1300, 2000, 1400]) checks.at(new FieldPath(`s${items}`), texts(items, nested), place);
    expect(checks.total(at).map(({ field }) => field)).toEqual(['s2000', 's1900', 's1800', 's1400'].map((name) => `${name}.x-kubernetes-validations[0].rule`).concat('s'));
  });

  test('of messages count, too', () => {
    const schema: JSONSchemaProps = { ...texts(2000, 'true'), ...rules({ rule: 'self.size() > 0', messageExpression: `${nested} ? 'a' : 'b'` }) };
    expect(check([schema])[0]).toEqual(['s.x-kubernetes-validations[0].messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of 3.6x']);
  });
});

describe('oldSelf', () => {
  const text = (more: Partial<ValidationRule>): JSONSchemaProps => ({ type: 'string', maxLength: 5, ...rules({ rule: 'self == "a"', ...more }) });
  const unused = 's.x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule';
  test('that is optional must be used, in a rule that compiles or not', () => {
    expect(check([text({ optionalOldSelf: true })])[0]).toEqual([unused]);
    expect(check([text({ optionalOldSelf: true, rule: 'self ==' })])[0]!.at(-1)).toBe(unused);
    expect(check([text({ optionalOldSelf: true, rule: 'oldSelf.hasValue()' })])[0]).toEqual([]);
  });
  test('cannot be compared with what is not found again', () => {
    const uncorrelatable = new FieldPath('l');
    expect(check([text({ rule: 'self == oldSelf' })], { uncorrelatable })[0]).toEqual([`${rule}: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within l`]);
    expect(check([text({})], { uncorrelatable })[0]).toEqual([]);
  });
});

test('a default is held against the rules as one that stays and as one that is new', () => {
  const defaults = (source: string): string[] => shown(celCompiler.defaults(at, compileSchema({ type: 'string', maxLength: 5, ...rules({ rule: source, optionalOldSelf: true, message: 'no' }) }), 'x', false));
  expect(defaults('oldSelf.hasValue()')).toEqual(['s: Invalid value: "x": no']);
  expect(defaults('!oldSelf.hasValue()')).toEqual(['s: Invalid value: "x": no']);
  expect(defaults('oldSelf.hasValue() || self == "x"')).toEqual([]);
});
