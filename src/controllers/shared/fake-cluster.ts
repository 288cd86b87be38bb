/** For unit tests only: the fake API server under workload controllers, with hands that play kubelet. */
import type { Event, Pod } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { notFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { Clock, Host } from '../../host/types.ts';
import type { StartController } from '../context.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';

/** A host on the virtual clock. */
export interface SteppedHost extends Host {
  clock: Clock & { advance(durationMs: number): Promise<void> };
}

export interface FakeCluster {
  host: SteppedHost;
  context: FakeContext;
  /** Lets `ms` of virtual time pass. */
  advance(ms?: number): Promise<void>;
  get<T extends KubeObject>(plural: string, name: string): T;
  pods(): Pod[];
  /** Changes an object as another client would: a spec change raises the generation. */
  change<T extends KubeObject>(plural: string, name: string, edit: (object: T) => void): void;
  /** The kubelet's part: running and ready (or whatever is said). */
  setPod(pod: Pod, status: Partial<NonNullable<Pod['status']>>): void;
  makeReady(pods?: readonly Pod[]): void;
  /** `reason: message` of every event about the name. */
  events(name: string): string[];
  stop(): Promise<void>;
}

const DELETE_FINALIZERS = '$deleteFromPrimitiveList/finalizers';

/** The one strategic merge that the fake server does not know and jobs need: taking a finalizer off. */
export function takesFinalizersOff(context: FakeContext): FakeContext['api']['intercept'] {
  return ({ method, target, json }) => {
    const drop = (json as { metadata?: Record<string, string[]> } | undefined)?.metadata?.[DELETE_FINALIZERS];
    if (method !== 'PATCH' || !drop) return undefined;
    const key = `${target.namespace}/${target.name}`;
    const object = context.api.object(target.plural, key);
    if (!object) return notFound(target, target.name);
    const next = structuredClone(object);
    next.metadata.finalizers = (next.metadata.finalizers ?? []).filter((name) => !drop.includes(name));
    if (next.metadata.deletionTimestamp && next.metadata.finalizers.length === 0) context.api.remove(target.plural, key);
    else context.api.put(target.plural, next);
    const bytes = Buffer.from(JSON.stringify(next));
    return { status: 200, headers: {}, body: (async function* body() { yield bytes; })() };
  };
}

export function fakeCluster(host: SteppedHost, ...controllers: StartController[]): FakeCluster {
  const context = fakeContext(host);
  context.api.intercept = takesFinalizersOff(context);
  context.run(...controllers);
  const key = (name: string): string => `default/${name}`;
  const cluster: FakeCluster = {
    host, context,
    advance: (ms = 2000) => host.clock.advance(ms),
    get: (plural, name) => context.api.object(plural, key(name))!,
    pods: () => context.api.objects<Pod>('pods'),
    change<T extends KubeObject>(plural: string, name: string, edit: (object: T) => void) {
      const object = structuredClone(context.api.object<T>(plural, key(name))!);
      const before = JSON.stringify((object as { spec?: unknown }).spec);
      edit(object);
      if (JSON.stringify((object as { spec?: unknown }).spec) !== before) object.metadata.generation = (object.metadata.generation ?? 1) + 1;
      context.api.put(plural, object);
    },
    setPod(pod, status) {
      cluster.change<Pod>('pods', pod.metadata.name!, (object) => {
        object.status = { ...object.status, ...status };
      });
    },
    makeReady(pods = cluster.pods()) {
      const lastTransitionTime = formatTime(host.clock.now());
      for (const pod of pods) cluster.setPod(pod, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }] });
    },
    events: (name) => context.api.objects<Event>('events').filter((event) => event.involvedObject.name === name).map((event) => `${event.reason}: ${event.message}`),
    stop: () => context.stop(),
  };
  return cluster;
}

/** A workload's metadata in the namespace of these tests. */
export const about = (name: string, extra: object = {}): KubeObject['metadata'] => ({ name, namespace: 'default', generation: 1, ...extra });
