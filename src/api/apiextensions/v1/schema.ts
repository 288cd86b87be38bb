/**
 * Schemas of custom resources.
 * @package io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
 */
import type { Double, Int64 } from '../../meta/v1/scalars.ts';

/** Any JSON value. */
export type JSON = unknown;

/** A schema in the words of JSON Schema, as far as custom resources have them. */
export interface JSONSchemaProps {
  /** Identifier of the schema; not allowed in a structural schema. @proto 1 */
  id?: string;
  /** Which JSON schema it is written in. @proto 2 */
  '$schema'?: string;
  /** Reference to another schema; not allowed in a structural schema. @proto 3 @pointer */
  '$ref'?: string;
  /** What it is, for people. @proto 4 */
  description?: string;
  /** object, array, string, number, integer or boolean. @proto 5 */
  type?: string;
  /** A finer form, as `date-time` or `int32`. @proto 6 */
  format?: string;
  /** A heading, for people. @proto 7 */
  title?: string;
  /** Value that is filled in when there is none. @proto 8 @pointer */
  default?: JSON;
  /** Largest number. @proto 9 @pointer */
  maximum?: Double;
  /** Whether that number itself is too large. @proto 10 */
  exclusiveMaximum?: boolean;
  /** Smallest number. @proto 11 @pointer */
  minimum?: Double;
  /** Whether that number itself is too small. @proto 12 */
  exclusiveMinimum?: boolean;
  /** Greatest length of a string. @proto 13 @pointer */
  maxLength?: Int64;
  /** Least length of a string. @proto 14 @pointer */
  minLength?: Int64;
  /** Regular expression that a string must match. @proto 15 */
  pattern?: string;
  /** Most items of a list. @proto 16 @pointer */
  maxItems?: Int64;
  /** Fewest items of a list. @proto 17 @pointer */
  minItems?: Int64;
  /** Whether the items of a list must differ. @proto 18 */
  uniqueItems?: boolean;
  /** Number that a number must be a multiple of. @proto 19 @pointer */
  multipleOf?: Double;
  /** The values that are allowed. @proto 20 @listType atomic */
  enum?: JSON[];
  /** Most properties of an object. @proto 21 @pointer */
  maxProperties?: Int64;
  /** Fewest properties of an object. @proto 22 @pointer */
  minProperties?: Int64;
  /** Properties that must be there. @proto 23 @listType atomic */
  required?: string[];
  /** Schema of the items of a list. @proto 24 @pointer */
  items?: JSONSchemaPropsOrArray;
  /** Schemas that must all hold. @proto 25 @listType atomic */
  allOf?: JSONSchemaProps[];
  /** Schemas of which exactly one must hold. @proto 26 @listType atomic */
  oneOf?: JSONSchemaProps[];
  /** Schemas of which at least one must hold. @proto 27 @listType atomic */
  anyOf?: JSONSchemaProps[];
  /** A schema that must not hold. @proto 28 @pointer */
  not?: JSONSchemaProps;
  /** Schemas of the properties. @proto 29 */
  properties?: Record<string, JSONSchemaProps>;
  /** Schema of all other properties. @proto 30 @pointer */
  additionalProperties?: JSONSchemaPropsOrBool;
  /** Schemas of properties by pattern; not allowed in a structural schema. @proto 31 */
  patternProperties?: Record<string, JSONSchemaProps>;
  /** What must come along with a property; not allowed in a structural schema. @proto 32 */
  dependencies?: Record<string, JSONSchemaPropsOrStringArray>;
  /** Schema of further items; not allowed in a structural schema. @proto 33 @pointer */
  additionalItems?: JSONSchemaPropsOrBool;
  /** Schemas to refer to; not allowed in a structural schema. @proto 34 */
  definitions?: Record<string, JSONSchemaProps>;
  /** Where to read more. @proto 35 @pointer */
  externalDocs?: ExternalDocumentation;
  /** A value that fits, for readers. @proto 36 @pointer */
  example?: JSON;
  /** Whether null is allowed. @proto 37 */
  nullable?: boolean;
  /** Whether properties without a schema are kept. @proto 38 @pointer */
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  /** Whether it is an object with apiVersion, kind and metadata. @proto 39 */
  'x-kubernetes-embedded-resource'?: boolean;
  /** Whether a number or a string is allowed. @proto 40 */
  'x-kubernetes-int-or-string'?: boolean;
  /** Properties that tell the items of a list apart. @proto 41 @listType atomic */
  'x-kubernetes-list-map-keys'?: string[];
  /** How lists are merged: atomic, set or map. @proto 42 @pointer */
  'x-kubernetes-list-type'?: string;
  /** How objects are merged: granular or atomic. @proto 43 @pointer */
  'x-kubernetes-map-type'?: string;
  /** Expressions that must hold. @proto 44 @listType map @listKeys rule @patchStrategy merge @patchMergeKey rule */
  'x-kubernetes-validations'?: ValidationRule[];
}

/** One schema, or a list of schemas, one a position. */
export type JSONSchemaPropsOrArray = JSONSchemaProps | JSONSchemaProps[];

/** A schema, or whether anything more is allowed at all. */
export type JSONSchemaPropsOrBool = JSONSchemaProps | boolean;

/** A schema, or the names of properties that must come along. */
export type JSONSchemaPropsOrStringArray = JSONSchemaProps | string[];

/** A page with more about it. */
export interface ExternalDocumentation {
  /** What there is to read. @proto 1 */
  description?: string;
  /** Where it is, as an https address. @proto 2 */
  url?: string;
}

/** An expression that every value must meet. */
export interface ValidationRule {
  /** An expression over self that must be true. @proto 1 @required */
  rule: string;
  /** Why, as a sentence for people. @proto 2 */
  message?: string;
  /** An expression that makes the message. @proto 3 */
  messageExpression?: string;
  /** Why, as one word for programs. @proto 4 @pointer @enum FieldValueDuplicate|FieldValueForbidden|FieldValueInvalid|FieldValueRequired */
  reason?: string;
  /** Path of the field to blame, as `.spec.x`. @proto 5 */
  fieldPath?: string;
  /** Whether the rule runs on create too, without an oldSelf. @proto 6 @pointer */
  optionalOldSelf?: boolean;
}
