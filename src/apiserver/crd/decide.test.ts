import { expect, test } from 'vitest';
import { withConditions } from './decide.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const finding = { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'm' } as const;

test.each([
  ['a time that stays while the status does', '2026-01-01T00:00:00Z', 'True', '2026-01-01T00:00:00Z'],
  ['another status', '2026-01-01T00:00:00Z', 'False', '2026-03-01T12:00:00Z'],
  ['no time, which is null', null, 'True', '2026-03-01T12:00:00Z'],
  ['no time at all', undefined, 'True', '2026-03-01T12:00:00Z'],
])('a condition with %s', (_name, lastTransitionTime, status, expected) => {
  const old = { ...finding, status, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
  expect(withConditions([old], [finding], NOW)).toEqual([{ ...finding, lastTransitionTime: expected }]);
});
