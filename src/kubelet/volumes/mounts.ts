/** Mounts of the node, made and undone with mount(8) and umount(8). */
import type { Host } from '../../host/types.ts';

const unmountAttempts = 5;

const unescape = (text: string): string => text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Mount points in the text of /proc/self/mountinfo. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo.split('\n').filter(Boolean).map((line) => unescape(line.split(' ')[4] ?? ''));
}

export class Mounts {
  readonly #host: Pick<Host, 'disk' | 'exec'>;

  constructor(host: Pick<Host, 'disk' | 'exec'>) {
    this.#host = host;
  }

  async #run(file: string, args: readonly string[]): Promise<void> {
    const { code, stderr } = await this.#host.exec.run(file, args);
    if (code !== 0) throw new Error(`"${file} ${args.join(' ')}" failed with exit status ${code}: ${stderr.trim()}`);
  }

  async points(): Promise<string[]> {
    return mountPoints(await this.#host.disk.readText('/proc/self/mountinfo'));
  }

  async isMounted(path: string): Promise<boolean> {
    return (await this.points()).includes(path);
  }

  /** A memory file system. `sizeBytes` bounds it; the kernel's own bound is half of the memory. */
  async tmpfs(path: string, options: { sizeBytes?: number; mode?: string } = {}): Promise<void> {
    const words = [...(options.sizeBytes ? [`size=${options.sizeBytes}`] : []), ...(options.mode ? [`mode=${options.mode}`] : [])];
    await this.#run('mount', ['-t', 'tmpfs', ...(words.length > 0 ? ['-o', words.join(',')] : []), 'tmpfs', path]);
  }

  /** `noCanonicalize`: the source is taken as it is, no link in it is resolved by mount(8) itself. */
  async bind(source: string, target: string): Promise<void> {
    await this.#run('mount', ['--no-canonicalize', '--bind', source, target]);
  }

  async unmount(path: string): Promise<void> {
    await this.#run('umount', [path]);
  }

  /** Undoes all mounts on and below the folder, the deepest first; a busy one is detached. */
  async unmountBelow(folder: string): Promise<void> {
    for (let attempt = 0; attempt < unmountAttempts; attempt++) {
      const below = (await this.points()).filter((point) => point === folder || point.startsWith(`${folder}/`)).toSorted((a, b) => b.length - a.length);
      if (below.length === 0) return;
      for (const point of below) await this.#host.exec.run('umount', attempt === 0 ? [point] : ['-l', point]);
    }
  }
}
