/** What expressions come to, or what is wrong with them, word for word. */
import { expect, test } from 'vitest';
import { SCHEMA, SELF } from './costs.fixture.ts';
import { FACTS } from './facts.fixture.ts';
import { CelError, compile, toJson, typeFromSchema } from './index.ts';

const environment = { variables: { self: typeFromSchema(SCHEMA)! } };

/** As the table has it. */
function outcome(expression: string): string {
  const result = compile(expression, environment);
  if (!result.ok) return result.issues.map(({ line, column, message }) => `${line}:${column}: ${message}`).join('\n');
  const fault = result.program.fault();
  if (fault !== undefined) return `no program: ${fault}`;
  try {
    return `= ${JSON.stringify(toJson(result.program.evaluate({ self: SELF }).value))}`;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return `fails: ${error.message}`;
  }
}

test.each(FACTS)('%s', (expression, expected) => expect(outcome(expression)).toBe(expected));
