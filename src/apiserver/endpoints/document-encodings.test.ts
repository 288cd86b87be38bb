import { expect, test } from 'vitest';
import { decodeProtobuf } from '../../api/protobuf/decode.ts';
import { openApiV2, openApiV3 } from '../../api/openapi/documents.ts';
import { encodeOpenApiV2 } from '../../api/openapi/protobuf.ts';
import { encodeOpenApiV3 } from '../../api/openapi/protobuf-v3.ts';
import { RESOURCES } from '../../api/resources.ts';
import { Discovery } from '../discovery/discovery.ts';
import type { Next, ServerRequest, ServerResponse } from '../types.ts';
import type { Pieces } from '../pieces.ts';
import { JoinedDocument } from './openapi-parts.ts';
import { withDocumentEncodings } from './document-encodings.ts';

const request = (path: string, headers: Record<string, string>): ServerRequest => ({ method: 'GET', path, rawPath: path, query: new URLSearchParams(), headers }) as unknown as ServerRequest;
const discovery = new Discovery({ groups: [{ name: '', versions: ['v1'], preferred: 'v1' }, { name: 'apps', versions: ['v1'], preferred: 'v1' }], resources: RESOURCES, serverAddress: 'a:1' });
let made = 0;
const maker: Next = async (asked): Promise<ServerResponse> => {
  if (asked.path.startsWith('/openapi/v3')) return asked.headers['accept'] === 'application/json' ? { status: 200, headers: { 'content-type': 'application/json', vary: 'Accept', etag: '"three"' }, body: JSON.stringify(openApiV3('version')) } : { status: 406, headers: {}, body: '' };
  if (asked.path !== '/openapi/v2') return discovery.handle(asked)!;
  made++;
  return { status: 200, headers: { 'content-type': asked.headers['accept']!, etag: '"one"' }, body: JoinedDocument.of(openApiV2()) };
};
const answer = withDocumentEncodings(maker);
const AGGREGATED = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

test.each(['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf,application/json'])('OpenAPI v2 for %s', async (accept) => {
  const response = await answer(request('/openapi/v2', { accept }));
  expect([response.status, response.headers['content-type']]).toEqual([200, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf']);
  expect((response.body as Pieces).bytes().equals(encodeOpenApiV2(openApiV2()))).toBe(true);
  const again = await answer(request('/openapi/v2', { accept, 'if-none-match': response.headers['etag']! }));
  expect([again.status, again.body]).toEqual([304, undefined]);
});

test.each(['application/com.github.proto-openapi.spec.v3@v1.0+protobuf', 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf,application/json'])('OpenAPI v3 for %s', async (accept) => {
  const response = await answer(request('/openapi/v3/version', { accept }));
  expect([response.status, response.headers['content-type'], response.headers['vary']]).toEqual([200, 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf', 'Accept']);
  expect(Buffer.from(response.body as Uint8Array).equals(encodeOpenApiV3(openApiV3('version')!))).toBe(true);
  expect(response.headers['etag']).not.toBe('"three"');
  expect((await answer(request('/openapi/v3/version', { accept, 'if-none-match': response.headers['etag']! }))).status).toBe(304);
});

test.each(['/openapi/v3', '/openapi/v3/'])('the index of OpenAPI v3 is JSON: %s', async (path) => {
  expect((await answer(request(path, { accept: 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf' }))).status).toBe(406);
});

test('OpenAPI v2 in JSON passes through', async () => {
  made = 0;
  for (const accept of ['application/json', '*/*', 'application/json,application/com.github.proto-openapi.spec.v2@v1.0+protobuf']) {
    expect((await answer(request('/openapi/v2', { accept }))).headers['content-type']).toBe(accept);
  }
  expect(made).toBe(3);
});

test('aggregated discovery in protobuf', async () => {
  const response = await answer(request('/apis', { accept: `application/vnd.kubernetes.protobuf;${AGGREGATED},application/json` }));
  expect(response.headers['content-type']).toBe(`application/vnd.kubernetes.protobuf;${AGGREGATED}`);
  const inJson = JSON.parse((await answer(request('/apis', { accept: `application/json;${AGGREGATED}` }))).body as string) as { items: { metadata: { name: string } }[] };
  const decoded = decodeProtobuf<{ items: { metadata: object; versions: object[] }[] }>('io.k8s.api.apidiscovery.v2.APIGroupDiscoveryList', response.body as Uint8Array);
  expect(decoded.items).toMatchObject(inJson.items.map((item) => ({ ...item, metadata: { name: item.metadata.name } })));
});
