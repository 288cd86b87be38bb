/** Audit events as lists to a server of another's (`--audit-webhook-config-file`). What fails is sent again, a few times, later and later. */
import { readAtMost } from '../../base/read-at-most.ts';
import type { Host, TlsClientOptions } from '../../host/types.ts';
import type { AuditSink } from './sink.ts';

const attempts = 5;
const growth = 1.5;
const jitter = 0.2;
const timeoutMs = 30_000;
/** An answer tells nothing that would be minded. */
const maxAnswerBytes = 64 * 2 ** 10;

/** How long a server that stops waits for an answer. */
const lastWordsMs = 5_000;

export const defaultInitialBackoffMs = 10_000;

export interface AuditWebhookOptions {
  url: string;
  tls?: TlsClientOptions;
  token?: string | (() => Promise<string>);
  initialBackoffMs?: number;
}

/** Redirects are not followed: a redirect is a failure. */
export function auditWebhook(host: Host, options: AuditWebhookOptions): AuditSink {
  const { origin, pathname } = new URL(options.url);
  const closing = new AbortController();
  const closed = new AbortController();
  async function send(body: string): Promise<void> {
    const token = typeof options.token === 'function' ? await options.token() : options.token;
    const response = await host.net.request({
      method: 'POST', url: options.url, body, timeoutMs, signal: closed.signal, ...(options.tls ? { tls: options.tls } : {}),
      headers: { 'content-type': 'application/json', 'accept': 'application/json, */*', 'user-agent': 'kube-apiserver', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    });
    await readAtMost(response.body, maxAnswerBytes);
    if (response.status < 200 || response.status > 299) throw new Error(`it answered ${response.status}`);
  }
  return {
    async process(events) {
      const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.map(({ json }) => json).join(',')}]}`;
      let waitMs = options.initialBackoffMs ?? defaultInitialBackoffMs;
      for (let attempt = 1; ; attempt++) {
        try {
          await send(body);
          return true;
        } catch (error) {
          if (attempt === attempts || closing.signal.aborted) {
            host.log.error('audit events could not be sent', { to: origin + pathname, error: (error as Error).message, events: events.length });
            return false;
          }
        }
        // Who stops tries once more, at once.
        await host.clock.sleep(waitMs * (1 + jitter * host.random.next()), closing.signal);
        waitMs *= growth;
      }
    },
    close() {
      closing.abort();
      host.clock.setTimer(() => closed.abort(), lastWordsMs).yield?.();
      return Promise.resolve();
    },
  };
}
