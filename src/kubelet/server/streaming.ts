/**
 * /exec, /attach and /portForward: the runtime names a streaming server for the session, and the client's upgraded connection is passed on to it byte by
 * byte. SPDY and WebSocket pass alike.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pod } from '../../api/core/v1/types.ts';
import type { ContainerRuntime } from '../../cri/index.ts';
import type { Host, UpgradedConnection } from '../../host/types.ts';
import { isTrue } from './container-logs.ts';
import { HttpError, type PodLookup } from './types.ts';

const dialTimeoutMs = 30_000;

/** Sessions are only ever passed on to this machine: a runtime that names another place is not followed there. */
export function checkStreamingUrl(text: string): string {
  const url = new URL(text);
  const local = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
  if (url.protocol !== 'http:' || !local) throw new HttpError(500, `the runtime's streaming server must be on this machine, not at ${url.host}`);
  return url.href;
}

async function needContainer(pods: PodLookup, pod: Pod, container: string): Promise<string> {
  const handle = await pods.container(pod, container);
  if (!handle) throw new HttpError(404, `container not found ("${container}")`);
  return handle.id;
}

function streamsOf(query: URLSearchParams): { stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean } {
  const tty = isTrue(query.get('tty'));
  const streams = { stdin: isTrue(query.get('input')), stdout: isTrue(query.get('output')), stderr: isTrue(query.get('error')) && !tty, tty };
  if (!streams.stdin && !streams.stdout && !streams.stderr) throw new HttpError(400, 'you must specify at least one of stdin, stdout, stderr');
  return streams;
}

/** Asks the runtime for a session. Returns the URL that awaits it. */
export async function sessionUrl(runtime: ContainerRuntime, pods: PodLookup, kind: string, pod: Pod, container: string | undefined, query: URLSearchParams): Promise<string> {
  if (kind === 'portForward') {
    const sandbox = await pods.sandboxId(pod);
    if (sandbox === undefined) throw new HttpError(404, `pod "${pod.metadata.name}" has no sandbox`);
    const ports = query.getAll('port').flatMap((values) => values.split(',')).map(Number);
    if (ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65535)) throw new HttpError(400, `port: Invalid value: "${query.getAll('port').join(',')}": must be from 1 to 65535`);
    return checkStreamingUrl(await runtime.portForward(sandbox, ports));
  }
  const id = await needContainer(pods, pod, container ?? '');
  const streams = streamsOf(query);
  if (kind === 'attach') return checkStreamingUrl(await runtime.attach(id, streams));
  const command = query.getAll('command');
  if (command.length === 0) throw new HttpError(400, 'command: Required value: at least one word');
  return checkStreamingUrl(await runtime.exec(id, command, streams));
}

const passed = (name: string): boolean => name.startsWith('sec-websocket-') || name === 'x-stream-protocol-version' || name === 'upgrade' || name === 'origin';

function passedHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).filter(([name]) => passed(name)).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}

function headText(status: number, headers: Record<string, string>): string {
  const reason = status === 101 ? 'Switching Protocols' : 'Refused';
  return `HTTP/1.1 ${status} ${reason}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** Writes an error on a connection that asked for an upgrade, and closes it. */
export function refuse(socket: Duplex, status: number, message: string): void {
  socket.end(`${headText(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(Buffer.byteLength(message)), connection: 'close' })}${message}`);
}

function joinConnections(client: Duplex, upstream: Duplex): void {
  const cut = (): void => {
    client.destroy();
    upstream.destroy();
  };
  client.on('error', cut);
  upstream.on('error', cut);
  // Half-closed connections carry on until both directions have ended.
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.end());
  client.pipe(upstream);
  upstream.pipe(client);
}

/** Dials the session and joins the two connections; the streaming server's refusal goes back as it is. */
export async function passOn(host: Host, url: string, request: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<void> {
  let dialled: UpgradedConnection;
  try {
    dialled = await host.net.upgrade({ method: request.method ?? 'GET', url, headers: passedHeaders(request), timeoutMs: dialTimeoutMs });
  } catch (error) {
    return refuse(socket, 502, `the runtime's streaming server does not answer: ${(error as Error).message}`);
  }
  if (!dialled.socket) return refuse(socket, dialled.status, Buffer.from(dialled.refusal ?? []).toString('utf8'));
  // Who left meanwhile gives no further sign.
  if (socket.destroyed) {
    dialled.socket.destroy();
    return;
  }
  socket.write(headText(101, dialled.headers));
  if (dialled.head && dialled.head.length > 0) socket.write(dialled.head);
  if (head.length > 0) dialled.socket.write(head);
  joinConnections(socket, dialled.socket);
}
