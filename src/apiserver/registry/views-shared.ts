/** Objects, lists and events as the objects of the cache themselves, for callers within the process: no encoding, no decoding, one copy for all. */
import { apiVersionOf } from '../../api/meta/resource.ts';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.ts';
import type { EventView } from '../cache/events.ts';
import type { CachedObject } from '../cache/object.ts';
import type { SharedEvent } from '../types.ts';
import type { Kind } from './kinds.ts';
import type { Negotiated } from './negotiate.ts';
import { bookmarkOf, objectIn, PARTIAL } from './view.ts';

/** The object, or its metadata alone where that is asked for. */
export function sharedObject(kind: Kind, object: CachedObject, how: Negotiated): KubeObject {
  const whole = objectIn(kind, object);
  return how.as === 'partial' ? Object.freeze({ kind: PARTIAL, apiVersion: how.metaVersion, metadata: whole.metadata }) : whole;
}

/** Stored bytes that are decoded in one turn of the event loop: some milliseconds. */
const decodedInATurn = 512 * 2 ** 10;

/** A list of what `sharedObject` gives; the list itself is the caller's own. */
export async function sharedList(kind: Kind, objects: readonly CachedObject[], metadata: ListMeta, how: Negotiated, turn: (() => Promise<void>) | undefined): Promise<object> {
  const items: KubeObject[] = [];
  let bytes = 0;
  for (const object of objects) {
    items.push(sharedObject(kind, object, how));
    bytes += object.size;
    if (bytes < decodedInATurn) continue;
    bytes = 0;
    await turn?.();
  }
  if (how.as === 'partial') return { kind: `${PARTIAL}List`, apiVersion: how.metaVersion, metadata, items };
  return { kind: kind.resource.listKind, apiVersion: apiVersionOf(kind.resource), metadata, items };
}

/** A watch's events of what `sharedObject` gives. */
export function sharedEvents(kind: Kind, how: Negotiated): EventView<SharedEvent> {
  const partial = how.as === 'partial';
  const apiVersion = partial ? how.metaVersion : apiVersionOf(kind.resource);
  return {
    key: `shared ${partial ? 'partial ' : ''}${apiVersion}`,
    frame: (type, object) => ({ type, object: sharedObject(kind, object, how) }),
    bookmark: (revision, initialEnd) => bookmarkOf(partial ? PARTIAL : kind.resource.kind, apiVersion, revision, initialEnd),
  };
}
