/** Which clients of HTTP/2 are to open a new connection for what they ask next. */
import { ANONYMOUS } from './authentication/identities.ts';
import type { ServerRequest, ServerResponse } from './types.ts';

export interface ConnectionEndOptions {
  /**
   * Whether who has not said who he is keeps no connection: a new one costs him more than many streams cost over one that is open.
   * https://nvd.nist.gov/vuln/detail/CVE-2023-44487
   */
  endAnonymous: boolean;
  /** The share of requests whose connection ends, so that clients spread over servers again. */
  chance: number;
  random: { next(): number };
}

/** Whether a connection of HTTP/2 ends after an answer; undefined where none ever does. */
export function connectionEnds({ endAnonymous, chance, random }: ConnectionEndOptions): ((request: ServerRequest, answer: ServerResponse) => boolean) | undefined {
  if (!endAnonymous && chance === 0) return undefined;
  return ({ user }, { status }) => (endAnonymous && (user === undefined ? status === 401 : user.name === ANONYMOUS)) || (chance > 0 && random.next() < chance);
}
