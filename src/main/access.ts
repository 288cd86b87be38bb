/** Access to a cluster of this machine from outside its processes, as its admin. */
import { createClient } from '../client/client.ts';
import { httpTransport } from '../client/http-transport.ts';
import type { Client } from '../client/types.ts';
import type { Host } from '../host/types.ts';
import type { Cluster } from './cluster.ts';
import { ClusterPki } from './cluster-pki.ts';
import { kubeconfigFor, type Kubeconfig } from './kubeconfig.ts';
import type { Layout } from './layout.ts';

const adminIdentity = { commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'] } as const;

export const serverUrl = (cluster: Cluster): string => `https://${cluster.nodeIp}:${cluster.port}`;

export interface AdminAccess {
  client: Client;
  kubeconfig: Kubeconfig;
  /** Asks a path of the API server; undefined while nothing answers. */
  probe(path: string): Promise<{ status: number; body: string } | undefined>;
}

async function bodyText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

export async function adminAccess(host: Host, layout: Layout, cluster: Cluster): Promise<AdminAccess> {
  const pki = new ClusterPki(host, layout.pki);
  const authority = await pki.authority();
  const credentials = await pki.leaf('admin', adminIdentity);
  const server = serverUrl(cluster);
  const tls = { ca: authority.cert, ...credentials };
  const transport = httpTransport(host.net, { server, tls, userAgent: 'kubets-up' });
  return {
    client: createClient(transport, { defaultFieldManager: 'kubets' }),
    kubeconfig: kubeconfigFor({ name: 'kubets', server, ca: authority.cert, credentials, user: 'kubets-admin' }),
    async probe(path) {
      try {
        const response = await host.net.request({ method: 'GET', url: server + path, tls, timeoutMs: 5000 });
        return { status: response.status, body: await bodyText(response.body) };
      } catch {
        return undefined;
      }
    },
  };
}
