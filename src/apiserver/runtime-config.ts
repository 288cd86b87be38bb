/**
 * Which versions and resources are served: what is on by default, and what `--runtime-config` turns on or off.
 * https://kubernetes.io/docs/reference/using-api/#api-groups
 */
import { loadResourcesOffByDefault } from '../api/off-by-default.ts';
import type { Resource } from '../api/meta/resource.ts';
import { GROUPS, RESOURCES, type ApiGroup, type GroupVersion } from '../api/resources.ts';

/** Keys as `api/all`, `api/beta`, `apps/v1`, `v1`, `resource.k8s.io/v1beta1/deviceclasses`; values say whether it is on. */
export type RuntimeConfig = Readonly<Record<string, boolean>>;

export interface Served {
  resources: readonly Resource[];
  groups: readonly ApiGroup[];
}

const STAGES: Readonly<Record<string, GroupVersion['stage']>> = { 'api/ga': 'GA', 'api/beta': 'beta', 'api/alpha': 'alpha' };
const GENERAL: ReadonlySet<string> = new Set(['api/all', ...Object.keys(STAGES)]);

/** Groups with all their versions, each group once. */
function merged(on: readonly ApiGroup[], off: readonly ApiGroup[]): ApiGroup[] {
  const byName = new Map(on.map((group) => [group.group, group]));
  for (const group of off) {
    const known = byName.get(group.group);
    byName.set(group.group, known === undefined ? group : { ...known, versions: [...known.versions, ...group.versions] });
  }
  return [...byName.values()];
}

/** `apps/v1`; the core group's version is `v1`, or `api/v1`. */
function keyOfVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

function check(config: RuntimeConfig, groups: readonly ApiGroup[], resources: readonly Resource[]): void {
  const keys = Object.keys(config);
  if (config['api/all'] === false && keys.length === 1) throw new Error('invalid key with only api/all=false');
  for (const key of keys) {
    if (GENERAL.has(key)) continue;
    const [first = '', second = '', third] = key.split('/');
    const [group, version, plural] = second === '' ? ['', first, undefined] : first === 'api' ? ['', second, third] : [first, second, third];
    const known = groups.find((one) => one.group === group);
    if (known === undefined) throw new Error(`unknown api groups ${group}`);
    if (!known.versions.some((one) => one.version === version)) throw new Error(`group version ${keyOfVersion(group!, version!)} that has not been registered`);
    if (plural !== undefined && !resources.some((one) => one.group === group && one.version === version && one.plural === plural)) {
      throw new Error(`invalid key ${JSON.stringify(key)}: ${keyOfVersion(group!, version!)} has no resource ${JSON.stringify(plural)}`);
    }
  }
}

/** The nearer a key is to one resource, the more it counts. */
function isOn(config: RuntimeConfig, { group, version, plural }: Resource, stage: GroupVersion['stage'], byDefault: boolean): boolean {
  const name = keyOfVersion(group, version);
  const names = group === '' ? [name, `api/${version}`] : [name];
  const own = [...names.map((one) => `${one}/${plural}`), ...names, ...Object.keys(STAGES).filter((key) => STAGES[key] === stage), 'api/all'];
  for (const key of own) if (config[key] !== undefined) return config[key];
  return byDefault;
}

/** Throws Error, with the key, for one that names nothing. */
export async function servedBy(config: RuntimeConfig | undefined): Promise<Served> {
  if (config === undefined || Object.keys(config).length === 0) return { resources: RESOURCES, groups: GROUPS };
  const off = await loadResourcesOffByDefault();
  const groups = merged(GROUPS, off.groups);
  const all = [...RESOURCES, ...off.resources];
  check(config, groups, all);
  const stages = new Map(groups.flatMap(({ group, versions }) => versions.map(({ version, stage }) => [`${group}/${version}`, stage] as const)));
  const resources = all.filter((resource, i) => isOn(config, resource, stages.get(`${resource.group}/${resource.version}`)!, i < RESOURCES.length));
  const served = new Set(resources.map(({ group, version }) => `${group}/${version}`));
  return {
    resources,
    groups: groups.flatMap((group) => {
      const versions = group.versions.filter(({ version }) => served.has(`${group.group}/${version}`));
      if (versions.length === 0) return [];
      const preferred = versions.some(({ version }) => version === group.preferred) ? group.preferred : versions.toSorted((a, b) => b.priority - a.priority)[0]!.version;
      return [{ ...group, preferred, versions }];
    }),
  };
}

/** Reads `a/v1=true,api/beta=false`; a key without a value is on. Throws Error for a value that is neither true nor false. */
export function parseRuntimeConfig(text: string): RuntimeConfig {
  const config: Record<string, boolean> = {};
  for (const part of text.split(',').map((piece) => piece.trim()).filter((piece) => piece !== '')) {
    const [key = '', value = 'true', ...rest] = part.split('=');
    if (rest.length > 0 || (value !== 'true' && value !== 'false')) throw new Error(`invalid value of ${part}`);
    config[key] = value === 'true';
  }
  return config;
}
