/**
 * Sets a key that somebody else has chosen. `__proto__` is a key like any other in JSON; a plain assignment would change what the object is instead.
 * The only place that does so: whoever builds an object from keys of a client uses this.
 */
export function setOwn<V>(object: Record<string, V>, key: string, value: V): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** What an object has of its own under a key that somebody else has chosen: never what all objects have, as they do under `constructor`. */
export function own<V>(object: Readonly<Record<string, V>> | undefined, key: string): V | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}
