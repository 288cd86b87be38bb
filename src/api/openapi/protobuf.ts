/**
 * The document of OpenAPI version 2 in protobuf: the messages of gnostic's `openapi.v2` package, by their field numbers. Keywords that those
 * messages do not have cannot be sent and are left out; names that begin with `x-` travel as extensions.
 */
import { BackwardWriter, DELIMITED, VARINT } from '../protobuf/wire.ts';
import { any, content, double, f, flag, inside, many, map, message, pairs, text, whole, wrapped, wrappedList, type Field, type Json, type Message, type Put } from './messages.ts';

const reference = (): Message => ({ fields: { $ref: f(1, text), description: f(2, text) } });

let schemaMessage: Message | undefined;
const schema: Put = message(() => (schemaMessage ??= {
  fields: {
    $ref: f(1, text), format: f(2, text), title: f(3, text), description: f(4, text), default: f(5, any), multipleOf: f(6, double), maximum: f(7, double), exclusiveMaximum: f(8, flag),
    minimum: f(9, double), exclusiveMinimum: f(10, flag), maxLength: f(11, whole), minLength: f(12, whole), pattern: f(13, text), maxItems: f(14, whole), minItems: f(15, whole),
    uniqueItems: f(16, flag), maxProperties: f(17, whole), minProperties: f(18, whole), required: f(19, many(text)), enum: f(20, many(any)), additionalProperties: f(21, additional),
    type: f(22, wrappedList(text)), items: f(23, wrappedList(schema)), allOf: f(24, many(schema)), properties: f(25, map(schema)), discriminator: f(26, text), readOnly: f(27, flag),
    externalDocs: f(29, externalDocs), example: f(30, any),
  },
  extensions: 31,
}));
const additional: Put = (writer, number, value) => inside(writer, number, () => {
  if (typeof value !== 'boolean') schema(writer, 1, value);
  else {
    writer.varint(value ? 1 : 0);
    writer.tag(2, VARINT);
  }
});
const externalDocs: Put = message(() => ({ fields: { description: f(1, text), url: f(2, text) }, extensions: 3 }));

/** What parameters of header, query and path have after their first fields; those of the query have one more before. */
function parameterFields(first: number): Record<string, Field> {
  const puts: readonly (readonly [string, Put])[] = [
    ['type', text], ['format', text], ['items', schema], ['collectionFormat', text], ['default', any], ['maximum', double], ['exclusiveMaximum', flag], ['minimum', double], ['exclusiveMinimum', flag],
    ['maxLength', whole], ['minLength', whole], ['pattern', text], ['maxItems', whole], ['minItems', whole], ['uniqueItems', flag], ['enum', many(any)], ['multipleOf', double],
  ];
  return { required: f(1, flag), in: f(2, text), description: f(3, text), name: f(4, text), ...Object.fromEntries(puts.map(([name, put], i) => [name, f(first + i, put)])) };
}
const shortParameter: Message = { fields: parameterFields(5), extensions: 22 };
const queryParameter: Message = { fields: { ...parameterFields(6), allowEmptyValue: f(5, flag) }, extensions: 23 };
const bodyParameter: Message = { fields: { description: f(1, text), name: f(2, text), in: f(3, text), required: f(4, flag), schema: f(5, schema) }, extensions: 6 };
const PLACES: Readonly<Record<string, readonly [number: number, message: Message]>> = { header: [1, shortParameter], formData: [2, queryParameter], query: [3, queryParameter], path: [4, shortParameter] };

const parameter: Put = (writer, number, value) => inside(writer, number, () => {
  const where = (value as { in?: string }).in ?? '';
  const place = PLACES[where];
  if (where === 'body') message(() => bodyParameter)(writer, 1, value);
  else if (place !== undefined) inside(writer, 2, () => message(() => place[1])(writer, place[0], value));
});
const parameterItem: Put = (writer, number, value) => inside(writer, number, () => {
  if ('$ref' in (value as Json)) message(reference)(writer, 2, value);
  else parameter(writer, 1, value);
});

