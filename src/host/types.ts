/**
 * The seam between kubets and the outside world. Everything above this folder takes time, chance, sockets, files and processes
 * from a `Host` that is handed to it, so that the same code runs on a real machine and on a simulated one.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';

/** A timer that has been set; cancelling it twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
  /** Lets a process end though the timer has not fired. Absent where that makes no difference. */
  yield?(): void;
}

/** Time. Wall-clock time is in milliseconds since 1970; monotonic time only ever rises and has no fixed origin. */
export interface Clock {
  now(): number;
  monotonic(): number;
  /** Calls back once, `delayMs` from now. */
  setTimer(callback: () => void, delayMs: number): Timer;
  /** Resolves after `delayMs`; resolves early (never rejects) when `signal` aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Chance. A named fork is an independent stream, so that adding a consumer does not change what the others draw. */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** A whole number in [0, bound). */
  int(bound: number): number;
  bytes(length: number): Uint8Array;
  /** An RFC 9562 version 4 UUID. */
  uuid(): string;
  fork(name: string): Random;
}

/** Structured logging. Fields never hold secrets. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A logger whose lines carry `component` and the given fields. */
  child(component: string, fields?: Record<string, unknown>): Log;
  /** Has this logger, and all that come of the same, tell more or less from now on: 0 to 3 what is normal, from 4 on everything. Absent where the log has one level. */
  setVerbosity?(verbosity: number): void;
}

export interface FileStat {
  kind: 'file' | 'directory' | 'symlink' | 'socket' | 'other';
  size: number;
  mode: number;
  uid: number;
  gid: number;
  modifiedMs: number;
  inode: number;
  device: number;
}

export interface WriteOptions {
  mode?: number;
  /** Write to a sibling and rename over the target, so that a reader sees the old or the new content, never a part. */
  atomic?: boolean;
  /** Flush to the device before resolving. */
  durable?: boolean;
}

/** An open file for random reads (logs are followed through it). */
export interface OpenFile {
  read(position: number, length: number): Promise<Uint8Array>;
  stat(): Promise<FileStat>;
  close(): Promise<void>;
}

