/**
 * The documents of OpenAPI version 3 in protobuf: the messages of gnostic's `openapi.v3` package, by their field numbers. As in version 2, keywords that
 * those messages do not have are left out, and names that begin with `x-` travel as extensions.
 */
import { BackwardWriter, DELIMITED, FIXED64, VARINT } from '../protobuf/wire.ts';
import { any, content, double, f, flag, inside, many, map, message, pairs, text, whole, wrapped, type Json, type Message, type Put } from './messages.ts';

const reference: Put = message(() => ({ fields: { $ref: f(1, text), summary: f(2, text), description: f(3, text) } }));
/** Either the thing itself or where it is to be found. */
const orReference = (put: Put): Put => (writer, number, value) => inside(writer, number, () => ('$ref' in (value as Json) ? reference(writer, 2, value) : put(writer, 1, value)));

/** A default: a text, a number or a boolean, also an empty one. Of an object or a list no more is said than that there is one. */
const defaultValue: Put = (writer, number, value) => inside(writer, number, () => {
  if (typeof value === 'string') {
    writer.varint(writer.text(value));
    writer.tag(3, DELIMITED);
  } else if (typeof value === 'boolean') {
    writer.varint(value ? 1 : 0);
    writer.tag(2, VARINT);
  } else if (typeof value === 'number') {
    writer.double(value);
    writer.tag(1, FIXED64);
  }
});

const externalDocs: Put = message(() => ({ fields: { description: f(1, text), url: f(2, text) }, extensions: 3 }));
const discriminator: Put = message(() => ({ fields: { propertyName: f(1, text), mapping: f(2, map(text)) }, extensions: 3 }));
const additional: Put = (writer, number, value) => inside(writer, number, () => {
  if (typeof value !== 'boolean') schema(writer, 1, value);
  else {
    writer.varint(value ? 1 : 0);
    writer.tag(2, VARINT);
  }
});
const items: Put = (writer, number, value) => inside(writer, number, () => many(schema)(writer, 1, Array.isArray(value) ? value : [value]));

let schemaMessage: Message | undefined;
const plainSchema: Put = message(() => (schemaMessage ??= {
  fields: {
    nullable: f(1, flag), discriminator: f(2, discriminator), readOnly: f(3, flag), writeOnly: f(4, flag), externalDocs: f(6, externalDocs), example: f(7, any), deprecated: f(8, flag), title: f(9, text),
    multipleOf: f(10, double), maximum: f(11, double), exclusiveMaximum: f(12, flag), minimum: f(13, double), exclusiveMinimum: f(14, flag), maxLength: f(15, whole), minLength: f(16, whole),
    pattern: f(17, text), maxItems: f(18, whole), minItems: f(19, whole), uniqueItems: f(20, flag), maxProperties: f(21, whole), minProperties: f(22, whole), required: f(23, many(text)),
    enum: f(24, many(any)), type: f(25, text), allOf: f(26, many(schema)), oneOf: f(27, many(schema)), anyOf: f(28, many(schema)), not: f(29, plainSchema), items: f(30, items),
    properties: f(31, map(schema)), additionalProperties: f(32, additional), default: f(33, defaultValue), description: f(34, text), format: f(35, text),
  },
  extensions: 36,
}));
const schema: Put = orReference((writer, number, value) => plainSchema(writer, number, value));

