/** What the controllers themselves promise (`properties.ts` in their folders), held against a whole cluster: a checker for each property. */
import { promises, type Change, type Safety, type World } from '../../controllers/promises.ts';
import type { Checker, Scene } from './checker.ts';
import { hopelessAnnotation } from './liveness.ts';

function worldOf({ state, nowMs }: Scene): World {
  return {
    list: (resource, namespace) => state.list(resource, namespace),
    get: (resource, namespace, name) => state.get(resource, namespace, name),
    byUid: (uid) => state.byUid(uid)?.object,
    inNamespace: (name) => [...state.inNamespace(name)].filter((key) => !key.startsWith('/registry/events/')).map((key) => state.held(key)!.object),
    isHopeless: (object) => object.metadata.annotations?.[hopelessAnnotation] !== undefined,
    nowMs,
  };
}

function ofSafety({ name, promise, of, broken }: Safety): Checker {
  return {
    name, promise,
    committed({ folder, type, object, old }, scene, fail) {
      if (folder !== of.storagePrefix) return;
      const change: Change = { type, object, ...(old ? { old } : {}) };
      const message = broken(change, worldOf(scene));
      if (message !== undefined) fail(message);
    },
  };
}

/** Of every controller all but what holds only where no request is lost and nobody else acts. */
export function promisedByControllers(): Checker[] {
  return Object.values(promises).flatMap(({ safety, liveness }) => [
    ...safety.filter((each) => !each.alone).map(ofSafety),
    ...liveness.filter((each) => !each.alone).map(({ name, promise, missing }): Checker => ({
      name, promise,
      healed(scene, fail) {
        for (const message of missing(worldOf(scene))) fail(message);
      },
    })),
  ]);
}
