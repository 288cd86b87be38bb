/** Comparing API objects as the API means them: order of keys is nothing, and an empty list or map is the same as none. */

const EMPTY_MEANS_ABSENT = new Set(['labels', 'annotations', 'nodeSelector', 'matchLabels', 'limits', 'requests', 'overhead', 'options']);

function isAbsent(key: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  // Elsewhere an empty object says something: `emptyDir: {}`.
  return EMPTY_MEANS_ABSENT.has(key) && typeof value === 'object' && Object.keys(value).length === 0;
}

/** Structural equality in that sense. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((value, i) => sameValue(value, b[i]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const [l, r] = [left[key], right[key]];
    if (!(isAbsent(key, l) && isAbsent(key, r)) && !sameValue(l, r)) return false;
  }
  return true;
}

/** JSON with sorted keys: equal values give equal texts, whoever wrote them. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, inner]): [string, unknown] => [key, withoutZeros(inner)])
    .filter(([, inner]) => inner !== undefined && inner !== null && inner !== 0 && inner !== '' && inner !== false && !(Array.isArray(inner) && inner.length === 0));
  return Object.fromEntries(kept);
}

/** Equality of two statuses, in which a count of zero is the same as no count: servers leave it out. */
export function sameStatus(a: unknown, b: unknown): boolean {
  return sameValue(withoutZeros(a ?? {}), withoutZeros(b ?? {}));
}
