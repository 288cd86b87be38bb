/**
 * One of several processes leads: whoever holds a Lease. Times on the lease are only written, never compared with this machine's clock:
 * a lease counts as expired when it has not been seen to change for its duration, so clocks may differ.
 * https://kubernetes.io/docs/concepts/architecture/leases/
 */
import { isConflict, isAlreadyExists, isNotFound } from '../api/meta/status.ts';
import { formatMicroTime } from '../api/meta/time.ts';
import type { Lease } from '../api/coordination/v1/types.ts';
import { Leases } from '../api/resources.ts';
import type { Host } from '../host/types.ts';
import type { Client, Running } from './types.ts';

export const defaultLeaseDurationMs = 15_000;
export const defaultRenewDeadlineMs = 10_000;
export const defaultRetryPeriodMs = 2_000;
/** A try comes `retryPeriod` to `retryPeriod` × (1 + this) after the last. */
export const retryJitter = 1.2;

export interface LeaderElectionOptions {
  namespace: string;
  /** The lease's name, as `kube-controller-manager`. */
  name: string;
  /** Who this is; unique among the candidates. */
  identity: string;
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /** Leads for as long as the signal is not aborted; leading ends when it returns after that. */
  lead(signal: AbortSignal): Promise<void>;
  /** Told when another than the last known leader holds the lease. */
  onNewLeader?: (identity: string) => void;
  /** Leadership was lost, not given back: a process that cannot stop its parts safely should end. Default: stands again. */
  onLost?: () => void;
}

class Candidate {
  readonly #host: Host;
  readonly #leases;
  readonly #options: Required<Pick<LeaderElectionOptions, 'leaseDurationMs' | 'renewDeadlineMs' | 'retryPeriodMs'>> & LeaderElectionOptions;
  readonly #random: Host['random'];
  #observed: Lease | undefined;
  #observedAtMs = 0;
  #leader = '';

  constructor(host: Host, client: Client, options: LeaderElectionOptions) {
    this.#host = host;
    this.#leases = client.of(Leases).inNamespace(options.namespace);
    this.#options = { ...options, leaseDurationMs: options.leaseDurationMs ?? defaultLeaseDurationMs, renewDeadlineMs: options.renewDeadlineMs ?? defaultRenewDeadlineMs, retryPeriodMs: options.retryPeriodMs ?? defaultRetryPeriodMs };
    this.#random = host.random.fork(`leader-election/${options.name}/${options.identity}`);
    if (this.#options.leaseDurationMs <= this.#options.renewDeadlineMs) throw new Error('leader election: the lease duration must be longer than the renew deadline');
    if (this.#options.renewDeadlineMs <= this.#options.retryPeriodMs * retryJitter) throw new Error('leader election: the renew deadline must be longer than the retry period with its jitter');
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!(await this.#acquire(signal))) return;
      this.#host.log.info('leading', { lease: this.#options.name, identity: this.#options.identity });
      const term = new AbortController();
      const lost = this.#renew(signal).then((wasLost) => {
        term.abort();
        return wasLost;
      });
      try {
        await this.#options.lead(term.signal);
      } catch (error) {
        this.#host.log.error('leading failed', { lease: this.#options.name, error: String((error as Error)?.message ?? error) });
      }
      if (!term.signal.aborted) await lost;
      if (await lost) {
        this.#host.log.error('leadership lost', { lease: this.#options.name, identity: this.#options.identity });
        this.#options.onLost?.();
      } else await this.#release();
    }
  }

  /** Tries until the lease is ours; false when the signal aborted first. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#try(signal)) return true;
      await this.#host.clock.sleep(this.#options.retryPeriodMs * (1 + this.#random.next() * retryJitter), signal);
    }
    return false;
  }

  /** Renews until it fails for the deadline (true: lost) or the signal aborts (false). */
  async #renew(signal: AbortSignal): Promise<boolean> {
    let renewedAt = this.#host.clock.monotonic();
    for (;;) {
      await this.#host.clock.sleep(this.#options.retryPeriodMs, signal);
      if (signal.aborted) return false;
      const remainingMs = renewedAt + this.#options.renewDeadlineMs - this.#host.clock.monotonic();
      if (remainingMs <= 0) return true;
      if (await this.#tryWithin(remainingMs, signal)) renewedAt = this.#host.clock.monotonic();
      else if (signal.aborted) return false;
      else if (this.#leader !== '' && this.#leader !== this.#options.identity) return true;
    }
  }

  async #tryWithin(limitMs: number, signal: AbortSignal): Promise<boolean> {
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    signal.addEventListener('abort', stop, { once: true });
    const timer = this.#host.clock.setTimer(stop, limitMs);
    try {
      return await this.#try(abort.signal);
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', stop);
    }
  }

  /** One attempt to take or renew the lease. */
  async #try(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#takeOrRenew(signal);
    } catch (error) {
      const level = isConflict(error) || isAlreadyExists(error) || signal.aborted ? 'debug' : 'warn';
      this.#host.log[level]('lease was not renewed', { lease: this.#options.name, error: String((error as Error)?.message ?? error) });
      return false;
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    const { identity, name, namespace, leaseDurationMs } = this.#options;
    const now = formatMicroTime(this.#host.clock.now());
    const spec = { holderIdentity: identity, leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000), acquireTime: now, renewTime: now, leaseTransitions: 0 };
    let lease: Lease;
    try {
      lease = await this.#leases.get(name, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#observe(await this.#leases.create({ metadata: { name, namespace }, spec }, { signal }));
      return true;
    }
    this.#observe(lease);
    const holder = lease.spec?.holderIdentity ?? '';
    const heldMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
    if (holder !== '' && holder !== identity && this.#observedAtMs + heldMs > this.#host.clock.monotonic()) return false;
    const transitions = lease.spec?.leaseTransitions ?? 0;
    const renewed = holder === identity
      ? { ...lease.spec, ...spec, acquireTime: lease.spec?.acquireTime ?? now, leaseTransitions: transitions }
      : { ...lease.spec, ...spec, leaseTransitions: transitions + 1 };
    this.#observe(await this.#leases.update({ ...lease, spec: renewed }, { signal }));
    return true;
  }

  #observe(lease: Lease): void {
    if (this.#observed?.metadata.resourceVersion !== lease.metadata.resourceVersion) {
      this.#observed = lease;
      this.#observedAtMs = this.#host.clock.monotonic();
    }
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder === this.#leader) return;
    this.#leader = holder;
    if (holder !== '') this.#options.onNewLeader?.(holder);
  }

  /** Gives the lease back, so that the next one need not wait until it expires. */
  async #release(): Promise<void> {
    const lease = this.#observed;
    if (!lease || lease.spec?.holderIdentity !== this.#options.identity) return;
    const now = formatMicroTime(this.#host.clock.now());
    try {
      await this.#leases.update({ ...lease, spec: { leaseTransitions: lease.spec.leaseTransitions, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now } });
    } catch (error) {
      this.#host.log.warn('lease was not released', { lease: this.#options.name, error: String((error as Error)?.message ?? error) });
    }
  }
}

/** Stands for election until stopped; runs `lead` while the lease is held. `stop` waits for `lead` to end, then gives the lease back. */
export function runWithLeaderElection(host: Host, client: Client, options: LeaderElectionOptions): Running {
  const abort = new AbortController();
  const run = new Candidate(host, client, options).run(abort.signal);
  return {
    async stop() {
      abort.abort();
      await run;
    },
  };
}
