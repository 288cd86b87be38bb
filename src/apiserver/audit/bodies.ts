/** Bodies as audit events show them: as JSON, in whatever encoding they come. */
import { parseExactly } from '../../api/exact-json.ts';
import type { Status } from '../../api/meta/v1/types.ts';
import { readYaml } from '../../api/yaml.ts';
import { readCbor } from '../cbor-body.ts';
import { infoOf } from '../chain/request-info.ts';
import { isWhole, Pieces } from '../pieces.ts';
import { readProtobuf } from '../protobuf-body.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import type { Outcome } from './event.ts';
import type { AuditNote } from './noted.ts';
import type { Verdict } from './policy.ts';

/** Answers that may be a Status are looked into up to here. */
const maxStatusBytes = 64 * 2 ** 10;

const writing: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** The value of a body; undefined for what is none, or cannot be read. */
export function valueOf(body: string | Uint8Array, contentType: string): unknown {
  if (body.length === 0) return undefined;
  const bytes = (): Uint8Array => (typeof body === 'string' ? Buffer.from(body) : body);
  const text = (): string => (typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
  try {
    if (/^application\/(?:[a-z-]+\+)?json$/.test(type)) return parseExactly(text());
    if (/^application\/(?:[a-z-]+\+)?yaml$/.test(type)) return readYaml(text()).value;
    if (type === 'application/vnd.kubernetes.protobuf') return readProtobuf(bytes());
    if (/^application\/(?:[a-z-]+\+)?cbor$/.test(type)) return readCbor(bytes()).value;
  } catch {
    return undefined;
  }
  return undefined;
}

interface Owned {
  metadata?: { managedFields?: unknown };
}

/** An object without its managed fields, or a list or a table of such. */
function stripped(value: unknown): unknown {
  const { items, rows } = (value ?? {}) as { items?: unknown; rows?: unknown };
  const objects: unknown[] = Array.isArray(items) ? items : Array.isArray(rows) ? rows.map((row: { object?: unknown } | null) => row?.object) : [value];
  for (const object of objects) delete (object as Owned | null | undefined)?.metadata?.managedFields;
  return value;
}

/** What an event tells of the request's body: the object where the level says so, and where the object lies. */
export async function requestParts(request: ServerRequest, { level, omitManagedFields }: Verdict): Promise<Outcome> {
  const { isResourceRequest, subresource, verb } = infoOf(request);
  // Bodies of proxied requests are streams that are not ours to read; nor have reads any.
  if (!isResourceRequest || subresource === 'proxy' || request.wantsUpgrade || !writing.has(verb)) return {};
  if (verb !== 'patch') return notedParts(request.audited, omitManagedFields);
  if (level === 'Metadata') return {};
  const body = await request.body().catch(() => undefined);
  const value = body && valueOf(body, request.headers['content-type'] || 'application/json');
  if (value === undefined || value === null) return {};
  return { requestObject: omitManagedFields ? stripped(value) : value };
}

/** Of what could not be decoded nothing is told. */
function notedParts(note: AuditNote | undefined, omitManagedFields: boolean): Outcome {
  const { metadata, object } = note ?? {};
  return { ...(metadata === undefined ? {} : { metadata }), ...(object === undefined ? {} : { requestObject: omitManagedFields ? stripped(object) : object }) };
}

/** Who takes nothing that the server has is told so beside all forms, and that is no object to upstream. */
const isUntyped = (status: Partial<Status> | undefined): boolean => status?.code === 406 && status.message?.startsWith('only the following media types are accepted') === true;

const bytesOf = ({ body }: ServerResponse): string | Uint8Array | undefined => (body === undefined || !isWhole(body) ? undefined : body instanceof Pieces ? body.bytes() : body);

/** The answer's own Status, where it is one. */
function statusOf(response: ServerResponse): Partial<Status> | undefined {
  const { body, status, shared } = response;
  if (shared !== undefined || body === undefined || !isWhole(body) || body.length > maxStatusBytes || status < 200) return undefined;
  const bytes = bytesOf(response)!;
  const head = (typeof bytes === 'string' ? bytes : Buffer.from(bytes.subarray(0, 200)).toString('latin1')).slice(0, 200);
  if (!head.includes('Status')) return undefined;
  const value = valueOf(bytes, response.headers['content-type'] ?? '') as { kind?: unknown; apiVersion?: unknown } | null | undefined;
  return value?.kind === 'Status' && value.apiVersion === 'v1' ? (value as Partial<Status>) : undefined;
}

/** What an event tells of the answer. */
export function responseParts(response: ServerResponse, { level, omitManagedFields }: Verdict): Outcome {
  const status = statusOf(response);
  if (isUntyped(status)) return { code: response.status };
  const parts: Outcome = { code: response.status, ...(status ? { status } : {}) };
  if (level !== 'RequestResponse') return parts;
  const bytes = response.shared === undefined ? bytesOf(response) : JSON.stringify(response.shared);
  const value = bytes === undefined ? undefined : valueOf(bytes, response.shared === undefined ? (response.headers['content-type'] ?? '') : 'application/json');
  return value === undefined ? parts : { ...parts, responseObject: omitManagedFields ? stripped(value) : value };
}
