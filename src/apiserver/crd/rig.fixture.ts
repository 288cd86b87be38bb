/** What tests of custom resources stand on: a whole server over a memory store, spoken to without sockets. */
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import { CustomResourceDefinitions } from '../../api/resources.ts';
import { createClient } from '../../client/index.ts';
import type { ApiRequest, Client, Transport } from '../../client/types.ts';
import { nodeHost } from '../../host/node/index.ts';
import { createAuthority, issueCertificate } from '../../pki/certificates.ts';
import type { Backend } from '../../store/backend.ts';
import { memoryBackend } from '../../store/memory.ts';
import type { ApiServerOptions } from '../options.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into all kinds of answers.
  body: any;
  warnings: string[];
}

export type Send = (method: ApiRequest['method'], path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

export interface Rig {
  server: ApiServer;
  backend: Backend;
  client: Client;
  transport: Transport;
  send: Send;
  /** Creates a definition and waits until it is established. */
  define(definition: CustomResourceDefinition): Promise<CustomResourceDefinition>;
  stop(): Promise<void>;
}

/** A host without words; each test file makes its own. */
export const testHost = nodeHost({ logLevel: 'silent' });

/** Waits until something is so. Throws, with the last reason, when it does not come to be. */
export async function eventually<T>(check: () => T | Promise<T>, limitMs = 10_000): Promise<T> {
  const end = testHost.clock.monotonic() + limitMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (testHost.clock.monotonic() > end) throw error;
      await testHost.clock.sleep(20);
    }
  }
}

export function sender(transport: Transport): Send {
  return async (method, target, body, headers = {}) => {
    const { pathname, searchParams } = new URL(target, 'http://localhost');
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await transport.send({
      method, path: pathname, query: Object.fromEntries(searchParams), headers: { 'content-type': contentType, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    let text = '';
    for await (const piece of response.body) text += Buffer.from(piece).toString();
    const warning = response.headers['warning'] ?? '';
    const warnings = [...warning.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replaceAll(/\\(.)/g, '$1'));
    return { status: response.status, headers: response.headers, text, body: text.startsWith('{') && !text.includes('}\n{') ? (JSON.parse(text) as unknown) : undefined, warnings };
  };
}

export async function startRig(options: Partial<ApiServerOptions> = {}): Promise<Rig> {
  const backend = options.backend ?? memoryBackend();
  const server = await createApiServer({ host: testHost, backend, version: '0.0.0', serviceCidr: '10.96.0.0/16', ...options });
  await server.start();
  await server.ready();
  const transport = server.transport(loopbackUser);
  const client = createClient(transport);
  return {
    server, backend, client, transport, send: sender(transport),
    async define(definition) {
      const created = await client.of(CustomResourceDefinitions).create(definition);
      return eventually(async () => {
        const found = await client.of(CustomResourceDefinitions).get(created.metadata.name!);
        if (!found.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) throw new Error(`not established: ${JSON.stringify(found.status)}`);
        return found;
      });
    },
    stop: () => server.stop(),
  };
}

export interface TestWebhook {
  url: string;
  /** base64 of its authority's PEM. */
  caBundle: string;
  close(): Promise<void>;
}

/** An HTTPS server on loopback that answers each body with JSON of what `answer` makes of it. */
export async function startWebhook(answer: (body: string) => string): Promise<TestWebhook> {
  const nowMs = testHost.clock.now();
  const authority = await createAuthority({ commonName: 'webhook authority', nowMs, days: 1 });
  const tls = await issueCertificate(authority, { commonName: 'webhook', usages: ['server'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 });
  const listener = await testHost.net.listen({
    address: '127.0.0.1', port: 0, tls, onRequest: (incoming, outgoing) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (piece: string) => (text += piece));
      incoming.on('end', () => {
        outgoing.setHeader('content-type', 'application/json');
        outgoing.end(answer(text));
      });
    },
  });
  return { url: `https://127.0.0.1:${listener.port}/`, caBundle: Buffer.from(authority.cert).toString('base64'), close: () => listener.close() };
}

export interface DefinitionShape {
  group?: string;
  plural?: string;
  kind?: string;
  scope?: 'Namespaced' | 'Cluster';
  names?: object;
  versions?: CustomResourceDefinitionVersion[];
  schema?: JSONSchemaProps;
  version?: Partial<CustomResourceDefinitionVersion>;
  spec?: object;
}

/** A definition with what a test does not say filled in. */
export function definitionOf(shape: DefinitionShape = {}): CustomResourceDefinition {
  const { group = 'example.com', plural = 'widgets', kind = 'Widget', scope = 'Namespaced' } = shape;
  const schema: JSONSchemaProps = shape.schema ?? { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } };
  const versions = shape.versions ?? [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...shape.version }];
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.${group}` },
    spec: { group, scope, names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List`, ...shape.names }, versions, ...shape.spec },
  } as CustomResourceDefinition;
}
