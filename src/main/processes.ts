/**
 * The processes of a cluster, by id. A record holds the process id and the instant the kernel started it, so that a number that the
 * system has given to somebody else is never signalled.
 */
import { join } from 'node:path';
import type { Host } from '../host/types.ts';

export interface ProcessRecord {
  name: string;
  pid: number;
  /** Field 22 of /proc/PID/stat: start time in clock ticks since boot; empty where the system has no /proc. */
  startTime: string;
}

/** When the kernel started the process; undefined when there is none (or it is a zombie). */
export async function startTimeOf(host: Host, pid: number): Promise<string | undefined> {
  try {
    const text = await host.disk.readText(`/proc/${pid}/stat`);
    // The command's name stands in brackets and may itself hold blanks and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (host.machine.info().operatingSystem === 'linux') return undefined;
    return host.exec.signal(pid, 0) ? '' : undefined;
  }
}

export class ProcessTable {
  readonly #host: Host;
  readonly #directory: string;

  constructor(host: Host, directory: string) {
    this.#host = host;
    this.#directory = directory;
  }

  #file(name: string): string {
    return join(this.#directory, `${name}.json`);
  }

  async record(name: string, pid: number): Promise<void> {
    const startTime = (await startTimeOf(this.#host, pid)) ?? '';
    await this.#host.disk.mkdir(this.#directory, 0o755);
    const record: ProcessRecord = { name, pid, startTime };
    await this.#host.disk.write(this.#file(name), `${JSON.stringify(record)}\n`, { atomic: true });
  }

  async forget(name: string): Promise<void> {
    await this.#host.disk.remove(this.#file(name));
  }

  /** Everything on record, running or not. */
  async all(): Promise<ProcessRecord[]> {
    const names = await this.#host.disk.list(this.#directory).catch(() => [] as string[]);
    const records: ProcessRecord[] = [];
    for (const name of names.filter((n) => n.endsWith('.json') && !n.startsWith('.'))) {
      records.push(JSON.parse(await this.#host.disk.readText(join(this.#directory, name))) as ProcessRecord);
    }
    return records;
  }

  async running(name: string): Promise<ProcessRecord | undefined> {
    const record = (await this.all()).find((r) => r.name === name);
    return record && (await this.#alive(record)) ? record : undefined;
  }

  async #alive(record: ProcessRecord): Promise<boolean> {
    const startTime = await startTimeOf(this.#host, record.pid);
    return startTime !== undefined && startTime === record.startTime;
  }

  /** Asks the process to end, waits, and kills it when `graceMs` are over. Does nothing to a process that is not the recorded one. */
  async stop(name: string, graceMs: number): Promise<void> {
    const record = (await this.all()).find((r) => r.name === name);
    if (!record) return;
    if (await this.#alive(record)) {
      this.#host.exec.signal(record.pid, 'SIGTERM');
      const deadline = this.#host.clock.monotonic() + graceMs;
      while (await this.#alive(record)) {
        if (this.#host.clock.monotonic() > deadline) {
          this.#host.exec.signal(record.pid, 'SIGKILL');
          await this.#host.clock.sleep(100);
          break;
        }
        await this.#host.clock.sleep(20);
      }
    }
    await this.forget(name);
  }
}
