/** OpenAPI documents: of everything that the server serves by default, or of what it is told to serve. */
export { OpenApi, openApiV2, openApiV3, openApiV3Hash, openApiV3Index } from './documents.ts';
export type { Described } from './documents.ts';
export { addDocs } from './docs.ts';
export { customPart2, customDocument3, type DescribedVersion, type Part2 } from './custom.ts';
