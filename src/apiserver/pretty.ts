/** Who is shown JSON with line breaks: people, that is, tools that people read the answers of. */
import type { ServerRequest } from './types.ts';

const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

/** As `?pretty=…` says; else whether the client is a browser, curl or wget. */
export function wantsPretty(request: ServerRequest): boolean {
  const asked = request.query.get('pretty');
  if (asked !== null && asked !== '') return TRUE_WORDS.has(asked);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
}
