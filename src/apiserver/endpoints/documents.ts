/** The OpenAPI documents of the API floor, loaded when somebody asks for one. */
import type { Described, OpenApi } from '../../api/openapi/index.ts';
import type { OpenApiDocuments } from './openapi.ts';

async function load(described: Described): Promise<OpenApi> {
  const { OpenApi, addDocs } = await import('../../api/openapi/index.ts');
  if (described.resources.some((resource) => resource.offByDefault === true)) addDocs((await import('../../api/generated/docs-off.ts')).DOCS_OFF);
  return new OpenApi(described);
}

export function apiDocuments(described: Described): OpenApiDocuments {
  let made: Promise<OpenApi> | undefined;
  const documents = (): Promise<OpenApi> => (made ??= load(described));
  return {
    groupVersions: async () => Object.keys((await documents()).index().paths),
    v3: async (groupVersion) => (await documents()).v3(groupVersion),
    v2: async () => (await documents()).v2(),
  };
}
