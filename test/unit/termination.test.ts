/**
 * A real process is asked to end at any moment from when it first takes a connection: before it is ready, while its controllers begin, when all runs. It ends by itself, and no client that it has let in
 * hears of anything but answers. The moments are drawn from a seed, which a failure prints.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { http1Client, http2Client, type Asked } from '../../src/apiserver/tireless-clients.fixture.ts';
import { Prng } from '../../src/base/prng.ts';
import { freePort } from '../../src/host/node/free-port.fixture.ts';
import { nodeHost } from '../../src/host/node/index.ts';
import { clusterFor, writeCluster } from '../../src/main/cluster.ts';
import { ClusterPki } from '../../src/main/cluster-pki.ts';
import { controlPlaneCredentials } from '../../src/main/control-plane-credentials.ts';
import { layoutOf } from '../../src/main/layout.ts';

const host = nodeHost({ logLevel: 'silent' });
const directory = mkdtempSync(join(tmpdir(), 'kubets-termination-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
/** Times that each program is ended; more by hand. */
const rounds = Number(process.env['TERMINATION_ROUNDS'] ?? 2);
const seed = process.env['TERMINATION_SEED'] ?? String(Math.floor(Math.random() * 1e9));

interface Program {
  args: string[];
  asked: Omit<Asked, 'port'>;
  /** The longest wait until it is ended: some time after its start is over. */
  latestMs: number;
}

/** Objects that can be made before the server has made any of its own. */
const asked = { path: '/api/v1/namespaces', body: (name: string) => JSON.stringify({ metadata: { name } }) };
const program = new URL('../../src/main/index.ts', import.meta.url).pathname;

async function controlPlane(dataDir: string, port: number): Promise<Program> {
  const layout = layoutOf(dataDir, false);
  const cluster = clusterFor({ dataDir, nodes: 1, runtime: 'hollow', foreground: false, demo: false, port, nodeIp: '127.0.0.1', proxyMode: 'iptables', serviceCidr: '10.96.0.0/16', clusterCidr: '10.244.0.0/16', logLevel: 'info' }, layout, undefined, '127.0.0.1');
  const pki = new ClusterPki(host, layout.pki);
  const { authority } = await controlPlaneCredentials(pki, cluster);
  await writeCluster(host, layout, cluster);
  return { args: ['control-plane', '--data-dir', dataDir], asked: { ...asked, ca: authority.cert, admin: await pki.leaf('admin', { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }) }, latestMs: 1_500 };
}

async function apiServer(dataDir: string, port: number): Promise<Program> {
  const pki = new ClusterPki(host, join(dataDir, 'pki'));
  const { cert: ca } = await pki.authority();
  await pki.leaf('server', { commonName: 'server', usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] });
  const file = (name: string): string => join(dataDir, 'pki', name);
  const args = ['apiserver', '--data-dir', join(dataDir, 'store'), '--bind-address', '127.0.0.1', '--secure-port', String(port), '--tls-cert-file', file('server.crt'), '--tls-private-key-file', file('server.key'), '--client-ca-file', file('ca.crt')];
  return { args, asked: { ...asked, ca, admin: await pki.leaf('admin', { commonName: 'admin', organizations: ['system:masters'], usages: ['client'] }) }, latestMs: 500 };
}

/** Waits for the first connection that is taken. */
async function untilListening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const taken = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false, () => false)]).catch(() => false);
    socket.destroy();
    if (taken) return;
    await host.clock.sleep(2);
  }
}

test.each([['control-plane', controlPlane], ['apiserver', apiServer]] as const)('%s', async (name, prepare) => {
  const random = new Prng(`${name}/${seed}`);
  let answered = 0;
  for (let round = 0; round < rounds; round++) {
    const port = await freePort();
    const dataDir = join(directory, `${name}-${round}`);
    mkdirSync(dataDir, { mode: 0o700 });
    const { args, asked: what, latestMs } = await prepare(dataDir, port);
    const child = spawn(process.execPath, ['--no-warnings', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()));
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
    await untilListening(port, child);
    const clients = [...Array.from({ length: 2 }, (_, i) => http1Client({ ...what, port }, `one-${i}`)), ...Array.from({ length: 2 }, (_, i) => http2Client({ ...what, port }, `two-${i}`))];
    const waitedMs = Math.floor(random.next() * latestMs);
    await host.clock.sleep(waitedMs);
    child.kill('SIGTERM');
    const ended = await exited;
    await Promise.all(clients.map(({ done }) => done));
    const about = `seed ${seed}, round ${round}, ended after ${waitedMs} ms: ${said.slice(-2_000)}`;
    if (process.env['TERMINATION_ROUNDS']) writeFileSync(join(tmpdir(), `termination-${name}-${round}.log`), `${about}\n${said}`);
    expect(ended, about).toEqual([0, null]);
    expect(clients.flatMap(({ log }) => log.failures), about).toEqual([]);
    expect(said, about).toContain('stopping');
    answered += clients.reduce((sum, { log }) => sum + log.answered, 0);
  }
  expect(answered, `seed ${seed}`).toBeGreaterThan(0);
}, 120_000);
