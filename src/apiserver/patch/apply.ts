/** Server-side apply: a manager declares the fields that it wants, and owns them (KEP-555). */
import { failure } from '../../api/meta/status.ts';
import { quote } from '../../api/meta/quote.ts';
import type { ManagedFieldsEntry, StatusCause } from '../../api/meta/v1/types.ts';
import { compare, same, type Comparison } from './compare.ts';
import { checkApplied } from './duplicates.ts';
import { difference, fieldSetOf, intersection, isEmptySet, isWithin, pathsOf, pathText, sameMembers, union, withNamedFields, type FieldSet } from './field-set.ts';
import { changesOf, identityOf, leftOf, ownable, readOwners, reconciledOwners, sameOwner, unownable, writeOwners, type Owner, type Writer } from './managed-fields.ts';
import { structuredMerge, withoutItems } from './structured-merge.ts';
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
  /** The part of an object that this request can change; without it, all of it. */
  part?: (object: JsonObject) => JsonObject;
  /** What conflicts call the field at the end of a path, where that is not its place in the object (scales). */
  fieldName?: (path: readonly string[]) => string;
  /** Whether types may have changed since owners wrote (custom resources). */
  typesChange?: boolean;
}

/** What an apply must know of other versions: the objects, which are of one version, in another one. */
export interface Question {
  objects: readonly JsonObject[];
  from: string;
  to: string;
}

/** The objects in the version that was asked for, and how that one merges. Undefined: there is no such version. */
export type Answer = { objects: readonly JsonObject[]; shape: Shape } | undefined;

export type Steps<T> = Generator<Question, T, Answer>;

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
  const subresource = writer.subresource === '' ? '' : ` with subresource ${quote(writer.subresource)}`;
  if (writer.operation === 'Apply') return `${quote(writer.manager)}${subresource}`;
  return `${quote(writer.manager)}${subresource} using ${writer.apiVersion}`;
}

interface Dispute {
  owner: Owner;
  fields: FieldSet;
}

