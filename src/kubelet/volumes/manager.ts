/** The volumes of pods: made before containers start, kept up to date while they run, gone without a trace afterwards. */
import { allContainers } from '../../api/core/v1/pods.ts';
import type { Pod, Volume } from '../../api/core/v1/types.ts';
import { ConfigMaps, PersistentVolumeClaims, Secrets } from '../../api/resources.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { isNotFound } from '../../api/meta/status.ts';
import type { KubeletContext } from '../config.ts';
import type { PodFacts } from '../fields.ts';
import { FollowedObjects } from '../followed-objects.ts';
import type { PodPaths } from '../names.ts';
import type { ObjectCache } from '../objects.ts';
import { volumeKindOf } from './index.ts';
import { Mounts } from './mounts.ts';
import { prepareSubPath } from './sub-path.ts';
import { TokenSource } from './tokens.ts';
import type { ReadyVolume } from './types.ts';

/** A hollow node looks whether objects are there, not what is in them: it need not ask each time. */
const hollowMaxAgeMs = 30_000;

/** A volume of a pod could not be made. */
export class VolumeError extends Error {
  readonly volume: string;
  constructor(volume: string, cause: unknown) {
    super(`MountVolume.SetUp failed for volume "${volume}" : ${(cause as Error)?.message ?? String(cause)}`, { cause });
    this.name = 'VolumeError';
    this.volume = volume;
  }
}

/** Volumes that some container mounts: no others are made. */
export function mountedVolumes(pod: Pod): Volume[] {
  const names = new Set(allContainers(pod).flatMap((c) => (c.volumeMounts ?? []).map((m) => m.name)));
  return (pod.spec?.volumes ?? []).filter((volume) => names.has(volume.name));
}

export class VolumeManager {
  readonly #context: KubeletContext;
  readonly #paths: PodPaths;
  readonly #objects: ObjectCache;
  readonly #tokens: TokenSource;
  readonly #followed: FollowedObjects;
  /** The end of what is being done to a pod's volumes, by uid: two at once would write the same folders. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #mounts: Mounts;
  #memoryReady: Promise<void> | undefined;

  constructor(context: KubeletContext, paths: PodPaths, objects: ObjectCache) {
    this.#context = context;
    this.#paths = paths;
    this.#objects = objects;
    this.#tokens = new TokenSource(context.client, context.host.clock);
    this.#followed = new FollowedObjects(context.host, context.client, objects);
    this.#mounts = new Mounts(context.host);
  }

  /** Whether the pod has volumes that follow objects of the API. */
  changes(pod: Pod): boolean {
    return !this.#context.hollow && mountedVolumes(pod).some((volume) => volumeKindOf(volume).changes?.(volume) === true);
  }

