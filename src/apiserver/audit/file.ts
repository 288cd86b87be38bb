/** Lines into a file, in batches and in order; a file that has grown too long makes place for a new one. */
import type { Host } from '../../host/types.ts';
import { lineOf, type AuditFormat } from './event.ts';
import type { AuditSink } from './sink.ts';

/** Lines waiting to be written at most; more are dropped, and the drop is said in the log. */
const maxPendingLines = 10_000;
const dayMs = 24 * 3_600_000;

export interface AuditFileOptions {
  path: string;
  /** Default JSON. */
  format?: AuditFormat;
  /** Default 100 MiB. */
  maxBytes?: number;
  /** Old files that are kept; 0 keeps all. */
  maxBackups?: number;
  /** Days after which an old file goes; 0: it stays. */
  maxAgeDays?: number;
}

/** Lines that wait for the disk together. */
interface Waiting {
  lines: readonly string[];
  done(written: boolean): void;
}

export function auditFile(host: Host, { path, format = 'json', maxBytes = 100 * 2 ** 20, maxBackups = 0, maxAgeDays = 0 }: AuditFileOptions): AuditSink {
  let pending: Waiting[] = [];
  let held = 0;
  let writing: Promise<void> | undefined;
  let dropped = 0;
  let size: number | undefined;
  const at = path.lastIndexOf('/');
  const [folder, file] = [path.slice(0, at), path.slice(at + 1)];
  const dot = file.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [file.slice(0, dot), file.slice(dot)] : [file, ''];

  const stampOf = (ms: number): string => new Date(ms).toISOString().replace('Z', '').replaceAll(':', '-');

  async function rotate(): Promise<void> {
    const now = host.clock.now();
    await host.disk.rename(path, `${folder}/${stem}-${stampOf(now)}${extension}`);
    size = 0;
    if (maxBackups === 0 && maxAgeDays === 0) return;
    const old = (await host.disk.list(folder === '' ? '/' : folder)).filter((name) => name !== file && name.startsWith(`${stem}-`) && name.endsWith(extension)).toSorted();
    const tooMany = maxBackups === 0 ? 0 : Math.max(0, old.length - maxBackups);
    const oldest = maxAgeDays === 0 ? '' : `${stem}-${stampOf(now - maxAgeDays * dayMs)}${extension}`;
    for (const [i, name] of old.entries()) if (i < tooMany || name < oldest) await host.disk.remove(`${folder}/${name}`);
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
      const batch = pending;
      pending = [];
      const lines = batch.flatMap((waiting) => waiting.lines);
      const written = await append(lines).then(() => true, (error: unknown) => {
        host.log.error('the audit log cannot be written', { path, error: String(error), lines: lines.length });
        return false;
      });
      held -= lines.length;
      for (const { done } of batch) done(written);
    }
    if (dropped > 0) host.log.warn('audit events were dropped', { dropped });
    dropped = 0;
    writing = undefined;
  }

  return {
    process(events) {
      if (held >= maxPendingLines) {
        dropped += events.length;
        return Promise.resolve(false);
      }
      held += events.length;
      const lines = events.map((event) => lineOf(event, format));
      const written = new Promise<boolean>((done) => pending.push({ lines, done }));
      writing ??= drain();
      return written;
    },
    close: async () => writing,
  };
}
