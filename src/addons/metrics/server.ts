/** Serves metrics.k8s.io to front proxies: API servers that have decided already whether their client may ask. */
import type { TLSSocket } from 'node:tls';
import type { Resource } from '../../api/meta/resource.ts';
import { badRequest, failure, internalError, notFound, StatusError } from '../../api/meta/status.ts';
import type { KubeObject, ObjectMeta } from '../../api/meta/v1/types.ts';
import { Nodes, Pods } from '../../api/resources.ts';
import { metadataClient } from '../../client/index.ts';
import type { Client, Running } from '../../client/types.ts';
import type { AnyServerRequest, AnyServerResponse, Host } from '../../host/types.ts';
import type { UsageSource } from './collector.ts';
import { group, groupDocument, groupVersion, nodeMetrics, podMetrics, resourceDocument, tableOf, type AnyMetrics } from './objects.ts';

export interface ServingOptions {
  host: Pick<Host, 'clock' | 'net' | 'log'>;
  client: Client;
  usage: UsageSource;
  address: string;
  port: number;
  /** What the server shows, and what front proxies' certificates must be signed by. */
  tls: { cert: string; key: string; frontProxyCa: string };
  /** Common names that a front proxy may have. */
  frontProxyNames: readonly string[];
}

interface Target {
  plural: 'nodes' | 'pods';
  namespace?: string;
  name?: string;
}

interface Page {
  kind: string;
  items: AnyMetrics[];
  single: boolean;
}

const root = `/apis/${groupVersion}`;
const shutdownGraceMs = 1_000;

/** `nodes[/NAME]`, `pods`, `namespaces/NS/pods[/NAME]` below the version's path. */
export function targetOf(path: string): Target | undefined {
  if (!path.startsWith(`${root}/`)) return undefined;
  let parts: string[];
  try {
    parts = path.slice(root.length + 1).split('/').map(decodeURIComponent);
  } catch {
    throw badRequest(`invalid URL escape in ${JSON.stringify(path)}`);
  }
  if (parts.includes('')) return undefined;
  const [first, second, third, fourth] = parts;
  if (first === 'nodes' && parts.length <= 2) return { plural: 'nodes', ...(second === undefined ? {} : { name: second }) };
  if (first === 'pods' && parts.length === 1) return { plural: 'pods' };
  if (first === 'namespaces' && third === 'pods' && parts.length <= 4) return { plural: 'pods', namespace: second!, ...(fourth === undefined ? {} : { name: fourth }) };
  return undefined;
}

class Metrics {
  readonly #options: ServingOptions;
  readonly #names: Client;

  constructor(options: ServingOptions) {
    this.#options = options;
    // Names and labels are all that is wanted of nodes and pods; which of them a selector means, the API server knows best.
    this.#names = metadataClient(options.client);
  }

  #object(plural: Target['plural'], metadata: ObjectMeta): AnyMetrics | undefined {
    const { usage, host } = this.#options;
    if (plural === 'nodes') {
      const measured = usage.node(metadata.name!);
      return measured && nodeMetrics(metadata, measured, host.clock.now());
    }
    const measured = usage.pod(metadata.namespace!, metadata.name!);
    return measured && podMetrics(metadata, measured, host.clock.now());
  }

  async page({ plural, namespace, name }: Target, query: URLSearchParams): Promise<Page> {
    const all = this.#names.of((plural === 'nodes' ? Nodes : Pods) as Resource<KubeObject>);
    const resource = namespace === undefined ? all : all.inNamespace(namespace);
    const kind = plural === 'nodes' ? 'NodeMetrics' : 'PodMetrics';
    await this.#options.usage.ready();
    if (name !== undefined) {
      const missing = (): StatusError => notFound({ group, plural: kind.toLowerCase() }, namespace === undefined ? name : `${namespace}/${name}`);
      const found = await resource.get(name, { resourceVersion: '0' }).catch((error: unknown) => {
        throw error instanceof StatusError && error.code === 404 ? missing() : error;
      });
      const item = this.#object(plural, found.metadata);
      if (!item) throw missing();
      return { kind, items: [item], single: true };
    }
    const [labelSelector, fieldSelector] = [query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''];
    const { items } = await resource.list({ resourceVersion: '0', ...(labelSelector === '' ? {} : { labelSelector }), ...(fieldSelector === '' ? {} : { fieldSelector }) });
    return { kind: `${kind}List`, items: items.flatMap(({ metadata }) => this.#object(plural, metadata) ?? []), single: false };
  }

  #isFrontProxy(request: AnyServerRequest): boolean {
    const socket = request.socket as TLSSocket;
    if (!socket.authorized) return false;
    const name = socket.getPeerCertificate().subject?.CN as string | string[] | undefined;
    return typeof name === 'string' && this.#options.frontProxyNames.includes(name);
  }

  async answer(request: AnyServerRequest): Promise<object> {
    if (!this.#isFrontProxy(request)) throw failure(401, 'Unauthorized', 'Unauthorized');
    const target = request.url ?? '/';
    const at = target.indexOf('?');
    const path = (at < 0 ? target : target.slice(0, at)).replace(/(?<=.)\/$/, '');
    const query = new URLSearchParams(at < 0 ? '' : target.slice(at + 1));
    if (request.method !== 'GET' && request.method !== 'HEAD') throw failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
    if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: [groupDocument] };
    if (path === `/apis/${group}`) return groupDocument;
    if (path === root) return resourceDocument;
    const wanted = targetOf(path);
    if (!wanted) throw failure(404, 'NotFound', 'the server could not find the requested resource');
    if (['true', '1'].includes(query.get('watch') ?? '')) throw failure(405, 'MethodNotAllowed', `watch is not supported on resources of kind "${wanted.plural}.${group}"`, { group, kind: wanted.plural });
    const { kind, items, single } = await this.page(wanted, query);
    if (/as=Table/.test(String(request.headers.accept ?? ''))) return tableOf(items, query.get('includeObject') ?? 'Metadata');
    // Items of a list name no kind: the list does.
    return single ? items[0]! : { kind, apiVersion: groupVersion, metadata: {}, items: items.map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item) };
  }
}

function write(response: AnyServerResponse, status: number, body: object, isHead: boolean): void {
  const text = JSON.stringify(body);
  const plain = response as import('node:http').ServerResponse;
  plain.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), 'cache-control': 'no-cache, private' });
  plain.end(isHead ? undefined : text);
}

/** Opens the port. Rejects with EADDRINUSE when another program holds it. */
export async function serveMetrics(options: ServingOptions): Promise<Running & { port: number }> {
  const metrics = new Metrics(options);
  const { host, tls } = options;
  const listener = await host.net.listen({
    address: options.address,
    port: options.port,
    tls: { cert: tls.cert, key: tls.key, clientCa: tls.frontProxyCa },
    onRequest(request, response) {
      response.on('error', () => undefined);
      metrics.answer(request).then((body) => write(response, 200, body, request.method === 'HEAD'), (error: unknown) => {
        if (!(error instanceof StatusError)) host.log.warn('request failed', { error: error instanceof Error ? error.message : String(error) });
        const { status } = error instanceof StatusError ? error : internalError(error);
        write(response, status.code ?? 500, status, request.method === 'HEAD');
      }).catch(() => undefined);
    },
  });
  return { port: listener.port, stop: () => listener.close(shutdownGraceMs) };
}

