/**
 * Makes a kind's `Strategy` out of what is special about it. What all kinds share is here: metadata checks, status kept apart from spec,
 * generation counting, fields a status write may not touch.
 */
import { oneAfter } from '../exact-json.ts';
import type { FieldError } from './field.ts';
import type { NameCheck } from './names.ts';
import { subdomainName } from './names.ts';
import type { Strategy, StrategyContext } from './strategy.ts';
import type { KubeObject, ObjectMeta } from './v1/types.ts';
import type { MetaRules } from './validation.ts';
import { sameValue, validateObjectMeta, validateObjectMetaUpdate } from './validation.ts';

export interface KindRules<T extends KubeObject> {
  namespaced: boolean;
  /** Form of the names; DNS subdomains unless said otherwise. */
  name?: NameCheck;
  /** Finalizers may be names without a domain and a slash. */
  anyFinalizer?: boolean;
  /** The fields whose change raises metadata.generation, which then starts at 1. */
  generation?: readonly (keyof T & string)[];
  /** A change beside those fields that makes a new generation too. */
  alsoRaises?(object: T, old: T): boolean;
  /** The kind has a status of its own: cleared on create, kept on writes of the object, alone written through /status. */
  status?: boolean;
  /** A create may bring a status (nodes, which their kubelets register). */
  statusOnCreate?: boolean;
  /** What a status write keeps of the stored metadata beside what is immutable anyway. Nobody owns that through it. */
  statusKeeps?: Strategy<T>['statusKeeps'];
  /** Defaults of the status depend on the spec. */
  statusFollowsSpec?: boolean;
  createOnUpdate?: boolean;
  /** PUT without a resourceVersion; true unless said otherwise. */
  unconditionalUpdate?: boolean;
  prepareForCreate?(object: T, context: StrategyContext): void;
  /** Writes of the object; `prepareForStatus` is for /status, and other subresources come here with their name in the context. */
  prepareForUpdate?(object: T, old: T, context: StrategyContext): void;
  prepareForStatus?(object: T, old: T, context: StrategyContext): void;
  /** The object's own rules, on create and on every update of it. Metadata is checked elsewhere. */
  validate?(object: T, context: StrategyContext, old?: T): FieldError[];
  /** What may not change. */
  validateUpdate?(object: T, old: T, context: StrategyContext): FieldError[];
  validateStatus?(object: T, old: T, context: StrategyContext): FieldError[];
  share?: Strategy<T>['share'];
  warnings?: Strategy<T>['warnings'];
  selectableFields?: Strategy<T>['selectableFields'];
  gracePeriodSeconds?: Strategy<T>['gracePeriodSeconds'];
  defaultPropagation?: Strategy<T>['defaultPropagation'];
}

type Loose = Record<string, unknown>;

const STATUS_META = ['labels', 'annotations', 'finalizers', 'ownerReferences', 'generation', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

function keepMeta(meta: ObjectMeta, old: ObjectMeta, fields: readonly (keyof ObjectMeta)[]): void {
  for (const field of fields) keep(meta as Loose, old as Loose, field);
}

/** Sets a field to what the other object has, or removes it. The value is shared, which is safe as nothing changes it in place later. */
export function keep(object: Loose, old: Loose, field: string): void {
  if (old[field] === undefined) delete object[field];
  else object[field] = old[field];
}

/** On /status everything but status and metadata is the stored object's. */
function keepAllButStatus(object: Loose, old: Loose): void {
  for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (field !== 'status' && field !== 'metadata' && field !== 'apiVersion' && field !== 'kind') keep(object, old, field);
  }
}

function raiseGeneration<T extends KubeObject>(object: T, old: T, rules: KindRules<T>): void {
  const fields = rules.generation ?? [];
  const changed = fields.some((field) => !sameValue(object[field], old[field])) || (rules.alsoRaises?.(object, old) ?? false);
  const before = old.metadata.generation ?? 0;
  object.metadata.generation = changed ? oneAfter(before) : before;
  if (object.metadata.generation === 0) delete object.metadata.generation;
}

function preparing<T extends KubeObject>(rules: KindRules<T>): Pick<Strategy<T>, 'prepareForCreate' | 'prepareForUpdate'> {
  return {
    prepareForCreate(object, context) {
      if (rules.status && !rules.statusOnCreate) delete (object as Loose)['status'];
      if (rules.generation) object.metadata.generation = 1;
      else delete object.metadata.generation;
      rules.prepareForCreate?.(object, context);
    },
    prepareForUpdate(object, old, context) {
      if (context.subresource === 'status' && rules.status) {
        keepAllButStatus(object as Loose, old as Loose);
        const { statusKeeps = [] } = rules;
        keepMeta(object.metadata, old.metadata, statusKeeps === 'all' ? STATUS_META : [...statusKeeps, 'generation']);
        rules.prepareForStatus?.(object, old, context);
        return;
      }
      if (rules.status && context.subresource !== 'approval') keep(object as Loose, old as Loose, 'status');
      rules.prepareForUpdate?.(object, old, context);
      if (rules.generation) raiseGeneration(object, old, rules);
      else keepMeta(object.metadata, old.metadata, ['generation']);
    },
  };
}

/** A kind's strategy. Its `validateUpdate` is complete: the registry calls it alone on updates, and `validate` alone on creates. */
export function makeStrategy<T extends KubeObject>(rules: KindRules<T>): Strategy<T> {
  const meta: MetaRules = { namespaced: rules.namespaced, name: rules.name ?? subdomainName, ...(rules.anyFinalizer ? { anyFinalizer: true } : {}) };
  return {
    ...preparing(rules),
    validate: (object, context) => [...validateObjectMeta(object.metadata, meta), ...(rules.validate?.(object, context) ?? [])],
    validateUpdate(object, old, context) {
      const errors = validateObjectMetaUpdate(object.metadata, old.metadata, undefined, meta);
      if (context.subresource === 'status' && rules.status) return [...errors, ...(rules.validateStatus?.(object, old, context) ?? [])];
      return [...errors, ...(rules.validate?.(object, context, old) ?? []), ...(rules.validateUpdate?.(object, old, context) ?? [])];
    },
    ...(rules.status && !rules.statusFollowsSpec ? { keepsAllButStatus: true } : {}),
    ...(rules.statusKeeps ? { statusKeeps: rules.statusKeeps } : {}),
    createOnUpdate: rules.createOnUpdate ?? false,
    unconditionalUpdate: rules.unconditionalUpdate ?? true,
    // Of what is written elsewhere than in the object itself nothing is said, but for scales, which are written in its place.
    ...(rules.warnings ? { warnings: (object, old, context) => (context.subresource === '' || context.subresource === 'scale' ? rules.warnings!(object, old, context) : []) } : {}),
    ...(rules.share ? { share: rules.share } : {}),
    ...(rules.selectableFields ? { selectableFields: rules.selectableFields } : {}),
    ...(rules.gracePeriodSeconds ? { gracePeriodSeconds: rules.gracePeriodSeconds } : {}),
    ...(rules.defaultPropagation ? { defaultPropagation: rules.defaultPropagation } : {}),
  };
}
