/** Who owns which field: `metadata.managedFields`, kept up by every write (KEP-555). */
import type { ManagedFieldsEntry } from '../../api/meta/v1/types.ts';
import { compare, difference, inFieldOrder, isEmptySet, isFieldSet, union, withinOrBelow, type Comparison, type FieldSet } from './field-set.ts';
import { put, type Json, type JsonObject, type Shape } from './shape.ts';

/** Managers with operation Update that an object remembers at most; older ones are folded into one (as upstream). */
export const updateManagersLimit = 10;
const foldedManager = 'ancient-changes';

export interface Writer {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource: string;
  /** RFC 3339, whole seconds. */
  time: string;
}

export interface Owner {
  writer: Writer;
  fields: FieldSet;
}

/** Who applies is the same manager whatever version it writes in; updates are told apart by version. */
const sameOwner = (a: Writer, b: Writer): boolean =>
  a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource && (a.operation === 'Apply' || a.apiVersion === b.apiVersion);

/** Entries whose fields are no set of fields are left out: clients may write them as they like. */
export function readOwners(entries: readonly ManagedFieldsEntry[] | undefined): Owner[] {
  return (entries ?? []).filter((entry) => entry.fieldsV1 === undefined || isFieldSet(entry.fieldsV1)).map((entry) => ({
    writer: { manager: entry.manager ?? '', operation: entry.operation === 'Apply' ? 'Apply' : 'Update', apiVersion: entry.apiVersion ?? '', subresource: entry.subresource ?? '', time: entry.time ?? '' },
    fields: (entry.fieldsV1 ?? {}) as FieldSet,
  }));
}

/** Owners that a client names itself, all or none: undefined when there are none, or when one of the entries says nothing that could be read. */
export function readNamedOwners(entries: readonly ManagedFieldsEntry[] | undefined): Owner[] | undefined {
  if (entries === undefined || entries.length === 0) return undefined;
  const readable = entries.every(({ operation, apiVersion, fieldsType, fieldsV1 }) =>
    (operation === 'Apply' || operation === 'Update') && !!apiVersion && fieldsType === 'FieldsV1' && (fieldsV1 === undefined || isFieldSet(fieldsV1)));
  return readable ? readOwners(entries) : undefined;
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Who applies comes first, then who wrote first; the rest only makes the order certain. */
function inOrder(a: Writer, b: Writer): number {
  return compareTexts(a.operation, b.operation) || compareTexts(a.time, b.time) || compareTexts(a.manager, b.manager) || compareTexts(a.apiVersion, b.apiVersion) || compareTexts(a.subresource, b.subresource);
}

export function writeOwners(owners: readonly Owner[]): ManagedFieldsEntry[] {
  return owners.toSorted((a, b) => inOrder(a.writer, b.writer)).map(({ writer, fields }) => ({
    manager: writer.manager,
    operation: writer.operation,
    apiVersion: writer.apiVersion,
    ...(writer.time === '' ? {} : { time: writer.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: inFieldOrder(fields) as unknown as Record<string, unknown>,
    ...(writer.subresource === '' ? {} : { subresource: writer.subresource }),
  })) as ManagedFieldsEntry[];
}

const ignoredMetadata: ReadonlySet<string> = new Set(['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion']);

/** The object without what nobody can own. */
export function ownable(object: JsonObject): JsonObject {
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  if (metadata === undefined) return rest;
  // Copying what stays: an object that fields are deleted from is slow to read ever after.
  const owned: JsonObject = {};
  let any = false;
  for (const key of Object.keys(metadata as JsonObject)) {
    if (ignoredMetadata.has(key)) continue;
    put(owned, key, (metadata as JsonObject)[key]!);
    any = true;
  }
  return any ? { metadata: owned, ...rest } : rest;
}

const byAge = (a: Owner, b: Owner): number =>
  compareTexts(a.writer.time, b.writer.time) || compareTexts(a.writer.manager, b.writer.manager) || compareTexts(a.writer.apiVersion, b.writer.apiVersion) || compareTexts(a.writer.subresource, b.writer.subresource);

/** The oldest updates, as many as are too many, become one entry for each version that they were written in. */
function foldOld(owners: Owner[]): Owner[] {
  const updates = owners.filter((owner) => owner.writer.operation === 'Update');
  let count = updates.length;
  if (count <= updateManagersLimit) return owners;
  const gone = new Set<Owner>();
  const folded = new Map<string, { first: Owner; fold: Owner | undefined }>();
  for (const owner of updates.sort(byAge)) {
    if (count <= updateManagersLimit) break;
    const { apiVersion, time } = owner.writer;
    const version = folded.get(apiVersion);
    if (version === undefined) {
      folded.set(apiVersion, { first: owner, fold: undefined });
      continue;
    }
    gone.add(version.first).add(owner);
    version.fold = { writer: { manager: foldedManager, operation: 'Update', apiVersion, subresource: '', time }, fields: union((version.fold ?? version.first).fields, owner.fields) };
    count--;
  }
  return [...owners.filter((owner) => !gone.has(owner)), ...[...folded.values()].flatMap(({ fold }) => fold ?? [])];
}

/** Owners after a write that was no apply: the writer owns what it changed, nobody owns what is gone. */
export function ownersAfterUpdate(shape: Shape, owners: readonly Owner[], before: JsonObject | undefined, after: JsonObject, writer: Writer, others?: ReadonlyMap<string, Comparison>): Owner[] {
  const comparison = changesOf(shape, before, after);
  if (isEmptySet(comparison.changed) && isEmptySet(comparison.removed)) return [...owners];
  return foldOld(transfer(owners, comparison, writer, others));
}

/** What changes from one state of an object to another, of what can be owned. */
export function changesOf(shape: Shape, before: JsonObject | undefined, after: JsonObject): Comparison {
  return compare(shape, before === undefined ? {} : ownable(before), ownable(after) as Json);
}

/** `others`: the same change as other versions show it; fields of owners who wrote in one of these are named as that version names them. */
function transfer(owners: readonly Owner[], comparison: Comparison, writer: Writer, others: ReadonlyMap<string, Comparison> | undefined): Owner[] {
  const out: Owner[] = [];
  let own: Owner | undefined;
  for (const owner of owners) {
    const { changed, removed } = others?.get(owner.writer.apiVersion) ?? comparison;
    const kept = difference(difference(owner.fields, withinOrBelow(owner.fields, removed)), removed);
    if (sameOwner(owner.writer, writer)) own = { writer: owner.writer, fields: kept };
    else {
      const left = difference(kept, changed);
      if (!isEmptySet(left)) out.push({ writer: owner.writer, fields: left });
    }
  }
  const { changed } = comparison;
  const fields = union(own?.fields ?? {}, changed);
  if (isEmptySet(fields)) return out;
  return [...out, { writer: isEmptySet(changed) && own ? own.writer : writer, fields }];
}

export { sameOwner };
