/** What is written at a server's start, in the order that objects need each other. Each part is tried until it succeeds. */
import type { Client } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';
import type { Lookup } from '../lookup.ts';
import type { EndpointLeases } from './endpoint-leases.ts';
import type { RequestHeaderOptions } from '../authentication/request-header.ts';
import { ensureKubernetesService, publishAuthentication, publishEndpoints, type KubernetesServiceOptions } from './kubernetes-service.ts';
import { reconcileFlowControl, reconcileNamespaces, reconcilePriorityClasses, reconcileRbac, type ServesMore } from './reconcile.ts';
import { ensureTokenTracking, keepTokenTracking } from './token-tracking.ts';

export interface BootstrapOptions extends KubernetesServiceOptions {
  host: Host;
  client: Client;
  lookup: Lookup;
  rbac: boolean;
  /** Set where other servers may share the store. */
  endpointLeases?: EndpointLeases;
  clientCa?: string;
  requestHeader?: RequestHeaderOptions;
  serves: ServesMore;
  /** Until then only the system's namespaces can be written. */
  writable?: Promise<void>;
  signal: AbortSignal;
}

/** A part of the bootstrap that has its own health check. */
export interface Hook {
  name: string;
  /** Settles when the part is done; rejects only when the server stops. */
  done: Promise<void>;
  finished: boolean;
  lastError: string;
}

const retryDelayMs = 500;
const namespacesPart = 'start-system-namespaces-controller';

/** Starts all parts; they run side by side as far as they can. */
export function startBootstrap(options: BootstrapOptions): Hook[] {
  const { client, lookup, host, signal } = options;
  const begin = (name: string, after: readonly Promise<void>[], work: () => Promise<unknown>): Hook => {
    const hook: Hook = { name: `poststarthook/${name}`, done: Promise.resolve(), finished: false, lastError: 'not finished' };
    const attempt = async (): Promise<void> => {
      await Promise.all(after);
      if (name !== namespacesPart) await options.writable;
      for (;;) {
        if (signal.aborted) throw new Error('the server stops');
        try {
          await work();
          hook.finished = true;
          return;
        } catch (error) {
          hook.lastError = error instanceof Error ? error.message : String(error);
          if (!signal.aborted) host.log.warn('a part of the bootstrap failed and is tried again', { part: name, error: hook.lastError });
        }
        await host.clock.sleep(retryDelayMs, signal);
      }
    };
    hook.done = attempt();
    // Who waits for `ready` hears of it.
    hook.done.catch(() => undefined);
    return hook;
  };
  const namespaces = begin(namespacesPart, [], () => reconcileNamespaces(client, lookup));
  const tracking = begin('start-legacy-token-tracking-controller', [namespaces.done], () => ensureTokenTracking(host, client));
  tracking.done.then(() => keepTokenTracking(host, client, signal), () => undefined);
  return [
    namespaces,
    ...(options.rbac ? [begin('rbac/bootstrap-roles', [namespaces.done], () => reconcileRbac(client, lookup, options.serves))] : []),
    begin('scheduling/bootstrap-system-priority-classes', [], () => reconcilePriorityClasses(client, lookup)),
    begin('priority-and-fairness-config-producer', [], () => reconcileFlowControl(client, lookup)),
    begin('start-service-ip-repair-controllers', [namespaces.done], () => ensureKubernetesService(host, client, lookup, options)),
    begin('bootstrap-controller', [namespaces.done], async () => {
      if (options.endpointLeases) await options.endpointLeases.start();
      else if (options.advertiseAddress !== undefined) await publishEndpoints(client, [options.advertiseAddress], options.securePort);
    }),
    begin('start-cluster-authentication-info-controller', [namespaces.done], () => publishAuthentication(client, options.clientCa, options.requestHeader)),
    tracking,
  ];
}
