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
  const [type = '', subtype = type === '*' ? '*' : ''] = names.map((name) => name.trim());
  if (names.length > 2 || subtype === '') return undefined;
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

const wildcards = ({ type, subtype }: AcceptClause): number => (type === '*' ? 2 : subtype === '*' ? 1 : 0);

/** The clauses of a header, the most wanted first. What is no media type is left out. */
export function parseAccept(header: string): AcceptClause[] {
  return header.split(',').flatMap((part) => clauseOf(part.trim()) ?? []).sort((a, b) => b.quality - a.quality || wildcards(a) - wildcards(b));
}

/** Whether a clause asks for the answer in another shape: `as`, `g` and `v`. */
export function transforms({ parameters }: AcceptClause): boolean {
  return parameters['as'] !== undefined || parameters['g'] !== undefined || parameters['v'] !== undefined;
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

/** Whether a client takes an object as it is, in some format: it may ask for tables, or for metadata alone, and nothing else. */
export function takesPlainAnswers(header: string | undefined): boolean {
  return header === undefined || !header.includes(';') || choose(header, FORMATS, (clause) => !transforms(clause)) !== undefined;
}

/** The format in which answers without other shapes (Status, reviews …) leave; JSON where the client takes none. */
export function plainFormat(header: string | undefined, formats: readonly Format[]): Format {
  if (header === undefined || header === '' || header === jsonType) return 'json';
  return choose(header, formats, (clause) => !transforms(clause) && (clause.parameters['stream'] ?? '') === '')?.format ?? 'json';
}

/** The old and the new name of OpenAPI v2 in protobuf; the old one's `@` is no part of a media type. */
const OPENAPI_PROTOBUF: ReadonlySet<string> = new Set(['com.github.proto-openapi.spec.v2@v1.0+protobuf', 'com.github.proto-openapi.spec.v2.v1.0+protobuf']);

/** Whether a client would rather have OpenAPI v2 in protobuf than in JSON. */
export function choosesOpenApiProtobuf(header: string | undefined): boolean {
  for (const { type, subtype } of parseAccept(header ?? '')) {
    if (type === 'application' && OPENAPI_PROTOBUF.has(subtype)) return true;
    if (subtype === '*' || (type === 'application' && subtype === 'json')) return false;
  }
  return false;
}

/** The format in which a client wants aggregated discovery; undefined when it wants the old form, or another version. */
export function aggregatedFormat(header: string | undefined): Format | undefined {
  if (header === undefined || !header.includes('APIGroupDiscoveryList')) return undefined;
  const wants = ({ parameters }: AcceptClause): boolean => parameters['as'] === 'APIGroupDiscoveryList' && parameters['g'] === 'apidiscovery.k8s.io' && parameters['v'] === 'v2';
  const chosen = choose(header, STANDARD_FORMATS, (clause) => !transforms(clause) || wants(clause));
  return chosen?.clause !== undefined && wants(chosen.clause) ? chosen.format : undefined;
}
