/**
 * The `Accept` header, read as upstream reads it: clauses by quality, then those that name a type before wildcards.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 */
import { failure } from '../api/meta/status.ts';
import type { StatusError } from '../api/meta/status.ts';

export type Format = 'json' | 'yaml' | 'protobuf' | 'cbor';

export const jsonType = 'application/json';
export const yamlType = 'application/yaml';
export const protobufType = 'application/vnd.kubernetes.protobuf';
export const cborType = 'application/cbor';
export const cborSequenceType = 'application/cbor-seq';

/** In the order in which a client that takes anything gets them. */
export const FORMATS: readonly Format[] = ['json', 'yaml', 'protobuf', 'cbor'];
/** CBOR only where the gate CBORServingAndStorage is on. */
export const STANDARD_FORMATS: readonly Format[] = ['json', 'yaml', 'protobuf'];

const TYPES: Readonly<Record<Format, string>> = { json: jsonType, yaml: yamlType, protobuf: protobufType, cbor: cborType };

export const mediaTypeOf = (format: Format): string => TYPES[format];

export interface AcceptClause {
  type: string;
  subtype: string;
  parameters: Readonly<Record<string, string>>;
  quality: number;
}

function clauseOf(part: string): AcceptClause | undefined {
  const [media = '', ...rest] = part.split(';');
  const names = media.trim().split('/');
  const type = names[0]!.trim();
  const subtype = (names[1] ?? '') === '' && type === '*' ? '*' : (names[1] ?? '').trim();
  if (subtype === '' || names.slice(2).join('/') !== '') return undefined;
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
  let quality = 1;
  for (const piece of rest) {
    const pair = piece.split('=');
    if (pair.length !== 2) continue;
    const name = pair[0]!.trim();
    const value = pair[1]!.trim();
    if (name === 'q') quality = Number(value) || 0;
    else parameters[name] = value;
  }
  return { type, subtype, parameters, quality };
}

/** Whether a clause goes before one that stands in front of it. Wildcards weigh more than quality, in the way that upstream's library has it. */
function goesBefore(a: AcceptClause, b: AcceptClause): boolean {
  return a.quality > b.quality || (a.type !== '*' && b.type === '*') || (a.subtype !== '*' && b.subtype === '*');
}

/** The clauses of a header, the most wanted first. What is no media type is left out. */
export function parseAccept(header: string): AcceptClause[] {
  const clauses = header.split(',').flatMap((part) => clauseOf(part.trim()) ?? []);
  // The order of `goesBefore` is none in the strict sense, so the way of sorting counts: each clause moves forward as far as it may.
  for (let i = 1; i < clauses.length; i++) {
    for (let j = i; j > 0 && goesBefore(clauses[j]!, clauses[j - 1]!); j--) [clauses[j], clauses[j - 1]] = [clauses[j - 1]!, clauses[j]!];
  }
  return clauses;
}

/** Whether a clause asks for the answer in another shape: `as`, `g` and `v`. */
export function transforms({ parameters }: AcceptClause): boolean {
  const { as = '', g = '', v = '' } = parameters;
  return as + g + v !== '';
}

/** The first clause and format that fit together; `allows` judges the clause's parameters. Undefined: none. */
export function choose(header: string | undefined, formats: readonly Format[], allows: (clause: AcceptClause, format: Format) => boolean): { format: Format; clause: AcceptClause | undefined } | undefined {
  if (header === undefined || header === '') return { format: formats[0]!, clause: undefined };
  for (const clause of parseAccept(header)) {
    for (const format of formats) {
      const [type, subtype] = TYPES[format].split('/');
      const fits = (clause.type === type && (clause.subtype === subtype || clause.subtype === '*')) || (clause.type === '*' && clause.subtype === '*');
      if (fits && allows(clause, format)) return { format, clause };
    }
  }
  return undefined;
}

/** 406, with the types that would do. */
export function notAcceptable(formats: readonly Format[], suffix = ''): StatusError {
  return failure(406, 'NotAcceptable', `only the following media types are accepted: ${formats.map((format) => `${TYPES[format]}${suffix}`).join(', ')}`);
}

