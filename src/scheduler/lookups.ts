/** Objects other than nodes and pods that plug-ins read, over informers. */
import type { Pod } from '../api/core/v1/types.ts';
import type { LabelSelector } from '../api/meta/v1/types.ts';
import { controllerOf } from '../api/meta/objects.ts';
import { labelSelectorOf } from '../api/meta/selectors.ts';
import {
  CSIDrivers, CSINodes, CSIStorageCapacities, DeviceClasses, Namespaces, PersistentVolumeClaims, PersistentVolumes, PodDisruptionBudgets, ReplicaSets, ReplicationControllers, ResourceClaims, ResourceSlices, Services, StatefulSets,
  StorageClasses,
} from '../api/resources.ts';
import type { InformerFactory } from '../client/types.ts';
import type { Lookups } from './framework.ts';
import { NO_LABELS } from './pod-info.ts';
import type { Labels } from './pod-info.ts';

const has = (labels: Labels, wanted: Labels): boolean => {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
};

/** Asks for the informers; to be called before the factory starts. */
export function createLookups(informers: InformerFactory): Lookups {
  const namespaces = informers.of(Namespaces).lister;
  const claims = informers.of(PersistentVolumeClaims).lister;
  const volumes = informers.of(PersistentVolumes).lister;
  const classes = informers.of(StorageClasses).lister;
  const csiNodes = informers.of(CSINodes).lister;
  const csiDrivers = informers.of(CSIDrivers).lister;
  const capacities = informers.of(CSIStorageCapacities).lister;
  const resourceClaims = informers.of(ResourceClaims).lister;
  const resourceSlices = informers.of(ResourceSlices).lister;
  const deviceClasses = informers.of(DeviceClasses).lister;
  const budgets = informers.of(PodDisruptionBudgets).lister;
  const services = informers.of(Services).lister;
  const replicaSets = informers.of(ReplicaSets).lister;
  const statefulSets = informers.of(StatefulSets).lister;
  const replicationControllers = informers.of(ReplicationControllers).lister;

  function ownerSelector(pod: Pod): LabelSelector | undefined {
    const owner = controllerOf(pod);
    const namespace = pod.metadata.namespace;
    if (owner?.kind === 'ReplicaSet') return replicaSets.get(namespace, owner.name)?.spec?.selector;
    if (owner?.kind === 'StatefulSet') return statefulSets.get(namespace, owner.name)?.spec?.selector;
    if (owner?.kind !== 'ReplicationController') return undefined;
    const matchLabels = replicationControllers.get(namespace, owner.name)?.spec?.selector;
    return matchLabels && { matchLabels };
  }

  return {
    namespaceLabels: (namespace) => namespaces.get(undefined, namespace)?.metadata.labels ?? NO_LABELS,
    claim: (namespace, name) => claims.get(namespace, name),
    volume: (name) => volumes.get(undefined, name),
    volumes: () => volumes.list(),
    storageClass: (name) => classes.get(undefined, name),
    csiNode: (name) => csiNodes.get(undefined, name),
    csiDriver: (name) => csiDrivers.get(undefined, name),
    storageCapacities: () => capacities.list(),
    resourceClaim: (namespace, name) => resourceClaims.get(namespace, name),
    resourceClaims: () => resourceClaims.list(),
    resourceSlices: () => resourceSlices.list(),
    deviceClass: (name) => deviceClasses.get(undefined, name),
    deviceClasses: () => deviceClasses.list(),
    disruptionBudgets: (namespace) => budgets.list(namespace),
    siblings(pod) {
      const labels = pod.metadata.labels ?? NO_LABELS;
      const wanted: Record<string, string> = {};
      for (const service of services.list(pod.metadata.namespace)) {
        const selector = service.spec?.selector;
        if (selector && Object.keys(selector).length > 0 && has(labels, selector)) Object.assign(wanted, selector);
      }
      const selector = ownerSelector(pod);
      if (!selector && Object.keys(wanted).length === 0) return undefined;
      const matches = selector ? labelSelectorOf(selector) : () => true;
      return (other) => has(other, wanted) && matches(other);
    },
  };
}
