/** HTTP requests of probes and hooks, and the ports they name. */
import type { HTTPGetAction, Pod } from '../api/core/v1/types.ts';
import type { Network } from '../host/types.ts';
import { allContainers } from '../api/core/v1/pods.ts';
import type { AnyContainer } from './names.ts';

/** What is read of an answer's body, in bytes. */
const bodyLimitBytes = 10 * 1024;

/** The number of a port given by number or by name. */
export function portOf(pod: Pod, container: AnyContainer, port: number | string): number {
  const number = typeof port === 'number' || /^\d+$/.test(port) ? Number(port) : undefined;
  const named = number ?? [...(container.ports ?? []), ...allContainers(pod).flatMap((c) => c.ports ?? [])].find((p) => p.name === port)?.containerPort;
  if (named === undefined) throw new Error(`couldn't find port: "${port}" in container "${container.name}"`);
  if (named < 1 || named > 65_535) throw new Error(`invalid port number: ${named}`);
  return named;
}

export interface HttpTarget {
  url: string;
  headers: Record<string, string>;
}

/** The request that an action stands for, towards the pod's address. */
export function httpTarget(action: HTTPGetAction, pod: Pod, container: AnyContainer, podIp: string, userAgent: string): HttpTarget {
  const host = action.host || podIp;
  const scheme = (action.scheme || 'HTTP').toLowerCase();
  const path = action.path ?? '';
  const headers: Record<string, string> = { 'user-agent': userAgent, accept: '*/*' };
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  // An empty value means: do not send it at all.
  for (const name of ['user-agent', 'accept']) if (headers[name] === '') delete headers[name];
  const port = portOf(pod, container, action.port);
  return { url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path.startsWith('/') ? '' : '/'}${path}`, headers };
}

export interface HttpOutcome {
  status: number;
  location: string;
  body: string;
}

/** GET without trust in certificates; redirects are followed within the same host. Rejects when there is no answer in time. */
export async function httpGet(net: Pick<Network, 'request'>, target: HttpTarget, timeoutMs: number, signal?: AbortSignal): Promise<HttpOutcome> {
  let { url } = target;
  for (let redirects = 0; ; redirects++) {
    const response = await net.request({ method: 'GET', url, headers: target.headers, tls: { insecureSkipVerify: true }, timeoutMs, ...(signal ? { signal } : {}) });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= bodyLimitBytes) break;
    }
    const location = response.headers.location ?? '';
    const isRedirect = response.status >= 300 && response.status < 400 && location !== '';
    const next = isRedirect ? new URL(location, url) : undefined;
    if (!next || next.hostname !== new URL(url).hostname || redirects >= 10) return { status: response.status, location, body: Buffer.concat(chunks).subarray(0, bodyLimitBytes).toString('utf8') };
    url = next.href;
  }
}
