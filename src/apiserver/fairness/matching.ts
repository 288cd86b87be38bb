/** Which flow schema a request belongs to: the first, by precedence, one of whose rules fits both who asks and what for. */
import type { FlowSchema, NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from '../../api/flowcontrol/v1/types.ts';
import { serviceAccountOf } from '../authentication/identities.ts';
import type { RequestInfo, UserInfo } from '../types.ts';

const everything = '*';

type Test<T> = (value: T) => boolean;

/** Undefined where every value fits. */
function among(values: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return values?.includes(everything) ? undefined : new Set(values);
}

function subjectTest(subjects: readonly Subject[]): Test<UserInfo> {
  const users = subjects.flatMap(({ kind, user }) => (kind === 'User' && user ? [user.name] : []));
  const groups = subjects.flatMap(({ kind, group }) => (kind === 'Group' && group ? [group.name] : []));
  if (users.includes(everything) || groups.includes(everything)) return () => true;
  const accounts = subjects.flatMap(({ kind, serviceAccount }) => (kind === 'ServiceAccount' && serviceAccount ? [serviceAccount] : []));
  const [userNames, groupNames] = [new Set(users), new Set(groups)];
  return (user) => {
    if (userNames.has(user.name)) return true;
    if (groupNames.size > 0) for (const group of user.groups) if (groupNames.has(group)) return true;
    if (accounts.length === 0) return false;
    const account = serviceAccountOf(user.name);
    return account !== undefined && accounts.some(({ namespace, name }) => namespace === account.namespace && (name === everything || name === account.name));
  };
}

function resourceTest(rule: ResourcePolicyRule): Test<RequestInfo> {
  const [verbs, groups, resources, namespaces] = [among(rule.verbs), among(rule.apiGroups), among(rule.resources), among(rule.namespaces)];
  return (info) => {
    if (verbs && !verbs.has(info.verb)) return false;
    if (groups && !groups.has(info.apiGroup)) return false;
    if (resources && !resources.has(info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`)) return false;
    return info.namespace === '' ? rule.clusterScope === true : !namespaces || namespaces.has(info.namespace);
  };
}

function pathTest(rule: NonResourcePolicyRule): Test<RequestInfo> {
  const [verbs, paths] = [among(rule.verbs), among(rule.nonResourceURLs)];
  const prefixes = rule.nonResourceURLs.flatMap((url) => (url.endsWith(everything) ? [url.slice(0, -1)] : []));
  return (info) => {
    if (verbs && !verbs.has(info.verb)) return false;
    return !paths || paths.has(info.path) || prefixes.some((prefix) => info.path.startsWith(prefix));
  };
}

interface CompiledRule {
  subjects: Test<UserInfo>;
  resources: Test<RequestInfo>[];
  paths: Test<RequestInfo>[];
}

function compiled(rule: PolicyRulesWithSubjects): CompiledRule {
  return { subjects: subjectTest(rule.subjects), resources: (rule.resourceRules ?? []).map(resourceTest), paths: (rule.nonResourceRules ?? []).map(pathTest) };
}

/** A flow schema's questions, made ready to be asked often. */
export interface SchemaTests {
  /** What the schema says of one user; undefined: nothing. */
  about(user: UserInfo): UserTests | undefined;
}

export interface UserTests {
  resources: readonly Test<RequestInfo>[];
  paths: readonly Test<RequestInfo>[];
}

export function schemaTests(schema: FlowSchema): SchemaTests {
  const rules = (schema.spec?.rules ?? []).map(compiled);
  return {
    about(user) {
      const own = rules.filter((rule) => rule.subjects(user));
      return own.length === 0 ? undefined : { resources: own.flatMap(({ resources }) => resources), paths: own.flatMap(({ paths }) => paths) };
    },
  };
}

/** Whether any rule that is about the user is about the request. */
export function fits({ resources, paths }: UserTests, info: RequestInfo): boolean {
  for (const test of info.isResourceRequest ? resources : paths) if (test(info)) return true;
  return false;
}

/** The order in which schemas are asked. */
export function byPrecedence(a: FlowSchema, b: FlowSchema): number {
  const [x, y] = [a.spec?.matchingPrecedence ?? 1000, b.spec?.matchingPrecedence ?? 1000];
  return x - y || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1);
}

/** What tells the flows of a schema apart. */
export function distinguisher(schema: FlowSchema, user: UserInfo, info: RequestInfo): string {
  switch (schema.spec?.distinguisherMethod?.type) {
    case 'ByUser': return user.name;
    case 'ByNamespace': return info.namespace;
    default: return '';
  }
}
