/** Kinds that only the server knows, by its discovery and OpenAPI: what every authenticated client may read. */
import type { Client } from '../../client/types.ts';
import type { StructuralSchema } from '../../cel/index.ts';
import type { CustomKind } from './decide.ts';

interface ResourceList { resources?: { name: string; kind: string }[] }
interface Document { components?: { schemas?: Record<string, StructuralSchema & { 'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[] }> } }

/** All kinds of a group and version (`example.com/v1`); none where the server does not know it. */
export async function customKinds(client: Client, apiVersion: string): Promise<CustomKind[]> {
  const [group, version] = apiVersion.split('/') as [string, string];
  let resources: ResourceList;
  let document: Document;
  try {
    resources = await client.request<ResourceList>({ method: 'GET', path: `/apis/${apiVersion}` });
    document = await client.request<Document>({ method: 'GET', path: `/openapi/v3/apis/${apiVersion}` });
  } catch {
    return [];
  }
  const schemas = Object.values(document.components?.schemas ?? {});
  return (resources.resources ?? []).flatMap(({ name, kind }) => {
    const schema = schemas.find((one) => one['x-kubernetes-group-version-kind']?.some((gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind));
    return schema === undefined || name.includes('/') ? [] : [{ group, version, plural: name, kind, schema }];
  });
}
