/**
 * Types of the group apiextensions, version v1.
 * @package io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
 */
import type { Bytes, Int32, Int64, RawExtension, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, Status, TypeMeta } from '../../meta/v1/types.ts';
import type { JSONSchemaProps } from './schema.ts';
export type * from './schema.ts';

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

/** A column of the tables that `kubectl get` shows. */
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
  jsonPath: string;
}

/** How objects go from one version to another. */
export interface CustomResourceConversion {
  /** None only changes the apiVersion; Webhook asks a webhook. @proto 1 @required */
  strategy: string;
  /** How the webhook is called, where the strategy is Webhook. @proto 2 @pointer */
  webhook?: WebhookConversion;
}

/** A kind of object that the cluster learns. */
export interface CustomResourceDefinition extends KubeObject {
  /** What is wanted. @proto 2 @required */
  spec: CustomResourceDefinitionSpec;
  /** What is: written by the system. @proto 3 */
  status?: CustomResourceDefinitionStatus;
}

/** A remark about the state of a custom resource definition. */
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

/** What the resource and its kind are called. */
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

/** What is wanted of a custom resource definition. */
export interface CustomResourceDefinitionSpec {
  /** Group of the kind. @proto 1 @required */
  group: string;
  /** Names of the kind. @proto 3 @required */
  names: CustomResourceDefinitionNames;
  /** Namespaced or Cluster. @proto 4 @required */
  scope: string;
  /** Versions of the kind. @proto 7 @required @listType atomic */
  versions: CustomResourceDefinitionVersion[];
  /** How objects go from one version to another. @proto 9 @pointer */
  conversion?: CustomResourceConversion;
  /** No longer allowed to be true. @proto 10 */
  preserveUnknownFields?: boolean;
}

/** How a custom resource definition is doing, as the system has found it. */
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

/** One version of a custom resource: its schema, and whether it is served and stored. */
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

/** Where in the object the number of replicas stands. */
export interface CustomResourceSubresourceScale {
  /** Where the wanted number is, as `.spec.replicas`. @proto 1 @required */
  specReplicasPath: string;
  /** Where the present number is, as `.status.replicas`. @proto 2 @required */
  statusReplicasPath: string;
  /** Where the selector is, as text. @proto 3 @pointer */
  labelSelectorPath?: string;
}

/** The status is written apart from the rest. */
export interface CustomResourceSubresourceStatus {}

/** Which subresources there are. */
export interface CustomResourceSubresources {
  /** What is: written by the system. @proto 1 @pointer */
  status?: CustomResourceSubresourceStatus;
  /** Where the numbers for scaling are. @proto 2 @pointer */
  scale?: CustomResourceSubresourceScale;
}

/** What objects must look like. */
export interface CustomResourceValidation {
  /** What objects must look like, as a schema of OpenAPI v3. @proto 1 @pointer */
  openAPIV3Schema?: JSONSchemaProps;
}

/** A field by which lists and watches can be narrowed. */
export interface SelectableField {
  /** Path of the value in the object, as `.spec.replicas`. @proto 1 @required */
  jsonPath: string;
}

/** A service, and where on it requests go. */
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

/** How a webhook is reached. */
export interface WebhookClientConfig {
  /** Where it is, as an https address. @proto 3 @pointer */
  url?: string;
  /** The service, when it runs in the cluster. @proto 1 @pointer */
  service?: ServiceReference;
  /** Certificates, PEM, that its own must be signed by. @proto 2 */
  caBundle?: Bytes;
}

/** The webhook that converts objects. */
export interface WebhookConversion {
  /** How to reach it. @proto 2 @pointer */
  clientConfig?: WebhookClientConfig;
  /** Versions of ConversionReview that it understands, the best first. @proto 3 @required @listType atomic */
  conversionReviewVersions: string[];
}
