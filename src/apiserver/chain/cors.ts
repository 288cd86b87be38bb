/** Lets pages of other origins read answers, where the server is told so (`--cors-allowed-origins`): by default none may. */
import { RE2JS } from 're2js';
import type { Stage } from '../types.ts';

const METHODS = 'POST, GET, OPTIONS, PUT, DELETE, PATCH';
const HEADERS = 'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since';

/** Why a pattern cannot be taken; undefined when it can. Patterns must say where the host begins and ends, so that `good.example` is not `good.example.evil.example`. */
export function originPatternFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    return (error as Error).message;
  }
  const begins = pattern.includes('^') || pattern.includes('//');
  const ends = pattern.includes('$') || pattern.includes(':');
  return begins && ends ? undefined : 'regular expression does not pin to start/end of host in the origin header';
}

/** Answers to allowed origins say so; their preflights end here, before anybody asks who is there. */
export function cors(patterns: readonly string[]): Stage {
  const allowed = patterns.map((pattern) => RE2JS.compile(pattern));
  return {
    name: 'cors',
    async handle(request, next) {
      const origin = request.headers['origin'] ?? '';
      if (origin === '' || !allowed.some((pattern) => pattern.matcher(origin).find())) return next(request);
      const headers = {
        'access-control-allow-origin': origin, 'access-control-allow-methods': METHODS, 'access-control-allow-headers': HEADERS,
        'access-control-expose-headers': 'Date', 'access-control-allow-credentials': 'true',
      };
      if (request.method === 'OPTIONS') return { status: 204, headers };
      const answer = await next(request);
      Object.assign(answer.headers, headers);
      return answer;
    },
  };
}
