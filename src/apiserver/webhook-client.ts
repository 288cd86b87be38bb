/** Calls the HTTPS server of a webhook, of admission or conversion: by URL, or by a Service of the cluster. Follows no redirect; trusts only the configuration's own CA, or the system's. */
import type { WebhookClientConfig } from '../api/admissionregistration/v1/types.ts';
import { readAtMost } from '../base/read-at-most.ts';
import type { Host, TlsClientOptions } from '../host/types.ts';
import type { ServiceResolver } from './service-resolver.ts';

/** An answer that is read at most. */
export const maxAnswerBytes = 8 * 1024 * 1024;

/** Posts a value and reads the answer. Rejects with what went wrong, in words for the client. */
export async function callWebhook(host: Host, resolver: ServiceResolver | undefined, config: WebhookClientConfig, body: unknown, timeoutMs: number): Promise<unknown> {
  const { url, tls, shown } = locate(resolver, config, timeoutMs);
  const cancel = new AbortController();
  const timer = host.clock.setTimer(() => cancel.abort(new Error('context deadline exceeded')), timeoutMs);
  const post = async (): Promise<unknown> => {
    const response = await host.net.request({ method: 'POST', url, headers: { 'content-type': 'application/json', accept: 'application/json, */*' }, body: JSON.stringify(body), tls, signal: cancel.signal, timeoutMs });
    const text = (await readAtMost(response.body, maxAnswerBytes)).toString();
    if (response.status !== 200) throw new Error(`the server returned status ${response.status}${text === '' ? '' : `: ${text.slice(0, 200)}`}`);
    return JSON.parse(text);
  };
  // A connection that was kept may have been closed by the other side just now.
  const again = (error: unknown): Promise<unknown> => {
    if ((error as { code?: string }).code !== 'ECONNRESET' || cancel.signal.aborted) throw error;
    return post();
  };
  const late = new Promise<never>((_, reject) => cancel.signal.addEventListener('abort', () => reject(cancel.signal.reason as Error), { once: true }));
  late.catch(() => undefined);
  try {
    return await Promise.race([post().catch(again), late]);
  } catch (error) {
    throw new Error(`failed to call webhook: Post ${JSON.stringify(shown)}: ${cancel.signal.aborted ? 'context deadline exceeded' : error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    timer.cancel();
  }
}

function locate(resolver: ServiceResolver | undefined, config: WebhookClientConfig, timeoutMs: number): { url: string; tls: TlsClientOptions; shown: string } {
  const trust: TlsClientOptions = config.caBundle === undefined || config.caBundle === '' ? {} : { ca: Buffer.from(config.caBundle, 'base64').toString() };
  const query = `?timeout=${Math.round(timeoutMs / 1000)}s`;
  if (config.url !== undefined) return { url: `${config.url}${query}`, tls: trust, shown: `${config.url}${query}` };
  const { namespace, name, port, path } = config.service!;
  if (resolver === undefined) throw new Error('failed to call webhook: this server cannot find services');
  let found: ReturnType<ServiceResolver['resolve']>;
  try {
    found = resolver.resolve(namespace, name, port);
  } catch (error) {
    throw new Error(`failed to call webhook: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const place = `${(path ?? '/').replace(/^\/?/, '/')}${query}`;
  return { url: `${found.origin}${place}`, tls: { ...trust, serverName: found.serverName }, shown: `https://${found.serverName}:${port ?? 443}${place}` };
}
