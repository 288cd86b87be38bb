/** The local copy behind an informer: objects by key, and any number of indexes that follow every change. */
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Lister } from './types.ts';

interface Index<T> {
  valuesOf: (object: T) => string[];
  objects: Map<string, Map<string, T>>;
  /** Values that a key stands under now: an index function that changes its mind leaves nothing behind. */
  valuesByKey: Map<string, readonly string[]>;
}

const namespaceIndex = '';

export class IndexedStore<T extends KubeObject> implements Lister<T> {
  readonly #byKey = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();

  constructor() {
    this.#indexes.set(namespaceIndex, { valuesOf: (object) => (object.metadata.namespace ? [object.metadata.namespace] : []), objects: new Map(), valuesByKey: new Map() });
  }

  /**
   * Adds an index. The same name may be given again with the same function (several controllers share one informer);
   * another function under a taken name throws.
   */
  addIndex(name: string, valuesOf: (object: T) => string[]): void {
    const existing = this.#indexes.get(name);
    if (existing) {
      if (existing.valuesOf === valuesOf || String(existing.valuesOf) === String(valuesOf)) return;
      throw new Error(`index "${name}" is defined twice with different functions: prefix the name with the controller's`);
    }
    const index: Index<T> = { valuesOf, objects: new Map(), valuesByKey: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#byKey) insert(index, key, object);
  }

  get size(): number {
    return this.#byKey.size;
  }

  keys(): IterableIterator<string> {
    return this.#byKey.keys();
  }

  set(key: string, object: T): void {
    this.#byKey.set(key, object);
    for (const index of this.#indexes.values()) insert(index, key, object);
  }

  delete(key: string): void {
    this.#byKey.delete(key);
    for (const index of this.#indexes.values()) withdraw(index, key);
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#byKey.get(namespace ? `${namespace}/${name}` : name);
  }

  byKey(key: string): T | undefined {
    return this.#byKey.get(key);
  }

  list(namespace?: string): T[] {
    return namespace === undefined ? [...this.#byKey.values()] : this.byIndex(namespaceIndex, namespace);
  }

  byIndex(index: string, value: string): T[] {
    const found = this.#indexes.get(index);
    if (!found) throw new Error(`no index "${index}": add it before the informer starts`);
    const objects = found.objects.get(value);
    return objects ? [...objects.values()] : [];
  }
}

function insert<T>(index: Index<T>, key: string, object: T): void {
  const values = index.valuesOf(object);
  const before = index.valuesByKey.get(key);
  if (before) {
    for (const value of before) if (!values.includes(value)) remove(index, value, key);
  }
  if (values.length === 0) {
    if (before) index.valuesByKey.delete(key);
    return;
  }
  index.valuesByKey.set(key, values);
  for (const value of values) {
    let objects = index.objects.get(value);
    if (!objects) index.objects.set(value, (objects = new Map()));
    objects.set(key, object);
  }
}

function withdraw<T>(index: Index<T>, key: string): void {
  const values = index.valuesByKey.get(key);
  if (!values) return;
  index.valuesByKey.delete(key);
  for (const value of values) remove(index, value, key);
}

function remove<T>(index: Index<T>, value: string, key: string): void {
  const objects = index.objects.get(value);
  objects?.delete(key);
  if (objects?.size === 0) index.objects.delete(value);
}
