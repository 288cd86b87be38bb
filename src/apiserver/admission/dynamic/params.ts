/** The parameter objects of a policy's binding: one by name, or all that a selector chooses. */
import type { ParamKind, ParamRef } from '../../../api/admissionregistration/v1/types.ts';
import { labelSelectorOf } from '../../../api/meta/selectors.ts';
import { apiVersionOf, type Resource } from '../../../api/meta/resource.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import { RESOURCES } from '../../../api/resources.ts';
import { findLive } from '../../lookup.ts';
import type { AdmissionRequest } from '../../types.ts';
import type { AdmissionContext } from '../context.ts';

/** Why a binding cannot be used: what fails then is the policy, as its failurePolicy says. */
export class ParamFault extends Error {}

function resourceOf(kind: ParamKind, context: AdmissionContext): Resource {
  const known = RESOURCES.find((resource) => resource.kind === kind.kind && apiVersionOf(resource) === kind.apiVersion);
  if (known !== undefined) return known;
  const [group = '', version = ''] = (kind.apiVersion ?? '').split('/');
  const found = context.custom?.pluralOf(group, version, kind.kind ?? '');
  if (found === undefined) throw new KindFault(`failed to find resource referenced by paramKind: '${kind.apiVersion}, Kind=${kind.kind}'`);
  return {
    group, version, ...found, singular: '', kind: kind.kind!, listKind: `${kind.kind}List`, verbs: ['get', 'list'], shortNames: [], categories: [], subresources: [],
    storagePrefix: `${group}/${found.plural}`, schema: '',
  };
}

/** What is wrong with the policy itself, whatever binds it. */
export class KindFault extends ParamFault {}

/** The objects; one `undefined` where the policy is to run without. */
export async function paramsOf(kind: ParamKind | undefined, ref: ParamRef | undefined, request: AdmissionRequest, context: AdmissionContext): Promise<(KubeObject | undefined)[]> {
  if (kind === undefined || ref === undefined) return [undefined];
  const resource = resourceOf(kind, context);
  const namespace = namespaceFor(resource, ref, request);
  const found = ref.name ? await byName(resource, namespace, ref.name, context) : await bySelector(resource, namespace, ref, context);
  if (found.length > 0) return found;
  if (ref.parameterNotFoundAction === 'Allow') return [];
  throw new ParamFault("no params found for policy binding with `Deny` parameterNotFoundAction");
}

function namespaceFor(resource: Resource, ref: ParamRef, request: AdmissionRequest): string | undefined {
  if (!resource.namespaced) {
    if (ref.namespace) throw new ParamFault('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
    return undefined;
  }
  const namespace = ref.namespace || request.namespace;
  if (namespace === '') throw new ParamFault("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
  return namespace;
}

const isBuiltIn = (resource: Resource): boolean => resource.schema !== '';

async function byName(resource: Resource, namespace: string | undefined, name: string, context: AdmissionContext): Promise<KubeObject[]> {
  const found = (isBuiltIn(resource) ? context.lookup.get(resource, namespace, name) : undefined) ?? (await findLive(context.client, resource, namespace, name));
  return found === undefined ? [] : [found];
}

async function bySelector(resource: Resource, namespace: string | undefined, { selector }: ParamRef, context: AdmissionContext): Promise<KubeObject[]> {
  const matches = labelSelectorOf(selector ?? {});
  if (isBuiltIn(resource)) return context.lookup.list(resource, namespace).filter(({ metadata }) => matches(metadata.labels));
  const all = context.client.of(resource);
  const { items } = await (namespace === undefined ? all : all.inNamespace(namespace)).list({ labelSelector: matches.text });
  return [...items];
}
