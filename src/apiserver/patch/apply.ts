/** Server-side apply: a manager declares the fields that it wants, and owns them (KEP-555). */
import { failure } from '../../api/meta/status.ts';
import type { ManagedFieldsEntry, StatusCause } from '../../api/meta/v1/types.ts';
import { checkDuplicates } from './duplicates.ts';
import { compare, difference, fieldSetOf, intersection, isEmptySet, pathsOf, pathText, same, union, withinOrBelow, type Comparison, type FieldSet } from './field-set.ts';
import { ownable, readOwners, sameOwner, writeOwners, type Owner, type Writer } from './managed-fields.ts';
import { prune, structuredMerge } from './structured-merge.ts';
import type { Json, JsonObject, Shape } from './shape.ts';

export interface ApplyRequest {
  shape: Shape;
  /** The object as it is, with its managedFields; undefined when it is to be created. */
  live: JsonObject | undefined;
  /** What the manager wants: defaults not filled in. */
  applied: JsonObject;
  writer: Writer;
  force: boolean;
  /** What this apply changes as other versions show it, by apiVersion: for owners who wrote in one of these. */
  others?: ReadonlyMap<string, Comparison> | undefined;
}

export interface Applied {
  object: JsonObject;
  managedFields: ManagedFieldsEntry[];
  /** False when neither the object nor anybody's ownership changed. */
  changed: boolean;
}

/** Fields of objects that were made before anybody tracked them belong to this manager. */
const beforeFirstApply = 'before-first-apply';

function managerWords(writer: Writer): string {
  const subresource = writer.subresource === '' ? '' : ` with subresource "${writer.subresource}"`;
  if (writer.operation === 'Apply') return `"${writer.manager}"${subresource}`;
  return `"${writer.manager}"${subresource} using ${writer.apiVersion}`;
}

function conflictError(conflicts: readonly { owner: Owner; fields: FieldSet }[]): Error {
  const causes: StatusCause[] = conflicts.flatMap(({ owner, fields }) =>
    pathsOf(fields).map((path) => ({ reason: 'FieldManagerConflict', message: `conflict with ${managerWords(owner.writer)}`, field: pathText(path) })));
  if (causes.length === 1) return failure(409, 'Conflict', `Apply failed with 1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`, { causes });
  const lines = conflicts.flatMap(({ owner, fields }) => [`conflicts with ${managerWords(owner.writer)}:`, ...pathsOf(fields).map((path) => `- ${pathText(path)}`)]);
  return failure(409, 'Conflict', `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, { causes });
}

function liveOwners(request: ApplyRequest): Owner[] {
  const { live, shape, writer } = request;
  if (!live) return [];
  const owners = readOwners((live['metadata'] as { managedFields?: ManagedFieldsEntry[] } | undefined)?.managedFields);
  if (owners.length > 0) return owners;
  const fields = fieldSetOf(shape, ownable(live));
  return isEmptySet(fields) ? [] : [{ writer: { ...writer, manager: beforeFirstApply, operation: 'Update', subresource: '' }, fields }];
}

/** `default/web; apps/v1, Kind=Deployment`. */
function nameOf(applied: JsonObject, writer: Writer): string {
  const { namespace = '', name = '' } = (applied['metadata'] ?? {}) as { namespace?: string; name?: string };
  return `${namespace}/${name}; ${writer.apiVersion}, Kind=${String(applied['kind'] ?? '')}`;
}

/** Applies. Throws StatusError 409 with a cause a field when others own what would change, unless forced. */
export function apply(request: ApplyRequest): Applied {
  const { shape, live, applied, writer, force } = request;
  checkDuplicates(shape, ownable(applied), nameOf(applied, writer));
  const owners = liveOwners(request);
  const mine = owners.find((owner) => sameOwner(owner.writer, writer));
  const others = owners.filter((owner) => owner !== mine);
  const wanted = fieldSetOf(shape, ownable(applied));
  const { managedFields: _managedFields, ...appliedMetadata } = (applied['metadata'] ?? {}) as JsonObject;
  const merged = structuredClone(structuredMerge(shape, live ?? {}, { ...applied, metadata: appliedMetadata } as Json)) as JsonObject;
  if (mine) {
    const together = (owners: readonly Owner[]): FieldSet => owners.reduce<FieldSet>((all, owner) => union(all, owner.fields), {});
    prune(shape, merged, { last: mine.fields, now: wanted, others: together(others), appliers: together(others.filter((owner) => owner.writer.operation === 'Apply')) });
  }
  const before = live ? ownable(live) : {};
  const after = ownable(merged);
  const comparison = compare(shape, before, after as Json);
  const changesFor = (owner: Owner): Comparison => request.others?.get(owner.writer.apiVersion) ?? comparison;
  const conflicts = others.map((owner) => ({ owner, fields: intersection(owner.fields, changesFor(owner).changed) })).filter(({ fields }) => !isEmptySet(fields));
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  const kept = others
    .map((owner) => {
      const { changed, removed } = changesFor(owner);
      return { writer: owner.writer, fields: difference(difference(difference(owner.fields, changed), withinOrBelow(owner.fields, removed)), removed) };
    })
    .filter((owner) => !isEmptySet(owner.fields));
  const sameFields = same((mine?.fields ?? {}) as Json, wanted as Json);
  const unchanged = live !== undefined && sameFields && same(before, after as Json) && kept.length === others.length;
  const own: Owner[] = isEmptySet(wanted) ? [] : [{ writer: mine && unchanged ? mine.writer : writer, fields: wanted }];
  return { object: merged, managedFields: writeOwners([...kept.filter((o) => o.writer.operation === 'Apply'), ...own, ...kept.filter((o) => o.writer.operation !== 'Apply')]), changed: !unchanged };
}
