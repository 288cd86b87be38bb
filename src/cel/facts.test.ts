/** What expressions come to, or what is wrong with them, word for word. */
import { expect, test } from 'vitest';
import { SCHEMA, SELF } from './costs.fixture.ts';
import { EDGES } from './edges.fixture.ts';
import { FACTS } from './facts.fixture.ts';
import { SYNTAX_FAULTS } from './syntax.fixture.ts';
import { CelError, compile, formatIssues, toJson, typeFromSchema } from './index.ts';

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

test.each(EDGES)('%s', (expression, expected) => expect(outcome(expression)).toBe(expected));

test.each(SYNTAX_FAULTS)('%j is none', (expression, expected) => expect(outcome(expression)).toBe(expected));

test('a fault is shown with its line and a mark, wide below characters of several bytes', () => {
  const shown = (source: string): string => {
    const result = compile(source, environment);
    return result.ok ? '' : formatIssues(source, result.issues);
  };
  expect(shown("self.s == 'ö' +\n\t☃")).toBe("ERROR: <input>:2:2: Syntax error: token recognition error at: '☃'\n |  ☃\n | .＾\nERROR: <input>:2:3: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n |  ☃\n | .．^");
  expect(shown("'ö' 1")).toBe("ERROR: <input>:1:5: Syntax error: extraneous input '1' expecting <EOF>\n | 'ö' 1\n | .．..^");
});
