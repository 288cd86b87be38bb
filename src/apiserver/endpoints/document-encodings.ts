/** OpenAPI and aggregated discovery in other encodings than JSON, made from whatever answers in JSON, once for each document. */
import { createHash } from 'node:crypto';
import { encodeProtobuf } from '../../api/protobuf/encode.ts';
import { aggregatedForm, aggregatedTypeOf, choosesOpenApiProtobuf, jsonType } from '../accept.ts';
import { documentResponse } from '../conditional.ts';
import { encodeValue } from '../encode-value.ts';
import type { Pieces } from '../pieces.ts';
import type { Next, ServerRequest, ServerResponse } from '../types.ts';
import { derived } from '../derive.ts';
import { JoinedDocument } from './openapi-parts.ts';

const openApiType = (version: 'v2' | 'v3'): string => `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`;
const V3 = '/openapi/v3/';

/** How a document is asked for, and what is made of it. */
interface Form {
  /** What is asked of the maker. */
  accept: string;
  contentType: string;
  encode(document: object): Buffer | Promise<Buffer>;
}

const encodeV3 = async (document: object): Promise<Buffer> => (await import('../../api/openapi/protobuf-v3.ts')).encodeOpenApiV3(document);

function formOf({ path, headers }: ServerRequest): Form | undefined {
  if (path.length > V3.length && path.startsWith(V3)) {
    return choosesOpenApiProtobuf(headers['accept'], 'v3') ? { accept: jsonType, contentType: openApiType('v3'), encode: encodeV3 } : undefined;
  }
  if (path !== '/api' && path !== '/apis') return undefined;
  const form = aggregatedForm(headers['accept']);
  if (form === undefined || form.format === 'json') return undefined;
  const { format, version } = form;
  return {
    accept: aggregatedTypeOf({ format: 'json', version }), contentType: aggregatedTypeOf(form),
    // Its messages are those of the other version.
    encode: (document) => (format === 'protobuf' ? encodeProtobuf('io.k8s.api.apidiscovery.v2.APIGroupDiscoveryList', document) : encodeValue(document, { format, pretty: false })),
  };
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

/** Asks for the document in JSON, and answers with what is made of it. */
async function answered(request: ServerRequest, next: Next, accept: string, contentType: string, make: (answer: ServerResponse) => Promise<{ body: Buffer | Pieces; etag: string } | undefined>): Promise<ServerResponse> {
  const { 'if-none-match': _, ...headers } = request.headers;
  const answer = await next(derived(request, { headers: { ...headers, accept } }));
  const document = answer.status === 200 ? await make(answer) : undefined;
  if (document === undefined) return answer;
  return documentResponse(request, document, { ...answer.headers, 'content-type': contentType });
}

export function withDocumentEncodings(next: Next): Next {
  const known = new Map<string, Encoded>();
  return async (request) => {
    if (request.path === '/openapi/v2' && choosesOpenApiProtobuf(request.headers['accept'], 'v2')) {
      return answered(request, next, jsonType, openApiType('v2'), async ({ body }) => (body instanceof JoinedDocument ? body.protobuf() : undefined));
    }
    const form = formOf(request);
    if (form === undefined) return next(request);
    return answered(request, next, form.accept, form.contentType, async ({ body, headers }) => {
      if (typeof body !== 'string' && !(body instanceof Uint8Array)) return undefined;
      const from = headers['etag'] ?? '';
      const key = `${request.path} ${form.contentType}`;
      let document = known.get(key);
      if (document === undefined || document.from !== from || from === '') known.set(key, (document = await encoded(form, from, body)));
      return document;
    });
  };
}
