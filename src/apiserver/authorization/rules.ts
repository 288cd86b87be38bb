/** How a rule of a role matches a request. https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
import type { PolicyRule } from '../../api/rbac/v1/types.ts';
import type { RequestInfo } from '../types.ts';

/** A rule made ready for matching. `undefined` sets match everything. */
interface CompiledRule {
  verbs: ReadonlySet<string> | undefined;
  groups: ReadonlySet<string> | undefined;
  resources: ReadonlySet<string> | undefined;
  /** Empty: every name. */
  names: ReadonlySet<string>;
  paths: readonly string[];
}

/** All rules of a role, ready for matching. */
export interface CompiledRules {
  rules: readonly PolicyRule[];
  compiled: readonly CompiledRule[];
}

const setOf = (values: readonly string[] | undefined): ReadonlySet<string> | undefined => (values?.includes('*') ? undefined : new Set(values));

export function compileRules(rules: readonly PolicyRule[]): CompiledRules {
  return {
    rules,
    compiled: rules.map((rule) => ({
      verbs: setOf(rule.verbs), groups: setOf(rule.apiGroups), resources: setOf(rule.resources), names: new Set(rule.resourceNames), paths: rule.nonResourceURLs ?? [],
    })),
  };
}

const has = (set: ReadonlySet<string> | undefined, value: string): boolean => set === undefined || set.has(value);

/** `/healthz/*` matches what starts with `/healthz/`; `*` everything. */
export function pathMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1).replace(/\*+$/, ''));
}

function resourceMatches(rule: CompiledRule, info: RequestInfo): boolean {
  const { resources } = rule;
  if (resources === undefined) return true;
  if (info.subresource === '') return resources.has(info.resource);
  return resources.has(`${info.resource}/${info.subresource}`) || resources.has(`*/${info.subresource}`);
}

function matches(rule: CompiledRule, info: RequestInfo): boolean {
  if (!has(rule.verbs, info.verb)) return false;
  if (!info.isResourceRequest) return rule.paths.some((pattern) => pathMatches(pattern, info.path));
  // A rule without groups or resources is one over paths: its empty sets match nothing here.
  return has(rule.groups, info.apiGroup) && resourceMatches(rule, info) && (rule.names.size === 0 || rule.names.has(info.name));
}

export function allows({ compiled }: CompiledRules, info: RequestInfo): boolean {
  return compiled.some((rule) => matches(rule, info));
}

/** Takes a rule apart into rules of one verb, group, resource, name or path each. */
function* breakdown(rule: PolicyRule): Generator<PolicyRule> {
  for (const verb of rule.verbs) {
    for (const url of rule.nonResourceURLs ?? []) yield { verbs: [verb], nonResourceURLs: [url] };
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const base = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (rule.resourceNames?.length) for (const name of rule.resourceNames) yield { ...base, resourceNames: [name] };
        else yield base;
      }
    }
  }
}

const includesAll = (owned: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean => (wanted ?? []).every((w) => owned?.includes(w));

function resourcesCover(owned: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean {
  if (owned?.includes('*')) return true;
  return (wanted ?? []).every((resource) => {
    if (owned?.includes(resource)) return true;
    const subresource = resource.split('/')[1];
    return subresource !== undefined && (owned?.includes(`*/${subresource}`) ?? false);
  });
}

function ruleCovers(owned: PolicyRule, wanted: PolicyRule): boolean {
  const verbs = owned.verbs.includes('*') || includesAll(owned.verbs, wanted.verbs);
  const groups = owned.apiGroups?.includes('*') || includesAll(owned.apiGroups, wanted.apiGroups);
  const names = !owned.resourceNames?.length || ((wanted.resourceNames?.length ?? 0) > 0 && includesAll(owned.resourceNames, wanted.resourceNames));
  const paths = (wanted.nonResourceURLs ?? []).every((url) => owned.nonResourceURLs?.some((pattern) => pathMatches(pattern, url)));
  return verbs && groups && resourcesCover(owned.resources, wanted.resources) && names && paths;
}

/** The parts of `wanted` that `owned` does not cover; empty when who holds `owned` may hand out `wanted`. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing: PolicyRule[] = [];
  for (const rule of wanted) for (const part of breakdown(rule)) if (!owned.some((rule) => ruleCovers(rule, part))) missing.push(part);
  return missing;
}

/** A rule as the messages show it: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function ruleText(rule: PolicyRule): string {
  const list = (name: string, values: readonly string[] | undefined): string[] => (values?.length ? [`${name}:[${values.map((v) => JSON.stringify(v)).join(' ')}]`] : []);
  return `{${[...list('APIGroups', rule.apiGroups), ...list('Resources', rule.resources), ...list('ResourceNames', rule.resourceNames), ...list('NonResourceURLs', rule.nonResourceURLs), ...list('Verbs', rule.verbs)].join(', ')}}`;
}
