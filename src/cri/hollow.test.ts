import { describe, expect, test } from 'vitest';
import { seededRandom, virtualHost } from '../simulate/virtual-host.ts';
import { nodeHost } from '../host/node/index.ts';
import { runtimeConformance } from './conformance.ts';
import { hollowRuntime, type ContainerRuntime, type SandboxConfig } from './index.ts';

const real = nodeHost({ logLevel: 'error' });

runtimeConformance('hollow', async () => ({
  runtime: hollowRuntime({ clock: real.clock, random: seededRandom('conformance') }, { podCidr: '10.1.2.0/24' }),
  clock: real.clock,
  image: 'registry.example/app:1',
  missingImage: 'registry.example/hollow/missing:1',
  logDirectory: '/logs',
  forever: {},
  exits: (code) => ({ image: { image: 'registry.example/app:1', userSpecifiedImage: `hollow/exit:${code}` } }),
  stubborn: { config: {}, annotations: { 'kubets.dev/hollow-ignore-stop': 'true' } },
  cleanUp: async () => undefined,
}));

const sandbox = (name: string, annotations: Record<string, string> = {}): SandboxConfig => ({ metadata: { name, uid: name, namespace: 'd', attempt: 0 }, annotations });

describe('the hollow runtime', () => {
  const settle = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  async function history(seed: string): Promise<string[]> {
    const host = virtualHost({ seed, settle });
    const runtime = hollowRuntime(host, { podCidr: '10.0.0.0/28' });
    const lines: string[] = [];
    async function one(name: string): Promise<void> {
      const id = await runtime.runPodSandbox(sandbox(name));
      lines.push(`${host.clock.monotonic()} ${name} ${(await runtime.podSandboxStatus(id)).network?.ip} ${id.slice(0, 8)}`);
    }
    const all = Promise.all(['a', 'b', 'c'].map(one));
    await host.clock.advance(10_000);
    await all;
    return lines;
  }

  test('the same seed gives the same history, another seed another', async () => {
    expect(await history('one')).toEqual(await history('one'));
    expect(await history('one')).not.toEqual(await history('two'));
  });

  const noDelays = { sandboxDelayMs: [0, 0], pullDelayMs: [0, 0], startDelayMs: [0, 0], stopDelayMs: [0, 0] } as const;
  const make = (podCidr?: string): ContainerRuntime => hollowRuntime({ clock: real.clock, random: seededRandom('x') }, { ...noDelays, ...(podCidr ? { podCidr } : {}) });

  test('addresses are unique while held, come back after use, and run out by name', async () => {
    const runtime = make('10.0.0.0/29');
    const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => runtime.runPodSandbox(sandbox(name))));
    const addresses = await Promise.all(ids.map(async (id) => (await runtime.podSandboxStatus(id)).network?.ip));
    expect(addresses).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
    await expect(runtime.runPodSandbox(sandbox('f'))).rejects.toThrow(/no IP addresses available/);
    await runtime.stopPodSandbox(ids[2]!);
    await runtime.removePodSandbox(ids[2]!);
    expect((await runtime.podSandboxStatus(await runtime.runPodSandbox(sandbox('f')))).network?.ip).toBe('10.0.0.4');
  });

  test('without a range it is not ready for pods, save for those on the host network', async () => {
    const runtime = make();
    expect((await runtime.status()).conditions[1]).toMatchObject({ type: 'NetworkReady', status: false });
    await expect(runtime.runPodSandbox(sandbox('a'))).rejects.toThrow(/no pod address range/);
    await runtime.runPodSandbox({ ...sandbox('h'), linux: { securityContext: { namespaceOptions: { network: 'node' } } } });
    await runtime.updateRuntimeConfig('10.9.0.0/24');
    expect((await runtime.podSandboxStatus(await runtime.runPodSandbox(sandbox('a')))).network?.ip).toBe('10.9.0.2');
  });

  test.each([
    ['sandbox', 'RunPodSandbox'],
    ['pull', 'PullImage'],
    ['create', 'CreateContainer'],
    ['start', 'StartContainer'],
  ])('fails the step "%s" when an annotation asks for it', async (step, verb) => {
    const runtime = make('10.0.0.0/24');
    const config = sandbox('a', { 'kubets.dev/hollow-fail': step });
    const run = async (): Promise<void> => {
      const id = await runtime.runPodSandbox(config);
      await runtime.pullImage('app:1', undefined, config);
      await runtime.startContainer(await runtime.createContainer(id, { metadata: { name: 'c', attempt: 0 }, image: { image: 'app:1' } }, config));
    };
    await expect(run()).rejects.toMatchObject({ verb });
  });
});
