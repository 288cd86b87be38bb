/** The history of a cluster as one number: every commit to the store, in order, with its virtual time. */
import { createHash } from 'node:crypto';
import type { Clock } from '../host/types.ts';
import type { Backend, Change, CommitResult } from '../store/backend.ts';

export interface Traced {
  backend: Backend;
  /** SHA-256 over all commits so far, in hex. */
  hash(): string;
  readonly commits: number;
}

/** Wraps a backend so that each successful commit adds to the trace. */
export function traceCommits(backend: Backend, clock: () => Pick<Clock, 'now'>): Traced {
  const digest = createHash('sha256');
  let commits = 0;
  async function commit(change: Change): Promise<CommitResult> {
    const result = await backend.commit(change);
    if (result.ok) {
      commits++;
      digest.update(`${clock().now()} ${result.revision} ${change.type} ${change.key}\n`);
      if (change.type !== 'delete') digest.update(change.value);
    }
    return result;
  }
  const traced: Backend = {
    get: (key, at) => backend.get(key, at),
    list: (prefix, page) => backend.list(prefix, page),
    count: (prefix) => backend.count(prefix),
    commit,
    watch: (prefix, from, signal) => backend.watch(prefix, from, signal),
    compact: (upTo) => backend.compact(upTo),
    revision: () => backend.revision(),
    health: () => backend.health(),
    close: () => backend.close(),
  };
  return {
    backend: traced,
    hash: () => digest.copy().digest('hex'),
    get commits() {
      return commits;
    },
  };
}