const mediaTypes: Put = map(message(() => ({ fields: { schema: f(1, schema), example: f(2, any) }, extensions: 5 })));
const header: Put = orReference(message(() => ({ fields: { description: f(1, text), required: f(2, flag), deprecated: f(3, flag), schema: f(8, schema), example: f(9, any) }, extensions: 12 })));
const parameter: Put = orReference(message(() => ({
  fields: {
    name: f(1, text), in: f(2, text), description: f(3, text), required: f(4, flag), deprecated: f(5, flag), allowEmptyValue: f(6, flag), style: f(7, text), explode: f(8, flag), allowReserved: f(9, flag),
    schema: f(10, schema), example: f(11, any), content: f(13, mediaTypes),
  },
  extensions: 14,
})));
const requestBody: Put = orReference(message(() => ({ fields: { description: f(1, text), content: f(2, mediaTypes), required: f(3, flag) }, extensions: 4 })));
const response: Put = orReference(message(() => ({ fields: { description: f(1, text), headers: f(2, map(header)), content: f(3, mediaTypes) }, extensions: 5 })));
/** Answers by their codes; `default` has a field of its own. */
const responses: Put = (writer, number, value) => inside(writer, number, () => {
  const { default: otherwise, ...codes } = value as Json;
  pairs(response)(writer, 2, codes);
  if (otherwise !== undefined) response(writer, 1, otherwise);
});
const security: Put = many(map((writer, number, value) => inside(writer, number, () => many(text)(writer, 1, value))));
const serverVariable: Put = message(() => ({ fields: { enum: f(1, many(text)), default: f(2, text), description: f(3, text) }, extensions: 4 }));
const server: Put = message(() => ({ fields: { url: f(1, text), description: f(2, text), variables: f(3, map(serverVariable)) }, extensions: 4 }));
const operation: Put = message(() => ({
  fields: {
    tags: f(1, many(text)), summary: f(2, text), description: f(3, text), externalDocs: f(4, externalDocs), operationId: f(5, text), parameters: f(6, many(parameter)), requestBody: f(7, requestBody),
    responses: f(8, responses), deprecated: f(10, flag), security: f(11, security), servers: f(12, many(server)),
  },
  extensions: 13,
}));
const pathItem: Put = message(() => ({
  fields: {
    $ref: f(1, text), summary: f(2, text), description: f(3, text), get: f(4, operation), put: f(5, operation), post: f(6, operation), delete: f(7, operation), options: f(8, operation),
    head: f(9, operation), patch: f(10, operation), trace: f(11, operation), servers: f(12, many(server)), parameters: f(13, many(parameter)),
  },
  extensions: 14,
}));
const contact: Put = message(() => ({ fields: { name: f(1, text), url: f(2, text), email: f(3, text) }, extensions: 4 }));
const license: Put = message(() => ({ fields: { name: f(1, text), url: f(2, text) }, extensions: 3 }));
const info: Put = message(() => ({ fields: { title: f(1, text), description: f(2, text), termsOfService: f(3, text), contact: f(4, contact), license: f(5, license), version: f(6, text), summary: f(8, text) }, extensions: 7 }));
/** Schemes without flows of OAuth, which API servers do not name. */
const securityScheme: Put = orReference(message(() => ({
  fields: { type: f(1, text), description: f(2, text), name: f(3, text), in: f(4, text), scheme: f(5, text), bearerFormat: f(6, text), openIdConnectUrl: f(8, text) }, extensions: 9,
})));
const components: Put = message(() => ({
  fields: {
    schemas: f(1, map(schema)), responses: f(2, map(response)), parameters: f(3, map(parameter)), requestBodies: f(5, map(requestBody)), headers: f(6, map(header)), securitySchemes: f(7, map(securityScheme)),
  },
  extensions: 10,
}));

const document = (): Message => ({
  fields: {
    openapi: f(1, text), info: f(2, info), servers: f(3, many(server)), paths: f(4, wrapped(1, pairs(pathItem))), components: f(5, components), security: f(6, security),
    tags: f(7, many(message(() => ({ fields: { name: f(1, text), description: f(2, text), externalDocs: f(3, externalDocs) }, extensions: 4 })))), externalDocs: f(8, externalDocs),
  },
  extensions: 9,
});

/** The bytes of a `Document`. */
export function encodeOpenApiV3(value: object): Buffer {
  const writer = new BackwardWriter();
  content(writer, document(), value as Json);
  return writer.finish();
}
