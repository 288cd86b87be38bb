/** `exec`, `attach` and `portforward`: connections to a pod that the kubelet of its node ends. */
import type { Pod } from '../../api/core/v1/types.ts';
import { badRequest } from '../../api/meta/status.ts';
import type { Host } from '../../host/types.ts';
import { booleanQuery } from '../chain/request-info.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { containerFor } from './containers.ts';
import type { KubeletLocation } from './kubelet.ts';
import { tunnel, upgradeHeaders } from './tunnel.ts';

export type StreamKind = 'exec' | 'attach' | 'portforward';

/** Names of the API's flags and of the kubelet's. */
const flags = [['stdin', 'input'], ['stdout', 'output'], ['stderr', 'error'], ['tty', 'tty']] as const;

/** The kubelet's path and query for the client's request. */
export function kubeletTarget(kind: StreamKind, pod: Pod, query: URLSearchParams): string {
  const where = [pod.metadata.namespace ?? '', pod.metadata.name ?? ''].map(encodeURIComponent);
  const passed = new URLSearchParams();
  if (kind === 'portforward') {
    for (const port of query.getAll('ports').flatMap((ports) => ports.split(','))) passed.append('port', port);
    return `/portForward/${where.join('/')}${passed.size > 0 ? `?${passed.toString()}` : ''}`;
  }
  const container = containerFor(pod, query.get('container') ?? '');
  const wanted = flags.filter(([name]) => booleanQuery(query, name));
  // Standard output and error are on unless the client says otherwise.
  for (const [name, kubeletName] of flags) {
    const defaulted = !query.has(name) && (name === 'stdout' || name === 'stderr');
    if (defaulted || wanted.some(([asked]) => asked === name)) passed.append(kubeletName, '1');
  }
  if (kind === 'exec') {
    const command = query.getAll('command');
    if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
    for (const word of command) passed.append('command', word);
  }
  return `/${kind}/${where.join('/')}/${encodeURIComponent(container)}?${passed.toString()}`;
}

export async function podStream(host: Host, request: ServerRequest, kind: StreamKind, pod: Pod, locate: (node: string) => Promise<KubeletLocation>): Promise<ServerResponse> {
  const node = pod.spec?.nodeName ?? '';
  const target = kubeletTarget(kind, pod, request.query);
  if (node === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  if (!request.wantsUpgrade) throw badRequest('Upgrade request required');
  const location = await locate(node);
  return tunnel(host, request, { method: request.method, url: `${location.origin}${target}`, headers: upgradeHeaders(request.headers), tls: location.tls });
}
