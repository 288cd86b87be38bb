/** A named list of plug-ins, sorted once by the points at which they speak. */
import type { EventAction, EventInterest, EventResource } from './events.ts';
import type { Plugin, QueuedPodOrder, Status, WeightedPlugin } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

type With<K extends keyof Plugin> = Plugin & Required<Pick<Plugin, K>>;

/** A plug-in in the list of one point. */
export interface PointPlugin {
  readonly plugin: Plugin;
  readonly weight: number;
}

type Point = 'preEnqueue' | 'queueSort' | 'preFilter' | 'filter' | 'postFilter' | 'preScore' | 'score' | 'reserve' | 'permit' | 'preBind' | 'bind' | 'postBind';
const POINTS: readonly Point[] = ['preEnqueue', 'queueSort', 'preFilter', 'filter', 'postFilter', 'preScore', 'score', 'reserve', 'permit', 'preBind', 'bind', 'postBind'];

export interface Profile {
  /** Pods that name it in `spec.schedulerName` are placed by it. */
  readonly schedulerName: string;
  /** Its own share of nodes that are enough; undefined: the scheduler's. */
  readonly percentageOfNodesToScore: number | undefined;
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

const RESOURCES: readonly EventResource[] = ['Node', 'AssignedPod', 'PendingPod', 'PersistentVolume', 'PersistentVolumeClaim', 'StorageClass', 'CSINode', 'CSIDriver', 'CSIStorageCapacity', 'Namespace', 'ResourceClaim', 'ResourceSlice', 'DeviceClass'];
const ACTIONS: readonly EventAction[] = ['add', 'delete', 'update', 'updateAllocatable', 'updateLabels', 'updateTaints', 'updateUnschedulable', 'updateImages', 'updateFeatures', 'updateScaleDown', 'updateGates', 'updateTolerations', 'updateClaims'];
const EVERYTHING: readonly EventInterest[] = RESOURCES.map((resource) => ({ resource, actions: ACTIONS }));

const speaksAt = (plugin: Plugin, point: Point): boolean => (point === 'reserve' ? (plugin.reserve ?? plugin.unreserve) !== undefined : plugin[point] !== undefined);

/** A profile of lists that are ready: one a point, in order. */
export function assembleProfile(schedulerName: string, points: Readonly<Record<Point, readonly PointPlugin[]>>, plugins: readonly Plugin[], percentageOfNodesToScore?: number): Profile {
  const at = <K extends Point>(point: K): readonly With<K>[] => points[point].map((entry) => entry.plugin as With<K>);
  const [sorter, ...more] = at('queueSort');
  if (!sorter) throw new Error(`profile "${schedulerName}" has no plug-in that sorts the queue`);
  if (more.length > 0) throw new Error(`profile "${schedulerName}" has more than one plug-in that sorts the queue`);
  if (points.bind.length === 0) throw new Error(`profile "${schedulerName}" has no plug-in that binds`);
  return {
    schedulerName,
    percentageOfNodesToScore,
    preEnqueue: at('preEnqueue'),
    queueSort: (a, b) => sorter.queueSort(a, b),
    preFilter: at('preFilter'),
    filter: at('filter'),
    postFilter: at('postFilter'),
    score: points.score.map(({ plugin, weight }) => ({ plugin: plugin as With<'score'>, weight })),
    reserve: points.reserve.map((entry) => entry.plugin),
    permit: at('permit'),
    preBind: at('preBind'),
    bind: at('bind'),
    postBind: at('postBind'),
    // A plug-in that does not say what it cares about cares about everything.
    interests: new Map(plugins.map((plugin) => [plugin.name, plugin.events?.() ?? EVERYTHING])),
  };
}

/** A profile in which each plug-in speaks at every point that it can, in the order of the list. */
export function createProfile(schedulerName: string, plugins: readonly WeightedPlugin[]): Profile {
  const names = plugins.map((entry) => entry.plugin.name);
  if (new Set(names).size !== names.length) throw new Error(`profile "${schedulerName}" names a plug-in twice`);
  const points = Object.fromEntries(POINTS.map((point) => [point, plugins.filter(({ plugin }) => speaksAt(plugin, point))])) as unknown as Record<Point, readonly PointPlugin[]>;
  return assembleProfile(schedulerName, points, plugins.map((entry) => entry.plugin));
}

/** The first word against letting the pod into the queue. */
export function runPreEnqueue(profile: Profile, pod: PodInfo): Status | undefined {
  for (const plugin of profile.preEnqueue) {
    const status = plugin.preEnqueue(pod);
    if (status) return status;
  }
  return undefined;
}