  /** Calls `changed` whenever a ConfigMap or Secret in the pod's volumes is not what they were filled with, or has come into being. */
  follow(pod: Pod, changed: () => void): void {
    if (this.#context.hollow) return;
    const sources = mountedVolumes(pod).flatMap((volume) => volumeKindOf(volume).follows?.(volume) ?? []).filter(({ name }) => name !== '');
    const resources = { ConfigMap: ConfigMaps as unknown as Resource, Secret: Secrets as unknown as Resource };
    this.#followed.follow(pod.metadata.uid!, sources.map(({ kind, name }) => ({ resource: resources[kind], namespace: pod.metadata.namespace!, name })), changed);
  }

  /** Follows the objects of this pod no more. */
  unfollow(uid: string): void {
    this.#followed.forget(uid);
  }

  /** Makes all volumes, or brings them up to date. Rejects with VolumeError for the first that fails; the others are made all the same. */
  async setUp(pod: Pod, facts: PodFacts, options: { onlyChanging?: boolean } = {}): Promise<Map<string, ReadyVolume>> {
    if (this.#context.hollow) return this.#pretend(pod);
    await this.#prepareMemory();
    const uid = pod.metadata.uid!;
    const turn = (this.#turns.get(uid) ?? Promise.resolve()).then(() => this.#make(pod, facts, options));
    const settled = turn.catch(() => undefined);
    this.#turns.set(uid, settled);
    void settled.then(() => this.#turns.get(uid) === settled && this.#turns.delete(uid));
    return turn;
  }

  async #make(pod: Pod, facts: PodFacts, options: { onlyChanging?: boolean }): Promise<Map<string, ReadyVolume>> {
    const inputs = { context: this.#context, paths: this.#paths, objects: this.#objects, tokens: this.#tokens, mounts: this.#mounts, pod, facts, maxAgeMs: 0 };
    const ready = new Map<string, ReadyVolume>();
    const wanted = mountedVolumes(pod).filter((volume) => !options.onlyChanging || volumeKindOf(volume).changes?.(volume));
    const results = await Promise.allSettled(wanted.map(async (volume) => {
      try {
        ready.set(volume.name, await volumeKindOf(volume).setUp(inputs, volume));
      } catch (error) {
        throw new VolumeError(volume.name, error);
      }
    }));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return ready;
  }

  /** Hollow: what a volume needs must exist, that is all. */
  async #pretend(pod: Pod): Promise<Map<string, ReadyVolume>> {
    const { namespace } = pod.metadata;
    for (const volume of mountedVolumes(pod)) {
      try {
        const { configMap, secret, persistentVolumeClaim } = volume;
        if (configMap && !configMap.optional) await this.#objects.get(ConfigMaps, namespace, configMap.name ?? '', hollowMaxAgeMs);
        if (secret && !secret.optional) await this.#objects.get(Secrets, namespace, secret.secretName ?? '', hollowMaxAgeMs);
        if (persistentVolumeClaim) await this.#checkBound(namespace, persistentVolumeClaim.claimName);
      } catch (error) {
        throw new VolumeError(volume.name, error);
      }
    }
    return new Map(mountedVolumes(pod).map(({ name }) => [name, { hostPath: `/hollow/${name}` }]));
  }

  async #checkBound(namespace: string | undefined, name: string): Promise<void> {
    const claim = await this.#objects.get(PersistentVolumeClaims, namespace, name);
    if (claim.status?.phase !== 'Bound') throw new Error(`PVC "${name}" is not bound`);
  }

  /** Secrets and tokens never touch a disk: they lie on one memory file system of the node, a folder a pod. */
  #prepareMemory(): Promise<void> {
    this.#memoryReady ??= (async () => {
      await this.#context.host.disk.mkdir(this.#paths.memory, 0o700);
      if (!(await this.#mounts.isMounted(this.#paths.memory))) await this.#mounts.tmpfs(this.#paths.memory, { mode: '0700' });
    })().catch((error: unknown) => {
      this.#memoryReady = undefined;
      throw new VolumeError('memory', error);
    });
    return this.#memoryReady;
  }

  /** Part of a volume, for the mount number `index` of a container. */
  subPath(pod: Pod, options: { container: string; volume: string; index: number; volumeRoot: string; subPath: string; readOnly: boolean }): Promise<string> {
    const target = `${this.#paths.subPaths(pod.metadata.uid!)}/${options.volume}/${options.container}/${options.index}`;
    return prepareSubPath({ disk: this.#context.host.disk, mounts: this.#mounts }, { volumeRoot: options.volumeRoot, subPath: options.subPath, target, readOnly: options.readOnly });
  }

  /** Removes all volumes and mounts of a pod whose containers have ended. */
  async tearDown(uid: string): Promise<void> {
    this.#tokens.forget(uid);
    this.unfollow(uid);
    if (this.#context.hollow) return;
    const { disk } = this.#context.host;
    await this.#mounts.unmountBelow(this.#paths.pod(uid));
    await disk.remove(this.#paths.subPaths(uid));
    await disk.remove(this.#paths.volumes(uid));
    await disk.remove(`${this.#paths.memory}/${uid}`);
  }

  /** Names of objects that a failed volume waits for: whether it is worth telling the user. */
  static isMissingObject(error: unknown): boolean {
    return error instanceof VolumeError && isNotFound(error.cause);
  }
}
