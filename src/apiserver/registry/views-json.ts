/** JSON of single objects and events, as views of several kinds need it. */
import { convert } from '../../api/convert.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { inTypeOrder } from '../../api/order.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';
import type { EventType } from '../cache/events.ts';
import type { CachedObject } from '../cache/object.ts';
import { bytesOfLine, escaped } from '../go-json.ts';
import type { Kind } from './kinds.ts';
import { PARTIAL, PARTIAL_SCHEMA } from './view.ts';

/** The object's bytes in the version that is asked for. */
export function bytesOf(kind: Kind, object: CachedObject): Buffer {
  if (kind.custom !== undefined) return kind.custom.bytes(object);
  const apiVersion = apiVersionOf(kind.resource);
  return object.in(apiVersion, (source) => versionBytes(kind, source));
}

function versionBytes(kind: Kind, source: KubeObject): Buffer {
  const converted = convert(source, kind.resource);
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = converted;
  return bytesOfLine(escaped(JSON.stringify(inTypeOrder(kind.resource.schema, { kind: kind.form.kind, apiVersion: kind.form.apiVersion, ...rest }))));
}

/** What objects keep their metadata under. */
export const partialKey = (apiVersion: string): string => `json partial ${apiVersion}`;

/** The object's metadata as an object of its own. */
export function partialBytes(object: CachedObject, apiVersion: string): Buffer {
  return object.encoded(partialKey(apiVersion), ({ metadata }) => bytesOfLine(escaped(JSON.stringify(inTypeOrder(PARTIAL_SCHEMA, { kind: PARTIAL, apiVersion, metadata })))));
}

const TYPES: readonly EventType[] = ['ADDED', 'MODIFIED', 'DELETED'];
const FRAME_HEADS = new Map(TYPES.map((type) => [type, Buffer.from(`{"type":"${type}","object":`)]));
const FRAME_TAIL = Buffer.from('}\n');

/** An event of a watch. */
export const frameOf = (type: EventType, bytes: Uint8Array): Buffer => Buffer.concat([FRAME_HEADS.get(type)!, bytes, FRAME_TAIL]);

/** `{"type":"ERROR","object":<Status>}` */
export function errorFrame(status: object): Buffer {
  return Buffer.from(`${escaped(JSON.stringify({ type: 'ERROR', object: status }))}\n`);
}
