import type { Pod } from '../../api/core/v1/types.ts';
import { getPodCondition } from '../../api/core/v1/pods.ts';
import type { DeviceTaint } from '../../api/resource/v1/types.ts';
import { Pods, ResourceClaims, ResourceSlices } from '../../api/resources.ts';
import { nameOf, safety, type Properties, type World } from '../property.ts';
import { decideDeviceEviction } from './decide.ts';

const isMarked = (pod: Pod | undefined): boolean => pod !== undefined && getPodCondition(pod, 'DisruptionTarget')?.reason === 'DeletionByDeviceTaintManager';
const taintsOf = (world: World) => (driver: string, pool: string, device: string): readonly DeviceTaint[] =>
  world.list(ResourceSlices).filter(({ spec }) => spec.driver === driver && spec.pool.name === pool).flatMap(({ spec }) => (spec.devices ?? []).find(({ name }) => name === device)?.taints ?? []);
const due = (world: World, pod: Pod): boolean => decideDeviceEviction(pod, world.list(ResourceClaims, pod.metadata.namespace), taintsOf(world), world.nowMs()) === 'now';

export const properties: Properties = {
  safety: [
    safety<Pod>({
      name: 'pods with sound devices stay', promise: 'no pod is driven out whose devices all have no NoExecute taint', of: Pods, alone: true,
      broken({ object, old }, world) {
        if (!isMarked(object) || isMarked(old)) return undefined;
        const devices = world.list(ResourceClaims, object.metadata.namespace).filter((claim) => claim.status?.reservedFor?.some(({ uid }) => uid === object.metadata.uid)).flatMap((claim) => claim.status?.allocation?.devices?.results ?? []);
        return devices.some(({ driver, pool, device }) => taintsOf(world)(driver, pool, device).some(({ effect }) => effect === 'NoExecute')) ? undefined : `${nameOf(object)} was driven out, and its devices are sound`;
      },
    }),
  ],
  liveness: [{
    name: 'pods leave bad devices', promise: 'no pod is left that uses a device with a NoExecute taint that its claim does not tolerate',
    *missing(world) {
      for (const pod of world.list(Pods)) if (due(world, pod)) yield `${nameOf(pod)} uses a device that it must leave`;
    },
  }],
};
