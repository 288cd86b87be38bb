/**
 * `exec` and `attach` over WebSocket: it ends here, and SPDY/3.1 is spoken with the kubelet. Runtimes know nothing of `v5.channel.k8s.io`; `v4.channel.k8s.io`
 * they know, but take a standard input that was not asked for as one that has ended, and so hang up a terminal before its process has written anything.
 * https://kubernetes.io/blog/2024/08/20/websockets-transition/
 */
import type { Duplex } from 'node:stream';
import { addressOf, networkErrorText } from '../../base/network-errors.ts';
import { internalError } from '../../api/meta/status.ts';
import type { Status } from '../../api/meta/v1/types.ts';
import type { Host, Timer, TlsClientOptions, UpgradedConnection } from '../../host/types.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { endSoon } from '../web-socket/drained.ts';
import { SpdyConnection } from './spdy-connection.ts';
import { SpdyError } from './spdy.ts';
import { dialBackend, refusedBy } from './tunnel.ts';
import { WebSocketConnection } from '../web-socket/connection.ts';
import { closeCodes, handshakeAnswer, handshakeFailure, offeredProtocols, WebSocketError } from '../web-socket/frames.ts';

/** The protocol in which a client can end its input. */
const endingProtocol = 'v5.channel.k8s.io';
const olderProtocol = 'v4.channel.k8s.io';
/** Those that runtimes know. The first of a client's is meant. */
const olderProtocols: ReadonlySet<string> = new Set([olderProtocol, 'v4.base64.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io']);
/** What is asked of the kubelet: exit codes come as a Status. */
const kubeletProtocol = 'v4.channel.k8s.io';

/** Numbers that messages start with. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const channelCount = 5;

const dialTimeoutMs = 30_000;
/** How long the kubelet may take to accept the streams. */
const replyTimeoutMs = 30_000;
const pingPeriodMs = 5_000;
/** A session in which nothing at all is said for so long is over. */
export const idleTimeoutMs = 4 * 60 * 60_000;
const leaveGraceMs = 10_000;
const maxStatusBytes = 1024 * 1024;

/** Which of a process's streams the client asked for. */
export interface WantedStreams {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** Where the session is, and how its server is spoken to. */
export interface SessionTarget {
  url: string;
  tls: TlsClientOptions;
}

/** The protocol in which the request is translated; undefined where the runtime gets it as it comes. */
export function translatedProtocol(request: ServerRequest): string | undefined {
  const offered = offeredProtocols(request.headers);
  if (offered.includes(endingProtocol)) return endingProtocol;
  return offered.find((name) => olderProtocols.has(name)) === olderProtocol ? olderProtocol : undefined;
}

/** Such a Status comes through the error channel, without kind and version, as upstream's do. */
type Told = Omit<Partial<Status>, 'kind' | 'apiVersion'> & { status: string };

const failed = (message: string): Told => {
  const { message: text, reason, details, code } = internalError(message).status;
  return { status: 'Failure', message: text, reason, details, code };
};

/** What the kubelet says at the end of a session, as the client is to hear it. */
export function outcomeOf(said: string): Told {
  // Nothing to say means that all is well.
  if (said === '') return { status: 'Success' };
  let status: Partial<Status> | null;
  try {
    status = JSON.parse(said) as Partial<Status> | null;
  } catch {
    return failed(`error stream protocol error: no JSON in ${JSON.stringify(said.slice(0, 200))}`);
  }
  if (status?.status === 'Success') return { status: 'Success' };
  if (status?.status !== 'Failure') return failed('error stream protocol error: unknown error');
  if (status.reason !== 'NonZeroExitCode') return failed(typeof status.message === 'string' ? status.message : '');
  if (!status.details) return failed('error stream protocol error: details must be set');
  const code = (Array.isArray(status.details.causes) ? status.details.causes : []).find((cause) => cause?.reason === 'ExitCode')?.message;
  if (code === undefined) return failed('error stream protocol error: no ExitCode cause given');
  if (!/^\d{1,3}$/.test(code) || Number(code) > 255) return failed(`error stream protocol error: invalid exit code value ${JSON.stringify(code)}`);
  return {
    status: 'Failure', message: `command terminated with non-zero exit code: command terminated with exit code ${Number(code)}`, reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: String(Number(code)) }] },
  };
}

/** A refusal's words: a Status's message, or the text that it is. */
export function refusalText(body: Uint8Array | undefined): string {
  const said = Buffer.from(body ?? []).toString('utf8').trim();
  try {
    const { message, error } = JSON.parse(said) as { message?: unknown; error?: unknown };
    for (const words of [message, error]) if (typeof words === 'string' && words.trim() !== '') return words.trim();
  } catch {
    // Then it is a text.
  }
  return said === '' ? 'empty server response' : said;
}

/**
 * Joins a WebSocket to a session at the kubelet. In the newer protocol it is accepted first, and what goes wrong is told through the error channel; in the
 * older one a refusal of the kubelet's is the answer, as where a runtime speaks it.
 */
