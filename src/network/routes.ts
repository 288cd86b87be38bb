/** Routes to the pods of other nodes: one static route a range, kept in step with the Node objects. */
import type { Node } from '../api/core/v1/types.ts';
import { Nodes } from '../api/resources.ts';
import type { InformerFactory, Running } from '../client/types.ts';
import type { Host, Timer } from '../host/types.ts';
import { attempt, command, type Place } from './command.ts';
import { familyOf } from './firewall.ts';

/** The kernel remembers who made a route by a number; this one tells ours from all others. */
export const routeProtocol = 75;

export interface PodRoute {
  /** A range of pod addresses. */
  cidr: string;
  /** The address to send them to. */
  via: string;
}

export type RouteAction = { replace: PodRoute } | { remove: PodRoute };

export interface RouteSettings {
  /** This node, whose own range needs no route; absent on a machine that only carries nodes in namespaces. */
  nodeName?: string;
  /** Send everything to this address: for nodes in namespaces, whose only neighbour is the machine around them. */
  gateway?: string;
}

/** Routes that the nodes call for: a range of each node that has one, by the node's internal address of the same family. */
export function wantedRoutes(nodes: readonly Node[], settings: RouteSettings): PodRoute[] {
  const routes: PodRoute[] = [];
  for (const node of nodes) {
    if (node.metadata.name === settings.nodeName) continue;
    const addresses = (node.status?.addresses ?? []).filter((address) => address.type === 'InternalIP').map((address) => address.address);
    for (const cidr of node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])) {
      const same = addresses.find((address) => familyOf(address) === familyOf(cidr));
      const via = settings.gateway !== undefined && familyOf(settings.gateway) === familyOf(cidr) ? settings.gateway : same;
      if (via !== undefined) routes.push({ cidr, via });
    }
  }
  return routes.toSorted((a, b) => (a.cidr < b.cidr ? -1 : 1));
}

/** What to change so that `present` becomes `wanted`. */
export function decideRoutes(wanted: readonly PodRoute[], present: readonly PodRoute[]): RouteAction[] {
  const now = new Map(present.map((route) => [route.cidr, route.via]));
  const target = new Set(wanted.map((route) => route.cidr));
  return [...wanted.filter((route) => now.get(route.cidr) !== route.via).map((route) => ({ replace: route })), ...present.filter((route) => !target.has(route.cidr)).map((route) => ({ remove: route }))];
}

const ipv4ToNumber = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** True where `cidr` lies in one of the ranges. IPv6 ranges are compared as the kernel prints them, by their prefix text. */
function within(cidr: string, ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    if (familyOf(cidr) !== familyOf(range)) return false;
    const [base, bits] = range.split('/') as [string, string];
    if (familyOf(range) === 6) return cidr.startsWith(base.replace(/::$/, ''));
    const size = 2 ** (32 - Number(bits));
    return Math.floor(ipv4ToNumber(cidr.split('/')[0]!) / size) === Math.floor(ipv4ToNumber(base) / size);
  });
}

/** Our routes into the cluster's ranges, as the kernel holds them. */
async function presentRoutes(place: Place, clusterCidrs: readonly string[]): Promise<PodRoute[]> {
  const routes: PodRoute[] = [];
  for (const family of new Set(clusterCidrs.map(familyOf))) {
    const text = await command(place, 'ip', [`-${family}`, '-j', 'route', 'show', 'proto', String(routeProtocol)]);
    for (const row of JSON.parse(text || '[]') as { dst: string; gateway?: string }[]) {
      const cidr = row.dst.includes('/') ? row.dst : `${row.dst}/${family === 4 ? 32 : 128}`;
      if (within(cidr, clusterCidrs)) routes.push({ cidr, via: row.gateway ?? '' });
    }
  }
  return routes;
}

async function applyRoutes(host: Host, place: Place, actions: readonly RouteAction[]): Promise<Error[]> {
  const failures: Error[] = [];
  for (const action of actions) {
    const route = 'replace' in action ? action.replace : action.remove;
    const args = 'replace' in action ? ['route', 'replace', route.cidr, 'via', route.via, 'proto', String(routeProtocol)] : ['route', 'delete', route.cidr, 'proto', String(routeProtocol)];
    const result = await attempt(place, 'ip', args);
    if (result.code === 0 || ('remove' in action && /No such process/.test(result.stderr))) host.log.info('replace' in action ? 'route set' : 'route removed', { ...route });
    else failures.push(new Error(`No route to the pods ${route.cidr} by ${route.via}: ${result.stderr.trim()} (the node must be a neighbour on the same network)`));
  }
  return failures;
}

export interface RouteSyncOptions extends RouteSettings {
  informers: InformerFactory;
  clusterCidrs: readonly string[];
  /** The namespace to set routes in, where the caller does not run in it. */
  namespace?: string;
}

const retryDelayMs = 10_000;
const resyncPeriodMs = 60_000;

/**
 * Keeps the routes right while it runs; `stop` leaves them (pods go on while an agent restarts), `cleanup` removes them. Asks for the Node informer; the caller starts the factory.
 * A route that cannot be set is logged and tried again.
 */
export function startRouteSync(host: Host, options: RouteSyncOptions): Running & { cleanup(): Promise<void> } {
  const place: Place = { exec: host.exec, ...(options.namespace === undefined ? {} : { namespace: options.namespace }) };
  const informer = options.informers.of(Nodes);
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  async function sync(): Promise<void> {
    if (!informer.hasSynced()) return schedule(100);
    const wanted = wantedRoutes(informer.lister.list(), options);
    const failures = await applyRoutes(host, place, decideRoutes(wanted, await presentRoutes(place, options.clusterCidrs)));
    for (const failure of failures) host.log.error(failure.message);
    schedule(failures.length > 0 ? retryDelayMs : resyncPeriodMs);
  }

  function schedule(delayMs: number): void {
    if (stopped) return;
    timer?.cancel();
    timer = host.clock.setTimer(() => {
      running = running.then(sync).catch((error: unknown) => {
        host.log.error('routes could not be read', { error: String(error) });
        schedule(retryDelayMs);
      });
    }, delayMs);
  }

  informer.onEvent((event) => {
    // Heartbeats change a node all the time; only what a route is made of matters.
    if (event.type === 'updated' && JSON.stringify(wantedRoutes([event.old], {})) === JSON.stringify(wantedRoutes([event.object], {}))) return;
    schedule(50);
  });
  schedule(0);

  async function stop(): Promise<void> {
    stopped = true;
    timer?.cancel();
    await running;
  }
  return {
    stop,
    async cleanup() {
      await stop();
      await applyRoutes(host, place, decideRoutes([], await presentRoutes(place, options.clusterCidrs)));
    },
  };
}
