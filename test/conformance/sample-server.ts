/** A small API server of its own make: flunders of wardle.example.com, kept in memory; it believes whom the aggregator names. */
import type { AnyServerRequest, AnyServerResponse, Host, Listener } from '../../src/host/types.ts';
import { mergePatch } from '../../src/apiserver/patch/merge-patch.ts';

interface Flunder { metadata: { name: string; namespace: string; uid: string; resourceVersion: string; labels?: Record<string, string> } & Record<string, unknown> }

const groupVersion = 'wardle.example.com/v1alpha1';
const base = `/apis/${groupVersion}`;
const resources = [
  { name: 'fischers', singularName: 'fischer', kind: 'Fischer', namespaced: false, verbs: ['get', 'list'] },
  { name: 'flunders', singularName: 'flunder', kind: 'Flunder', namespaced: true, verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] },
];

async function bodyOf(request: AnyServerRequest): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** Opens it. `users` gathers who asked. */
export async function startSampleServer(host: Host, tls: { cert: string; key: string; clientCa: string }, users: string[]): Promise<Listener> {
  const flunders = new Map<string, Flunder>();
  let version = 0;
  const status = (code: number, reason: string, message: string): [number, object] => [code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code }];
  const stamped = (object: object): object => ({ apiVersion: groupVersion, kind: 'Flunder', ...object });

  function answer(method: string, namespace: string, name: string | undefined, body: Record<string, unknown>): [number, object] {
    const key = `${namespace}/${name ?? (body as unknown as Flunder).metadata?.name}`;
    const existing = flunders.get(key);
    const put = (object: Record<string, unknown>, code: number): [number, object] => {
      const metadata = (object as unknown as Flunder).metadata;
      const kept = { ...object, metadata: { ...metadata, namespace, uid: existing?.metadata.uid ?? `uid-${++version}`, resourceVersion: String(++version) } } as unknown as Flunder;
      flunders.set(key, kept);
      return [code, stamped(kept)];
    };
    if (name === undefined) {
      if (method === 'GET') return [200, { apiVersion: groupVersion, kind: 'FlunderList', metadata: { resourceVersion: String(version) }, items: [...flunders.values()].filter(({ metadata }) => namespace === '' || metadata.namespace === namespace).map(stamped) }];
      if (method === 'POST') return existing ? status(409, 'AlreadyExists', `flunders.wardle.example.com "${existing.metadata.name}" already exists`) : put(body, 201);
      for (const [one, { metadata }] of flunders) if (metadata.namespace === namespace) flunders.delete(one);
      return [200, { kind: 'Status', apiVersion: 'v1', status: 'Success' }];
    }
    if (!existing) return status(404, 'NotFound', `flunders.wardle.example.com "${name}" not found`);
    switch (method) {
      case 'GET': return [200, stamped(existing)];
      case 'PUT': return put(body, 200);
      case 'PATCH': return put(mergePatch(existing as never, body as never) as Record<string, unknown>, 200);
      default:
        flunders.delete(key);
        return [200, { kind: 'Status', apiVersion: 'v1', status: 'Success' }];
    }
  }

  async function handle(request: AnyServerRequest, response: AnyServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0]!;
    users.push(String(request.headers['x-remote-user']));
    let result: [number, object];
    const match = /^(?:\/namespaces\/([^/]+))?\/flunders(?:\/([^/]+))?$/.exec(path.slice(base.length));
    if (path === base) result = [200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }];
    else if (match && path.startsWith(base)) result = answer(request.method ?? 'GET', match[1] ?? '', match[2], await bodyOf(request));
    else result = status(404, 'NotFound', 'the server could not find the requested resource');
    response.statusCode = result[0];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(result[1]));
  }

  return host.net.listen({ address: '127.0.0.1', port: 0, tls, onRequest: (request, response) => void handle(request, response) });
}
