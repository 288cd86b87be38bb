import { expect, test } from 'vitest';
import { decodeProtobuf } from '../../api/protobuf/decode.ts';
import { openApiV2 } from '../../api/openapi/documents.ts';
import { encodeOpenApiV2 } from '../../api/openapi/protobuf.ts';
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
