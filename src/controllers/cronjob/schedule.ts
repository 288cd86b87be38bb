/**
 * Cron schedules as CronJobs write them: five fields, names, ranges, steps, and the `@` forms. A schedule fires at every whole minute whose local
 * time matches: a minute that a clock change leaves out is left out, one that comes twice fires twice. Day of month and day of week both hold when
 * one of them is `*`; otherwise either is enough.
 */
import { parseDuration } from '../../api/meta/time.ts';

interface Field {
  low: number;
  high: number;
  names: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fieldsInOrder: readonly Field[] = [
  { low: 0, high: 59, names: [] }, { low: 0, high: 23, names: [] }, { low: 1, high: 31, names: [] }, { low: 1, high: 12, names: months }, { low: 0, high: 6, names: weekdays },
];
const shorthands: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
};
const minuteMs = 60_000;
const hourMs = 3_600_000;
/** A schedule that does not fire within this (30 February) never does. */
const horizonMs = 5 * 366 * 24 * hourMs;

export interface Schedule {
  /** The first moment after `afterMs` at which it fires; undefined when it never does. Milliseconds since 1970. */
  next(afterMs: number): number | undefined;
}

interface Values {
  set: ReadonlySet<number>;
  any: boolean;
}

function numberIn(text: string, field: Field): number {
  const named = field.names.indexOf(text.toLowerCase());
  if (named >= 0) return named + field.low;
  if (!/^\d+$/.test(text)) throw new Error(`failed to parse int from ${text}`);
  return Number(text);
}

function valuesOf(text: string, field: Field): Values {
  const set = new Set<number>();
  let any = false;
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0) throw new Error(`too many slashes: ${part}`);
    const [from = '', to, ...rest] = range.split('-');
    if (rest.length > 0) throw new Error(`too many hyphens: ${part}`);
    const all = range === '*' || range === '?';
    const start = all ? field.low : numberIn(from, field);
    let end = all ? field.high : to === undefined ? start : numberIn(to, field);
    const by = step === undefined ? 1 : numberIn(step, { ...field, names: [] });
    // `5/15` means from 5 on.
    if (step !== undefined && !all && to === undefined) end = field.high;
    if (all && by === 1) any = true;
    if (by === 0) throw new Error(`step of range should be a positive number: ${part}`);
    if (start < field.low) throw new Error(`beginning of range (${start}) below minimum (${field.low}): ${part}`);
    if (end > field.high) throw new Error(`end of range (${end}) above maximum (${field.high}): ${part}`);
    if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${part}`);
    for (let value = start; value <= end; value += by) set.add(value);
  }
  return { set, any };
}

interface Local {
  minute: number;
  hour: number;
  day: number;
  month: number;
  weekday: number;
}

type Zone = (ms: number) => Local;

function utc(ms: number): Local {
  const at = new Date(ms);
  return { minute: at.getUTCMinutes(), hour: at.getUTCHours(), day: at.getUTCDate(), month: at.getUTCMonth() + 1, weekday: at.getUTCDay() };
}

/** Throws RangeError for a zone that nobody knows. */
export function zoneOf(name: string | undefined): Zone {
  if (name === undefined || name === 'UTC' || name === 'Etc/UTC') return utc;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', weekday: 'short' });
  return (ms) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return { minute: Number(parts.minute), hour: Number(parts.hour), day: Number(parts.day), month: Number(parts.month), weekday: weekdays.indexOf(parts.weekday!.toLowerCase()) };
  };
}

/** Reads a schedule. Throws with what is wrong. */
export function parseSchedule(text: string, timeZone?: string): Schedule {
  const trimmed = text.trim();
  if (trimmed.startsWith('@every ')) return every(trimmed.slice('@every '.length));
  const plain = shorthands[trimmed] ?? trimmed;
  if (plain.startsWith('@')) throw new Error(`unrecognized descriptor: ${text}`);
  const parts = plain.split(/\s+/);
  if (parts.length !== 5) throw new Error(`expected exactly 5 fields, found ${parts.length}: ${JSON.stringify(parts)}`);
  const [minutes, hours, days, monthValues, weekdayValues] = parts.map((part, i) => valuesOf(part, fieldsInOrder[i]!)) as [Values, Values, Values, Values, Values];
  const local = zoneOf(timeZone);
  const isDay = ({ day, weekday }: Local): boolean => {
    const [inMonth, inWeek] = [days.set.has(day), weekdayValues.set.has(weekday)];
    return days.any || weekdayValues.any ? inMonth && inWeek : inMonth || inWeek;
  };
  return {
    next(afterMs) {
      const limit = afterMs + horizonMs;
      let at = (Math.floor(afterMs / minuteMs) + 1) * minuteMs;
      while (at <= limit) {
        const here = local(at);
        // Steps never reach over a change of the clock into what may match.
        if (!monthValues.set.has(here.month) || !isDay(here)) at += Math.max(1, 22 - here.hour) * hourMs - here.minute * minuteMs;
        else if (!hours.set.has(here.hour)) at += (60 - here.minute) * minuteMs;
        else if (!minutes.set.has(here.minute)) at += minuteMs;
        else return at;
      }
      return undefined;
    },
  };
}

function every(text: string): Schedule {
  const ms = Math.max(1, Math.floor(Number(parseDuration(text)) / 1e9)) * 1000;
  return { next: (afterMs) => Math.floor(afterMs / 1000) * 1000 + ms };
}

/** Missed runs from this count on are worth a warning. */
export const manyMissed = 100;

/** The last time before or at `nowMs` that a schedule fired after `earliestMs`, and how many times it did by then (counted exactly only where few). */
export function mostRecent(schedule: Schedule, earliestMs: number, nowMs: number): { atMs?: number; missed: number } {
  const first = schedule.next(earliestMs);
  if (first === undefined || first > nowMs) return { missed: 0 };
  const second = schedule.next(first);
  if (second === undefined || second > nowMs) return { atMs: first, missed: 1 };
  const roughly = Math.floor((nowMs - first) / (second - first)) + 1;
  // Intervals vary: the search begins well before now, on the schedule's own grid.
  let atMs = roughly > 10 ? (schedule.next(first + (roughly - 3) * (second - first) - 1) ?? first) : first;
  if (atMs > nowMs) atMs = first;
  for (let next = schedule.next(atMs); next !== undefined && next <= nowMs; next = schedule.next(atMs)) atMs = next;
  return { atMs, missed: roughly };
}
