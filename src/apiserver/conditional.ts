/** Documents with entity tags, for clients that have asked before (RFC 9110, 13.1.2). */
import type { ServerRequest, ServerResponse } from './types.ts';

/** Whether `If-None-Match` names this tag: alone or in a list, as strong or as weak, or names whatever there is. */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined || header === etag) return header === etag;
  let rest = header;
  for (;;) {
    rest = rest.replace(/^[ \t,]+/, '');
    if (rest === '') return false;
    if (rest.startsWith('*')) return true;
    // A tag has no quote in it; a comma it may have.
    const tag = /^(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/.exec(rest);
    if (tag === null) return false;
    if (tag[1] === etag) return true;
    rest = rest.slice(tag[0].length);
  }
}

/** 304 for those who have it, else the document. */
export function documentResponse(request: ServerRequest, { body, etag }: { body: NonNullable<ServerResponse['body']>; etag: string }, headers: Record<string, string>): ServerResponse {
  const all = { ...headers, etag };
  return matchesTag(request.headers['if-none-match'], etag) ? { status: 304, headers: all } : { status: 200, headers: all, body };
}
