/** For tests: what every ContainerRuntime must do, as far as the kubelet relies on it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../host/types.ts';
import { RuntimeError, type ContainerConfig, type ContainerRuntime, type SandboxConfig } from './runtime.ts';

/** A runtime to test, and how to make its containers behave. */
export interface RuntimeUnderTest {
  runtime: ContainerRuntime;
  clock: Clock;
  /** An image that is on the node or can be pulled. */
  image: string;
  /** An image that is neither. */
  missingImage: string;
  logDirectory: string;
  /** Config parts of a container that runs until it is stopped, one that ends at once with the code, and one that must be killed. */
  forever: Partial<ContainerConfig>;
  exits(code: number): Partial<ContainerConfig>;
  stubborn: { config: Partial<ContainerConfig>; annotations?: Record<string, string> };
  cgroupParent?: string;
  cleanUp(): Promise<void>;
}

const pollMs = 20;

async function eventually(clock: Clock, what: string, condition: () => Promise<boolean>, limitMs = 10_000): Promise<void> {
  const deadline = clock.monotonic() + limitMs;
  while (!(await condition())) {
    if (clock.monotonic() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await clock.sleep(pollMs);
  }
}

/** Runs the suite against the runtime that `make` yields. */
export function runtimeConformance(name: string, make: () => Promise<RuntimeUnderTest>): void {
  describe(`runtime conformance: ${name}`, () => {
    let under: RuntimeUnderTest;
    let runtime: ContainerRuntime;
    let count = 0;

    beforeAll(async () => {
      under = await make();
      runtime = under.runtime;
    }, 60_000);
    afterAll(async () => under?.cleanUp(), 60_000);

    function sandboxConfig(annotations: Record<string, string> = {}): SandboxConfig {
      const uid = `uid-${++count}`;
      return {
        metadata: { name: `pod-${count}`, uid, namespace: 'default', attempt: 0 },
        hostname: `pod-${count}`,
        logDirectory: `${under.logDirectory}/${uid}`,
        labels: { 'io.kubernetes.pod.uid': uid },
        annotations,
        linux: { cgroupParent: under.cgroupParent ?? '', securityContext: { namespaceOptions: { network: 'pod', pid: 'container', ipc: 'pod' } } },
      };
    }

    async function start(sandbox: string, config: SandboxConfig, container: Partial<ContainerConfig>, containerName = 'main', attempt = 0): Promise<string> {
      const id = await runtime.createContainer(sandbox, {
        metadata: { name: containerName, attempt },
        image: { image: under.image, userSpecifiedImage: under.image },
        labels: { ...config.labels, 'io.kubernetes.container.name': containerName },
        annotations: { 'io.kubernetes.container.restartCount': String(attempt) },
        logPath: `${containerName}-${attempt}.log`,
        linux: { resources: {}, securityContext: { namespaceOptions: { network: 'pod', pid: 'container', ipc: 'pod' } } },
        ...container,
      }, config);
      await runtime.startContainer(id);
      return id;
    }

    test('says who it is and that it is ready', async () => {
      await runtime.ready();
      expect((await runtime.version()).runtimeApiVersion).toBe('v1');
      const { conditions } = await runtime.status();
      expect(conditions.map((c) => [c.type, c.status])).toEqual([['RuntimeReady', true], ['NetworkReady', true]]);
    });

    test('pulls an image, lists it, and does not find a missing one', async () => {
      if (!(await runtime.imageStatus(under.image))) await runtime.pullImage(under.image);
      const image = await runtime.imageStatus(under.image);
      expect(image?.id).toMatch(/^sha256:/);
      expect((await runtime.listImages()).map((i) => i.id)).toContain(image!.id);
      expect(await runtime.imageStatus(under.missingImage)).toBeUndefined();
      await expect(runtime.pullImage(under.missingImage)).rejects.toBeInstanceOf(RuntimeError);
      expect((await runtime.imageFsInfo()).images.length).toBeGreaterThan(0);
    });

    test('runs a sandbox with an address of its own, stops it, forgets it', async () => {
      const configs = [sandboxConfig(), sandboxConfig()];
      const ids = await Promise.all(configs.map((config) => runtime.runPodSandbox(config)));
      const statuses = await Promise.all(ids.map((id) => runtime.podSandboxStatus(id)));
      const addresses = statuses.map((s) => s.network?.ip ?? '');
      expect(addresses.every((a) => a !== '')).toBe(true);
      expect(new Set(addresses).size).toBe(2);
      expect(statuses[0]).toMatchObject({ state: 'ready', metadata: configs[0]!.metadata, labels: configs[0]!.labels });
      expect((await runtime.listPodSandboxes({ labelSelector: configs[0]!.labels })).map((s) => s.id)).toEqual([ids[0]]);
      expect((await runtime.listPodSandboxes({ state: 'ready' })).length).toBeGreaterThanOrEqual(2);
      for (const id of ids) {
        await runtime.stopPodSandbox(id);
        expect((await runtime.podSandboxStatus(id)).state).toBe('notReady');
        await runtime.stopPodSandbox(id);
        await runtime.removePodSandbox(id);
        await runtime.removePodSandbox(id);
        await expect(runtime.podSandboxStatus(id)).rejects.toMatchObject({ name: 'RuntimeError', code: 'NotFound' });
      }
    }, 60_000);

    test('runs a container from created over running to exited', async () => {
      const config = sandboxConfig();
      const sandbox = await runtime.runPodSandbox(config);
      const id = await start(sandbox, config, under.forever);
      const running = await runtime.containerStatus(id);
      expect(running).toMatchObject({ state: 'running', metadata: { name: 'main', attempt: 0 }, finishedAt: 0, exitCode: 0 });
      expect(running.startedAt).toBeGreaterThan(0);
      expect(Math.abs(running.startedAt - under.clock.now())).toBeLessThan(60_000);
      expect(running.annotations).toMatchObject({ 'io.kubernetes.container.restartCount': '0' });
      expect((await runtime.listContainers({ podSandboxId: sandbox, state: 'running' })).map((c) => c.id)).toEqual([id]);
      expect((await runtime.listContainers({ labelSelector: { ...config.labels, 'io.kubernetes.container.name': 'other' } }))).toEqual([]);
      await runtime.stopContainer(id, 1);
      const ended = await runtime.containerStatus(id);
      expect(ended.state).toBe('exited');
      expect(ended.finishedAt).toBeGreaterThan(0);
      expect(ended.exitCode).not.toBe(0);
      await runtime.stopContainer(id, 1);
      await runtime.removeContainer(id);
      await runtime.removeContainer(id);
      await expect(runtime.containerStatus(id)).rejects.toMatchObject({ code: 'NotFound' });
      await runtime.stopPodSandbox(sandbox);
      await runtime.removePodSandbox(sandbox);
    }, 60_000);

    test.each([[0, 'Completed'], [3, 'Error']])('reports exit code %i as %s', async (code, reason) => {
      const config = sandboxConfig();
      const sandbox = await runtime.runPodSandbox(config);
      const id = await start(sandbox, config, under.exits(code));
      await eventually(under.clock, 'the container ends', async () => (await runtime.containerStatus(id)).state === 'exited');
      expect(await runtime.containerStatus(id)).toMatchObject({ exitCode: code, reason });
      // The next attempt lives beside the ended one.
      const again = await start(sandbox, config, under.forever, 'main', 1);
      expect(again).not.toBe(id);
      expect(await runtime.listContainers({ podSandboxId: sandbox })).toHaveLength(2);
      await runtime.stopPodSandbox(sandbox);
      await eventually(under.clock, 'stopping the sandbox ends its containers', async () => (await runtime.containerStatus(again)).state === 'exited');
      await runtime.removePodSandbox(sandbox);
      expect(await runtime.listContainers({ podSandboxId: sandbox })).toEqual([]);
    }, 60_000);

    test('kills a container that does not want to end, when its time is over or was shortened', async () => {
      const config = sandboxConfig(under.stubborn.annotations);
      const sandbox = await runtime.runPodSandbox(config);
      const id = await start(sandbox, config, under.stubborn.config);
      const before = under.clock.monotonic();
      const slow = runtime.stopContainer(id, 60);
      await under.clock.sleep(200);
      await runtime.stopContainer(id, 1);
      await slow;
      expect(under.clock.monotonic() - before).toBeLessThan(10_000);
      expect((await runtime.containerStatus(id)).exitCode).toBe(137);
      await runtime.stopPodSandbox(sandbox);
      await runtime.removePodSandbox(sandbox);
    }, 60_000);

    test('executes in a running container, and refuses elsewhere', async () => {
      const config = sandboxConfig();
      const sandbox = await runtime.runPodSandbox(config);
      const id = await start(sandbox, config, under.forever);
      expect((await runtime.execSync(id, ['true'], 5)).exitCode).toBe(0);
      await runtime.stopContainer(id, 1);
      await expect(runtime.execSync(id, ['true'], 5)).rejects.toBeInstanceOf(RuntimeError);
      await expect(runtime.execSync('0'.repeat(64), ['true'], 5)).rejects.toMatchObject({ code: 'NotFound' });
      await runtime.stopPodSandbox(sandbox);
      await runtime.removePodSandbox(sandbox);
    }, 60_000);

    test('counts what containers use', async () => {
      const config = sandboxConfig();
      const sandbox = await runtime.runPodSandbox(config);
      const id = await start(sandbox, config, under.forever);
      const stats = await runtime.containerStats(id);
      expect(stats.attributes?.id).toBe(id);
      expect(stats.cpu?.usageCoreNanoSeconds).toBeGreaterThanOrEqual(0);
      expect((await runtime.listContainerStats({ podSandboxId: sandbox })).map((s) => s.attributes?.id)).toContain(id);
      await runtime.stopPodSandbox(sandbox);
      await runtime.removePodSandbox(sandbox);
    }, 60_000);

    test('tells of changes, where it offers that', async () => {
      const seen: string[] = [];
      const subscription = await runtime.subscribe((event) => seen.push(event.podUid ?? ''));
      if (!subscription) return;
      const config = sandboxConfig();
      const sandbox = await runtime.runPodSandbox(config);
      const id = await start(sandbox, config, under.exits(0));
      await eventually(under.clock, 'an event about the pod', async () => seen.includes(config.metadata.uid) && (await runtime.containerStatus(id)).state === 'exited');
      subscription.close();
      await subscription.ended;
      await runtime.stopPodSandbox(sandbox);
      await runtime.removePodSandbox(sandbox);
    }, 60_000);
  });
}
