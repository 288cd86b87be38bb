import type { Clock, Timer } from '../types.ts';

/** The machine's own time. Timers do not keep the process alive by themselves: what serves or waits does. */
export function nodeClock(): Clock {
  const setTimer = (callback: () => void, delayMs: number): Timer => {
    // Node fires at once when the delay overflows 32 bits; the longest wait is some 24 days.
    const handle = setTimeout(callback, Math.min(Math.max(delayMs, 0), 2 ** 31 - 1));
    return { cancel: () => clearTimeout(handle), yield: () => void handle.unref() };
  };
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimer,
    sleep: (delayMs, signal) => sleep(setTimer, delayMs, signal),
  };
}

/** `Clock.sleep` in terms of `Clock.setTimer`; the virtual clock uses it too. */
export function sleep(setTimer: Clock['setTimer'], delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimer(done, delayMs);
    function done(): void {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
