/** The metrics API inside the control plane's process: loaded after everything else, and idle until somebody asks. */
import type { Client, Running } from '../client/types.ts';
import type { Host } from '../host/types.ts';
import type { KeyPair } from '../pki/certificates.ts';
import type { ClusterPki } from './cluster-pki.ts';

export interface MetricsParts {
  pki: ClusterPki;
  authority: KeyPair;
  frontProxy: KeyPair;
  frontProxyName: string;
  clientFor: (user: { name: string; groups: readonly string[] }) => Client;
  admin: Client;
}

const retryMs = 5_000;

/** What the metrics API serves and calls with. `up` calls this too, before anybody is served: making certificates takes a library that is long to load. */
export async function metricsCredentials(pki: ClusterPki): Promise<{ serving: KeyPair; kubeletClient: () => Promise<KeyPair> }> {
  const { servingName, userName } = await import('../addons/metrics/index.ts');
  const kubeletClient = (): Promise<KeyPair> => pki.leaf('metrics-kubelet-client', { commonName: userName, usages: ['client'] });
  const [serving] = await Promise.all([pki.leaf('metrics-serving', { commonName: servingName, usages: ['server'], dnsNames: [servingName] }), kubeletClient()]);
  return { serving, kubeletClient };
}

async function start(host: Host, { pki, authority, frontProxy, frontProxyName, clientFor, admin }: MetricsParts): Promise<Running> {
  const { startMetrics, userName } = await import('../addons/metrics/index.ts');
  const { serving, kubeletClient } = await metricsCredentials(pki);
  return startMetrics({
    host,
    client: clientFor({ name: userName, groups: ['system:authenticated'] }),
    admin,
    // Made anew before it ends.
    kubelets: async () => ({ ca: authority.cert, ...(await kubeletClient()) }),
    tls: { ...serving, frontProxyCa: frontProxy.cert },
    frontProxyNames: [frontProxyName],
    ca: authority.cert,
  });
}

/** Starts in the background, and tries again until it succeeds: a cluster is a cluster without it. */
export function startMetricsLater(host: Host, parts: MetricsParts): Running {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        return await start(host, parts);
      } catch (error) {
        host.log.warn('the metrics API has not started', { error: error instanceof Error ? error.message : String(error) });
        await host.clock.sleep(retryMs, stopping.signal);
      }
    }
    return undefined;
  })();
  return {
    async stop() {
      stopping.abort();
      await (await running)?.stop();
    },
  };
}
