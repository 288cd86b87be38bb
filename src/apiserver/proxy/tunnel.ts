/** Connections that have left HTTP: passed through byte by byte, whatever they speak. */
import type { Duplex } from 'node:stream';
import { addressOf, networkErrorText } from '../../base/network-errors.ts';
import type { Host, HttpRequest, UpgradedConnection } from '../../host/types.ts';
import { failure } from '../../api/meta/status.ts';
import { withoutBearerProtocol } from '../authentication/bearer.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';

/** Headers that belong to one hop; the dialling side makes its own. */
export const hopByHop: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'host', 'content-length', 'http2-settings']);

/** What the client told this server and nobody else: credentials, and whom it acts as. */
export function isPrivate(header: string): boolean {
  return header === 'authorization' || header.startsWith('impersonate-');
}

/** The headers of a protocol change, without those that carry credentials. */
export function upgradeHeaders(headers: ServerRequest['headers']): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('sec-websocket-') || name === 'x-stream-protocol-version' || name === 'upgrade') passed[name] = value;
  }
  if (passed['sec-websocket-protocol'] !== undefined) {
    const left = withoutBearerProtocol(passed['sec-websocket-protocol']);
    if (left === '') delete passed['sec-websocket-protocol'];
    else passed['sec-websocket-protocol'] = left;
  }
  return passed;
}

/** Joins two connections until either ends; what is on its way is still written. */
export function join(a: Duplex, b: Duplex, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let open = 2;
    const closed = (other: Duplex) => (): void => {
      // What is on its way goes out first.
      if (!other.destroyed) other.end(() => other.destroy());
      if (--open === 0) {
        signal.removeEventListener('abort', cut);
        resolve();
      }
    };
    const cut = (): void => {
      a.destroy();
      b.destroy();
    };
    a.on('error', () => a.destroy());
    b.on('error', () => b.destroy());
    a.on('close', closed(b));
    b.on('close', closed(a));
    signal.addEventListener('abort', cut, { once: true });
    a.pipe(b);
    b.pipe(a);
    if (signal.aborted || a.destroyed || b.destroyed) cut();
  });
}

/** Asks the other side to change protocols. Rejects with 500 where it does not answer. */
export async function dialBackend(host: Host, target: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'tls' | 'signal'>): Promise<UpgradedConnection> {
  try {
    return await host.net.upgrade(target);
  } catch (error) {
    throw failure(500, '', `error dialing backend: ${networkErrorText(error, addressOf(target.url))}`);
  }
}

/** A refusal, as it came. Whoever answers as if nobody had asked for an upgrade has not refused one. */
export function refusedBy({ status, headers, refusal }: UpgradedConnection): ServerResponse {
  if (status < 400) throw failure(500, '', `invalid upgrade response: status code ${status}`);
  return { status, headers: withoutHops(headers), ...(refusal ? { body: refusal } : {}) };
}

/** Dials the other side and asks it to change protocols. Its refusal comes back as it is; its consent joins the two connections. */
export async function tunnel(host: Host, request: ServerRequest, target: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'tls'>): Promise<ServerResponse> {
  const dialled = await dialBackend(host, { ...target, signal: request.signal });
  const { status, headers, socket, head } = dialled;
  if (!socket) return refusedBy(dialled);
  return {
    status,
    headers: {},
    async upgrade(client, clientHead) {
      const lines = Object.entries(headers).filter(([name]) => name !== 'connection').map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, ' ')}`);
      client.write(`HTTP/1.1 ${status} Switching Protocols\r\nconnection: Upgrade\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (head && head.length > 0) client.write(head);
      if (clientHead.length > 0) socket.write(clientHead);
      await join(client, socket, request.signal);
    },
  };
}

export function withoutHops(headers: Readonly<Record<string, string>>): Record<string, string> {
  const named = new Set((headers['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name)));
}
