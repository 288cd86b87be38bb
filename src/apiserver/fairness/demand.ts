/** How many seats a priority level has had use for, over time: what borrowing is decided by. */

/** How much of the old opinion is kept when a period was calmer than it. */
const smoothing = 0.977;

/** A number that changes at moments, and its mean, deviation and peak over the time since the last reset. */
export class Integrator {
  #value = 0;
  #sinceMs: number;
  #startMs: number;
  #sum = 0;
  #squares = 0;
  #peak = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
    this.#startMs = nowMs;
  }

  add(change: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#value += change;
    if (this.#value > this.#peak) this.#peak = this.#value;
  }

  #advance(nowMs: number): void {
    const span = nowMs - this.#sinceMs;
    if (span <= 0) return;
    this.#sum += this.#value * span;
    this.#squares += this.#value * this.#value * span;
    this.#sinceMs = nowMs;
  }

  /** The period up to now; a new one begins. */
  reset(nowMs: number): { mean: number; deviation: number; peak: number } {
    this.#advance(nowMs);
    const span = nowMs - this.#startMs;
    const mean = span > 0 ? this.#sum / span : this.#value;
    const deviation = span > 0 ? Math.sqrt(Math.max(0, this.#squares / span - mean * mean)) : 0;
    const result = { mean, deviation, peak: this.#peak };
    this.#sum = 0;
    this.#squares = 0;
    this.#peak = this.#value;
    this.#startMs = nowMs;
    return result;
  }
}

/** What a level is thought to need: follows a rise at once, and a fall slowly. */
export class SmoothedDemand {
  peak = 0;
  smoothed = 0;

  update({ mean, deviation, peak }: { mean: number; deviation: number; peak: number }): void {
    const envelope = Math.min(mean + deviation, peak);
    this.peak = peak;
    this.smoothed = Math.max(envelope, smoothing * this.smoothed + (1 - smoothing) * envelope);
  }
}
