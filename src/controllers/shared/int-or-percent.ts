/** Counts that may be written as a share: `3` or `25%`. */
import type { IntOrString } from '../../api/meta/v1/types.ts';

/** The count, a share of `total` rounded up or down. Text that is no percentage throws. */
export function countOf(value: IntOrString | undefined, total: number, round: 'up' | 'down'): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const match = /^([0-9]+)%$/.exec(value);
  if (!match) throw new Error(`invalid value for IntOrString: "${value}" is neither a number nor a percentage`);
  const share = (Number(match[1]) * total) / 100;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}
