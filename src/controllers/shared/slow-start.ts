/** Doing many alike things in batches of 1, 2, 4 …: when the first fails (a quota, an admission rule), the rest is not even tried. */

export interface SlowStartResult {
  succeeded: number;
  /** Never tried, because an earlier batch failed. */
  skipped: number;
  error?: Error;
}

/** Runs `action(0)` … `action(count - 1)`; a batch in which anything failed is the last. */
export async function slowStart(count: number, action: (index: number) => Promise<void>): Promise<SlowStartResult> {
  let succeeded = 0;
  let tried = 0;
  for (let size = 1; tried < count; size *= 2) {
    const batch = Math.min(size, count - tried);
    const results = await Promise.allSettled(Array.from({ length: batch }, (_, i) => action(tried + i)));
    tried += batch;
    succeeded += results.filter((result) => result.status === 'fulfilled').length;
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) return { succeeded, skipped: count - tried, error: asError(failed.reason) };
  }
  return { succeeded, skipped: 0 };
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
