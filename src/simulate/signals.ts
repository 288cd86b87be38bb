/** Signals that follow others. By hand, because AbortSignal.any keeps books on long-lived signals that grow with every request. */

export interface Following {
  signal: AbortSignal;
  abort(): void;
  /** Listens to the others no longer. */
  release(): void;
}

/** A signal that aborts with the first of the others, or by itself. */
export function following(others: readonly (AbortSignal | undefined)[]): Following {
  const own = new AbortController();
  const release = (): void => {
    for (const other of others) other?.removeEventListener('abort', abort);
  };
  const abort = (): void => {
    release();
    // A reason of its own: making the default one, with its stack, costs more than a request.
    own.abort(over);
  };
  if (others.some((other) => other?.aborted)) own.abort(over);
  else for (const other of others) other?.addEventListener('abort', abort, { once: true });
  return { signal: own.signal, abort, release };
}

const over = new Error('the request is over');
