/** What is said of the types in a ValidatingAdmissionPolicy's expressions. */
import type { ExpressionWarning, NamedRuleWithOperations, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyStatus } from '../../api/admissionregistration/v1/types.ts';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import { compile, formatIssues, policyVariables, typeFromSchema, typeOfTable, types, withVariableTypes, type CelType, type Environment, type StructuralSchema } from '../../cel/index.ts';

/** Kinds that one policy is checked against at most. */
export const maxKinds = 10;

export interface Snapshot {
  policy: ValidatingAdmissionPolicy | undefined;
  resources: readonly Resource[];
  custom: readonly CustomKind[];
}

/** A kind that is in no table, as the server's discovery and OpenAPI describe it. */
export interface CustomKind { group: string; version: string; plural: string; kind: string; schema: StructuralSchema }

interface KnownKind { /** `apps/v1, Kind=Deployment` */ name: string; type: CelType }

const hasWildcard = (values: readonly string[] | undefined): boolean => (values ?? []).some((value) => value === '*' || value.includes('/'));

/** The kinds that the rules name; a rule with a wildcard names none. */
function kindsOf(rules: readonly NamedRuleWithOperations[], snapshot: Snapshot): KnownKind[] {
  const found = new Map<string, KnownKind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if (hasWildcard(apiGroups) || hasWildcard(apiVersions) || hasWildcard(resources)) continue;
    for (const group of apiGroups) for (const version of apiVersions) for (const plural of resources) {
      const kind = kindOf({ group, version, plural }, snapshot);
      if (kind !== undefined) found.set(kind.name, kind);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, maxKinds);
}

function kindOf(wanted: { group: string; version: string; plural: string }, { resources, custom }: Snapshot): KnownKind | undefined {
  const matches = (one: { group: string; version: string; plural: string }): boolean => one.group === wanted.group && one.version === wanted.version && one.plural === wanted.plural;
  const resource = resources.find(matches);
  if (resource !== undefined) return named(resource, typeOfTable(resource.schema));
  const found = custom.find(matches);
  return found && named(found, typeOfCustom(found));
}

const named = (kind: { group: string; version: string; kind: string }, type: CelType | undefined): KnownKind | undefined => type && { name: `${apiVersionOf(kind)}, Kind=${kind.kind}`, type };

const typeOfCustom = ({ schema }: CustomKind): CelType | undefined => typeFromSchema(schema, { root: true });

function paramsType({ policy, resources, custom }: Snapshot): CelType {
  const kind = policy?.spec?.paramKind;
  if (kind === undefined) return types.dyn;
  const isIt = (one: { group: string; version: string; kind: string }): boolean => one.kind === kind.kind && apiVersionOf(one) === kind.apiVersion;
  const resource = resources.find(isIt);
  if (resource !== undefined) return typeOfTable(resource.schema) ?? types.dyn;
  const found = custom.find(isIt);
  return (found && typeOfCustom(found)) ?? types.dyn;
}

/** Groups and versions that the policy names and no table has. */
export function foreignVersions(policy: ValidatingAdmissionPolicy, resources: readonly Resource[]): string[] {
  const known = new Set(resources.map(apiVersionOf));
  const named = (policy.spec?.matchConstraints?.resourceRules ?? []).flatMap(({ apiGroups = [], apiVersions = [] }) =>
    apiGroups.flatMap((group) => apiVersions.map((version) => (hasWildcard([group, version]) ? '' : apiVersionOf({ group, version })))));
  const param = policy.spec?.paramKind?.apiVersion ?? '';
  return [...new Set([...named, param])].filter((apiVersion) => apiVersion.includes('/') && !known.has(apiVersion));
}

/** The expressions of a policy where they stand. */
function* expressionsOf({ spec = {} }: ValidatingAdmissionPolicy): Generator<{ fieldRef: string; expression: string }> {
  for (const [i, { expression, messageExpression }] of (spec.validations ?? []).entries()) {
    yield { fieldRef: `spec.validations[${i}].expression`, expression };
    if (messageExpression) yield { fieldRef: `spec.validations[${i}].messageExpression`, expression: messageExpression };
  }
}

function environmentFor(policy: ValidatingAdmissionPolicy, object: CelType, params: CelType): Environment {
  const base: Environment = { variables: policyVariables(policy.spec?.paramKind !== undefined, { object, params }) };
  const found: Record<string, CelType> = {};
  for (const { name, expression } of policy.spec?.variables ?? []) {
    const result = compile(expression, withVariableTypes(base, found));
    found[name] = result.ok ? result.program.outputType : types.dyn;
  }
  return withVariableTypes(base, found);
}

/** The status that the policy must have; undefined when there is no policy, or it has been looked at. */
export function decideStatus(snapshot: Snapshot): ValidatingAdmissionPolicyStatus | undefined {
  const { policy } = snapshot;
  const generation = policy?.metadata.generation ?? 0;
  if (policy === undefined || policy.status?.observedGeneration === generation) return undefined;
  const params = paramsType(snapshot);
  const kinds = kindsOf(policy.spec?.matchConstraints?.resourceRules ?? [], snapshot).map(({ name, type }) => ({ name, environment: environmentFor(policy, type, params) }));
  const expressionWarnings: ExpressionWarning[] = [];
  for (const { fieldRef, expression } of expressionsOf(policy)) {
    const warnings = kinds.flatMap(({ name, environment }) => {
      const result = compile(expression, environment);
      return result.ok ? [] : [`${name}: ${formatIssues(expression, result.issues)}`];
    });
    if (warnings.length > 0) expressionWarnings.push({ fieldRef, warning: warnings.join('\n') });
  }
  return { ...policy.status, observedGeneration: generation, typeChecking: expressionWarnings.length === 0 ? {} : { expressionWarnings } };
}
