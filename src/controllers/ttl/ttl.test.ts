import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Node } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startTtl } from './controller.ts';
import { decideTtl, nextStep, steps, ttlAnnotation } from './decide.ts';

test.each([
  ['a small cluster', 0, 3, 0], ['at the upper edge', 0, 100, 0], ['over it', 0, 101, 1], ['back, but not far enough', 1, 95, 1],
  ['back', 1, 89, 0], ['many at once', 0, 1500, 3], ['very many', 0, 20_000, 5], ['all gone', 5, 0, 0],
])('steps: %s', (_name, from, nodes, to) => {
  expect(nextStep(from, nodes)).toBe(to);
});

test.each([['none yet', undefined, '15'], ['another', { [ttlAnnotation]: '0' }, '15'], ['right already', { [ttlAnnotation]: '15' }, undefined]])('decide: %s', (_name, annotations, wanted) => {
  expect(decideTtl(annotations, 1)).toBe(wanted);
});

test('always: the step chosen holds the number of nodes', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 5 }), fc.nat(30_000), (step, nodes) => {
    const { from, to } = steps[nextStep(step, nodes)]!;
    expect(from <= nodes && nodes <= to).toBe(true);
  }), { seed: 1 });
});

test('eventually: all nodes carry the time of the cluster\'s size', async () => {
  const host = virtualHost({ seed: 'ttl', settle: turn });
  const context = fakeContext(host);
  for (let i = 0; i < 100; i++) context.api.put('nodes', { metadata: { name: `n${i}` } });
  context.run(startTtl);
  await host.clock.advance(1000);
  const values = (): (string | undefined)[] => [...new Set(context.api.objects<Node>('nodes').map((node) => node.metadata.annotations?.[ttlAnnotation]))];
  expect(values()).toEqual(['0']);
  context.api.put('nodes', { metadata: { name: 'n100' } });
  await host.clock.advance(1000);
  expect(values()).toEqual(['15']);
  await context.stop();
});
