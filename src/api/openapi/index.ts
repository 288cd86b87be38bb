/** OpenAPI documents of everything that the server serves by default. */
export { openApiV2, openApiV3, openApiV3Hash, openApiV3Index } from './documents.ts';
