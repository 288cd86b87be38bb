/**
 * What of which requests is written down: the first rule that fits decides, and what none fits is not written at all.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy
 */
import { readYaml } from '../../api/yaml.ts';
import type { RequestInfo, UserInfo } from '../types.ts';
import { levels, type Level } from './noted.ts';

export const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type AuditStage = (typeof stages)[number];

export interface PolicyRule {
  level: Level;
  users?: string[];
  userGroups?: string[];
  verbs?: string[];
  resources?: { group?: string; resources?: string[]; resourceNames?: string[] }[];
  namespaces?: string[];
  nonResourceURLs?: string[];
  omitStages?: AuditStage[];
  omitManagedFields?: boolean;
}

export interface Policy {
  rules: PolicyRule[];
  omitStages?: AuditStage[];
  omitManagedFields?: boolean;
}

export interface Verdict {
  level: Level;
  omitStages: ReadonlySet<string>;
  omitManagedFields: boolean;
}

const ruleFields: ReadonlySet<string> = new Set(['level', 'users', 'userGroups', 'verbs', 'resources', 'namespaces', 'nonResourceURLs', 'omitStages', 'omitManagedFields']);

function checkStages(at: string, named: unknown): void {
  if (named === undefined) return;
  if (!Array.isArray(named)) throw new Error(`${at}: Invalid value: must be a list`);
  for (const stage of named) if (!(stages as readonly unknown[]).includes(stage)) throw new Error(`${at}: Unsupported value: ${JSON.stringify(stage)}: supported values: ${stages.map((one) => JSON.stringify(one)).join(', ')}`);
}

function checkRule(at: string, rule: unknown): void {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) throw new Error(`${at}: Invalid value: must be a mapping`);
  for (const field of Object.keys(rule)) if (!ruleFields.has(field)) throw new Error(`${at}: unknown field ${JSON.stringify(field)}`);
  const { level, resources = [], namespaces = [], nonResourceURLs = [], omitStages } = rule as PolicyRule;
  if (!levels.includes(level)) throw new Error(`${at}.level: Unsupported value: ${JSON.stringify(level ?? '')}: supported values: ${levels.map((one) => JSON.stringify(one)).join(', ')}`);
  if (nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0)) throw new Error(`${at}.nonResourceURLs: Invalid value: rules cannot apply to both regular resources and non-resource URLs`);
  for (const url of nonResourceURLs) if (url !== '*' && (!url.startsWith('/') || url.slice(0, -1).includes('*'))) throw new Error(`${at}.nonResourceURLs: Invalid value: ${JSON.stringify(url)}: non-resource URL rules must begin with a '/' character, and may have a '*' at their end`);
  for (const { resources: names = [], resourceNames = [] } of resources) if (resourceNames.length > 0 && names.length === 0) throw new Error(`${at}.resources.resourceNames: Invalid value: using resourceNames requires at least one resource`);
  checkStages(`${at}.omitStages`, omitStages);
}

/** Reads a policy file. Throws Error that names the field, the value and the rule. */
export function readPolicy(text: string): Policy {
  const value = readYaml(text).value as (Policy & { apiVersion?: string; kind?: string }) | null;
  if (value?.apiVersion !== 'audit.k8s.io/v1' || value.kind !== 'Policy') throw new Error(`must be a Policy of audit.k8s.io/v1, and is ${value?.kind ?? 'nothing'} of ${value?.apiVersion ?? 'nothing'}`);
  if (!Array.isArray(value.rules) || value.rules.length === 0) throw new Error('rules: Required value: a policy must have at least one rule');
  checkStages('omitStages', value.omitStages);
  for (const [i, rule] of value.rules.entries()) checkRule(`rules[${i}]`, rule);
  return value;
}

const fitsOrUnset = (wanted: readonly string[] | undefined, value: string): boolean => !wanted || wanted.length === 0 || wanted.includes(value);

function namesResource(pattern: string, { resource, subresource }: RequestInfo): boolean {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  if (pattern === '*' || pattern === combined || pattern === `${resource}/*`) return true;
  return subresource !== '' && pattern === `*/${subresource}`;
}

function fitsResource({ namespaces, resources }: PolicyRule, info: RequestInfo): boolean {
  if (!info.isResourceRequest || !fitsOrUnset(namespaces, info.namespace)) return false;
  if (!resources || resources.length === 0) return true;
  return resources.some(({ group = '', resources: names = [], resourceNames }) => (group === info.apiGroup || group === '*') && (names.length === 0 || (names.some((name) => namesResource(name, info)) && fitsOrUnset(resourceNames, info.name))));
}

function fits(rule: PolicyRule, user: UserInfo | undefined, info: RequestInfo): boolean {
  if (!fitsOrUnset(rule.users, user?.name ?? '') || !fitsOrUnset(rule.verbs, info.verb)) return false;
  if (rule.userGroups?.length && !rule.userGroups.some((group) => user?.groups.includes(group))) return false;
  if (rule.namespaces?.length || rule.resources?.length) return fitsResource(rule, info);
  if (rule.nonResourceURLs?.length) return !info.isResourceRequest && rule.nonResourceURLs.some((url) => url === '*' || url === info.path || (url.endsWith('*') && info.path.startsWith(url.slice(0, -1))));
  return true;
}

export function evaluate(policy: Policy, user: UserInfo | undefined, info: RequestInfo): Verdict {
  const rule = policy.rules.find((candidate) => fits(candidate, user, info));
  return {
    level: rule?.level ?? 'None', omitStages: new Set([...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])]),
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}
