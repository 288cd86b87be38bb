/** Numbers and times in the query of a connection, in the words of upstream's where they are none. */
import { badRequest } from '../../api/meta/status.ts';

/** A whole number of so many bits. Throws 400. */
export function wholeNumber(text: string, bits: 32 | 64): bigint {
  const refused = (why: string): Error => badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refused('invalid syntax');
  // BigInt would not take a sign that says nothing.
  const value = BigInt(text.replace(/^\+/, ''));
  if (value !== BigInt.asIntN(bits, value)) throw refused('value out of range');
  return value;
}

const rfc3339 = /^\d{4}-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A time as in RFC 3339, to the second. Throws 400. */
export function timeOf(text: string): string {
  const [, month, day, hour, minute, second] = (rfc3339.exec(text) ?? []).map(Number);
  const refused = (why: string): Error => badRequest(`parsing time ${JSON.stringify(text)}${why}`);
  if (month === undefined) throw refused(' as "2006-01-02T15:04:05Z07:00": it is of another form');
  const parts: [string, number, number, number][] = [['month', month, 1, 12], ['day', day!, 1, 31], ['hour', hour!, 0, 23], ['minute', minute!, 0, 59], ['second', second!, 0, 59]];
  for (const [name, value, least, most] of parts) if (value < least || value > most) throw refused(`: ${name} out of range`);
  const time = new Date(text.replace(',', '.'));
  // The thirtieth of February, and zones that are none.
  if (Number.isNaN(time.getTime()) || new Date(Date.UTC(Number(text.slice(0, 4)), month - 1, day!)).getUTCDate() !== day) throw refused(': day out of range');
  return `${time.toISOString().slice(0, 19)}Z`;
}
