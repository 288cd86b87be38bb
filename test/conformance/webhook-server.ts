/** A webhook of our own on loopback, over TLS, for tests: it answers as upstream's test image does. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAuthority, issueCertificate } from '../../src/pki/certificates.ts';
import { testHost } from '../../src/apiserver/crd/rig.fixture.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- reviews hold all kinds of objects.
type Any = any;

export interface Answered { allowed: boolean; status?: object; patch?: object[]; warnings?: string[]; auditAnnotations?: Record<string, string>; delayMs?: number }

/** What a conversion webhook says. */
export interface Converted { convertedObjects: object[]; result: { status: 'Success' | 'Failed'; message?: string } }

export interface WebhookServer {
  port: number;
  /** base64 of the authority's PEM. */
  caBundle: string;
  /** Reviews by path, in the order in which they came. */
  seen: Map<string, Any[]>;
  url(path: string): string;
  close(): Promise<void>;
}

export async function startWebhookServer(paths: Record<string, (request: Any) => Answered | Converted>): Promise<WebhookServer> {
  const nowMs = testHost.clock.now();
  const authority = await createAuthority({ commonName: 'webhook-ca', nowMs, days: 2 });
  const serving = await issueCertificate(authority, { commonName: 'webhook', dnsNames: ['localhost', 'webhook.default.svc'], ipAddresses: ['127.0.0.1'], usages: ['server'], nowMs, days: 2 });
  const seen = new Map<string, Any[]>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    void (async () => {
      const pieces: Uint8Array[] = [];
      for await (const piece of request) pieces.push(piece as Uint8Array);
      const review = JSON.parse(Buffer.concat(pieces).toString()) as Any;
      const path = request.url!.split('?', 1)[0]!;
      seen.set(path, [...(seen.get(path) ?? []), { ...review, query: request.url!.split('?')[1] }]);
      const handler = paths[path];
      if (handler === undefined) return void response.writeHead(404).end();
      const { patch, delayMs, ...rest }: Partial<Answered> = handler(review.request) as Answered;
      if (delayMs !== undefined) await testHost.clock.sleep(delayMs);
      const answer = { ...rest, uid: review.request.uid, ...(patch ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') } : {}) };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: answer }));
    })().catch(() => response.destroy());
  };
  const listener = await testHost.net.listen({ address: '127.0.0.1', port: 0, tls: { cert: serving.cert, key: serving.key }, onRequest: onRequest as never });
  return {
    port: listener.port, caBundle: Buffer.from(authority.cert).toString('base64'), seen,
    url: (path) => `https://127.0.0.1:${listener.port}${path}`,
    close: () => listener.close(),
  };
}
