/** Strategy of custom resource definitions, and of the custom resources that they define. */
import type { NameCheck } from '../../meta/names.ts';
import { qualifiedName, subdomainName } from '../../meta/names.ts';
import type { Strategy } from '../../meta/strategy.ts';
import { makeStrategy } from '../../meta/rules.ts';
import { sameJson } from '../schema/index.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../../meta/validation.ts';
import { formatTime } from '../../meta/time.ts';
import type { KubeObject } from '../../meta/v1/types.ts';
import type { FieldError } from '../../meta/field.ts';
import type { CustomResourceDefinition } from './types.ts';
import { definitionNameFaults, validateDefinition, validateDefinitionStatus } from './validation.ts';
import { unknownFormatWarnings } from './warnings.ts';

/** The version written from now on is one that something may be stored in. */
function addStoredVersion(definition: CustomResourceDefinition): void {
  const storage = definition.spec?.versions?.find((version) => version.storage)?.name;
  const stored = definition.status?.storedVersions ?? [];
  if (storage !== undefined && !stored.includes(storage)) definition.status = { ...definition.status, storedVersions: [...stored, storage] };
}

/** A status that names no stored version has that one all the same. */
function keepStoredVersion(definition: CustomResourceDefinition): void {
  if ((definition.status?.storedVersions?.length ?? 0) === 0) addStoredVersion(definition);
}

/** Holds a definition until its objects are gone. */
const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** A deleted definition waits until the server has removed its objects. */
function beginRemoval(old: CustomResourceDefinition, nowMs: number): CustomResourceDefinition {
  const definition = structuredClone(old);
  const at = formatTime(nowMs);
  const { metadata } = definition;
  metadata.deletionTimestamp = at;
  if (!metadata.finalizers?.includes(CLEANUP)) metadata.finalizers = [...(metadata.finalizers ?? []), CLEANUP];
  const conditions = (definition.status?.conditions ?? []).filter((condition) => condition.type !== 'Terminating');
  conditions.push({
    type: 'Terminating', status: 'True', lastTransitionTime: at, reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  });
  definition.status = { ...definition.status, conditions };
  return definition;
}

/** What the server has to say of a definition that nobody has looked at yet. */
function freshStatus(definition: CustomResourceDefinition): void {
  definition.status = { conditions: null as never, acceptedNames: { plural: '', kind: '' } };
  addStoredVersion(definition);
}

/** Kind to strategy. */
export function apiextensionsStrategies(): Record<string, Strategy<never>> {
  const strategy = makeStrategy<CustomResourceDefinition>({
    namespaced: false, anyFinalizer: true, generation: ['spec'], status: true, statusKeeps: 'all', statusFollowsSpec: true, unconditionalUpdate: false,
    prepareForCreate: freshStatus,
    prepareForUpdate: addStoredVersion,
    prepareForStatus: keepStoredVersion,
    validate: (definition, _context, old) => validateDefinition(definition, old),
    validateStatus: validateDefinitionStatus,
    warnings: unknownFormatWarnings,
  });
  return {
    CustomResourceDefinition: {
      ...strategy, firstDelete: beginRemoval,
      validate: (definition: CustomResourceDefinition) => [...validateObjectMeta(definition.metadata, { namespaced: false, name: () => definitionNameFaults(definition), anyFinalizer: true }), ...validateDefinition(definition)],
    },
  };
}

export interface CustomResourceRules {
  namespaced: boolean;
  /** The version has a status subresource, so that status and the rest are written apart. */
  status: boolean;
  name?: NameCheck;
  /** What is said of an object that has been let pass. */
  warnings?(object: KubeObject): string[];
  /** The schema's and the CEL rules' own checks. */
  validate?(object: KubeObject, old: KubeObject | undefined, subresource: string): FieldError[];
  selectableFields?(object: KubeObject): Record<string, string>;
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** What is odd about the names of finalizers that a write adds. */
function finalizerWarnings(finalizers: readonly string[] | undefined, before: readonly string[] | undefined): string[] {
  if (finalizers === undefined) return [];
  const added = [...new Set(finalizers)].filter((name) => before?.includes(name) !== true).sort();
  return added.flatMap((name) => {
    const said = (text: string): string => `metadata.finalizers: ${JSON.stringify(name)}: ${text}`;
    const faults = qualifiedName(name).map(said);
    if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return faults;
    return [...faults, said(`prefer a domain-qualified finalizer name${name.includes('.') ? ' including a path (/)' : ''} to avoid accidental conflicts with other finalizer writers`)];
  });
}

type Loose = Record<string, unknown>;

const contents = (object: KubeObject, skip: readonly string[]): Loose => Object.fromEntries(Object.entries(object).filter(([field]) => !skip.includes(field)));

/** Strategy of one version of a custom resource: whatever is not metadata or status counts for the generation. */
export function customResourceStrategy(rules: CustomResourceRules): Strategy {
  const outside = rules.status ? ['metadata', 'status', 'apiVersion', 'kind'] : ['metadata', 'apiVersion', 'kind'];
  const replaceWith = (object: Loose, old: Loose, fields: (field: string) => boolean): void => {
    for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
      if (!fields(field)) continue;
      if (old[field] === undefined) delete object[field];
      else object[field] = old[field];
    }
  };
  return {
    prepareForCreate(object) {
      if (rules.status) delete (object as unknown as Loose)['status'];
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, old, context) {
      const [now, was] = [object as unknown as Loose, old as unknown as Loose];
      if (rules.status && context.subresource === 'status') {
        const { managedFields, resourceVersion, uid } = object.metadata;
        replaceWith(now, was, (field) => field !== 'status' && field !== 'metadata');
        object.metadata = { ...old.metadata, ...(resourceVersion ? { resourceVersion } : {}), ...(uid ? { uid } : {}) };
        if (managedFields === undefined) delete object.metadata.managedFields;
        else object.metadata.managedFields = managedFields;
        return;
      }
      if (rules.status) replaceWith(now, was, (field) => field === 'status');
      const changed = !sameJson(contents(object, outside), contents(old, outside));
      object.metadata.generation = (old.metadata.generation ?? 1) + (changed ? 1 : 0);
    },
    validate: (object) => [...validateObjectMeta(object.metadata, { namespaced: rules.namespaced, name: rules.name ?? subdomainName, anyFinalizer: true }), ...(rules.validate?.(object, undefined, '') ?? [])],
    validateUpdate: (object, old, { subresource }) => [...validateObjectMetaUpdate(object.metadata, old.metadata, undefined, { anyFinalizer: true }), ...(rules.validate?.(object, old, subresource) ?? [])],
    createOnUpdate: false,
    unconditionalUpdate: false,
    warnings: (object, old) => [...finalizerWarnings(object.metadata.finalizers, old?.metadata.finalizers), ...(rules.warnings?.(object) ?? [])],
    ...(rules.selectableFields ? { selectableFields: rules.selectableFields } : {}),
  };
}
