/** Cluster DNS: sockets, access, and the parts put together. */
import type { Duplex } from 'node:stream';
import { Counter, Histogram, MetricsRegistry } from '../base/metrics.ts';
import type { Client, InformerFactory, Running } from '../client/types.ts';
import type { Host, Listener, UdpSocket } from '../host/types.ts';
import { rangeTest } from './address.ts';
import { types } from './codec.ts';
import { publishDnsEndpoint } from './publish.ts';
import { createResponder, type Responder } from './responder.ts';
import { frame, readFrames } from './stream.ts';
import { createUpstream, parseResolvConf, type UpstreamServer } from './upstream.ts';
import { informerView } from './view.ts';
import { Zone } from './zone.ts';

export interface DnsOptions {
  host: Host;
  /** Needed to publish the endpoint only. */
  client?: Client;
  /** The server asks for informers; the caller starts the factory. */
  informers: InformerFactory;
  /** Where to listen: the node's address (answers must come from where questions went). */
  address: string;
  /** 0: any port that is free for UDP and TCP. */
  port: number;
  /** Default `cluster.local`. */
  domain?: string;
  /** Servers for other names. Default: those of `/etc/resolv.conf`. */
  upstreams?: readonly UpstreamServer[];
  /** Sources that get answers; loopback always does. Others are ignored. Default: all. */
  allowedCidrs?: readonly string[];
  /** Publishes the endpoint under Service kube-system/kube-dns (or another) as from this node. */
  publishSliceAs?: { nodeName: string; nodeIp: string; namespace?: string; service?: string };
  /** `/metrics`, `/ready` and `/health` answer here when given. Port 0: any. */
  metrics?: { address: string; port: number };
  /** Seconds that clients keep addresses of Services (default 30) and of pods, and answers that say no (default 5). */
  serviceTtl?: number;
  endpointTtl?: number;
  /** How long to wait for another server. Default 2 s. */
  upstreamTimeoutMs?: number;
}

export interface RunningDns extends Running {
  readonly address: string;
  readonly port: number;
  readonly metricsPort: number | undefined;
  /** True once every name of the cluster is known. */
  ready(): boolean;
  /** Resolves when `ready` turned true. */
  readonly synced: Promise<void>;
}

const tcpIdleMs = 10_000;
const maxTcpConnections = 1_000;
const maxUdpUnderWay = 5_000;
const loopback = ['127.0.0.0/8', '::1/128'];

/** A UDP and a TCP socket on one port; a port that only UDP could get is given back. */
async function bindBoth(options: DnsOptions, onMessage: (message: Uint8Array, port: number, address: string) => void, onConnection: (socket: Duplex, peer: string) => void): Promise<{ udp: UdpSocket; tcp: Listener }> {
  const attempts = options.port === 0 ? 10 : 1;
  for (let attempt = 1; ; attempt++) {
    const udp = await options.host.net.bindUdp({ address: options.address, port: options.port, onMessage });
    try {
      return { udp, tcp: await options.host.net.listenTcp({ address: options.address, port: udp.port, onConnection }) };
    } catch (error) {
      await udp.close();
      if (attempt >= attempts) throw error;
    }
  }
}

/** Questions of one connection, each answered as soon as its answer is there. */
async function serveStream(host: Pick<Host, 'clock'>, responder: Responder, socket: Duplex): Promise<void> {
  let timer = host.clock.setTimer(() => socket.destroy(), tcpIdleMs);
  const rearm = (): void => {
    timer.cancel();
    timer = host.clock.setTimer(() => socket.destroy(), tcpIdleMs);
  };
  const underWay = new Set<Promise<void>>();
  try {
    for await (const query of readFrames(socket)) {
      rearm();
      const answering = responder.respond(query.slice(), true).then((answer) => {
        if (answer === undefined) socket.destroy();
        else if (!socket.destroyed) socket.write(frame(answer));
      });
      underWay.add(answering);
      void answering.finally(() => underWay.delete(answering));
      // One client may not queue without bound.
      if (underWay.size >= 100) await Promise.race(underWay);
    }
    await Promise.allSettled(underWay);
  } catch {
    // The client went away.
  } finally {
    timer.cancel();
    socket.end();
  }
}

interface Meters {
  registry: MetricsRegistry;
  count(facts: { type: number; code: number; tcp: boolean; forwarded: boolean; durationMs: number }): void;
}

