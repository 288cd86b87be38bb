/** A named list of plug-ins, sorted once by the points at which they speak. */
import type { EventInterest } from './events.ts';
import type { Plugin, QueuedPodOrder, Status, WeightedPlugin } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

type With<K extends keyof Plugin> = Plugin & Required<Pick<Plugin, K>>;

function having<K extends keyof Plugin>(plugins: readonly WeightedPlugin[], point: K): readonly With<K>[] {
  return plugins.map((entry) => entry.plugin).filter((plugin): plugin is With<K> => plugin[point] !== undefined);
}

export interface Profile {
  /** Pods that name it in `spec.schedulerName` are placed by it. */
  readonly schedulerName: string;
  readonly preEnqueue: readonly With<'preEnqueue'>[];
  readonly queueSort: (a: QueuedPodOrder, b: QueuedPodOrder) => boolean;
  readonly preFilter: readonly With<'preFilter'>[];
  readonly filter: readonly With<'filter'>[];
  readonly postFilter: readonly With<'postFilter'>[];
  readonly score: readonly { plugin: With<'score'>; weight: number }[];
  readonly reserve: readonly Plugin[];
  readonly permit: readonly With<'permit'>[];
  readonly preBind: readonly With<'preBind'>[];
  readonly bind: readonly With<'bind'>[];
  readonly postBind: readonly With<'postBind'>[];
  /** Events by plug-in name, for pods that this plug-in refused. */
  readonly interests: ReadonlyMap<string, readonly EventInterest[]>;
}

export function createProfile(schedulerName: string, plugins: readonly WeightedPlugin[]): Profile {
  const sorter = having(plugins, 'queueSort')[0];
  if (!sorter) throw new Error(`profile "${schedulerName}" has no plug-in that sorts the queue`);
  if (!plugins.some((entry) => entry.plugin.bind)) throw new Error(`profile "${schedulerName}" has no plug-in that binds`);
  const names = plugins.map((entry) => entry.plugin.name);
  if (new Set(names).size !== names.length) throw new Error(`profile "${schedulerName}" names a plug-in twice`);
  return {
    schedulerName,
    preEnqueue: having(plugins, 'preEnqueue'),
    queueSort: (a, b) => sorter.queueSort(a, b),
    preFilter: having(plugins, 'preFilter'),
    filter: having(plugins, 'filter'),
    postFilter: having(plugins, 'postFilter'),
    score: plugins.filter((entry) => entry.plugin.score).map(({ plugin, weight }) => ({ plugin: plugin as With<'score'>, weight })),
    reserve: plugins.map((entry) => entry.plugin).filter((plugin) => plugin.reserve ?? plugin.unreserve),
    permit: having(plugins, 'permit'),
    preBind: having(plugins, 'preBind'),
    bind: having(plugins, 'bind'),
    postBind: having(plugins, 'postBind'),
    interests: new Map(having(plugins, 'events').map((plugin) => [plugin.name, plugin.events()])),
  };
}

/** The first word against letting the pod into the queue. */
export function runPreEnqueue(profile: Profile, pod: PodInfo): Status | undefined {
  for (const plugin of profile.preEnqueue) {
    const status = plugin.preEnqueue(pod);
    if (status) return status;
  }
  return undefined;
}
