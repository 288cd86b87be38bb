/** With a containerd of its own, in a network namespace of its own. Skipped where that cannot run. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeHost } from '../host/node/index.ts';
import { busyboxImage } from '../images/busybox.ts';
import { pauseImage, pauseImageName } from '../images/pause.ts';
import { runtimeConformance } from './conformance.ts';
import { startTestContainerd } from './containerd-harness.ts';
import { grpcRuntime } from './grpc.ts';
import { rpcMessage } from './runtime.ts';

const host = nodeHost({ logLevel: 'error' });
const can = process.getuid?.() === 0 && existsSync('/usr/bin/containerd') && existsSync('/usr/lib/cni/bridge') && existsSync('/bin/busybox');
if (!can) console.warn('containerd tests skipped: they need root, containerd, the CNI plug-ins and busybox');

async function makeContainerd(): Promise<Parameters<typeof runtimeConformance>[1] extends () => Promise<infer U> ? U : never> {
  const folder = mkdtempSync(join(tmpdir(), 'kubets-cri-'));
  const archives = [(await pauseImage('amd64', [pauseImageName])).archive, (await busyboxImage(host, { names: ['docker.io/library/busybox:1'] })).archive];
  const containerd = await startTestContainerd(host, { folder, archives, sandboxImage: pauseImageName });
  return {
    runtime: containerd.runtime,
    clock: host.clock,
    image: 'docker.io/library/busybox:1',
    missingImage: 'localhost:1/no/such:1',
    logDirectory: `${folder}/logs`,
    forever: { command: ['sleep', '1000'] },
    exits: (code) => ({ command: ['sh', '-c', `exit ${code}`] }),
    stubborn: { config: { command: ['sh', '-c', 'trap "" TERM; while true; do sleep 1; done'] } },
    cgroupParent: containerd.cgroupParent,
    async cleanUp() {
      await containerd.stop();
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder);
      expect(existsSync(folder)).toBe(false);
      expect(existsSync(containerd.netns)).toBe(false);
      for (const hierarchy of readdirSync('/sys/fs/cgroup')) expect(existsSync(`/sys/fs/cgroup/${hierarchy}${containerd.cgroupParent}`)).toBe(false);
    },
  };
}

if (can) runtimeConformance('containerd over gRPC', makeContainerd);

describe('the gRPC client without a runtime', () => {
  test('gives up by name when no runtime answers in time', async () => {
    const runtime = grpcRuntime(host, { endpoint: 'unix:///nowhere/containerd.sock', startupTimeoutMs: 300 });
    const error: unknown = await runtime.version().catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'RuntimeError', verb: 'Version', code: 'Unavailable' });
    expect(rpcMessage(error)).toMatch(/^rpc error: code = Unavailable desc = /);
    await runtime.close();
    await expect(runtime.status()).rejects.toMatchObject({ code: 'Canceled' });
  });

  test('refuses an endpoint that is not a unix socket', () => {
    expect(() => grpcRuntime(host, { endpoint: 'tcp://1.2.3.4:5' })).toThrow('"tcp://1.2.3.4:5" is not supported');
  });
});