const typeNames = new Map<number, string>(Object.entries(types).map(([name, value]) => [value, name]));
const codeNames = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** Counts under the names that dashboards for cluster DNS look for. */
function dnsMeters(domain: string): Meters {
  const registry = new MetricsRegistry();
  const requests = registry.register(new Counter('coredns_dns_requests_total', 'Questions', ['zone', 'proto', 'type']));
  const responses = registry.register(new Counter('coredns_dns_responses_total', 'Answers by code', ['zone', 'rcode']));
  const durations = registry.register(new Histogram('coredns_dns_request_duration_seconds', 'Time to an answer, in seconds', ['zone'], Array.from({ length: 16 }, (_, i) => 0.00025 * 2 ** i)));
  return {
    registry,
    count({ type, code, tcp, forwarded, durationMs }) {
      const zone = forwarded ? '.' : `${domain}.`;
      requests.add([zone, tcp ? 'tcp' : 'udp', typeNames.get(type) ?? 'other']);
      responses.add([zone, codeNames[code] ?? 'other']);
      durations.observe([zone], durationMs / 1000);
    },
  };
}

async function listenMetrics(options: DnsOptions, registry: MetricsRegistry, ready: () => boolean): Promise<Listener | undefined> {
  if (options.metrics === undefined) return undefined;
  return await options.host.net.listen({
    ...options.metrics,
    onRequest: (request, raw) => {
      const response = raw as { writeHead(status: number, headers: Record<string, string>): void; end(text: string): void };
      const send = (status: number, text: string): void => {
        response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
        response.end(text);
      };
      const path = (request.url ?? '/').split('?')[0];
      if (path === '/metrics') send(200, registry.text());
      else if (path === '/ready') send(ready() ? 200 : 503, ready() ? 'OK' : 'the cluster\'s names are not known yet');
      else if (path === '/health') send(200, 'OK');
      else send(404, '404 page not found\n');
    },
  });
}

/** Starts the server. It answers for other names at once, for the cluster's names when the informers are complete (SERVFAIL before). */
export async function startDns(options: DnsOptions): Promise<RunningDns> {
  const { host } = options;
  const log = host.log.child('dns');
  const domain = (options.domain ?? 'cluster.local').toLowerCase().replace(/\.$/, '');
  const { view, hasSynced } = informerView(options.informers);
  const zone = new Zone(view, { domain, serviceTtl: options.serviceTtl ?? 30, endpointTtl: options.endpointTtl ?? 5 });
  const servers = options.upstreams ?? parseResolvConf(await host.disk.readText('/etc/resolv.conf').catch(() => ''));
  const upstream = createUpstream({ ...host, log }, { servers, ...(options.upstreamTimeoutMs === undefined ? {} : { timeoutMs: options.upstreamTimeoutMs }) });
  const meters = dnsMeters(domain);
  const responder = createResponder({ ...host, log }, { zone, upstream, ready: hasSynced, onAnswer: meters.count });
  const allowed = options.allowedCidrs === undefined ? () => true : rangeTest([...loopback, ...options.allowedCidrs]);
  const stopping = new AbortController();
  let underWay = 0;
  const streams = new Set<Duplex>();

  const onMessage = (message: Uint8Array, port: number, address: string): void => {
    if (!allowed(address) || underWay >= maxUdpUnderWay) return;
    underWay++;
    void responder.respond(message, false).then((answer) => {
      underWay--;
      if (answer !== undefined && !stopping.signal.aborted) bound.udp.send(answer, port, address);
    });
  };
  const onConnection = (socket: Duplex, peer: string): void => {
    if (!allowed(peer) || streams.size >= maxTcpConnections) return void socket.destroy();
    streams.add(socket);
    void serveStream(host, responder, socket).finally(() => streams.delete(socket));
  };
  const bound = await bindBoth(options, onMessage, onConnection);
  const metrics = await listenMetrics(options, meters.registry, hasSynced);
  const synced = (async () => {
    while (!hasSynced() && !stopping.signal.aborted) await host.clock.sleep(10, stopping.signal);
  })();
  // An endpoint that cannot answer yet must not be found.
  const publishing = synced.then(async () => {
    if (options.publishSliceAs === undefined || options.client === undefined || stopping.signal.aborted) return undefined;
    return await publishDnsEndpoint({ ...host, log }, options.client, { ...options.publishSliceAs, port: bound.udp.port, ...(metrics === undefined ? {} : { metricsPort: metrics.port }) });
  });
  log.info('cluster DNS started', { address: options.address, port: bound.udp.port, domain, upstreams: servers.map((server) => server.address) });

  return {
    address: options.address,
    port: bound.udp.port,
    metricsPort: metrics?.port,
    ready: hasSynced,
    synced: publishing.then(() => undefined),
    async stop() {
      stopping.abort();
      await (await publishing)?.stop();
      await bound.udp.close();
      await bound.tcp.close(0);
      await metrics?.close(0);
      await upstream.close();
    },
  };
}
