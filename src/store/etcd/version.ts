/** What versions of etcd can be relied on for. */

/** Releases from which an asked-for progress mark never overtakes events: before, a mark could hide a change that was still to come. */
const REPORTS_PROGRESS: readonly (readonly [number, number, number])[] = [[3, 4, 31], [3, 5, 13]];

/** True when a watch may ask such a member how far it is. */
export function reportsProgress(version: string): boolean {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (!match) return false;
  const [major, minor, patch] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const since = REPORTS_PROGRESS.find((one) => one[0] === major && one[1] === minor);
  if (since) return patch >= since[2];
  return major > 3 || (major === 3 && minor > 5);
}
