/** Archives in memory, byte for byte the same for the same entries. */
import { gunzipSync } from 'node:zlib';
import { extract, pack, type Header } from 'tar-stream';
import { withParents, type ImageFiles } from './files.ts';

/** Every entry carries this time, so that an image's digest depends on its content alone. */
const epoch = new Date(0);

async function joined(stream: unknown): Promise<Buffer> {
  const pieces: Buffer[] = [];
  // The library's own types leave out that its streams can be iterated.
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** An uncompressed tar archive of an image layer: paths without the leading slash, parents first. */
export async function layerTar(files: ImageFiles): Promise<Buffer> {
  const archive = pack();
  const bytes = joined(archive);
  for (const [path, file] of withParents(files)) {
    const name = path.slice(1);
    if ('symlink' in file) archive.entry({ name, type: 'symlink', linkname: file.symlink, mode: 0o777, mtime: epoch, uid: 0, gid: 0 });
    else if ('directory' in file) archive.entry({ name: `${name}/`, type: 'directory', mode: file.mode ?? 0o755, mtime: epoch, uid: file.uid ?? 0, gid: file.gid ?? 0 });
    else archive.entry({ name, mode: file.mode ?? 0o644, mtime: epoch, uid: file.uid ?? 0, gid: file.gid ?? 0 }, Buffer.from(file.content as Uint8Array));
  }
  archive.finalize();
  return await bytes;
}

/** An uncompressed tar archive of plain files, in the order given. */
export async function fileTar(files: Iterable<[string, Uint8Array | string]>): Promise<Buffer> {
  const archive = pack();
  const bytes = joined(archive);
  const folders = new Set<string>();
  for (const [name, content] of files) {
    const parts = name.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      if (folders.has(folder)) continue;
      folders.add(folder);
      archive.entry({ name: `${folder}/`, type: 'directory', mode: 0o755, mtime: epoch, uid: 0, gid: 0 });
    }
    archive.entry({ name, mode: 0o644, mtime: epoch, uid: 0, gid: 0 }, Buffer.from(content as Uint8Array));
  }
  archive.finalize();
  return await bytes;
}

/** True where the bytes begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Calls back with every entry of an archive (gzip allowed). Content is empty for what is not a regular file. */
export async function readTar(bytes: Uint8Array, onEntry: (header: Header, content: Buffer) => void): Promise<void> {
  const reader = extract();
  const read = (async () => {
    for await (const entry of reader) onEntry(entry.header, await joined(entry));
  })();
  // An archive that is broken rejects `read`; the write side then fails too, and one report is enough.
  reader.on('error', () => undefined);
  reader.end(isGzip(bytes) ? gunzipSync(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  await read;
}