const response: Put = message(() => ({ fields: { description: f(1, text), schema: f(2, wrapped(1, schema)), examples: f(4, map(any)) }, extensions: 5 }));
const responseValue: Put = (writer, number, value) => inside(writer, number, () => ('$ref' in (value as Json) ? message(reference)(writer, 2, value) : response(writer, 1, value)));
const security: Put = many(map(wrappedList(text)));
const operation: Put = message(() => ({
  fields: {
    tags: f(1, many(text)), summary: f(2, text), description: f(3, text), externalDocs: f(4, externalDocs), operationId: f(5, text), produces: f(6, many(text)), consumes: f(7, many(text)),
    parameters: f(8, many(parameterItem)), responses: f(9, wrapped(1, pairs(responseValue))), schemes: f(10, many(text)), deprecated: f(11, flag), security: f(12, security),
  },
  extensions: 13,
}));
const pathItem: Put = message(() => ({
  fields: {
    $ref: f(1, text), get: f(2, operation), put: f(3, operation), post: f(4, operation), delete: f(5, operation), options: f(6, operation), head: f(7, operation), patch: f(8, operation),
    parameters: f(9, many(parameterItem)),
  },
  extensions: 10,
}));
const contact: Put = message(() => ({ fields: { name: f(1, text), url: f(2, text), email: f(3, text) }, extensions: 4 }));
const license: Put = message(() => ({ fields: { name: f(1, text), url: f(2, text) }, extensions: 3 }));
const info: Put = message(() => ({ fields: { title: f(1, text), version: f(2, text), description: f(3, text), termsOfService: f(4, text), contact: f(5, contact), license: f(6, license) }, extensions: 7 }));
const apiKey: Put = message(() => ({ fields: { type: f(1, text), name: f(2, text), in: f(3, text), description: f(4, text) }, extensions: 5 }));
const basic: Put = message(() => ({ fields: { type: f(1, text), description: f(2, text) }, extensions: 3 }));
/** The two forms that API servers name; flows of OAuth are not among them. */
const securityScheme: Put = (writer, number, value) => inside(writer, number, () => {
  const { type } = value as { type?: string };
  if (type === 'apiKey') apiKey(writer, 2, value);
  else if (type === 'basic') basic(writer, 1, value);
});

const document = (): Message => ({
  fields: {
    swagger: f(1, text), info: f(2, info), host: f(3, text), basePath: f(4, text), schemes: f(5, many(text)), consumes: f(6, many(text)), produces: f(7, many(text)),
    paths: f(8, wrapped(2, pairs(pathItem))), definitions: f(9, map(schema)), parameters: f(10, map(parameter)), responses: f(11, map(response)), security: f(12, security),
    securityDefinitions: f(13, map(securityScheme)), externalDocs: f(15, externalDocs),
  },
  extensions: 16,
});

/** The bytes of a `Document`. */
export function encodeOpenApiV2(value: object): Buffer {
  const writer = new BackwardWriter();
  content(writer, document(), value as Json);
  return writer.finish();
}

/** The two maps of a document, which are nearly all of it: their field, that of their entries, and how a value is written. */
const MEMBERS = { paths: { number: 8, entry: 2, put: pathItem }, definitions: { number: 9, entry: 1, put: schema } } as const;

/** The entries of one of a document's maps, each by itself: one after the other, behind a head, they are the map. */
export function encodeMembers2(field: keyof typeof MEMBERS, values: Record<string, unknown>): Map<string, Buffer> {
  const { entry, put } = MEMBERS[field];
  return new Map(Object.entries(values).map(([name, value]) => {
    const writer = new BackwardWriter();
    pairs(put)(writer, entry, { [name]: value });
    return [name, writer.finish()];
  }));
}

/** What stands before the entries of a map that are so long together. */
export function memberHead2(field: keyof typeof MEMBERS, length: number): Buffer {
  const writer = new BackwardWriter();
  writer.varint(length);
  writer.tag(MEMBERS[field].number, DELIMITED);
  return writer.finish();
}
