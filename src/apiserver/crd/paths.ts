/** Simple paths into objects, as `.spec.replicas`: what selectable fields are given by. */
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
