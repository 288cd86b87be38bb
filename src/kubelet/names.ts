/** Names that outlive the kubelet: labels and annotations in the runtime, folders on disk. Upstream's, so that either kubelet can adopt the other's pods. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Container, EphemeralContainer, Pod } from '../api/core/v1/types.ts';

export const labelNames = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
} as const;

export const annotationNames = {
  hash: 'io.kubernetes.container.hash',
  restartCount: 'io.kubernetes.container.restartCount',
  terminationMessagePath: 'io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
  terminationGracePeriod: 'io.kubernetes.pod.terminationGracePeriod',
  deletionGracePeriod: 'io.kubernetes.pod.deletionGracePeriod',
  preStopHandler: 'io.kubernetes.container.preStopHandler',
  configSource: 'kubernetes.io/config.source',
  configHash: 'kubernetes.io/config.hash',
  configSeen: 'kubernetes.io/config.seen',
  configMirror: 'kubernetes.io/config.mirror',
} as const;

export type AnyContainer = Container | EphemeralContainer;

/** Changes when the container must be replaced: its name or its image. */
export function containerHash(container: AnyContainer): string {
  return createHash('sha256').update(JSON.stringify([container.name, container.image ?? ''])).digest('hex').slice(0, 8);
}

/** `default/web-1`. */
export function podNameOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

/** `web-1_default(0b5e…)`: how messages name a pod. */
export function podFullName(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
}

/** Where a kubelet keeps what belongs to pods. */
export class PodPaths {
  readonly rootDir: string;
  readonly logsRoot: string;

  constructor(rootDir: string, logsRoot = join(rootDir, 'pod-logs')) {
    this.rootDir = rootDir;
    this.logsRoot = logsRoot;
  }

  get pods(): string {
    return join(this.rootDir, 'pods');
  }

  /** One memory file system for the content of all secrets and tokens of the node. */
  get memory(): string {
    return join(this.rootDir, 'memory');
  }

  pod(uid: string): string {
    return join(this.pods, uid);
  }

  volumes(uid: string): string {
    return join(this.pod(uid), 'volumes');
  }

  /** `plugin` as `kubernetes.io~empty-dir`. */
  volume(uid: string, plugin: string, name: string): string {
    return join(this.volumes(uid), plugin, name);
  }

  subPaths(uid: string): string {
    return join(this.pod(uid), 'volume-subpaths');
  }

  container(uid: string, name: string): string {
    return join(this.pod(uid), 'containers', name);
  }

  hostsFile(uid: string): string {
    return join(this.pod(uid), 'etc-hosts');
  }

  logs(namespace: string, name: string, uid: string): string {
    return join(this.logsRoot, `${namespace}_${name}_${uid}`);
  }

  logsOf(pod: Pod): string {
    return this.logs(pod.metadata.namespace!, pod.metadata.name!, pod.metadata.uid!);
  }
}
