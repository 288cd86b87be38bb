/** What the client wants to read, and what it has sent. */
import { parseExactly } from '../../api/exact-json.ts';
import { fieldProblems, parseJson, parseYamlStrictly, type FieldValidation } from '../../api/decode.ts';
import { failure, StatusError, unsupportedMediaType } from '../../api/meta/status.ts';
import { choose, mediaTypeOf, notAcceptable, STANDARD_FORMATS, transforms, type AcceptClause, type Format } from '../accept.ts';
import { wantsPretty } from '../pretty.ts';
import { readCbor } from '../cbor-body.ts';
import { readProtobuf, UnreadableBody } from '../protobuf-body.ts';
import type { ServerRequest } from '../types.ts';
import { unreadableKind, unrecognized } from './body-kind.ts';
import type { Body } from './problems.ts';
import type { Kind } from './kinds.ts';

export interface Negotiated {
  format: Format;
  /** `partial`: metadata only. */
  as: 'object' | 'table' | 'partial';
  /** The apiVersion of tables and of objects that are metadata only. */
  metaVersion: 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1';
  pretty: boolean;
}

const META_VERSIONS: ReadonlySet<string> = new Set(['meta.k8s.io/v1', 'meta.k8s.io/v1beta1']);

export interface Offer {
  /** The answer is a list. */
  list?: boolean;
  /** The answer is a watch: what can be streamed only. */
  watch?: boolean;
  /** Tables can be made of it. */
  table?: boolean;
  /** The kind has no form in protobuf (custom resources); its metadata alone has. */
  plain?: boolean;
  /** The kind's name in Go. */
  type?: string;
}

/** Groups whose types lie elsewhere than their name says. */
const PACKAGES: Readonly<Record<string, string>> = { '': 'core', 'events.k8s.io': 'core', 'internal.apiserver.k8s.io': 'apiserverinternal' };

/** What answers with objects of a kind can be. */
export function offerOf(kind: Kind): Offer {
  if (kind.form.protobuf === undefined) return { table: true, plain: true, type: 'unstructured.Unstructured' };
  const { group } = kind.resource;
  return { table: true, type: `${PACKAGES[group] ?? group.split('.', 1)[0]}.${kind.resource.kind}` };
}

const PARTIALS: ReadonlySet<string> = new Set(['PartialObjectMetadata', 'PartialObjectMetadataList']);

/** Whether the answer can take the shape that a clause asks for. */
function allows(offer: Offer, clause: AcceptClause, format: Format): boolean {
  const { as = '', g = '', v = '', stream = '', sv = '' } = clause.parameters;
  if (stream !== '' && (stream !== 'watch' || format === 'yaml')) return false;
  if (sv !== '' && sv !== 'v1') return false;
  if (!transforms(clause)) return format !== 'protobuf' || offer.plain !== true;
  if (!META_VERSIONS.has(`${g}/${v}`)) return false;
  return as === 'Table' ? offer.table === true && format !== 'protobuf' : PARTIALS.has(as);
}

function shapeOf(clause: AcceptClause | undefined, offer: Offer): Negotiated['as'] {
  const as = clause?.parameters['as'] ?? '';
  if (as === '' || as === 'Table') return as === '' ? 'object' : 'table';
  const typed = offer.type === undefined ? '' : ` (*${offer.type}${offer.list === true ? 'List' : ''})`;
  if (as === 'PartialObjectMetadata' && offer.list === true) throw failure(406, 'NotAcceptable', `you requested PartialObjectMetadata, but the requested object is a list${typed}`);
  if (as === 'PartialObjectMetadataList' && offer.list !== true) throw failure(406, 'NotAcceptable', `you requested PartialObjectMetadataList, but the requested object is not a list${typed}`);
  return 'partial';
}

/** The first form that client and server both know. Throws StatusError 406. */
export function negotiate(request: ServerRequest, offer: Offer): Negotiated {
  const formats = request.formats ?? STANDARD_FORMATS;
  const chosen = choose(request.headers['accept'], formats, (clause, format) => allows(offer, clause, format));
  if (chosen === undefined || (offer.watch === true && chosen.format === 'yaml')) {
    // What cannot be streamed is told apart from what nobody has.
    throw chosen === undefined ? notAcceptable(formats) : notAcceptable(formats.filter((format) => format !== 'yaml'), ';stream=watch');
  }
  const { format, clause } = chosen;
  return {
    format, as: shapeOf(clause, offer), metaVersion: clause?.parameters['v'] === 'v1beta1' ? 'meta.k8s.io/v1beta1' : 'meta.k8s.io/v1',
    pretty: format === 'json' && offer.watch !== true && (clause?.parameters['pretty'] === '1' || wantsPretty(request)),
  };
}

/** The media type of the body, without parameters, in lower case; JSON when the client says nothing. */
export function contentTypeOf(request: ServerRequest): string {
  const header = request.headers['content-type'];
  return header === undefined || header === '' ? 'application/json' : header.split(';', 1)[0]!.trim().toLowerCase();
}

/** The body as a JSON value, `kind` is wanted (undefined: whoever reads it does not say so in errors). Throws StatusError 415 for a type that is not served, 400 for what cannot be read. */
export async function readBody(request: ServerRequest, fieldValidation: FieldValidation, kind: string | undefined): Promise<Body> {
  const type = contentTypeOf(request);
  const formats = request.formats ?? STANDARD_FORMATS;
  const format = formats.find((one) => mediaTypeOf(one) === type);
  if (format === undefined) throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${formats.map(mediaTypeOf).join(', ')}`);
  if (request.ownText !== undefined && format === 'json') return { value: parseExactly(request.ownText), duplicates: [] };
  const bytes = await request.body();
  let parsed: Body;
  try {
    parsed = parseBody(format, bytes, fieldValidation);
  } catch (error) {
    if (error instanceof UnreadableBody) throw unrecognized(kind, error.message, bytes);
    if ((format === 'json' || format === 'yaml') && error instanceof StatusError && error.code === 400) throw unrecognized(kind, error.message, bytes);
    throw error;
  }
  const unreadable = unreadableKind(parsed.value);
  if (unreadable !== undefined) throw unrecognized(kind, unreadable, bytes);
  return { ...parsed, bytes, tellsEmpty: format !== 'protobuf', duplicates: fieldProblems({ duplicates: parsed.duplicates }) };
}

function parseBody(format: Format, bytes: Uint8Array, fieldValidation: FieldValidation): Body {
  switch (format) {
    case 'protobuf':
      return { value: readProtobuf(bytes), duplicates: [] };
    case 'cbor':
      return readCbor(bytes);
    case 'yaml':
      return { ...parseYamlStrictly(Buffer.from(bytes).toString()), duplicates: [] };
    default:
      return parseJson(bytes, { strict: fieldValidation !== 'Ignore' });
  }
}
