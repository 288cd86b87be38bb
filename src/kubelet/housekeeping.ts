/** Cleaning up behind pods: dead containers, images nobody uses, folders and control groups of pods that are gone, logs that grow too large. */
import type { Running } from '../client/types.ts';
import type { Container, Image } from '../cri/runtime.ts';
import { rotateLog } from './logs/index.ts';
import { labelNames } from './names.ts';
import type { KubeletParts } from './parts.ts';
import type { PodWorkers } from './pod-workers.ts';

/** Share of the images' disk in use above which images are removed, and down to which. */
const imageHighShare = 0.85;
const imageLowShare = 0.8;
/** An image that came a moment ago is about to be used. */
const imageMinAgeMs = 2 * 60_000;
/** Dead containers kept per name in a pod: the one whose log `--previous` shows. */
const deadContainersKept = 1;

/** Dead containers beyond those that are kept, by pod and name, the newest kept. Pure. */
export function superfluousContainers(containers: readonly Container[]): Container[] {
  const groups = new Map<string, Container[]>();
  for (const container of containers) {
    if (container.state === 'running' || container.state === 'created') continue;
    const key = `${container.labels[labelNames.podUid]}/${container.labels[labelNames.containerName]}`;
    groups.set(key, [...(groups.get(key) ?? []), container]);
  }
  return [...groups.values()].flatMap((group) => group.toSorted((a, b) => b.createdAt - a.createdAt).slice(deadContainersKept));
}

/** Unused images, those longest unused first. Pure. */
export function removableImages(images: readonly Image[], containers: readonly Container[], lastUsedMs: ReadonlyMap<string, number>, nowMs: number): Image[] {
  const used = new Set(containers.flatMap((c) => [c.imageId, c.imageRef, c.image.image]));
  return images
    .filter((image) => !image.pinned && !used.has(image.id) && ![...image.repoTags, ...image.repoDigests].some((name) => used.has(name)) && nowMs - (lastUsedMs.get(image.id) ?? nowMs) >= imageMinAgeMs)
    .toSorted((a, b) => lastUsedMs.get(a.id)! - lastUsedMs.get(b.id)!);
}

export class Housekeeper implements Running {
  readonly #parts: KubeletParts;
  readonly #workers: PodWorkers;
  readonly #sourcesKnown: () => boolean;
  readonly #abort = new AbortController();
  readonly #loops: Promise<void>[] = [];
  readonly #imageSeenMs = new Map<string, number>();

  constructor(parts: KubeletParts, workers: PodWorkers, sourcesKnown: () => boolean) {
    this.#parts = parts;
    this.#workers = workers;
    this.#sourcesKnown = sourcesKnown;
  }

  start(): void {
    const { timing } = this.#parts.context;
    this.#every(timing.containerGcMs, 'containers', () => this.collectContainers());
    this.#every(timing.imageGcMs, 'images', () => this.#collectImages());
    this.#every(timing.logRotateMs, 'logs', () => this.rotateLogs());
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#loops);
  }

  #every(periodMs: number, what: string, work: () => Promise<void>): void {
    const { host } = this.#parts.context;
    const loop = async (): Promise<void> => {
      for (;;) {
        await host.clock.sleep(periodMs, this.#abort.signal);
        if (this.#abort.signal.aborted) return;
        await work().catch((error: unknown) => host.log.warn(`${what} not cleaned up`, { error: (error as Error)?.message ?? String(error) }));
      }
    };
    this.#loops.push(loop());
  }

  /** Removes dead containers with their logs, and what is left on disk of pods that nobody knows. */
  async collectContainers(): Promise<void> {
    const { context, reader } = this.#parts;
    const { runtime, host } = context;
    const containers = await runtime.listContainers();
    for (const container of superfluousContainers(containers)) {
      const { logPath } = await runtime.containerStatus(container.id);
      await runtime.removeContainer(container.id);
      reader.forget(container.id);
      if (logPath) await this.#removeLogs(logPath);
    }
    if (this.#sourcesKnown()) await this.#removeOrphanFolders(new Set(containers.map((c) => c.labels[labelNames.podUid] ?? '')));
    host.log.debug('cleaned up', { containers: containers.length });
  }

  async #removeLogs(logPath: string): Promise<void> {
    const { disk } = this.#parts.context.host;
    const at = logPath.lastIndexOf('/');
    const [folder, file] = [logPath.slice(0, at), logPath.slice(at + 1)];
    for (const name of await disk.list(folder).catch(() => [])) if (name === file || name.startsWith(`${file}.`)) await disk.remove(`${folder}/${name}`);
  }

  async #removeOrphanFolders(inRuntime: ReadonlySet<string>): Promise<void> {
    const { paths, volumes, context } = this.#parts;
    const { disk } = context.host;
    const isKnown = (uid: string): boolean => inRuntime.has(uid) || this.#workers.get(uid) !== undefined;
    for (const uid of await disk.list(paths.pods).catch(() => [])) {
      if (isKnown(uid)) continue;
      await volumes.tearDown(uid);
      await disk.remove(paths.pod(uid));
    }
    for (const name of await disk.list(paths.logsRoot).catch(() => [])) {
      const uid = name.split('_').at(-1)!;
      if (!isKnown(uid)) await disk.remove(`${paths.logsRoot}/${name}`);
    }
  }

  async #collectImages(): Promise<void> {
    const { runtime, host } = this.#parts.context;
    const [images, containers, info] = await Promise.all([runtime.listImages(), runtime.listContainers(), runtime.imageFsInfo()]);
    const nowMs = host.clock.now();
    const used = new Set(containers.map((c) => c.imageId || c.imageRef));
    for (const image of images) if (used.has(image.id) || !this.#imageSeenMs.has(image.id)) this.#imageSeenMs.set(image.id, nowMs);
    const mountpoint = info.images[0]?.fsId?.mountpoint;
    if (!mountpoint) return;
    const usage = await host.disk.usage(mountpoint);
    const share = 1 - usage.freeBytes / usage.totalBytes;
    if (share < imageHighShare) return;
    let toFree = usage.totalBytes * (share - imageLowShare);
    for (const image of removableImages(images, containers, this.#imageSeenMs, nowMs)) {
      if (toFree <= 0) return;
      await runtime.removeImage(image.id);
      this.#imageSeenMs.delete(image.id);
      toFree -= image.size;
    }
  }

  /** Logs are looked for on disk: that costs less than asking the runtime about every container. */
  async rotateLogs(): Promise<void> {
    const { paths, context } = this.#parts;
    const { host, runtime } = context;
    for (const pod of await host.disk.list(paths.logsRoot).catch(() => [])) {
      for (const name of await host.disk.list(`${paths.logsRoot}/${pod}`).catch(() => [])) {
        const folder = `${paths.logsRoot}/${pod}/${name}`;
        for (const file of (await host.disk.list(folder).catch(() => [])).filter((f) => /^\d+\.log$/.test(f))) {
          await rotateLog(host, `${folder}/${file}`, async () => {
            const uid = pod.split('_').at(-1)!;
            const running = await runtime.listContainers({ state: 'running', labelSelector: { [labelNames.podUid]: uid, [labelNames.containerName]: name } });
            if (running[0]) await runtime.reopenContainerLog(running[0].id);
          });
        }
      }
    }
  }
}
