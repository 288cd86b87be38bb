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

test.each(['math.greatest(1, 2)', 'cel.bind(x, 1, x)', '"abc".reverse()', 'self.li.existsOne(x, x > 0)', 'quantity("1").sign()', 'base64.encode(b"a")'])('%s is of another environment', (expression) => {
  expect(compile(expression, environment).ok).toBe(false);
});
