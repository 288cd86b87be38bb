/** The hollow nodes of `up --runtime hollow`, in a process beside the control plane. */
import { createClient, httpTransport, type Client, type Running } from '../client/index.ts';
import type { Host } from '../host/types.ts';
import { startHollowNodes } from '../testing/hollow-nodes.ts';
import { serverUrl } from './access.ts';
import type { Cluster } from './cluster.ts';
import { ClusterPki } from './cluster-pki.ts';
import type { Layout } from './layout.ts';

export async function runHollowNodes(host: Host, layout: Layout, cluster: Cluster): Promise<Running> {
  const pki = new ClusterPki(host, layout.pki);
  const authority = await pki.authority();
  const clients = new Map<string, Client>();
  for (const node of cluster.nodes) {
    const credentials = await pki.leaf(`kubelet-${node.name}`, { commonName: `system:node:${node.name}`, organizations: ['system:nodes'], usages: ['client'] });
    const transport = httpTransport(host.net, { server: serverUrl(cluster), tls: { ca: authority.cert, ...credentials }, userAgent: 'kubets-hollow' });
    clients.set(node.name, createClient(transport, { defaultFieldManager: 'kubelet' }));
  }
  return startHollowNodes({ host, nodes: cluster.nodes, clientFor: (node) => clients.get(node.name)! });
}
