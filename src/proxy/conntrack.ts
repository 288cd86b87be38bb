/**
 * UDP has no end of connection: the kernel keeps sending a flow where its first packet went. When an endpoint goes, or a Service gets its first one,
 * such flows must be forgotten.
 */
import type { Host } from '../host/types.ts';
import { familyOf, joinHostPort, type Family, type ServicePortModel } from './model.ts';

/** A flow as the kernel tracks it: where it was sent, and from where answers come. */
export interface Flow {
  source: string;
  destination: string;
  port: number;
  answersFrom: string;
  answersPort: number;
}

/** Reads `conntrack -L -p udp`. */
export function parseFlows(text: string): Flow[] {
  const flows: Flow[] = [];
  for (const line of text.split('\n')) {
    const values = (name: string): string[] => [...line.matchAll(new RegExp(`\\b${name}=(\\S+)`, 'g'))].map((match) => match[1]!);
    const [source, answersFrom] = values('src');
    const [destination] = values('dst');
    const [, answersPort] = values('sport');
    const [port] = values('dport');
    if (!source || !answersFrom || !destination || !port || !answersPort) continue;
    flows.push({ source, destination, port: Number(port), answersFrom, answersPort: Number(answersPort) });
  }
  return flows;
}

/** Flows to a UDP Service whose answers would come from something that is no endpoint of it (any more). */
export function staleFlows(flows: readonly Flow[], models: readonly ServicePortModel[]): Flow[] {
  const byAddress = new Map<string, Set<string>>();
  const byNodePort = new Map<number, Set<string>>();
  for (const model of models) {
    if (model.protocol !== 'udp') continue;
    const endpoints = new Set(model.reachable.map((endpoint) => joinHostPort(endpoint.ip, endpoint.port)));
    for (const ip of [model.clusterIp, ...model.externalIps, ...model.loadBalancerIps]) byAddress.set(joinHostPort(ip, model.port), endpoints);
    if (model.nodePort !== 0) byNodePort.set(model.nodePort, endpoints);
  }
  return flows.filter((flow) => {
    const endpoints = byAddress.get(joinHostPort(flow.destination, flow.port)) ?? byNodePort.get(flow.port);
    return endpoints !== undefined && !endpoints.has(joinHostPort(flow.answersFrom, flow.answersPort));
  });
}

/** What the flows depend on, as text: while it stays the same, no flow went stale. */
export function udpFingerprint(models: readonly ServicePortModel[]): string {
  return models
    .filter((model) => model.protocol === 'udp')
    .map((model) => [model.clusterIp, model.port, model.nodePort, model.externalIps, model.loadBalancerIps, model.reachable.map((endpoint) => joinHostPort(endpoint.ip, endpoint.port))].join(' '))
    .join('\n');
}

/** Deletes stale flows by the tool `conntrack`; without it, logs once what is missing. Returns how many groups of flows were deleted. */
export async function cleanFlows(host: Pick<Host, 'exec' | 'log'>, family: Family, models: readonly ServicePortModel[]): Promise<number> {
  const word = family === 4 ? 'ipv4' : 'ipv6';
  const listed = await host.exec.run('conntrack', ['-L', '-f', word, '-p', 'udp'], { timeoutMs: 30_000 }).catch(() => undefined);
  if (listed === undefined) {
    host.log.warn('UDP flows to endpoints that are gone cannot be cut: the package conntrack is missing');
    return 0;
  }
  const groups = new Map<string, string[]>();
  for (const flow of staleFlows(parseFlows(listed.stdout), models)) {
    if (familyOf(flow.destination) !== family) continue;
    const args = ['--orig-dst', flow.destination, '--orig-port-dst', String(flow.port), '--reply-src', flow.answersFrom, '--reply-port-src', String(flow.answersPort)];
    groups.set(args.join(' '), args);
  }
  // The tool's status is 1 when a flow ended by itself meanwhile: as good.
  for (const args of groups.values()) await host.exec.run('conntrack', ['-D', '-f', word, '-p', 'udp', ...args], { timeoutMs: 30_000 });
  return groups.size;
}
