/** OpenAPI documents: of everything that the server serves by default, or of what it is told to serve. */
export { OpenApi, REST2, openApiV2, openApiV3, openApiV3Hash, openApiV3Index } from './documents.ts';
export type { Described, Part2 } from './documents.ts';
export { addDocs } from './docs.ts';
export { customPart2, customDocument3, type DescribedVersion } from './custom.ts';
