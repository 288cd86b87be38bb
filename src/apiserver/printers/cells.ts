/** Texts of table cells: ages, lists, labels, selectors. */
import { formatLabelSelector } from '../../api/meta/selectors.ts';
import type { LabelSelector } from '../../api/meta/v1/types.ts';
import type { Container } from '../../api/core/v1/types.ts';

export type Cell = string | number | bigint | boolean | null;

export const NONE = '<none>';
export const UNSET = '<unset>';
export const UNKNOWN = '<unknown>';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A span of time with at most two units, as `5m30s`, `3h`, `2y40d`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const pair = (total: number, big: number, unit: string, small: number, sub: string): string => {
    const rest = Math.floor((total % big) / small);
    return `${Math.floor(total / big)}${unit}${rest === 0 ? '' : `${rest}${sub}`}`;
  };
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (seconds < 10 * MINUTE) return pair(seconds, MINUTE, 'm', 1, 's');
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 8 * HOUR) return pair(seconds, HOUR, 'h', MINUTE, 'm');
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < 8 * DAY) return pair(seconds, DAY, 'd', HOUR, 'h');
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`;
  if (seconds < 8 * YEAR) return pair(seconds, YEAR, 'y', DAY, 'd');
  return `${Math.floor(seconds / YEAR)}y`;
}

/** How long ago a time was. At no time (NaN) the age is left open (`open-ages.ts`): the time itself, between marks. */
export function age(time: string | null | undefined, now: number): string {
  if (!time) return UNKNOWN;
  const since = Date.parse(time);
  return Number.isNaN(now) ? `\0${since}\0` : durationText(now - since);
}

/** `a=1,b=2` in the order of the keys. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? NONE : entries.map(([key, value]) => `${key}=${value}`).join(',');
}

export function selectorText(selector: LabelSelector | undefined, invalid = '<error>'): string {
  try {
    return formatLabelSelector(selector) || NONE;
  } catch {
    return invalid;
  }
}

export function namesOf(containers: readonly Container[] | undefined): string {
  return (containers ?? []).map((container) => container.name).join(',');
}

export function imagesOf(containers: readonly Container[] | undefined): string {
  return (containers ?? []).map((container) => container.image ?? '').join(',');
}

const MODES: readonly (readonly [string, string])[] = [['ReadWriteOnce', 'RWO'], ['ReadOnlyMany', 'ROX'], ['ReadWriteMany', 'RWX'], ['ReadWriteOncePod', 'RWOP']];

export function accessModesText(modes: readonly string[] | undefined): string {
  return MODES.filter(([mode]) => modes?.includes(mode)).map(([, short]) => short).join(',');
}

/** The first few of a list, and how many more there are. */
export function firstFew(items: readonly string[], max: number, empty: string, separator = ','): string {
  if (items.length === 0) return empty;
  const shown = items.slice(0, max).join(separator);
  return items.length > max ? `${shown} + ${items.length - max} more...` : shown;
}

/** `True`, `False` or the text for a missing value, as booleans are printed where they may be missing. */
export function booleanText(value: boolean | undefined, missing: string): string {
  return value === undefined ? missing : value ? 'True' : 'False';
}
