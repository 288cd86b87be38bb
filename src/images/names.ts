/** Image names: how people write them, and the full form that containerd and the CRI use. */

/** The parts of a full image name. */
export interface ImageName {
  /** The registry's host, `docker.io` where none was written. */
  registry: string;
  /** The path in the registry; one-word names on docker.io live under `library/`. */
  repository: string;
  tag?: string;
  digest?: string;
}

const repositoryPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;
const registryPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;

/** Reads `nginx`, `quay.io/team/app:v1`, `app@sha256:…`. Without tag and digest the tag is `latest`. Throws for what no registry accepts. */
export function parseImageName(text: string): ImageName {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  const path = hasTag ? named.slice(0, colon) : named;
  const slash = path.indexOf('/');
  const first = slash < 0 ? '' : path.slice(0, slash);
  // The first part is a registry only when it looks like a host: with a dot, a port, upper case, or the word localhost.
  const isHost = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first;
  const registry = isHost ? first : 'docker.io';
  const rest = isHost ? path.slice(slash + 1) : path;
  const repository = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  const valid = registryPattern.test(registry) && repositoryPattern.test(repository) && (tag === undefined || tagPattern.test(tag)) && (digest === undefined || digestPattern.test(digest));
  if (!valid) throw new Error(`"${text}" is not an image name: write NAME, NAME:TAG or REGISTRY/NAME:TAG, the name in lower case`);
  if (tag === undefined && digest === undefined) return { registry, repository, tag: 'latest' };
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The full form: `nginx` → `docker.io/library/nginx:latest`. */
export function normalizeImageName(text: string): string {
  const name = parseImageName(text);
  return `${name.registry}/${name.repository}${name.tag === undefined ? '' : `:${name.tag}`}${name.digest === undefined ? '' : `@${name.digest}`}`;
}

/** The short form for people: `docker.io/library/nginx:latest` → `nginx:latest`. */
export function familiarImageName(text: string): string {
  return normalizeImageName(text).replace(/^docker\.io\/(?:library\/)?/, '');
}
