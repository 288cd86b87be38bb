/** For tests only: a scheduler on a virtual clock against an API that keeps objects and does a server's part of a binding. */
import type { Binding, Event, Pod } from '../api/core/v1/types.ts';
import type { StatusError } from '../api/meta/status.ts';
import { createClient, createInformers, createRecorder } from '../client/index.ts';
import type { Running } from '../client/index.ts';
import { fakeApi } from '../client/fake-api.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { fakeNode, fakePod } from './fake-cluster.ts';
import type { NodeShape, PodShape } from './fake-cluster.ts';
import { startScheduler } from './scheduler.ts';
import type { SchedulerSettings } from './scheduler.ts';

export function setUp(seed = 'scheduler') {
  const host = virtualHost({ seed, settle: turn });
  const api = fakeApi(host.clock);
  const client = createClient(api);
  const informers = createInformers(host, client, { freeze: true });
  const recorder = createRecorder(host, client, 'default-scheduler');
  let refuse: ((name: string) => StatusError | undefined) | undefined;
  const bindings: string[] = [];
  // The server's part of a binding: the pod gets its node.
  api.intercept = ({ method, target, json }) => {
    if (method !== 'POST' || target.subresource !== 'binding') return undefined;
    const error = refuse?.(target.name);
    if (error) return error;
    const pod = structuredClone(api.object<Pod>('pods', `${target.namespace}/${target.name}`)!);
    pod.spec!.nodeName = (json as Binding).target.name!;
    pod.status = { ...pod.status, conditions: [{ type: 'PodScheduled', status: 'True' }] };
    bindings.push(`${target.name} ${pod.spec!.nodeName}`);
    api.put('pods', pod);
    return undefined;
  };
  const running: Running[] = [];
  const self = {
    host, api, bindings,
    node: (name: string, shape?: NodeShape) => api.put('nodes', fakeNode(name, shape)),
    pod: (name: string, shape?: PodShape) => api.put('pods', fakePod(name, shape)),
    get: (name: string) => api.object<Pod>('pods', `default/${name}`)!,
    refuse: (how: typeof refuse) => {
      refuse = how;
    },
    start: (settings?: SchedulerSettings) => {
      running.push(startScheduler({ host, client, informers, recorder, ...(settings ? { settings } : {}) }));
      informers.start();
    },
    advance: (ms = 1500) => host.clock.advance(ms),
    events: () => api.objects<Event>('events').map((event) => `${event.type} ${event.reason} ${event.involvedObject.name}: ${event.message}`),
    stop: async () => {
      for (const each of running) await each.stop();
      await informers.stop();
      await recorder.stop();
    },
  };
  return self;
}
