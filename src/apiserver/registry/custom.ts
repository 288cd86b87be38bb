/** What the registry must know of kinds that come and go while it runs. Who knows them stands in `../crd/`. */
import type { CustomResourceColumnDefinition, CustomResourceSubresourceScale } from '../../api/apiextensions/v1/types.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { FeedSource } from '../cache/feed.ts';
import type { CachedObject } from '../cache/object.ts';
import type { JsonObject, Shape } from '../patch/index.ts';

/** What a client's value says, made an object; the value is used up. */
export interface CustomBody {
  object: KubeObject;
  /** Paths of unknown fields. */
  unknownFields: string[];
}

/** What is special about a custom resource in one of its versions. */
export interface CustomKind {
  /** All versions share one cache. */
  source: FeedSource;
  columns: readonly CustomResourceColumnDefinition[];
  scale: CustomResourceSubresourceScale | undefined;
  /** Where each version keeps the number of replicas, by apiVersion; undefined where it has no scale. */
  scalePaths: ReadonlyMap<string, readonly string[] | undefined>;
  /** Said with every answer. */
  deprecation: string | undefined;
  /** The definition is being deleted: nothing new is made. */
  terminating: boolean;
  /** How apply merges it. */
  shape(): Shape;
  /** Resolves when everything is loaded that writes need; undefined when it is. */
  ready(): Promise<void> | undefined;
  /** The value in this version: pruned, and with the schema's defaults if these are wanted. Throws StatusError 400. */
  decode(value: JsonObject, defaults: boolean): CustomBody;
  /** Whether what a write may not touch, and is about to drop, is of the types that the schema names: where it is not, nobody knows afterwards who owns what. */
  typesFit(object: KubeObject, subresource: string): boolean;
  /** The object's metadata, without what is none: what admission has left there. */
  metadataOf(object: KubeObject): KubeObject['metadata'];
  /** Fills in the schema's defaults, in place. */
  fill(object: KubeObject): void;
  /** Prunes and defaults, in place, what admission has changed. */
  clean(object: KubeObject): void;
  /** Converts what is not at hand in this version yet; undefined when nothing must be waited for. */
  prepare(objects: readonly CachedObject[]): Promise<void> | undefined;
  /** The object in this version, prepared before. Frozen, or to be treated so. */
  view(object: CachedObject): KubeObject;
  bytes(object: CachedObject): Buffer;
  /** The object as it is to be stored; the argument is left as it is. */
  toStored(object: KubeObject): KubeObject | Promise<KubeObject>;
  /** Notes that these bytes were made by the rules of today. */
  wrote(value: Uint8Array): void;
  /** Whether objects of another version must be converted by somebody else before their fields can be looked at. */
  convertsElsewhere: boolean;
  /** Objects of the kind in one of its versions, with how that one merges; undefined where there is no such version. Rejects with a StatusError. */
  inVersion(objects: readonly KubeObject[], apiVersion: string): { objects: KubeObject[]; shape: Shape } | Promise<{ objects: KubeObject[]; shape: Shape }> | undefined;
  /** Fields that selectors may ask for, of an object of this version. */
  fieldsOf(object: KubeObject): Record<string, string>;
}
