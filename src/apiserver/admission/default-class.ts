/** Claims and ingresses that name no class get the cluster's default one: the newest among those marked so. */
import type { PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type { Ingress } from '../../api/networking/v1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { Ingresses, IngressClasses, PersistentVolumeClaims, StorageClasses } from '../../api/resources.ts';
import type { Lookup } from '../lookup.ts';
import { isFor, objectOf, type CreatePlugin } from './context.ts';

const storageMark = 'storageclass.kubernetes.io/is-default-class';
const oldStorageMark = 'storageclass.beta.kubernetes.io/is-default-class';
const ingressMark = 'ingressclass.kubernetes.io/is-default-class';
const claimAnnotation = 'volume.beta.kubernetes.io/storage-class';
const ingressAnnotation = 'kubernetes.io/ingress.class';

function defaults<T extends KubeObject>(lookup: Lookup, resource: Resource<T>, marks: readonly string[]): T[] {
  const newerFirst = (a: T, b: T): number => {
    const [first, second] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
    if (first !== second) return first < second ? 1 : -1;
    return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
  };
  return lookup.list(resource).filter((object) => marks.some((mark) => object.metadata.annotations?.[mark] === 'true')).toSorted(newerFirst);
}

export const defaultStorageClass: CreatePlugin = ({ lookup }) => {
  return {
    name: 'DefaultStorageClass',
    handles: (request) => request.operation === 'CREATE' && isFor(request, PersistentVolumeClaims),
    mutate(request) {
      const claim = objectOf<PersistentVolumeClaim>(request);
      // An empty name is a choice too: a volume without a class.
      if (!claim.spec || claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[claimAnnotation] !== undefined) return;
      const chosen = defaults(lookup, StorageClasses, [storageMark, oldStorageMark])[0];
      if (chosen) claim.spec.storageClassName = chosen.metadata.name ?? '';
    },
  };
};

export const defaultIngressClass: CreatePlugin = ({ lookup }) => {
  return {
    name: 'DefaultIngressClass',
    handles: (request) => request.operation === 'CREATE' && isFor(request, Ingresses),
    mutate(request) {
      const ingress = objectOf<Ingress>(request);
      if (!ingress.spec || ingress.spec.ingressClassName !== undefined || ingress.metadata.annotations?.[ingressAnnotation] !== undefined) return;
      const classes = defaults(lookup, IngressClasses, [ingressMark]);
      if (classes[0]) ingress.spec.ingressClassName = classes[0].metadata.name ?? '';
    },
  };
};
