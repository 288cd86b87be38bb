/** Headers that every answer bears: the audit id, no caching by default, and the warnings gathered on the way. */
import type { Host } from '../../host/types.ts';
import type { ServerResponse, Stage } from '../types.ts';

const maxAuditIdLength = 64;
const maxWarningBytes = 4096;

/** Control characters out; quotes and backslashes escaped (RFC 7234, 5.5). */
function warningHeader(texts: readonly string[]): string {
  const values: string[] = [];
  let bytes = 0;
  for (const text of new Set(texts)) {
    // oxlint-disable-next-line no-control-regex
    const quoted = `299 - "${text.replace(/[\u0000-\u001f\u007f]/g, '').replace(/["\\]/g, '\\$&')}"`;
    // Header values are Latin-1 on the wire: what lies beyond is sent as its UTF-8 bytes.
    const wire = Buffer.from(quoted, 'utf8').toString('latin1');
    bytes += wire.length;
    if (bytes > maxWarningBytes) break;
    values.push(wire);
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
      if (request.warnings.length > 0) response.headers['warning'] = warningHeader(request.warnings);
      return response;
    },
  };
}
