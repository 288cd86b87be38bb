/** What metrics tell of endpoint slices: sums over all services, kept up to date by what changes of one. */
import type { Service } from '../../api/core/v1/types.ts';
import type { ControllerMetrics } from '../metrics.ts';
import type { SliceChanges } from './decide.ts';
import { wantsZoneHints } from './topology.ts';

interface OfService {
  endpoints: number;
  slices: number;
  desiredSlices: number;
  distribution: string | undefined;
}

const none: OfService = { endpoints: 0, slices: 0, desiredSlices: 0, distribution: undefined };

/** Upstream counts what it does not know, and what is newer than `PreferClose`, under one name. */
function distributionOf(service: Service): string | undefined {
  const asked = service.spec?.trafficDistribution;
  if (asked === undefined || wantsZoneHints(service)) return undefined;
  return asked === 'PreferClose' ? asked : 'ImplementationSpecific';
}

/** Counts for one endpoint slice controller. */
export class SliceTotals {
  readonly #metrics: ControllerMetrics['slices'];
  readonly #services = new Map<string, OfService>();

  constructor(metrics: ControllerMetrics['slices']) {
    this.#metrics = metrics;
    // Another controller may have counted before this one.
    for (const gauge of [metrics.endpoints, metrics.slices, metrics.desiredSlices]) gauge.set([], 0);
    metrics.distributions.reset();
  }

  /** A service has been looked at. */
  decided(key: string, service: Service, { tallies }: SliceChanges): void {
    const now = { ...none, distribution: distributionOf(service) };
    for (const tally of tallies) {
      this.#metrics.added.observe([], tally.added);
      this.#metrics.removed.observe([], tally.removed);
      for (const name of ['endpoints', 'slices', 'desiredSlices'] as const) now[name] += tally[name];
    }
    this.#replace(key, now);
  }

  forget(key: string): void {
    if (!this.#services.has(key)) return;
    this.#replace(key, none);
    this.#services.delete(key);
  }

  changed(operation: 'create' | 'update' | 'delete'): void {
    this.#metrics.changes.add([operation]);
  }

  synced(result: 'success' | 'error' | 'stale'): void {
    this.#metrics.syncs.add([result]);
  }

  #replace(key: string, now: OfService): void {
    const before = this.#services.get(key) ?? none;
    for (const name of ['endpoints', 'slices', 'desiredSlices'] as const) if (now[name] !== before[name]) this.#metrics[name].add([], now[name] - before[name]);
    if (now.distribution !== before.distribution) {
      if (before.distribution !== undefined) this.#metrics.distributions.add([before.distribution], -1);
      if (now.distribution !== undefined) this.#metrics.distributions.add([now.distribution]);
    }
    this.#services.set(key, now);
  }
}
