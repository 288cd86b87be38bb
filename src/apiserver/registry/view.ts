/** What the forms in which objects leave the server have in common. */
import { escaped, sortedJson } from '../go-json.ts';
import { zeroMembers } from '../../api/zero.ts';
import { convert } from '../../api/convert.ts';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.ts';
import type { EventView } from '../cache/events.ts';
import type { CachedObject } from '../cache/object.ts';
import type { Pieces } from '../pieces.ts';
import type { SharedEvent } from '../types.ts';
import type { Kind } from './kinds.ts';

export const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

export interface View {
  contentType: string;
  /** Of a watch. */
  streamType: string;
  object(object: CachedObject): Uint8Array;
  /** Objects whose form has to be made first are dealt with a few in a turn. */
  list(objects: readonly CachedObject[], meta: ListMeta): Promise<Uint8Array | Pieces>;
  events: EventView;
  firstEvents?: EventView;
  /** The frame of an ERROR event. */
  error(status: object): Uint8Array;
}

/** The kind of objects that are metadata only. */
export const PARTIAL = 'PartialObjectMetadata';
export const PARTIAL_SCHEMA = `io.k8s.apimachinery.pkg.apis.meta.v1.${PARTIAL}`;

/** The object, decoded, in the version that is asked for. Frozen, or to be treated so. */
export function objectIn(kind: Kind, object: CachedObject): KubeObject {
  if (kind.custom !== undefined) return kind.custom.view(object);
  return kind.resource === kind.stored ? object.object : convert(object.object, kind.resource);
}

/** An event that tells how far a watch is, and whether the initial state ends there. Beside that its object is an empty one of the kind that `schema` describes. */
export function bookmarkOf(kind: string, apiVersion: string, resourceVersion: number, initialEnd: boolean, schema?: string): SharedEvent {
  const annotations = initialEnd ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {};
  const empty = schema === undefined ? {} : zeroMembers(schema);
  return { type: 'BOOKMARK', object: { kind, apiVersion, ...empty, metadata: { resourceVersion: String(resourceVersion), ...annotations } } };
}

/** The same in JSON; `sorted` where the kind's members stand in the order of their names (custom resources). */
export function bookmarkJson(event: SharedEvent, sorted: boolean): Buffer {
  const { type, object } = event;
  return Buffer.from(`{"type":"${type}","object":${sorted ? sortedJson(object) : escaped(JSON.stringify(object))}}\n`);
}
