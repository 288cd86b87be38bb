/**
 * A control plane that outlives its parts, on loopback: etcd with three members, and two each of API server, controller manager and scheduler. During a
 * rollout one of each is killed, always the one that leads where there is one. The rollout completes, what was acknowledged is there, no pod is made or
 * bound twice.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pod } from '../../src/api/core/v1/types.ts';
import { ConfigMaps, Deployments, Endpoints, Leases, Nodes, Pods, ReplicaSets, Services } from '../../src/api/resources.ts';
import { createClient, createInformers, httpTransport, type Client, type InformerFactory, type Running } from '../../src/client/index.ts';
import { nodeHost } from '../../src/host/node/index.ts';
import { kubeconfigFor, kubeconfigText } from '../../src/main/kubeconfig.ts';
import { createAuthority, createSigningKeys, issueCertificate, type KeyPair } from '../../src/pki/certificates.ts';
import { freePort } from '../../src/host/node/free-port.fixture.ts';
import { hasEtcd, startEtcd, type EtcdCluster } from '../../src/store/etcd.fixture.ts';
import { EtcdConnection } from '../../src/store/etcd/connection.ts';
import { METHODS } from '../../src/store/etcd/messages.ts';
import { readMessage } from '../../src/store/etcd/wire.ts';
import { startHollowNodes } from '../../src/testing/hollow-nodes.ts';
import { eventually, root } from './cluster.ts';

const host = nodeHost({ logLevel: 'error' });
const replicas = 24;
const nodes = ['a', 'b', 'c'].map((name, i) => ({ name, ip: `10.200.0.${i + 1}`, podCidr: `10.244.${i}.0/24` }));

/** Takes connections on loopback and hands each to the next server that accepts it. */
class Balancer {
  readonly #ports: number[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #next = 0;
  port = 0;

  constructor(ports: number[]) {
    this.#ports = ports;
    this.#server = createServer((client) => this.#hand(client, this.#ports.length));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as { port: number }).port;
  }

