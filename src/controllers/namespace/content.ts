/** Empties a namespace: pods before all else, so that what they need (secrets, volumes, policies) outlives them. */
import type { Pod } from '../../api/core/v1/types.ts';
import { groupResourceOf, type Resource } from '../../api/meta/resource.ts';
import { isNotFound, StatusError } from '../../api/meta/status.ts';
import { RESOURCES } from '../../api/resources.ts';
import { discoverResources, metadataClient } from '../../client/index.ts';
import type { Client, ResourceClient } from '../../client/types.ts';
import type { ContentReport } from './decide.ts';

export interface ContentRound {
  report: ContentReport;
  /** How long what remains may take to end by itself, in seconds. 0: unknown. */
  estimateSeconds: number;
}

interface Draft {
  discoveryFailures: string[];
  deletionFailures: string[];
  remaining: Map<string, number>;
  finalizers: Map<string, number>;
}

const can = (resource: Resource, verb: string): boolean => (resource.verbs as readonly string[]).includes(verb);
const isAbsent = (error: unknown): boolean => isNotFound(error) || (error instanceof StatusError && error.code === 405);

/** Resources to empty: what discovery tells, and what this program knows where discovery fails. */
async function deletableResources(client: Client, draft: Draft): Promise<Resource[]> {
  const byName = new Map<string, Resource>();
  try {
    const { resources, failures } = await discoverResources(client);
    for (const resource of resources) byName.set(groupResourceOf(resource), resource);
    for (const [groupVersion, why] of failures) draft.discoveryFailures.push(`${groupVersion}: ${why}`);
  } catch (error) {
    draft.discoveryFailures.push((error as Error).message);
  }
  if (draft.discoveryFailures.length > 0) {
    for (const resource of RESOURCES) if (!byName.has(groupResourceOf(resource))) byName.set(groupResourceOf(resource), resource);
  }
  const isPod = (resource: Resource): boolean => resource.group === '' && resource.plural === 'pods';
  const wanted = [...byName.values()].filter((resource) => resource.namespaced && can(resource, 'delete') && can(resource, 'list'));
  return wanted.sort((a, b) => Number(isPod(b)) - Number(isPod(a)) || (groupResourceOf(a) < groupResourceOf(b) ? -1 : 1));
}

async function deleteAll(resource: Resource, objects: ResourceClient<never>): Promise<void> {
  if (can(resource, 'deletecollection')) return objects.deleteCollection({ propagationPolicy: 'Background' });
  for (const item of (await objects.list()).items as { metadata: { name?: string } }[]) {
    try {
      await objects.delete(item.metadata.name!, { propagationPolicy: 'Background' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Deletes all of one resource and notes what is left. Returns how many are. */
async function emptyResource(client: Client, resource: Resource, namespace: string, draft: Draft): Promise<number> {
  const name = groupResourceOf(resource);
  const objects = metadataClient(client).of(resource as Resource<never>).inNamespace(namespace);
  try {
    let left = (await objects.list({ limit: 1 })).items.length;
    if (left === 0) return 0;
    await deleteAll(resource, objects);
    const { items } = await objects.list();
    left = items.length;
    if (left > 0) draft.remaining.set(resource.group === '' ? `${resource.plural}.` : name, left);
    for (const item of items as { metadata: { finalizers?: string[] } }[]) {
      for (const finalizer of item.metadata.finalizers ?? []) draft.finalizers.set(finalizer, (draft.finalizers.get(finalizer) ?? 0) + 1);
    }
    return left;
  } catch (error) {
    if (isAbsent(error)) return 0;
    draft.deletionFailures.push((error as Error).message);
    return 0;
  }
}

/** The longest grace period among pods that are on their way out. */
async function podEstimateSeconds(client: Client, namespace: string): Promise<number> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const { items } = await client.request<{ items: Pod[] }>({ method: 'GET', path, headers: { accept: 'application/json' } });
  return Math.max(0, ...items.filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed').map((pod) => Number(pod.spec?.terminationGracePeriodSeconds ?? 0)));
}

/** One round: while pods remain nothing else is touched. */
export async function deleteContent(client: Client, namespace: string): Promise<ContentRound> {
  const draft: Draft = { discoveryFailures: [], deletionFailures: [], remaining: new Map(), finalizers: new Map() };
  for (const resource of await deletableResources(client, draft)) {
    const left = await emptyResource(client, resource, namespace, draft);
    if (left > 0 && resource.group === '' && resource.plural === 'pods') return { report: draft, estimateSeconds: await podEstimateSeconds(client, namespace) };
  }
  return { report: draft, estimateSeconds: 0 };
}
