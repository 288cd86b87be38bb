/** Images in a node's containerd, by its own tool `ctr`. */
import type { Host } from '../host/types.ts';
import { normalizeImageName } from './names.ts';

export interface ContainerdAccess {
  /** The node's containerd socket. */
  socket: string;
  /** The namespace that the CRI uses is `k8s.io`, the default. */
  namespace?: string;
  /** The snapshotter that the node's containerd is configured with. Default `overlayfs`. */
  snapshotter?: string;
}

export interface ListedImage {
  /** The full name. */
  name: string;
  digest: string;
  /** As the tool prints it: `2.1 MiB`. */
  size: string;
  platforms: string[];
}

const importTimeoutMs = 300_000;

async function ctr(host: Pick<Host, 'exec'>, access: ContainerdAccess, args: readonly string[], input?: Uint8Array): Promise<string> {
  const all = ['--address', access.socket, '--namespace', access.namespace ?? 'k8s.io', 'images', ...args];
  const result = await host.exec.run('ctr', all, { timeoutMs: importTimeoutMs, ...(input === undefined ? {} : { input }) });
  if (result.code !== 0) throw new Error(`"ctr images ${args[0]}" failed with status ${result.code}: ${(result.stderr || result.stdout).trim()}`);
  return result.stdout;
}

/** Loads an archive (its bytes, or the path of a file) and unpacks it. Returns the names that came with it. */
export async function importImage(host: Pick<Host, 'exec'>, access: ContainerdAccess, archive: Uint8Array | string): Promise<string[]> {
  const snapshotter = ['--snapshotter', access.snapshotter ?? 'overlayfs'];
  const stdout = typeof archive === 'string' ? await ctr(host, access, ['import', ...snapshotter, archive]) : await ctr(host, access, ['import', ...snapshotter, '-'], archive);
  // "unpacking docker.io/library/x:latest (sha256:…)...done", a line an image.
  return [...stdout.matchAll(/unpacking (\S+) \(sha256:/g)].map((match) => match[1]!);
}

/** All images that have a name (the CRI also records images under their digests; those are left out). */
export async function listImages(host: Pick<Host, 'exec'>, access: ContainerdAccess): Promise<ListedImage[]> {
  const stdout = await ctr(host, access, ['list']);
  const images: ListedImage[] = [];
  for (const line of stdout.split('\n').slice(1)) {
    const [name, , digest, amount, unit, platforms] = line.trim().split(/\s+/);
    if (name === undefined || digest === undefined || name.startsWith('sha256:') || name.includes('@sha256:')) continue;
    images.push({ name, digest, size: `${amount} ${unit}`, platforms: (platforms ?? '').split(',') });
  }
  return images;
}

/** Writes an image of the node as an archive to `path`. The name may be short. */
export async function exportImage(host: Pick<Host, 'exec'>, access: ContainerdAccess, name: string, path: string): Promise<void> {
  await ctr(host, access, ['export', path, normalizeImageName(name)]);
}

/** Removes an image by name; no error where it is not there. */
export async function removeImage(host: Pick<Host, 'exec'>, access: ContainerdAccess, name: string): Promise<void> {
  await ctr(host, access, ['remove', normalizeImageName(name)]);
}
