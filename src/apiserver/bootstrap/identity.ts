/** The Lease by which an API server says that it is there: `kube-system/apiserver-…`. Leases of servers that are gone are removed when they have run out. KEP-1965. */
import { createHash } from 'node:crypto';
import type { Lease } from '../../api/coordination/v1/types.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status.ts';
import { formatMicroTime, parseTime } from '../../api/meta/time.ts';
import { Leases } from '../../api/resources.ts';
import type { Client, Running } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';

const NAMESPACE = 'kube-system';
const IDENTITY_LABEL = 'apiserver.kubernetes.io/identity';
const IDENTITY = 'kube-apiserver';
const HOSTNAME_LABEL = 'kubernetes.io/hostname';
export const LEASE_DURATION_SECONDS = 3_600;
export const RENEW_INTERVAL_MS = 10_000;
const COLLECT_INTERVAL_MS = 3_600_000;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const HASH_BYTES = 16;

/** The lease's name: the same for the same machine. */
export function identityName(hostname: string): string {
  const hash = createHash('sha256').update(hostname).digest().subarray(0, HASH_BYTES);
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of hash) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(value >> (bits - 5)) & 31];
    value &= 0xff;
  }
  if (bits > 0) text += BASE32[(value << (5 - bits)) & 31];
  return `apiserver-${text}`;
}

export interface Identity extends Running {
  /** Resolves when the lease has been written, or will not be because the server stops. */
  written: Promise<void>;
}

/** Keeps the lease until stopped. */
export function startIdentity(host: Host, client: Client, hostname: string, namespaces: Promise<void>): Identity {
  const stop = new AbortController();
  const { promise: written, resolve } = Promise.withResolvers<void>();
  const holder = `${identityName(hostname)}_${host.random.fork('identity').uuid()}`;
  const run = async (): Promise<void> => {
    await namespaces.catch(() => undefined);
    let collectAt = host.clock.now();
    while (!stop.signal.aborted) {
      try {
        await renew(host, client, hostname, holder);
        resolve();
        if (host.clock.now() >= collectAt) {
          collectAt = host.clock.now() + COLLECT_INTERVAL_MS;
          await collect(host, client);
        }
      } catch (error) {
        if (!stop.signal.aborted) host.log.warn('the lease of this server could not be renewed', { error: String(error) });
      }
      await host.clock.sleep(RENEW_INTERVAL_MS, stop.signal);
    }
  };
  const running = run().finally(resolve);
  return {
    written,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

async function renew(host: Host, client: Client, hostname: string, holder: string): Promise<void> {
  const leases = client.of(Leases).inNamespace(NAMESPACE);
  const name = identityName(hostname);
  const spec = { holderIdentity: holder, leaseDurationSeconds: LEASE_DURATION_SECONDS, renewTime: formatMicroTime(host.clock.now()) };
  const labels = { [IDENTITY_LABEL]: IDENTITY, [HOSTNAME_LABEL]: hostname };
  try {
    const there = await leases.get(name);
    await leases.update({ ...there, metadata: { ...there.metadata, labels: { ...there.metadata.labels, ...labels } }, spec });
  } catch (error) {
    if (isConflict(error)) return;
    if (!isNotFound(error)) throw error;
    await leases.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: NAMESPACE, labels }, spec }).catch((again: unknown) => {
      if (!isAlreadyExists(again)) throw again;
    });
  }
}

const hasRunOut = ({ spec }: Lease, nowMs: number): boolean => spec?.renewTime === undefined || parseTime(spec.renewTime) + (spec.leaseDurationSeconds ?? 0) * 1_000 < nowMs;

async function collect(host: Host, client: Client): Promise<void> {
  const leases = client.of(Leases).inNamespace(NAMESPACE);
  const { items } = await leases.list({ labelSelector: `${IDENTITY_LABEL}=${IDENTITY}` });
  for (const lease of items) {
    if (!hasRunOut(lease, host.clock.now())) continue;
    await leases.delete(lease.metadata.name!, { preconditions: { resourceVersion: lease.metadata.resourceVersion! } }).catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    });
  }
}
