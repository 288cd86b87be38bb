/**
 * Kubeconfig files: which server, which authority, whose credentials.
 * https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
import { load } from 'js-yaml';
import type { Clock, Disk, TlsClientOptions } from '../host/types.ts';

/** A token file is read again after this long: projected tokens are renewed in place. */
export const tokenFileTtlMs = 60_000;

export interface KubeconfigFiles {
  ca?: string;
  cert?: string;
  key?: string;
  token?: string;
}

export interface Kubeconfig {
  context: string;
  server: string;
  namespace?: string;
  tls: TlsClientOptions;
  token?: string;
  /** Paths that the file names instead of holding the content; `loadKubeconfig` reads them. */
  files: KubeconfigFiles;
}

interface Named<T> {
  name?: string;
  value: T;
}

type Fields = Record<string, unknown>;

function fields(value: unknown, where: string): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error(`kubeconfig: ${where} must be an object`);
  return value as Fields;
}

function text(from: Fields, name: string, where: string): string | undefined {
  const value = from[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new Error(`kubeconfig: ${where}.${name} must be a string`);
  return value;
}

function named(config: Fields, list: string, inner: string): Named<Fields>[] {
  const items = config[list] ?? [];
  if (!Array.isArray(items)) throw new Error(`kubeconfig: ${list} must be a list`);
  return items.map((item, i) => {
    const entry = fields(item, `${list}[${i}]`);
    return { name: text(entry, 'name', `${list}[${i}]`), value: fields(entry[inner], `${list}[${i}].${inner}`) };
  });
}

function find(entries: Named<Fields>[], what: string, name: string | undefined): Fields {
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(`kubeconfig: no ${what} is named "${name ?? ''}"`);
  return entry.value;
}

function decode(from: Fields, name: string, where: string): string | undefined {
  const data = text(from, name, where);
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}

/** Ways to sign in that need a program or a provider: refused by name, never left out in silence. */
function refuseUnsupported(user: Fields, where: string): void {
  if (user.exec !== undefined && user.exec !== null) throw new Error(`kubeconfig: ${where}.exec: credential plug-ins are not supported; use a token or a client certificate`);
  if (user['auth-provider'] !== undefined && user['auth-provider'] !== null) throw new Error(`kubeconfig: ${where}.auth-provider is not supported; use a token or a client certificate`);
  for (const name of ['username', 'password']) if (text(user, name, where) !== undefined) throw new Error(`kubeconfig: ${where}.${name}: basic authentication is not supported; use a token or a client certificate`);
  for (const name of ['as', 'as-uid', 'as-groups', 'as-user-extra']) if (user[name] !== undefined && user[name] !== null) throw new Error(`kubeconfig: ${where}.${name}: impersonation is not supported`);
}

/**
 * Reads a kubeconfig's text, for its current context or the one named.
 * Throws with the place of what is missing, wrong or not supported.
 */
export function parseKubeconfig(content: string, contextName?: string): Kubeconfig {
  const config = fields(load(content), 'the file');
  const context = contextName ?? text(config, 'current-context', 'the file');
  if (context === undefined) throw new Error('kubeconfig: current-context is not set');
  const { cluster: clusterName, user: userName, namespace } = find(named(config, 'contexts', 'context'), 'context', context) as { cluster?: string; user?: string; namespace?: string };
  const cluster = find(named(config, 'clusters', 'cluster'), 'cluster', clusterName);
  const user = userName === undefined || userName === '' ? {} : find(named(config, 'users', 'user'), 'user', userName);
  const atCluster = `cluster "${clusterName}"`;
  const atUser = `user "${userName}"`;
  refuseUnsupported(user, atUser);
  if (cluster['proxy-url'] !== undefined && cluster['proxy-url'] !== '') throw new Error(`kubeconfig: ${atCluster}.proxy-url is not supported`);
  const server = text(cluster, 'server', atCluster);
  if (server === undefined) throw new Error(`kubeconfig: ${atCluster}.server is not set`);
  const tls: TlsClientOptions = {
    ca: decode(cluster, 'certificate-authority-data', atCluster),
    cert: decode(user, 'client-certificate-data', atUser),
    key: decode(user, 'client-key-data', atUser),
    serverName: text(cluster, 'tls-server-name', atCluster),
    insecureSkipVerify: cluster['insecure-skip-tls-verify'] === true ? true : undefined,
  };
  const files: KubeconfigFiles = {
    ca: tls.ca === undefined ? text(cluster, 'certificate-authority', atCluster) : undefined,
    cert: tls.cert === undefined ? text(user, 'client-certificate', atUser) : undefined,
    key: tls.key === undefined ? text(user, 'client-key', atUser) : undefined,
    token: text(user, 'tokenFile', atUser),
  };
  return { context, server, namespace, tls, token: text(user, 'token', atUser), files };
}

async function readNamed(disk: Disk, path: string | undefined, folder: string, what: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const absolute = path.startsWith('/') ? path : `${folder}/${path}`;
  try {
    return await disk.readText(absolute);
  } catch (error) {
    throw new Error(`kubeconfig: cannot read ${what} "${absolute}": ${(error as Error).message}`, { cause: error });
  }
}

/** What `httpTransport` takes, out of a kubeconfig file and the files that it names (relative ones lie beside it). */
export async function loadKubeconfig(
  host: { disk: Disk; clock: Clock }, path: string, contextName?: string,
): Promise<{ server: string; tls: TlsClientOptions; token?: string | (() => Promise<string>); namespace?: string; context: string }> {
  const config = parseKubeconfig(await host.disk.readText(path), contextName);
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
  const { files } = config;
  const tls: TlsClientOptions = {
    ...config.tls,
    ca: config.tls.ca ?? (await readNamed(host.disk, files.ca, folder, 'certificate-authority')),
    cert: config.tls.cert ?? (await readNamed(host.disk, files.cert, folder, 'client-certificate')),
    key: config.tls.key ?? (await readNamed(host.disk, files.key, folder, 'client-key')),
  };
  const tokenPath = files.token === undefined || files.token.startsWith('/') ? files.token : `${folder}/${files.token}`;
  const token = tokenPath === undefined ? config.token : tokenFromFile(host, tokenPath);
  return { server: config.server, tls, token, namespace: config.namespace, context: config.context };
}

/** A token that follows its file; a file that cannot be read for a moment leaves the last token in use. */
export function tokenFromFile(host: { disk: Disk; clock: Clock }, path: string): () => Promise<string> {
  let token: string | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (token !== undefined && host.clock.monotonic() - readAt < tokenFileTtlMs) return token;
    try {
      token = (await host.disk.readText(path)).trim();
      readAt = host.clock.monotonic();
    } catch (error) {
      if (token === undefined) throw new Error(`cannot read the token file "${path}": ${(error as Error).message}`, { cause: error });
    }
    return token;
  };
}
