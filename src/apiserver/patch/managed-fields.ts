/** Who owns which field: `metadata.managedFields`, kept up by every write (KEP-555). */
import { setOwn } from '../../base/own.ts';
import type { ManagedFieldsEntry } from '../../api/meta/v1/types.ts';
import { compare, type Comparison } from './compare.ts';
import { difference, inFieldOrder, isEmptySet, isFieldSet, union, type FieldSet } from './field-set.ts';
import { escaped } from '../go-json.ts';
import { type Json, type JsonObject, type Shape } from './shape.ts';
import { reconciled } from './structured-merge.ts';

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

/** Sets that have been looked at: those that an object keeps from write to write are looked at once. */
const known = new WeakSet<object>();

function isKnownFieldSet(value: object): value is FieldSet {
  if (known.has(value)) return true;
  if (!isFieldSet(value)) return false;
  known.add(value);
  return true;
}

/** Entries whose fields are no set of fields are left out: clients may write them as they like. */
export function readOwners(entries: readonly ManagedFieldsEntry[] | undefined): Owner[] {
  return (entries ?? []).filter((entry) => entry.fieldsV1 === undefined || isKnownFieldSet(entry.fieldsV1)).map((entry) => ({
    writer: { manager: entry.manager ?? '', operation: entry.operation === 'Apply' ? 'Apply' : 'Update', apiVersion: entry.apiVersion ?? '', subresource: entry.subresource ?? '', time: entry.time ?? '' },
    fields: (entry.fieldsV1 ?? {}) as FieldSet,
  }));
}

/** Owners that a client names itself, all or none: undefined when there are none, or when one of the entries says nothing that could be read. */
export function readNamedOwners(entries: readonly ManagedFieldsEntry[] | undefined): Owner[] | undefined {
  if (entries === undefined || entries.length === 0) return undefined;
  const readable = entries.every(({ operation, apiVersion, fieldsType, fieldsV1 }) =>
    (operation === 'Apply' || operation === 'Update') && !!apiVersion && fieldsType === 'FieldsV1' && (fieldsV1 === undefined || isFieldSet(fieldsV1)));
  if (!readable) return undefined;
  // Of two entries of one manager the later one counts.
  const owners = readOwners(entries);
  return owners.filter((owner, i) => !owners.some((other, j) => j > i && sameOwner(other.writer, owner.writer)));
}

/** Owners whose fields are as the shape has them today; `shapes` names those of other versions, where anything is known of them. */
export function reconciledOwners(owners: readonly Owner[], shapes: (apiVersion: string) => Shape | undefined): Owner[] {
  return owners.map((owner) => {
    const shape = shapes(owner.writer.apiVersion);
    const fields = shape === undefined ? owner.fields : reconciled(shape, owner.fields);
    return fields === owner.fields ? owner : { ...owner, fields };
  });
}

