/** What is said of a definition that is let pass. */
import { knownFormat, sameJson } from '../schema/index.ts';
import { isSchema } from './structural.ts';
import type { CustomResourceDefinition, JSONSchemaProps } from './types.ts';

/** A schema and all schemas within it. */
export function* schemasWithin(schema: JSONSchemaProps): Generator<JSONSchemaProps, void, undefined> {
  yield schema;
  const inner: unknown[] = [schema.items, ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), schema.not, ...Object.values(schema.properties ?? {}), schema.additionalProperties];
  for (const one of inner) if (isSchema(one)) yield* schemasWithin(one as JSONSchemaProps);
}

function unknownFormats(definition: CustomResourceDefinition): string[] {
  const schemas = definition.spec.versions.flatMap(({ schema }) => schema?.openAPIV3Schema ?? []);
  const [first] = schemas;
  const once = schemas.every((schema) => sameJson(schema, first)) ? schemas.slice(0, 1) : schemas;
  return once.flatMap((schema) => [...schemasWithin(schema)].flatMap(({ type = '', format = '' }) => (format === '' || knownFormat(type, format) ? [] : [format])));
}

/** Names the formats that nothing checks; on an update those that have come with it. */
export function unknownFormatWarnings(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined): string[] {
  const before = new Set(old === undefined ? [] : unknownFormats(old));
  return [...new Set(unknownFormats(definition))].filter((format) => !before.has(format)).map((format) => `unrecognized format ${JSON.stringify(format)}`);
}
