/** Headers that every answer bears: the audit id, no caching by default, and the warnings gathered on the way. */
import type { Host } from '../../host/types.ts';
import type { ServerResponse, Stage } from '../types.ts';

const maxAuditIdLength = 64;
/** Characters of all warnings together that go out whole. Beyond, each is cut, and those that come after as many are left out. */
const maxWarningRunes = 4096;
const cutWarningRunes = 256;

const runesOf = (text: string): number => [...text].length;

/** Quotes and backslashes escaped (RFC 7234, 5.5). Header values are Latin-1 on the wire: what lies beyond is sent as its UTF-8 bytes. */
const quoted = (text: string): string => Buffer.from(`299 - "${text.replace(/["\\]/g, '\\$&')}"`, 'utf8').toString('latin1');

/** What is empty, or has control characters in it, is no warning. Undefined: nothing is left. */
export function warningHeader(warnings: readonly string[]): string | undefined {
  const texts = [...new Set(warnings)].filter((text) => text !== '' && !/\p{Cc}/u.test(text));
  let written = 0;
  const over = texts.findIndex((text) => (written += runesOf(text)) > maxWarningRunes);
  if (over < 0) return texts.length === 0 ? undefined : texts.map(quoted).join(', ');
  const values: string[] = [];
  written = 0;
  for (const [i, text] of texts.entries()) {
    if (i > over && written >= maxWarningRunes) break;
    const cut = [...text].slice(0, cutWarningRunes).join('');
    written += runesOf(cut);
    values.push(quoted(cut));
  }
  return values.join(', ');
}

export function standardHeaders(host: Host): Stage {
  // A stream of its own: how many requests there are must not change what others draw.
  const random = host.random.fork('audit-id');
  return {
    name: 'headers',
    async handle(request, next) {
      const given = request.headers['audit-id'];
      request.auditId = given !== undefined && given !== '' && given.length <= maxAuditIdLength ? given : random.uuid();
      const response: ServerResponse = await next(request);
      response.headers['audit-id'] = request.auditId;
      response.headers['cache-control'] ??= 'no-cache, private';
      if (request.flow) {
        response.headers['x-kubernetes-pf-flowschema-uid'] = request.flow.schemaUid;
        response.headers['x-kubernetes-pf-prioritylevel-uid'] = request.flow.levelUid;
      }
      const warning = request.warnings.length > 0 ? warningHeader(request.warnings) : undefined;
      if (warning !== undefined) response.headers['warning'] = warning;
      return response;
    },
  };
}
