/**
 * `managedFields` after a write: each manager's fields are those of the version in which it wrote. What a write changes is therefore looked at in every version that
 * somebody's fields are of, the request's own and others.
 */
import { sameJson } from '../../api/apiextensions/schema/index.ts';
import { convert } from '../../api/convert.ts';
import { decodeObject } from '../../api/decode.ts';
import { apiVersionOf } from '../../api/meta/resource.ts';
import { groupVersionOf } from '../../api/meta/objects.ts';
import type { KubeObject, ObjectMeta } from '../../api/meta/v1/types.ts';
import { formatTime } from '../../api/meta/time.ts';
import { resourceForKind } from '../../api/resources.ts';
import { changesOf, fieldsOfNew, isEmptySet, ownable, ownersAfterUpdate, readNamedOwners, readOwners, shapeOfType, writeOwners, type Answer, type Comparison, type JsonObject, type Owner, type Question, type Shape, type Writer } from '../patch/index.ts';
import type { Call } from './context.ts';

import type { WriteOptions } from './options.ts';
import { noteScaled } from './scaled-owners.ts';

const asJson = (object: KubeObject): JsonObject => object as unknown as JsonObject;

/** What has changed, as versions show it, by apiVersion. */
type Comparisons = ReadonlyMap<string, Comparison>;

/** Without what this write cannot touch: status on writes of the object, everything else on writes of /status. */
function withoutForeign(object: KubeObject, subresource: string, hasStatus: boolean): JsonObject {
  const whole = object as unknown as JsonObject;
  if (subresource === '' && hasStatus) {
    const { status: _status, ...rest } = whole;
    return rest;
  }
  if (subresource === 'status') {
    const { metadata, status } = whole;
    return status === undefined ? { metadata: metadata! } : { metadata: metadata!, status };
  }
  return whole;
}

/** What this write can touch: of a status also no metadata that its kind keeps. */
export function touched({ kind: { custom, hasStatus, strategy }, subresource }: Call, object: KubeObject): JsonObject {
  const rest = withoutForeign(object, subresource, hasStatus);
  const kept = custom === undefined ? strategy.statusKeeps : 'all';
  if (kept === undefined || subresource !== 'status') return rest;
  const { metadata, ...status } = rest;
  return kept === 'all' ? status : { ...status, metadata: Object.fromEntries(Object.entries(metadata as JsonObject).filter(([field]) => !kept.includes(field as keyof ObjectMeta))) };
}

/** The request's version of a built-in object, and how its fields are merged. */
function requested(call: Call, object: KubeObject): KubeObject {
  const { custom, resource, stored } = call.kind;
  return custom !== undefined || resource === stored ? object : convert(object, resource);
}

function requestedShape({ kind: { custom, resource } }: Call): Shape {
  return custom === undefined ? shapeOfType(resource.schema) : custom.shape();
}

/** What changes between two states of an object in the versions that owners wrote in and the request did not: nothing for versions that are no more. Undefined: all wrote in the request's version. */
function comparisonsIn(call: Call, owners: readonly Owner[], before: KubeObject, after: KubeObject): Comparisons | Promise<Comparisons> | undefined {
  const own = apiVersionOf(call.kind.resource);
  const versions = new Set(owners.map(({ writer }) => writer.apiVersion).filter((version) => version !== own));
  if (versions.size === 0) return undefined;
  const strip = (value: JsonObject): JsonObject => touched(call, value as unknown as KubeObject);
  const found = new Map<string, Comparison>();
  const note = (version: string, answer: Answer): void => {
    if (answer !== undefined) found.set(version, changesOf(answer.shape, strip(answer.objects[0]!), strip(answer.objects[1]!)));
  };
  const waiting: Promise<void>[] = [];
  for (const to of versions) {
    const answer = otherVersions(call)({ objects: [before, after] as unknown as JsonObject[], from: own, to });
    if (answer instanceof Promise) waiting.push(answer.then((got) => note(to, got)));
    else note(to, answer);
  }
  return waiting.length === 0 ? found : Promise.all(waiting).then(() => found);
}

/** How objects of the request's kind become those of other versions, and how these merge. */
export function otherVersions({ kind: { custom, resource } }: Call): (question: Question) => Answer | Promise<Answer> {
  if (custom !== undefined) return ({ objects, to }) => custom.inVersion(objects as unknown as KubeObject[], to) as Answer | Promise<Answer>;
  return ({ objects, from, to }) => {
    const [old, other] = [from, to].map((version) => resourceForKind(groupVersionOf(version).group, groupVersionOf(version).version, resource.kind));
    if (old === undefined || other === undefined) return undefined;
    const converted = objects.map((object) => convert({ ...decodeObject<KubeObject & Record<string, unknown>>(old.schema, object).object, kind: old.kind, apiVersion: from }, other));
    return { objects: converted as unknown as JsonObject[], shape: shapeOfType(other.schema) };
  };
}

/** When a write is said to have been: of scales upstream says nothing. */
export const writeTime = ({ context, subresource }: Call): string => (subresource === 'scale' ? '' : formatTime(context.host.clock.now()));

/** Who makes an object owns all that can be owned of it. Undefined: that has to be worked out in another version, or by a schema of a user's. */
function ownersOfNew({ kind: { custom, resource, stored, hasStatus }, subresource }: Call, object: KubeObject, writer: Writer): Owner[] | undefined {
  if (custom !== undefined || resource !== stored || subresource !== '') return undefined;
  const shape = shapeOfType(resource.schema);
  if (shape.kind !== 'struct') return undefined;
  const fields = fieldsOfNew(shape, object as unknown as JsonObject, !hasStatus);
  return isEmptySet(fields) ? [] : [{ writer, fields }];
}

/** Brings `managedFields` up to date after a write that is no apply. A promise where another version must be asked for elsewhere. */
export function noteOwners(call: Call, object: KubeObject, old: KubeObject | undefined, options: WriteOptions): Promise<void> | undefined {
  const named = call.subresource === '' ? object.metadata.managedFields : undefined;
  // An empty list of one empty entry is how a client asks to forget all owners.
  const reset = named?.length === 1 && (named[0]!.manager ?? '') === '' && named[0]!.fieldsV1 === undefined;
  const owners = reset ? [] : (readNamedOwners(named) ?? readOwners(old?.metadata.managedFields));
  const { resource } = call.kind;
  // Whose owners nobody keeps, has none until somebody applies it.
  if (old !== undefined && owners.length === 0) return void delete object.metadata.managedFields;
  const writer = { manager: options.fieldManager, operation: 'Update', apiVersion: apiVersionOf(resource), subresource: call.subresource, time: writeTime(call) } as const;
  if (call.subresource === 'scale') return void noteScaled(call.kind, object, old!, writer, !sameJson(ownable(asJson(old!)), ownable(asJson(object))));
  const strip = (value: KubeObject): JsonObject => touched(call, requested(call, value));
  const note = (others: Comparisons | undefined): void => {
    const after = (old === undefined && owners.length === 0 ? ownersOfNew(call, object, writer) : undefined) ?? ownersAfterUpdate(requestedShape(call), owners, old && strip(old), strip(object), writer, others);
    const entries = writeOwners(after);
    if (entries.length === 0) delete object.metadata.managedFields;
    else object.metadata.managedFields = entries;
  };
  const others = reset || old === undefined ? undefined : comparisonsIn(call, owners, old, object);
  if (others instanceof Promise) return others.then(note);
  note(others);
  return undefined;
}
