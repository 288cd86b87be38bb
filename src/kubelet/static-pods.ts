/** Pods that a node runs by itself, from manifests in a folder, and their mirrors in the API. */
import { createHash } from 'node:crypto';
import { decodeObject, parseYaml } from '../api/decode.ts';
import { applyDefaults } from '../api/defaults.ts';
import { computeQosClass } from '../api/core/v1/resources.ts';
import type { Node, Pod } from '../api/core/v1/types.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../api/meta/status.ts';
import { formatTime } from '../api/meta/time.ts';
import { Pods } from '../api/resources.ts';
import type { Running } from '../client/types.ts';
import type { KubeletContext } from './config.ts';
import { annotationNames } from './names.ts';

const schemaName = Pods.schema;
/** A burst of changes in the folder is looked at once. */
const settleMs = 100;

/** The pod that a manifest stands for on this node. Throws when it is none. */
export function staticPodOf(text: string, file: string, nodeName: string, nowMs: number): Pod {
  const { object, unknownFields } = decodeObject<Pod & Record<string, unknown>>(schemaName, parseYaml(text), { fieldValidation: 'Strict' });
  if (object.kind !== 'Pod') throw new Error(`"${file}" holds a ${String(object.kind)}, not a Pod`);
  if (unknownFields.length > 0) throw new Error(`"${file}": unknown field "${unknownFields.join('", "')}"`);
  applyDefaults(schemaName, object);
  if (!object.metadata.name) throw new Error(`"${file}": metadata.name: Required value`);
  if (!object.spec?.containers || object.spec.containers.length === 0) throw new Error(`"${file}": spec.containers: Required value`);
  const hash = createHash('md5').update(JSON.stringify([nodeName, file, object.metadata, object.spec])).digest('hex');
  return {
    ...object,
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...object.metadata,
      name: `${object.metadata.name}-${nodeName.toLowerCase()}`,
      namespace: object.metadata.namespace || 'default',
      uid: hash,
      annotations: { ...object.metadata.annotations, [annotationNames.configHash]: hash, [annotationNames.configSource]: 'file', [annotationNames.configSeen]: formatTime(nowMs) },
    },
    // Nothing drives it away: it is the node's own.
    spec: { ...object.spec, nodeName, tolerations: [...(object.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }] },
    status: { phase: 'Pending', qosClass: computeQosClass(object) },
  };
}

/** What the API shows of a static pod. */
export function mirrorOf(pod: Pod, node: Node | undefined): Pod {
  const { uid, ...metadata } = pod.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [annotationNames.configMirror]: uid! },
      ...(node ? { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.metadata.name!, uid: node.metadata.uid!, controller: true }] } : {}),
    },
    spec: pod.spec!,
  };
}

export interface StaticPodListener {
  apply(pod: Pod): void;
  remove(uid: string): void;
}

/** Follows the folder. */
export class StaticPods implements Running {
  readonly #context: KubeletContext;
  readonly #folder: string;
  readonly #listener: StaticPodListener;
  /** By uid. */
  #pods = new Map<string, Pod>();
  /** By `namespace/name`. */
  readonly #mirrors = new Map<string, Pod>();
  readonly #abort = new AbortController();
  #watcher: { close(): void } | undefined;
  #wake: () => void = () => undefined;
  #loop: Promise<void> | undefined;

  constructor(context: KubeletContext, folder: string, listener: StaticPodListener) {
    this.#context = context;
    this.#folder = folder;
    this.#listener = listener;
  }

  /** The folder has been read when it resolves. */
  async start(): Promise<void> {
    await this.#context.host.disk.mkdir(this.#folder);
    await this.#read();
    this.#watcher = this.#context.host.disk.watch(this.#folder, () => this.#wake());
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#watcher?.close();
    await this.#loop;
  }

  mirror(pod: Pod): Pod | undefined {
    return this.#mirrors.get(`${pod.metadata.namespace}/${pod.metadata.name}`);
  }

  async #run(): Promise<void> {
    const { host, timing } = this.#context;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const sleep = new AbortController();
      const stop = (): void => sleep.abort();
      signal.addEventListener('abort', stop, { once: true });
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await Promise.race([host.clock.sleep(timing.staticPodsMs, sleep.signal), woken]);
      sleep.abort();
      signal.removeEventListener('abort', stop);
      await host.clock.sleep(settleMs, signal);
      if (signal.aborted) return;
      await this.#read();
      await this.syncMirrors();
    }
  }

  async #read(): Promise<void> {
    const { host, config } = this.#context;
    const found = new Map<string, Pod>();
    for (const name of await host.disk.list(this.#folder)) {
      if (name.startsWith('.') || !/\.(ya?ml|json)$/.test(name)) continue;
      try {
        const pod = staticPodOf(await host.disk.readText(`${this.#folder}/${name}`), name, config.nodeName, host.clock.now());
        found.set(pod.metadata.uid!, pod);
      } catch (error) {
        host.log.error('manifest of a static pod cannot be used', { file: `${this.#folder}/${name}`, error: (error as Error).message });
      }
    }
    const before = this.#pods;
    this.#pods = found;
    for (const uid of before.keys()) if (!found.has(uid)) this.#listener.remove(uid);
    for (const [uid, pod] of found) if (!before.has(uid)) this.#listener.apply(pod);
  }

  /** The API's picture of a mirror, or its end. Returns the uid of the static pod that it shows. */
  observe(mirror: Pod, isGone: boolean): string | undefined {
    const key = `${mirror.metadata.namespace}/${mirror.metadata.name}`;
    if (isGone) this.#mirrors.delete(key);
    else this.#mirrors.set(key, mirror);
    const uid = mirror.metadata.annotations?.[annotationNames.configMirror];
    if (isGone || uid === undefined || !this.#pods.has(uid) || mirror.metadata.deletionTimestamp) this.#wake();
    return uid !== undefined && this.#pods.has(uid) ? uid : undefined;
  }

  /** Makes missing mirrors and removes those of pods that are not there any more. */
  async syncMirrors(node?: Node): Promise<void> {
    const { client, host } = this.#context;
    try {
      for (const mirror of Array.from(this.#mirrors.values())) {
        const uid = mirror.metadata.annotations?.[annotationNames.configMirror] ?? '';
        if (this.#pods.has(uid) && !mirror.metadata.deletionTimestamp) continue;
        await client.of(Pods).inNamespace(mirror.metadata.namespace!).delete(mirror.metadata.name!, { gracePeriodSeconds: 0, preconditions: { uid: mirror.metadata.uid! } }).catch((error: unknown) => {
          if (!isNotFound(error) && !isConflict(error)) throw error;
        });
      }
      for (const pod of this.#pods.values()) {
        if (this.mirror(pod)) continue;
        await client.of(Pods).inNamespace(pod.metadata.namespace!).create(mirrorOf(pod, node)).catch((error: unknown) => {
          if (!isAlreadyExists(error)) throw error;
        });
      }
    } catch (error) {
      host.log.warn('mirror pods not written', { error: (error as Error)?.message ?? String(error) });
    }
  }
}
