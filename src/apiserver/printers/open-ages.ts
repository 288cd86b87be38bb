/** Rows whose ages are left open: what a row shows can be kept then, though its ages change every second. */
import { escaped } from '../go-json.ts';
import { durationText } from './cells.ts';

/** The time for which cells are made with open ages (`cells.ts`). */
export const openNow = Number.NaN;

/** What stands before and after the time that an open age is counted from, once the row is JSON. */
const MARK = '\\u0000';

/** JSON with open ages as it is at a time. */
export function withAges(open: string, now: number): string {
  let out = '';
  let from = 0;
  for (let at = open.indexOf(MARK); at >= 0; at = open.indexOf(MARK, from)) {
    const end = open.indexOf(MARK, at + MARK.length);
    if (end < 0) break;
    out += open.slice(from, at) + escaped(durationText(now - Number(open.slice(at + MARK.length, end))));
    from = end + MARK.length;
  }
  return out + open.slice(from);
}
