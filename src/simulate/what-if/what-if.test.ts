import { describe, expect, test } from 'vitest';
import { path } from './html.ts';
import { objectsOf, prepare } from './manifests.ts';
import { durationText, resample } from './report.ts';
import { plot } from './text.ts';

describe('words and lines', () => {
  test.each([[350, '350 ms'], [1_500, '1.5 s'], [59_000, '59 s'], [3_600_000, '1h'], [90_061_000, '1d 1h 1m 1s']])('%d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));
  test('a step function keeps its value until it changes', () => expect(resample([[0, 1], [500, 2], [900, 3]], 1_000, 4, 1)).toEqual([1, 2, 2, 3]));
  test('a plot fills from below, by eighths', () => expect(plot([0, 0.25, 0.5, 1], 2)).toEqual(['   █', ' ▄██']));
  test('a path stays inside its field', () => expect(path([0, 2, -1])).toBe('M0.0 160.0L480.0 0.0L960.0 160.0'));
});

describe('manifests', () => {
  test('lists are opened, empty documents left out', () => {
    const one = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    expect(objectsOf([null, { apiVersion: 'v1', kind: 'List', items: [one] }], 'f')).toEqual([one]);
  });
  test.each([['no kind', { apiVersion: 'v1' }, 'has no kind'], ['no name', { apiVersion: 'v1', kind: 'Pod', metadata: {} }, 'has no metadata.name']])('%s is refused', (_name, document, message) => {
    expect(() => objectsOf([document], 'f.yaml')).toThrow(message);
  });
  test('namespaces come first, and only jobs that say nothing are given a time', () => {
    const job = (name: string, annotations?: Record<string, string>) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template: { metadata: { annotations }, spec: {} } } });
    const { objects, notes } = prepare([job('a'), job('b', { 'kubets.dev/hollow-exit-code': '1' }), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }], 5_000);
    expect(objects.map((object) => object.metadata.name)).toEqual(['n', 'a', 'b']);
    expect(JSON.stringify(objects)).toContain('"kubets.dev/hollow-run-ms":"5000"');
    expect(notes).toHaveLength(1);
  });
});
