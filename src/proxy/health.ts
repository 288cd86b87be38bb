/** What the proxy tells others: whether it works, and, for Services with policy Local, whether this node has an endpoint. */
import type { AnyServerResponse, Host, Listener } from '../host/types.ts';

export interface ProxyHealth {
  /** Wall clock of the last sync that succeeded; undefined before the first. */
  lastUpdatedMs: number | undefined;
  /** Since when changes wait to be applied; undefined when none do. */
  pendingSinceMs: number | undefined;
  /** False while the node is being deleted or drained by its autoscaler: load balancers then move away. */
  nodeEligible: boolean;
}

/** Changes that wait longer than this mean that the proxy is not healthy. */
export const healthTimeoutMs = 60_000;

export function isHealthy(health: ProxyHealth, nowMs: number): boolean {
  return health.lastUpdatedMs !== undefined && (health.pendingSinceMs === undefined || nowMs - health.pendingSinceMs < healthTimeoutMs);
}

function answer(response: AnyServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  // One signature for HTTP/1.1 and HTTP/2 responses.
  (response as { writeHead(status: number, headers: Record<string, string>): void }).writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json', 'x-content-type-options': 'nosniff', ...headers });
  (response as { end(text: string): void }).end(text);
}

const time = (ms: number): string => new Date(ms).toISOString();

/** `/healthz` (load balancers: is this node a good target?) and `/livez` (is the proxy alive?). */
export async function listenHealthz(host: Pick<Host, 'net' | 'clock'>, address: string, port: number, read: () => ProxyHealth): Promise<Listener> {
  return await host.net.listen({
    address,
    port,
    onRequest: (request, response) => {
      const path = (request.url ?? '/').split('?')[0];
      if (path !== '/healthz' && path !== '/livez') return answer(response, 404, '404 page not found\n');
      const health = read();
      const now = host.clock.now();
      const healthy = isHealthy(health, now);
      const body = { lastUpdated: time(health.lastUpdatedMs !== undefined && health.pendingSinceMs !== undefined ? health.lastUpdatedMs : now), currentTime: time(now), ...(path === '/healthz' ? { nodeEligible: health.nodeEligible } : {}) };
      answer(response, healthy && (path === '/livez' || health.nodeEligible) ? 200 : 503, body);
    },
  });
}

/** Listeners on the health check node ports of Services; they follow the Services. */
export interface ServiceHealthPorts {
  sync(checks: ReadonlyMap<string, { port: number; localEndpoints: number }>): Promise<void>;
  close(): Promise<void>;
}

export function serviceHealthPorts(host: Pick<Host, 'net' | 'log'>, address: string, proxyHealthy: () => boolean): ServiceHealthPorts {
  const open = new Map<string, { listener: Listener; port: number; localEndpoints: number }>();

  async function sync(checks: ReadonlyMap<string, { port: number; localEndpoints: number }>): Promise<void> {
    for (const [key, entry] of open) {
      const wanted = checks.get(key);
      if (wanted?.port === entry.port) continue;
      open.delete(key);
      await entry.listener.close(0);
    }
    for (const [key, { port, localEndpoints }] of checks) {
      const present = open.get(key);
      if (present !== undefined) {
        present.localEndpoints = localEndpoints;
        continue;
      }
      try {
        open.set(key, { listener: await listen(key, port), port, localEndpoints });
      } catch (error) {
        host.log.error('a health check node port cannot be opened', { service: key, port, error: String(error) });
      }
    }
  }

  async function listen(key: string, port: number): Promise<Listener> {
    const [namespace, name] = key.split('/');
    return await host.net.listen({
      address,
      port,
      onRequest: (_request, response) => {
        const count = open.get(key)?.localEndpoints ?? 0;
        const healthy = proxyHealthy();
        const body = { service: { namespace, name }, localEndpoints: count, serviceProxyHealthy: healthy };
        answer(response, count > 0 && healthy ? 200 : 503, body, { 'x-load-balancing-endpoint-weight': String(count) });
      },
    });
  }

  async function close(): Promise<void> {
    await sync(new Map());
  }
  return { sync, close };
}