/** What a route of a list or a watch makes beside `FORMATS`. */
const STREAMS: Readonly<Partial<Record<Format, string>>> = { json: `${jsonType};stream=watch`, protobuf: `${protobufType};stream=watch`, cbor: cborSequenceType };

const taken = new Map<string, boolean>();
/** Clients send few different headers. */
const maxTaken = 100;

/**
 * Whether a route of upstream's table, which makes these formats, is one for a client that takes `header`. Types are compared without their parameters and
 * without their quality, and of wildcards only the widest counts.
 */
export function takesRoute(header: string | undefined, formats: readonly Format[], own = ''): boolean {
  if (header === undefined || header === '' || header === jsonType) return true;
  const key = `${formats.length} ${own} ${header}`;
  let takes = taken.get(key);
  if (takes !== undefined) return takes;
  takes = header.split(',').some((part) => {
    const type = part.split(';', 1)[0]!.trim();
    return type === '*/*' || (own !== '' && type === own) || formats.some((format) => TYPES[format] === type);
  });
  if (taken.size >= maxTaken) taken.clear();
  taken.set(key, takes);
  return takes;
}

/** 406 of such a table. */
export function noSuchRoute(formats: readonly Format[], { own, streams = false }: { own?: string; streams?: boolean } = {}): StatusError {
  const types = [...(own === undefined ? [] : [own]), ...formats.map((format) => TYPES[format]), ...(streams ? formats.flatMap((format) => STREAMS[format] ?? []) : [])];
  return failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`, {});
}

/** Whether a client takes an object as it is, in some format: it may ask for tables, or for metadata alone, and nothing else. */
export function takesPlainAnswers(header: string | undefined): boolean {
  return header === undefined || !header.includes(';') || choose(header, FORMATS, (clause) => !transforms(clause)) !== undefined;
}

/** The format in which answers without other shapes (Status, reviews …) leave; undefined where the client takes none. */
export function plainFormat(header: string | undefined, formats: readonly Format[]): Format | undefined {
  if (header === undefined || header === '' || header === jsonType) return 'json';
  return choose(header, formats, ({ parameters: { as = '', g = '', v = '', stream = '', sv = '' } }) => as + g + v + sv === '' && (stream === '' || stream === 'watch'))?.format;
}

/** The old and the new name of OpenAPI in protobuf; the old one's `@` is no part of a media type. */
const OPENAPI_PROTOBUF = /^com\.github\.proto-openapi\.spec\.(v[23])[@.]v1\.0\+protobuf$/;

/** Whether a client would rather have that version of OpenAPI in protobuf than in JSON. */
export function choosesOpenApiProtobuf(header: string | undefined, version: 'v2' | 'v3'): boolean {
  if (header?.includes('proto-openapi') !== true) return false;
  for (const { type, subtype } of parseAccept(header)) {
    if (type === 'application' && OPENAPI_PROTOBUF.exec(subtype)?.[1] === version) return true;
    if (subtype === '*' || (type === 'application' && subtype === 'json')) return false;
  }
  return false;
}

/** The versions in which aggregated discovery is there: alike but for their name. */
const AGGREGATED_VERSIONS: ReadonlySet<string> = new Set(['v2', 'v2beta1']);

/** How a client wants aggregated discovery; undefined when it wants the old form. */
export function aggregatedForm(header: string | undefined): { format: Format; version: string } | undefined {
  if (header === undefined || !header.includes('APIGroupDiscoveryList')) return undefined;
  const wants = ({ parameters }: AcceptClause): boolean => parameters['as'] === 'APIGroupDiscoveryList' && parameters['g'] === 'apidiscovery.k8s.io' && AGGREGATED_VERSIONS.has(parameters['v'] ?? '');
  const chosen = choose(header, STANDARD_FORMATS, (clause) => !transforms(clause) || wants(clause));
  return chosen?.clause !== undefined && wants(chosen.clause) ? { format: chosen.format, version: chosen.clause.parameters['v']! } : undefined;
}

/** The content type of aggregated discovery. */
export const aggregatedTypeOf = ({ format, version }: { format: Format; version: string }): string => `${TYPES[format]};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
