/** What an audit event will tell of the object in a request: noted when it has been decoded, with its defaults, and before anybody changes it. */
import { parseExactly } from '../../api/exact-json.ts';
import { decodeObject } from '../../api/decode.ts';
import { inArrivingOrder } from '../../api/order.ts';
import { findSchema } from '../../api/schema.ts';
import { sortedJson } from '../go-json.ts';
import type { ServerRequest } from '../types.ts';
import type { NotedMetadata } from './noted.ts';

const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';

/** Notes the object of a create or update. `schema`: of its version; the empty one of a custom resource. */
export function noteObject({ audited }: ServerRequest, object: object, schema: string): void {
  if (audited === undefined) return;
  const { metadata } = object as { metadata?: NotedMetadata | null };
  if (typeof metadata === 'object' && metadata !== null) {
    const { name, namespace, uid, resourceVersion } = metadata;
    audited.metadata = { name, namespace, uid, resourceVersion };
  }
  if (audited.level === 'Metadata') return;
  audited.object = parseExactly(findSchema(schema) === undefined ? sortedJson(object) : JSON.stringify(inArrivingOrder(schema, object)));
}

/** Notes options of a delete. They are told in the version that upstream has within itself. */
export function noteDeleteOptions({ audited }: ServerRequest, options: object): void {
  if (audited === undefined || audited.level === 'Metadata') return;
  try {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = decodeObject(DELETE_OPTIONS, options, { fieldValidation: 'Ignore' }).object;
    audited.object = { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal', ...rest };
  } catch {
    // Options that cannot be read are told by the answer.
  }
}