export async function remoteCommand(host: Host, request: ServerRequest, target: SessionTarget, wanted: WantedStreams, protocol = endingProtocol): Promise<ServerResponse> {
  const failure = handshakeFailure(request);
  if (failure) return failure;
  const early = protocol === endingProtocol ? undefined : await dialOlder(host, target, request.signal);
  if (early && 'status' in early) return early;
  return {
    status: 101,
    headers: {},
    async upgrade(socket, head) {
      socket.write(handshakeAnswer(request.headers, protocol));
      const client = new WebSocketConnection(socket, head, host.clock);
      // An empty message tells clients that the connection stands.
      void client.send(new Uint8Array(), wanted.stdout ? channels.stdout : wanted.stderr ? channels.stderr : channels.error);
      const dialled = early ?? await dial(host, target, request.signal);
      if (dialled instanceof Error) {
        void client.send(Buffer.from(JSON.stringify({ metadata: {}, ...failed(dialled.message) })), channels.error);
        client.close();
        return;
      }
      await new Session(host, client, dialled, wanted, protocol === endingProtocol).run(request.signal);
    },
  };
}

const sessionHeaders = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': kubeletProtocol };

/** The session at the kubelet, or its refusal. Rejects with 500 where it does not answer, or in another language. */
async function dialOlder(host: Host, { url, tls }: SessionTarget, signal: AbortSignal): Promise<Duplex | ServerResponse> {
  const dialled = await dialBackend(host, { method: 'POST', url, headers: sessionHeaders, tls, signal });
  if (!dialled.socket) return refusedBy(dialled);
  const socket = agreed(dialled.socket, dialled);
  if (socket instanceof Error) throw internalError(socket.message);
  return socket;
}

/** Asks the kubelet for the session. An error has the words that the client is told. */
async function dial(host: Host, { url, tls }: SessionTarget, signal: AbortSignal): Promise<Duplex | Error> {
  let dialled;
  try {
    dialled = await host.net.upgrade({ method: 'POST', url, headers: sessionHeaders, tls, signal, timeoutMs: dialTimeoutMs });
  } catch (error) {
    return new Error(`error sending request: Post ${JSON.stringify(url)}: ${networkErrorText(error, addressOf(url))}`);
  }
  return dialled.socket ? agreed(dialled.socket, dialled) : new Error(`unable to upgrade connection: ${refusalText(dialled.refusal)}`);
}

/** The connection that the kubelet has agreed to, if it speaks what it was asked to. */
function agreed(socket: Duplex, { head, headers }: UpgradedConnection): Duplex | Error {
  const [protocol = '', version = ''] = [headers['upgrade'], headers['x-stream-protocol-version']];
  if (protocol.toLowerCase() !== 'spdy/3.1' || version.trim() !== kubeletProtocol) {
    socket.destroy();
    return new Error(`unable to upgrade connection: the kubelet answered with ${JSON.stringify(protocol)} and ${JSON.stringify(version)}, not SPDY/3.1 and ${kubeletProtocol}`);
  }
  if (head && head.length > 0) socket.unshift(head);
  return socket;
}

/** One process's streams, between a client and a kubelet. */
class Session {
  readonly #host: Host;
  readonly #client: WebSocketConnection;
  readonly #kubelet: SpdyConnection;
  readonly #wanted: WantedStreams;
  /** Whether the client can end its input. */
  readonly #ending: boolean;
  /** Streams at the kubelet, by the client's channels. */
  readonly #streams = new Map<number, number>();
  readonly #unreplied = new Set<number>();
  #lastHeardMs: number;
  #timer: Timer | undefined;

  constructor(host: Host, client: WebSocketConnection, kubelet: Duplex, wanted: WantedStreams, ending: boolean) {
    this.#host = host;
    this.#client = client;
    this.#kubelet = new SpdyConnection(kubelet);
    this.#wanted = wanted;
    this.#ending = ending;
    this.#lastHeardMs = host.clock.monotonic();
  }