function conflictError(conflicts: readonly Dispute[], nameOf: (path: readonly string[]) => string): Error {
  const sorted = conflicts.map((conflict) => ({ ...conflict, identity: identityOf(conflict.owner.writer) })).sort((a, b) => (a.identity < b.identity ? -1 : 1));
  const causes: StatusCause[] = sorted.flatMap(({ owner, fields }) =>
    pathsOf(fields).map((path) => ({ reason: 'FieldManagerConflict', message: `conflict with ${managerWords(owner.writer)}`, field: nameOf(path) })));
  if (causes.length === 1) return failure(409, 'Conflict', `Apply failed with 1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`, { causes });
  const lines = sorted.flatMap(({ owner, fields }) => [`conflicts with ${managerWords(owner.writer)}:`, ...pathsOf(fields).map((path) => `- ${nameOf(path)}`)]);
  return failure(409, 'Conflict', `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, { causes });
}

const whole = (object: JsonObject): JsonObject => object;

/** Who owns what before. All that is there and that nobody is said to own belongs to somebody of old. */
function* liveOwners({ live, shape, writer, part = whole, typesChange }: ApplyRequest): Steps<Owner[]> {
  if (!live) return [];
  const owners = readOwners((live['metadata'] as { managedFields?: ManagedFieldsEntry[] } | undefined)?.managedFields);
  if (owners.length === 0) {
    const { changed } = changesOf(shape, undefined, part(live));
    return isEmptySet(changed) ? [] : [{ writer: { ...writer, manager: beforeFirstApply, operation: 'Update' }, fields: changed }];
  }
  if (typesChange !== true) return owners;
  const shapes = new Map<string, Shape | undefined>([[writer.apiVersion, shape]]);
  for (const { apiVersion } of owners.map((owner) => owner.writer)) if (!shapes.has(apiVersion)) shapes.set(apiVersion, (yield { objects: [], from: writer.apiVersion, to: apiVersion })?.shape);
  return reconciledOwners(owners, (apiVersion) => shapes.get(apiVersion));
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

/** The same object in a version; undefined where there is no such version. */
function* inVersion(request: ApplyRequest, object: JsonObject, from: string, to: string): Steps<{ object: JsonObject; shape: Shape } | undefined> {
  if (from === to) {
    const shape = from === request.writer.apiVersion ? request.shape : (yield { objects: [], from, to })?.shape;
    return shape && { object, shape };
  }
  const answer = yield { objects: [object], from, to };
  return answer && { object: answer.objects[0]!, shape: answer.shape };
}

/** The object without the members of the set: what is left, though it be nothing. */
const objectWithout = (shape: Shape, object: JsonObject, set: FieldSet): JsonObject => (withoutItems(shape, object, set) ?? {}) as JsonObject;

const membersOf = (shape: Shape, object: Json): FieldSet => withNamedFields(shape, fieldSetOf(shape, object));

/** With what says which object it is: none can be converted without. */
function withIdentity(object: JsonObject, of: JsonObject): JsonObject {
  const identity = unownable(of['metadata']);
  return { ...object, metadata: { ...(object['metadata'] as JsonObject | undefined), ...identity } };
}

/** Takes out of the merged object what the manager owned before, applies no longer, and nobody else owns. */
function* pruned(request: ApplyRequest, merged: JsonObject, last: Owner, owners: readonly Owner[]): Steps<JsonObject> {
  const version = last.writer.apiVersion;
  const own = request.writer.apiVersion;
  const there = yield* inVersion(request, merged, own, version);
  if (there === undefined) return merged;
  const { shape } = there;
  const gone = withNamedFields(shape, last.fields);
  let left = withIdentity(objectWithout(shape, there.object, gone), there.object);
  const byVersion = new Map<string, FieldSet>([[version, {}]]);
  for (const { writer, fields } of owners) byVersion.set(writer.apiVersion, union(byVersion.get(writer.apiVersion) ?? {}, fields));
  let at = version;
  for (const [target, fields] of byVersion) {
    const all = yield* inVersion(request, there.object, version, target);
    const some = all && (yield* inVersion(request, left, at, target));
    if (all === undefined || some === undefined) continue;
    const lost = difference(membersOf(all.shape, all.object), union(membersOf(all.shape, some.object), withNamedFields(all.shape, fields)));
    left = objectWithout(all.shape, all.object, lost);
    at = target;
  }
  const back = yield* inVersion(request, left, at, version);
  if (back === undefined) return merged;
  const dangling = intersection(difference(membersOf(shape, there.object), membersOf(shape, back.object)), gone);
  const result = yield* inVersion(request, objectWithout(shape, there.object, dangling), version, own);
  return result?.object ?? merged;
}

/** What the apply changes for each of the others, as the version shows it in which they wrote. Who wrote in one that is no more is left out. */
function* changesFor(request: ApplyRequest, merged: JsonObject, owners: readonly Owner[], comparison: Comparison): Steps<{ owner: Owner; comparison: Comparison }[]> {
  const { live, writer: { apiVersion: own }, part = whole } = request;
  const known = new Map<string, Comparison | undefined>([[own, comparison]]);
  const out: { owner: Owner; comparison: Comparison }[] = [];
  for (const owner of owners) {
    const version = owner.writer.apiVersion;
    if (!known.has(version)) {
      const answer = yield { objects: [live!, merged], from: own, to: version };
      known.set(version, answer && compare(answer.shape, ownable(part(answer.objects[0]!)), ownable(part(answer.objects[1]!)), false));
    }
    const found = known.get(version);
    if (found !== undefined) out.push({ owner, comparison: found });
  }
  return out;
}

/** Applies, and asks about other versions where any must be known. Throws StatusError 409 with a cause a field when others own what would change, unless forced. */
export function* applySteps(request: ApplyRequest): Steps<Applied> {
  const { shape, live, applied, writer, force } = request;
  checkApplied(shape, ownable(applied), request.place);
  const owners = yield* liveOwners(request);
  const mine = owners.find((owner) => sameOwner(owner.writer, writer));
  const others = owners.filter((owner) => owner !== mine);
  const wanted = fieldSetOf(shape, ownable(applied));
  const { managedFields: _managedFields, ...appliedMetadata } = (applied['metadata'] ?? {}) as JsonObject;
  const configuration: JsonObject = { ...applied, metadata: appliedMetadata };
  let merged = structuredMerge(shape, live ?? {}, configuration) as JsonObject;
  if (mine && (mine.writer.apiVersion !== writer.apiVersion || !isWithin(mine.fields, wanted))) {
    merged = yield* pruned(request, merged, mine, [...others, { writer, fields: fieldSetOf(shape, configuration) }]);
  }
  merged = structuredClone(merged);
  const { part = whole } = request;
  const before = live ? ownable(part(live)) : {};
  const after = ownable(part(merged));
  const changes = yield* changesFor(request, merged, others, compare(shape, before, after as Json, false));
  settle(request, changes, force);
  const kept = changes.map(({ owner, comparison }) => ({ writer: owner.writer, fields: leftOf(owner.fields, comparison) })).filter((owner) => !isEmptySet(owner.fields));
  const sameObject = live !== undefined && same(before, after as Json);
  const sameOwn = mine === undefined ? isEmptySet(wanted) : mine.writer.apiVersion === writer.apiVersion && sameMembers(mine.fields, wanted);
  const unchanged = sameObject && sameOwn && kept.length === others.length;
  // Who only joins the owners of what is there has done nothing at any time.
  const time = (sameObject ? '' : writer.time) || (mine?.writer.time ?? '');
  const own: Owner[] = isEmptySet(wanted) ? [] : [{ writer: mine && unchanged ? mine.writer : { ...writer, time }, fields: wanted }];
  return { object: merged, managedFields: writeOwners([...kept, ...own]), changed: !unchanged };
}

/** Throws StatusError 409 when others own what would change. */
function settle(request: ApplyRequest, changes: readonly { owner: Owner; comparison: Comparison }[], force: boolean): void {
  if (force) return;
  const conflicts = changes.map(({ owner, comparison }) => ({ owner, fields: intersection(owner.fields, comparison.changed) })).filter(({ fields }) => !isEmptySet(fields));
  if (conflicts.length === 0) return;
  const expected = request.writer.manager === KUBECTL ? lastApplied(request) : {};
  const disputed = conflicts.map(({ owner, fields }) => ({ owner, fields: difference(fields, expected) })).filter(({ fields }) => !isEmptySet(fields));
  if (disputed.length > 0) throw conflictError(disputed, request.fieldName ?? pathText);
}

/** Applies where `convert` knows all versions at once; without it there is but the request's. */
export function apply(request: ApplyRequest, convert: (question: Question) => Answer = () => undefined): Applied {
  const steps = applySteps(request);
  let step = steps.next();
  while (step.done !== true) step = steps.next(convert(step.value));
  return step.value;
}

/** Applies where other versions may have to be asked for elsewhere. */
export async function applyAcross(request: ApplyRequest, convert: (question: Question) => Answer | Promise<Answer>): Promise<Applied> {
  const steps = applySteps(request);
  let step = steps.next();
  while (step.done !== true) {
    const answer = convert(step.value);
    step = steps.next(answer instanceof Promise ? await answer : answer);
  }
  return step.value;
}
