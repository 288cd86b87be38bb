/** The node's HTTPS server (port 10250): logs, exec, attach, port-forward, and facts about the node and its pods. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Pod } from '../../api/core/v1/types.ts';
import { HealthIndicators } from '../../base/component-metrics.ts';
import type { Client, Running } from '../../client/types.ts';
import type { ContainerRuntime } from '../../cri/index.ts';
import type { AnyServerRequest, AnyServerResponse, Host } from '../../host/types.ts';
import { NodeAccess } from './access.ts';
import { containerLogs } from './container-logs.ts';
import { passOn, refuse, sessionUrl } from './streaming.ts';
import { HttpError, type Answer, type PodLookup, type StatsSource } from './types.ts';

export interface KubeletServerOptions {
  host: Host;
  client: Client;
  runtime: ContainerRuntime;
  nodeName: string;
  pods: PodLookup;
  stats?: StatsSource;
  config: {
    address?: string;
    /** Default 10250. */
    port?: number;
    serving: { cert: string; key: string };
    /** PEM bundle of client certificates. */
    clientCa: string;
    /** `delegated`: tokens and rights are asked of the API server; `cert-only`: every verified certificate may do everything. */
    authentication: 'delegated' | 'cert-only';
  };
}

const shutdownGraceMs = 1_000;
const runTimeoutSeconds = 60;
const streaming = new Set(['exec', 'attach', 'portForward']);

interface Route {
  kind: string;
  pod: Pod;
  container: string | undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, `invalid URL escape in ${JSON.stringify(segment)}`);
  }
}

/** The URL of a request. Targets such as `//` are none: they must not end the process. */
function urlOf(request: AnyServerRequest): URL {
  const target = request.url ?? '/';
  try {
    return new URL(target.startsWith('/') ? `https://node${target}` : target, 'https://node');
  } catch {
    throw new HttpError(400, `invalid request target ${JSON.stringify(target)}`);
  }
}

/** `/KIND/NAMESPACE/POD[/UID][/CONTAINER]` */
function routeTo(pods: PodLookup, path: string): Route | undefined {
  const [, kind = '', namespace = '', name = '', ...rest] = path.split('/').map(decoded);
  if (!streaming.has(kind) && kind !== 'containerLogs' && kind !== 'run') return undefined;
  const pod = pods.byName(namespace, name);
  if (!pod) throw new HttpError(404, `pod "${name}" not found`);
  const withUid = kind === 'portForward' ? rest.length === 1 : rest.length === 2;
  if (withUid && rest[0] !== pod.metadata.uid) throw new HttpError(404, `pod "${name}" with uid "${rest[0]}" not found`);
  const container = kind === 'portForward' ? undefined : rest.at(-1);
  if (kind !== 'portForward' && (container === undefined || !hasContainer(pod, container))) throw new HttpError(404, `container "${container ?? ''}" not found in pod "${name}"`);
  return { kind, pod, container };
}

function hasContainer(pod: Pod, name: string): boolean {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec!;
  return [...containers, ...initContainers, ...ephemeralContainers].some((container) => container.name === name);
}

class KubeletServer {
  readonly #options: KubeletServerOptions;
  readonly #access: NodeAccess;
  readonly #health = new HealthIndicators();

  constructor(options: KubeletServerOptions) {
    this.#options = options;
    this.#access = new NodeAccess(options.client, options.host.clock, options.nodeName, options.config.authentication === 'cert-only');
  }

