/** The order in which clients see groups and versions: higher priority first, then as the names say. */
import { GROUPS } from '../../api/resources.ts';
import type { APIService } from '../../api/apiregistration/v1/types.ts';

/** `v2` → stable 2; `v1beta3` → beta 1.3; undefined for other names. */
function parsedVersion(name: string): { stage: number; major: number; minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name);
  if (!match) return undefined;
  return { stage: match[2] === 'alpha' ? 0 : match[2] === 'beta' ? 1 : 2, major: Number(match[1]), minor: Number(match[3] ?? 0) };
}

/** Negative when `a` comes first: stable before beta before alpha, newer before older, other names last and by the alphabet. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parsedVersion(a), parsedVersion(b)];
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : a > b ? 1 : 0;
  return y.stage - x.stage || y.major - x.major || y.minor - x.minor;
}

/** The group of APIServices comes before all others, whatever they say. */
const ownGroupPriority = 20_001;

interface Priority {
  group: number;
  version: number;
}

/** Places of groups and versions, as their APIServices say. */
export class Priorities {
  readonly #known = new Map<string, Priority>();
  readonly #groups = new Map<string, number>();

  constructor(services: readonly APIService[]) {
    for (const { spec } of services) if (spec) this.#set(spec.group ?? '', spec.version ?? '', { group: spec.groupPriorityMinimum, version: spec.versionPriority });
    // What has no APIService, or none yet.
    for (const { group, versions, priority } of GROUPS) {
      if (this.#groups.has(group)) continue;
      for (const { version, priority: own } of versions) this.#set(group, version, { group: group === 'apiregistration.k8s.io' ? ownGroupPriority : priority, version: own });
    }
  }

  #set(group: string, version: string, priority: Priority): void {
    this.#known.set(`${group}/${version}`, priority);
    this.#groups.set(group, Math.max(this.#groups.get(group) ?? 0, priority.group));
  }

  readonly groups = (a: string, b: string): number => (this.#groups.get(b) ?? 0) - (this.#groups.get(a) ?? 0) || (a < b ? -1 : a > b ? 1 : 0);

  readonly versionsOf = (group: string) => (a: string, b: string): number =>
    (this.#known.get(`${group}/${b}`)?.version ?? 0) - (this.#known.get(`${group}/${a}`)?.version ?? 0) || compareVersions(a, b);
}
