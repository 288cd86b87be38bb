/** The control groups of pods, on cgroup v1 (one tree a controller) and v2 (one tree). What lies below a pod's group is the runtime's. */
import type { Pod } from '../api/core/v1/types.ts';
import type { Host } from '../host/types.ts';
import { cpuPeriodUs, podCgroupLimits, podCgroupPath, type PodCgroupLimits } from './resources.ts';

const mountPoint = '/sys/fs/cgroup';
/** v1: the trees that the kubelet writes limits in. The runtime makes its groups in all the others by itself. */
const limitedControllers = ['cpu', 'memory'];
const removeAttempts = 50;
const removePollMs = 20;

type Needs = Pick<Host, 'disk' | 'clock' | 'log'>;

/** v2 takes a weight from 1 to 10000 where v1 has shares from 2 to 262144. */
export function weightOfShares(shares: number): number {
  return Math.floor(1 + ((shares - 2) * 9999) / 262_142);
}

/** Writes limits of a group: file name to content. */
export function v1Files(controller: string, limits: PodCgroupLimits): Record<string, string> {
  if (controller === 'cpu') {
    return {
      'cpu.shares': String(limits.cpuShares),
      ...(limits.cpuQuotaUs === undefined ? {} : { 'cpu.cfs_period_us': String(cpuPeriodUs), 'cpu.cfs_quota_us': String(limits.cpuQuotaUs) }),
    };
  }
  return limits.memoryBytes === undefined ? {} : { 'memory.limit_in_bytes': String(limits.memoryBytes) };
}

export function v2Files(limits: PodCgroupLimits): Record<string, string> {
  return {
    'cpu.weight': String(weightOfShares(limits.cpuShares)),
    'cpu.max': limits.cpuQuotaUs === undefined ? `max ${cpuPeriodUs}` : `${limits.cpuQuotaUs} ${cpuPeriodUs}`,
    'memory.max': limits.memoryBytes === undefined ? 'max' : String(limits.memoryBytes),
  };
}

export class Cgroups {
  readonly #host: Needs;
  readonly #root: string;
  #version: Promise<1 | 2> | undefined;
  #prepared: Promise<void> | undefined;

  constructor(host: Needs, cgroupRoot: string) {
    this.#host = host;
    this.#root = cgroupRoot;
  }

  /** 2 where the whole tree is one. A v2 tree beside v1 ones (`unified`) does not count: its controllers are v1's. */
  version(): Promise<1 | 2> {
    this.#version ??= this.#host.disk.stat(`${mountPoint}/cgroup.controllers`).then((found) => (found ? 2 : 1));
    return this.#version;
  }

  /** The trees a pod's group may lie in. */
  async #trees(): Promise<string[]> {
    if ((await this.version()) === 2) return [mountPoint];
    return (await this.#host.disk.list(mountPoint)).map((name) => `${mountPoint}/${name}`);
  }

