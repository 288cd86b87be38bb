/** Which of a cache's objects have which value of a label or of a field, so that a list of few need not look at all. */
import { own } from '../../base/own.ts';
import type { LabelRequirement } from '../../api/meta/selectors.ts';
import type { CachedObject } from './object.ts';
import type { Selection } from './watcher.ts';

/** Labels that one resource is indexed by, at most. */
export const LABEL_INDEXES_LIMIT = 8;
/** An index that none of so many lists by label has used makes room for another. */
export const LABEL_INDEX_IDLE_LISTS = 1_000;
/** Where there are fewer objects, looking at all of them is as fast. */
export const INDEX_MINIMUM_OBJECTS = 200;
/** An index does not help when it leaves more than one object in so many. */
const WORTHWHILE_SHARE = 4;

type ValueOf = (object: CachedObject) => string | undefined;

/** Keys of objects by one value that they have. */
class ValueIndex {
  readonly #valueOf: ValueOf;
  readonly #keys = new Map<string, Set<string>>();
  lastUsed = 0;

  constructor(valueOf: ValueOf, objects: Iterable<CachedObject>) {
    this.#valueOf = valueOf;
    for (const object of objects) this.#add(object);
  }

  keys(value: string): ReadonlySet<string> {
    return this.#keys.get(value) ?? NO_KEYS;
  }

  change(previous: CachedObject | undefined, object: CachedObject | undefined): void {
    if (previous !== undefined) this.#remove(previous);
    if (object !== undefined) this.#add(object);
  }

  #add(object: CachedObject): void {
    const value = this.#valueOf(object);
    if (value === undefined) return;
    const keys = this.#keys.get(value);
    if (keys) keys.add(object.key);
    else this.#keys.set(value, new Set([object.key]));
  }

  #remove(object: CachedObject): void {
    const value = this.#valueOf(object);
    const keys = value === undefined ? undefined : this.#keys.get(value);
    keys?.delete(object.key);
    if (keys?.size === 0) this.#keys.delete(value!);
  }
}

const NO_KEYS: ReadonlySet<string> = new Set();

/** Whether a requirement leaves objects with one value only. */
const isExact = ({ operator, values }: LabelRequirement): boolean => (operator === '=' || operator === '==' || operator === 'in') && values.length === 1;

/** The indexes of one cache. Each is made when a list first asks for it, and kept up to date from then on. */
export class CacheIndexes {
  readonly #objects: ReadonlyMap<string, CachedObject>;
  readonly #field: string | undefined;
  #byField: ValueIndex | undefined;
  readonly #byLabel = new Map<string, ValueIndex>();
  /** Lists by label so far. */
  #lists = 0;

  /** `field`: a selectable field that lists and watches are often narrowed by. */
  constructor(objects: ReadonlyMap<string, CachedObject>, field: string | undefined) {
    this.#objects = objects;
    this.#field = field;
  }

  /** Keys of all objects that can be among the selected, in no order. Undefined: no index tells, or it would tell little. */
  candidates({ fields, labels }: Selection): ReadonlySet<string> | undefined {
    const value = this.#field === undefined ? undefined : fields?.exact(this.#field);
    if (value !== undefined) {
      this.#byField ??= new ValueIndex((object) => object.facts.fields[this.#field!] ?? '', this.#objects.values());
      return this.#byField.keys(value);
    }
    if (labels === undefined || this.#objects.size < INDEX_MINIMUM_OBJECTS) return undefined;
    this.#lists += 1;
    let fewest: ReadonlySet<string> | undefined;
    for (const requirement of labels.requirements) {
      const keys = isExact(requirement) ? this.#labelled(requirement.key)?.keys(requirement.values[0]!) : undefined;
      if (keys !== undefined && (fewest === undefined || keys.size < fewest.size)) fewest = keys;
    }
    return fewest !== undefined && fewest.size * WORTHWHILE_SHARE <= this.#objects.size ? fewest : undefined;
  }

  /** The index of a label; undefined while there is no room for it. */
  #labelled(label: string): ValueIndex | undefined {
    let index = this.#byLabel.get(label);
    if (index === undefined) {
      if (this.#byLabel.size >= LABEL_INDEXES_LIMIT && !this.#makeRoom()) return undefined;
      index = new ValueIndex(({ facts: { labels } }) => own(labels, label), this.#objects.values());
      this.#byLabel.set(label, index);
    }
    index.lastUsed = this.#lists;
    return index;
  }

  #makeRoom(): boolean {
    for (const [label, { lastUsed }] of this.#byLabel) if (this.#lists - lastUsed > LABEL_INDEX_IDLE_LISTS) return this.#byLabel.delete(label);
    return false;
  }

  /** Takes a change of an object: what it was before, and what it is now. */
  change(previous: CachedObject | undefined, object: CachedObject | undefined): void {
    this.#byField?.change(previous, object);
    if (this.#byLabel.size > 0) for (const index of this.#byLabel.values()) index.change(previous, object);
  }
}
