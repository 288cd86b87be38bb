/** From a decision to a bound pod: reserve, permit, pre-bind, bind, post-bind. The API calls of many pods overlap, and one that fails is undone. */
import type { Host } from '../host/types.ts';
import type { SchedulerCache } from './cache.ts';
import type { Conditions } from './conditions.ts';
import type { Placement } from './decide.ts';
import type { Extender } from './extenders/extender.ts';
import type { BindContext, Lookups, Status } from './framework.ts';
import type { SchedulerMetrics } from './metrics.ts';
import type { PodInfo } from './pod-info.ts';
import { assumedOn } from './pod-info.ts';
import type { Profile } from './profile.ts';
import type { WaitingPods } from './waiting-pods.ts';
import type { Writes } from './writes.ts';

/** How it ended: bound, refused by a plug-in, or broken. */
export type Outcome = { type: 'bound' } | { type: 'refused'; status: Status } | { type: 'failed'; error: unknown };

/** What the slow points may use. */
export const bindContext = (writes: Writes, conditions: Conditions, lookups: Lookups): BindContext => ({
  bind: (pod, binding) => writes.bind(pod, binding),
  selectNode: (claim, nodeName) => writes.selectNode(claim, nodeName),
  reserveVolume: (volume, claim) => writes.reserveVolume(volume, claim),
  reserveClaim: (claim, allocation, pod) => writes.reserveClaim(claim, allocation, pod),
  releaseClaim: (claim, user) => writes.releaseClaim(claim, user),
  createClaim: (claim) => writes.createClaim(claim),
  removeClaim: (claim) => writes.removeClaim(claim),
  tellExtendedClaim: (pod, status) => writes.tellExtendedClaim(pod, status),
  until: (condition, timeoutMs) => conditions.until(condition, timeoutMs),
  lookups,
});

export interface BinderOptions {
  host: Host;
  cache: SchedulerCache;
  writes: Writes;
  waiting: WaitingPods;
  context: BindContext;
  extenders: readonly Extender[];
  metrics: SchedulerMetrics;
  /** A binding has been written, or has failed to be: another may begin. */
  onWritten: () => void;
  /** Told after the outcome when the pod's place is free again. */
  onFreed: (pod: PodInfo) => void;
  /** Whether the informer still knows the pod: one that was deleted while it was being bound takes no room. */
  exists: (pod: PodInfo) => boolean;
}

const refused = (status: Status): Outcome => (status.code === 'error' ? { type: 'failed', error: new Error(status.reasons.join(', ')) } : { type: 'refused', status });

export class Binder {
  readonly #options: BinderOptions;
  readonly #running = new Set<Promise<void>>();
  #writing = 0;

  constructor(options: BinderOptions) {
    this.#options = options;
  }

  /** Bindings on their way to the API; those that wait for volumes or a permit do not count. */
  get writing(): number {
    return this.#writing;
  }

