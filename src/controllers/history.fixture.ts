/**
 * For tests only: random histories of a controller. Real controllers run on the virtual clock against the small API in memory, random acts of users and
 * kubelets go between, every change is held against the safety properties, and what is left at rest against the liveness properties.
 */
import fc from 'fast-check';
import type { Pod } from '../api/core/v1/types.ts';
import { isPodTerminal } from '../api/core/v1/pods.ts';
import { apiVersionOf, type Resource } from '../api/meta/resource.ts';
import { isNotFound, StatusError } from '../api/meta/status.ts';
import { formatTime } from '../api/meta/time.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { Events, Pods, RESOURCES } from '../api/resources.ts';
import type { ResourceClient } from '../client/types.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import type { ControllerSettings } from './context.ts';
import { fakeContext, type FakeContext } from './fake-context.ts';
import { controllers } from './index.ts';
import { promises, type Change, type Promised, type World } from './promises.ts';
import type { Safety } from './property.ts';
import { takesFinalizersOff } from './shared/fake-cluster.ts';

type Loose = Record<string, unknown> & { metadata?: object };

const kindOf: ReadonlyMap<string, Resource> = new Map(RESOURCES.map((resource) => [resource.plural, resource as Resource]));

/** The fake API as properties see it. */
function worldOf(context: FakeContext): World {
  return {
    list: (resource, namespace) => context.api.objects<never>(resource.plural).filter((object: KubeObject) => namespace === undefined || object.metadata.namespace === namespace),
    get: (resource, namespace, name) => context.api.object(resource.plural, namespace === undefined ? name : `${namespace}/${name}`),
    byUid: (uid) => RESOURCES.values().flatMap(({ plural }) => context.api.objects(plural)).find((object) => object.metadata.uid === uid),
    inNamespace: (name) => RESOURCES.filter(({ plural }) => plural !== Events.plural).flatMap(({ plural }) => context.api.objects(plural)).filter((object) => object.metadata.namespace === name),
    isHopeless: () => false,
    nowMs: () => context.host.clock.now(),
  };
}

/** Collects what the safety properties say of a change. */
function* brokenBy(properties: Promised, change: Change, plural: string, world: World): Generator<string> {
  for (const each of properties.safety as readonly Safety[]) {
    const message = each.of.plural === plural ? each.broken(change, world) : undefined;
    if (message !== undefined) yield `${each.name}: ${message}`;
  }
}

function* missingIn(properties: Promised, world: World): Generator<string> {
  for (const each of properties.liveness) for (const message of each.missing(world)) yield `${each.name}: ${message}`;
}

/** One history in the making. */
export class History {
  readonly host = virtualHost({ seed: 'history', settle: turn });
  readonly context: FakeContext;
  readonly world: World;
  readonly broken: string[] = [];

  constructor(properties: Promised, settings: Partial<ControllerSettings>) {
    this.context = fakeContext(this.host, settings);
    this.world = worldOf(this.context);
    const { api } = this.context;
    api.served = RESOURCES;
    const steps = takesFinalizersOff(this.context)!;
    api.intercept = (request) => steps(request);
    api.changed = ({ type, collection, object, old }) => {
      object.kind ??= kindOf.get(collection)?.kind;
      const change: Change = { type: type === 'ADDED' ? 'created' : type === 'DELETED' ? 'deleted' : 'updated', object, ...(old ? { old } : {}) };
      this.broken.push(...brokenBy(properties, change, collection, this.world));
    };
  }

  client<T extends KubeObject>(resource: Resource<T>, namespace = 'default'): ResourceClient<T> {
    const all = this.context.client.of(resource);
    return resource.namespaced ? all.inNamespace(namespace) : all;
  }

  list<T extends KubeObject>(resource: Resource<T>): T[] {
    return this.world.list(resource);
  }

  /** Makes an object unless one of its name is there. */
  put(resource: Resource, name: string, rest: Loose, namespace = 'default'): void {
    const key = resource.namespaced ? `${namespace}/${name}` : name;
    if (this.context.api.object(resource.plural, key)) return;
    const metadata = { name, ...(resource.namespaced ? { namespace } : {}), generation: 1, ...rest.metadata };
    this.context.api.put(resource.plural, { apiVersion: apiVersionOf(resource), kind: resource.kind, ...rest, metadata } as KubeObject);
  }

  /** Changes an object where it is there; a change of the spec raises the generation. */
  change<T extends KubeObject>(resource: Resource<T>, name: string, edit: (object: T) => void, namespace = 'default'): void {
    const before = this.context.api.object<T>(resource.plural, resource.namespaced ? `${namespace}/${name}` : name);
    if (!before) return;
    const object = structuredClone(before);
    edit(object);
    const spec = (each: T): string => JSON.stringify((each as { spec?: unknown }).spec);
    if (spec(object) === spec(before) && JSON.stringify(object) === JSON.stringify(before)) return;
    if (spec(object) !== spec(before)) object.metadata.generation = (object.metadata.generation ?? 1) + 1;
    this.context.api.put(resource.plural, object);
  }

  /** Deletes as a user does. */
  async delete(resource: Resource, name: string, propagationPolicy: 'Background' | 'Foreground' | 'Orphan' = 'Background', namespace = 'default'): Promise<void> {
    await this.client(resource, namespace).delete(name, { propagationPolicy }).catch((error: unknown) => {
      if (!isNotFound(error) && !(error instanceof StatusError)) throw error;
    });
  }

