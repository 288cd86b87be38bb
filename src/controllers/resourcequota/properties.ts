import type { ResourceQuota } from '../../api/core/v1/types.ts';
import { isPodTerminal } from '../../api/core/v1/pods.ts';
import { compareQuantity, quantityToMilli } from '../../api/meta/quantity.ts';
import { ConfigMaps, Pods, ResourceQuotas, Services } from '../../api/resources.ts';
import { nameOf, safety, type Properties, type World } from '../property.ts';

const counters: Readonly<Record<string, (world: World, namespace: string) => number>> = {
  pods: (world, namespace) => world.list(Pods, namespace).filter((pod) => !isPodTerminal(pod)).length,
  services: (world, namespace) => world.list(Services, namespace).length,
  configmaps: (world, namespace) => world.list(ConfigMaps, namespace).length,
  'count/pods': (world, namespace) => world.list(Pods, namespace).length,
  'count/configmaps': (world, namespace) => world.list(ConfigMaps, namespace).length,
};

export const properties: Properties = {
  safety: [
    safety<ResourceQuota>({
      name: 'quotas count upwards from nothing', promise: 'no use is below zero, and none is told of what the quota does not limit', of: ResourceQuotas,
      broken({ type, object }) {
        if (type === 'deleted') return undefined;
        const { used = {}, hard = {} } = object.status ?? {};
        const wrong = Object.entries(used).find(([name, amount]) => hard[name] === undefined || compareQuantity(amount, '0') < 0);
        return wrong && `${nameOf(object)} says that ${wrong[1]} of ${wrong[0]} are used`;
      },
    }),
  ],
  liveness: [{
    name: 'quotas count truly', promise: 'a quota without scopes says its limits, and of what is only counted as many as there are',
    *missing(world) {
      for (const quota of world.list(ResourceQuotas)) {
        if ((quota.spec?.scopes ?? []).length > 0 || quota.spec?.scopeSelector) continue;
        for (const [name, limit] of Object.entries(quota.spec?.hard ?? {})) {
          const told = quota.status?.hard?.[name];
          if (told === undefined || compareQuantity(told, limit) !== 0) yield `${nameOf(quota)} says that ${told} of ${name} may be used, and ${limit} may`;
          const count = counters[name]?.(world, quota.metadata.namespace!);
          const used = quota.status?.used?.[name];
          if (count !== undefined && (used === undefined || quantityToMilli(used) !== count * 1000)) yield `${nameOf(quota)} counts ${used} ${name}, and there are ${count}`;
        }
      }
    },
  }],
};
