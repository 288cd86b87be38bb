/** Strategies of the group coordination.k8s.io. */
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { Lease } from './types.ts';
import { validateLease } from './validation.ts';

/** Kind to strategy. */
export function coordinationStrategies(): Record<string, Strategy<never>> {
  return { Lease: makeStrategy<Lease>({ namespaced: true, createOnUpdate: true, unconditionalUpdate: false, validate: validateLease }) };
}