  /** What kubelets and the garbage collector do at once: pods are bound and run, those that are deleted vanish unless a finalizer holds them. */
  kubelet(end?: (pod: Pod) => 'Succeeded' | 'Failed' | undefined): void {
    const lastTransitionTime = formatTime(this.host.clock.now());
    for (const pod of this.list(Pods)) {
      if (isPodTerminal(pod) || !pod.spec) continue;
      const [phase, status] = [end?.(pod) ?? 'Running', pod.metadata.deletionTimestamp === undefined ? 'True' : 'False'];
      if (pod.status?.phase === phase && pod.status.conditions?.some((each) => each.type === 'Ready' && each.status === (phase === 'Running' ? status : 'False'))) continue;
      this.change(Pods, pod.metadata.name!, (object) => {
        object.status = { ...object.status, phase, podIP: object.status?.podIP ?? `10.0.0.${(this.context.api.revision % 250) + 1}`, conditions: [...(object.status?.conditions ?? []).filter(({ type }) => type !== 'Ready'), { type: 'Ready', status: phase === 'Running' ? status : 'False', lastTransitionTime }] };
      }, pod.metadata.namespace);
    }
  }

  advance(ms: number): Promise<void> {
    return this.host.clock.advance(ms);
  }
}

/** One of many things that may happen; `n` chooses among the ways in which it can. */
export type Act = (history: History, n: number) => void | Promise<void>;

export interface Scenario {
  /** Controllers that run beside the one that is looked at. */
  beside?: readonly string[];
  settings?: Partial<ControllerSettings> | (() => Promise<Partial<ControllerSettings>>);
  /** What is there at first. */
  arrange?: (history: History) => void | Promise<void>;
  acts: readonly Act[];
  /** Goes on all the time, as kubelets do. */
  world?: (history: History) => void | Promise<void>;
  /** How long it takes to come to rest. */
  settleMs: number;
  /** Steps in which it does: `world` has its turn between them. */
  settleSteps?: number;
  runs?: number;
  /** For each property by name, a way to break it: what is never broken proves nothing. */
  breaks: Readonly<Record<string, (stage: Stage) => void>>;
}

/** Runs random histories of a scenario; a failure prints the shortest one and its seed. */
export async function checkHistories(name: string, scenario: Scenario): Promise<void> {
  const running = controllers.filter(([each]) => each === name || scenario.beside?.includes(each));
  const settings = typeof scenario.settings === 'function' ? await scenario.settings() : (scenario.settings ?? {});
  const step = fc.tuple(fc.nat(scenario.acts.length - 1), fc.nat(999), fc.integer({ min: 1, max: 8_000 }));
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 20, size: 'max' }), async (steps) => {
    const history = new History(promises[name]!, settings);
    try {
      await scenario.arrange?.(history);
      history.context.run(...running.map(([, start]) => start));
      await history.advance(1_000);
      for (const [act, n, ms] of steps) {
        await scenario.acts[act]!(history, n);
        await history.advance(ms);
        await scenario.world?.(history);
        // What happens next happens after this has been seen.
        await history.advance(50);
      }
      const count = scenario.settleSteps ?? 6;
      for (let i = 0; i < count; i++) {
        await history.advance(scenario.settleMs / count);
        await scenario.world?.(history);
      }
      await history.advance(10_000);
      const wrong = [...history.broken, ...missingIn(promises[name]!, history.world)];
      if (wrong.length > 0) throw new Error(`${name} broke its promises:\n${wrong.join('\n')}`);
    } finally {
      await history.context.stop();
    }
  }), { seed: 20260701, numRuns: scenario.runs ?? 12, endOnFailure: false });
}

/** A world of its own in which properties are broken on purpose. */
export class Stage {
  readonly #context = fakeContext(virtualHost({ seed: 'stage', settle: turn }));
  readonly #world = worldOf(this.#context);
  readonly #properties: Promised;
  readonly #broken: string[] = [];

  constructor(properties: Promised) {
    this.#properties = properties;
    this.#context.api.changed = ({ type, collection, object, old }) => {
      const change: Change = { type: type === 'ADDED' ? 'created' : type === 'DELETED' ? 'deleted' : 'updated', object, ...(old ? { old } : {}) };
      this.#broken.push(...brokenBy(properties, change, collection, this.#world));
    };
  }

  /** Writes an object as it is; its uid is its name. */
  put(resource: Resource, name: string, rest: Loose = {}, namespace = 'default'): this {
    const metadata = { name, uid: name, ...(resource.namespaced ? { namespace } : {}), ...rest.metadata };
    this.#context.api.put(resource.plural, { apiVersion: apiVersionOf(resource), kind: resource.kind, ...rest, metadata } as unknown as KubeObject);
    return this;
  }

  drop(resource: Resource, name: string, namespace = 'default'): this {
    this.#context.api.remove(resource.plural, resource.namespaced ? `${namespace}/${name}` : name);
    return this;
  }

  get nowMs(): number {
    return this.#world.nowMs();
  }

  /** All that was broken, and all that is missing, as `property: message`. */
  complaints(): string[] {
    return [...this.#broken, ...missingIn(this.#properties, this.#world)];
  }
}