  get running(): number {
    return this.#running.size;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Counts the pod on its node at once, and does the rest in the background. `onEnd` is called once, before the place is free again. */
  begin(profile: Profile, pod: PodInfo, placement: Placement, onEnd: (outcome: Outcome) => void): void {
    const { nodeName } = placement;
    this.#options.cache.assume(assumedOn(pod, nodeName), nodeName);
    const permit = this.#reserveAndPermit(profile, placement);
    if ('code' in permit) {
      this.#end(profile, placement, pod, refused(permit), onEnd);
      return;
    }
    const running: Promise<void> = this.#bind(profile, pod, placement, permit.waits)
      .then((outcome) => this.#end(profile, placement, pod, outcome, onEnd))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #end(profile: Profile, placement: Placement, pod: PodInfo, outcome: Outcome, onEnd: (outcome: Outcome) => void): void {
    const { cache, host } = this.#options;
    if (outcome.type === 'bound') {
      cache.finishBinding(pod.uid, host.clock.now());
      onEnd(outcome);
      for (const plugin of profile.postBind) plugin.postBind(placement.cycle, placement.nodeName);
      if (this.#options.exists(pod) || !cache.isAssumed(pod.uid)) return;
      cache.forget(pod.uid);
      this.#options.onFreed(pod);
      return;
    }
    for (const plugin of profile.reserve.toReversed()) plugin.unreserve?.(placement.cycle, placement.nodeName);
    const assumed = cache.isAssumed(pod.uid);
    if (assumed) cache.forget(pod.uid);
    onEnd(outcome);
    if (assumed) this.#options.onFreed(pod);
  }

  /** Takes the time of a point that somebody serves. */
  #timed(profile: Profile, point: string, sinceMs: number, failed: boolean): void {
    const { metrics, host } = this.#options;
    metrics.pointSeconds.observe([point, profile.schedulerName, failed ? 'Unschedulable' : 'Success'], (host.clock.monotonic() - sinceMs) / 1000);
  }

  #reserveAndPermit(profile: Profile, { cycle, nodeName }: Placement): Status | { waits: ReadonlyMap<string, number> } {
    const { clock } = this.#options.host;
    let since = clock.monotonic();
    let refused: Status | undefined;
    for (const plugin of profile.reserve) {
      refused = plugin.reserve?.(cycle, nodeName);
      if (refused) break;
    }
    if (profile.reserve.length > 0) this.#timed(profile, 'Reserve', since, refused !== undefined);
    if (refused) return refused;
    const waits = new Map<string, number>();
    since = clock.monotonic();
    for (const plugin of profile.permit) {
      const answer = plugin.permit(cycle, nodeName);
      if (answer && 'code' in answer) {
        refused = answer;
        break;
      }
      if (answer) waits.set(plugin.name, answer.waitMs);
    }
    if (profile.permit.length > 0) this.#timed(profile, 'Permit', since, refused !== undefined);
    return refused ?? { waits };
  }

  async #bind(profile: Profile, pod: PodInfo, placement: Placement, waits: ReadonlyMap<string, number>): Promise<Outcome> {
    const { cycle, nodeName } = placement;
    const { context, writes } = this.#options;
    try {
      // What takes long is announced, so that others (the cluster's autoscaler) know where the pod will be.
      if (waits.size > 0 || profile.preBind.some((plugin) => plugin.preBindTakesTime?.(cycle, nodeName))) writes.nominate(pod.pod, nodeName);
      if (waits.size > 0) {
        const status = await this.#waitForPermit(pod, nodeName, waits);
        if (status) return refused(status);
      }
      const { clock } = this.#options.host;
      let since = clock.monotonic();
      for (const plugin of profile.preBind) {
        const status = await plugin.preBind(cycle, nodeName, context);
        if (!status) continue;
        this.#timed(profile, 'PreBind', since, true);
        return refused(status);
      }
      if (profile.preBind.length > 0) this.#timed(profile, 'PreBind', since, false);
      since = clock.monotonic();
      await this.#write(profile, pod, placement);
      this.#timed(profile, 'Bind', since, false);
      return { type: 'bound' };
    } catch (error) {
      return { type: 'failed', error };
    }
  }

  async #waitForPermit(pod: PodInfo, nodeName: string, waits: ReadonlyMap<string, number>): Promise<Status | undefined> {
    const { host, waiting, metrics } = this.#options;
    const since = host.clock.monotonic();
    const status = await waiting.wait(pod, nodeName, waits);
    metrics.permitWaitSeconds.observe([status ? 'Unschedulable' : 'Success'], (host.clock.monotonic() - since) / 1000);
    return status;
  }

  async #write(profile: Profile, pod: PodInfo, { cycle, nodeName }: Placement): Promise<void> {
    this.#writing++;
    try {
      for (const extender of this.#options.extenders) if (extender.settings.bindVerb && extender.isInterested(pod.pod)) return await extender.bind(pod, nodeName);
      for (const plugin of profile.bind) if (await plugin.bind(cycle, nodeName, this.#options.context)) return;
    } finally {
      this.#writing--;
      this.#options.onWritten();
    }
    throw new Error(`no plug-in of profile "${profile.schedulerName}" bound the pod`);
  }
}
