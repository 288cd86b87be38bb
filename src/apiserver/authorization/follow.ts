/** Hears of every object of a kind and keeps none: for those who draw something smaller from them. */
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { Reflector, type ReflectorSink } from '../../client/reflector.ts';
import type { Client, Running } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';

export interface Follower<T extends KubeObject = KubeObject> {
  resource: Resource<T>;
  sink: ReflectorSink<T>;
}

export interface Following extends Running {
  /** Resolves when the sink has been given the first complete state. */
  synced: Promise<void>;
}

export function follow(host: Host, client: Client, { resource, sink }: Follower): Following {
  const stop = new AbortController();
  let arrived: () => void = () => undefined;
  const synced = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const reflector = new Reflector({
    host, resource: client.of(resource), select: {},
    sink: {
      replace(items) {
        sink.replace(items);
        arrived();
      },
      apply: (event) => sink.apply(event),
    },
  });
  const run = reflector.run(stop.signal);
  return {
    synced,
    stop: async () => {
      stop.abort();
      await run;
    },
  };
}
