/**
 * Types of the group apiextensions, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1 @offByDefault
 */
import type { Bytes, Double, Int32, Int64, RawExtension, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, Status, TypeMeta } from '../../meta/v1/types.ts';

/** What a conversion webhook is asked: objects, and the version they are wanted in. @unpublished */
export interface ConversionRequest {
  /** Identifier of this question; the answer repeats it. @proto 1 @required */
  uid: string;
  /** Version to convert to. @proto 2 @required */
  desiredAPIVersion: string;
  /** Objects to convert. @proto 3 @required @listType atomic */
  objects: RawExtension[];
}

/** What a conversion webhook answers: the objects in that version, or why not. @unpublished */
export interface ConversionResponse {
  /** Identifier of the question. @proto 1 @required */
  uid: string;
  /** The objects, in the same order. @proto 2 @required @listType atomic */
  convertedObjects: RawExtension[];
  /** Whether it went well. @proto 3 @required */
  result: Status;
}

/** A question to a conversion webhook, and its answer. @unpublished */
export interface ConversionReview extends TypeMeta {
  /** The question. @proto 1 @pointer */
  request?: ConversionRequest;
  /** The answer. @proto 2 @pointer */
  response?: ConversionResponse;
}

/** A column of the tables that `kubectl get` shows. @unpublished */
export interface CustomResourceColumnDefinition {
  /** Heading of the column. @proto 1 @required */
  name: string;
  /** Type of the cells. @proto 2 @required */
  type: string;
  /** A finer form of the type. @proto 3 */
  format?: string;
  /** What the column shows. @proto 4 */
  description?: string;
  /** 0 shows always; more shows only when asked for more. @proto 5 */
  priority?: Int32;
  /** Path of the value in the object, as `.spec.replicas`. @proto 6 @required */
  JSONPath: string;
}

/** How objects go from one version to another. @unpublished */
export interface CustomResourceConversion {
  /** None only changes the apiVersion; Webhook asks a webhook. @proto 1 @required */
  strategy: string;
  /** Where the webhook is. @proto 2 @pointer */
  webhookClientConfig?: WebhookClientConfig;
  /** Versions of the question that the webhook understands, the best first. @proto 3 @listType atomic */
  conversionReviewVersions?: string[];
}

/** A kind of object that the cluster learns. @unpublished */
export interface CustomResourceDefinition extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: CustomResourceDefinitionSpec;
  /** What is: written by the system. @proto 3 */
  status?: CustomResourceDefinitionStatus;
}

/** A remark about the state of a custom resource definition. @unpublished */
export interface CustomResourceDefinitionCondition {
  /** What it is about, as one word. @proto 1 @required */
  type: string;
  /** True, False or Unknown. @proto 2 @required */
  status: string;
  /** When the status last changed from one value to another. @proto 3 */
  lastTransitionTime?: Time | null;
  /** Why, as one word for programs. @proto 4 */
  reason?: string;
  /** Why, as a sentence for people. @proto 5 */
  message?: string;
  /** The generation of the object that this status speaks of. @proto 6 */
  observedGeneration?: Int64;
}

/** What the resource and its kind are called. @unpublished */
export interface CustomResourceDefinitionNames {
  /** Name in the plural, in lower case: the word in the URL. @proto 1 @required */
  plural: string;
  /** Name in the singular, in lower case. @proto 2 */
  singular?: string;
  /** Shorter words for the resource that clients may use, as `po` for pods. @proto 3 @listType atomic */
  shortNames?: string[];
  /** Name of the kind. @proto 4 @required */
  kind: string;
  /** Name of its lists. @proto 5 */
  listKind?: string;
  /** Names of sets that it belongs to, as `all`. @proto 6 @listType atomic */
  categories?: string[];
}

/** What is wanted of a custom resource definition. @unpublished */
export interface CustomResourceDefinitionSpec {
  /** Group of the kind. @proto 1 @required */
  group: string;
  /** Name of the first version. @proto 2 */
  version?: string;
  /** Names of the kind. @proto 3 @required */
  names: CustomResourceDefinitionNames;
  /** Namespaced or Cluster. @proto 4 @required */
  scope: string;
  /** Schema of all versions, where they share one. @proto 5 @pointer */
  validation?: CustomResourceValidation;
  /** Subresources of all versions, where they share them. @proto 6 @pointer */
  subresources?: CustomResourceSubresources;
  /** Versions of the kind. @proto 7 @listType atomic */
  versions?: CustomResourceDefinitionVersion[];
  /** Columns of all versions, where they share them. @proto 8 @listType atomic */
  additionalPrinterColumns?: CustomResourceColumnDefinition[];
  /** Fields to select by of all versions, where they share them. @proto 11 @listType atomic */
  selectableFields?: SelectableField[];
  /** How objects go from one version to another. @proto 9 @pointer */
  conversion?: CustomResourceConversion;
  /** No longer allowed to be true. @proto 10 @pointer */
  preserveUnknownFields?: boolean;
}