  /** Resolves when both sides have been told that it is over. */
  async run(signal: AbortSignal): Promise<void> {
    const leave = (): void => this.#leave();
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    this.#openStreams();
    this.#tick();
    let accepted = (): void => undefined;
    const ready = new Promise<void>((resolve) => {
      accepted = resolve;
    });
    const outcome = this.#fromKubelet(accepted).then((told) => {
      void this.#client.send(Buffer.from(JSON.stringify({ metadata: {}, ...told })), channels.error);
      this.#client.close();
    });
    const left = ready.then(() => this.#fromClient()).then((code) => this.#client.close(code));
    try {
      await Promise.race([outcome, left]);
    } finally {
      this.#timer?.cancel();
      signal.removeEventListener('abort', leave);
      this.#leave();
      this.#client.close();
      accepted();
    }
    // Both have ends of their own: neither may be left to fail unheard.
    await Promise.allSettled([outcome, left]);
  }

  #openStreams(): void {
    const { stdin, stdout, stderr, tty } = this.#wanted;
    // A terminal has no standard error of its own, and only a terminal has a size.
    const rows: [number, string, boolean][] = [[channels.error, 'error', true], [channels.stdin, 'stdin', stdin], [channels.stdout, 'stdout', stdout], [channels.stderr, 'stderr', stderr && !tty], [channels.resize, 'resize', tty]];
    for (const [channel, streamType] of rows.filter(([, , asked]) => asked)) {
      const stream = this.#kubelet.open({ streamType });
      this.#streams.set(channel, stream);
      this.#unreplied.add(stream);
    }
  }

  /** Pings, and watches for silence. */
  #tick(waitedMs = 0): void {
    if (this.#unreplied.size > 0 && waitedMs > replyTimeoutMs) return void this.#kubelet.socket.destroy();
    if (this.#host.clock.monotonic() - this.#lastHeardMs > idleTimeoutMs) return this.#leave();
    if (waitedMs > 0) this.#kubelet.ping();
    this.#timer = this.#host.clock.setTimer(() => this.#tick(waitedMs + pingPeriodMs), pingPeriodMs);
  }

  #leave(): void {
    const { socket } = this.#kubelet;
    const stdin = this.#streams.get(channels.stdin);
    if (stdin !== undefined) this.#kubelet.finish(stdin);
    this.#kubelet.goAway();
    endSoon(socket, (callback, delayMs) => this.#host.clock.setTimer(callback, delayMs), leaveGraceMs);
  }

  /** What the client writes, until it leaves; the code that its connection ends with. */
  async #fromClient(): Promise<number> {
    let channel = 0;
    let closing: number[] = [];
    try {
      for await (const { bytes, first, last } of this.#client.messages()) {
        this.#lastHeardMs = this.#host.clock.monotonic();
        // The first byte of a message names its channel; a message without a byte says nothing.
        if (first && bytes.length === 0 && !last) throw new WebSocketError(closeCodes.protocolError, 'a message begins with nothing');
        if (first && bytes.length === 0) continue;
        const rest = first ? bytes.subarray(1) : bytes;
        if (first) {
          channel = bytes[0]!;
          closing = [];
        }
        if (channel === channels.close && this.#ending) {
          closing.push(...rest.subarray(0, 2));
          if (last) this.#closeChannel(closing);
        } else if (channel === channels.stdin || channel === channels.resize) {
          const stream = this.#streams.get(channel);
          if (stream !== undefined) await this.#kubelet.write(stream, rest);
        }
      }
    } catch (error) {
      if (error instanceof WebSocketError) return error.code;
      throw error;
    }
    return closeCodes.normal;
  }

  /** The client half-closes a channel: for standard input, the process reads to the end. */
  #closeChannel(named: readonly number[]): void {
    const [channel = channelCount] = named;
    if (named.length !== 1 || channel >= channelCount) throw new WebSocketError(closeCodes.protocolError, 'no channel to be closed');
    if (channel !== channels.stdin) return;
    const stream = this.#streams.get(channel);
    if (stream !== undefined) this.#kubelet.finish(stream);
  }

  /** What the process writes, until it ends; resolves with how it did. `accepted` is called once all streams stand. */
  async #fromKubelet(accepted: () => void): Promise<Told> {
    const channelOf = new Map([...this.#streams].map(([channel, stream]) => [stream, channel]));
    const open = new Set([channels.error, channels.stdout, channels.stderr].filter((channel) => this.#streams.has(channel)));
    let said = '';
    try {
      for await (const event of this.#kubelet.events()) {
        this.#lastHeardMs = this.#host.clock.monotonic();
        if (event.kind === 'goAway') return outcomeOf(said);
        if (event.kind === 'lost') return said === '' ? failed('the connection to the kubelet broke off') : outcomeOf(said);
        const channel = channelOf.get(event.stream)!;
        if (event.kind === 'replied') {
          this.#unreplied.delete(event.stream);
          if (this.#unreplied.size === 0) accepted();
        } else if (event.kind === 'ended') {
          if (this.#unreplied.has(event.stream)) return failed('Stream reset');
          // Nobody reads standard input any more.
          if (channel === channels.stdin) this.#kubelet.finish(event.stream);
          open.delete(channel as 1 | 2 | 3);
          if (open.size === 0) return outcomeOf(said);
        } else if (channel === channels.error) {
          said += Buffer.from(event.bytes).toString('utf8');
          if (said.length > maxStatusBytes) return failed(`error stream protocol error: more than ${maxStatusBytes} bytes`);
        } else if (channel === channels.stdout || channel === channels.stderr) {
          await this.#client.send(event.bytes, channel);
        }
      }
      return failed('the connection to the kubelet broke off');
    } catch (error) {
      if (error instanceof SpdyError) return failed(`the kubelet broke the rules of SPDY: ${error.message}`);
      throw error;
    }
  }
}
