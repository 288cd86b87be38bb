/** The server side of the API server benchmark, in a process of its own: LMDB on disk, TLS on loopback, no controllers. Speaks with its parent by messages. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { createApiServer } from '../src/apiserver/server.ts';
import { nodeHost } from '../src/host/node/index.ts';
import { createAuthority, createSigningKeys, issueCertificate } from '../src/pki/certificates.ts';
import { lmdbBackend } from '../src/store/lmdb.ts';

const host = nodeHost({ logLevel: 'warn' });
const started = performance.now();
const nowMs = host.clock.now();
const authority = await createAuthority({ commonName: 'bench', nowMs, days: 1 });
const [serving, admin, signing] = await Promise.all([
  issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 }),
  issueCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'], nowMs, days: 1 }),
  createSigningKeys(),
]);
const path = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'kubets-bench-'));
const backend = await lmdbBackend({ path, clock: host.clock, disk: host.disk });
const server = await createApiServer({
  host, backend, version: '0.0.0-bench', serviceCidr: '10.96.0.0/16', nodePortRange: { from: 30_000, to: 32_767 },
  authentication: { clientCa: authority.cert, serviceAccount: { issuer: 'https://bench', signingKey: signing.privateKey, publicKeys: [signing.publicKey] } },
  authorizationModes: ['Node', 'RBAC'], securePort: 6443, kubeletClient: {},
});
await server.start();
const listener = await server.listen({ address: '127.0.0.1', port: 0, tls: { ...serving, clientCa: authority.cert } });
await server.ready();

/** One operation's profile, apart from what went before it. */
let profiler: Session | undefined;
async function profile(file: string | undefined): Promise<void> {
  if (file === undefined) {
    profiler = new Session();
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.setSamplingInterval', { interval: 200 });
    await profiler.post('Profiler.start');
  } else {
    const stopped = await profiler!.post('Profiler.stop');
    profiler!.disconnect();
    writeFileSync(file, JSON.stringify(stopped.profile));
  }
  process.send!('profiled');
}

/** Resident pages of mapped files: the program itself, and what the system keeps of the store's file at hand. Linux only. */
function mappedBytes(): number {
  try {
    return Number(/^RssFile:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}

process.on('message', (message) => {
  if (typeof message === 'object' && message !== null && 'profile' in message) void profile((message as { profile: string | null }).profile ?? undefined);
  if (message === 'usage' || message === 'settled') {
    // With --expose-gc, what is not held any more is given back before it is measured.
    if (message === 'settled') for (let i = 0; i < 3; i++) globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, heapTotal, arrayBuffers } = process.memoryUsage();
    process.send!({ cpuMs: (user + system) / 1000, rssBytes: rss, mappedBytes: mappedBytes(), heapBytes: heapUsed, heapTotalBytes: heapTotal, bufferBytes: arrayBuffers });
  }
  if (message === 'snapshot') process.send!(writeHeapSnapshot());
  if (message === 'stop') void listener.close(0).then(() => server.stop()).then(() => backend.close()).then(() => process.exit(0));
});
// A parent that has gone away leaves nobody to serve.
process.on('disconnect', () => process.exit(1));
process.send!({ port: listener.port, ca: authority.cert, cert: admin.cert, key: admin.key, startMs: performance.now() - started, path });
