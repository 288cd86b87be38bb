/** Clients that ask an API server and never pause, over HTTP/1.1 and HTTP/2, until nobody takes connections any more. For tests of how a server ends. */
import * as http2 from 'node:http2';
import * as https from 'node:https';
import type { KeyPair } from '../pki/certificates.ts';

/** A whole answer. */
export interface Answer { status: number; text: string }
/** What a client has seen. */
export interface ClientLog { answered: number; failures: string[]; ended: boolean }

/** Where a client asks, and what. */
export interface Asked {
  port: number;
  /** The authority of both sides' certificates. */
  ca: string;
  admin: KeyPair;
  /** A collection that objects are created in and read from. */
  path: string;
  body: (name: string) => string;
}

export interface TirelessClient { log: ClientLog; done: Promise<void> }

const isRefused = (error: unknown): boolean => (error as { code?: string }).code === 'ECONNREFUSED';

/** One request over HTTP/1.1. */
export function overHttp1(port: number, agent: https.Agent, method: string, target: string, content?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port, agent, method, path: target, headers: content ? { 'content-type': 'application/json', 'content-length': content.length } : {} }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(content);
  });
}

/** One request over HTTP/2. */
export function overHttp2(session: http2.ClientHttp2Session, method: string, target: string, content?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': target, ...(content ? { 'content-type': 'application/json' } : {}) });
    let [status, text] = [0, ''];
    stream.on('response', (head) => (status = head[':status'] ?? 0));
    stream.on('data', (piece: Buffer) => (text += piece.toString()));
    stream.on('error', reject);
    stream.on('end', () => resolve({ status, text }));
    stream.end(content);
  });
}

/** Asks and asks, until nobody takes connections any more. */
async function ask(log: ClientLog, name: string, { path, body }: Asked, send: (method: string, target: string, content?: string) => Promise<Answer>): Promise<void> {
  for (let i = 0; ; i++) {
    try {
      const { status, text } = await (i % 2 === 0 ? send('POST', path, body(`${name}-${i}`)) : send('GET', `${path}/${name}-${i - 1}`));
      if (status >= 400 || text === '') log.failures.push(`${name} ${i}: ${status} ${text.slice(0, 200)}`);
      log.answered++;
    } catch (error) {
      // Never begun (RFC 9113, 8.7): the client's own side gave the stream up, as the word to go elsewhere came. Every client sends it anew.
      if ((error as Error).message.includes('NGHTTP2_REFUSED_STREAM')) i--;
      else if (isRefused(error)) log.ended = true;
      else log.failures.push(`${name} ${i}: ${String((error as { code?: string }).code)} ${String(error)}`);
      if (log.ended || log.failures.length > 0) return;
    }
  }
}

export function http1Client(asked: Asked, name: string): TirelessClient {
  const { port, ca, admin } = asked;
  const log: ClientLog = { answered: 0, failures: [], ended: false };
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca, ...admin, ALPNProtocols: ['http/1.1'] });
  return { log, done: ask(log, name, asked, (method, target, content) => overHttp1(port, agent, method, target, content)).finally(() => agent.destroy()) };
}

export function http2Client(asked: Asked, name: string): TirelessClient {
  const { port, ca, admin } = asked;
  const log: ClientLog = { answered: 0, failures: [], ended: false };
  let session: http2.ClientHttp2Session | undefined;
  const connected = (): Promise<http2.ClientHttp2Session> => {
    if (session && !session.closed && !session.destroyed) return Promise.resolve(session);
    return new Promise((resolve, reject) => {
      const fresh = http2.connect(`https://127.0.0.1:${port}`, { ca, ...admin });
      fresh.once('error', reject);
      fresh.once('connect', () => {
        session = fresh;
        fresh.on('error', () => undefined);
        resolve(fresh);
      });
    });
  };
  return { log, done: ask(log, name, asked, async (method, target, content) => overHttp2(await connected(), method, target, content)).finally(() => session?.destroy()) };
}
