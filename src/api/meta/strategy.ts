/** What the generic registry asks of a kind before it writes: the kind's own rules, and nothing about storage. */
import type { FieldError } from './field.ts';
import type { KubeObject, ObjectMeta } from './v1/types.ts';

export interface StrategyContext {
  /** Milliseconds since 1970. */
  now: number;
  /** The subresource that is written, '' for the object itself. */
  subresource: string;
  dryRun: boolean;
  userName: string;
  /** What else is known of the user; requests for certificates record it. */
  user?: { uid?: string; groups?: readonly string[]; extra?: Readonly<Record<string, readonly string[]>> };
}

/**
 * The rules of a kind. Every method may change `object` in place (it is the request's own copy) except the validators.
 * All are optional; the defaults are: nothing prepared, nothing refused, PUT does not create, PUT without a resourceVersion is allowed.
 */
export interface Strategy<T extends KubeObject = KubeObject> {
  /** Drops what a client may not set (status), starts counters (generation 1). */
  prepareForCreate?(object: T, context: StrategyContext): void;
  /** Carries over what this write may not touch (status on a write of the object, spec on a write of /status), raises the generation when the spec changed. */
  prepareForUpdate?(object: T, old: T, context: StrategyContext): void;
  /** A write of /status leaves all but status and metadata as it is stored, whatever its body says, and its defaults look at nothing else. */
  keepsAllButStatus?: boolean;
  /** What such a write leaves of the metadata as it is stored: all of it, or these members. */
  statusKeeps?: 'all' | readonly (keyof ObjectMeta)[];
  validate?(object: T, context: StrategyContext): FieldError[];
  /** Called when a new object has been found valid and is not changed any more: what of it equals parts of others may become those, which are frozen. */
  share?(object: T): void;
  /** Runs on update, beside `validate`-like checks of its own: immutable fields and transitions. */
  validateUpdate?(object: T, old: T, context: StrategyContext): FieldError[];
  /** Texts for `Warning` headers. */
  warnings?(object: T, old: T | undefined, context: StrategyContext): string[];
  createOnUpdate?: boolean;
  unconditionalUpdate?: boolean;
  /** Grace period of a delete when the request names none; undefined: delete at once. Pods only. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number | undefined;
  /** What the first delete of an object makes of it, where it only begins its end: a new value, marked as being deleted. */
  firstDelete?(old: T, nowMs: number): KubeObject;
  /** How fields are matched by a fieldSelector, beside metadata.name and metadata.namespace. */
  selectableFields?(object: T): Record<string, string>;
  /** The finalizer behaviour a kind defaults to when a delete names no propagation policy. */
  defaultPropagation?: 'Background' | 'Orphan';
}
