/** Reading image archives back: OCI layouts and `docker save` files, plain or gzipped. */
import { gunzipSync } from 'node:zlib';
import { digestOf, type ImageArchitecture, type ImageConfig, type ImageLayer } from './oci.ts';
import { isGzip, readTar } from './tar.ts';

export interface ReadImage {
  layers: ImageLayer[];
  config: ImageConfig;
  architecture: ImageArchitecture;
  /** Names that the archive gives the image. */
  names: string[];
}

interface Descriptor {
  mediaType: string;
  digest: string;
  platform?: { architecture: string; os: string };
  annotations?: Record<string, string>;
}

interface ConfigFile {
  architecture: string;
  config?: {
    User?: string;
    ExposedPorts?: Record<string, unknown>;
    Env?: string[];
    Entrypoint?: string[];
    Cmd?: string[];
    WorkingDir?: string;
    Labels?: Record<string, string>;
    StopSignal?: string;
  };
}

type Files = Map<string, Buffer>;

function fileOf(files: Files, name: string): Buffer {
  const content = files.get(name);
  if (content === undefined) throw new Error(`The image archive lacks "${name}"`);
  return content;
}

const jsonOf = <T>(files: Files, name: string): T => JSON.parse(fileOf(files, name).toString('utf8')) as T;
const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

function layerOf(bytes: Buffer): ImageLayer {
  const gzip = isGzip(bytes);
  if (!gzip && bytes.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) throw new Error('A layer is compressed with zstd, which image build does not read: use gzip or none');
  const diffId = digestOf(gzip ? gunzipSync(bytes) : bytes);
  return { bytes, mediaType: `application/vnd.oci.image.layer.v1.tar${gzip ? '+gzip' : ''}`, digest: gzip ? digestOf(bytes) : diffId, diffId };
}

function configOf(file: ConfigFile): ImageConfig {
  const c = file.config ?? {};
  return {
    ...(c.User ? { user: c.User } : {}),
    ...(c.ExposedPorts ? { exposedPorts: Object.keys(c.ExposedPorts) } : {}),
    ...(c.Env ? { env: c.Env } : {}),
    ...(c.Entrypoint ? { entrypoint: c.Entrypoint } : {}),
    ...(c.Cmd ? { cmd: c.Cmd } : {}),
    ...(c.WorkingDir ? { workingDir: c.WorkingDir } : {}),
    ...(c.Labels ? { labels: c.Labels } : {}),
    ...(c.StopSignal ? { stopSignal: c.StopSignal } : {}),
  };
}

/** Follows nested indexes to the manifest for Linux on this architecture. */
function findManifest(files: Files, descriptors: Descriptor[], architecture: ImageArchitecture): Descriptor | undefined {
  for (const found of descriptors) {
    if (found.mediaType.includes('index') || found.mediaType.includes('manifest.list')) {
      const nested = findManifest(files, jsonOf<{ manifests: Descriptor[] }>(files, blobPath(found.digest)).manifests, architecture);
      if (nested !== undefined) return nested;
    } else if (found.platform === undefined || (found.platform.os === 'linux' && found.platform.architecture === architecture)) return found;
  }
  return undefined;
}

function imageOf(files: Files, configName: string, layerNames: string[], names: string[]): ReadImage {
  const config = jsonOf<ConfigFile>(files, configName);
  const architecture = config.architecture;
  if (architecture !== 'amd64' && architecture !== 'arm64') throw new Error(`The image is for "${architecture}": amd64 and arm64 are supported`);
  return { layers: layerNames.map((name) => layerOf(fileOf(files, name))), config: configOf(config), architecture, names };
}

/** Takes an archive apart. `architecture` chooses where it holds several. Throws an error that names what is missing. */
export async function readImageArchive(bytes: Uint8Array, architecture: ImageArchitecture): Promise<ReadImage> {
  const files: Files = new Map();
  await readTar(bytes, (header, content) => {
    if (header.type === 'file') files.set(header.name.replace(/^\.\//, ''), content);
  });
  if (files.has('index.json')) {
    const { manifests } = jsonOf<{ manifests: Descriptor[] }>(files, 'index.json');
    const found = findManifest(files, manifests, architecture);
    if (found === undefined) throw new Error(`The image archive holds nothing for linux/${architecture}`);
    const manifest = jsonOf<{ config: Descriptor; layers: Descriptor[] }>(files, blobPath(found.digest));
    const names = manifests.flatMap((m) => m.annotations?.['io.containerd.image.name'] ?? []);
    return imageOf(files, blobPath(manifest.config.digest), manifest.layers.map((layer) => blobPath(layer.digest)), names);
  }
  if (files.has('manifest.json')) {
    const [first] = jsonOf<{ Config: string; RepoTags?: string[]; Layers: string[] }[]>(files, 'manifest.json');
    if (first === undefined) throw new Error('The image archive names no image');
    return imageOf(files, first.Config, first.Layers, first.RepoTags ?? []);
  }
  throw new Error('Not an image archive: it has neither "index.json" (OCI layout) nor "manifest.json" (docker save)');
}
