/** Starts real etcd members for tests: on loopback, with their data in a temporary directory. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../host/node/free-port.fixture.ts';

const BINARY = process.env['ETCD_BINARY'] ?? '/usr/bin/etcd';

/** Whether etcd is on this machine (Debian: etcd-server). Says so, loudly, where it is not. */
export function hasEtcd(what: string): boolean {
  try {
    execFileSync(BINARY, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(`SKIPPED: ${what}: there is no ${BINARY} on this machine (Debian: apt-get install etcd-server)`);
    return false;
  }
}

export interface EtcdTlsFiles {
  ca: string;
  cert: string;
  key: string;
}

/** A member that can be killed and started again on its data. */
export class EtcdMember {
  readonly name: string;
  readonly endpoint: string;
  readonly peer: string;
  readonly #directory: string;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  constructor(name: string, directory: string, ports: { client: number; peer: number }, options: { tls?: EtcdTlsFiles; args?: readonly string[] }) {
    this.name = name;
    this.endpoint = `${options.tls ? 'https' : 'http'}://127.0.0.1:${ports.client}`;
    this.peer = `http://127.0.0.1:${ports.peer}`;
    this.#directory = directory;
    const tls = options.tls ? ['--client-cert-auth', '--trusted-ca-file', options.tls.ca, '--cert-file', options.tls.cert, '--key-file', options.tls.key] : [];
    this.#args = [...tls, ...(options.args ?? [])];
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(cluster: string): void {
    this.#process = spawn(BINARY, [
      '--name', this.name, '--data-dir', this.#directory, '--listen-client-urls', this.endpoint, '--advertise-client-urls', this.endpoint,
      '--listen-peer-urls', this.peer, '--initial-advertise-peer-urls', this.peer, '--initial-cluster', cluster,
      '--heartbeat-interval', '50', '--election-timeout', '500', '--log-level', 'error', '--logger', 'zap', ...this.#args,
    ], { stdio: ['ignore', 'ignore', process.env['ETCD_LOG'] ? 'inherit' : 'ignore'] });
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }

  /** Stops it in its tracks, or lets it go on. */
  freeze(frozen: boolean): void {
    this.#process?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }
}

export class EtcdCluster {
  readonly members: readonly EtcdMember[];
  readonly #root: string;
  readonly #cluster: string;

  constructor(root: string, members: readonly EtcdMember[]) {
    this.#root = root;
    this.members = members;
    this.#cluster = members.map((member) => `${member.name}=${member.peer}`).join(',');
  }

  get endpoints(): string[] {
    return this.members.map((member) => member.endpoint);
  }

  start(member: EtcdMember): void {
    member.start(this.#cluster);
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** A cluster of `size` members, started; whoever connects waits for it. */
export async function startEtcd(size = 1, options: { tls?: EtcdTlsFiles; args?: readonly string[] } = {}): Promise<EtcdCluster> {
  const root = mkdtempSync(join(tmpdir(), 'kubets-etcd-'));
  const members: EtcdMember[] = [];
  for (let i = 0; i < size; i++) members.push(new EtcdMember(`m${i}`, join(root, `m${i}`), { client: await freePort(), peer: await freePort() }, options));
  const cluster = new EtcdCluster(root, members);
  for (const member of members) cluster.start(member);
  return cluster;
}
