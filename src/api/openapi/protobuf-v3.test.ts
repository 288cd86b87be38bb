import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeOpenApiV3 } from './protobuf-v3.ts';

/** Something of everything that the documents of an API server have. */
const DOCUMENT = {
  openapi: '3.0.0',
  info: { title: 'T', version: 'v1', description: 'd', contact: { name: 'c' }, license: { name: 'l', url: 'u' } },
  servers: [{ url: '/', description: 'here' }],
  paths: {
    '/a/{name}': {
      get: {
        tags: ['a'], description: 'reads', operationId: 'get', deprecated: true, security: [{ BearerToken: ['x'] }],
        parameters: [{ $ref: '#/components/parameters/p' }, { name: 'q', in: 'query', required: true, schema: { type: 'integer', default: 0 } }],
        requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } },
        responses: { '200': { description: 'OK', headers: { h: { description: 'head', schema: { type: 'string' } } }, content: { '*/*': { schema: { type: 'string' } } } }, default: { description: 'else' } },
        'x-kubernetes-action': 'get',
      },
      parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }],
    },
  },
  components: {
    schemas: {
      A: {
        type: 'object', required: ['m'], description: 'a', nullable: true, title: 't',
        properties: {
          m: { allOf: [{ $ref: '#/components/schemas/B' }], default: {} }, s: { type: 'string', default: '', enum: ['a', 'b', '1'], pattern: '^a$', minLength: 1, maxLength: 5 }, b: { type: 'boolean', default: false },
          n: { type: 'number', minimum: 0.5, maximum: 2, exclusiveMaximum: true, multipleOf: 0.5, default: 1.5, example: 2 },
          l: { type: 'array', items: { type: 'string', default: '' }, minItems: 1, 'x-kubernetes-list-map-keys': ['a', 'key'], 'x-kubernetes-list-type': 'map' },
          o: { oneOf: [{ type: 'integer' }, { type: 'string' }], not: { type: 'null' }, additionalProperties: true },
        },
        additionalProperties: { type: 'string', format: 'byte', default: '' }, 'x-kubernetes-group-version-kind': [{ group: '', kind: 'A', version: 'v1' }],
      },
      B: { type: 'object', externalDocs: { url: 'u' }, maxProperties: 3 },
    },
    securitySchemes: { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header', description: 'token' } },
    parameters: { p: { name: 'p', in: 'query', description: 'd', schema: { type: 'boolean', uniqueItems: true } } },
  },
  security: [{ BearerToken: [] }],
};

test('a document has the bytes that gnostic gives it', () => {
  const bytes = encodeOpenApiV3(DOCUMENT);
  expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([1036, 'edcd4fa8044e3fd62ce991099f0387367c91702ae346ddc8e7157c0f0f07e399']);
});

test('what the messages have no field for is left out', () => {
  expect(encodeOpenApiV3({ openapi: '3.0.0', strange: 1 })).toEqual(encodeOpenApiV3({ openapi: '3.0.0' }));
});