  async #check(request: AnyServerRequest, path: string): Promise<void> {
    if (path === '/healthz') return;
    await this.#access.check(request.socket as TLSSocket, request.headers.authorization, request.method ?? 'GET', path);
  }

  async #answer(request: AnyServerRequest, signal: AbortSignal): Promise<Answer> {
    const url = urlOf(request);
    await this.#check(request, url.pathname);
    const { host, runtime, pods, stats } = this.#options;
    const route = routeTo(pods, url.pathname);
    if (route?.kind === 'containerLogs') return containerLogs(host, runtime, pods, route.pod, route.container!, url.searchParams, signal);
    if (route?.kind === 'run') return this.#run(route, url.searchParams);
    if (route) throw new HttpError(400, 'Upgrade request required');
    switch (url.pathname) {
      case '/healthz':
      case '/healthz/ping':
        this.#health.checked('ping', 'healthz', true);
        return { status: 200, body: 'ok' };
      case '/pods':
        return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods.all() }) };
      case '/stats/summary':
        if (stats) return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(await stats.summary()) };
        break;
      case '/metrics/resource':
        if (stats) return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4' }, body: await stats.resourceMetrics() };
        break;
      case '/metrics/slis':
        return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4' }, body: this.#health.registry.text() };
      case '/metrics/probes':
        if (stats) return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4' }, body: stats.probeMetrics() };
        break;
      case '/metrics':
        if (stats) return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4' }, body: await stats.metrics() };
        break;
      default:
    }
    if (url.pathname.startsWith('/checkpoint/')) throw new HttpError(501, 'checkpoints are not supported by this kubelet');
    throw new HttpError(404, '404 page not found');
  }

  async #run({ pod, container }: Route, query: URLSearchParams): Promise<Answer> {
    const handle = await this.#options.pods.container(pod, container!);
    if (!handle) throw new HttpError(404, `container not found ("${container}")`);
    const command = query.getAll('cmd').flatMap((text) => text.split(' ')).filter(Boolean);
    if (command.length === 0) throw new HttpError(400, 'cmd: Required value: at least one word');
    const { stdout, stderr } = await this.#options.runtime.execSync(handle.id, command, runTimeoutSeconds);
    return { status: 200, body: Buffer.concat([stdout, stderr]).toString('utf8') };
  }

  #failure(error: unknown): Answer {
    if (error instanceof HttpError) return { status: error.status, body: error.message };
    this.#options.host.log.warn('request failed', { error: error instanceof Error ? error.message : String(error) });
    return { status: 500, body: error instanceof Error ? error.message : String(error) };
  }

  onRequest(request: AnyServerRequest, response: AnyServerResponse): void {
    const left = new AbortController();
    response.on('close', () => left.abort());
    response.on('error', () => left.abort());
    void this.#answer(request, left.signal)
      .catch((error: unknown) => this.#failure(error))
      .then((answer) => write(response as import('node:http').ServerResponse, answer))
      .catch(() => response.destroy());
  }

  onUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    socket.on('error', () => socket.destroy());
    void this.#upgrade(request, socket, head).catch((error: unknown) => {
      const { status, body } = this.#failure(error);
      refuse(socket, status, String(body));
    });
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<void> {
    const url = urlOf(request);
    await this.#check(request, url.pathname);
    const { host, runtime, pods } = this.#options;
    const route = routeTo(pods, url.pathname);
    if (!route || !streaming.has(route.kind)) throw new HttpError(404, '404 page not found');
    await passOn(host, await sessionUrl(runtime, pods, route.kind, route.pod, route.container, url.searchParams), request, socket, head);
  }
}

/** HTTP/2 answers do not tell that their client has left: their streams do. */
function isGone(response: AnyServerResponse): boolean {
  if (!('stream' in response)) return response.destroyed;
  return (response.stream as { destroyed: boolean } | undefined)?.destroyed ?? true;
}

/** Waits until there is room again, or nobody to write for. */
function drained(response: import('node:http').ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.removeListener('drain', settle);
      response.removeListener('close', settle);
      resolve();
    };
    response.on('drain', settle);
    response.on('close', settle);
  });
}

async function write(response: import('node:http').ServerResponse, answer: Answer): Promise<void> {
  response.writeHead(answer.status, { 'content-type': 'text/plain; charset=utf-8', ...answer.headers });
  if (answer.body === undefined || typeof answer.body === 'string') {
    response.end(answer.body);
    return;
  }
  response.flushHeaders?.();
  for await (const piece of answer.body) {
    // A reader that is slower than the log makes the log wait.
    if (!response.write(piece) && !isGone(response)) await drained(response);
    if (isGone(response)) return;
  }
  response.end();
}

/** Opens the port. Rejects with EADDRINUSE when another program holds it. */
export async function startKubeletServer(options: KubeletServerOptions): Promise<Running & { port: number }> {
  const server = new KubeletServer(options);
  const { address = '0.0.0.0', port = 10_250, serving, clientCa } = options.config;
  const listener = await options.host.net.listen({
    address,
    port,
    tls: { ...serving, ...(clientCa === '' ? {} : { clientCa }) },
    onRequest: (request, response) => server.onRequest(request, response),
    onUpgrade: (request, socket, head) => server.onUpgrade(request, socket, head),
  });
  return { port: listener.port, stop: () => listener.close(shutdownGraceMs) };
}
