import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutationLibraries, authorizerValue, CelError, compile, formatIssues, listOf, PendingDecision, toJson, typeFromSchema, types, type CelType, type Environment, type StructuralSchema } from './index.ts';

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        ratio: { type: 'number' },
        name: { type: 'string', maxLength: 20 },
        port: { 'x-kubernetes-int-or-string': true },
        since: { type: 'string', format: 'date-time' },
        period: { type: 'string', format: 'duration' },
        'max-surge': { type: 'integer' },
        namespace: { type: 'string', maxLength: 63 },
        tags: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 10 } },
        ports: { type: 'array', maxItems: 5, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', properties: { name: { type: 'string', maxLength: 10 }, number: { type: 'integer' } } } },
        labels: { type: 'object', maxProperties: 8, additionalProperties: { type: 'string', maxLength: 10 } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
};
const selfType = typeFromSchema(schema, { root: true })!;
const environment: Environment = { libraries: [...mutationLibraries(), 'bindings', 'math'], variables: { self: selfType, oldSelf: selfType, object: types.dyn, numbers: listOf(types.int, 100), authorizer: { kind: 'opaque', name: 'kubernetes.authorization.Authorizer', parameters: [] } } };
const self = {
  metadata: { name: 'web' },
  spec: {
    replicas: 3, ratio: 2, name: 'web-1', port: '80%', since: '2024-05-01T10:00:00Z', period: '1h30m', 'max-surge': 2, namespace: 'team', tags: ['a', 'b', 'b'],
    ports: [{ name: 'http', number: 80 }, { name: 'https', number: 443 }], labels: { app: 'web', 'a/b': 'c' },
  },
};
const reordered = { ...self, spec: { ...self.spec, ports: self.spec.ports.toReversed() } };

function evaluate(source: string, activation: Record<string, unknown> = { self, oldSelf: reordered, object: self, numbers: [3, 1, 2] }): unknown {
  const result = compile(source, environment);
  if (!result.ok) throw new Error(formatIssues(source, result.issues));
  return toJson(result.program.evaluate(activation).value);
}

describe('expressions of Kubernetes', () => {
  it.each([
    ['a schema\'s integer', 'self.spec.replicas <= 5', true],
    ['a number is a double even when whole', 'self.spec.ratio == 2.0 && type(self.spec.ratio) == double', true],
    ['int-or-string by type', 'type(self.spec.port) == string && self.spec.port.endsWith("%")', true],
    ['time', 'self.spec.since.getHours() == 10 && self.spec.since + self.spec.period == timestamp("2024-05-01T11:30:00Z")', true],
    ['an escaped name', 'self.spec.max__dash__surge == 2', true],
    ['a reserved word', 'self.spec.__namespace__ == "team"', true],
    ['metadata of a root', 'self.metadata.name == "web"', true],
    ['map lists have no order', 'self.spec.ports == oldSelf.spec.ports', true],
    ['map lists merge', '(self.spec.ports + oldSelf.spec.ports).size()', 2],
    ['map keys', 'self.spec.labels.all(k, k.size() < 4) && self.spec.labels["a/b"] == "c"', true],
    ['absence', 'has(self.spec.free) || !has(self.spec.labels.none)', true],
    ['a dynamic object', 'object.spec.replicas + 1 == 4 && object.metadata.name == "web"', true],
    ['optional', 'object.?spec.?none.orValue("x") + object.spec[?"name"].orValue("y")', 'xweb-1'],
    ['isSorted', 'self.spec.tags.isSorted()', true],
    ['sum, min, max', '[numbers.sum(), numbers.min(), numbers.max()]', [6, 1, 3]],
    ['indexOf, lastIndexOf', '[self.spec.tags.indexOf("b"), self.spec.tags.lastIndexOf("b"), self.spec.tags.indexOf("z")]', [1, 2, -1]],
    ['find', '"abc 123".find("[0-9]+") + "-" + "abc".find("[0-9]+")', '123-'],
    ['findAll', '"1 22 333".findAll("[0-9]+", 2)', ['1', '22']],
    ['url', 'url("https://u@example.com:8080/a%20b?k=1&k=2").getHost()', 'example.com:8080'],
    ['url parts', '[url("https://[::1]:8080/a").getHostname(), url("https://h:81/a").getPort(), url("/path?x=1").getEscapedPath(), url("https://h/").getScheme()]', ['::1', '81', '/path', 'https']],
    ['url query', 'url("https://h/?k=a&k=b").getQuery()["k"]', ['a', 'b']],
    ['isURL', '[isURL("https://h"), isURL("../x"), isURL("")]', [true, false, false]],
    ['ip', '[ip("10.0.0.1").family(), ip("::1").family()]', [4, 6]],
    ['ip kinds', 'ip("127.0.0.1").isLoopback() && ip("169.254.1.1").isLinkLocalUnicast() && ip("8.8.8.8").isGlobalUnicast() && ip("0.0.0.0").isUnspecified()', true],
    ['isIP', '[isIP("1.2.3.4"), isIP("1.2.3"), isIP("fe80::1%eth0"), isIP("::ffff:1.2.3.4"), ip.isCanonical("::0001")]', [true, false, false, false, false]],
    ['cidr', 'cidr("10.0.0.0/8").containsIP("10.1.2.3") && !cidr("10.0.0.0/8").containsIP(ip("11.0.0.1")) && cidr("10.0.0.0/8").containsCIDR("10.2.0.0/16")', true],
    ['cidr masked', 'string(cidr("10.1.2.3/8").masked()) + string(cidr("10.1.2.3/8").ip())', '10.0.0.0/810.1.2.3'],
    ['quantity', 'quantity("1.5Gi").isGreaterThan(quantity("1G")) && quantity("50k").add(20) == quantity("50020") && quantity("2").asInteger() == 2', true],
    ['isQuantity', '[isQuantity("1Mi"), isQuantity("1Foo")]', [true, false]],
    ['semver', 'semver("1.2.3").isLessThan(semver("1.10.0-rc.1")) && semver("v1.2", true).minor() == 2 && !isSemver("01.2.3")', true],
    ['format', 'format.dns1123Label().validate("a-b").hasValue() == false && format.named("dns1123Label").value().validate("A").hasValue()', true],
    ['sets', 'sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])', true],
    ['two variables', '{"a": 1, "b": 2}.transformList(k, v, v > 1, k)', ['b']],
    ['bind', 'cel.bind(x, self.spec.replicas, x * x)', 9],
    ['format of text', '"%s has %d, %.2f".format([self.spec.name, dyn(3), dyn(1.5)])', 'web-1 has 3, 1.50'],
    ['64 bits', '[9007199254740993 - 1 == 9007199254740992, 9223372036854775807 > 9223372036854775806]', [true, true]],
    ['escapeKey', 'jsonpatch.escapeKey("a/b~c")', 'a~1b~0c'],
  ])('%s', (_, source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each([
    ['a key that is not there', 'object.spec.none == 1', 'no such key: none'],
    ['division', 'self.spec.replicas / 0 == 1', 'division by zero'],
    ['overflow', '9223372036854775807 + self.spec.replicas > 0', 'integer overflow'],
    ['an index', 'self.spec.tags[7] == ""', 'index out of bounds: 7'],
    ['types at run time', 'object.spec.name + 1 == 2', 'no such overload'],
    ['a property of the prototype', 'object.constructor == 1', 'no such key: constructor'],
    ['a quantity', 'sign(quantity("x" + self.spec.name)) == 1', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ])('fails while running: %s', (_, source, message) => {
    expect(() => evaluate(source)).toThrow(new CelError(message));
  });

  it.each([
    ['an unknown name', 'nothing == 1', "undeclared reference to 'nothing' (in container '')"],
    ['an unknown field', 'self.spec.nothing == 1', "undefined field 'nothing'"],
    ['types', 'self.spec.replicas + "x" == ""', "found no matching overload for '_+_' applied to '(int, string)'"],
    ['a member', 'self.spec.replicas.startsWith("x")', "found no matching overload for 'startsWith' applied to 'int.(string)'"],
    ['mixed lists', '[1, "a"].size() == 2', "expected type 'int' but found 'string'"],
    ['a bad pattern', '"a".matches("(")', 'invalid matches argument'],
    ['a bad duration', 'duration("1x") > duration("1s")', 'invalid duration argument'],
    ['an unfinished one', 'self.', "Syntax error: no viable alternative at input '.'"],
    ['too deep', `${'('.repeat(300)}1${')'.repeat(300)}`, 'expression recursion limit exceeded: 250'],
    ['too long a chain', `1${'+1'.repeat(300)} == 1`, 'expression recursion limit exceeded: 250'],
  ])('is refused: %s', (_, source, message) => {
    const result = compile(source, environment);
    expect(result.ok ? [] : result.issues.map((issue) => issue.message)).toEqual([message]);
  });

  it('prints issues as the reference does', () => {
    const source = 'self.spec.x == 1';
    const result = compile(source, environment);
    expect(result.ok ? '' : formatIssues(source, result.issues)).toBe("ERROR: <input>:1:10: undefined field 'x'\n | self.spec.x == 1\n | .........^");
  });

  it('asks an authorizer that needs time once, and goes on when it has answered', async () => {
    const asked: string[] = [];
    const authorizer = authorizerValue((query) => {
      asked.push(`${query.verb} ${query.group}/${query.resource}/${query.subresource} ${query.namespace}/${query.name}`);
      return Promise.resolve({ allowed: query.namespace === 'default', reason: 'because' });
    });
    const result = compile("authorizer.group('apps').resource('deployments').subresource('scale').namespace('default').name('web').check('update').allowed()", environment);
    if (!result.ok) throw new Error('does not compile');
    const run = (): unknown => result.program.evaluate({ authorizer }).value;
    let pending: PendingDecision | undefined;
    try {
      run();
    } catch (error) {
      pending = error as PendingDecision;
    }
    expect(pending).toBeInstanceOf(PendingDecision);
    await pending!.settled;
    expect(run()).toBe(true);
    expect(asked).toEqual(['update apps/deployments/scale default/web']);
  });
});

describe('costs', () => {
  const run = (source: string, activation: Record<string, unknown>, costLimit?: number): number => {
    const result = compile(source, environment);
    if (!result.ok) throw new Error(formatIssues(source, result.issues));
    return result.program.evaluate(activation, costLimit === undefined ? {} : { costLimit }).cost;
  };

  it.each([
    ['a literal is free', 'true', 0],
    ['a name and each field', 'self.spec.replicas == 3', 4],
    ['has() is free beyond its operand', 'has(self.spec.name)', 2],
    ['a list literal', '[1, 2].size() == 2', 2],
    ['a list of what is not known', '[self.spec.replicas, 2].size() == 2', 15],
    ['text by its length', 'self.spec.name.startsWith("w")', 4],
    ['an authorization check', "authorizer.path('/x').check('get').allowed()", 350_003],
  ])('%s', (_, source, cost) => {
    expect(run(source, { self, authorizer: authorizerValue(() => ({ allowed: true, reason: '' })) })).toBe(cost);
  });

  it('ends an evaluation at its limit', () => {
    const list = Array.from({ length: 1000 }, (_, i) => i);
    expect(() => run('numbers.all(x, numbers.all(y, x + y >= 0))', { numbers: list }, 10_000)).toThrow('operation cancelled: actual cost limit exceeded');
    expect(() => run('numbers.all(x, numbers.all(y, x + y < 0 || true)) || true', { numbers: list }, 10_000)).toThrow(CelError);
  });

  it('takes what it costs, and not one less', () => {
    const source = 'self.spec.name.startsWith("w") && self.spec.replicas > 1';
    const cost = run(source, { self });
    expect(run(source, { self }, cost)).toBe(cost);
    expect(() => run(source, { self }, cost - 1)).toThrow('operation cancelled: actual cost limit exceeded');
  });

  it('estimates by what the schema promises', () => {
    const estimate = (source: string): number => {
      const result = compile(source, environment);
      if (!result.ok) throw new Error(formatIssues(source, result.issues));
      return result.program.estimateCost().max;
    };
    expect(estimate('self.spec.ports.all(a, self.spec.ports.all(b, a.name != b.name || a == b))')).toBeLessThan(1000);
    const unbounded = typeFromSchema({ type: 'array', items: { type: 'array', items: { type: 'string' } } })!;
    const wide = compile('self.all(a, a.all(b, b.contains("x")))', { variables: { self: unbounded } });
    expect(wide.ok && wide.program.estimateCost().max).toBeGreaterThan(10_000_000);
  });

  it('never costs more than the estimate says', () => {
    const text = fc.constantFrom('self.spec.name', '"abc"', 'self.spec.tags[0]', 'self.spec.labels["a"]', 'self.spec.ports[0].name', 'self.spec.name.substring(1)', '(self.spec.name + self.spec.name)', 'self.spec.name.replace("a", "bcd")', 'self.spec.tags.join(",")', 'string(self.spec.replicas)');
    const list = fc.constantFrom('self.spec.tags', '["a", self.spec.name]', 'self.spec.tags.filter(t, t != "a")', 'self.spec.ports.map(p, p.name)', '(self.spec.tags + self.spec.tags)', 'self.spec.name.split("")', 'self.spec.labels.map(k, k + "x")', '"a b".findAll("[a-z]")');
    const test = fc.oneof(
      fc.tuple(text, fc.constantFrom('startsWith', 'endsWith', 'contains', 'matches'), text).map(([a, name, b]) => `${a}.${name}(${name === 'matches' ? '"a+b*"' : b})`),
      fc.tuple(text, fc.constantFrom('==', '!=', '<', '>='), text).map(([a, sign, b]) => `${a} ${sign} ${b}`),
      fc.tuple(text, list).map(([a, b]) => `${a} in ${b}`),
      fc.tuple(list, fc.constantFrom('all', 'exists', 'exists_one'), text).map(([a, name, b]) => `${a}.${name}(e, e == ${b} || e.size() > 2)`),
      fc.tuple(list, list).map(([a, b]) => `sets.contains(${a}, ${b}) && ${a}.isSorted() && ${a} == ${b} && ${a}.indexOf("z") < 3`),
      fc.tuple(list, list).map(([a, b]) => `${a}.map(x, ${b}.map(y, x + y)).exists(l, l.all(t, t.contains("b")))`),
    );
    const source = fc.tuple(test, test, test).map(([a, b, c]) => `(${a}) ? (${b}) : (${c}) || cel.bind(v, ${b}, v && (${a}))`);
    const short = fc.string({ maxLength: 10 });
    const values = fc.record({
      name: fc.string({ minLength: 1, maxLength: 20 }), replicas: fc.integer(), tags: fc.array(short, { minLength: 1, maxLength: 10 }),
      ports: fc.array(fc.record({ name: short, number: fc.integer() }), { minLength: 1, maxLength: 5 }), labels: fc.dictionary(short, short, { maxKeys: 7 }).map((labels) => ({ ...labels, a: 'b' })),
    });
    fc.assert(fc.property(source, values, (expression, spec) => {
      const result = compile(expression, environment);
      if (!result.ok) throw new Error(formatIssues(expression, result.issues));
      const { max } = result.program.estimateCost();
      let cost = 0;
      try {
        cost = result.program.evaluate({ self: { spec } }).cost;
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
      }
      expect(cost).toBeLessThanOrEqual(max);
    }), { seed: 20260501, numRuns: 150 });
  });
});

describe('robustness', () => {
  it('ends any text in a program or in issues', () => {
    const words = ['self', '.', 'spec', '(', ')', '[', ']', '{', '}', '?', ':', '&&', '||', '!', '-', '+', '==', 'in', 'has', 'all', 'x', ',', '1', '"a"', "b'\\x00'", '1u', '1.5', 'null', 'map', '@', '`a-b`', '\\', '\u{1f600}', 'cel.bind', '.?', 'size', '0x', 'r"', '//\n'];
    const source = fc.oneof(fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((parts) => parts.join(' ')), fc.string({ maxLength: 40 }));
    fc.assert(fc.property(source, (expression) => {
      const result = compile(expression, environment);
      if (!result.ok) {
        expect(result.issues.length).toBeGreaterThan(0);
        formatIssues(expression, result.issues);
        return;
      }
      result.program.estimateCost();
      try {
        result.program.evaluate({ self, oldSelf: self, object: self, numbers: [1] }, { costLimit: 100_000 });
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
      }
    }), { seed: 20260502, numRuns: 1000 });
  });

  it.each([
    ['lists that double', (inner: string) => inner, 'numbers', (name: string) => `${name} + ${name}`, '.size() > 0'],
    ['lists of lists', (inner: string) => inner, '[numbers]', (name: string) => `[${name}, ${name}]`, '.size() > 0'],
    ['lists of lists compared with their like', (inner: string) => `[${inner}] == [${inner}]`, '[numbers]', (name: string) => `[${name}, ${name}]`, ''],
    ['text that doubles', (inner: string) => inner, 'object.metadata.name + "x"', (name: string) => `${name} + ${name}`, '.size() > 0'],
    ['formatted lists of lists', (inner: string) => inner, '[dyn("x")]', (name: string) => `[dyn(${name}), dyn(${name})]`, '.map(x, "%s".format([x])).size() > 0'],
  ])('is not brought down by %s', (_name, whole, start, step, end) => {
    let expression = `v60${end}`;
    for (let i = 60; i > 0; i--) expression = `cel.bind(v${i}, ${step(`v${i - 1}`)}, ${expression})`;
    const result = compile(whole(`cel.bind(v0, ${start}, ${expression})`), environment);
    if (!result.ok) throw new Error(formatIssues('', result.issues));
    let ended: unknown;
    try {
      ended = result.program.evaluate({ object: self, numbers: [1, 2] }, { costLimit: 1_000_000 }).value;
    } catch (error) {
      ended = error;
    }
    expect(typeof ended === 'boolean' || ended instanceof CelError).toBe(true);
  });

  it.each([
    ['fifteen thousand comparisons', Array.from({ length: 15_000 }, () => 'x==1').join('&&').slice(0, 90_000).replace(/&*[x=1]*$/, ''), true],
    ['thousands of faults', Array.from({ length: 10_000 }, () => 'none').join('||'), false],
    ['a list of thousands', `[${Array.from({ length: 49_000 }, (_, i) => i % 10).join()}].size() > 0`, true],
    ['types that double', `${Array.from({ length: 80 }, (_, i) => `cel.bind(v${i + 1}, {v${i}: v${i}}, `).reduce((all, one) => all + one, 'cel.bind(v0, [1], ')}true${')'.repeat(81)}`, false],
  ])('compiles or refuses in good time: %s', (_name, expression, ok) => {
    const result = compile(expression, { variables: { x: types.int } });
    expect(result.ok).toBe(ok);
    if (result.ok) expect(result.program.estimateCost().max).toBeGreaterThan(0);
    expect(result.ok ? 0 : result.issues.length).toBeLessThanOrEqual(100);
  });

  it('compares what no schema knows where both objects have it', () => {
    const type = typeFromSchema({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } })!;
    const found = (source: string, self: unknown, oldSelf: unknown): unknown => {
      const result = compile(source, { variables: { self: type, oldSelf: type } });
      if (!result.ok) throw new Error(formatIssues(source, result.issues));
      return result.program.evaluate({ self, oldSelf }).value;
    };
    expect(found('self == oldSelf', { a: 'x', other: [1] }, { a: 'x', other: [1] })).toBe(true);
    expect(found('self == oldSelf', { a: 'x', other: [1] }, { a: 'x', other: [2] })).toBe(false);
    expect(found('self == oldSelf', { a: 'x', other: [1] }, { a: 'x' })).toBe(false);
    expect(() => found('dyn(self) == dyn({"a": "x", "other": "y"})', { a: 'x', other: 'y' }, {})).toThrow(new CelError('no such overload'));
  });

  it('reads durations of objects as their schema lets them pass, in words too', () => {
    expect(evaluate('self.spec.period == duration("72h")', { self: { spec: { period: '3 days' } } })).toBe(true);
    expect(() => evaluate('self.spec.period == duration("72h")', { self: { spec: { period: '3 moons' } } })).toThrow(CelError);
  });

  it('asks once for a value that is worked out, and only if it is wanted', () => {
    let asked = 0;
    const object = (): unknown => ({ n: ++asked });
    const result = compile('object.n == 1 && object.n == 1', { variables: { object: types.dyn } });
    const unused = compile('true || object.n == 1', { variables: { object: types.dyn } });
    expect(unused.ok && unused.program.evaluate({ object }).value).toBe(true);
    expect(asked).toBe(0);
    expect(result.ok && result.program.evaluate({ object }).value).toBe(true);
    expect(asked).toBe(1);
  });

  it('binds a name to what is worked out once, when it is asked for', () => {
    const run = (source: string): unknown => evaluate(source, { self, numbers: [1, 2, 3] });
    expect(run('cel.bind(x, 1 / 0, true)')).toBe(true);
    expect(run('cel.bind(x, 1 / 0, false || 2 > 1)')).toBe(true);
    expect(() => run('cel.bind(x, 1 / 0, x > 0)')).toThrow('division by zero');
    expect(run('numbers.map(n, cel.bind(x, n * 2, x + x))')).toEqual([4, 8, 12]);
    expect(run('cel.bind(x, 1, cel.bind(y, x + 1, cel.bind(x, 5, x + y)))')).toBe(7);
  });

  it('lets a local name hide a variable of several parts', () => {
    const variables = { 'a.b': types.string, list: listOf(types.dyn) };
    const found = (source: string): unknown => {
      const result = compile(source, { variables });
      return result.ok ? result.program.evaluate({ 'a.b': 'outer', list: [{ b: 'inner' }] }).value : result.issues[0]!.message;
    };
    expect(found('a.b')).toBe('outer');
    expect(found('list.all(a, a.b == "inner")')).toBe(true);
    expect(found('list.all(x, a.b == "outer")')).toBe(true);
  });

  it('reads JSON in place and changes nothing', () => {
    const frozen = Object.freeze({ spec: Object.freeze({ tags: Object.freeze(['b', 'a']) }) });
    const result = compile('object.spec.tags.map(t, t + "x")', { variables: { object: types.dyn as CelType } });
    expect(result.ok && toJson(result.program.evaluate({ object: frozen }).value)).toEqual(['bx', 'ax']);
  });
});
