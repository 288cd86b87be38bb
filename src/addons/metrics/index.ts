/** The resource metrics API: an aggregated API server in small, for `kubectl top` and autoscalers. */
import type { Client, Running } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';
import { Collector, type CollectorOptions } from './collector.ts';
import { register, registered } from './registration.ts';
import { serveMetrics, type ServingOptions } from './server.ts';

export { servingName, userName } from './registration.ts';

export interface MetricsOptions {
  host: Host;
  /** The add-on's own: it reads nodes and pods. */
  client: Client;
  /** Writes the registration. */
  admin: Client;
  kubelets: CollectorOptions['kubelets'];
  tls: ServingOptions['tls'];
  frontProxyNames: readonly string[];
  /** What the API server trusts the serving certificate by. */
  ca: string;
}

const address = '127.0.0.1';

/** Serves on a loopback port, and registers it. Leaves the field to another metrics server that is registered. */
export async function startMetrics(options: MetricsOptions): Promise<Running> {
  const { host, client, admin, kubelets, tls, frontProxyNames, ca } = options;
  const { foreign, port: lastPort } = await registered(admin);
  if (foreign) {
    host.log.info('another server is registered for metrics.k8s.io');
    return { stop: async () => undefined };
  }
  const collector = new Collector({ host, client, kubelets });
  const open = (port: number): ReturnType<typeof serveMetrics> => serveMetrics({ host, client, usage: collector, address, port, tls, frontProxyNames });
  // The port of last time is what others that share this registration use too.
  const server = await open(lastPort ?? 0).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'EADDRINUSE') return open(0);
    throw error;
  });
  const stop = async (): Promise<void> => {
    await Promise.all([server.stop(), collector.stop()]);
  };
  try {
    await register(admin, server.port, ca);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
