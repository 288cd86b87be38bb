/**
 * Types of the group apiextensions, version v1.
 * @package io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
 */
import type { Double, Int64 } from '../../meta/v1/scalars.ts';
import type { ExternalDocumentation, ValidationRule } from './types.ts';

/** Any JSON value. */
export type JSON = unknown;

/** JSON schema props. */
export interface JSONSchemaProps {
  /** Id. @proto 1 */
  id?: string;
  /** $schema. @proto 2 @protoName schema */
  '$schema'?: string;
  /** $ref. @proto 3 @pointer @protoName ref */
  '$ref'?: string;
  /** Description. @proto 4 */
  description?: string;
  /** Type. @proto 5 */
  type?: string;
  /** Format. @proto 6 */
  format?: string;
  /** Title. @proto 7 */
  title?: string;
  /** Default. @proto 8 @pointer */
  default?: JSON;
  /** Maximum. @proto 9 @pointer */
  maximum?: Double;
  /** Whether: exclusive maximum. @proto 10 */
  exclusiveMaximum?: boolean;
  /** Minimum. @proto 11 @pointer */
  minimum?: Double;
  /** Whether: exclusive minimum. @proto 12 */
  exclusiveMinimum?: boolean;
  /** Max length. @proto 13 @pointer */
  maxLength?: Int64;
  /** Min length. @proto 14 @pointer */
  minLength?: Int64;
  /** Pattern. @proto 15 */
  pattern?: string;
  /** Max items. @proto 16 @pointer */
  maxItems?: Int64;
  /** Min items. @proto 17 @pointer */
  minItems?: Int64;
  /** Whether: unique items. @proto 18 */
  uniqueItems?: boolean;
  /** Multiple of. @proto 19 @pointer */
  multipleOf?: Double;
  /** List of enum. @proto 20 @listType atomic */
  enum?: JSON[];
  /** Max properties. @proto 21 @pointer */
  maxProperties?: Int64;
  /** Min properties. @proto 22 @pointer */
  minProperties?: Int64;
  /** List of required. @proto 23 @listType atomic */
  required?: string[];
  /** Items. @proto 24 @pointer */
  items?: JSONSchemaPropsOrArray;
  /** List of all of. @proto 25 @listType atomic */
  allOf?: JSONSchemaProps[];
  /** List of one of. @proto 26 @listType atomic */
  oneOf?: JSONSchemaProps[];
  /** List of any of. @proto 27 @listType atomic */
  anyOf?: JSONSchemaProps[];
  /** Not. @proto 28 @pointer */
  not?: JSONSchemaProps;
  /** Properties, by key. @proto 29 */
  properties?: Record<string, JSONSchemaProps>;
  /** Additional properties. @proto 30 @pointer */
  additionalProperties?: JSONSchemaPropsOrBool;
  /** Pattern properties, by key. @proto 31 */
  patternProperties?: Record<string, JSONSchemaProps>;
  /** Dependencies, by key. @proto 32 */
  dependencies?: Record<string, JSONSchemaPropsOrStringArray>;
  /** Additional items. @proto 33 @pointer */
  additionalItems?: JSONSchemaPropsOrBool;
  /** Definitions, by key. @proto 34 */
  definitions?: Record<string, JSONSchemaProps>;
  /** External docs. @proto 35 @pointer */
  externalDocs?: ExternalDocumentation;
  /** Example. @proto 36 @pointer */
  example?: JSON;
  /** Whether: nullable. @proto 37 */
  nullable?: boolean;
  /** Whether: x-kubernetes-preserve-unknown-fields. @proto 38 @pointer @protoName xKubernetesPreserveUnknownFields */
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  /** Whether: x-kubernetes-embedded-resource. @proto 39 @protoName xKubernetesEmbeddedResource */
  'x-kubernetes-embedded-resource'?: boolean;
  /** Whether: x-kubernetes-int-or-string. @proto 40 @protoName xKubernetesIntOrString */
  'x-kubernetes-int-or-string'?: boolean;
  /** List of x-kubernetes-list-map-keys. @proto 41 @listType atomic @protoName xKubernetesListMapKeys */
  'x-kubernetes-list-map-keys'?: string[];
  /** X-kubernetes-list-type. @proto 42 @pointer @protoName xKubernetesListType */
  'x-kubernetes-list-type'?: string;
  /** X-kubernetes-map-type. @proto 43 @pointer @protoName xKubernetesMapType */
  'x-kubernetes-map-type'?: string;
  /** List of x-kubernetes-validations. @proto 44 @listType map @listKeys rule @patchStrategy merge @patchMergeKey rule @protoName xKubernetesValidations */
  'x-kubernetes-validations'?: ValidationRule[];
}

/** One schema, or a list of schemas, one a position. */
export type JSONSchemaPropsOrArray = JSONSchemaProps | JSONSchemaProps[];

/** A schema, or whether anything more is allowed at all. */
export type JSONSchemaPropsOrBool = JSONSchemaProps | boolean;

/** A schema, or the names of properties that must come along. */
export type JSONSchemaPropsOrStringArray = JSONSchemaProps | string[];
