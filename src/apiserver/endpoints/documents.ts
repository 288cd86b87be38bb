/** The OpenAPI documents of the API floor, loaded when somebody asks for one. */
import type { OpenApiDocuments } from './openapi.ts';

export function apiDocuments(): OpenApiDocuments {
  const load = (): Promise<typeof import('../../api/openapi/index.ts')> => import('../../api/openapi/index.ts');
  return {
    groupVersions: async () => Object.keys((await load()).openApiV3Index().paths),
    v3: async (groupVersion) => (await load()).openApiV3(groupVersion),
    v2: async () => (await load()).openApiV2(),
  };
}
