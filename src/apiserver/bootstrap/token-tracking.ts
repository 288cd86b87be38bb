/** The ConfigMap that tells since when uses of service account tokens in secrets are recorded: those who remove unused ones go by it. KEP-2799. */
import type { ConfigMap } from '../../api/core/v1/types.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import { ConfigMaps } from '../../api/resources.ts';
import type { Client } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';

const namespace = 'kube-system';
const name = 'kube-apiserver-legacy-service-account-token-tracking';
const watchAgainMs = 5_000;

/** `2026-01-31`. */
export const dayOf = (nowMs: number): string => formatTime(nowMs).slice(0, 10);

const isDay = (text: string | undefined): boolean => text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

/** Writes the day of today where there is none. */
export async function ensureTokenTracking(host: Host, client: Client): Promise<void> {
  const maps = client.of(ConfigMaps).inNamespace(namespace);
  const data = { since: dayOf(host.clock.now()) };
  const there: ConfigMap | undefined = await maps.get(name).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    return undefined;
  });
  if (there !== undefined && isDay(there.data?.['since'])) return;
  const write = there === undefined ? maps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }) : maps.update({ ...there, data });
  await write.catch((error: unknown) => {
    // Another server was faster.
    if (!isAlreadyExists(error) && !isConflict(error)) throw error;
  });
}

/** Writes it again whenever somebody has removed or spoilt it, until the signal. */
export async function keepTokenTracking(host: Host, client: Client, signal: AbortSignal): Promise<void> {
  const maps = client.of(ConfigMaps).inNamespace(namespace);
  while (!signal.aborted) {
    try {
      await ensureTokenTracking(host, client);
      for await (const { type, object } of maps.watch({ fieldSelector: `metadata.name=${name}`, signal })) {
        if (type === 'DELETED' || !isDay(object.data?.['since'])) await ensureTokenTracking(host, client);
      }
    } catch (error) {
      if (!signal.aborted) host.log.debug('the watch on the record of token uses ended', { error: String(error) });
    }
    await host.clock.sleep(watchAgainMs, signal).catch(() => undefined);
  }
}
