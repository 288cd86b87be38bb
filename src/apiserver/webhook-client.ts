/** Calls the HTTPS server of a webhook, of admission or conversion: by URL, or by a Service of the cluster. Follows no redirect; trusts only the configuration's own CA, or the system's. */
import { parseExactly } from '../api/exact-json.ts';
import type { WebhookClientConfig } from '../api/admissionregistration/v1/types.ts';
import { isNotFound } from '../api/meta/status.ts';
import { addressOf, networkErrorText } from '../base/network-errors.ts';
import { readAtMost } from '../base/read-at-most.ts';
import { wordsOfCode } from '../client/errors.ts';
import type { Host, HttpResponse, TlsClientOptions } from '../host/types.ts';
import { unreadableKind } from './registry/body-kind.ts';
import { defaultServicePort, type ServiceResolver } from './service-resolver.ts';

/** An answer that is read at most. */
export const maxAnswerBytes = 8 * 1024 * 1024;

/** Text of a failed answer that is told on at most. */
const maxToldBytes = 2048;

/** The webhook answered, but not with a review. */
class Answered extends Error {}

/** The words of a Status of failure; undefined for what is none. */
function statusMessage(text: string): string | undefined {
  try {
    const { kind, status, message } = JSON.parse(text) as { kind?: unknown; status?: unknown; message?: unknown };
    return kind === 'Status' && status === 'Failure' && typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/** What stands in the error of a webhook that answered with a code of failure. */
function refusalOf({ status, headers }: HttpResponse, text: string): Answered {
  const type = headers['content-type'] ?? '';
  const said = statusMessage(text);
  if (said !== undefined) return new Answered(said);
  return new Answered(wordsOfCode(status, type === '' || type.startsWith('text/') ? text.slice(0, maxToldBytes).trim() : 'unknown'));
}

/** Posts a value, or a text as it is, and reads the answer. Rejects with what went wrong, in words for the client. */
export async function callWebhook(host: Host, resolver: ServiceResolver | undefined, config: WebhookClientConfig, body: unknown, timeoutMs: number): Promise<unknown> {
  const { url, tls, shown } = locate(resolver, config, timeoutMs);
  const failed = (why: string, cause: unknown): Error => new Error(`failed to call webhook: ${cause instanceof Answered ? why : `Post ${JSON.stringify(shown)}: ${why}`}`, { cause });
  if (url instanceof Error) throw failed(url.message, url);
  const cancel = new AbortController();
  const timer = host.clock.setTimer(() => cancel.abort(new Error('context deadline exceeded')), timeoutMs);
  const post = async (): Promise<unknown> => {
    const response = await host.net.request({ method: 'POST', url, headers: { 'content-type': 'application/json', accept: 'application/json, */*', 'user-agent': 'kube-apiserver-admission' }, body: typeof body === 'string' ? body : JSON.stringify(body), tls, signal: cancel.signal, timeoutMs });
    const text = (await readAtMost(response.body, maxAnswerBytes)).toString();
    if (response.status < 200 || response.status > 206) throw refusalOf(response, text);
    if (text === '') throw new Answered(`0-length response with status code: ${response.status} and content type: ${response.headers['content-type'] ?? ''}`);
    return asJson(text);
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
    throw failed(cancel.signal.aborted ? 'context deadline exceeded' : networkErrorText(error, addressOf(url)), error);
  } finally {
    timer.cancel();
  }
}

/** A text that YAML takes for one plain text. */
const scalarOf = (text: string): string | undefined => (/^[A-Za-z][\w .,-]*$/.test(text.trim()) ? text.trim() : undefined);

function asJson(text: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    // What is no JSON may be YAML still, to upstream's reader.
    const read = scalarOf(text);
    throw new Answered(read === undefined ? `couldn't get version/kind; json parse error: ${(error as Error).message}` : unreadableKind(read)!, { cause: error });
  }
}

/** Where the webhook is, and how errors name that place. An Error: nobody is behind its Service. */
function locate(resolver: ServiceResolver | undefined, config: WebhookClientConfig, timeoutMs: number): { url: string | Error; tls: TlsClientOptions; shown: string } {
  const trust: TlsClientOptions = config.caBundle === undefined || config.caBundle === '' ? {} : { ca: Buffer.from(config.caBundle, 'base64').toString() };
  const query = `?timeout=${Math.round(timeoutMs / 1000)}s`;
  if (config.url !== undefined) return { url: `${config.url}${query}`, tls: trust, shown: `${config.url}${query}` };
  const { namespace, name, port, path } = config.service!;
  const place = `${(path ?? '/').replace(/^\/?/, '/')}${query}`;
  const shown = `https://${name}.${namespace}.svc:${port ?? defaultServicePort}${place}`;
  if (resolver === undefined) return { url: new Error('this server cannot find services'), tls: trust, shown };
  try {
    const { origin, serverName } = resolver.resolve(namespace, name, port);
    return { url: `${origin}${place}`, tls: { ...trust, serverName }, shown };
  } catch (error) {
    return { url: new Error(isNotFound(error) ? `service ${JSON.stringify(name)} not found` : (error as Error).message), tls: trust, shown };
  }
}
