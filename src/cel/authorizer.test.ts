/** What questions to the authorizer come to, and what they cost, as upstream has it. */
import { expect, test } from 'vitest';
import { authorizerValue, CelError, compile, opaque, toJson, types } from './index.ts';

const environment = { variables: { authorizer: opaque('kubernetes.authorization.Authorizer'), name: types.string } };

const authorizer = authorizerValue(({ verb }) => {
  if (verb === 'err') return { allowed: false, reason: 'no', error: 'broken' };
  return verb === 'deny' ? { allowed: false, reason: 'denied' } : { allowed: true, reason: 'fine' };
});

function outcome(expression: string, costLimit = 1_000_000): unknown {
  const result = compile(expression, environment);
  if (!result.ok) return result.issues.map(({ line, column, message }) => `${line}:${column}: ${message}`).join('\n');
  try {
    const { value, cost } = result.program.evaluate({ authorizer, name: 'hello' }, { costLimit });
    return [toJson(value), cost];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return error.message;
  }
}

const PODS = "authorizer.group('').resource('pods')";

test.each<[expression: string, outcome: unknown]>([
  [`${PODS}.check('get').allowed()`, [true, 350_004]],
  [`${PODS}.namespace('a').name('b').subresource('c').check('get').reason()`, ['fine', 350_007]],
  ["authorizer.path('/x').check('deny').allowed()", [false, 350_003]],
  ["authorizer.serviceAccount('a', 'b').path('/x').check('deny').reason()", ['denied', 350_004]],
  [`${PODS}.check('err').errored()`, [true, 350_004]],
  [`${PODS}.check('err').error()`, ['broken', 350_004]],
  [`${PODS}.check('get').error()`, ['', 350_004]],
  [`${PODS}.fieldSelector('a=b,c!=d').check('get').allowed()`, [true, 350_215]],
  [`${PODS}.labelSelector('a in (b,c)').check('get').allowed()`, [true, 350_265]],
  [`${PODS}.labelSelector('??').check('get').allowed()`, [true, 350_065]],
  [`${PODS}.labelSelector(name).check('get').allowed()`, [true, 350_166]],
  ["authorizer.path(' ').check('get').allowed()", 'path must not be empty'],
  ["authorizer.group('').resource('').check('get').allowed()", 'resource must not be empty'],
  ["authorizer.serviceAccount('A', 'b').path('/x').check('get').allowed()", 'Invalid service account namespace'],
  ["authorizer.serviceAccount('a', 'B!').path('/x').check('get').allowed()", 'Invalid service account name'],
  ["authorizer.group('') == authorizer.group('')", 'no such overload'],
  [`${PODS}.check('a').allowed() && ${PODS}.check('b').allowed() && ${PODS}.check('c').allowed()`, 'operation cancelled: actual cost limit exceeded'],
  ["authorizer.check('get')", "1:17: found no matching overload for 'check' applied to 'kubernetes.authorization.Authorizer.(string)'"],
  ['authorizer.foo', "1:11: unexpected failed resolution of 'kubernetes.authorization.Authorizer'"],
])('%s', (expression, expected) => expect(outcome(expression)).toEqual(expected));
