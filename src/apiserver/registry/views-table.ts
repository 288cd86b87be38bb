/** Tables of objects. What a row shows is kept with its object, its ages left open: a list is joined from rows as other lists are from objects. */
import { decodeObject } from '../../api/decode.ts';
import { parseExactly } from '../../api/exact-json.ts';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.ts';
import { badRequest } from '../../api/meta/status.ts';
import type { EventView } from '../cache/events.ts';
import type { CachedObject } from '../cache/object.ts';
import { contentTypeFor, encodeValue, streamTypeFor } from '../encode-value.ts';
import { escaped } from '../go-json.ts';
import { pieceBytes, Pieces } from '../pieces.ts';
import type { TableOptions } from '../printers/index.ts';
import { openNow, withAges } from '../printers/open-ages.ts';
import type { RegistryContext } from './context.ts';
import { inTurns } from './in-turns.ts';
import type { Kind } from './kinds.ts';
import type { Negotiated } from './negotiate.ts';
import { bookmarkOf, objectIn, PARTIAL, type View } from './view.ts';
import { cborError, cborTableEvents } from './views-cbor.ts';
import { bytesOf, errorFrame, frameOf, partialBytes } from './views-json.ts';

type Included = NonNullable<TableOptions['includeObject']>;
type MakeMark = (revision: number, initialEnd: boolean, noHeaders: boolean) => object;
type MakeTable = (objects: readonly CachedObject[], extra: Partial<TableOptions>) => object;

const INCLUDED: ReadonlySet<string> = new Set(['None', 'Metadata', 'Object']);

