/** What the client wants to read, and what it has sent. */
import { fieldProblems, parseJson, parseYamlStrictly, type FieldValidation } from '../../api/decode.ts';
import { failure, unsupportedMediaType } from '../../api/meta/status.ts';
import { protobufType, readProtobuf } from '../protobuf-body.ts';
import type { ServerRequest } from '../types.ts';

export interface Negotiated {
  format: 'json' | 'yaml';
  /** `partial`: metadata only. */
  as: 'object' | 'table' | 'partial';
  pretty: boolean;
}

interface MediaRange {
  type: string;
  parameters: Record<string, string>;
  quality: number;
}

function parseAccept(header: string): MediaRange[] {
  const ranges = header.split(',').map((part): MediaRange => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim());
    const parameters: Record<string, string> = {};
    for (const piece of rest) {
      const equals = piece.indexOf('=');
      if (equals > 0) parameters[piece.slice(0, equals).trim().toLowerCase()] = piece.slice(equals + 1).trim().replace(/^"(.*)"$/, '$1');
    }
    const quality = parameters['q'] === undefined ? 1 : Number(parameters['q']);
    return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
  });
  return ranges.filter((range) => range.type !== '' && range.quality > 0).sort((a, b) => b.quality - a.quality);
}

const META_GROUP = 'meta.k8s.io';

function formOf(parameters: Record<string, string>, what: Offer): Negotiated['as'] | undefined {
  const { as } = parameters;
  if (as === undefined || as === '') return 'object';
  if (parameters['g'] !== undefined && parameters['g'] !== META_GROUP) return undefined;
  if (parameters['v'] !== undefined && parameters['v'] !== 'v1') return undefined;
  if (as === 'Table') return what.table ? 'table' : undefined;
  if (as === 'PartialObjectMetadata') return what.list ? undefined : 'partial';
  if (as === 'PartialObjectMetadataList') return what.list ? 'partial' : undefined;
  return undefined;
}

export interface Offer {
  /** The answer is a list. */
  list?: boolean;
  /** The answer is a watch: only JSON can be streamed. */
  watch?: boolean;
  /** Tables can be made of it. */
  table?: boolean;
}

/** The first form that client and server both know. Throws StatusError 406. */
export function negotiate(request: ServerRequest, offer: Offer): Negotiated {
  const pretty = wantsPretty(request);
  const accept = request.headers['accept'];
  if (accept === undefined || accept === '') return { format: 'json', as: 'object', pretty };
  for (const { type, parameters } of parseAccept(accept)) {
    const format = type === 'application/yaml' ? 'yaml' : type === 'application/json' || type === '*/*' || type === 'application/*' ? 'json' : undefined;
    if (format === undefined || (offer.watch === true && format === 'yaml')) continue;
    const as = formOf(parameters, offer);
    if (as !== undefined) return { format, as, pretty };
  }
  const types = offer.watch === true ? 'application/json;stream=watch' : 'application/json, application/yaml';
  throw failure(406, 'NotAcceptable', `only the following media types are accepted: ${types}`);
}

function wantsPretty(request: ServerRequest): boolean {
  const asked = request.query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
}

export interface Body {
  value: unknown;
  /** Texts such as `duplicate field "spec.foo"`. */
  duplicates: string[];
}

/** The media type of the body, without parameters, in lower case; JSON when the client says nothing. */
export function contentTypeOf(request: ServerRequest): string {
  const header = request.headers['content-type'];
  return header === undefined || header === '' ? 'application/json' : header.split(';', 1)[0]!.trim().toLowerCase();
}

/** The body as a JSON value. Throws StatusError 415 for another type than JSON and YAML, 400 for what cannot be read. */
export async function readBody(request: ServerRequest, fieldValidation: FieldValidation): Promise<Body> {
  const type = contentTypeOf(request);
  if (type === protobufType) return { value: readProtobuf(await request.body()), duplicates: [] };
  if (type !== 'application/json' && type !== 'application/yaml') {
    throw unsupportedMediaType('the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf');
  }
  const bytes = await request.body();
  const parsed = type === 'application/yaml' ? parseYamlStrictly(Buffer.from(bytes).toString()) : parseJson(bytes, { strict: fieldValidation !== 'Ignore' });
  return { value: parsed.value, duplicates: fieldProblems({ duplicates: parsed.duplicates }) };
}
