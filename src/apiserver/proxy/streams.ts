/** `exec`, `attach` and `portforward`: connections to a pod that the kubelet of its node ends. */
import type { Pod } from '../../api/core/v1/types.ts';
import { badRequest } from '../../api/meta/status.ts';
import type { Host } from '../../host/types.ts';
import { booleanQuery } from '../chain/request-info.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { containerFor } from './containers.ts';
import { wholeNumber } from './parameters.ts';
import type { KubeletLocation } from './kubelet.ts';
import { tunnel, upgradeHeaders } from './tunnel.ts';
import { wantsWebSocket } from '../web-socket/frames.ts';
import type { FeatureGates } from '../feature-gates.ts';

export type StreamKind = 'exec' | 'attach' | 'portforward';

/** Names of the API's flags and of the kubelet's. */
const flags = [['stdin', 'input'], ['stdout', 'output'], ['stderr', 'error'], ['tty', 'tty']] as const;

/** The kubelet's path and query for the client's request. */
export function kubeletTarget(kind: StreamKind, pod: Pod, query: URLSearchParams): string {
  const where = [pod.metadata.namespace ?? '', pod.metadata.name ?? ''].map(encodeURIComponent);
  const passed = new URLSearchParams();
  if (kind === 'portforward') {
    const ports = query.getAll('ports').flatMap((values) => values.split(',')).map((value) => wholeNumber(value, 32));
    if (ports.length > 0) passed.append('port', ports.join(','));
    return `/portForward/${where.join('/')}${passed.size > 0 ? `?${passed.toString()}` : ''}`;
  }
  const container = containerFor(pod, query.get('container') ?? '');
  for (const [name, kubeletName] of flags) if (booleanQuery(query, name)) passed.append(kubeletName, '1');
  if (kind === 'exec') {
    const command = query.getAll('command');
    if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
    for (const word of command) passed.append('command', word);
  }
  return `/${kind}/${where.join('/')}/${encodeURIComponent(container)}?${passed.toString()}`;
}

/** Which newer ways of streaming there are. */
export type StreamGates = Pick<FeatureGates, 'TranslateStreamCloseWebsocketRequests' | 'PortForwardWebsockets' | 'ExtendWebSocketsToKubelet'>;

/** Joins the client to the kubelet of the pod's node. WebSocket protocols that runtimes do not know, or not well, end here, unless the node says that it takes them. */
export async function podStream(host: Host, request: ServerRequest, kind: StreamKind, pod: Pod, locate: (node: string) => Promise<KubeletLocation>, gates: StreamGates): Promise<ServerResponse> {
  const node = pod.spec?.nodeName ?? '';
  const path = kubeletTarget(kind, pod, request.query);
  if (node === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const location = await locate(node);
  if (!request.wantsUpgrade) throw badRequest('Upgrade request required');
  const target = { url: `${location.origin}${path}`, tls: location.tls };
  const itself = gates.ExtendWebSocketsToKubelet && location.features.includes('ExtendWebSocketsToKubelet');
  if (!itself && wantsWebSocket(request)) {
    if (kind === 'portforward') {
      // Loaded by whoever first asks for them.
      const tunnels = await import('./port-forward-tunnel.ts');
      if (gates.PortForwardWebsockets && tunnels.tunnelledProtocols(request.headers).length > 0) return tunnels.portForwardTunnel(host, request, target);
    } else if (gates.TranslateStreamCloseWebsocketRequests) {
      const commands = await import('./remote-command.ts');
      const { query } = request;
      const wanted = { stdin: booleanQuery(query, 'stdin'), stdout: booleanQuery(query, 'stdout'), stderr: booleanQuery(query, 'stderr'), tty: booleanQuery(query, 'tty') };
      const protocol = commands.translatedProtocol(request);
      if (protocol !== undefined) return commands.remoteCommand(host, request, target, wanted, protocol);
    }
  }
  return tunnel(host, request, { method: request.method, headers: upgradeHeaders(request.headers), ...target });
}
