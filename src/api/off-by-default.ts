/**
 * The alpha and beta versions of v1.36, and versions that are no longer served: loaded when somebody asks for them, so that starting up costs
 * nothing more. What is loaded becomes known in the whole process; what a server serves is its own choice.
 */
import { addConversions, type Conversion } from './convert.ts';
import type { KubeObject } from './meta/v1/types.ts';
import { apiVersionOf, type Resource } from './meta/resource.ts';
import { addResources, type ApiGroup } from './resources.ts';
import { addTables } from './schema.ts';
import { addStrategies } from './strategies.ts';

let types: Promise<void> | undefined;

/** Makes the schemas known. Further calls do nothing. */
export function loadVersionsOffByDefault(): Promise<void> {
  types ??= import('./generated/tables-off.ts').then(({ TABLES_OFF }) => addTables(TABLES_OFF));
  return types;
}

export interface OffByDefault {
  resources: readonly Resource[];
  groups: readonly ApiGroup[];
}

let served: Promise<OffByDefault> | undefined;

/** Makes the resources known that v1.36 can serve beside those that are on, with schemas, strategies and conversions. Further calls do nothing. */
export function loadResourcesOffByDefault(): Promise<OffByDefault> {
  served ??= load();
  return served;
}

async function load(): Promise<OffByDefault> {
  const [{ resourcesOffByDefault, groupsOffByDefault }, strategies, structural] = await Promise.all([import('./resources-off.ts'), import('./strategies-off.ts'), import('./resource/v1beta1/convert.ts'), loadVersionsOffByDefault()]);
  const resources = resourcesOffByDefault();
  addResources(resources);
  addStrategies([
    ['io.k8s.api.certificates.v1beta1', strategies.certificatesOffStrategies],
    ['io.k8s.api.coordination.v1beta1', strategies.coordinationOffStrategies],
    ['io.k8s.api.scheduling.v1alpha2', strategies.schedulingOffStrategies],
    ['io.k8s.api.resource.v1alpha3', strategies.resourceOffStrategies],
    ['io.k8s.api.apiserverinternal.v1alpha1', strategies.storageVersionStrategies],
    ['io.k8s.api.storagemigration.v1beta1', strategies.storageMigrationStrategies],
  ]);
  for (const resource of resources) if (resource.storageVersion !== undefined) addConversions(renaming(resource, resource.storageVersion));
  const { claimToV1, claimToBeta, templateToV1, templateToBeta, sliceToV1, sliceToBeta } = structural;
  addConversions({
    ...both('ResourceClaim', claimToV1 as unknown as Conversion, claimToBeta as unknown as Conversion),
    ...both('ResourceClaimTemplate', templateToV1 as unknown as Conversion, templateToBeta as unknown as Conversion),
    ...both('ResourceSlice', sliceToV1 as unknown as Conversion, sliceToBeta as unknown as Conversion),
  });
  return { resources, groups: groupsOffByDefault() };
}

/** Versions with the same fields. */
function renaming(resource: Resource, stored: { group: string; version: string }): Record<string, Conversion> {
  const [here, there] = [apiVersionOf(resource), apiVersionOf(stored)];
  const to = (apiVersion: string): Conversion => (object: KubeObject) => ({ ...object, apiVersion });
  return { [`${here} ${there} ${resource.kind}`]: to(there), [`${there} ${here} ${resource.kind}`]: to(here) };
}

/** Versions of resource.k8s.io that differ. */
function both(kind: string, up: Conversion, down: Conversion): Record<string, Conversion> {
  return { [`resource.k8s.io/v1beta1 resource.k8s.io/v1 ${kind}`]: up, [`resource.k8s.io/v1 resource.k8s.io/v1beta1 ${kind}`]: down };
}
