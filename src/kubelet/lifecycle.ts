/** Noticing what changed in the runtime: by its events where it has them, by looking at all of it where it has not. */
import type { Running } from '../client/types.ts';
import type { KubeletContext } from './config.ts';
import type { RuntimePodBrief, RuntimeReader } from './runtime-state.ts';

/** With events, the whole is still looked at from time to time: a lost connection loses events. */
const relistWithEventsMs = 60_000;

export interface LifecycleListener {
  /** Something about a pod is not as it was. */
  changed(uid: string): void;
  /** All that the runtime has, as often as it was looked at. */
  listed(pods: ReadonlyMap<string, RuntimePodBrief>): void;
}

export class LifecycleWatch implements Running {
  readonly #context: KubeletContext;
  readonly #reader: RuntimeReader;
  readonly #listener: LifecycleListener;
  readonly #abort = new AbortController();
  #known: ReadonlyMap<string, RuntimePodBrief> = new Map();
  #loop: Promise<void> | undefined;
  #hasEvents = false;
  #close: () => void = () => undefined;
  /** When the runtime was last seen whole, by the monotonic clock. */
  relistedMs = 0;

  constructor(context: KubeletContext, reader: RuntimeReader, listener: LifecycleListener) {
    this.#context = context;
    this.#reader = reader;
    this.#listener = listener;
  }

  /** The first look is done when it resolves. */
  async start(): Promise<ReadonlyMap<string, RuntimePodBrief>> {
    await this.#relist();
    const isComplete = this.#context.hollow ? await this.#subscribe() : false;
    if (!this.#context.hollow) void this.#subscribe();
    if (!isComplete) this.#loop = this.#run();
    return this.#known;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#close();
    await this.#loop;
  }

  /** Returns whether events alone will do. */
  async #subscribe(): Promise<boolean> {
    try {
      const subscription = await this.#context.runtime.subscribe(({ podUid }) => {
        if (podUid !== undefined) this.#listener.changed(podUid);
      });
      if (!subscription || this.#abort.signal.aborted) {
        subscription?.close();
        return false;
      }
      this.#close = () => subscription.close();
      this.#hasEvents = true;
      void subscription.ended.then(() => (this.#hasEvents = false));
      return subscription.complete;
    } catch {
      return false;
    }
  }

  async #run(): Promise<void> {
    const { host, timing } = this.#context;
    while (!this.#abort.signal.aborted) {
      await host.clock.sleep(this.#hasEvents ? relistWithEventsMs : timing.relistMs, this.#abort.signal);
      if (this.#abort.signal.aborted) return;
      try {
        await this.#relist();
      } catch (error) {
        host.log.warn('the runtime could not be looked at', { error: (error as Error)?.message ?? String(error) });
      }
    }
  }

  async #relist(): Promise<void> {
    const pods = await this.#reader.fingerprints();
    this.relistedMs = this.#context.host.clock.monotonic();
    const before = this.#known;
    this.#known = pods;
    for (const [uid, { fingerprint }] of pods) if (before.get(uid)?.fingerprint !== fingerprint) this.#listener.changed(uid);
    for (const uid of before.keys()) if (!pods.has(uid)) this.#listener.changed(uid);
    this.#listener.listed(pods);
  }
}
