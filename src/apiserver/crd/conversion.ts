/** Objects of a custom resource from one of its versions to another. */
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Schemas } from './schemas.ts';

export interface Conversion {
  /** True when the objects must be sent elsewhere to be converted. */
  readonly elsewhere: boolean;
  /** At once; only where nothing is sent elsewhere. The argument is left as it is. */
  now(object: KubeObject, version: string): KubeObject;
  /** All of them, in their order. Rejects with a StatusError. */
  all(objects: readonly KubeObject[], version: string): Promise<KubeObject[]>;
}

/** `None`: the versions differ in their name only; what the other version's schema does not know is dropped. */
export function noConversion(group: string, schemas: Schemas): Conversion {
  const now = (object: KubeObject, version: string): KubeObject => {
    const converted = { ...structuredClone(object), apiVersion: `${group}/${version}` };
    schemas.prune(converted, version);
    return converted;
  };
  return { elsewhere: false, now, all: async (objects, version) => objects.map((object) => now(object, version)) };
}
