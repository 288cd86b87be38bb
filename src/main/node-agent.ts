/** A node's agent: containerd beside it, and in it kubelet, service proxy, routes and cluster DNS. */
import { join } from 'node:path';
import type { Host } from '../host/types.ts';
import { createClient, createInformers, createRecorder, httpTransport, type Client, type Running } from '../client/index.ts';
import { grpcRuntime } from '../cri/index.ts';
import { startDns } from '../dns/index.ts';
import { startKubelet } from '../kubelet/index.ts';
import { prepareNodeNetwork, startRouteSync } from '../network/index.ts';
import { startProxy } from '../proxy/index.ts';
import { serverUrl } from './access.ts';
import type { Cluster, ClusterNode } from './cluster.ts';
import { ClusterPki } from './cluster-pki.ts';
import { ensureContainerd, ensureImages } from './containerd.ts';
import { cgroupRootOf, type Layout } from './layout.ts';
import { ProcessTable } from './processes.ts';
import { buildInfo } from './package.ts';

/** Port of the cluster's DNS on every node; pods reach it as port 53 of the DNS Service's address. */
export const dnsPort = 10053;
export const kubeletPort = 10250;

/** A client with the certificate of one of the cluster's identities. */
async function clientAs(host: Host, cluster: Cluster, pki: ClusterPki, file: string, commonName: string, organizations: readonly string[]): Promise<Client> {
  const authority = await pki.authority();
  const credentials = await pki.leaf(file, { commonName, organizations, usages: ['client'] });
  const transport = httpTransport(host.net, { server: serverUrl(cluster), tls: { ca: authority.cert, ...credentials }, userAgent: `kubets-${file}` });
  return createClient(transport, { defaultFieldManager: file });
}

async function startNodeKubelet(host: Host, layout: Layout, cluster: Cluster, node: ClusterNode, pki: ClusterPki): Promise<Running> {
  const authority = await pki.authority();
  const serving = await pki.leaf(`kubelet-${node.name}-serving`, {
    commonName: `system:node:${node.name}`, organizations: ['system:nodes'], usages: ['server'], dnsNames: [node.name], ipAddresses: [node.ip],
  });
  const client = await clientAs(host, cluster, pki, `kubelet-${node.name}`, `system:node:${node.name}`, ['system:nodes']);
  const paths = layout.node(node.name);
  const runtime = grpcRuntime(host, { endpoint: `unix://${paths.containerdSocket}` });
  const kubelet = await startKubelet({
    host: { ...host, log: host.log.child('kubelet') },
    client,
    runtime,
    recorder: createRecorder(host, client, 'kubelet'),
    config: {
      nodeName: node.name,
      nodeIp: node.ip,
      podCidr: node.podCidr,
      rootDir: paths.kubeletRoot,
      clusterDns: [cluster.dnsIp],
      clusterDomain: cluster.clusterDomain,
      cgroupRoot: cgroupRootOf(layout),
      cgroupDriver: 'cgroupfs',
      build: buildInfo(host),
      serving: { cert: serving.cert, key: serving.key },
      clientCa: authority.cert,
      port: kubeletPort,
      staticPodPath: join(paths.root, 'manifests'),
      registerNode: true,
      authentication: 'delegated',
    },
  });
  return {
    async stop() {
      await kubelet.stop();
      await runtime.close();
    },
  };
}

async function startNodeProxy(host: Host, cluster: Cluster, node: ClusterNode, pki: ClusterPki): Promise<Running> {
  const client = await clientAs(host, cluster, pki, 'kube-proxy', 'system:kube-proxy', []);
  const informers = createInformers(host, client);
  const proxy = await startProxy({ host: { ...host, log: host.log.child('proxy') }, client, informers, mode: cluster.proxyMode, nodeName: node.name, nodeIp: node.ip, clusterCidr: cluster.clusterCidr, serviceCidr: cluster.serviceCidr, build: buildInfo(host) });
  const routes = startRouteSync({ ...host, log: host.log.child('routes') }, { informers, clusterCidrs: [cluster.clusterCidr], nodeName: node.name });
  informers.start();
  return {
    async stop() {
      await routes.stop();
      await proxy.stop();
      await informers.stop();
    },
  };
}

async function startNodeDns(host: Host, cluster: Cluster, node: ClusterNode, pki: ClusterPki): Promise<Running> {
  const client = await clientAs(host, cluster, pki, 'kube-dns', 'system:serviceaccount:kube-system:kube-dns', []);
  const informers = createInformers(host, client);
  const dns = await startDns({
    host: { ...host, log: host.log.child('dns') },
    client,
    informers,
    address: node.ip,
    port: dnsPort,
    domain: cluster.clusterDomain,
    allowedCidrs: [cluster.clusterCidr, cluster.serviceCidr, ...cluster.nodes.map((n) => `${n.ip}/32`)],
    publishSliceAs: { nodeName: node.name, nodeIp: node.ip },
  });
  informers.start();
  return {
    async stop() {
      await dns.stop();
      await informers.stop();
    },
  };
}

/** Starts everything a node needs. Stopping it leaves containerd, the pods and the service rules as they are. */
export async function startNodeAgent(host: Host, layout: Layout, cluster: Cluster, node: ClusterNode): Promise<Running> {
  const table = new ProcessTable(host, layout.processes);
  const pki = new ClusterPki(host, layout.pki);
  const network = await prepareNodeNetwork(host, {
    prefix: layout.networkPrefix, nodeName: node.name, dir: layout.node(node.name).root, podCidrs: [node.podCidr], clusterCidrs: [cluster.clusterCidr], directCidrs: cluster.nodes.map((n) => `${n.ip}/32`),
  });
  const snapshotter = await ensureContainerd(host, layout, node, network.cniConfDir, table);
  const [kubelet, proxy, dns] = await Promise.all([
    ensureImages(host, layout, node, snapshotter).then(() => startNodeKubelet(host, layout, cluster, node, pki)),
    startNodeProxy(host, cluster, node, pki),
    startNodeDns(host, cluster, node, pki),
  ]);
  return {
    async stop() {
      await Promise.all([dns.stop(), proxy.stop(), kubelet.stop()]);
    },
  };
}
