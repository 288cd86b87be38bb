/** What the server keeps at hand of every CustomResourceDefinition: all but the schemas, which are read when somebody needs one. */
import { sameJson } from '../../api/apiextensions/schema/index.ts';
import type { CustomResourceColumnDefinition, CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceSubresourceScale } from '../../api/apiextensions/v1/types.ts';
import { decideStatus } from './decide.ts';

export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export interface VersionRecord {
  name: string;
  served: boolean;
  storage: boolean;
  status: boolean;
  scale: CustomResourceSubresourceScale | undefined;
  columns: readonly CustomResourceColumnDefinition[];
  /** Paths without their first dot: `spec.color`. */
  selectable: readonly string[];
  /** Undefined: not deprecated. */
  deprecation: string | undefined;
}

export interface DefinitionRecord {
  name: string;
  uid: string;
  generation: number;
  group: string;
  namespaced: boolean;
  names: CustomResourceDefinitionNames;
  accepted: CustomResourceDefinitionNames;
  /** The best first. */
  versions: readonly VersionRecord[];
  storage: string;
  conversion: CustomResourceConversion | undefined;
  namesAccepted: boolean;
  established: boolean;
  terminating: boolean;
  deleting: boolean;
  /** The status says what it should, whatever the neighbours are. */
  settled: boolean;
  cleansUp: boolean;
}

const VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*)?)?$/;
const STAGES: Readonly<Record<string, number>> = { alpha: 1, beta: 2 };

function rank(version: string): [number, number, number] | undefined {
  const match = VERSION.exec(version);
  return match === null ? undefined : [match[2] === undefined ? 3 : STAGES[match[2]]!, Number(match[1]), Number(match[3] ?? 0)];
}

/** Orders versions as the API does, the best first: v10, v2, v1, v11beta2, v10beta3, v3beta1, v12alpha1, and then all others by name. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [rank(a), rank(b)];
  if (first === undefined || second === undefined) return first === second ? (a < b ? -1 : a > b ? 1 : 0) : first === undefined ? 1 : -1;
  for (let i = 0; i < first.length; i++) if (first[i] !== second[i]) return second[i]! - first[i]!;
  return 0;
}

const deprecationText = (definition: CustomResourceDefinition, name: string, others: readonly { name: string; served: boolean; deprecated?: boolean }[]): string => {
  const { group, names } = definition.spec;
  const better = others.filter((other) => other.served && other.deprecated !== true).map((other) => other.name).sort(compareVersions)[0];
  const instead = better !== undefined && compareVersions(better, name) < 0 ? `; use ${group}/${better} ${names.kind}` : '';
  return `${group}/${name} ${names.kind} is deprecated${instead}`;
};

/** The record of a definition, as stored. */
export function recordOf(definition: CustomResourceDefinition): DefinitionRecord {
  const { spec, status, metadata } = definition;
  const isTrue = (type: string): boolean => status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
  const versions = (spec.versions ?? []).map((version): VersionRecord => ({
    name: version.name, served: version.served, storage: version.storage, status: version.subresources?.status !== undefined, scale: version.subresources?.scale,
    columns: version.additionalPrinterColumns ?? [], selectable: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    deprecation: version.deprecated === true ? (version.deprecationWarning ?? deprecationText(definition, version.name, spec.versions)) : undefined,
  }));
  return {
    name: metadata.name!, uid: metadata.uid ?? '', generation: metadata.generation ?? 0, group: spec.group, namespaced: spec.scope === 'Namespaced', names: spec.names,
    accepted: status?.acceptedNames ?? { plural: '', kind: '' }, versions: versions.toSorted((a, b) => compareVersions(a.name, b.name)), storage: versions.find((version) => version.storage)?.name ?? '',
    conversion: spec.conversion, namesAccepted: isTrue('NamesAccepted'), established: isTrue('Established'), terminating: isTrue('Terminating'),
    deleting: metadata.deletionTimestamp !== undefined, settled: status !== undefined && sameJson(decideStatus(definition, [], 0), status), cleansUp: metadata.finalizers?.includes(CLEANUP_FINALIZER) === true,
  };
}

/** Whether two records of one definition serve the same thing in the same way. */
export function servesAlike(a: DefinitionRecord, b: DefinitionRecord): boolean {
  return a.uid === b.uid && a.generation === b.generation && JSON.stringify(a.accepted) === JSON.stringify(b.accepted);
}
