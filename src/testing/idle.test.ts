import { expect, test } from 'vitest';
import { memoryBackend } from '../store/memory.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { turn } from '../host/node/turn.ts';
import { startCluster } from './index.ts';

test('a cluster in which nothing changes writes its nodes\' leases, and nothing else', async () => {
  const backend = memoryBackend({ clock: virtualHost({ seed: 'store', settle: turn }).clock });
  const cluster = await startCluster({ nodes: 3, clock: 'virtual', backend });
  await cluster.advance(40_000);
  const written = new Map<string, number>();
  const stop = new AbortController();
  const following = (async () => {
    for await (const { changes } of backend.watch('/registry/', await backend.revision(), stop.signal)) {
      for (const { key } of changes) written.set(key, (written.get(key) ?? 0) + 1);
    }
  })();
  await cluster.advance(120_000);
  stop.abort();
  await following;
  expect([...written.keys()].toSorted()).toEqual(['/registry/leases/kube-node-lease/hollow-1', '/registry/leases/kube-node-lease/hollow-2', '/registry/leases/kube-node-lease/hollow-3']);
  // Every ten seconds.
  for (const count of written.values()) expect([11, 12, 13]).toContain(count);
  await cluster.stop();
}, 60_000);
