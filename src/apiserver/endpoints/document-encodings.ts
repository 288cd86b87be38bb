/** OpenAPI v2 and aggregated discovery in other encodings than JSON, made from whatever answers in JSON, once for each document. */
import { createHash } from 'node:crypto';
import { aggregatedFormat, choosesOpenApiProtobuf, jsonType, mediaTypeOf, type Format } from '../accept.ts';
import { encodeValue } from '../encode-value.ts';
import { Pieces } from '../pieces.ts';
import type { Next, ServerRequest, ServerResponse } from '../types.ts';
import { derived } from '../derive.ts';

const openApiType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const aggregatedParameters = ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** How a document is asked for, and what is made of it. */
interface Form {
  /** What is asked of the maker. */
  accept: string;
  contentType: string;
  encode(document: object): Buffer | Promise<Buffer>;
}

const openApi: Form = {
  accept: jsonType,
  contentType: openApiType,
  encode: async (document) => (await import('../../api/openapi/protobuf.ts')).encodeOpenApiV2(document),
};

function aggregated(format: Format): Form {
  return { accept: `${jsonType}${aggregatedParameters}`, contentType: `${mediaTypeOf(format)}${aggregatedParameters}`, encode: (document) => encodeValue(document, { format, pretty: false }) };
}

function formOf({ path, headers }: ServerRequest): Form | undefined {
  if (path === '/openapi/v2') return choosesOpenApiProtobuf(headers['accept']) ? openApi : undefined;
  if (path !== '/api' && path !== '/apis') return undefined;
  const format = aggregatedFormat(headers['accept']);
  return format === undefined || format === 'json' ? undefined : aggregated(format);
}

interface Encoded {
  /** The document in JSON that it was made from. */
  from: string;
  body: Buffer;
  etag: string;
}

async function encoded(form: Form, from: string, body: string | Uint8Array): Promise<Encoded> {
  const bytes = await form.encode(JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString()) as object);
  return { from, body: bytes, etag: `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"` };
}

export function withDocumentEncodings(next: Next): Next {
  const known = new Map<string, Encoded>();
  return async (request) => {
    const form = formOf(request);
    if (form === undefined) return next(request);
    const { 'if-none-match': wanted, ...headers } = request.headers;
    const answer: ServerResponse = await next(derived(request, { headers: { ...headers, accept: form.accept } }));
    const body = answer.body instanceof Pieces ? answer.body.bytes() : answer.body;
    if (answer.status !== 200 || (typeof body !== 'string' && !(body instanceof Uint8Array))) return answer;
    const from = answer.headers['etag'] ?? '';
    const key = `${request.path} ${form.contentType}`;
    let document = known.get(key);
    if (document === undefined || document.from !== from || from === '') known.set(key, (document = await encoded(form, from, body)));
    const answered = { ...answer.headers, 'content-type': form.contentType, etag: document.etag };
    return wanted === document.etag ? { status: 304, headers: answered } : { status: 200, headers: answered, body: document.body };
  };
}