/** How a custom resource definition is doing, as the system has found it. @unpublished */
export interface CustomResourceDefinitionStatus {
  /** Remarks about the state, one a type. @proto 1 @keepEmpty @listType map @listKeys type */
  conditions?: CustomResourceDefinitionCondition[];
  /** The names that are in force. @proto 2 @keepEmpty */
  acceptedNames?: CustomResourceDefinitionNames;
  /** Versions that may be in the store. @proto 3 @keepEmpty @listType atomic */
  storedVersions?: string[];
  /** The generation of the object that this status speaks of. @proto 4 */
  observedGeneration?: Int64;
}

/** One version of a custom resource: its schema, and whether it is served and stored. @unpublished */
export interface CustomResourceDefinitionVersion {
  /** Name of the version, as `v1`. @proto 1 @required */
  name: string;
  /** Whether it is served. @proto 2 @required */
  served: boolean;
  /** Whether it is the one in the store; exactly one is. @proto 3 @required */
  storage: boolean;
  /** Whether clients are warned of it. @proto 7 */
  deprecated?: boolean;
  /** The text of that warning. @proto 8 @pointer */
  deprecationWarning?: string;
  /** The schema of its objects. @proto 4 @pointer */
  schema?: CustomResourceValidation;
  /** Whether it has status and scale. @proto 5 @pointer */
  subresources?: CustomResourceSubresources;
  /** Columns of its tables. @proto 6 @listType atomic */
  additionalPrinterColumns?: CustomResourceColumnDefinition[];
  /** Fields that can be selected by. @proto 9 @listType atomic */
  selectableFields?: SelectableField[];
}

/** Where in the object the number of replicas stands. @unpublished */
export interface CustomResourceSubresourceScale {
  /** Where the wanted number is, as `.spec.replicas`. @proto 1 @required */
  specReplicasPath: string;
  /** Where the present number is, as `.status.replicas`. @proto 2 @required */
  statusReplicasPath: string;
  /** Where the selector is, as text. @proto 3 @pointer */
  labelSelectorPath?: string;
}

/** The status is written apart from the rest. @unpublished */
export interface CustomResourceSubresourceStatus {
}

/** Which subresources there are. @unpublished */
export interface CustomResourceSubresources {
  /** What is: written by the system. @proto 1 @pointer */
  status?: CustomResourceSubresourceStatus;
  /** Where the numbers for scaling are. @proto 2 @pointer */
  scale?: CustomResourceSubresourceScale;
}

/** What objects must look like. @unpublished */
export interface CustomResourceValidation {
  /** What objects must look like, as a schema of OpenAPI v3. @proto 1 @pointer */
  openAPIV3Schema?: JSONSchemaProps;
}

/** A page with more about it. @unpublished */
export interface ExternalDocumentation {
  /** What there is to read. @proto 1 */
  description?: string;
  /** Where it is, as an https address. @proto 2 */
  url?: string;
}

/** Any JSON. */
export type JSON = unknown;

/** A schema in the words of JSON Schema, as far as custom resources have them. @unpublished */
export interface JSONSchemaProps {
  /** Identifier of the schema; not allowed in a structural schema. @proto 1 */
  id?: string;
  /** Which JSON schema it is written in. @proto 2 */
  $schema?: string;
  /** Reference to another schema; not allowed in a structural schema. @proto 3 @pointer */
  $ref?: string;
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

/** A schema, or several. */
export type JSONSchemaPropsOrArray = JSONSchemaProps | JSONSchemaProps[];

/** A schema, or whether anything is allowed. */
export type JSONSchemaPropsOrBool = JSONSchemaProps | boolean;

/** A schema, or names of fields. */
export type JSONSchemaPropsOrStringArray = JSONSchemaProps | string[];

/** A field by which lists and watches can be narrowed. @unpublished */
export interface SelectableField {
  /** Path of the value in the object, as `.spec.replicas`. @proto 1 @required */
  jsonPath: string;
}

/** A service, and where on it requests go. @unpublished */
export interface ServiceReference {
  /** Namespace of the service. @proto 1 @required */
  namespace: string;
  /** Name of the service. @proto 2 @required */
  name: string;
  /** Path of the requests. @proto 3 @pointer */
  path?: string;
  /** Port of the service; 443 when unset. @proto 4 @pointer */
  port?: Int32;
}

/** An expression that every value must meet. @unpublished */
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

/** How a webhook is reached. @unpublished */
export interface WebhookClientConfig {
  /** Where it is, as an https address. @proto 3 @pointer */
  url?: string;
  /** The service, when it runs in the cluster. @proto 1 @pointer */
  service?: ServiceReference;
  /** Certificates, PEM, that its own must be signed by. @proto 2 */
  caBundle?: Bytes;
}
