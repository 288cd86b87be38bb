/** The configuration in force: flow schemas in their order, priority levels with their seats. */
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/flowcontrol/v1/types.ts';
import type { Clock } from '../../host/types.ts';
import type { RequestInfo, UserInfo } from '../types.ts';
import { currentLimits, nominalLimits, type Limits } from './allocation.ts';
import { Integrator, SmoothedDemand } from './demand.ts';
import { byPrecedence, fits, schemaTests, type SchemaTests, type UserTests } from './matching.ts';
import { QueueSet, type Queuing } from './queue-set.ts';
import { seatsLimit } from './work.ts';

/** A request of an exempt level, which passes by the queues. */
export interface Passing {
  schema: Schema;
  user: UserInfo;
  info: RequestInfo;
  arrivedMs: number;
}

/** What a schema's requests did, for the metrics. */
export class FlowStats {
  executing = 0;
  executingSeats = 0;
  waiting = 0;
  dispatched = 0;
  /** Requests that did not wait at all, since the last look. */
  immediate = 0;
  readonly rejected = new Map<string, number>();
}

export interface Level {
  name: string;
  uid: string;
  exempt: boolean;
  limits: Limits;
  /** Seats that one request may take. */
  seatsLimit: number;
  queues: QueueSet;
  /** Of exempt levels, whose requests pass by the queues. */
  demand: Integrator;
  passing: Set<Passing>;
  smoothed: SmoothedDemand;
}

export interface Schema {
  name: string;
  uid: string;
  object: FlowSchema;
  level: Level;
  stats: FlowStats;
  tests: SchemaTests;
}

/** Used while the objects are not there. */
export interface Mandatory {
  schemas: readonly FlowSchema[];
  levels: readonly PriorityLevelConfiguration[];
}

export interface ConfigurationOptions {
  clock: Clock;
  /** Seats of the whole server. */
  total: number;
  maxWaitMs: number;
  mandatory: Mandatory;
}

function queuingOf({ spec }: PriorityLevelConfiguration): Queuing | undefined {
  const response = spec?.limited?.limitResponse;
  if (response?.type !== 'Queue') return undefined;
  const { queues = 64, handSize = 8, queueLengthLimit = 50 } = response.queuing ?? {};
  return { queues, handSize, queueLengthLimit };
}

const withMandatory = <T extends { metadata: { name?: string } }>(objects: readonly T[], mandatory: readonly T[]): T[] => {
  const names = new Set(objects.map(({ metadata }) => metadata.name));
  return [...objects, ...mandatory.filter(({ metadata }) => !names.has(metadata.name))];
};

export class Configuration {
  readonly #options: ConfigurationOptions;
  #levels = new Map<string, Level>();
  #schemas: Schema[] = [];
  /** Schemas that have to do with a user at all: who asks is the same object for many requests. */
  #byUser = new WeakMap<UserInfo, readonly { schema: Schema; tests: UserTests }[]>();
  /** Before the first period nobody knows who needs what: everybody has its own share. */
  #adjusted = false;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.apply([], []);
  }

  /** Seats of the whole server. */
  get total(): number {
    return this.#options.total;
  }

  get levels(): readonly Level[] {
    return [...this.#levels.values()];
  }

  get schemas(): readonly Schema[] {
    return this.#schemas;
  }

  /** Takes the objects as they are now. Levels that stay keep their requests; schemas whose level is not there take no part. */
  apply(schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): void {
    const { mandatory, total } = this.#options;
    const all = withMandatory(levels, mandatory.levels);
    const limits = nominalLimits(all, total);
    this.#levels = new Map(all.map((object) => [object.metadata.name ?? '', this.#level(object, limits.get(object.metadata.name ?? '')!)]));
    const before = new Map(this.#schemas.map((schema) => [schema.name, schema.stats]));
    this.#schemas = withMandatory(schemas, mandatory.schemas).toSorted(byPrecedence).flatMap((object) => {
      const level = this.#levels.get(object.spec?.priorityLevelConfiguration.name ?? '');
      const name = object.metadata.name ?? '';
      return level ? [{ name, uid: object.metadata.uid ?? '', object, level, stats: before.get(name) ?? new FlowStats(), tests: schemaTests(object) }] : [];
    });
    this.#byUser = new WeakMap();
    this.adjust(false);
  }

  #level(object: PriorityLevelConfiguration, limits: Limits): Level {
    const name = object.metadata.name ?? '';
    const { clock, maxWaitMs } = this.#options;
    const exempt = object.spec?.type === 'Exempt';
    const before = this.#levels.get(name);
    const queues = before?.queues ?? new QueueSet({ clock, limit: limits.nominal, queuing: queuingOf(object), maxWaitMs });
    if (before) queues.configure(queues.limit, queuingOf(object));
    return {
      name, uid: object.metadata.uid ?? '', exempt, limits, seatsLimit: seatsLimit(limits.nominal), queues,
      demand: before?.demand ?? new Integrator(clock.monotonic()), passing: before?.passing ?? new Set(), smoothed: before?.smoothed ?? new SmoothedDemand(),
    };
  }

  /** Shares the seats out anew; with `period`, by what was needed since the last time. */
  adjust(period: boolean): void {
    const { clock } = this.#options;
    const levels = this.levels;
    if (period) for (const { demand, queues, exempt, smoothed } of levels) smoothed.update((exempt ? demand : queues.demand).reset(clock.monotonic()));
    const total = levels.reduce((sum, { limits }) => sum + limits.nominal, 0);
    this.#adjusted ||= period;
    const shares = this.#adjusted ? currentLimits(levels.map(({ limits, smoothed }) => ({ limits, peak: smoothed.peak, smoothed: smoothed.smoothed })), total) : levels.map(({ limits }) => limits.nominal);
    for (const [i, { queues }] of levels.entries()) if (queues.limit !== shares[i]) queues.configure(shares[i]!, queues.queuing);
  }

  /** The schema that a request belongs to. There always is one: `catch-all` fits everybody. */
  classify(user: UserInfo, info: RequestInfo): Schema {
    let own = this.#byUser.get(user);
    if (!own) {
      own = this.#schemas.flatMap((schema) => {
        const tests = schema.tests.about(user);
        return tests ? [{ schema, tests }] : [];
      });
      this.#byUser.set(user, own);
    }
    for (const { schema, tests } of own) if (fits(tests, info)) return schema;
    return this.#schemas.at(-1)!;
  }
}

