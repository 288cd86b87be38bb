/** Reading a container's log: the whole of it or its end, and what comes while it is written, across rotations. */
import { dirname } from 'node:path';
import type { Host, OpenFile } from '../../host/types.ts';
import { parseLogLine, type LogLine } from './format.ts';

const blockBytes = 64 * 1024;
/** How long a follower waits for a change before it looks by itself. */
const followPollMs = 500;
const newline = 0x0a;

export interface LogRequest {
  path: string;
  /** Only so many lines from the end; all when absent. */
  tailLines?: number;
  /** Only lines written at or after this time (milliseconds since 1970). */
  sinceMs?: number;
  limitBytes?: number;
  timestamps?: boolean;
  follow?: boolean;
  stream?: 'stdout' | 'stderr';
  /** Asked at the end of the file when following: false ends the reading. */
  stillWritten?: () => Promise<boolean>;
  signal?: AbortSignal;
}

/** Where the last `lines` lines of a file begin. */
async function tailPosition(file: OpenFile, size: number, lines: number): Promise<number> {
  if (lines === 0) return size;
  let found = 0;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - blockBytes);
    const block = await file.read(start, end - start);
    for (let i = block.length - 1; i >= 0; i--) {
      // The newline that ends the file ends its last line; it does not begin another.
      if (block[i] !== newline || start + i === size - 1) continue;
      if (++found === lines) return start + i + 1;
    }
    end = start;
  }
  return 0;
}

/** Cuts blocks into lines; what has no newline yet waits. */
class LineCutter {
  #rest = Buffer.alloc(0);
  *cut(block: Uint8Array): Generator<Uint8Array> {
    const bytes = this.#rest.length === 0 ? Buffer.from(block.buffer, block.byteOffset, block.byteLength) : Buffer.concat([this.#rest, block]);
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    this.#rest = Buffer.from(bytes.subarray(start));
  }
}

/** Turns log lines into what a reader gets, and counts the bytes. */
class Formatter {
  readonly #request: LogRequest;
  #left: number;
  #lineBegins = { stdout: true, stderr: true };
  constructor(request: LogRequest) {
    this.#request = request;
    this.#left = request.limitBytes ?? Number.POSITIVE_INFINITY;
  }
  get exhausted(): boolean {
    return this.#left <= 0;
  }
  format(line: LogLine): Uint8Array | undefined {
    if (this.#request.stream !== undefined && line.stream !== this.#request.stream) return undefined;
    if (this.#request.sinceMs !== undefined && Date.parse(line.timestamp) < this.#request.sinceMs) return undefined;
    const pieces: Uint8Array[] = [];
    if (this.#request.timestamps && this.#lineBegins[line.stream]) pieces.push(Buffer.from(`${line.timestamp} `));
    pieces.push(line.content);
    if (line.full) pieces.push(Buffer.from('\n'));
    this.#lineBegins[line.stream] = line.full;
    const out = Buffer.concat(pieces).subarray(0, this.#left);
    this.#left -= out.length;
    return out;
  }
}

/** Resolves when something below the folder changed, after a while at the latest, or when the signal aborts. */
function change(host: Pick<Host, 'disk' | 'clock'>, directory: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    let watcher: { close(): void } | undefined;
    const timer = host.clock.setTimer(done, followPollMs);
    function done(): void {
      timer.cancel();
      watcher?.close();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
    try {
      watcher = host.disk.watch(directory, done);
    } catch {
      // Without watches, the timer serves.
    }
  });
}

/** The log as a stream of bytes. Rejects with Node's error when there is no such file. */
export async function* readContainerLog(host: Pick<Host, 'disk' | 'clock'>, request: LogRequest): AsyncGenerator<Uint8Array> {
  let file = await host.disk.open(request.path);
  try {
    const formatter = new Formatter(request);
    let cutter = new LineCutter();
    const stat = await file.stat();
    let inode = stat.inode;
    let position = request.tailLines === undefined ? 0 : await tailPosition(file, stat.size, request.tailLines);
    let lastLook = false;
    while (!request.signal?.aborted && !formatter.exhausted) {
      const block = await file.read(position, blockBytes);
      position += block.length;
      const out = formatBlock(block, cutter, formatter);
      if (out.length > 0) yield out;
      if (block.length > 0) continue;
      if (!request.follow) return;
      const current = await host.disk.stat(request.path);
      if (current && current.inode !== inode) {
        await file.close();
        file = await host.disk.open(request.path);
        [inode, position, cutter] = [current.inode, 0, new LineCutter()];
        continue;
      }
      // What was written between the last read and the container's end is read once more before leaving.
      if (lastLook) return;
      if (!((await request.stillWritten?.()) ?? true)) lastLook = true;
      else await change(host, dirname(request.path), request.signal);
    }
  } finally {
    await file.close();
  }
}

function formatBlock(block: Uint8Array, cutter: LineCutter, formatter: Formatter): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const bytes of cutter.cut(block)) {
    const line = parseLogLine(bytes);
    const out = line && formatter.format(line);
    if (out) pieces.push(out);
    if (formatter.exhausted) break;
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