/** What the rows of a table carry beside their cells. Throws StatusError 400. */
function includedBy(query: URLSearchParams): Included {
  const asked = query.get('includeObject') ?? '';
  if (asked === '') return 'Metadata';
  if (!INCLUDED.has(asked)) throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`);
  return asked as Included;
}

/** How a row ends that carries nothing, and so how far it is the same whatever it carries. */
const CARRIES_NOTHING = 'null}';
const noBytes = Buffer.alloc(0);

const rowText = (make: MakeTable, object: CachedObject, now: number): string => escaped(JSON.stringify((make([object], { now, includeObject: 'None', noHeaders: true }) as { rows: unknown[] }).rows[0]));

/**
 * The row in JSON up to what it carries, its ages open. Empty where that cannot be told from its text, because a cell has what looks like an open age.
 */
function openRow(make: MakeTable, object: CachedObject, now: number): Buffer {
  const rowAt = (at: number): string => rowText(make, object, at);
  const open = rowAt(openNow);
  return withAges(open, now) === rowAt(now) && open.endsWith(CARRIES_NOTHING) ? Buffer.from(open.slice(0, -CARRIES_NOTHING.length)) : noBytes;
}

/** A list joined from the rows that its objects keep. */
async function joinTable(context: RegistryContext, kind: Kind, included: Included, make: MakeTable, objects: readonly CachedObject[], listMeta: ListMeta): Promise<Pieces> {
  const now = context.host.clock.now();
  const key = `table row ${kind.form.apiVersion}`;
  const carried = (object: CachedObject): Buffer => (included === 'None' ? NOTHING : included === 'Object' ? bytesOf(kind, object) : partialBytes(object, 'meta.k8s.io/v1'));
  const rows: Buffer[] = [];
  let length = 0;
  const items = await inTurns(objects, key, (object) => {
    const open = object.encoded(key, () => openRow(make, object, now));
    const item = carried(object);
    const text = open.length > 0 ? withAges(open.toString(), now) : rowText(make, object, now).slice(0, -CARRIES_NOTHING.length);
    const row = Buffer.from(rows.length === 0 ? text : `},${text}`);
    rows.push(row);
    length += row.length + item.length;
    return item;
  }, context.host.turn);
  // An empty table has all but the rows, and "[]" at its end.
  const head = Buffer.from(escaped(JSON.stringify(make([], { listMeta }))).slice(0, -']}'.length));
  const tail = items.length === 0 ? EMPTY_TAIL : TAIL;
  return new Pieces({ head, tail, items, skipped: 0, length: head.length + length + tail.length, before: (i) => rows[i]! });
}

const NOTHING = Buffer.from('null');
const TAIL = Buffer.from('}]}\n');
const EMPTY_TAIL = Buffer.from(']}\n');

/** What rows of a custom resource carry has the members' order of its other answers. */
function carriedOf(kind: Kind, included: Included, objects: readonly CachedObject[]): Partial<TableOptions> {
  if (kind.custom === undefined || included === 'None') return {};
  return { carried: (i) => parseExactly((included === 'Object' ? bytesOf(kind, objects[i]!) : partialBytes(objects[i]!, 'meta.k8s.io/v1')).toString()) as Record<string, unknown> };
}

/** A bookmark is a table with one row, of an empty object. */
function bookmarkTable(context: RegistryContext, kind: Kind, included: Included, options: Partial<TableOptions>, revision: number, initialEnd: boolean): object {
  const { resource } = kind;
  const object = bookmarkOf(resource.kind, kind.form.apiVersion, revision, initialEnd, kind.custom === undefined ? resource.schema : undefined).object as KubeObject;
  const empty = kind.custom === undefined ? decodeObject<KubeObject>(resource.schema, { metadata: object.metadata }).object : object;
  // That the state ends here is told even where rows carry nothing.
  const whole = included === 'Object' ? object : { kind: PARTIAL, apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
  const carried = (): Record<string, unknown> | null => (included === 'None' && !initialEnd ? null : ({ ...whole }));
  return context.tableFor(resource, [empty], { now: context.host.clock.now(), listMeta: { resourceVersion: String(revision) }, carried, ...options });
}

function jsonTableEvents(kind: Kind, how: Negotiated, included: Included, table: MakeTable, mark: MakeMark, noHeaders: boolean): EventView {
  return {
    key: `table ${included} ${noHeaders} ${how.metaVersion} ${kind.form.apiVersion}`,
    frame: (type, object) => frameOf(type, Buffer.from(escaped(JSON.stringify(table([object], { noHeaders, listMeta: { resourceVersion: String(object.revision) } }))))),
    bookmark: (revision, initialEnd) => Buffer.from(`${escaped(JSON.stringify({ type: 'BOOKMARK', object: mark(revision, initialEnd, noHeaders) }))}\n`),
  };
}

/** Objects of a kind as tables. Throws StatusError 400 for a query that asks for what rows cannot carry. */
export function tableView(context: RegistryContext, kind: Kind, how: Negotiated, query: URLSearchParams): View {
  const included = includedBy(query);
  const columns = kind.custom === undefined ? {} : { customColumns: kind.custom.columns };
  const versioned = (made: object): object => (how.metaVersion === 'meta.k8s.io/v1' ? made : { ...made, apiVersion: how.metaVersion });
  const table: MakeTable = (objects, extra) => {
    const shown = objects.map((object) => objectIn(kind, object));
    return versioned(context.tableFor(kind.resource, shown, { now: context.host.clock.now(), includeObject: included, ...columns, ...carriedOf(kind, included, objects), ...extra }));
  };
  const mark: MakeMark = (revision, initialEnd, noHeaders) => versioned(bookmarkTable(context, kind, included, { noHeaders, ...columns }, revision, initialEnd));
  const events = (noHeaders: boolean): EventView => (how.format === 'cbor'
    ? cborTableEvents(how, (objects, meta) => table(objects, { noHeaders, listMeta: meta }), (revision, initialEnd) => mark(revision, initialEnd, noHeaders), `${included} ${noHeaders} ${kind.form.apiVersion}`)
    : jsonTableEvents(kind, how, included, table, mark, noHeaders));
  // What a custom resource shows can change while it does not: its definition says what.
  const joins = how.format === 'json' && !how.pretty && kind.custom === undefined;
  return {
    contentType: contentTypeFor(how),
    streamType: streamTypeFor(how),
    object: (object) => encodeValue(table([object], { listMeta: { resourceVersion: String(object.revision) } }), how),
    list: async (objects, listMeta) => {
      if (!joins) return encodeValue(table(objects, { listMeta }), how);
      const joined = await joinTable(context, kind, included, table, objects, listMeta);
      return joined.length > pieceBytes ? joined : joined.bytes();
    },
    events: events(true),
    firstEvents: events(false),
    error: how.format === 'cbor' ? cborError : errorFrame,
  };
}