/** Files. Paths are absolute. Errors are Node's, with their `code` (ENOENT …). */
export interface Disk {
  read(path: string): Promise<Uint8Array>;
  readText(path: string): Promise<string>;
  write(path: string, content: Uint8Array | string, options?: WriteOptions): Promise<void>;
  append(path: string, content: Uint8Array | string): Promise<void>;
  open(path: string): Promise<OpenFile>;
  /** Creates parents too; no error where it exists. */
  mkdir(path: string, mode?: number): Promise<void>;
  /** Names in a folder, sorted; an absent folder rejects with ENOENT. */
  list(path: string): Promise<string[]>;
  /** Follows no symbolic link; undefined where nothing is. */
  stat(path: string): Promise<FileStat | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, link, or folder with all it holds, without following links or crossing into mounts; no error where nothing is. */
  remove(path: string): Promise<void>;
  removeEmptyDirectory(path: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  readLink(path: string): Promise<string>;
  chmod(path: string, mode: number): Promise<void>;
  chown(path: string, uid: number, gid: number): Promise<void>;
  /** Bytes and inodes of the file system that holds `path`. */
  usage(path: string): Promise<{ totalBytes: number; freeBytes: number; totalInodes: number; freeInodes: number }>;
  /** Calls back after changes below `path` (a hint: may fire late, or without cause). */
  watch(path: string, changed: () => void): { close(): void };
}

export interface ExecOptions {
  input?: string | Uint8Array;
  env?: Record<string, string>;
  cwd?: string;
  timeoutMs?: number;
  /** What is kept of stdout and of stderr at most; more is dropped. Default 16 MiB. */
  maxOutputBytes?: number;
}

export interface ExecResult {
  /** The exit status; 128 + the signal's number when a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

/** A process that kubets started and watches. */
export interface Child {
  readonly pid: number;
  /** Resolves when it ends. */
  readonly exited: Promise<{ code: number }>;
  kill(signal: 'SIGTERM' | 'SIGKILL' | 'SIGHUP' | 'SIGINT'): void;
}

export interface SpawnOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** A file that takes stdout and stderr, appended to; without it both are thrown away. */
  logFile?: string;
  /** Its own session, so that it outlives the starter. */
  detached?: boolean;
}

/** Processes, always as a file and a list of arguments: there is no shell. */
export interface Exec {
  /** Runs to the end. A missing file rejects with ENOENT; a non-zero exit does not reject. */
  run(file: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  spawn(file: string, args: readonly string[], options?: SpawnOptions): Promise<Child>;
  /** Sends a signal to a process that kubets knows to be its own; false when there is none. */
  signal(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 'SIGHUP' | 0): boolean;
}

export interface TlsClientOptions {
  ca?: string;
  cert?: string;
  key?: string;
  serverName?: string;
  insecureSkipVerify?: boolean;
}

export interface HttpRequest {
  method: string;
  url: string;
  /** A list goes out as several headers of the name. */
  headers?: Record<string, string | string[]>;
  /** As a whole; or as it comes, sent on no faster than the other side takes it. What comes in pieces is sent once. */
  body?: Uint8Array | string | AsyncIterable<Uint8Array>;
  /** How long a body is that comes in pieces, where that is known. */
  bodyLength?: number;
  /** Headers that follow a body which comes in pieces; asked for at its end. */
  trailers?: () => Readonly<Record<string, string>>;
  tls?: TlsClientOptions;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Dials this unix socket instead of the URL's host. */
  socketPath?: string;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  /** `Set-Cookie` headers one by one; in `headers` they are joined. */
  cookies?: readonly string[];
  /** The body as it comes; may be read once. Breaking out of the loop closes the stream. */
  body: AsyncIterable<Uint8Array>;
  /** Headers that followed the body, once it has been read to its end. */
  trailers?: () => Readonly<Record<string, string>>;
}

/** A request answered with 101, and the raw connection that follows. */
export interface UpgradedConnection {
  status: number;
  headers: Record<string, string>;
  /** Present when the status is 101. */
  socket?: Duplex;
  head?: Uint8Array;
  /** The body of the refusal when the status is not 101 (first 64 KiB). */
  refusal?: Uint8Array;
}

export interface TlsServerOptions {
  cert: string;
  key: string;
  /** Client certificates are asked for, and reported as verified when they chain up to this bundle. Absent: not asked for. */
  clientCa?: string;
}

export type AnyServerRequest = IncomingMessage | Http2ServerRequest;
export type AnyServerResponse = ServerResponse | Http2ServerResponse;

export interface Listener {
  readonly address: string;
  readonly port: number;
  /**
   * Stops accepting, and tells those who are connected to go elsewhere for their next request. What they send meanwhile is still answered.
   */
  drain(): void;
  /** Stops accepting, lets running requests end for `graceMs`, then cuts what is left. */
  close(graceMs?: number): Promise<void>;
  /** Takes a new certificate for connections to come. */
  reloadTls?(options: TlsServerOptions): void;
}

export interface ListenOptions {
  address: string;
  /** 0: any free port. A port in use rejects with code EADDRINUSE. */
  port: number;
  /** Absent: plain HTTP/1.1. Present: TLS with HTTP/2 and HTTP/1.1 on the same port. */
  tls?: TlsServerOptions;
  onRequest: (request: AnyServerRequest, response: AnyServerResponse) => void;
  /** Takes HTTP/2 requests as the streams that they are. Absent: they too go to `onRequest`, dressed up as HTTP/1.1, which costs about as much again as Node's own work on a small request. */
  onStream?: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]) => void;
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** How long an HTTP/2 connection over which nothing is asked is kept (default 90 s). */
  idleTimeoutMs?: number;
}

export interface UdpSocket {
  readonly port: number;
  send(message: Uint8Array, port: number, address: string): void;
  close(): Promise<void>;
}

/** Sockets. */
export interface Network {
  request(request: HttpRequest): Promise<HttpResponse>;
  upgrade(request: HttpRequest): Promise<UpgradedConnection>;
  listen(options: ListenOptions): Promise<Listener>;
  /** A TCP or unix stream connection. Rejects with Node's error code (ECONNREFUSED, ETIMEDOUT …). */
  connect(target: { host: string; port: number } | { path: string }, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<Duplex>;
  /** A plain stream server: `onConnection` gets each connection and its peer's address. */
  listenTcp(options: { address: string; port: number; onConnection: (socket: Duplex, peer: string) => void }): Promise<Listener>;
  bindUdp(options: { address: string; port: number; onMessage: (message: Uint8Array, port: number, address: string) => void }): Promise<UdpSocket>;
  /** Addresses of this machine's interfaces (in this network namespace), loopback ones left out, the default route's interface first. */
  addresses(): { name: string; address: string; family: 4 | 6; prefix: number }[];
}

/** Facts of the machine that a node reports. */
export interface MachineInfo {
  hostname: string;
  cpus: number;
  memoryBytes: number;
  machineId: string;
  systemUuid: string;
  bootId: string;
  kernelVersion: string;
  osImage: string;
  operatingSystem: 'linux' | 'darwin' | 'windows';
  architecture: 'amd64' | 'arm64';
}

export interface Machine {
  info(): MachineInfo;
  /** True when running with user id 0. */
  isRoot(): boolean;
}

/** All of it. Handed from the composition root to every component's constructor. */
export interface Host {
  clock: Clock;
  random: Random;
  net: Network;
  disk: Disk;
  exec: Exec;
  machine: Machine;
  log: Log;
  /** Lets go on what waits, in one turn of the event loop, before long work goes on. Where time is not real there is none: nothing waits. */
  turn?: () => Promise<void>;
}
