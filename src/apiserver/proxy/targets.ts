/** Finds the address behind `pods/<name>`, `services/<name>` and `nodes/<name>` of a proxied request. */
import type { Pod, Service } from '../../api/core/v1/types.ts';
import type { Endpoint } from '../../api/discovery/v1/types.ts';
import { parseIp } from '../../api/meta/addresses.ts';
import { badRequest, notFound, serviceUnavailable } from '../../api/meta/status.ts';
import { EndpointSlices, Nodes, Pods, Services } from '../../api/resources.ts';
import type { Client } from '../../client/types.ts';
import type { Random, TlsClientOptions } from '../../host/types.ts';
import { findLive } from '../lookup.ts';
import { hostInUrl, locationOf } from './kubelet.ts';
import type { ProxyTarget } from './reverse-proxy.ts';

export interface SchemeNamePort {
  scheme: '' | 'http' | 'https';
  name: string;
  port: string;
}

/** Takes `[scheme:]name[:port]` apart; undefined when it is not of that form. */
export function splitSchemeNamePort(id: string): SchemeNamePort | undefined {
  const parts = id.split(':');
  const [a = '', b = '', c = ''] = parts;
  if (parts.length === 1) return a === '' ? undefined : { scheme: '', name: a, port: '' };
  if (parts.length === 2) return a === '' ? undefined : { scheme: '', name: a, port: b };
  if (parts.length !== 3 || b === '' || (a !== '' && a !== 'http' && a !== 'https')) return undefined;
  return { scheme: a, name: b, port: c };
}

/** Pods may serve any certificate: nobody has promised its name. */
const anyCertificate: TlsClientOptions = { insecureSkipVerify: true };

/** A port that is anything else could, inside a URL, make a user name of the address before it, and another host of what follows. */
function checkPort(port: string): void {
  if (port !== '' && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) throw badRequest(`invalid port ${JSON.stringify(port)}: must be from 1 to 65535`);
}

function targetOf(scheme: string, address: string, port: string): ProxyTarget {
  if (!isProxyable(address)) throw badRequest('address not allowed');
  checkPort(port);
  const secure = scheme === 'https';
  return { origin: `${secure ? 'https' : 'http'}://${hostInUrl(address)}${port === '' ? '' : `:${port}`}`, ...(secure ? { tls: anyCertificate } : {}) };
}

/** Loopback, link-local, multicast and unspecified addresses are this machine's own or nobody's. */
export function isProxyable(address: string): boolean {
  const ip = parseIp(address);
  if (!ip) return false;
  const [a = 0, b = 0] = ip.bytes;
  if (ip.family === 'IPv4') return a !== 127 && a !== 0 && !(a === 169 && b === 254) && a < 224;
  const zeros = ip.bytes.slice(0, 15).every((byte) => byte === 0);
  return !(zeros && (ip.bytes[15] === 0 || ip.bytes[15] === 1)) && !(a === 0xfe && (b & 0xc0) === 0x80) && a !== 0xff;
}

function parts(id: string, what: string): SchemeNamePort {
  const split = splitSchemeNamePort(id);
  if (!split) throw badRequest(`invalid ${what} request ${JSON.stringify(id)}`);
  return split;
}

function podPort(pod: Pod, asked: string): string {
  if (asked !== '') return asked;
  const first = pod.spec?.containers?.flatMap((container) => container.ports ?? [])[0]?.containerPort;
  return first === undefined ? '' : String(first);
}

export async function podTarget(client: Client, namespace: string, id: string): Promise<ProxyTarget> {
  const { scheme, name, port } = parts(id, 'pod');
  const pod = await findLive(client, Pods, namespace, name);
  if (!pod) throw notFound({ group: '', plural: 'pods' }, name);
  return targetOf(scheme, pod.status?.podIP ?? '', podPort(pod, port));
}

/** The name of the port that was asked for: one asked by number must be the service's; one without a name is asked for by nothing. Throws 503. */
function servicePortName(service: Service, asked: string): string {
  if (!/^[+-]?\d+$/.test(asked)) return asked;
  const found = service.spec?.ports?.find((port) => port.port === Number(asked));
  if (!found) throw serviceUnavailable(`no service port ${Number(asked)} found for service ${JSON.stringify(service.metadata.name ?? '')}`);
  return found.name ?? '';
}

/** Anybody who may write endpoints could send others' requests anywhere: only addresses that a pod of the namespace has are followed. */
async function isPods(client: Client, namespace: string, endpoint: Endpoint, address: string): Promise<boolean> {
  const { kind, name = '', namespace: of = namespace } = endpoint.targetRef ?? {};
  if (kind !== 'Pod' || of !== namespace || name === '') return false;
  const pod = await findLive(client, Pods, namespace, name);
  return pod !== undefined && [pod.status?.podIP, ...(pod.status?.podIPs ?? []).map(({ ip }) => ip)].includes(address);
}

export async function serviceTarget(client: Client, random: Random, namespace: string, id: string): Promise<ProxyTarget> {
  const { scheme, name, port } = parts(id, 'service');
  const service = await findLive(client, Services, namespace, name);
  if (!service) throw notFound({ group: '', plural: 'services' }, name);
  const portName = servicePortName(service, port);
  const slices = await client.of(EndpointSlices).inNamespace(namespace).list({ labelSelector: `kubernetes.io/service-name=${name}` });
  const candidates = slices.items.flatMap((slice) => {
    if (slice.addressType === 'FQDN') return [];
    const ports = (slice.ports ?? []).filter((p) => (p.name ?? '') === portName && p.port !== undefined);
    const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false);
    return ports.flatMap((p) => ready.flatMap((endpoint) => endpoint.addresses.map((address) => ({ address, port: p.port!, endpoint }))));
  });
  // From a random one on, the first that is what it says.
  const start = candidates.length > 0 ? random.int(candidates.length) : 0;
  for (let index = 0; index < candidates.length; index++) {
    const { address, port: number, endpoint } = candidates[(start + index) % candidates.length]!;
    if (await isPods(client, namespace, endpoint, address)) return targetOf(scheme, address, String(number));
  }
  throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(slices.items.some(({ endpoints }) => (endpoints ?? []).length > 0) ? id : name)}`);
}

export async function nodeTarget(client: Client, id: string, tls: TlsClientOptions | undefined): Promise<ProxyTarget> {
  const { scheme, name, port } = parts(id, 'node');
  const node = await findLive(client, Nodes, undefined, name);
  if (!node) throw notFound({ group: '', plural: 'nodes' }, name);
  const kubelet = locationOf(node, tls ?? {});
  if (port === '' || port === String(kubelet.port)) return { origin: kubelet.origin, tls: kubelet.tls };
  return targetOf(scheme, kubelet.address, port);
}
