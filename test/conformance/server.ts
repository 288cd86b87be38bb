/** What conformance tests run against: a whole API server over HTTPS on loopback, and the real kubectl beside it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request as httpsRequest } from 'node:https';
import { createClient, httpTransport } from '../../src/client/index.ts';
import type { Client } from '../../src/client/types.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../../src/apiserver/server.ts';
import type { ApiServerOptions } from '../../src/apiserver/options.ts';
import { nodeHost } from '../../src/host/node/index.ts';
import type { Host } from '../../src/host/types.ts';
import { findClient } from '../../src/main/kubectl.ts';
import { createAuthority, issueCertificate } from '../../src/pki/certificates.ts';
import { memoryBackend } from '../../src/store/memory.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into all kinds of answers.
  body: any;
}

export interface TestServer {
  host: Host;
  server: ApiServer;
  /** In process, as the server itself. */
  client: Client;
  url: string;
  /** The typed client over HTTPS, as the administrator. */
  remote: Client;
  /** An HTTPS request as the administrator. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Runs kubectl; `input` is its standard input. */
  kubectl(args: readonly string[], input?: string): Promise<Ran>;
  stop(): Promise<void>;
}

const TOKEN = 'conformance-administrator-token';

/** Waits until something is so. Throws, with the last reason, when it does not come to be. */
export async function eventually<T>(host: Host, check: () => T | Promise<T>, limitMs = 10_000): Promise<T> {
  const end = host.clock.monotonic() + limitMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (host.clock.monotonic() > end) throw error;
      await host.clock.sleep(50);
    }
  }
}

function run(program: string, args: readonly string[], env: Record<string, string>, input: string | undefined): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { env, maxBuffer: 64 * 2 ** 20, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end(input ?? '');
  });
}

/** A JSON body, or undefined for anything else (a stream of events is several). */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function startTestServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const host = nodeHost({ logLevel: 'silent' });
  const directory = await mkdtemp(join(tmpdir(), 'kubets-conformance-'));
  const nowMs = host.clock.now();
  const authority = await createAuthority({ commonName: 'conformance', nowMs, days: 1 });
  const leaf = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 });
  const server = await createApiServer({
    host, backend: memoryBackend({ clock: host.clock }), version: '0.0.0', serviceCidr: '10.96.0.0/16', ...options,
    authentication: { tokens: [{ token: TOKEN, user: { name: 'administrator', groups: ['system:masters'] } }], ...options.authentication },
  });
  await server.start();
  const listener = await server.listen({ address: '127.0.0.1', port: 0, tls: leaf });
  await server.ready();
  const url = `https://127.0.0.1:${listener.port}`;
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'c', clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority-data': Buffer.from(authority.cert).toString('base64') } }],
    users: [{ name: 'u', user: { token: TOKEN } }], contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'default' } }],
  }));
  const send: TestServer['send'] = (method, path, body, headers = {}) => new Promise((resolve, reject) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    // Without a length Node does not say where the body of a DELETE ends.
    const length = sent === undefined ? {} : { 'content-length': String(Buffer.byteLength(sent)) };
    const outgoing = httpsRequest(`${url}${path}`, { method, ca: authority.cert, headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type, ...length, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) }));
    });
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
  return {
    host, server, url, send, client: createClient(server.transport(loopbackUser)),
    remote: createClient(httpTransport(host.net, { server: url, tls: { ca: authority.cert }, token: TOKEN, userAgent: 'conformance' })),
    async kubectl(args, input) {
      const program = await findClient('kubectl');
      return run(program, args, { PATH: process.env['PATH'] ?? '', HOME: directory, KUBECONFIG: kubeconfig }, input);
    },
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
