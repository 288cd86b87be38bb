/** Kinds that are asked and answered but never stored: reading the question, writing the answer. */
import { decodeObject, fieldProblems } from '../../api/decode.ts';
import { badRequest, failure } from '../../api/meta/status.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { noteObject } from '../audit/note.ts';
import { objectResponse } from '../chain/responses.ts';
import { readBody } from '../registry/negotiate.ts';
import { settleProblems } from '../registry/problems.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';

/** Answers a request for a kind that is not in the store. */
export type VirtualHandler = (request: ServerRequest) => Promise<ServerResponse>;

export interface VirtualKind {
  group: string;
  version: string;
  kind: string;
  schema: string;
}

type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

function fieldValidationOf(request: ServerRequest): FieldValidation {
  const asked = request.query.get('fieldValidation') ?? '';
  if (asked === '') return 'Warn';
  if (asked === 'Strict' || asked === 'Warn' || asked === 'Ignore') return asked;
  throw failure(422, 'Invalid', `CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: ${JSON.stringify(asked)}: supported values: "", "Ignore", "Strict", "Warn"`);
}

/** The object in the request's body, decoded by its schema. Its apiVersion and kind must be the expected ones. */
export async function readObject<T extends KubeObject>(request: ServerRequest, expected: VirtualKind): Promise<T> {
  const validation = fieldValidationOf(request);
  const body = await readBody(request, validation, expected.kind);
  const { value } = body;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('the body of the request is not an object');
  const { apiVersion, kind } = value as KubeObject;
  const wanted = apiVersionOf(expected);
  if ((apiVersion !== undefined && apiVersion !== wanted) || (kind !== undefined && kind !== expected.kind)) {
    throw badRequest(`${apiVersion ?? wanted}, Kind=${kind ?? ''} does not match the expected ${wanted}, Kind=${expected.kind}`);
  }
  const { object, unknownFields } = decodeObject(expected.schema, value, { fieldValidation: validation });
  settleProblems(expected.schema, body, fieldProblems({ unknownFields }), validation, request.warnings);
  noteObject(request, object, expected.schema);
  const typed = object as T;
  typed.metadata ??= {};
  return typed;
}

/** The answer to a review: the question with a status, 201. */
export function created(kind: VirtualKind, object: KubeObject): ServerResponse {
  return objectResponse(201, { kind: kind.kind, apiVersion: apiVersionOf(kind), ...object, metadata: { ...object.metadata } });
}
