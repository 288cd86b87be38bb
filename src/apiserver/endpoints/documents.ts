/** The OpenAPI documents of the API floor, loaded when somebody asks for one. */
import type { Described, OpenApi } from '../../api/openapi/index.ts';
import type { OpenApiDocuments } from './openapi.ts';
import { JoinedDocument, Part, type Turn } from './openapi-parts.ts';

async function load(described: Described): Promise<OpenApi> {
  const { OpenApi, addDocs } = await import('../../api/openapi/index.ts');
  if (described.resources.some((resource) => resource.offByDefault === true)) addDocs((await import('../../api/generated/docs-off.ts')).DOCS_OFF);
  return new OpenApi(described);
}

/** The parts of version 2, one made in each turn. */
async function second(documents: OpenApi, turn: Turn | undefined): Promise<JoinedDocument> {
  const { REST2 } = await import('../../api/openapi/index.ts');
  const parts: Part[] = [];
  for (const part of documents.parts2()) {
    parts.push(new Part(part));
    await turn?.();
  }
  return new JoinedDocument(REST2, parts, turn);
}

/** `turn` lets other work go on where there is much to do. */
export function apiDocuments(described: Described, turn?: Turn): OpenApiDocuments {
  let made: Promise<OpenApi> | undefined;
  let joined: Promise<JoinedDocument> | undefined;
  const documents = (): Promise<OpenApi> => (made ??= load(described));
  return {
    groupVersions: async () => Object.keys((await documents()).index().paths),
    v3: async (groupVersion) => (await documents()).v3(groupVersion),
    v2: () => (joined ??= documents().then((all) => second(all, turn))),
  };
}
