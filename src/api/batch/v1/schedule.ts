/**
 * Schedules of CronJobs, read as robfig/cron v3 reads its standard form: five fields, names of months and days, `@daily` and the like, `@every <duration>`.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
import { parseDuration } from '../../meta/time.ts';

/** Which minutes, hours and so on match: one bit each. `anyDay` fields were written as `*` and leave the choice to the other day field. */
export interface CronFields {
  minutes: bigint;
  hours: bigint;
  daysOfMonth: bigint;
  months: bigint;
  daysOfWeek: bigint;
  anyDayOfMonth: boolean;
  anyDayOfWeek: boolean;
}

export type CronSchedule = ({ kind: 'fields' } & CronFields) | { kind: 'every'; seconds: number };

interface Bounds {
  min: number;
  max: number;
  names?: readonly string[];
}

const MINUTES: Bounds = { min: 0, max: 59 };
const HOURS: Bounds = { min: 0, max: 23 };
const DAYS: Bounds = { min: 1, max: 31 };
const MONTHS: Bounds = { min: 1, max: 12, names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] };
const WEEKDAYS: Bounds = { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] };

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
};

/** A schedule that cannot be read; the message is what the API shows. */
export class ScheduleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ScheduleError';
  }
}

function parseWhole(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = Number(text);
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`);
  return value;
}

function parseValue(text: string, bounds: Bounds): number {
  const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 && text !== '' ? named : parseWhole(text);
}

function isStar(text: string): boolean {
  return text === '*' || text === '?';
}

/** One part of a field: `5`, `1-5`, `*`, each perhaps with `/step`. */
function parseRange(text: string, bounds: Bounds): { bits: bigint; star: boolean } {
  const [range, stepText, ...more] = text.split('/') as [string, string?, ...string[]];
  const [low, high, ...rest] = range.split('-') as [string, string?, ...string[]];
  let start = bounds.min;
  let end = bounds.max;
  let star = isStar(low) && high === undefined;
  if (!star) {
    start = parseValue(low, bounds);
    if (rest.length > 0) throw new ScheduleError(`too many hyphens: ${text}`);
    end = high === undefined ? start : parseValue(high, bounds);
  }
  if (more.length > 0) throw new ScheduleError(`too many slashes: ${text}`);
  let step = 1;
  if (stepText !== undefined) {
    step = parseWhole(stepText);
    if (high === undefined && !star) end = bounds.max;
    if (step > 1) star = false;
  }
  if (start < bounds.min) throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (end > bounds.max) throw new ScheduleError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`);
  let bits = 0n;
  for (let value = start; value <= end; value += step) bits |= 1n << BigInt(value);
  return { bits, star };
}

function parseField(text: string, bounds: Bounds): { bits: bigint; star: boolean } {
  return text.split(',').filter((part) => part !== '').map((part) => parseRange(part, bounds))
    .reduce((all, part) => ({ bits: all.bits | part.bits, star: all.star || part.star }), { bits: 0n, star: false });
}

/** Reads a schedule; throws ScheduleError. */
export function parseSchedule(text: string): CronSchedule {
  if (text === '') throw new ScheduleError('empty spec string');
  if (text.startsWith('@every ')) {
    const duration = text.slice('@every '.length);
    try {
      const seconds = Math.max(1, Number(parseDuration(duration) / 1_000_000_000n));
      return { kind: 'every', seconds };
    } catch (error) {
      throw new ScheduleError(`failed to parse duration ${text}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const expanded = text.startsWith('@') ? DESCRIPTORS[text] : text;
  if (expanded === undefined) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  const fields = expanded.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 5) throw new ScheduleError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = [MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS].map((bounds, i) => parseField(fields[i]!, bounds));
  return {
    kind: 'fields', minutes: minutes!.bits, hours: hours!.bits, daysOfMonth: daysOfMonth!.bits, months: months!.bits, daysOfWeek: daysOfWeek!.bits,
    anyDayOfMonth: daysOfMonth!.star, anyDayOfWeek: daysOfWeek!.star,
  };
}
