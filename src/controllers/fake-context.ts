/** For unit tests only: a controller's context over the fake API server. */
import { createClient, createInformers, createRecorder } from '../client/index.ts';
import type { InformerFactory, Client, Running } from '../client/types.ts';
import { fakeApi, type FakeApi } from '../client/fake-api.ts';
import type { Event } from '../api/core/v1/types.ts';
import type { Host } from '../host/types.ts';
import type { ControllerContext, ControllerSettings, StartController } from './context.ts';

export interface FakeContext extends ControllerContext {
  api: FakeApi;
  client: Client;
  informers: InformerFactory;
  /** Starts the controllers and the informers. */
  run(...controllers: StartController[]): void;
  /** Reasons of all events so far, as `Warning Reason name`. */
  eventReasons(): string[];
  stop(): Promise<void>;
}

/** A context whose API server is `api`; settings are the defaults but for what is given. */
export function fakeContext(host: Host, settings: Partial<ControllerSettings> = {}): FakeContext {
  const api = fakeApi(host.clock);
  const client = createClient(api);
  const informers = createInformers(host, client, { freeze: true });
  const parts: Running[] = [];
  const context: FakeContext = {
    host, api, client, informers,
    recorder: (component) => createRecorder(host, client, component),
    settings: { nodeMonitorGraceMs: 50_000, nodeMonitorPeriodMs: 5_000, rootCa: 'ROOT CA', terminatedPodThreshold: 12_500, ...settings },
    run(...controllers) {
      for (const start of controllers) parts.push(start(context));
      informers.start();
    },
    eventReasons: () => api.objects<Event>('events').map((event) => `${event.type} ${event.reason} ${event.involvedObject.name}`),
    async stop() {
      for (const part of parts.toReversed()) await part.stop();
      await informers.stop();
    },
  };
  return context;
}
