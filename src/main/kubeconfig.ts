/** Kubeconfig files (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/): written for the admin, merged into the user's own. */
import { dump, load } from 'js-yaml';
import type { KeyPair } from '../pki/certificates.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Named {
  name: string;
  [field: string]: unknown;
}

export interface Kubeconfig {
  apiVersion: 'v1';
  kind: 'Config';
  clusters: Named[];
  contexts: Named[];
  users: Named[];
  'current-context': string;
  preferences?: unknown;
}

export function kubeconfigFor(options: { name: string; server: string; ca: string; credentials: KeyPair; user: string }): Kubeconfig {
  const context = options.name;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: options.name, cluster: { server: options.server, 'certificate-authority-data': base64(options.ca) } }],
    users: [{ name: options.user, user: { 'client-certificate-data': base64(options.credentials.cert), 'client-key-data': base64(options.credentials.key) } }],
    contexts: [{ name: context, context: { cluster: options.name, user: options.user } }],
    'current-context': context,
  };
}

function merged(old: Named[] | null | undefined, added: Named[]): Named[] {
  const names = new Set(added.map((entry) => entry.name));
  return [...(old ?? []).filter((entry) => !names.has(entry.name)), ...added];
}

/** Adds a cluster to an existing file's text, replacing entries of the same names, and makes it the current one. */
export function mergeKubeconfig(existingText: string, added: Kubeconfig): string {
  const existing = (load(existingText || '{}') ?? {}) as Partial<Kubeconfig>;
  if (typeof existing !== 'object' || Array.isArray(existing)) throw new Error('the existing kubeconfig is not a YAML mapping');
  return kubeconfigText({
    ...existing,
    apiVersion: 'v1',
    kind: 'Config',
    clusters: merged(existing.clusters, added.clusters),
    users: merged(existing.users, added.users),
    contexts: merged(existing.contexts, added.contexts),
    'current-context': added['current-context'],
  });
}

export function kubeconfigText(config: Kubeconfig): string {
  return dump(config, { lineWidth: -1 });
}
