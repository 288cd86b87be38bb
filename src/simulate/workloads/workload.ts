/** What a workload is: what somebody does with the cluster while faults strike. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Container, PodSpec } from '../../api/core/v1/types.ts';
import { isAlreadyExists, isNotFound, StatusError } from '../../api/meta/status.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { State } from '../commits.ts';
import type { World, WorldShape } from '../world.ts';

export interface Workload {
  readonly name: string;
  readonly what: string;
  readonly shape?: Partial<WorldShape>;
  /** How long faults strike, in virtual time. */
  readonly durationMs: number;
  /** Does its deeds; resolves when the last is done. */
  run(world: World): Promise<void>;
  /** What must be true at the end, beyond what checkers look at. */
  verify?(state: State, fail: (message: string) => void): void;
}

/** Attempts of one deed, and the wait between them. */
const attempts = 200;
const againMs = 1_000;

/** Does something, again and again while the API cannot be reached or somebody else was faster. What the server refuses for good is thrown. */
export async function act<T>(world: World, what: string, deed: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await deed();
    } catch (error) {
      const isFinal = error instanceof StatusError && [400, 401, 404, 405, 422].includes(error.status.code ?? 0);
      if (isFinal || attempt >= attempts) throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
      await world.clock.sleep(againMs);
    }
  }
}

/** Creates an object; that it is there already counts as done. */
export async function put<T extends KubeObject>(world: World, resource: Resource<T>, object: T): Promise<void> {
  await act(world, `create ${resource.kind} ${object.metadata.name}`, () => world.client.of(resource).create(object).then(() => undefined, (error: unknown) => {
    if (!isAlreadyExists(error)) throw error;
  }));
}

export async function change<T extends KubeObject>(world: World, resource: Resource<T>, namespace: string | undefined, name: string, patch: unknown): Promise<void> {
  const client = namespace === undefined ? world.client.of(resource) : world.client.of(resource).inNamespace(namespace);
  await act(world, `change ${resource.kind} ${name}`, () => client.patch(name, patch, { type: 'merge' }));
}

export async function remove<T extends KubeObject>(world: World, resource: Resource<T>, namespace: string | undefined, name: string, propagationPolicy: 'Orphan' | 'Background' | 'Foreground' = 'Background'): Promise<void> {
  const client = namespace === undefined ? world.client.of(resource) : world.client.of(resource).inNamespace(namespace);
  await act(world, `delete ${resource.kind} ${name}`, () => client.delete(name, { propagationPolicy }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  }));
}

export function container(image = 'hollow/app', cpu = '100m'): Container {
  return { name: 'main', image, resources: { requests: { cpu, memory: '64Mi' } } };
}

export function podSpec(image?: string, more: Partial<PodSpec> = {}): PodSpec {
  return { containers: [container(image)], terminationGracePeriodSeconds: 5, ...more };
}
