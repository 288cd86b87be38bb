/** What expressions of admission may name: match conditions of webhooks, and policies. */
import { listOf, mapOf, objectOf, opaque, types, type CelType, type Environment } from './types.ts';

const string = types.string;
const GROUP_VERSION_KIND = objectOf('kubernetes.GroupVersionKind', { group: string, version: string, kind: string });
const GROUP_VERSION_RESOURCE = objectOf('kubernetes.GroupVersionResource', { group: string, version: string, resource: string });
const USER_INFO = objectOf('kubernetes.UserInfo', { username: string, uid: string, groups: listOf(string), extra: mapOf(string, listOf(string)) });

const REQUEST = objectOf('kubernetes.AdmissionRequest', {
  kind: GROUP_VERSION_KIND, resource: GROUP_VERSION_RESOURCE, subResource: string, requestKind: GROUP_VERSION_KIND, requestResource: GROUP_VERSION_RESOURCE, requestSubResource: string,
  name: string, namespace: string, operation: string, userInfo: USER_INFO, dryRun: types.bool, options: types.dyn,
});

const NAMESPACE = objectOf('kubernetes.Namespace', {
  metadata: objectOf('kubernetes.NamespaceMetadata', {
    name: string, generateName: string, namespace: string, labels: mapOf(string, string), annotations: mapOf(string, string), UID: { name: 'uid', type: string }, creationTimestamp: types.timestamp,
    deletionGracePeriodSeconds: types.int, deletionTimestamp: types.timestamp, generation: types.int, resourceVersion: string, finalizers: listOf(string),
  }),
  spec: objectOf('kubernetes.NamespaceSpec', { finalizers: listOf(string) }),
  status: objectOf('kubernetes.NamespaceStatus', { phase: string }),
});

/** The variables of match conditions: those of policies have params and a namespace too. */
export const conditionVariables: Readonly<Record<string, CelType>> = {
  object: types.dyn, oldObject: types.dyn, request: REQUEST, authorizer: opaque('kubernetes.authorization.Authorizer'), 'authorizer.requestResource': opaque('kubernetes.authorization.ResourceCheck'),
};

/** Objects and params are of any type while policies run; their types are looked at when a policy is checked beforehand. */
export function policyVariables(hasParams: boolean, known: { object?: CelType; params?: CelType } = {}): Readonly<Record<string, CelType>> {
  const object = known.object ?? types.dyn;
  return { ...conditionVariables, object, oldObject: object, namespaceObject: NAMESPACE, ...(hasParams ? { params: known.params ?? types.dyn } : {}) };
}

/** The environment with `variables`, whose types have been found. */
export const withVariableTypes = (base: Environment, found: Readonly<Record<string, CelType>>): Environment => ({ ...base, variables: { ...base.variables, variables: objectOf('kubernetes.variables', found) } });
