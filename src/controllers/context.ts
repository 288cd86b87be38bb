/** What every controller is given, and the shape that every controller has. */
import type { Host } from '../host/types.ts';
import type { QueueObserver } from '../client/index.ts';
import type { Client, EventRecorder, InformerFactory, Running } from '../client/types.ts';
import type { ControllerMetrics } from './metrics.ts';

/** Heartbeats that are known without being written: a simulation of thousands of idle nodes has no lease renewed, and knows which nodes live. */
export interface KnownHeartbeats {
  /** When the node's lease would have been renewed last, in milliseconds since 1970. */
  heardAtMs(node: string): number | undefined;
  /** Another number whenever a node falls silent or comes back. */
  changes(): number;
  /** How many nodes are silent now. */
  silent(): number;
}

export interface ControllerSettings {
  /** In place of leases. Absent: leases are read. */
  heartbeats?: KnownHeartbeats;
  /** How long a node may be silent before its Ready condition turns Unknown. Default 50 s. */
  nodeMonitorGraceMs: number;
  /** How often node health is looked at. Default 5 s. */
  nodeMonitorPeriodMs: number;
  /** PEM bundle that the root CA publisher writes to every namespace. */
  rootCa: string;
  /** Terminated pods kept before the pod garbage collector removes the oldest. Default 12500. */
  terminatedPodThreshold: number;
  /** Pod addresses for nodes: the cluster's range and the size of each node's share (node IPAM); absent: nodes bring their own. */
  clusterCidr?: string;
  nodeCidrMaskSize?: number;
  /** Addresses inside `clusterCidr` that no node may be given (the service range, where it lies within). */
  serviceCidr?: string;
  /** Signs the token of a `kubernetes.io/service-account-token` secret (it does not expire); absent: such secrets stay as they are. */
  signSecretToken?: (claims: { namespace: string; serviceAccount: string; serviceAccountUid: string; secret: string }) => string | Promise<string>;
  /** The authority (PEM) that signs certificate requests, and the longest that a certificate of it lasts (default a year); absent: nobody signs. */
  signing?: { cert: string; key: string; durationMs?: number };
  /** How many objects a controller sees to at once, by upstream's flag (`concurrent-job-syncs`); absent: its own number. */
  workers?: Readonly<Record<string, number>>;
  /** Autoscalers: how often they look, how far off the target is near enough, how long a lower count waits, and how long pods count as starting. */
  autoscaler?: { syncPeriodMs?: number; tolerance?: number; downscaleStabilizationMs?: number; cpuInitializationMs?: number; initialReadinessDelayMs?: number };
  /** When nodes are given up, and how many a second: see `node-lifecycle/zones.ts`. */
  nodeEviction?: { startupGraceMs?: number; perSecond?: number; secondaryPerSecond?: number; largeZoneSize?: number; unhealthyShare?: number };
  /** Sizes of nodes' shares by family, in place of `nodeCidrMaskSize`. */
  nodeCidrMaskSizes?: { ipv4?: number; ipv6?: number };
  /** How often quotas are counted anew. Default 5 min. */
  quotaSyncPeriodMs?: number;
  /** Addresses that are mirrored of one subset of Endpoints. Default 1000. */
  maxMirroredEndpoints?: number;
  /** Endpoints in one EndpointSlice at most. Default 100. */
  maxEndpointsPerSlice?: number;
  /** Since when a token secret must be out of use before it is marked, and then removed. Default a year. */
  legacyTokenUnusedMs?: number;
}

export interface ControllerContext {
  /** Told of the controllers' queues, for metrics. */
  queues?: QueueObserver;
  /** What controllers count in. Absent: nobody asks. */
  metrics?: ControllerMetrics;
  host: Host;
  client: Client;
  /**
   * A client that acts as a service account of kube-system, so that each controller can do no more than its role `system:controller:<account>`
   * lets it (groups system:serviceaccounts, system:serviceaccounts:kube-system, system:authenticated). Absent: all act as `client` does.
   */
  clientFor?(account: string): Client;
  /** Shared by all controllers of the process. Ask for informers in `start`; the caller starts the factory after every controller has asked. */
  informers: InformerFactory;
  recorder(component: string): EventRecorder;
  settings: ControllerSettings;
}

/** Wires a controller up: asks for informers, adds handlers that queue keys, runs workers once caches are complete. */
export type StartController = (context: ControllerContext) => Running;

/** Flags that say how many objects a controller sees to at once, as upstream has them. */
export const concurrencyFlags = [
  'concurrent-deployment-syncs', 'concurrent-replicaset-syncs', 'concurrent-rc-syncs', 'concurrent-daemonset-syncs', 'concurrent-statefulset-syncs', 'concurrent-job-syncs',
  'concurrent-endpoint-syncs', 'concurrent-service-endpoint-syncs', 'mirroring-concurrent-service-endpoint-syncs', 'concurrent-gc-syncs', 'concurrent-namespace-syncs',
  'concurrent-resource-quota-syncs', 'concurrent-serviceaccount-token-syncs', 'concurrent-ttl-after-finished-syncs', 'concurrent-ephemeralvolume-syncs',
  'concurrent-horizontal-pod-autoscaler-syncs', 'concurrent-cron-job-syncs', 'concurrent-resource-claim-syncs', 'concurrent-device-taint-eviction-syncs',
  'concurrent-validating-admission-policy-status-syncs',
] as const;

/** The number that the settings give under a flag, or else the controller's own. */
export function workersOf(context: ControllerContext, flag: (typeof concurrencyFlags)[number], own: number): number {
  return context.settings.workers?.[flag] ?? own;
}
