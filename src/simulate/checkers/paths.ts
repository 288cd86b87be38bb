/** What a request is about, read from its path. */
import { RESOURCES } from '../../api/resources.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { ApiRequest } from '../../client/types.ts';

export interface About {
  resource: Resource;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
  /** The object's key in the store; undefined for collections. */
  key: string | undefined;
}

const resources: ReadonlyMap<string, Resource> = new Map(RESOURCES.map((resource) => [`${resource.group}/${resource.version}/${resource.plural}`, resource as Resource]));

/** Undefined for paths that are about no object of a known resource. */
export function aboutOf({ path }: Pick<ApiRequest, 'path'>): About | undefined {
  const parts = path.split('/').slice(1);
  const [group, version] = parts[0] === 'api' ? ['', parts[1]] : [parts[1]!, parts[2]];
  let rest = parts.slice(parts[0] === 'api' ? 2 : 3);
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2 && !['finalize', 'status'].includes(rest[2]!)) {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const resource = resources.get(`${group}/${version}/${rest[0]}`);
  if (!resource) return undefined;
  const [, name, subresource] = rest;
  const key = name === undefined ? undefined : `/registry/${resource.storagePrefix}/${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return { resource, namespace, name, subresource, key };
}
