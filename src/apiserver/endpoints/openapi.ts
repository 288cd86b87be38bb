/** `/openapi/v2` and `/openapi/v3`: descriptions of the API, made from the schema tables when first asked for. */
import { createHash } from 'node:crypto';
import { parseAccept } from '../accept.ts';
import { documentResponse } from '../conditional.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { JoinedDocument } from './openapi-parts.ts';

/** The documents; each call may be expensive, and is made once. */
export interface OpenApiDocuments {
  /** As `api/v1`, `apis/apps/v1`, `version`. */
  groupVersions(): readonly string[] | Promise<readonly string[]>;
  v3(groupVersion: string): unknown;
  v2(): JoinedDocument | Promise<JoinedDocument>;
  /** For documents that change: another text when that document, or that of version 2, may have become another. */
  fingerprint?(groupVersion?: string): string;
}

interface Document {
  body: string | JoinedDocument;
  etag: string;
  /** Milliseconds since 1970. */
  madeAt: number;
}

const yearMs = 365 * 24 * 3600 * 1000;

function acceptsJson(request: ServerRequest): boolean {
  const accept = request.headers['accept'] ?? '';
  return accept === '' || parseAccept(accept).some(({ type, subtype }) => (type === 'application' || type === '*') && (subtype === 'json' || subtype === '*'));
}

/** Without a body, as upstream answers here. */
const bare = (status: number): ServerResponse => ({ status, headers: status === 406 ? { vary: 'Accept' } : {}, body: '' });

const tagOf = (body: string): string => `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`;

/** Whether the client has what was made by then, going by the time alone. */
function unchangedSince(request: ServerRequest, madeAt: number): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since } = request.headers;
  return tags === undefined && since !== undefined && Math.floor(madeAt / 1000) * 1000 <= Date.parse(since);
}

/** Serves documents with hashes in their addresses, so that clients may keep them for good. */
export class OpenApiEndpoints {
  readonly #documents: OpenApiDocuments;
  /** Changes with every release: what the documents are made from is part of the program. */
  readonly #release: string;
  readonly #cache = new Map<string, { fingerprint: string; document: Promise<Document> }>();

  readonly #now: () => number;

  constructor(documents: OpenApiDocuments, release: string, now: () => number) {
    this.#documents = documents;
    this.#release = release;
    this.#now = now;
  }

  paths(): string[] {
    return ['/openapi/v2', '/openapi/v3', '/openapi/v3/'];
  }

  /** The address part that changes when the document may have changed. Hashing the documents themselves would mean making them all at once. */
  #hashOf(groupVersion: string): string {
    return createHash('sha512').update(`${this.#release} ${groupVersion} ${this.#documents.fingerprint?.(groupVersion) ?? ''}`).digest('hex').toUpperCase();
  }

  #document(key: string, groupVersion: string | undefined, make: () => unknown): Promise<Document> {
    const fingerprint = this.#documents.fingerprint?.(groupVersion) ?? '';
    const kept = this.#cache.get(key);
    if (kept?.fingerprint === fingerprint) return kept.document;
    const document = Promise.resolve()
      .then(make)
      .then((value): Document => {
        if (value instanceof JoinedDocument) return { body: value, etag: value.etag, madeAt: this.#now() };
        const body = typeof value === 'string' ? value : JSON.stringify(value);
        return { body, etag: tagOf(body), madeAt: this.#now() };
      });
    const entry = { fingerprint, document };
    this.#cache.set(key, entry);
    document.catch(() => {
      if (this.#cache.get(key) === entry) this.#cache.delete(key);
    });
    return document;
  }

  /** Documents of group versions that are no longer served. */
  #forget(served: readonly string[]): void {
    const names = new Set(served);
    for (const key of this.#cache.keys()) if (key !== 'v2' && !names.has(key)) this.#cache.delete(key);
  }

  #serve(request: ServerRequest, document: Document, headers: Record<string, string>): ServerResponse {
    const all = { 'content-type': 'application/json', 'last-modified': new Date(document.madeAt).toUTCString(), ...headers };
    return unchangedSince(request, document.madeAt) ? { status: 304, headers: { ...all, etag: document.etag } } : documentResponse(request, document, all);
  }

  async handle(request: ServerRequest): Promise<ServerResponse | undefined> {
    const { path } = request;
    if (!path.startsWith('/openapi/')) return undefined;
    if (path !== '/openapi/v2' && path !== '/openapi/v3' && !path.startsWith('/openapi/v3/')) return undefined;
    if (path !== '/openapi/v3' && !acceptsJson(request)) return bare(406);
    if (path === '/openapi/v2') return this.#serve(request, await this.#document('v2', undefined, () => this.#documents.v2()), { vary: 'Accept' });
    const served = await this.#documents.groupVersions();
    this.#forget(served);
    if (path === '/openapi/v3' || path === '/openapi/v3/') {
      const paths = Object.fromEntries(served.map((gv) => [gv, { serverRelativeURL: `/openapi/v3/${gv}?hash=${this.#hashOf(gv)}` }]));
      const body = JSON.stringify({ paths });
      return documentResponse(request, { body, etag: tagOf(body) }, { 'content-type': 'application/json' });
    }
    const groupVersion = path.slice('/openapi/v3/'.length);
    if (!served.includes(groupVersion)) return bare(404);
    const hash = request.query.get('hash');
    if (hash !== null && hash !== this.#hashOf(groupVersion)) return { status: 301, headers: { 'content-type': 'application/json', vary: 'Accept', location: `/openapi/v3/${groupVersion}?hash=${this.#hashOf(groupVersion)}` }, body: '' };
    const document = await this.#document(groupVersion, groupVersion, () => this.#documents.v3(groupVersion));
    return this.#serve(request, document, hash === null ? { vary: 'Accept' } : { vary: 'Accept', 'cache-control': 'public, immutable', expires: new Date(this.#now() + yearMs).toUTCString() });
  }
}
