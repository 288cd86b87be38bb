import { describe, expect, test } from 'vitest';
import { compileNodeSelector, matchesNodeAffinity, matchesNodeSelector, pinnedNodeNames, tolerates, untoleratedTaint } from './scheduling-terms.ts';
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration } from './types.ts';

const taint: Taint = { key: 'disk', value: '5', effect: 'NoSchedule' };

describe('taints and tolerations', () => {
  const rows: [string, Toleration, Taint, boolean][] = [
    ['equal', { key: 'disk', operator: 'Equal', value: '5' }, taint, true],
    ['equal is the default', { key: 'disk', value: '5' }, taint, true],
    ['another value', { key: 'disk', value: '6' }, taint, false],
    ['an absent value equals an empty one', { key: 'disk' }, { key: 'disk', value: '', effect: 'NoSchedule' }, true],
    ['exists', { key: 'disk', operator: 'Exists' }, taint, true],
    ['another key', { key: 'cpu', operator: 'Exists' }, taint, false],
    ['another effect', { key: 'disk', operator: 'Exists', effect: 'NoExecute' }, taint, false],
    ['the same effect', { key: 'disk', operator: 'Exists', effect: 'NoSchedule' }, taint, true],
    ['everything', { operator: 'Exists' }, taint, true],
    ['the taint is greater', { key: 'disk', operator: 'Gt', value: '4' }, taint, true],
    ['the taint is not greater', { key: 'disk', operator: 'Gt', value: '5' }, taint, false],
    ['the taint is less', { key: 'disk', operator: 'Lt', value: '10' }, taint, true],
    ['zeros in front make no number', { key: 'disk', operator: 'Lt', value: '010' }, taint, false],
    ['no number to compare with', { key: 'disk', operator: 'Lt', value: 'ten' }, taint, false],
    ['more than 64 bits is no number', { key: 'disk', operator: 'Lt', value: '9223372036854775808' }, taint, false],
    ['an operator that nobody knows', { key: 'disk', operator: 'Like', value: '5' }, taint, false],
  ];
  test.each(rows)('%s', (_name, toleration, of, expected) => {
    expect(tolerates(toleration, of)).toBe(expected);
  });

  test('the first untolerated taint of the effects asked for', () => {
    const taints: Taint[] = [{ key: 'a', effect: 'PreferNoSchedule' }, { key: 'b', effect: 'NoSchedule' }, { key: 'c', effect: 'NoExecute' }];
    expect(untoleratedTaint(taints, undefined, ['NoSchedule', 'NoExecute'])?.key).toBe('b');
    expect(untoleratedTaint(taints, [{ key: 'b', operator: 'Exists' }], ['NoSchedule', 'NoExecute'])?.key).toBe('c');
    expect(untoleratedTaint(taints, [{ operator: 'Exists' }], ['NoSchedule', 'NoExecute'])).toBeUndefined();
    expect(untoleratedTaint(undefined, undefined, ['NoSchedule'])).toBeUndefined();
  });
});

const node: Node = { metadata: { name: 'n1', labels: { zone: 'a', cores: '8', empty: '' } } };
const expression = (key: string, operator: string, ...values: string[]): NodeSelectorTerm => ({ matchExpressions: [{ key, operator, values }] });
const field = (operator: string, ...values: string[]): NodeSelectorRequirement => ({ key: 'metadata.name', operator, values });

describe('node selectors', () => {
  const rows: [string, NodeSelectorTerm[], boolean][] = [
    ['In', [expression('zone', 'In', 'b', 'a')], true],
    ['In, one value', [expression('zone', 'In', 'b')], false],
    ['In, the label is absent', [expression('rack', 'In', 'a')], false],
    ['NotIn', [expression('zone', 'NotIn', 'b')], true],
    ['NotIn, the label is absent', [expression('rack', 'NotIn', 'b')], true],
    ['NotIn, present', [expression('zone', 'NotIn', 'a')], false],
    ['Exists, with an empty value', [expression('empty', 'Exists')], true],
    ['DoesNotExist', [expression('rack', 'DoesNotExist')], true],
    ['DoesNotExist, but it does', [expression('zone', 'DoesNotExist')], false],
    ['Gt', [expression('cores', 'Gt', '4')], true],
    ['Gt, equal', [expression('cores', 'Gt', '8')], false],
    ['Lt', [expression('cores', 'Lt', '9')], true],
    ['Lt, no number', [expression('zone', 'Lt', '9')], false],
    ['Gt, the label is absent', [expression('rack', 'Gt', '0')], false],
    ['an operator that nobody knows', [expression('zone', 'Like', 'a')], false],
    ['the name', [{ matchFields: [field('In', 'n1')] }], true],
    ['another name', [{ matchFields: [field('In', 'n2')] }], false],
    ['not that name', [{ matchFields: [field('NotIn', 'n2')] }], true],
    ['a field that nodes are not selected by', [{ matchFields: [{ key: 'metadata.namespace', operator: 'NotIn', values: ['x'] }] }], false],
    ['all of one term', [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }], matchFields: [field('In', 'n2')] }], false],
    ['one of two terms', [expression('zone', 'In', 'b'), expression('zone', 'In', 'a')], true],
    ['a term that asks nothing', [{}], false],
    ['no terms', [], false],
  ];
  test.each(rows)('%s', (_name, nodeSelectorTerms, expected) => {
    expect(matchesNodeSelector({ nodeSelectorTerms }, node)).toBe(expected);
    expect(compileNodeSelector({ nodeSelectorTerms })('n1', node.metadata.labels!)).toBe(expected);
  });

  const required = (...nodeSelectorTerms: NodeSelectorTerm[]): PodSpec => ({ containers: [], affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
  test.each<[string, PodSpec, boolean]>([
    ['a pod that asks nothing', { containers: [] }, true],
    ['nodeSelector', { containers: [], nodeSelector: { zone: 'a' } }, true],
    ['nodeSelector, another value', { containers: [], nodeSelector: { zone: 'a', cores: '4' } }, false],
    ['affinity', required(expression('zone', 'In', 'a')), true],
    ['both must hold', { ...required(expression('zone', 'In', 'a')), nodeSelector: { zone: 'b' } }, false],
  ])('affinity: %s', (_name, spec, expected) => {
    expect(matchesNodeAffinity(spec, node)).toBe(expected);
  });

  test('pinned names', () => {
    expect(pinnedNodeNames({ nodeSelectorTerms: [{ matchFields: [field('In', 'n1')] }, { matchFields: [field('In', 'n2', 'n3'), field('In', 'n3')] }] })).toEqual(new Set(['n1', 'n3']));
    expect(pinnedNodeNames({ nodeSelectorTerms: [{ matchFields: [field('In', 'n1')] }, expression('zone', 'In', 'a')] })).toBeUndefined();
  });
});