/** What tells managers apart, as upstream writes it: their order goes by it. */
export function identityOf({ manager, operation, apiVersion, subresource }: Writer): string {
  return JSON.stringify({
    ...(manager === '' ? {} : { manager }), operation, ...(operation === 'Apply' || apiVersion === '' ? {} : { apiVersion }), ...(subresource === '' ? {} : { subresource }),
  });
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Who applies comes first, then who wrote first; the rest only makes the order certain. */
function inOrder(a: Writer, b: Writer): number {
  return compareTexts(a.operation, b.operation) || compareTexts(a.time, b.time) || compareTexts(a.manager, b.manager) || compareTexts(a.apiVersion, b.apiVersion) || compareTexts(a.subresource, b.subresource);
}

/** Sets that many objects share, in order, and their JSON as it is stored. */
const shared = new WeakMap<object, string>();

/** The JSON of a set that many objects share; undefined for any other. */
export const textOfShared = (fields: object | undefined): string | undefined => (fields === undefined ? undefined : shared.get(fields));

/** Puts a set in order that many objects will share. It must not change any more. */
export function inOrderForAll(fields: FieldSet): FieldSet {
  const set = inFieldOrder(fields);
  shared.set(set, escaped(JSON.stringify(set)));
  return set;
}

export function writeOwners(owners: readonly Owner[]): ManagedFieldsEntry[] {
  return owners.toSorted((a, b) => inOrder(a.writer, b.writer)).map(({ writer, fields }) => ({
    manager: writer.manager,
    operation: writer.operation,
    apiVersion: writer.apiVersion,
    ...(writer.time === '' ? {} : { time: writer.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: (shared.has(fields) ? fields : inFieldOrder(fields)) as unknown as Record<string, unknown>,
    ...(writer.subresource === '' ? {} : { subresource: writer.subresource }),
  })) as ManagedFieldsEntry[];
}

/** What of its metadata nobody can own. */
export const ignoredMetadata: ReadonlySet<string> = new Set(['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion']);

/** What of an object's metadata nobody can own. */
export const unownable = (metadata: Json | undefined): JsonObject => Object.fromEntries(Object.entries((metadata ?? {}) as JsonObject).filter(([key]) => ignoredMetadata.has(key)));

/** The object without what nobody can own. */
export function ownable(object: JsonObject): JsonObject {
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  if (metadata === undefined) return rest;
  // Copying what stays: an object that fields are deleted from is slow to read ever after.
  const owned: JsonObject = {};
  let any = false;
  for (const key of Object.keys(metadata as JsonObject)) {
    if (ignoredMetadata.has(key)) continue;
    setOwn(owned, key, (metadata as JsonObject)[key]!);
    any = true;
  }
  return any ? { metadata: owned, ...rest } : rest;
}

const byAge = (a: Owner, b: Owner): number => compareTexts(a.writer.time, b.writer.time) || compareTexts(identityOf(a.writer), identityOf(b.writer));

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

/**
 * Owners after a write that was no apply: the writer owns what it changed, nobody owns what is gone. `others`: the same change as other versions show it, for owners
 * who wrote in one of these; who wrote in a version that is in neither is forgotten.
 */
export function ownersAfterUpdate(shape: Shape, owners: readonly Owner[], before: JsonObject | undefined, after: JsonObject, writer: Writer, others?: ReadonlyMap<string, Comparison>): Owner[] {
  const comparison = changesOf(shape, before, after);
  if (others === undefined && isEmptySet(comparison.changed) && isEmptySet(comparison.removed)) return [...owners];
  return foldOld(transfer(owners, comparison, writer, others));
}

/** What changes from one state of an object to another, of what can be owned. */
export function changesOf(shape: Shape, before: JsonObject | undefined, after: JsonObject): Comparison {
  return compare(shape, before === undefined ? {} : ownable(before), ownable(after) as Json);
}

/** What is left of an owner's fields after a change: nobody else owns what has changed, nobody at all what is gone. */
export const leftOf = (fields: FieldSet, { changed, removed }: Comparison): FieldSet => {
  const kept = isEmptySet(changed) ? fields : difference(fields, changed);
  return isEmptySet(removed) ? kept : difference(kept, removed);
};

function transfer(owners: readonly Owner[], comparison: Comparison, writer: Writer, others: ReadonlyMap<string, Comparison> | undefined): Owner[] {
  const out: Owner[] = [];
  let own: Owner | undefined;
  for (const owner of owners) {
    const there = owner.writer.apiVersion === writer.apiVersion || others === undefined ? comparison : others.get(owner.writer.apiVersion);
    if (there === undefined) continue;
    if (sameOwner(owner.writer, writer)) own = { writer: owner.writer, fields: isEmptySet(there.removed) ? owner.fields : difference(owner.fields, there.removed) };
    else {
      const left = leftOf(owner.fields, there);
      if (!isEmptySet(left)) out.push({ writer: owner.writer, fields: left });
    }
  }
  const { changed } = comparison;
  const fields = union(own?.fields ?? {}, changed);
  if (isEmptySet(fields)) return out;
  return [...out, { writer: isEmptySet(changed) && own ? own.writer : writer, fields }];
}

export { sameOwner };
