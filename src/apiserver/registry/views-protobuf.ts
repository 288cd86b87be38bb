/** Objects, lists and events in protobuf: envelopes that are kept with their objects, joined by copying. */
import { convert } from '../../api/convert.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { encodeMessage, encodeProtobuf } from '../../api/protobuf/encode.ts';
import { envelopeHead, firstField, messageOf, listEnvelope, watchFrame, wrap } from '../../api/protobuf/envelope.ts';
import { protobufType } from '../accept.ts';
import type { CachedObject } from '../cache/object.ts';
import { encodeValue, streamTypeFor } from '../encode-value.ts';
import type { Turn } from '../outgoing.ts';
import { pieceBytes, Pieces } from '../pieces.ts';
import { inTurns } from './in-turns.ts';
import type { Kind } from './kinds.ts';
import type { Negotiated } from './negotiate.ts';
import { bookmarkOf, PARTIAL, PARTIAL_SCHEMA, type View } from './view.ts';

const LIST_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

/** A kind in protobuf: each object's envelope, and what stands at the front of those of lists. */
interface ProtobufForm {
  key: string;
  kind: string;
  apiVersion: string;
  schema: string;
  listHead: Buffer;
  envelopeOf(object: CachedObject): Buffer;
}

function protobufView(form: ProtobufForm, turn: Turn | undefined): View {
  const { envelopeOf } = form;
  return {
    contentType: protobufType,
    streamType: streamTypeFor({ format: 'protobuf' }),
    object: envelopeOf,
    list: async (objects, meta) => {
      const items = await inTurns(objects, form.key, (object) => messageOf(envelopeOf(object)), turn);
      const { head, tail, length, before } = listEnvelope(form.listHead, encodeMessage(LIST_META, meta), items);
      const joined = new Pieces({ head, tail, items, length, skipped: 0, before: (i) => before(items[i]!.length) });
      return length > pieceBytes ? joined : joined.bytes();
    },
    events: {
      key: form.key,
      frame: (type, object) => watchFrame(type, envelopeOf(object)),
      bookmark: (revision, initialEnd) => watchFrame('BOOKMARK', encodeProtobuf(form.schema, bookmarkOf(form.kind, form.apiVersion, revision, initialEnd).object)),
    },
    error: (status) => watchFrame('ERROR', encodeValue({ ...status, kind: 'Status', apiVersion: 'v1' }, { format: 'protobuf', pretty: false })),
  };
}

/** Objects of a kind. */
export function objectProtobufView(kind: Kind, turn: Turn | undefined): View {
  const { apiVersion, protobuf } = kind.form;
  const { schema } = protobuf!;
  const stored = apiVersion === kind.storedForm.apiVersion;
  const key = `protobuf ${apiVersion}`;
  const make = (source: KubeObject): Buffer => encodeProtobuf(schema, convert(source, kind.resource));
  return protobufView({
    key, kind: kind.resource.kind, apiVersion, schema, listHead: envelopeHead(apiVersion, kind.resource.listKind),
    envelopeOf: (object) => (stored && object.encoding === 'protobuf' ? object.primary : object.encoded(key, make)),
  }, turn);
}

/** Their metadata only. */
export function partialProtobufView(how: Negotiated, turn: Turn | undefined): View {
  const apiVersion = how.metaVersion;
  const key = `protobuf partial ${apiVersion}`;
  const head = envelopeHead(apiVersion, PARTIAL);
  // Metadata is the first field of every message, as it is of the partial object's.
  const fromPrimary = (object: CachedObject): Buffer => wrap(head, firstField(messageOf(object.primary)));
  const make = (source: KubeObject): Buffer => encodeProtobuf(PARTIAL_SCHEMA, { kind: PARTIAL, apiVersion, metadata: source.metadata } as KubeObject);
  return protobufView({
    key, kind: PARTIAL, apiVersion, schema: PARTIAL_SCHEMA, listHead: envelopeHead(apiVersion, `${PARTIAL}List`),
    envelopeOf: (object) => (object.encoding === 'protobuf' ? fromPrimary(object) : object.encoded(key, make)),
  }, turn);
}
