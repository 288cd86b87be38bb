import type { ConfigMap, Secret } from '../../api/core/v1/types.ts';
import { ConfigMaps, Secrets } from '../../api/resources.ts';
import { isGoing, nameOf, safety, type Properties, type World } from '../property.ts';
import { clusterInfoName, clusterInfoNamespace, remainingMs, signingTokens, tokenSecretType } from './decide.ts';

const prefix = 'jws-kubeconfig-';
const signersOf = (info: ConfigMap | undefined): string[] => Object.keys(info?.data ?? {}).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
const tokensOf = (world: World): Map<string, string> => signingTokens(world.list(Secrets, 'kube-system'), world.nowMs());

export const signerProperties: Properties = {
  safety: [
    safety<ConfigMap>({
      name: 'only tokens sign', promise: 'no signature comes into cluster-info but those of tokens that are there, good and meant for signing', of: ConfigMaps, alone: true,
      broken({ type, object, old }, world) {
        if (type === 'deleted' || object.metadata.name !== clusterInfoName || object.metadata.namespace !== clusterInfoNamespace) return undefined;
        const tokens = tokensOf(world);
        const forged = signersOf(object).find((id) => !tokens.has(id) && !signersOf(old).includes(id));
        return forged && `cluster-info was signed by ${forged}, which is no token`;
      },
    }),
  ],
  liveness: [{
    name: 'cluster-info is signed', promise: 'cluster-info bears the signature of every signing token, and no other', alone: true,
    *missing(world) {
      const info = world.get(ConfigMaps, clusterInfoNamespace, clusterInfoName);
      if (info?.data?.kubeconfig === undefined) return;
      const [wanted, actual] = [[...tokensOf(world).keys()].sort().join(), signersOf(info).sort().join()];
      if (wanted !== actual) yield `cluster-info is signed by [${actual}], and should be by [${wanted}]`;
    },
  }],
};

export const cleanerProperties: Properties = {
  safety: [
    safety<Secret>({
      name: 'good tokens stay', promise: 'no bootstrap token is removed before its time is over', of: Secrets, alone: true,
      broken({ type, object }, world) {
        const left = type === 'deleted' && object.type === tokenSecretType ? remainingMs(object, world.nowMs()) : -1;
        return left === undefined || left > 0 ? `${nameOf(object)} was removed before its time` : undefined;
      },
    }),
  ],
  liveness: [{
    name: 'tokens end', promise: 'no bootstrap token is left whose time is over', alone: true,
    *missing(world) {
      for (const secret of world.list(Secrets, 'kube-system')) if (secret.type === tokenSecretType && !isGoing(secret) && (remainingMs(secret, world.nowMs()) ?? 0) < -1000) yield `${nameOf(secret)} has ended and is still there`;
    },
  }],
};
