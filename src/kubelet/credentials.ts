/** Registry credentials out of pull secrets, matched to images. Pure. */
import type { Secret } from '../api/core/v1/types.ts';
import type { ImageAuth } from '../cri/runtime.ts';

interface DockerEntry {
  auth?: string;
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
}

const dockerHub = 'docker.io';

/** Registry host and path of an image: `docker.io/library/busybox`. */
export function repositoryOf(image: string): string {
  const bare = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const [first = '', ...rest] = bare.split('/');
  const hasHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  if (hasHost) return bare;
  return rest.length > 0 ? `${dockerHub}/${bare}` : `${dockerHub}/library/${bare}`;
}

function matchesHost(pattern: string, host: string): boolean {
  const [patternName = '', patternPort] = pattern.split(':');
  const [name = '', port] = host.split(':');
  if (patternPort !== undefined && patternPort !== port) return false;
  const wanted = patternName.split('.');
  const parts = name.split('.');
  // A star stands for within one part of the name, as in `*.example.com`.
  return wanted.length === parts.length && wanted.every((want, i) => new RegExp(`^${want.replaceAll(/[^a-zA-Z0-9*]/g, String.raw`\$&`).replaceAll('*', '.*')}$`).test(parts[i]!));
}

function matches(key: string, repository: string): boolean {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/v[12]\/?$/, '').replace(/\/+$/, '');
  const [host = '', ...path] = bare.split('/');
  const [repositoryHost = '', ...repositoryPath] = repository.split('/');
  const isHub = /^(index\.|registry-1\.)?docker\.io$/.test(host) && repositoryHost === dockerHub;
  return (isHub || matchesHost(host, repositoryHost)) && repositoryPath.join('/').startsWith(path.join('/'));
}

function authOf(entry: DockerEntry): ImageAuth {
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  if (entry.registrytoken) return { registryToken: entry.registrytoken };
  if (entry.auth && !entry.username) {
    const text = Buffer.from(entry.auth, 'base64').toString('utf8');
    const at = text.indexOf(':');
    return { username: text.slice(0, at), password: text.slice(at + 1) };
  }
  return { username: entry.username ?? '', password: entry.password ?? '' };
}

function entriesOf(secret: Secret): [string, DockerEntry][] {
  const text = (key: string): string | undefined => (secret.data?.[key] === undefined ? undefined : Buffer.from(secret.data[key], 'base64').toString('utf8'));
  try {
    const config = text('.dockerconfigjson');
    if (config !== undefined) return Object.entries((JSON.parse(config) as { auths?: Record<string, DockerEntry> }).auths ?? {});
    const legacy = text('.dockercfg');
    if (legacy !== undefined) return Object.entries(JSON.parse(legacy) as Record<string, DockerEntry>);
  } catch {
    // A secret that cannot be read helps no pull; the registry's refusal tells the user.
  }
  return [];
}

/** Credentials that fit the image, the most specific first. */
export function credentialsFor(image: string, secrets: readonly Secret[]): ImageAuth[] {
  const repository = repositoryOf(image);
  return secrets
    .flatMap(entriesOf)
    .filter(([key]) => matches(key, repository))
    .toSorted(([a], [b]) => b.length - a.length)
    .map(([, entry]) => authOf(entry));
}
