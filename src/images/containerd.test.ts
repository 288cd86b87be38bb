/** With a containerd of its own: what is built here must be what containerd loads, lists and runs. Skipped where that cannot run. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { busyboxImage } from './busybox.ts';
import { exportImage, importImage, listImages, removeImage } from './containerd.ts';
import { buildImage } from './oci.ts';
import { readImageArchive } from './archive.ts';
import { pauseImage } from './pause.ts';

const can = process.getuid?.() === 0 && existsSync('/usr/bin/containerd') && existsSync('/bin/busybox');
const host = nodeHost({ logLevel: 'error' });
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const folder = mkdtempSync(join(tmpdir(), 'kubets-ctr-'));
const access = { socket: join(folder, 'containerd.sock') };
let daemon: ChildProcess | undefined;

describe.runIf(can)('images in containerd', () => {
  beforeAll(async () => {
    writeFileSync(join(folder, 'config.toml'), `version = 2\nroot = "${folder}/root"\nstate = "${folder}/state"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "${access.socket}"\n[ttrpc]\n  address = "${access.socket}.ttrpc"\n`);
    daemon = spawn('containerd', ['--config', join(folder, 'config.toml')], { stdio: 'ignore' });
    for (let i = 0; i < 100; i++) {
      if (existsSync(access.socket) && (await host.exec.run('ctr', ['--address', access.socket, 'version'])).code === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('containerd did not start');
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => daemon?.once('exit', resolve));
    daemon?.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  test('the pause and the busybox image load under their names', async () => {
    const pause = await pauseImage(architecture);
    const busybox = await busyboxImage(host, { names: ['busybox', 'busybox:1.35'] });
    expect(await importImage(host, access, pause.archive)).toEqual(['registry.k8s.io/pause:3.10.1']);
    writeFileSync(join(folder, 'busybox.tar'), busybox.archive);
    expect((await importImage(host, access, join(folder, 'busybox.tar'))).toSorted()).toEqual(['docker.io/library/busybox:1.35', 'docker.io/library/busybox:latest']);
    const images = await listImages(host, access);
    expect(images.map((image) => [image.name, image.digest, image.platforms])).toEqual([
      ['docker.io/library/busybox:1.35', busybox.digest, [`linux/${architecture}`]],
      ['docker.io/library/busybox:latest', busybox.digest, [`linux/${architecture}`]],
      ['registry.k8s.io/pause:3.10.1', pause.digest, [`linux/${architecture}`]],
    ]);
  });

  test('a container of the busybox image runs its commands', async () => {
    const run = await host.exec.run('ctr', ['-a', access.socket, '-n', 'k8s.io', 'run', '--rm', '--runc-systemd-cgroup=false', 'docker.io/library/busybox:latest', 'kubets-images-test', 'sh', '-c', 'echo $(id -u) $(readlink /bin/ls)']);
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('0 busybox\n');
  });

  test('compressed layers load too, and come back by export', async () => {
    const files = new Map([['/data', { content: 'x'.repeat(10_000) }]]);
    const built = await buildImage(host, { files, config: { labels: { a: 'b' } }, names: ['local/data:v1'], architecture, gzip: true });
    await importImage(host, access, built.archive);
    await exportImage(host, access, 'local/data:v1', join(folder, 'data.tar'));
    const back = await readImageArchive(await host.disk.read(join(folder, 'data.tar')), architecture);
    expect(back.config.labels).toEqual({ a: 'b' });
    expect(back.names).toEqual(['docker.io/local/data:v1']);
    await removeImage(host, access, 'local/data:v1');
    expect((await listImages(host, access)).map((image) => image.name)).not.toContain('docker.io/local/data:v1');
  });

  test('a broken archive fails and says which tool refused it', async () => {
    await expect(importImage(host, access, Buffer.from('nonsense'))).rejects.toThrow('"ctr images import" failed');
  });
});
