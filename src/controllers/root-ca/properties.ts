import type { ConfigMap } from '../../api/core/v1/types.ts';
import { ConfigMaps, Namespaces } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties } from '../property.ts';
import { rootCaConfigMap } from './decide.ts';

export const properties: Properties = {
  safety: [
    safety<ConfigMap>({
      name: 'no authority for what goes', promise: 'no bundle is made in a namespace that is being deleted', of: ConfigMaps,
      broken({ type, object }, world) {
        const namespace = world.get(Namespaces, undefined, object.metadata.namespace ?? '');
        return type === 'created' && object.metadata.name === rootCaConfigMap && namespace && isGoing(namespace) ? `${nameOf(object)} was made in ${nameOf(namespace)}, which is being deleted` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'namespaces know the authority', promise: 'every namespace that stays has the same bundle, and nothing beside it in the map',
    *missing(world) {
      const bundles = new Set<string>();
      for (const namespace of world.list(Namespaces)) {
        if (isGoing(namespace)) continue;
        const data = world.get(ConfigMaps, namespace.metadata.name, rootCaConfigMap)?.data ?? {};
        if (data['ca.crt'] === undefined || Object.keys(data).length !== 1) yield `${nameOf(namespace)} has no authority in ${rootCaConfigMap}`;
        else bundles.add(data['ca.crt']);
      }
      if (bundles.size > 1) yield `namespaces hold ${bundles.size} different authorities`;
    },
  }],
};
