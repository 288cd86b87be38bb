/** Simple paths into objects, as `.spec.replicas`: what scale and selectable fields are given by. */
type Loose = Record<string, unknown>;

/** The names of a path: `.spec.replicas` and `spec.replicas` give the same. A name in brackets may hold dots: `.metadata.labels['a.b']`. */
export function stepsOf(path: string): string[] {
  return [...path.matchAll(/\['([^']*)'\]|\["([^"]*)"\]|\.?([^.[\]]+)/g)].map((match) => match[1] ?? match[2] ?? match[3]!);
}

/** What is at the end of a path; undefined when the way there is broken. */
export function valueAt(object: unknown, steps: readonly string[]): unknown {
  let value = object;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Loose)[step];
  }
  return value;
}

/** Puts a value at the end of a path, in place, and makes the objects on the way there. */
export function setAt(object: object, steps: readonly string[], value: unknown): void {
  let at = object as Loose;
  for (const step of steps.slice(0, -1)) {
    const next = Object.hasOwn(at, step) ? at[step] : undefined;
    if (typeof next === 'object' && next !== null) at = next as Loose;
    else {
      const made: Loose = {};
      Object.defineProperty(at, step, { value: made, enumerable: true, configurable: true, writable: true });
      at = made;
    }
  }
  const last = steps.at(-1)!;
  if (value === undefined) delete at[last];
  else Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
}
