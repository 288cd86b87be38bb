/** Resolves with the name of the first signal that asks this process to end. */
export function waitForSignal(): Promise<string> {
  return new Promise((resolve) => {
    // A timer keeps the process alive while it waits.
    const alive = setInterval(() => undefined, 2 ** 30);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve(signal);
      });
    }
  });
}
