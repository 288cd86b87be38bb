/**
 * Building images: an OCI image layout in one tar archive, which also holds the `manifest.json` that docker's loader reads.
 * https://github.com/opencontainers/image-spec
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Host } from '../host/types.ts';
import { readFiles, type ImageFiles } from './files.ts';
import { normalizeImageName, parseImageName } from './names.ts';
import { fileTar, layerTar } from './tar.ts';

/** How a container of the image starts. Ports as `80` or `53/udp`. */
export interface ImageConfig {
  entrypoint?: string[];
  cmd?: string[];
  /** `NAME=value` */
  env?: string[];
  workingDir?: string;
  user?: string;
  exposedPorts?: string[];
  labels?: Record<string, string>;
  stopSignal?: string;
}

export type ImageArchitecture = 'amd64' | 'arm64';

/** A layer as it is stored: its bytes, their digest, and the digest of what they unpack to. */
export interface ImageLayer {
  bytes: Buffer;
  mediaType: string;
  digest: string;
  diffId: string;
}

export interface BuiltImage {
  /** The archive, as `ctr images import` and `docker load` take it. */
  archive: Buffer;
  /** Digest of the manifest: `sha256:…`. */
  digest: string;
  /** Digest of the configuration: what the CRI calls the image's id. */
  id: string;
  /** Full names. */
  names: string[];
}

export interface BuildImageOptions {
  /** A folder whose content becomes the root of the image. */
  contextDir?: string;
  /** Entries that come on top of the folder's. */
  files?: ImageFiles;
  config: ImageConfig;
  names: readonly string[];
  architecture: ImageArchitecture;
  /** Layers below. */
  baseLayers?: readonly ImageLayer[];
  /** Compress the new layer with gzip. Off by default: what is loaded on the same machine gains nothing from it. */
  gzip?: boolean;
}

const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  gzipLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

/** `sha256:` and the hexadecimal hash. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A layer of the given files. */
export async function makeLayer(files: ImageFiles, gzip = false): Promise<ImageLayer> {
  const tar = await layerTar(files);
  const diffId = digestOf(tar);
  if (!gzip) return { bytes: tar, mediaType: mediaTypes.layer, digest: diffId, diffId };
  const bytes = gzipSync(tar, { level: 6 });
  return { bytes, mediaType: mediaTypes.gzipLayer, digest: digestOf(bytes), diffId };
}

/** The JSON of an image configuration; keys that are empty are left out, as the specification asks. */
function configJson(config: ImageConfig, architecture: ImageArchitecture, layers: readonly ImageLayer[]): string {
  const ports = Object.fromEntries((config.exposedPorts ?? []).map((port) => [port.includes('/') ? port : `${port}/tcp`, {}]));
  const section = {
    ...(config.user ? { User: config.user } : {}),
    ...(Object.keys(ports).length > 0 ? { ExposedPorts: ports } : {}),
    ...(config.env?.length ? { Env: config.env } : {}),
    ...(config.entrypoint?.length ? { Entrypoint: config.entrypoint } : {}),
    ...(config.cmd?.length ? { Cmd: config.cmd } : {}),
    ...(config.workingDir ? { WorkingDir: config.workingDir } : {}),
    ...(config.labels && Object.keys(config.labels).length > 0 ? { Labels: config.labels } : {}),
    ...(config.stopSignal ? { StopSignal: config.stopSignal } : {}),
  };
  return JSON.stringify({
    created: '1970-01-01T00:00:00Z',
    architecture,
    os: 'linux',
    config: section,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'kubets image build' })),
  });
}

function descriptor(mediaType: string, bytes: Uint8Array | string): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestOf(bytes), size: Buffer.byteLength(bytes) };
}

/** Puts layers and configuration into an archive under the given names. The same input yields the same bytes. */
export async function assembleImage(layers: readonly ImageLayer[], config: ImageConfig, architecture: ImageArchitecture, names: readonly string[]): Promise<BuiltImage> {
  if (names.length === 0) throw new Error('An image needs at least one name');
  const full = names.map((name) => normalizeImageName(name));
  const configText = configJson(config, architecture, layers);
  const manifestText = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(mediaTypes.config, configText),
    layers: layers.map((layer) => ({ mediaType: layer.mediaType, digest: layer.digest, size: layer.bytes.length })),
  });
  const manifest = descriptor(mediaTypes.manifest, manifestText);
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: full.map((name) => ({
      ...manifest,
      platform: { architecture, os: 'linux' },
      annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': parseImageName(name).tag ?? 'latest' },
    })),
  };
  const blob = (digest: string): string => `blobs/sha256/${digest.slice('sha256:'.length)}`;
  const id = digestOf(configText);
  const docker = [{ Config: blob(id), RepoTags: full, Layers: layers.map((layer) => blob(layer.digest)) }];
  // A layer may occur twice in an image; its blob must occur once.
  const blobs = new Map<string, Uint8Array | string>([[blob(id), configText], [blob(manifest.digest), manifestText], ...layers.map((layer): [string, Uint8Array] => [blob(layer.digest), layer.bytes])]);
  const archive = await fileTar([
    ['oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' })],
    ['index.json', JSON.stringify(index)],
    ['manifest.json', JSON.stringify(docker)],
    ...blobs,
  ]);
  return { archive, digest: manifest.digest, id, names: full };
}

/** Builds an image from a folder, from files given in memory, or from both; see `BuildImageOptions`. */
export async function buildImage(host: Pick<Host, 'disk'>, options: BuildImageOptions): Promise<BuiltImage> {
  const files: ImageFiles = options.contextDir === undefined ? new Map() : await readFiles(host.disk, options.contextDir, '/');
  for (const [path, file] of options.files ?? []) files.set(path, file);
  const added = files.size > 0 ? [await makeLayer(files, options.gzip)] : [];
  return await assembleImage([...(options.baseLayers ?? []), ...added], options.config, options.architecture, options.names);
}
