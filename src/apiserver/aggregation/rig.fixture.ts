/** For tests: an API server that aggregates, other servers on loopback behind addresses of pods, and the certificates between them. */
import { nodeHost } from '../../host/node/index.ts';
import type { Host, Listener } from '../../host/types.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../../pki/certificates.ts';
import { APIServices, EndpointSlices, Services } from '../../api/resources.ts';
import { createClient } from '../../client/index.ts';
import type { Client, Transport } from '../../client/types.ts';
import { memoryBackend } from '../../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer, type ApiServerOptions } from '../server.ts';

export interface Pki {
  front: KeyPair;
  proxyClient: KeyPair;
  server: KeyPair;
  serving: KeyPair;
}

const days = 2;

export async function makePki(serviceName: string): Promise<Pki> {
  const nowMs = nodeHost({ logLevel: 'silent' }).clock.now();
  const [front, server] = [await createAuthority({ commonName: 'front-proxy-ca', nowMs, days }), await createAuthority({ commonName: 'server-ca', nowMs, days })];
  return {
    front, server,
    proxyClient: await issueCertificate(front, { commonName: 'front-proxy-client', usages: ['client'], nowMs, days }),
    serving: await issueCertificate(server, { commonName: serviceName, dnsNames: [serviceName, 'localhost'], ipAddresses: ['127.0.0.1'], usages: ['server'], nowMs, days }),
  };
}

/** Pods cannot be on loopback: what is sent to this address goes to a port of this machine. */
export const podAddress = '10.99.0.1';

export function hostThatReaches(ports: ReadonlyMap<string, number>): Host {
  const host = nodeHost({ logLevel: 'silent' });
  const here = (url: string): string => {
    const target = new URL(url);
    const port = ports.get(`${target.hostname}:${target.port}`);
    if (port === undefined) throw Object.assign(new Error(`connect ECONNREFUSED ${target.host}`), { code: 'ECONNREFUSED' });
    return `https://127.0.0.1:${port}${target.pathname}${target.search}`;
  };
  return { ...host, net: { ...host.net, request: async (request) => host.net.request({ ...request, url: here(request.url) }), upgrade: async (request) => host.net.upgrade({ ...request, url: here(request.url) }) } };
}

export interface Rig {
  server: ApiServer;
  admin: Client;
  transport: Transport;
  /** Where `<podAddress>:<port>` leads. */
  ports: Map<string, number>;
  pki: Pki;
  closing: (() => Promise<unknown>)[];
  listen(listener: Promise<Listener>, port: number): Promise<void>;
  close(): Promise<void>;
}

export async function startRig(more: Partial<ApiServerOptions> = {}): Promise<Rig> {
  const pki = await makePki('extension.default.svc');
  const ports = new Map<string, number>();
  const server = await createApiServer({
    host: hostThatReaches(ports), backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {}, proxyClient: pki.proxyClient, ...more,
  });
  await server.start();
  await server.ready();
  const transport = server.transport(loopbackUser);
  const closing: (() => Promise<unknown>)[] = [() => server.stop()];
  return {
    server, transport, ports, pki, closing, admin: createClient(transport),
    async listen(listener, port) {
      const open = await listener;
      ports.set(`${podAddress}:${port}`, open.port);
      closing.unshift(() => open.close());
    },
    async close() {
      for (const close of closing) await close();
    },
  };
}

/** A Service `extension`, and the pod behind it. */
export async function publish(admin: Client, port: number): Promise<void> {
  await admin.of(Services).inNamespace('default').create({ metadata: { name: 'extension' }, spec: { ports: [{ port: 443, targetPort: port }], selector: { app: 'extension' } } });
  await admin.of(EndpointSlices).inNamespace('default').create({
    metadata: { name: 'extension-1', labels: { 'kubernetes.io/service-name': 'extension' } }, addressType: 'IPv4', endpoints: [{ addresses: [podAddress], conditions: { ready: true } }], ports: [{ name: '', port, protocol: 'TCP' }],
  });
}

export async function register(admin: Client, group: string, version: string, trust: { caBundle?: string; insecureSkipTLSVerify?: boolean }): Promise<void> {
  const { caBundle, ...rest } = trust;
  await admin.of(APIServices).create({
    metadata: { name: `${version}.${group}` },
    spec: { group, version, groupPriorityMinimum: 2000, versionPriority: 200, service: { namespace: 'default', name: 'extension' }, ...(caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString('base64') as never }), ...rest },
  });
}

export async function send(transport: Transport, path: string, more: Partial<Parameters<Transport['send']>[0]> = {}): Promise<{ status: number; text: string; headers: Record<string, string> }> {
  const response = await transport.send({ method: 'GET', path, ...more });
  let text = '';
  for await (const piece of response.body) text += Buffer.from(piece).toString();
  return { status: response.status, text, headers: response.headers };
}
