/** Server-side apply: a manager declares the fields that it wants, and owns them (KEP-555). */
import { failure } from '../../api/meta/status.ts';
import type { ManagedFieldsEntry, StatusCause } from '../../api/meta/v1/types.ts';
import { checkDuplicates } from './duplicates.ts';
import { compare, difference, fieldSetOf, intersection, isEmptySet, pathsOf, pathText, same, union, withinOrBelow, type Comparison, type FieldSet } from './field-set.ts';
import { ownable, readOwners, sameOwner, writeOwners, type Owner, type Writer } from './managed-fields.ts';
import { prune, structuredMerge } from './structured-merge.ts';
import { isObject, type Json, type JsonObject, type Shape } from './shape.ts';

export interface ApplyRequest {
  shape: Shape;
  /** The object as it is, with its managedFields; undefined when it is to be created. */
  live: JsonObject | undefined;
  /** What the manager wants: defaults not filled in. */
  applied: JsonObject;
  writer: Writer;
  /** What errors call the applied object: `default/web; apps/v1, Kind=Deployment`. */
  place: string;
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

/** The manager that has applied in its own ways before. */
export const KUBECTL = 'kubectl';
/** Where it noted what it applied. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

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

/** Fields that kubectl has set before it applied at the server, and that are as it left them: it may go on with these as its own. */
function lastApplied({ shape, live, writer }: ApplyRequest): FieldSet {
  const { annotations = {} } = (live?.['metadata'] ?? {}) as { annotations?: Record<string, string> };
  let last: Json;
  try {
    last = JSON.parse(annotations[LAST_APPLIED] ?? '') as Json;
  } catch {
    return {};
  }
  if (!isObject(last) || last['apiVersion'] !== writer.apiVersion) return {};
  const { changed, removed } = compare(shape, ownable(last), ownable(live!));
  return difference(difference(fieldSetOf(shape, ownable(last)), changed), removed);
}

/** Applies. Throws StatusError 409 with a cause a field when others own what would change, unless forced. */
export function apply(request: ApplyRequest): Applied {
  const { shape, live, applied, writer, force } = request;
  checkDuplicates(shape, ownable(applied), request.place);
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
  const expected = writer.manager === KUBECTL ? lastApplied(request) : {};
  const conflicts = others
    .map((owner) => ({ owner, fields: difference(intersection(owner.fields, changesFor(owner).changed), expected) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  const kept = others
    .map((owner) => {
      const { changed, removed } = changesFor(owner);
      return { writer: owner.writer, fields: difference(difference(difference(owner.fields, changed), withinOrBelow(owner.fields, removed)), removed) };
    })
    .filter((owner) => !isEmptySet(owner.fields));
  const sameFields = same((mine?.fields ?? {}) as Json, wanted as Json);
  const sameObject = live !== undefined && same(before, after as Json);
  const unchanged = sameFields && sameObject && kept.length === others.length;
  // Who only joins the owners of what is there has done nothing at any time.
  const time = (sameObject ? '' : writer.time) || (mine?.writer.time ?? '');
  const own: Owner[] = isEmptySet(wanted) ? [] : [{ writer: mine && unchanged ? mine.writer : { ...writer, time }, fields: wanted }];
  return { object: merged, managedFields: writeOwners([...kept.filter((o) => o.writer.operation === 'Apply'), ...own, ...kept.filter((o) => o.writer.operation !== 'Apply')]), changed: !unchanged };
}
