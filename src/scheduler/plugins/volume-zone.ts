/** A volume that lies in a zone or region (by its labels) is used there. */
import { refusal } from '../framework.ts';
import type { Plugin } from '../framework.ts';
import { NO_LABELS } from '../pod-info.ts';

const NAME = 'VolumeZone';
/** Names of before general availability, and what they became. */
const OLD_LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};
const TOPOLOGY_LABELS = [...Object.keys(OLD_LABELS), ...Object.values(OLD_LABELS)];
export const VOLUME_ZONE_CONFLICT = refusal(NAME, 'unresolvable', 'node(s) had no available volume zone');

interface Place {
  key: string;
  values: ReadonlySet<string>;
}

export const volumeZone: Plugin = {
  name: NAME,
  preFilter(cycle) {
    const { pod, lookups } = cycle;
    if (pod.claimNames.length === 0) return { skip: true };
    const places = pod.claimNames.flatMap((name): Place[] => {
      const volumeName = lookups.claim(pod.namespace, name)?.spec?.volumeName;
      const labels = (volumeName ? lookups.volume(volumeName)?.metadata.labels : undefined) ?? NO_LABELS;
      return TOPOLOGY_LABELS.filter((key) => labels[key] !== undefined).map((key) => ({ key, values: new Set(labels[key]!.split('__')) }));
    });
    if (places.length === 0) return { skip: true };
    cycle.state.set(NAME, places);
    return undefined;
  },
  filter(cycle, node) {
    // Clusters whose nodes know no zones have nothing to keep apart.
    if (!TOPOLOGY_LABELS.some((key) => node.labels[key] !== undefined)) return undefined;
    for (const { key, values } of cycle.state.get(NAME) as Place[]) {
      // Volumes keep the labels of the day when they were made; nodes have the new ones.
      const value = node.labels[key] ?? node.labels[OLD_LABELS[key] ?? key];
      if (value === undefined || !values.has(value)) return VOLUME_ZONE_CONFLICT;
    }
    return undefined;
  },
  events: () => [
    { resource: 'PersistentVolumeClaim', actions: ['add', 'update'] },
    { resource: 'PersistentVolume', actions: ['add', 'update'] },
    { resource: 'StorageClass', actions: ['add', 'update'] },
    { resource: 'Node', actions: ['add', 'updateLabels'] },
  ],
};
