/** Priority and fairness: keeps its configuration in step with the objects, and says in their status what it made of them. */
import type { FlowSchema, FlowSchemaCondition, PriorityLevelConfiguration } from '../../api/flowcontrol/v1/types.ts';
import { isNotFound } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { FlowSchemas, PriorityLevelConfigurations } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { Client, Outcome, Running, WorkQueue } from '../../client/types.ts';
import type { Host, Timer } from '../../host/types.ts';
import { follow, type Follower, type Following } from '../authorization/follow.ts';
import { bootstrapFlowSchemas, bootstrapPriorityLevels, MANDATORY } from '../bootstrap/flow-control.ts';
import { reconcileFlowControl } from '../bootstrap/reconcile.ts';
import type { Lookup } from '../lookup.ts';
import { Configuration } from './levels.ts';

/** How often seats are lent and given back. */
export const borrowingPeriodMs = 10_000;
/** How often the objects that must be there are looked after. */
const keepingPeriodMs = 60_000;
/** A quarter of the time that a request has: what waits longer could not be answered in time anyway. */
export const maxWaitMs = 15_000;
const fieldManager = 'api-priority-and-fairness-config-consumer-v1';

const isMandatory = ({ metadata }: KubeObject): boolean => MANDATORY.has(metadata.name ?? '');

export function createConfiguration(host: Pick<Host, 'clock'>, total: number): Configuration {
  return new Configuration({ clock: host.clock, total, maxWaitMs, mandatory: { schemas: bootstrapFlowSchemas().filter(isMandatory), levels: bootstrapPriorityLevels().filter(isMandatory) } });
}

/** Whether a schema names a level that is not there, as its status says it. */
export function danglingCondition(schema: FlowSchema, exists: boolean, now: number): FlowSchemaCondition {
  const level = JSON.stringify(schema.spec?.priorityLevelConfiguration.name ?? '');
  const status = exists ? 'False' : 'True';
  const old = schema.status?.conditions?.find(({ type }) => type === 'Dangling');
  return {
    type: 'Dangling', status, lastTransitionTime: old?.status === status && old.lastTransitionTime ? old.lastTransitionTime : formatTime(now),
    ...(exists
      ? { reason: 'Found', message: `This FlowSchema references the PriorityLevelConfiguration object named ${level} and it exists` }
      : { reason: 'NotFound', message: `This FlowSchema references the PriorityLevelConfiguration object named ${level} but there is no such object` }),
  };
}

/** Hears of the objects; keeps what it needs of them. */
class Kept<T extends KubeObject> {
  readonly objects = new Map<string, T>();

  follower(resource: Resource<T>, changed: () => void): Follower<T> {
    return {
      resource,
      sink: {
        replace: (items) => {
          this.objects.clear();
          for (const item of items) this.objects.set(item.metadata.name ?? '', item);
          changed();
        },
        apply: ({ type, object }) => {
          if (type === 'BOOKMARK') return;
          if (type === 'DELETED') this.objects.delete(object.metadata.name ?? '');
          else this.objects.set(object.metadata.name ?? '', object);
          changed();
        },
      },
    };
  }

  /** Changes when something does that decides about requests: not with a status. */
  fingerprint(): string {
    return [...this.objects.values()].map(({ metadata }) => `${metadata.name}/${metadata.uid}/${metadata.generation}`).join();
  }
}

export interface FairnessOptions {
  host: Host;
  client: Client;
  lookup: Lookup;
  configuration: Configuration;
  /** Writing begins when this resolves. */
  ready: Promise<unknown>;
}

export interface FairnessRunning extends Running {
  /** Resolves when the objects are known. */
  synced: Promise<unknown>;
  /** Resolves when every schema that was there when writing began has its status. */
  complete: Promise<unknown>;
}

function startStatus({ host, client, lookup, ready }: FairnessOptions, schemas: Kept<FlowSchema>, done: (name: string) => void): WorkQueue & Running {
  return startController(host, {
    name: 'flow-schema-status', workers: 4, ready: ready.then(() => undefined),
    async reconcile(name): Promise<Outcome> {
      const schema = schemas.objects.get(name);
      if (!schema) {
        if (!lookup.get(FlowSchemas, undefined, name)) done(name);
        return { done: true };
      }
      // The cache itself: the two kinds' events come in no common order.
      const exists = lookup.get(PriorityLevelConfigurations, undefined, schema.spec?.priorityLevelConfiguration.name ?? '') !== undefined;
      const condition = danglingCondition(schema, exists, host.clock.now());
      const old = schema.status?.conditions?.find(({ type }) => type === 'Dangling');
      if (old && old.status === condition.status && old.reason === condition.reason && old.message === condition.message) {
        done(name);
        return { done: true };
      }
      const others = (schema.status?.conditions ?? []).filter(({ type }) => type !== 'Dangling');
      try {
        await client.of(FlowSchemas).updateStatus({ ...schema, status: { conditions: [...others, condition] } }, { fieldManager });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      done(name);
      return { done: true };
    },
  });
}

/** Starts to follow the objects, to lend seats, and to look after the objects that a cluster must have. */
export function startFairness(options: FairnessOptions): FairnessRunning {
  const { host, client, lookup, configuration, ready } = options;
  const schemas = new Kept<FlowSchema>();
  const levels = new Kept<PriorityLevelConfiguration>();
  const awaited = new Set<string>();
  let finish: () => void = () => undefined;
  let fail: (reason: Error) => void = () => undefined;
  const complete = ready.then(() => {
    for (const { metadata } of lookup.list(FlowSchemas)) awaited.add(metadata.name ?? '');
    for (const name of awaited) status.add(name);
    return new Promise<void>((resolve, reject) => {
      [finish, fail] = [resolve, reject];
      if (awaited.size === 0) resolve();
    });
  });
  // Who waits for the server to be ready hears of it.
  complete.catch(() => undefined);
  const status = startStatus(options, schemas, (name) => {
    if (awaited.delete(name) && awaited.size === 0) finish();
  });
  let known = '';
  const changed = (): void => {
    for (const name of schemas.objects.keys()) status.add(name);
    const fingerprint = `${schemas.fingerprint()};${levels.fingerprint()}`;
    if (fingerprint === known) return;
    known = fingerprint;
    configuration.apply([...schemas.objects.values()], [...levels.objects.values()]);
  };
  const following: Following[] = [follow(host, client, schemas.follower(FlowSchemas, changed)), follow(host, client, levels.follower(PriorityLevelConfigurations, changed))];
  let stopped = false;
  const timers: Timer[] = [];
  const every = (slot: number, periodMs: number, act: () => void): void => {
    timers[slot] = host.clock.setTimer(() => {
      if (stopped) return;
      act();
      every(slot, periodMs, act);
    }, periodMs);
  };
  every(0, borrowingPeriodMs, () => configuration.adjust(true));
  ready.then(() => {
    if (!stopped) every(1, keepingPeriodMs, () => void reconcileFlowControl(client, lookup).catch((error: unknown) => host.log.warn('flow control objects could not be kept', { error: String(error) })));
  }, () => undefined);
  return {
    synced: Promise.all(following.map(({ synced }) => synced)),
    complete,
    async stop() {
      stopped = true;
      fail(new Error('the server stops'));
      for (const timer of timers) timer.cancel();
      await Promise.all([...following.map((one) => one.stop()), status.stop()]);
    },
  };
}
