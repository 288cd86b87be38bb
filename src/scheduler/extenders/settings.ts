/** Extenders of a configuration, with their files read. */
import { parseDuration } from '../../api/meta/time.ts';
import type { TlsClientOptions } from '../../host/types.ts';
import type { ExtenderConfig } from '../config/types.ts';
import type { ExtenderSettings } from './extender.ts';

const DEFAULT_TIMEOUT_MS = 5000;

const decoded = (data: string | undefined): string | undefined => (data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8'));

async function tlsOf({ tlsConfig }: ExtenderConfig, read: (path: string) => Promise<string>): Promise<TlsClientOptions | undefined> {
  if (!tlsConfig) return undefined;
  const text = async (data: string | undefined, file: string | undefined): Promise<string | undefined> => decoded(data) ?? (file ? await read(file) : undefined);
  const [ca, cert, key] = await Promise.all([text(tlsConfig.caData, tlsConfig.caFile), text(tlsConfig.certData, tlsConfig.certFile), text(tlsConfig.keyData, tlsConfig.keyFile)]);
  return {
    ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}),
    ...(tlsConfig.serverName ? { serverName: tlsConfig.serverName } : {}),
    ...(tlsConfig.insecure ? { insecureSkipVerify: true } : {}),
  };
}

export async function extenderSettings(config: ExtenderConfig, read: (path: string) => Promise<string>): Promise<ExtenderSettings> {
  const tls = await tlsOf(config, read);
  const { httpTimeout, weight, managedResources, nodeCacheCapable, ignorable, tlsConfig: _tls, ...rest } = config;
  return {
    ...rest,
    weight: weight ?? 0,
    managedResources: managedResources ?? [],
    nodeCacheCapable: nodeCacheCapable ?? false,
    ignorable: ignorable ?? false,
    httpTimeoutMs: httpTimeout === undefined ? DEFAULT_TIMEOUT_MS : Number(parseDuration(httpTimeout) / 1_000_000n) || DEFAULT_TIMEOUT_MS,
    ...(tls ? { tls } : {}),
  };
}
