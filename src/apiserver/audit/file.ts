/** Lines of JSON into a file, in batches and in order; a file that has grown too long makes place for a new one. */
import type { Host } from '../../host/types.ts';

/** Lines waiting to be written at most; more are dropped, and the drop is said in the log. */
const maxPendingLines = 10_000;

export interface AuditFileOptions {
  path: string;
  /** Default 100 MiB. */
  maxBytes?: number;
  /** Old files that are kept; 0 keeps all. */
  maxBackups?: number;
}

export interface AuditFile {
  write(line: string): void;
  /** Waits until all is written. */
  flush(): Promise<void>;
}

export function auditFile(host: Host, { path, maxBytes = 100 * 2 ** 20, maxBackups = 0 }: AuditFileOptions): AuditFile {
  let pending: string[] = [];
  let writing: Promise<void> | undefined;
  let dropped = 0;
  let size: number | undefined;
  const at = path.lastIndexOf('/');
  const [folder, file] = [path.slice(0, at), path.slice(at + 1)];
  const dot = file.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [file.slice(0, dot), file.slice(dot)] : [file, ''];

  async function rotate(): Promise<void> {
    const stamp = new Date(host.clock.now()).toISOString().replace('Z', '').replaceAll(':', '-');
    await host.disk.rename(path, `${folder}/${stem}-${stamp}${extension}`);
    size = 0;
    if (maxBackups === 0) return;
    const old = (await host.disk.list(folder === '' ? '/' : folder)).filter((name) => name !== file && name.startsWith(`${stem}-`) && name.endsWith(extension)).toSorted();
    for (const name of old.slice(0, Math.max(0, old.length - maxBackups))) await host.disk.remove(`${folder}/${name}`);
  }

  async function append(lines: readonly string[]): Promise<void> {
    const text = `${lines.join('\n')}\n`;
    size ??= (await host.disk.stat(path))?.size ?? 0;
    if (size > 0 && size + text.length > maxBytes) await rotate();
    await host.disk.append(path, text);
    size += Buffer.byteLength(text);
  }

  async function drain(): Promise<void> {
    while (pending.length > 0) {
      const lines = pending;
      pending = [];
      await append(lines).catch((error: unknown) => host.log.error('the audit log cannot be written', { path, error: String(error), lines: lines.length }));
    }
    if (dropped > 0) host.log.warn('audit events were dropped', { dropped });
    dropped = 0;
    writing = undefined;
  }

  return {
    write(line) {
      if (pending.length >= maxPendingLines) {
        dropped++;
        return;
      }
      pending.push(line);
      writing ??= drain();
    },
    flush: async () => writing,
  };
}
