import { describe, expect, test } from 'vitest';
import { durationMs, nodeShape } from './simulate.ts';

describe('flags of simulate', () => {
  test.each([['90s', 90_000], ['1h30m', 5_400_000], ['24h', 86_400_000], ['7d', 604_800_000]])('%s', (text, ms) => expect(durationMs('--for', text)).toBe(ms));
  test.each(['', '5', '-1h', '1x', '1h 2m', '0s', '400d'])('"%s" is no duration', (text) => expect(() => durationMs('--for', text)).toThrow(`--for: invalid value "${text}"`));
  test('a shape takes what it names', () => expect(nodeShape('cpu=64,memory=256Gi')).toEqual({ cpu: 64, memoryBytes: 256 * 2 ** 30, pods: 110, zones: 3 }));
  test.each(['gpu=1', 'cpu=0', 'cpu=1.5', 'memory=much', 'zones=-1'])('"%s" is no shape', (text) => expect(() => nodeShape(text)).toThrow('--node-shape'));
});
