/** What a program needs of the kubeconfig that KUBECONFIG names: the server and its administrator's certificate. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

/** `ca`, `cert` and `key` in PEM. */
export function administrator(): { server: string; ca: string; cert: string; key: string } {
  const config = load(readFileSync(process.env['KUBECONFIG'] ?? '', 'utf8')) as Kubeconfig;
  const { server, 'certificate-authority-data': authority } = config.clusters[0]!.cluster;
  const { 'client-certificate-data': certificate, 'client-key-data': privateKey } = config.users[0]!.user;
  const [ca, cert, key] = [authority, certificate, privateKey].map((text) => Buffer.from(text, 'base64').toString('utf8')) as [string, string, string];
  return { server, ca, cert, key };
}
