/**
 * Specs of pods that no rule objected to lately. Pods come from templates, hundreds of them alike; one that equals a spec which was looked at a moment ago in all that
 * the rules look at need not be looked at again. Only the name of the volume with the service account's token, which is drawn for each pod, may differ, and with it
 * those of its mounts: nothing else may speak of such a volume.
 */
import { setOwn } from '../../../../base/own.ts';
import { Recent } from '../../../../base/recent.ts';
import { inTypeOrder, keepInOrder } from '../../../order.ts';
import type { PodSpec } from '../types.ts';

/** How many are remembered, over all pods. */
export const KNOWN_SPECS_LIMIT = 16;

/** A spec that was found without fault. */
interface KnownSpec {
  /** A copy of its own; one that is shared is frozen, its members in the order in which they are written. */
  spec: Members;
  /** Whether there is nothing to warn of in it either; undefined: nobody has looked. */
  isPlain: boolean | undefined;
  /** Whether others may have its parts. */
  isShared: boolean;
}

type Members = Readonly<Record<string, unknown>>;

const SCHEMA = 'io.k8s.api.core.v1.PodSpec';

/** What the admission of service accounts calls the volume of a token. */
const TOKEN_VOLUME = /^kube-api-access-[a-z0-9]{5}$/;

/** What the token's volume is called here and there, once both are known. */
interface Renamed {
  known: string | undefined;
  now: string | undefined;
}

const known = new Recent<KnownSpec>(KNOWN_SPECS_LIMIT);
/** The spec that was found among them last, and what it was found to equal. */
let last: { spec: PodSpec; found: KnownSpec } | undefined;

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether two values are the same to the last member, absent ones included. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  return sameMembers(a as Members, b as Members, same);
}

/** Whether both have the same members. `sameMember` is told the name of each. */
function sameMembers(a: Members, b: Members, sameMember: (a: unknown, b: unknown, name: string) => boolean): boolean {
  let left = 0;
  for (const name in a) {
    left++;
    if (!sameMember(a[name], b[name], name) || (a[name] === undefined && !Object.hasOwn(b, name))) return false;
  }
  for (const _ in b) left--;
  return left === 0;
}

function sameItems(a: unknown, b: unknown, sameItem: (a: Members, b: Members) => boolean): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return a === b;
  for (let i = 0; i < a.length; i++) {
    const [item, other]: unknown[] = [a[i], b[i]];
    if (!isMembers(item) || !isMembers(other) || !sameItem(item, other)) return false;
  }
  return true;
}

/** The volumes are the same but for what the token's is called. No other may be called so. */
function sameVolumes(a: unknown, b: unknown, renamed: Renamed): boolean {
  const sameName = (volume: Members, name: unknown, other: unknown): boolean => {
    if (name === other) return true;
    // Other kinds of volumes may be spoken of by more than mounts.
    if (!isMembers(volume['projected']) || renamed.now !== undefined) return false;
    if (typeof name !== 'string' || typeof other !== 'string' || !TOKEN_VOLUME.test(name) || !TOKEN_VOLUME.test(other)) return false;
    renamed.known = name;
    renamed.now = other;
    return true;
  };
  if (!sameItems(a, b, (volume, other) => sameMembers(volume, other, (member, its, name) => (name === 'name' ? sameName(volume, member, its) : same(member, its))))) return false;
  if (renamed.now === undefined) return true;
  let times = 0;
  for (const volume of b as Members[]) if (volume['name'] === renamed.now || volume['name'] === renamed.known) times++;
  return times === 1;
}

/** The mounts are the same, of the volumes that are called the same or were found to be. */
function sameMounts(a: unknown, b: unknown, { known: was, now }: Renamed): boolean {
  const sameName = (name: unknown, other: unknown): boolean => (now !== undefined && (name === was || other === now) ? name === was && other === now : name === other);
  return sameItems(a, b, (mount, other) => sameMembers(mount, other, (member, its, name) => (name === 'name' ? sameName(member, its) : same(member, its))));
}

const CONTAINERS: ReadonlySet<string> = new Set(['containers', 'initContainers', 'ephemeralContainers']);

function sameSpec(a: Members, b: Members): boolean {
  const renamed: Renamed = { known: undefined, now: undefined };
  // First of all, since the mounts go by what is found here.
  if (!sameVolumes(a['volumes'], b['volumes'], renamed)) return false;
  return sameMembers(a, b, (member, other, name) => {
    if (name === 'volumes') return true;
    if (!CONTAINERS.has(name)) return same(member, other);
    return sameItems(member, other, (container, its) => sameMembers(container, its, (part, another, field) => (field === 'volumeMounts' ? sameMounts(part, another, renamed) : same(part, another))));
  });
}

function copied<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied) as T;
  const copy: Record<string, unknown> = {};
  for (const name in value) setOwn(copy, name, copied(value[name]));
  return copy as T;
}

/** Whether the rules of such a spec look at more than the spec: at the pod's name or labels. */
function looksFurther({ volumes, topologySpreadConstraints }: PodSpec): boolean {
  return topologySpreadConstraints !== undefined || volumes?.some((volume) => volume.ephemeral !== undefined) === true;
}

/** Whether the spec equals one that was found without fault. */
export function isKnownSpec(spec: PodSpec): boolean {
  const found = known.find((one) => sameSpec(one.spec, spec as unknown as Members));
  last = found === undefined ? undefined : { spec, found };
  return found !== undefined;
}

/** Notes that the rules of pods have found no fault in the spec. */
export function rememberSpec(spec: PodSpec): void {
  if (looksFurther(spec)) return;
  known.add(() => {
    const copy = copied(spec as unknown as Members);
    const ordered = inTypeOrder(SCHEMA, copy);
    // Nothing may be shared that is only written: null for what is not there.
    const isShared = same(ordered, copy);
    const found: KnownSpec = { spec: isShared ? keepInOrder(ordered) : copy, isPlain: undefined, isShared };
    last = { spec, found };
    return found;
  });
}

/** Whether there is nothing to warn of in the spec that was looked at last, where that is this one; `look` is asked once for all that equal it. */
export function isPlainSpec(spec: PodSpec, look: () => boolean): boolean {
  if (last?.spec !== spec) return look();
  return (last.found.isPlain ??= look());
}

/** Puts the members of `known` in place of those of an equal object, where they are objects themselves and `isOwn` does not say otherwise. */
function shareMembers(object: Members, known: Members, isOwn: (name: string) => boolean): void {
  for (const name in object) if (typeof object[name] === 'object' && !isOwn(name)) (object as Record<string, unknown>)[name] = known[name];
}

function shareItems(items: unknown, known: unknown, isOwn: (name: string) => boolean): void {
  for (const [i, item] of (items as Members[]).entries()) shareMembers(item, (known as Members[])[i]!, isOwn);
}

const isMounts = (name: string): boolean => name === 'volumeMounts';
const isNone = (): boolean => false;
const isList = (name: string): boolean => name === 'volumes' || CONTAINERS.has(name);

/**
 * Has the spec that was looked at last hold the parts of the one that it equals in place of its own: pods of one template take less memory then, and less work to freeze,
 * to put in order and to collect.
 */
export function shareKnownSpec(spec: PodSpec): void {
  if (last?.spec !== spec || !last.found.isShared) return;
  const object = spec as unknown as Members;
  const known = last.found.spec;
  shareMembers(object, known, isList);
  for (const name in object) if (isList(name) && Array.isArray(object[name])) shareItems(object[name], known[name], name === 'volumes' ? isNone : isMounts);
}
