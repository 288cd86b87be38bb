/** Timestamps and durations as text, and the parts of a timestamp in a time zone. Nanoseconds are bigints. */
import { parseDuration as parseGoDuration, parseWordyDuration } from '../api/apiextensions/schema/durations.ts';
import { CelError } from './types.ts';

const SECOND = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z. */
export const MIN_TIMESTAMP = -62_135_596_800n * SECOND;
const MAX_TIMESTAMP = 253_402_300_800n * SECOND - 1n;
const MAX_NANOS = 2n ** 63n - 1n;

export function checkTimestamp(nanos: bigint): bigint {
  if (nanos < MIN_TIMESTAMP || nanos > MAX_TIMESTAMP) throw new CelError('timestamp overflow');
  return nanos;
}

export function checkDuration(nanos: bigint): bigint {
  if (nanos > MAX_NANOS || nanos < -MAX_NANOS - 1n) throw new CelError('integer overflow');
  return nanos;
}

/** Of two timestamps: the least that 64 bits hold stands for what they do not. */
export function checkDifference(nanos: bigint): bigint {
  if (nanos === -MAX_NANOS - 1n) throw new CelError('integer overflow');
  return checkDuration(nanos);
}

const WRITTEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** A timestamp that an expression writes, in the strict form of RFC 3339. */
export function parseWrittenTimestamp(text: string): bigint {
  if (!WRITTEN.test(text)) throw new CelError(`invalid RFC 3339 timestamp ${JSON.stringify(text)}`);
  return parseTimestamp(text);
}

/** RFC 3339 as data may have it, or a date alone (`format: date`). */
export function parseTimestamp(text: string): bigint {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/.exec(text);
  const fault = (): CelError => new CelError(`invalid RFC 3339 timestamp ${JSON.stringify(text)}`);
  if (found === null) throw fault();
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const days = new Date(Date.UTC(2000, month, 0));
  days.setUTCFullYear(year, month, 0);
  if (month < 1 || month > 12 || day < 1 || day > days.getUTCDate() || hour > 23 || minute > 59 || second > 59) throw fault();
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day);
  const fraction = BigInt((found[7] ?? '').padEnd(9, '0').slice(0, 9));
  return checkTimestamp(BigInt(date.getTime()) * 1_000_000n + fraction - BigInt(offsetMinutes(found[8] ?? 'Z')) * 60n * SECOND);
}

function offsetMinutes(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const [, sign, hours, minutes] = /^([+-]?)(\d\d):(\d\d)$/.exec(text)!;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** A duration that an expression writes, or that data has: such may be in words (`3 days`), as schemas let it pass. */
export function parseDuration(text: string, inWords = false): bigint {
  const nanos = inWords ? parseWordyDuration(text) : parseGoDuration(text);
  if (nanos === undefined) throw new CelError("type conversion error from 'string' to 'google.protobuf.Duration'");
  return nanos;
}

const trimmedFraction = (nanos: bigint): string => (nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`);

/** Seconds with an `s`, as the reference's string() gives: `5400s`, `1.5s`. They are a double there, and no more exact than that. */
export function formatDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const whole = size / SECOND;
  const seconds = Number(whole) + Number(size % SECOND) / 1e9;
  const text = whole > 0n ? String(seconds) : `0${trimmedFraction(size)}`;
  return `${nanos < 0n ? '-' : ''}${text}s`;
}

/** Remainder that is never negative. */
const floorMod = (a: bigint, b: bigint): bigint => ((a % b) + b) % b;

export function formatTimestamp(nanos: bigint): string {
  const fraction = floorMod(nanos, SECOND);
  const date = new Date(Number((nanos - fraction) / 1_000_000n));
  return `${date.toISOString().slice(0, 19)}${trimmedFraction(fraction)}Z`;
}

/** A whole number in decimal digits. */
function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new CelError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** `+05:30`. */
function writtenOffset(zone: string): number {
  const colon = zone.indexOf(':');
  const hours = integer(zone.slice(0, colon));
  const minutes = integer(zone.slice(colon + 1));
  if (hours < -23 || hours > 23) throw new CelError(`timezone offset hours out of range [-23, 23]: ${zone}`);
  if (minutes < 0 || minutes > 59) throw new CelError(`timezone offset minutes out of range [0, 59]: ${zone}`);
  return hours * 60 + (zone.startsWith('-') ? -minutes : minutes);
}

/** Formats of zones that are kept at most: making one takes longer than all else about a time. */
const maxZones = 64;
const zones = new Map<string, Intl.DateTimeFormat>();

/** Throws CelError for what names no zone of the tz database, letter by letter. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  if (/^[/\\]|\.\./.test(zone)) throw new CelError('time: invalid location name');
  let format: Intl.DateTimeFormat | undefined;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', era: 'short',
    });
  } catch {
    // It is none.
  }
  const name = format?.resolvedOptions().timeZone;
  const isMisspelt = name !== zone && name?.toLowerCase() === zone.toLowerCase();
  if (format === undefined || isMisspelt || /^[+-]/.test(zone)) throw new CelError(`unknown time zone ${zone}`);
  if (zones.size >= maxZones) zones.delete(zones.keys().next().value!);
  zones.set(zone, format);
  return format;
}

/** Milliseconds east of Greenwich at an instant, for a name of the tz database or an offset such as `-08:00`. */
function zoneOffset(zone: string, milliseconds: number): number {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return 0;
  if (zone.includes(':')) return writtenOffset(zone) * 60_000;
  const parts = formatOf(zone).formatToParts(new Date(milliseconds));
  const part = (type: string): number => Number(parts.find((each) => each.type === type)!.value);
  const isBefore = parts.find(({ type }) => type === 'era')!.value.startsWith('B');
  const local = new Date(Date.UTC(2000, part('month') - 1, part('day'), part('hour'), part('minute'), part('second')));
  local.setUTCFullYear(isBefore ? 1 - part('year') : part('year'));
  return local.getTime() - Math.floor(milliseconds / 1000) * 1000;
}

export type TimestampPart = 'year' | 'month' | 'date' | 'dayOfMonth' | 'dayOfWeek' | 'dayOfYear' | 'hours' | 'minutes' | 'seconds' | 'milliseconds';

export function timestampPart(nanos: bigint, part: TimestampPart, zone: string): number {
  const fraction = floorMod(nanos, SECOND);
  const utc = Number((nanos - fraction) / 1_000_000n);
  const date = new Date(utc + zoneOffset(zone, utc));
  switch (part) {
    case 'year':
      return date.getUTCFullYear();
    case 'month':
      return date.getUTCMonth();
    case 'date':
      return date.getUTCDate();
    case 'dayOfMonth':
      return date.getUTCDate() - 1;
    case 'dayOfWeek':
      return date.getUTCDay();
    case 'dayOfYear': {
      const start = new Date(date);
      start.setUTCMonth(0, 1);
      return Math.round((date.getTime() - start.getTime()) / 86_400_000);
    }
    case 'hours':
      return date.getUTCHours();
    case 'minutes':
      return date.getUTCMinutes();
    case 'seconds':
      return date.getUTCSeconds();
    case 'milliseconds':
      return Number(fraction / 1_000_000n);
    default:
      throw new CelError(`unknown part ${String(part)}`);
  }
}
