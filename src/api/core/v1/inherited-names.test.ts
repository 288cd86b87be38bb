/** Names that all objects of the language know are names like any other where a client chooses them. */
import { describe, expect, test } from 'vitest';
import { created, refusals } from '../../strategies.fixture.ts';
import { INHERITED } from '../../random-objects.fixture.ts';
import { compileNodeTerm } from './scheduling-terms.ts';

describe.each(INHERITED)('%s', (name) => {
  test('as a key of a config map beside binary data', () => {
    expect(refusals('/ConfigMap', (map) => { map.data = { a: '' }; map.binaryData = { b: '' }; }, (map) => { map.data = Object.fromEntries([[name, 'x']]); })).toEqual([]);
  });

  test('as a type of a secret', () => {
    expect(refusals('/Secret', (secret) => { secret.type = name; })).toEqual([]);
  });

  test('as a resource: refused by name', () => {
    const found = refusals('/Pod', (pod) => {
      pod.spec.resources = { limits: { cpu: '2' }, requests: Object.fromEntries([[name, '1']]) };
      pod.spec.containers[0].resources = { requests: Object.fromEntries([[name, '1']]), limits: { cpu: '1' } };
    });
    expect(found.filter((text) => text.includes(`[${name}]`)).length).toBeGreaterThan(0);
  });

  test('as a label that a node has not got', () => {
    expect([
      compileNodeTerm({ matchExpressions: [{ key: name, operator: 'Exists' }] })('n', {}), compileNodeTerm({ matchExpressions: [{ key: name, operator: 'DoesNotExist' }] })('n', {}),
      compileNodeTerm({ matchExpressions: [{ key: name, operator: 'NotIn', values: ['a'] }] })('n', Object.fromEntries([[name, 'a']])),
    ]).toEqual([false, true, false]);
  });

  test('as a label that is to be matched and is not there', () => {
    const pod = created('/Pod', (one) => {
      one.spec.topologySpreadConstraints = [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, matchLabelKeys: [name] }];
    });
    expect(pod.spec.topologySpreadConstraints[0].labelSelector).toEqual({ matchLabels: { app: 'web' } });
  });
});
