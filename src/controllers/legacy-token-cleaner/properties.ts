import type { Secret } from '../../api/core/v1/types.ts';
import { Pods, Secrets } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties, type World } from '../property.ts';
import { invalidSinceLabel, lastUsedLabel } from './decide.ts';

const markOf = (secret: Secret | undefined): string | undefined => secret?.metadata.labels?.[invalidSinceLabel];
const isMounted = (world: World, secret: Secret): boolean => world.list(Pods, secret.metadata.namespace).some((pod) => (pod.spec?.volumes ?? []).some((volume) => volume.secret?.secretName === secret.metadata.name));

export const properties: Properties = {
  safety: [
    safety<Secret>({
      name: 'tokens in use stay good', promise: 'no token secret that a pod mounts is marked as invalid, and none is removed that was not marked', of: Secrets, alone: true,
      broken({ type, object, old }, world) {
        if (object.type !== 'kubernetes.io/service-account-token') return undefined;
        if (type === 'deleted') return markOf(object) === undefined ? `${nameOf(object)} was removed, and had not been marked` : undefined;
        return markOf(object) !== undefined && markOf(old) === undefined && isMounted(world, object) ? `${nameOf(object)} was marked as invalid, and a pod mounts it` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'forgotten tokens are marked', promise: 'a token secret whose last use is more than two years ago is marked or gone', alone: true,
    *missing(world) {
      const twoYearsMs = 2 * 366 * 86_400_000;
      for (const secret of world.list(Secrets)) {
        const used = secret.metadata.labels?.[lastUsedLabel];
        if (used !== undefined && !isGoing(secret) && markOf(secret) === undefined && !isMounted(world, secret) && world.nowMs() - Date.parse(used) > twoYearsMs) yield `${nameOf(secret)} was last used on ${used}, and is not marked`;
      }
    },
  }],
};
