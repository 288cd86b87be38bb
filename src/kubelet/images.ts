/** Getting images onto the node: pull policy, pull secrets, back-off. */
import type { Pod, Secret } from '../api/core/v1/types.ts';
import { Secrets } from '../api/resources.ts';
import { rpcMessage, type Image, type ImageAuth, type SandboxConfig } from '../cri/runtime.ts';
import { BackoffTable } from './backoff.ts';
import type { KubeletContext } from './config.ts';
import { credentialsFor } from './credentials.ts';
import { containerEvent, podEvent } from './events.ts';
import type { AnyContainer } from './names.ts';
import type { ObjectCache } from './objects.ts';

export type ImageErrorReason = 'ErrImagePull' | 'ImagePullBackOff' | 'ErrImageNeverPull' | 'InvalidImageName' | 'ImageInspectError' | 'RegistryUnavailable';

/** Why a container has no image. The message is shown in its status. */
export class ImageError extends Error {
  readonly reason: ImageErrorReason;
  /** When it is worth trying again. */
  readonly retryAtMs?: number;
  constructor(reason: ImageErrorReason, message: string, retryAtMs?: number) {
    super(message);
    this.name = 'ImageError';
    this.reason = reason;
    if (retryAtMs !== undefined) this.retryAtMs = retryAtMs;
  }
}

// https://github.com/distribution/reference: host[:port]/path[:tag][@digest]
const imageForm = /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;

/** The image with the tag `latest` where it names neither tag nor digest. */
export function withDefaultTag(image: string): string {
  if (!imageForm.test(image)) throw new ImageError('InvalidImageName', `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`);
  return /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${Math.round(ms) / 1000}s`;
}

export class ImagePuller {
  readonly #context: KubeletContext;
  readonly #objects: ObjectCache;
  readonly #backoff: BackoffTable;
  /** The last failure, shown while waiting. */
  readonly #failures = new Map<string, string>();
  /** One pull of an image serves all who wait for it. */
  readonly #pulling = new Map<string, Promise<string>>();

  constructor(context: KubeletContext, objects: ObjectCache) {
    this.#context = context;
    this.#objects = objects;
    this.#backoff = new BackoffTable(context.timing.imageBackoffBaseMs, context.timing.imageBackoffMaxMs);
  }

  /** The container's image, on the node. Rejects with ImageError. */
  async ensure(pod: Pod, container: AnyContainer, sandboxConfig: SandboxConfig): Promise<Image> {
    const image = withDefaultTag(container.image ?? '');
    const policy = container.imagePullPolicy ?? (image.endsWith(':latest') ? 'Always' : 'IfNotPresent');
    const present = await this.#inspect(image);
    if (present && policy !== 'Always') {
      containerEvent(this.#context, pod, container, 'Normal', 'Pulled', `Container image "${container.image}" already present on machine and can be accessed by the pod`);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image "${container.image}" is not present with pull policy of Never`;
      containerEvent(this.#context, pod, container, 'Warning', 'ErrImageNeverPull', message);
      throw new ImageError('ErrImageNeverPull', message, this.#context.host.clock.now() + this.#context.timing.imageBackoffBaseMs);
    }
    await this.#pull(pod, container, image, sandboxConfig);
    const pulled = await this.#inspect(image);
    if (!pulled) throw new ImageError('ImageInspectError', `Failed to inspect image "${container.image}" after it was pulled`);
    return pulled;
  }

  async #inspect(image: string): Promise<Image | undefined> {
    try {
      return await this.#context.runtime.imageStatus(image);
    } catch (error) {
      throw new ImageError('ImageInspectError', `Failed to inspect image "${image}": ${rpcMessage(error)}`);
    }
  }

  async #pull(pod: Pod, container: AnyContainer, image: string, sandboxConfig: SandboxConfig): Promise<void> {
    const { clock } = this.#context.host;
    const key = `${pod.metadata.uid}_${image}`;
    const now = clock.now();
    const failedAt = this.#failedAt.get(key) ?? now;
    const wait = this.#backoff.waiting(key, failedAt, now);
    if (wait) {
      const message = `Back-off pulling image "${container.image}"`;
      containerEvent(this.#context, pod, container, 'Normal', 'BackOff', message);
      throw new ImageError('ImagePullBackOff', `${message}: ErrImagePull: ${this.#failures.get(key) ?? ''}`, wait.untilMs);
    }
    containerEvent(this.#context, pod, container, 'Normal', 'Pulling', `Pulling image "${container.image}"`);
    try {
      await this.#pullShared(pod, image, sandboxConfig);
    } catch (error) {
      const message = rpcMessage(error);
      containerEvent(this.#context, pod, container, 'Warning', 'Failed', `Failed to pull image "${container.image}": ${message}`);
      const failed = clock.now();
      const delayMs = this.#backoff.raise(key, failed);
      this.#failedAt.set(key, failed);
      this.#failures.set(key, message);
      throw new ImageError('ErrImagePull', message, failed + Math.min(delayMs, this.#context.timing.imageBackoffBaseMs / 10));
    }
    this.#forget(key);
    const tookMs = clock.now() - now;
    const size = (await this.#inspect(image))?.size ?? 0;
    containerEvent(this.#context, pod, container, 'Normal', 'Pulled', `Successfully pulled image "${container.image}" in ${seconds(tookMs)} (${seconds(tookMs)} including waiting). Image size: ${size} bytes.`);
  }

  readonly #failedAt = new Map<string, number>();

  #forget(key: string): void {
    this.#backoff.clear(key);
    this.#failedAt.delete(key);
    this.#failures.delete(key);
  }

  /** Pods share a pull only where they bring no credentials of their own. */
  async #pullShared(pod: Pod, image: string, sandboxConfig: SandboxConfig): Promise<void> {
    const credentials = await this.#credentials(pod, image);
    if (credentials.length > 0) return this.#pullWith(image, credentials, sandboxConfig);
    let pulling = this.#pulling.get(image);
    if (!pulling) {
      pulling = this.#context.runtime.pullImage(image, undefined, sandboxConfig).finally(() => this.#pulling.delete(image));
      this.#pulling.set(image, pulling);
    }
    await pulling;
  }

  async #pullWith(image: string, credentials: readonly ImageAuth[], sandboxConfig: SandboxConfig): Promise<void> {
    const failures: unknown[] = [];
    for (const auth of [...credentials, undefined]) {
      try {
        await this.#context.runtime.pullImage(image, auth, sandboxConfig);
        return;
      } catch (error) {
        failures.push(error);
      }
    }
    throw failures[0];
  }

  async #credentials(pod: Pod, image: string): Promise<ImageAuth[]> {
    const names = (pod.spec?.imagePullSecrets ?? []).map(({ name }) => name ?? '').filter(Boolean);
    if (names.length === 0 || this.#context.hollow) return [];
    const found = await Promise.allSettled(names.map((name) => this.#objects.get(Secrets, pod.metadata.namespace, name)));
    const missing = names.filter((_, i) => found[i]!.status === 'rejected');
    if (missing.length > 0) podEvent(this.#context, pod, 'Warning', 'FailedToRetrieveImagePullSecret', `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`);
    const secrets: Secret[] = found.filter((r) => r.status === 'fulfilled').map((r) => r.value);
    return credentialsFor(image, secrets);
  }

  /** The pod is over. */
  forgetPod(uid: string): void {
    for (const key of this.#failedAt.keys()) if (key.startsWith(`${uid}_`)) this.#forget(key);
  }
}