  async #write(folder: string, files: Record<string, string>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      try {
        await this.#host.disk.write(`${folder}/${name}`, content);
      } catch (error) {
        // A controller that this machine has not got limits nothing; the container's own limits still hold.
        this.#host.log.debug('control group limit not written', { file: `${folder}/${name}`, error: String(error) });
      }
    }
  }

  /** v2: controllers are handed down level by level. */
  async #delegate(path: string): Promise<void> {
    const parts = path.split('/').filter(Boolean);
    for (let depth = 0; depth < parts.length; depth++) {
      const folder = [mountPoint, ...parts.slice(0, depth)].join('/');
      for (const controller of ['cpu', 'memory', 'pids', 'cpuset', 'io']) await this.#host.disk.write(`${folder}/cgroup.subtree_control`, `+${controller}`).catch(() => undefined);
      await this.#host.disk.mkdir(`${folder}/${parts[depth]}`);
    }
  }

  async #checkMounted(): Promise<void> {
    for (const controller of limitedControllers) {
      if (!(await this.#host.disk.stat(`${mountPoint}/${controller}`))) throw new Error(`no control groups of the controller "${controller}" are mounted at ${mountPoint}/${controller}`);
    }
  }

  /** The groups of the tiers: best effort yields to everybody. Made once. */
  #prepare(): Promise<void> {
    this.#prepared ??= (async () => {
      const root = `${this.#root === '/' ? '' : this.#root}/kubepods`;
      const version = await this.version();
      if (version === 1) await this.#checkMounted();
      for (const tier of [`${root}/burstable`, `${root}/besteffort`]) {
        if (version === 2) await this.#delegate(tier);
        else for (const controller of limitedControllers) await this.#host.disk.mkdir(`${mountPoint}/${controller}${tier}`);
      }
      if (version === 2) await this.#write(`${mountPoint}${root}/besteffort`, { 'cpu.weight': '1' });
      else await this.#write(`${mountPoint}/cpu${root}/besteffort`, { 'cpu.shares': '2' });
    })().catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  /** Makes the pod's group and sets its limits. Returns its path, which the runtime takes as parent of the containers. */
  async ensure(pod: Pod): Promise<string> {
    await this.#prepare();
    const path = podCgroupPath(this.#root, pod);
    const limits = podCgroupLimits(pod);
    if ((await this.version()) === 2) {
      await this.#delegate(path);
      await this.#write(mountPoint + path, v2Files(limits));
      return path;
    }
    await Promise.all(limitedControllers.map(async (controller) => {
      const folder = `${mountPoint}/${controller}${path}`;
      await this.#host.disk.mkdir(folder);
      await this.#write(folder, v1Files(controller, limits));
    }));
    return path;
  }

  /** Removes the pod's group in every tree. Everything in it must have ended; a moment's delay of the kernel is waited for. */
  async remove(pod: Pod): Promise<void> {
    const path = podCgroupPath(this.#root, pod);
    // A pod known from the runtime only has no specification that tells its tier.
    const isUnknown = (pod.spec?.containers ?? []).length === 0;
    const kubepods = `${this.#root === '/' ? '' : this.#root}/kubepods`;
    const paths = isUnknown ? ['', '/burstable', '/besteffort'].map((tier) => `${kubepods}${tier}/pod${pod.metadata.uid}`) : [path];
    for (const tree of await this.#trees()) for (const each of paths) await this.#removeTree(tree + each);
  }

  async #removeTree(folder: string): Promise<void> {
    const found = await this.#host.disk.stat(folder);
    if (found?.kind !== 'directory') return;
    for (const name of await this.#host.disk.list(folder).catch(() => [])) {
      if ((await this.#host.disk.stat(`${folder}/${name}`))?.kind === 'directory') await this.#removeTree(`${folder}/${name}`);
    }
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#host.disk.removeEmptyDirectory(folder);
      } catch (error) {
        if ((error as { code?: string }).code === 'ENOENT') return;
        if (attempt >= removeAttempts) {
          this.#host.log.warn('control group not removed', { folder, error: String(error) });
          return;
        }
      }
      await this.#host.clock.sleep(removePollMs);
    }
  }

  /** Processor time (ns) and memory (bytes) used by a group. */
  async usage(path: string): Promise<{ cpuNanos?: number; memoryBytes?: number; workingSetBytes?: number }> {
    const read = async (file: string): Promise<string> => this.#host.disk.readText(file).catch(() => '');
    const value = (text: string, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    if ((await this.version()) === 2) {
      const [cpu, memory, stat] = await Promise.all([read(`${mountPoint}${path}/cpu.stat`), read(`${mountPoint}${path}/memory.current`), read(`${mountPoint}${path}/memory.stat`)]);
      return usageOf(cpu === '' ? undefined : value(cpu, 'usage_usec') * 1000, memory, value(stat, 'inactive_file'));
    }
    const [cpu, memory, stat] = await Promise.all([read(`${mountPoint}/cpuacct${path}/cpuacct.usage`), read(`${mountPoint}/memory${path}/memory.usage_in_bytes`), read(`${mountPoint}/memory${path}/memory.stat`)]);
    return usageOf(cpu === '' ? undefined : Number(cpu), memory, value(stat, 'total_inactive_file'));
  }
}

function usageOf(cpuNanos: number | undefined, memory: string, inactiveBytes: number): { cpuNanos?: number; memoryBytes?: number; workingSetBytes?: number } {
  const memoryBytes = memory === '' ? undefined : Number(memory);
  return {
    ...(cpuNanos === undefined ? {} : { cpuNanos }),
    ...(memoryBytes === undefined ? {} : { memoryBytes, workingSetBytes: Math.max(0, memoryBytes - inactiveBytes) }),
  };
}
