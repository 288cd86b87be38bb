/**
 * CEL: compiling and evaluating rules as they stand in policies and CustomResourceDefinitions.
 *
 *   node bench/cel.ts [--seconds 1] [--out FILE]
 */
import { compile, limits, policyVariables, typeFromSchema, type Environment, type Program } from '../src/cel/index.ts';
import { count, report, type Figure } from './report.ts';

const milliseconds = count('seconds', 1) * 1000;

const deployment = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default', labels: { app: 'web', tier: 'front' } },
  spec: {
    replicas: 3, selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: Array.from({ length: 3 }, (_, i) => ({ name: `c${i}`, image: `registry.example/app:${i}`, resources: { limits: { cpu: '500m', memory: '64Mi' } }, securityContext: { runAsNonRoot: true } })) } },
  },
};
const self = { minReplicas: 1, replicas: 3, maxReplicas: 5, name: 'web', ports: Array.from({ length: 10 }, (_, i) => ({ name: `p${i}`, number: 8000 + i })) };
const selfType = typeFromSchema({
  type: 'object',
  properties: {
    minReplicas: { type: 'integer' }, replicas: { type: 'integer' }, maxReplicas: { type: 'integer' }, name: { type: 'string', maxLength: 63 },
    ports: { type: 'array', maxItems: 20, items: { type: 'object', properties: { name: { type: 'string', maxLength: 20 }, number: { type: 'integer' } } } },
  },
})!;

const policy: Environment = { variables: policyVariables(false) };
const definition: Environment = { variables: { self: selfType, oldSelf: selfType } };
const rows: [string, string, Environment, Record<string, unknown>][] = [
  ['compare', 'self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas', definition, { self, oldSelf: self }],
  ['transition', 'self.name == oldSelf.name', definition, { self, oldSelf: self }],
  ['list of objects', "self.ports.all(p, p.number > 1024 && p.name.startsWith('p'))", definition, { self, oldSelf: self }],
  ['unique names', 'self.ports.all(a, self.ports.exists_one(b, a.name == b.name))', definition, { self, oldSelf: self }],
  ['policy, replicas', 'object.spec.replicas <= 5', policy, { object: deployment }],
  ['policy, containers', "object.spec.template.spec.containers.all(c, has(c.securityContext) && c.securityContext.runAsNonRoot == true && c.image.matches('^registry\\\\.example/'))", policy, { object: deployment }],
  ['policy, quantities', "object.spec.template.spec.containers.all(c, quantity(c.resources.limits['cpu']).isLessThan(quantity('1')))", policy, { object: deployment }],
];

/** Microseconds a call, over the time given. */
function measure(act: () => void): number {
  for (let i = 0; i < 200; i++) act();
  let calls = 0;
  const start = performance.now();
  let now = start;
  while (now - start < milliseconds) {
    for (let i = 0; i < 50; i++) act();
    calls += 50;
    now = performance.now();
  }
  return ((now - start) * 1000) / calls;
}

const made = (source: string, environment: Environment): Program => {
  const result = compile(source, environment);
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return result.program;
};

const figures: Figure[] = [];
for (const [name, source, environment, activation] of rows) {
  const program = made(source, environment);
  figures.push({ name: `${name}: compile`, value: measure(() => void made(source, environment)), unit: 'µs' });
  figures.push({ name: `${name}: evaluate`, value: measure(() => void program.evaluate(activation, { costLimit: limits.perCall })), unit: 'µs' });
}
report('cel', figures);
