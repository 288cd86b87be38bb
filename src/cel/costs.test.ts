/** Expressions cost what they cost upstream: the estimate decides what a definition may hold, the run what an object may ask. */
import { expect, test } from 'vitest';
import { COSTS, SCHEMA, SELF } from './costs.fixture.ts';
import { compile, formatIssues, typeFromSchema } from './index.ts';

const environment = { variables: { self: typeFromSchema(SCHEMA)! } };

test.each(COSTS)('%s', (expression, least, most, actual) => {
  const result = compile(expression, environment);
  if (!result.ok) throw new Error(formatIssues(expression, result.issues));
  const { cost } = result.program.evaluate({ self: SELF });
  expect([result.program.estimateCost(), cost]).toEqual([{ min: least, max: most }, actual]);
});

test.each(['math.greatest(1, 2)', 'cel.bind(x, 1, x)', '"abc".reverse()', 'self.li.existsOne(x, x > 0)', 'quantity("1").sign()', 'base64.encode(b"a")', 'jsonpatch.escapeKey("a")'])('%s is of another environment', (expression) => {
  expect(compile(expression, environment).ok).toBe(false);
});

test('what is wrong with a literal is told where nothing else is', () => {
  const messages = (expression: string): string[] => {
    const result = compile(expression, environment);
    return result.ok ? [] : result.issues.map(({ message }) => message);
  };
  expect(messages('self.s.matches("(")')).toEqual(['invalid matches argument']);
  expect(messages('self.i.matches("(")')).toEqual(["found no matching overload for 'matches' applied to 'int.(string)'"]);
  expect(messages('timestamp("x") > duration("y")')).toEqual(["found no matching overload for '_>_' applied to '(timestamp, duration)'"]);
});
