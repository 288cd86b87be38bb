/** How a resource of the API is described in code: one value a resource, typed by the kind that it serves. */
import type { KubeObject } from './v1/types.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** A path below a named object, such as `status` or `exec`. */
export interface Subresource {
  name: string;
  /** The kind that travels, with its own group and version where they are not the parent's (`autoscaling/v1` Scale). */
  kind: string;
  group?: string;
  version?: string;
  verbs: readonly string[];
}

/**
 * A served resource. The phantom parameter is the kind's interface, so that `client.of(Pods)` yields pods.
 * `storagePrefix` is the path below `/registry/` (nodes live under `minions`).
 */
export interface Resource<T extends KubeObject = KubeObject> {
  group: string;
  version: string;
  /** Plural, lower case: the word in the URL. */
  plural: string;
  singular: string;
  kind: string;
  listKind: string;
  namespaced: boolean;
  verbs: readonly Verb[] | readonly string[];
  shortNames: readonly string[];
  categories: readonly string[];
  subresources: readonly Subresource[];
  storagePrefix: string;
  /** The version written to the store, where it differs. */
  storageVersion?: { group: string; version: string };
  /** As discovery shows it: base64 of the first 8 bytes of sha256 over `group/version/kind` of the stored version upstream. */
  storageVersionHash?: string;
  /** Name of the schema, as `io.k8s.api.core.v1.Pod`. */
  schema: string;
  /** Served only where the server is told to. */
  offByDefault?: boolean;
  /** Never set: carries the type. */
  readonly example?: T;
}

/** `v1` or `apps/v1`. */
export function apiVersionOf(resource: { group: string; version: string }): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** `pods` or `deployments.apps`, as RBAC messages and errors name a resource. */
export function groupResourceOf(resource: { group: string; plural: string }): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

/** `/api/v1/namespaces/default/pods/x/status`; leave out name, namespace or subresource as needed. */
export function pathOf(
  resource: { group: string; version: string; plural: string; namespaced: boolean },
  at: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && at.namespace ? `/namespaces/${encodeURIComponent(at.namespace)}` : '';
  const object = at.name === undefined ? '' : `/${encodeURIComponent(at.name)}`;
  const below = at.subresource === undefined ? '' : `/${at.subresource}`;
  return `${root}${scope}/${resource.plural}${object}${below}`;
}
