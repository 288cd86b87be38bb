/**
 * Kinds that upstream stores in another version than the newest that it serves. Whoever shares a store with it writes them that way, and reads
 * either. Needs `loadVersionsOffByDefault` where values are in protobuf.
 */
import { definitionToBeta, definitionToV1 } from './apiextensions/v1beta1/convert.ts';
import type { CustomResourceDefinition as BetaDefinition } from './apiextensions/v1beta1/types.ts';
import type { CustomResourceDefinition } from './apiextensions/v1/types.ts';
import type { KubeObject } from './meta/v1/types.ts';

export interface StoredVersion {
  apiVersion: string;
  schema: string;
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

/** The same object in a version that has the same fields. */
function renamed(schema: string, from: string, to: string): StoredVersion {
  return { apiVersion: to, schema, toStored: (object) => ({ ...object, apiVersion: to }), fromStored: (object) => ({ ...object, apiVersion: from }) };
}

const ADMISSION = 'io.k8s.api.admissionregistration';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions';

const STORED: Readonly<Record<string, StoredVersion>> = {
  [`${EXTENSIONS}.v1.CustomResourceDefinition`]: {
    apiVersion: 'apiextensions.k8s.io/v1beta1', schema: `${EXTENSIONS}.v1beta1.CustomResourceDefinition`,
    toStored: (object) => definitionToBeta(object as CustomResourceDefinition) as KubeObject,
    fromStored: (object) => definitionToV1(object as BetaDefinition) as KubeObject,
  },
  [`${ADMISSION}.v1.MutatingAdmissionPolicy`]: renamed(`${ADMISSION}.v1beta1.MutatingAdmissionPolicy`, 'admissionregistration.k8s.io/v1', 'admissionregistration.k8s.io/v1beta1'),
  [`${ADMISSION}.v1.MutatingAdmissionPolicyBinding`]: renamed(`${ADMISSION}.v1beta1.MutatingAdmissionPolicyBinding`, 'admissionregistration.k8s.io/v1', 'admissionregistration.k8s.io/v1beta1'),
};

/** How upstream stores the kind of a schema; undefined: in the version of that schema. */
export function storedVersionOf(schema: string): StoredVersion | undefined {
  return STORED[schema];
}
