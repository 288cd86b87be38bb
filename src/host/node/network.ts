import * as dgram from 'node:dgram';
import * as net from 'node:net';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import type { Listener, Network, UdpSocket } from '../types.ts';
import { httpClient } from './http-client.ts';
import { listenHttp } from './http-server.ts';

function connect(target: { host: string; port: number } | { path: string }, options: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ ...target, noDelay: true, signal: options.signal } as net.NetConnectOpts);
    if (options.timeoutMs !== undefined) {
      socket.setTimeout(options.timeoutMs, () => socket.destroy(Object.assign(new Error(`no connection within ${options.timeoutMs} ms`), { code: 'ETIMEDOUT' })));
    }
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function listenTcp(options: { address: string; port: number; onConnection: (socket: Duplex, peer: string) => void }): Promise<Listener> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    options.onConnection(socket, socket.remoteAddress ?? '');
  });
  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.address, port: options.port }, () => {
      const bound = server.address() as net.AddressInfo;
      resolve({ address: bound.address, port: bound.port, close, drain: () => void server.close() });
    });
  });
}

function bindUdp(options: { address: string; port: number; onMessage: (message: Uint8Array, port: number, address: string) => void }): Promise<UdpSocket> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(net.isIPv6(options.address) ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.on('message', (message, peer) => options.onMessage(message, peer.port, peer.address));
    socket.bind(options.port, options.address, () => {
      socket.off('error', reject);
      // A datagram that cannot be delivered is lost, as datagrams are.
      socket.on('error', () => undefined);
      resolve({
        port: socket.address().port,
        send: (message, port, address) => socket.send(message, port, address, () => undefined),
        close: () => new Promise((closed) => socket.close(() => closed())),
      });
    });
  });
}

/** Name of the interface that the IPv4 default route uses, from the kernel's table. */
function defaultInterface(): string | undefined {
  try {
    const rows = readFileSync('/proc/self/net/route', 'utf8').split('\n').slice(1);
    return rows.map((row) => row.split('\t')).find((columns) => columns[1] === '00000000')?.[0];
  } catch {
    return undefined;
  }
}

function addresses(): ReturnType<Network['addresses']> {
  const preferred = defaultInterface();
  const found: ReturnType<Network['addresses']> = [];
  for (const [name, entries] of Object.entries(networkInterfaces())) {
    for (const entry of entries ?? []) {
      const linkLocal = entry.address.startsWith('fe80:') || entry.address.startsWith('169.254.');
      if (entry.internal || linkLocal) continue;
      const prefix = Number(entry.cidr?.split('/')[1] ?? (entry.family === 'IPv4' ? 32 : 128));
      found.push({ name, address: entry.address, family: entry.family === 'IPv4' ? 4 : 6, prefix });
    }
  }
  return found.toSorted((a, b) => Number(b.name === preferred) - Number(a.name === preferred) || a.family - b.family);
}

/** The machine's sockets. */
export function nodeNetwork(): Network {
  const client = httpClient();
  return { request: client.request, upgrade: client.upgrade, listen: listenHttp, connect, listenTcp, bindUdp, addresses };
}
