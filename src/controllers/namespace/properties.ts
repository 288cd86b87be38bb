import type { Namespace } from '../../api/core/v1/types.ts';
import { getCondition } from '../../api/core/v1/pods.ts';
import { Namespaces } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';
import { kubernetesFinalizer } from './decide.ts';

const isHeld = (namespace: Namespace | undefined): boolean => (namespace?.spec?.finalizers ?? []).includes(kubernetesFinalizer);

export const properties: Properties = {
  safety: [
    safety<Namespace>({
      name: 'namespaces are let go empty', promise: 'the finalizer of a namespace comes off only when nothing is left in it', of: Namespaces,
      broken({ type, object, old }, world) {
        if (!isHeld(old) || (type !== 'deleted' && isHeld(object))) return undefined;
        const left = world.inNamespace(object.metadata.name!);
        return left.length > 0 ? `${nameOf(object)} was let go, and ${nameOf(left[0]!)} is still in it` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'deleted namespaces end', promise: 'a deleted namespace is gone, or its conditions name the finalizers that are in the way',
    *missing(world) {
      for (const namespace of world.list(Namespaces).filter(isGoing)) {
        const left = world.inNamespace(namespace.metadata.name!);
        const told = getCondition(namespace.status?.conditions, 'NamespaceFinalizersRemaining');
        const stuck = left.find((object) => (object.metadata.finalizers ?? []).length > 0);
        if (!stuck) yield `${nameOf(namespace)} is still being deleted: ${left.length} objects are left`;
        else if (told?.status !== 'True' || !stuck.metadata.finalizers!.some((name) => told.message?.includes(name))) yield `${nameOf(namespace)} does not say that ${nameOf(stuck)} is in the way`;
      }
    },
  }],
};
