/** The controllers' settings as upstream's flags say them. What is not here is not known, and refused by its name. */
import { UserError } from '../cli/operations.ts';
import { concurrencyFlags, type ControllerSettings } from '../controllers/context.ts';
import type { Host } from '../host/types.ts';
import { defaultControllerSettings } from '../testing/control-plane.ts';
import { booleanFlag, countFlag, durationFlag, fileOf, fractionFlag, listFlag, needFlag, type Flags } from './flags.ts';

const yearMs = 365 * 24 * 3_600_000;

async function signingOf(host: Host, flags: Flags): Promise<Pick<ControllerSettings, 'signing'>> {
  const [cert, key] = [await fileOf(host, flags, 'cluster-signing-cert-file'), await fileOf(host, flags, 'cluster-signing-key-file')];
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined) throw new UserError('--cluster-signing-cert-file and --cluster-signing-key-file belong together');
  return { signing: { cert, key, durationMs: durationFlag(flags, 'cluster-signing-duration', yearMs) } };
}

function workersOf(flags: Flags): Record<string, number> {
  return Object.fromEntries(concurrencyFlags.filter((flag) => flags[flag] !== undefined).map((flag) => {
    const count = countFlag(flags, flag, 1);
    if (count < 1) throw new UserError(`--${flag}: invalid value "${flags[flag]}": must be at least 1`);
    return [flag, count];
  }));
}

/** Reads those flags that are given; what is left out keeps the controller's own value. */
function given<T>(flags: Flags, read: Readonly<Record<string, [field: keyof T & string, of: (flags: Flags, name: string, fallback: number) => number]>>): Partial<T> {
  return Object.fromEntries(Object.entries(read).filter(([flag]) => flags[flag] !== undefined).map(([flag, [field, of]]) => [field, of(flags, flag, 0)])) as Partial<T>;
}

type Autoscaler = NonNullable<ControllerSettings['autoscaler']>;
type NodeEviction = NonNullable<ControllerSettings['nodeEviction']>;

const autoscalerFlags = {
  'horizontal-pod-autoscaler-sync-period': ['syncPeriodMs', durationFlag], 'horizontal-pod-autoscaler-tolerance': ['tolerance', fractionFlag],
  'horizontal-pod-autoscaler-downscale-stabilization': ['downscaleStabilizationMs', durationFlag], 'horizontal-pod-autoscaler-cpu-initialization-period': ['cpuInitializationMs', durationFlag],
  'horizontal-pod-autoscaler-initial-readiness-delay': ['initialReadinessDelayMs', durationFlag],
} as const satisfies Parameters<typeof given<Autoscaler>>[1];

const evictionFlags = {
  'node-startup-grace-period': ['startupGraceMs', durationFlag], 'node-eviction-rate': ['perSecond', fractionFlag], 'secondary-node-eviction-rate': ['secondaryPerSecond', fractionFlag],
  'large-cluster-size-threshold': ['largeZoneSize', countFlag], 'unhealthy-zone-threshold': ['unhealthyShare', fractionFlag],
} as const satisfies Parameters<typeof given<NodeEviction>>[1];

function boundedCount(flags: Flags, name: string, most: number): number | undefined {
  if (flags[name] === undefined) return undefined;
  const count = countFlag(flags, name, 0);
  if (count < 1 || count > most) throw new UserError(`--${name}: invalid value "${flags[name]}": must be from 1 to ${most}`);
  return count;
}

function shareSizes(flags: Flags): Partial<ControllerSettings> {
  const [ipv4, ipv6] = [boundedCount(flags, 'node-cidr-mask-size-ipv4', 32), boundedCount(flags, 'node-cidr-mask-size-ipv6', 128)];
  return ipv4 === undefined && ipv6 === undefined ? {} : { nodeCidrMaskSizes: { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) } };
}

const defined = <T extends object>(object: T): T => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;

/** The controllers' settings as the flags say. */
export async function controllerSettings(host: Host, flags: Flags): Promise<ControllerSettings> {
  const allocate = booleanFlag(flags, 'allocate-node-cidrs', false);
  const tokenKey = await fileOf(host, flags, 'service-account-private-key-file');
  const { secretTokenSigner } = tokenKey === undefined ? { secretTokenSigner: undefined } : await import('../apiserver/authentication/service-account-tokens.ts');
  return {
    ...defaultControllerSettings,
    rootCa: (await fileOf(host, flags, 'root-ca-file')) ?? '',
    nodeMonitorGraceMs: durationFlag(flags, 'node-monitor-grace-period', defaultControllerSettings.nodeMonitorGraceMs),
    nodeMonitorPeriodMs: durationFlag(flags, 'node-monitor-period', defaultControllerSettings.nodeMonitorPeriodMs),
    terminatedPodThreshold: countFlag(flags, 'terminated-pod-gc-threshold', defaultControllerSettings.terminatedPodThreshold),
    legacyTokenUnusedMs: durationFlag(flags, 'legacy-service-account-token-clean-up-period', yearMs),
    workers: workersOf(flags),
    autoscaler: given<Autoscaler>(flags, autoscalerFlags),
    nodeEviction: given<NodeEviction>(flags, evictionFlags),
    ...defined({
      maxEndpointsPerSlice: boundedCount(flags, 'max-endpoints-per-slice', 1000), maxMirroredEndpoints: boundedCount(flags, 'mirroring-max-endpoints-per-subset', 1000),
      quotaSyncPeriodMs: flags['resource-quota-sync-period'] === undefined ? undefined : durationFlag(flags, 'resource-quota-sync-period', 0),
      signSecretToken: secretTokenSigner?.(tokenKey!),
    }) as Partial<ControllerSettings>,
    ...(await signingOf(host, flags)),
    ...(allocate ? { clusterCidr: needFlag(flags, 'cluster-cidr', 'nodes are to get a share of it'), nodeCidrMaskSize: countFlag(flags, 'node-cidr-mask-size', 24), ...shareSizes(flags) } : {}),
    ...(flags['service-cluster-ip-range'] === undefined ? {} : { serviceCidr: flags['service-cluster-ip-range'] }),
  };
}

/** Which controllers run: `--controllers`, and what other flags turn off. */
export function enabledControllers(flags: Flags): string[] {
  const enabled = listFlag(flags, 'controllers') ?? ['*'];
  return booleanFlag(flags, 'enable-garbage-collector', true) ? enabled : [...enabled.filter((name) => name !== 'garbage-collector-controller'), '-garbage-collector-controller'];
}
