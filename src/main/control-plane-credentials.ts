/** The certificates and keys that a control plane serves and calls with. */
import { hostname } from 'node:os';
import type { KeyPair } from '../pki/certificates.ts';
import { kubeletClientName } from './bootstrap.ts';
import { addressIn, type Cluster } from './cluster.ts';
import type { ClusterPki } from './cluster-pki.ts';

/** Who the API server is when it passes requests on to aggregated ones. */
export const frontProxyName = 'front-proxy-client';

/** The name of the certificate of the pages of controllers and scheduler, for whoever asks on this machine. */
export const pagesCertificate = 'pages';

export interface ControlPlaneCredentials {
  /** Signs everything in the cluster but the front proxy's client. */
  authority: KeyPair;
  frontProxy: KeyPair;
  /** The key pair of service account tokens. */
  signing: { privateKey: string; publicKey: string };
  serving: KeyPair;
  kubeletClient: KeyPair;
  proxyClient: KeyPair;
}

function servingNames(cluster: Cluster): { dnsNames: string[]; ipAddresses: string[] } {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', `kubernetes.default.svc.${cluster.clusterDomain}`];
  return { dnsNames: [...service, 'localhost', hostname()], ipAddresses: [...new Set(['127.0.0.1', cluster.nodeIp, addressIn(cluster.serviceCidr, 1)])] };
}

/**
 * Reads them from the cluster's directory; makes those that are missing or no longer good.
 * `up` calls this before it starts the control plane, which then only reads: making certificates takes a library that it need not load.
 */
export async function controlPlaneCredentials(pki: ClusterPki, cluster: Cluster): Promise<ControlPlaneCredentials> {
  const [authority, frontProxy] = await Promise.all([pki.authority(), pki.authority('front-proxy-ca', 'front-proxy-ca')]);
  const [signing, serving, kubeletClient, proxyClient] = await Promise.all([
    pki.signingKeys(),
    pki.leaf('apiserver', { commonName: 'kube-apiserver', usages: ['server'], ...servingNames(cluster) }),
    pki.leaf('apiserver-kubelet-client', { commonName: kubeletClientName, usages: ['client'] }),
    pki.leaf('front-proxy-client', { commonName: frontProxyName, usages: ['client'] }, frontProxy),
    pki.leaf(pagesCertificate, { commonName: 'kubets-pages', usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] }),
  ]);
  return { authority, frontProxy, signing, serving, kubeletClient, proxyClient };
}
