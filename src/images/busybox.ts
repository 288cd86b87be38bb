/** A small userland image from the machine's own static busybox (Debian package busybox-static). */
import type { Host } from '../host/types.ts';
import type { ImageFile, ImageFiles } from './files.ts';
import { buildImage, type BuiltImage, type ImageArchitecture } from './oci.ts';

export const busyboxImageName = 'docker.io/library/busybox:latest';

/** True for an ELF program that asks for no dynamic loader (it has no PT_INTERP program header). */
export function isStaticElf(bytes: Buffer): boolean {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2) return false;
  const start = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  for (let index = 0; index < bytes.readUInt16LE(56); index++) {
    if (bytes.readUInt32LE(start + index * size) === 3) return false;
  }
  return true;
}

const machines: Record<number, ImageArchitecture> = { 62: 'amd64', 183: 'arm64' };

const passwd = 'root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/bin/false\ndaemon:x:2:2:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n';
const group = 'root:x:0:\nbin:x:1:\ndaemon:x:2:\nnogroup:x:65534:\n';

export interface BusyboxOptions {
  names?: readonly string[];
  /** Where the program lies. Default `/bin/busybox`. */
  program?: string;
  /** More entries, such as scripts of a demonstration. */
  files?: ImageFiles;
  cmd?: string[];
}

/** Builds the image: the program, a link a command that it knows (`busybox --list`), users, and the usual folders. */
export async function busyboxImage(host: Pick<Host, 'disk' | 'exec'>, options: BusyboxOptions = {}): Promise<BuiltImage> {
  const path = options.program ?? '/bin/busybox';
  if ((await host.disk.stat(path)) === undefined) throw new Error(`"${path}" is missing: install the package busybox-static`);
  const program = Buffer.from(await host.disk.read(path));
  if (!isStaticElf(program)) throw new Error(`"${path}" is not a static program: install the package busybox-static`);
  const architecture = machines[program.readUInt16LE(18)];
  if (architecture === undefined) throw new Error(`"${path}" is for a machine that kubets does not support: amd64 and arm64 are`);
  const listed = await host.exec.run(path, ['--list']);
  if (listed.code !== 0) throw new Error(`"${path} --list" failed with status ${listed.code}: ${listed.stderr.trim()}`);
  const files: ImageFiles = new Map<string, ImageFile>([
    ['/bin/busybox', { content: program, mode: 0o755 }],
    ['/etc/passwd', { content: passwd }],
    ['/etc/group', { content: group }],
    ['/tmp', { directory: true, mode: 0o1777 }],
    ['/root', { directory: true, mode: 0o700 }],
    ['/home', { directory: true }],
    ['/var/www', { directory: true }],
    ['/usr/bin/env', { symlink: '/bin/env' }],
  ]);
  for (const applet of listed.stdout.split('\n')) {
    if (applet !== '' && applet !== 'busybox' && !applet.includes('/')) files.set(`/bin/${applet}`, { symlink: 'busybox' });
  }
  for (const [name, file] of options.files ?? []) files.set(name, file);
  const env = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  return await buildImage(host, { files, config: { cmd: options.cmd ?? ['sh'], env }, names: options.names ?? [busyboxImageName], architecture });
}