  #hand(client: Socket, tries: number): void {
    if (tries === 0) return void client.destroy();
    const upstream = connect(this.#ports[this.#next++ % this.#ports.length]!, '127.0.0.1');
    upstream.once('error', () => this.#hand(client, tries - 1));
    upstream.once('connect', () => {
      upstream.removeAllListeners('error');
      for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy()).on('close', () => { this.#sockets.delete(socket); other.destroy(); });
        socket.pipe(other);
      }
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => void this.#server.close(() => resolve()));
  }
}

/** Which member leads: each says its own number and the leader's. */
async function leadingMember(etcd: EtcdCluster): Promise<number> {
  const connection = new EtcdConnection({ endpoints: etcd.endpoints, clock: host.clock });
  try {
    for (let i = 0; i < etcd.members.length; i++) {
      const [own, leader] = await connection.ask(i, METHODS.status, Buffer.alloc(0), (bytes) => {
        const found = [0n, 0n] as [bigint, bigint];
        readMessage(bytes, (field, reader) => {
          if (field === 4) found[1] = BigInt.asUintN(64, reader.large());
          else if (field === 1) {
            readMessage(reader.bytes(), (inner, header) => {
              if (inner !== 2) return false;
              found[0] = BigInt.asUintN(64, header.large());
              return true;
            });
          } else return false;
          return true;
        });
        return found;
      }, 5_000);
      if (own === leader) return i;
    }
    throw new Error('no member leads');
  } finally {
    connection.close();
  }
}

describe.skipIf(!hasEtcd('the control plane that outlives its parts'))('a control plane of two, on etcd of three', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-ha-'));
  const parts = new Map<string, ChildProcess>();
  const said = new Map<string, string>();
  let etcd: EtcdCluster;
  let balancer: Balancer;
  let authority: KeyPair;
  let admin: Client;
  let informers: InformerFactory;
  let hollow: Running | undefined;
  const stopped = new Set<string>();

  const file = (name: string, content: string): string => {
    writeFileSync(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  const credentials = (commonName: string, ...organizations: string[]): Promise<KeyPair> => issueCertificate(authority, { commonName, organizations, usages: ['client'], nowMs: host.clock.now(), days: 1 });
  const clientAs = async (commonName: string, ...organizations: string[]): Promise<Client> =>
    createClient(httpTransport(host.net, { server: `https://127.0.0.1:${balancer.port}`, tls: { ca: authority.cert, ...(await credentials(commonName, ...organizations)) }, userAgent: 'ha' }));
  const start = (name: string, component: string, flags: readonly string[]): void => {
    const child = spawn(process.execPath, ['--no-warnings', join(root, 'dist/kubets.js'), component, ...flags], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    const note = (chunk: Buffer): void => void said.set(name, `${said.get(name) ?? ''}${chunk.toString()}`.slice(-6_000));
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    parts.set(name, child);
  };
  const kill = (name: string): void => {
    stopped.add(name);
    parts.get(name)!.kill('SIGKILL');
  };
  const until = (what: string, probe: () => Promise<boolean>, limitMs = 60_000): Promise<boolean> => eventually(what, async () => {
    for (const [name, child] of parts) if (child.exitCode !== null && !stopped.has(name)) throw new Error(`${name} ended with ${child.exitCode}: ${said.get(name)}`);
    return probe();
  }, limitMs);
  const manager = async (name: string, user: string, ...groups: string[]): Promise<string> => {
    const config = kubeconfigFor({ name, server: `https://127.0.0.1:${balancer.port}`, ca: authority.cert, credentials: await credentials(user, ...groups), user });
    return file(`${name}.kubeconfig`, kubeconfigText(config));
  };
  const leader = async (lease: string): Promise<string> => (await admin.of(Leases).inNamespace('kube-system').get(lease)).spec?.holderIdentity ?? '';

  beforeAll(async () => {
    await new Promise<void>((resolve, reject) => {
      spawn(process.execPath, ['--no-warnings', join(root, 'scripts/build.ts')], { cwd: root, stdio: 'ignore' }).once('exit', (code) => (code === 0 ? resolve() : reject(new Error('the bundle could not be built'))));
    });
    etcd = await startEtcd(3);
    const ports = [await freePort(), await freePort()];
    balancer = new Balancer(ports);
    await balancer.start();
    const nowMs = host.clock.now();
    authority = await createAuthority({ commonName: 'ha', nowMs, days: 1 });
    const [serving, signing] = [await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 }), await createSigningKeys()];
    const [ca, cert, key] = [file('ca.crt', authority.cert), file('apiserver.crt', serving.cert), file('apiserver.key', serving.key)];
    const [accountKey, accountCert] = [file('account.key', signing.privateKey), file('account.pub', signing.publicKey)];
    for (const [i, port] of ports.entries()) {
      start(`apiserver-${i}`, 'apiserver', [
        '--etcd-servers', etcd.endpoints.join(','), '--bind-address', '127.0.0.1', '--secure-port', String(port), '--advertise-address', `192.0.2.${i + 1}`,
        '--tls-cert-file', cert, '--tls-private-key-file', key, '--client-ca-file', ca, '--service-account-key-file', accountCert, '--service-account-signing-key-file', accountKey,
      ]);
    }
    admin = await clientAs('admin', 'system:masters');
    await until('both API servers are endpoints', async () => ((await admin.of(Endpoints).inNamespace('default').get('kubernetes')).subsets?.[0]?.addresses ?? []).length === 2);
    for (const i of [0, 1]) {
      start(`controllers-${i}`, 'controller-manager', ['--kubeconfig', await manager(`controllers-${i}`, 'admin', 'system:masters')]);
      start(`scheduler-${i}`, 'scheduler', ['--kubeconfig', await manager(`scheduler-${i}`, 'system:kube-scheduler')]);
    }
    const clients = new Map<string, Client>();
    for (const { name } of nodes) clients.set(name, await clientAs(`system:node:${name}`, 'system:nodes'));
    hollow = await startHollowNodes({ host, nodes, clientFor: (node) => clients.get(node.name)! });
    informers = createInformers(host, admin);
    await until('nodes are there', async () => (await admin.of(Nodes).list()).items.length === nodes.length);
  }, 120_000);

  afterAll(async () => {
    await informers?.stop();
    await hollow?.stop();
    const exits = [...parts.values()].filter((child) => child.exitCode === null && child.signalCode === null).map((child) => new Promise((resolve) => { child.once('exit', resolve); child.kill('SIGKILL'); }));
    await Promise.all(exits);
    await balancer?.close();
    await etcd?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('one of each is killed during a rollout: it completes, every acknowledged write is there, no pod is made or bound twice', async () => {
    /** Every node that a pod was seen on, and pods that were seen at the same time, by owner. */
    const boundTo = new Map<string, Set<string>>();
    const pods = informers.of(Pods);
    pods.onEvent(({ object }) => {
      if (!object.spec?.nodeName) return;
      const seen = boundTo.get(object.metadata.uid!);
      if (seen) seen.add(object.spec.nodeName);
      else boundTo.set(object.metadata.uid!, new Set([object.spec.nodeName]));
    });
    informers.start();
    const deployments = admin.of(Deployments).inNamespace('default');
    await deployments.create({
      metadata: { name: 'web' },
      spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'one' }] } } },
    });
    const complete = async (): Promise<boolean> => {
      const { metadata, spec, status } = await deployments.get('web');
      return status?.observedGeneration === metadata.generation && status?.updatedReplicas === spec?.replicas && status?.availableReplicas === spec?.replicas && status?.replicas === spec?.replicas;
    };
    await until('the first pods are available', complete);

    const acknowledged: string[] = [];
    const addresses: string[] = [];
    let writing = true;
    const writers = Promise.all(Array.from({ length: 3 }, async (_, lane) => {
      for (let i = 0; writing; i++) {
        const name = `w-${lane}-${i}`;
        try {
          await admin.of(ConfigMaps).inNamespace('default').create({ metadata: { name }, data: { lane: String(lane) } });
          acknowledged.push(name);
          if (i % 10 === 0) {
            const service = await admin.of(Services).inNamespace('default').create({ metadata: { name }, spec: { type: 'NodePort', ports: [{ port: 80 }], selector: { app: 'web' } } });
            addresses.push(service.spec!.clusterIP!, `port ${service.spec!.ports![0]!.nodePort}`);
          }
        } catch {
          // Not acknowledged: it may be there or not.
        }
        await host.clock.sleep(20);
      }
    }));
    await deployments.patch('web', { spec: { template: { spec: { containers: [{ name: 'c', image: 'two' }] } } } });
    await until('the rollout is under way', async () => ((await deployments.get('web')).status?.updatedReplicas ?? 0) > 2);

    const leaders = { controllers: await leader('kube-controller-manager'), scheduler: await leader('kube-scheduler') };
    expect([leaders.controllers, leaders.scheduler].every(Boolean)).toBe(true);
    await etcd.members[await leadingMember(etcd)]!.stop('SIGKILL');
    kill('apiserver-0');
    // Both candidates have the same name of the machine in their identity; the one that leads says so in its log.
    const leads = (name: string): boolean => /leading|became leader|acquired/i.test(said.get(name) ?? '');
    kill(leads('controllers-1') && !leads('controllers-0') ? 'controllers-1' : 'controllers-0');
    kill(leads('scheduler-1') && !leads('scheduler-0') ? 'scheduler-1' : 'scheduler-0');

    await until('others lead', async () => (await leader('kube-controller-manager')) !== leaders.controllers && (await leader('kube-scheduler')) !== leaders.scheduler);
    await until('the rollout is complete', complete);
    writing = false;
    await writers;

    const there = new Set((await admin.of(ConfigMaps).inNamespace('default').list()).items.map(({ metadata }) => metadata.name!));
    expect(acknowledged.length).toBeGreaterThan(50);
    expect(acknowledged.filter((name) => !there.has(name))).toEqual([]);
    expect(addresses.length).toBeGreaterThan(4);
    expect(new Set(addresses).size).toBe(addresses.length);
    const living = (await admin.of(Pods).inNamespace('default').list()).items.filter((pod: Pod) => pod.metadata.deletionTimestamp === undefined);
    expect(living.map((pod) => pod.spec!.containers[0]!.image)).toEqual(Array.from({ length: replicas }, () => 'two'));
    const sets = (await admin.of(ReplicaSets).inNamespace('default').list()).items;
    expect(sets.map((set) => set.status?.replicas ?? 0).toSorted((a, b) => a - b)).toEqual([0, replicas]);
    expect([...boundTo.values()].filter((seen) => seen.size > 1)).toEqual([]);
    await until('the endpoint of the server that is gone is gone', async () => ((await admin.of(Endpoints).inNamespace('default').get('kubernetes')).subsets?.[0]?.addresses ?? []).map(({ ip }) => ip).join() === '192.0.2.2');
  }, 120_000);
});
