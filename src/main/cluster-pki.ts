/** The keys and certificates of one cluster, made once and kept under the data directory. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Host } from '../host/types.ts';
import type { KeyPair, LeafRequest } from '../pki/certificates.ts';

/** A leaf is made anew when it has fewer days than this to live. */
const renewBeforeDays = 30;
const leafDays = 365;
const authorityDays = 3650;
const dayMs = 24 * 3600 * 1000;

export class ClusterPki {
  readonly #host: Host;
  readonly #directory: string;

  constructor(host: Host, directory: string) {
    this.#host = host;
    this.#directory = directory;
  }

  /** Where a pair lies. */
  files(name: string): { cert: string; key: string } {
    return { cert: join(this.#directory, `${name}.crt`), key: join(this.#directory, `${name}.key`) };
  }

  async #read(name: string): Promise<KeyPair | undefined> {
    const { cert, key } = this.files(name);
    if (!(await this.#host.disk.stat(cert)) || !(await this.#host.disk.stat(key))) return undefined;
    return { cert: await this.#host.disk.readText(cert), key: await this.#host.disk.readText(key) };
  }

  async #write(name: string, pair: KeyPair): Promise<KeyPair> {
    await this.#host.disk.mkdir(this.#directory, 0o755);
    const { cert, key } = this.files(name);
    await this.#host.disk.write(key, pair.key, { mode: 0o600, atomic: true, durable: true });
    await this.#host.disk.write(cert, pair.cert, { mode: 0o644, atomic: true, durable: true });
    return pair;
  }

  /** A certificate authority: by default the cluster's own. */
  async authority(name = 'ca', commonName = 'kubernetes'): Promise<KeyPair> {
    const existing = await this.#read(name);
    if (existing) return existing;
    const { createAuthority } = await import('../pki/certificates.ts');
    return this.#write(name, await createAuthority({ commonName, nowMs: this.#host.clock.now(), days: authorityDays }));
  }

  /** A certificate signed by the authority: the one on disk while it is good for the request, else a new one. */
  async leaf(name: string, request: Omit<LeafRequest, 'nowMs' | 'days'>, issuer?: KeyPair): Promise<KeyPair> {
    const authority = issuer ?? (await this.authority());
    const existing = await this.#read(name);
    if (existing && this.#stillGood(existing, authority.cert, request)) return existing;
    const { issueCertificate } = await import('../pki/certificates.ts');
    return this.#write(name, await issueCertificate(authority, { ...request, nowMs: this.#host.clock.now(), days: leafDays }));
  }

  #stillGood(pair: KeyPair, authorityPem: string, request: Omit<LeafRequest, 'nowMs' | 'days'>): boolean {
    const cert = new X509Certificate(pair.cert);
    // Key and certificate are two files: a crash between them leaves a pair that no handshake would take.
    if (!cert.checkPrivateKey(createPrivateKey(pair.key))) return false;
    if (new Date(cert.validTo).getTime() - this.#host.clock.now() < renewBeforeDays * dayMs) return false;
    if (!cert.checkIssued(new X509Certificate(authorityPem))) return false;
    const named = (request.dnsNames ?? []).every((name) => cert.checkHost(name)) && (request.ipAddresses ?? []).every((ip) => cert.checkIP(ip));
    const subject = cert.subject.split('\n');
    return named && [`CN=${request.commonName}`, ...(request.organizations ?? []).map((organization) => `O=${organization}`)].every((part) => subject.includes(part));
  }

  /** The key pair that signs service account tokens. */
  async signingKeys(): Promise<{ privateKey: string; publicKey: string }> {
    const existing = await this.#read('service-account');
    if (existing) return { privateKey: existing.key, publicKey: existing.cert };
    const { createSigningKeys } = await import('../pki/certificates.ts');
    const keys = await createSigningKeys();
    await this.#write('service-account', { key: keys.privateKey, cert: keys.publicKey });
    return keys;
  }
}
