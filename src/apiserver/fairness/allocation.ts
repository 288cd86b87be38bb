/** How the server's seats are shared out between priority levels. */
import type { PriorityLevelConfiguration } from '../../api/flowcontrol/v1/types.ts';

export interface Limits {
  /** A level's share of the server. */
  nominal: number;
  /** What it keeps when others borrow. */
  min: number;
  /** What it may have when others lend. */
  max: number;
}

const sharesOf = ({ spec }: PriorityLevelConfiguration): number => (spec?.type === 'Exempt' ? (spec.exempt?.nominalConcurrencyShares ?? 0) : (spec?.limited?.nominalConcurrencyShares ?? 30));

/** By name, the limits of each level out of `total` seats. */
export function nominalLimits(levels: readonly PriorityLevelConfiguration[], total: number): Map<string, Limits> {
  const sum = levels.reduce((shares, level) => shares + sharesOf(level), 0);
  return new Map(levels.map((level) => {
    const { spec } = level;
    const nominal = sum === 0 ? 0 : Math.ceil((total * sharesOf(level)) / sum);
    const lendable = (spec?.type === 'Exempt' ? spec.exempt?.lendablePercent : spec?.limited?.lendablePercent) ?? 0;
    const borrowing = spec?.type === 'Exempt' ? undefined : spec?.limited?.borrowingLimitPercent;
    return [level.metadata.name ?? '', { nominal, min: nominal - Math.round((nominal * lendable) / 100), max: borrowing === undefined ? Number.POSITIVE_INFINITY : nominal + Math.round((nominal * borrowing) / 100) }];
  }));
}

export interface Claim {
  /** At least this many. */
  lower: number;
  /** At most this many. */
  upper: number;
  /** What it would like. */
  target: number;
}

/**
 * Shares out `total`: every claim gets the same multiple of its target, as far as its bounds let it. The sum comes out as `total` when the bounds
 * can give that at all. Fractions; who wants whole seats rounds.
 */
export function shareOut(claims: readonly Claim[], total: number): number[] {
  const at = (fraction: number): number[] => claims.map(({ lower, upper, target }) => Math.min(upper, Math.max(lower, fraction * target)));
  const sum = (parts: readonly number[]): number => parts.reduce((a, b) => a + b, 0);
  let low = 0;
  let high = 1;
  const most = sum(at(Number.MAX_SAFE_INTEGER));
  if (sum(at(0)) >= total) return at(0);
  if (most <= total) return at(Number.MAX_SAFE_INTEGER);
  while (sum(at(high)) < total) high *= 2;
  // The sum grows with the fraction, without a gap: halving finds the place to far below a seat.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (sum(at(middle)) < total) low = middle;
    else high = middle;
  }
  return at(high);
}

/** What each level may use in the next period, given what it has had use for. */
export function currentLimits(levels: readonly { limits: Limits; peak: number; smoothed: number }[], total: number): number[] {
  const claims = levels.map(({ limits: { nominal, min, max }, peak, smoothed }) => {
    // What a level had use for a moment ago, and owns, is not lent away under its feet.
    const lower = Math.max(min, Math.min(nominal, peak));
    return { lower, upper: max, target: Math.max(lower, smoothed) };
  });
  // A level that wants nothing at all takes no part in what is left over.
  return shareOut(claims, total).map((seats, i) => Math.round(Number.isFinite(seats) ? seats : claims[i]!.lower));
}
