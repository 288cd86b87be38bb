/** Which requests a webhook, a policy or a binding is for: rules, and selectors of namespaces and objects. */
import type { NamedRuleWithOperations, RuleWithOperations } from '../../../api/admissionregistration/v1/types.ts';
import { labelSelectorOf, type LabelMatcher } from '../../../api/meta/selectors.ts';
import { notFound } from '../../../api/meta/status.ts';
import type { Resource } from '../../../api/meta/resource.ts';
import type { LabelSelector } from '../../../api/meta/v1/types.ts';
import { Namespaces } from '../../../api/resources.ts';
import type { Namespace } from '../../../api/core/v1/types.ts';
import { find } from '../../lookup.ts';
import type { AdmissionRequest } from '../../types.ts';
import type { AdmissionContext } from '../context.ts';
import { equivalentsOf, requestedOf } from './versions.ts';

export interface Criteria {
  rules: readonly (RuleWithOperations & Pick<NamedRuleWithOperations, 'resourceNames'>)[];
  /** Rules of what is left out all the same. */
  except?: readonly NamedRuleWithOperations[];
  matchPolicy: string | undefined;
  namespaces: LabelMatcher;
  objects: LabelMatcher;
}

/** Absent selectors choose everything. */
export const selectorOf = (selector: LabelSelector | undefined): LabelMatcher => labelSelectorOf(selector ?? {});

const isAmong = (values: readonly string[] | undefined, value: string): boolean => (values ?? []).some((one) => one === '*' || one === value);

const isNamespace = (resource: Resource): boolean => resource.group === '' && resource.plural === 'namespaces';

function matchesResource(rules: readonly string[] | undefined, plural: string, subresource: string): boolean {
  return (rules ?? []).some((rule) => {
    const [name, sub = ''] = rule.split('/') as [string, string?];
    return (name === '*' || name === plural) && (sub === '*' || sub === subresource);
  });
}

function matchesRule(rule: NamedRuleWithOperations, request: AdmissionRequest, resource: Resource): boolean {
  const namespaced = request.namespace !== '' && !isNamespace(resource);
  if (rule.scope === 'Namespaced' && !namespaced) return false;
  if (rule.scope === 'Cluster' && namespaced) return false;
  if ((rule.resourceNames?.length ?? 0) > 0 && !rule.resourceNames!.includes(request.name)) return false;
  return isAmong(rule.operations, request.operation) && isAmong(rule.apiGroups, resource.group) && isAmong(rule.apiVersions, resource.version)
    && matchesResource(rule.resources, resource.plural, request.subresource);
}

/** The version of the resource that a rule names, the requested one before others; undefined when none does. */
function matchedVersion(rules: readonly NamedRuleWithOperations[], matchPolicy: string | undefined, request: AdmissionRequest, context: AdmissionContext): Resource | undefined {
  const asked = requestedOf(request);
  if (rules.some((rule) => matchesRule(rule, request, asked))) return asked;
  if (matchPolicy === 'Exact') return undefined;
  // Most rules fail for their operations or resources already.
  const { group, version, plural } = asked;
  if (!rules.some((rule) => isAmong(rule.operations, request.operation) && ((rule.resources ?? []).some((name) => name.startsWith('*')) || matchesResource(rule.resources, plural, request.subresource)) && !(isAmong(rule.apiGroups, group) && isAmong(rule.apiVersions, version)))) return undefined;
  return equivalentsOf(request, context).find((resource) => rules.some((rule) => matchesRule(rule, request, resource)));
}

const labelsOf = (object: Record<string, unknown> | undefined): Readonly<Record<string, string>> | undefined => {
  const metadata = object?.['metadata'] as { labels?: Record<string, string> } | undefined;
  return metadata === undefined ? undefined : (metadata.labels ?? {});
};

/** The namespace that a request is in; undefined for what is in none. Throws StatusError 404. */
export async function namespaceOf(request: AdmissionRequest, context: AdmissionContext): Promise<Namespace | undefined> {
  const name = isNamespace(request.resource) ? request.name : request.resource.namespaced ? request.namespace : '';
  if (name === '') return undefined;
  // A namespace that is being written is known best by what is written.
  if (isNamespace(request.resource) && request.operation !== 'DELETE' && request.object !== undefined && request.subresource === '') return request.object as unknown as Namespace;
  const found = await find(context, Namespaces, undefined, name);
  if (found === undefined) throw notFound(Namespaces, name);
  return found;
}

/** Whether the criteria choose the request, and in which version; undefined when they do not. */
export async function matchRequest(criteria: Criteria, request: AdmissionRequest, context: AdmissionContext): Promise<Resource | undefined> {
  if (criteria.except !== undefined && matchedVersion(criteria.except, criteria.matchPolicy, request, context) !== undefined) return undefined;
  const resource = matchedVersion(criteria.rules, criteria.matchPolicy, request, context);
  return resource !== undefined && (await selects(criteria, request, context)) ? resource : undefined;
}

/** Whether the selectors choose the request. */
export async function selects(criteria: Pick<Criteria, 'namespaces' | 'objects'>, request: AdmissionRequest, context: AdmissionContext): Promise<boolean> {
  if (!criteria.namespaces.isEmpty) {
    const namespace = await namespaceOf(request, context);
    if (namespace !== undefined && !criteria.namespaces(namespace.metadata.labels)) return false;
  }
  if (criteria.objects.isEmpty) return true;
  return [request.object, request.oldObject].some((object) => {
    const labels = labelsOf(object);
    return labels !== undefined && criteria.objects(labels);
  });
}
