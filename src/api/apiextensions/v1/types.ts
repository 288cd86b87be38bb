/**
 * Types of the group apiextensions, version v1.
 * @package io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
 */
import type { Bytes, Int32, Int64, RawExtension, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, Status, TypeMeta } from '../../meta/v1/types.ts';
import type { JSONSchemaProps } from './schema.ts';
export type * from './schema.ts';

/** Conversion request. @unpublished */
export interface ConversionRequest {
  /** Uid. @proto 1 @required */
  uid: string;
  /** Desired API version. @proto 2 @required */
  desiredAPIVersion: string;
  /** List of objects. @proto 3 @required @listType atomic */
  objects: RawExtension[];
}

/** Conversion response. @unpublished */
export interface ConversionResponse {
  /** Uid. @proto 1 @required */
  uid: string;
  /** List of converted objects. @proto 2 @required @listType atomic */
  convertedObjects: RawExtension[];
  /** Result. @proto 3 @required */
  result: Status;
}

/** Conversion review. @unpublished */
export interface ConversionReview extends TypeMeta {
  /** Request. @proto 1 @pointer */
  request?: ConversionRequest;
  /** Response. @proto 2 @pointer */
  response?: ConversionResponse;
}

/** Custom resource column definition. */
export interface CustomResourceColumnDefinition {
  /** Name. @proto 1 @required */
  name: string;
  /** Type. @proto 2 @required */
  type: string;
  /** Format. @proto 3 */
  format?: string;
  /** Description. @proto 4 */
  description?: string;
  /** Priority. @proto 5 */
  priority?: Int32;
  /** Json path. @proto 6 @required */
  jsonPath: string;
}

/** Custom resource conversion. */
export interface CustomResourceConversion {
  /** Strategy. @proto 1 @required */
  strategy: string;
  /** Webhook. @proto 2 @pointer */
  webhook?: WebhookConversion;
}

/** Custom resource definition. */
export interface CustomResourceDefinition extends KubeObject {
  /** Spec. @proto 2 @required */
  spec: CustomResourceDefinitionSpec;
  /** Status. @proto 3 */
  status?: CustomResourceDefinitionStatus;
}

/** Custom resource definition condition. */
export interface CustomResourceDefinitionCondition {
  /** Type. @proto 1 @required */
  type: string;
  /** Status. @proto 2 @required */
  status: string;
  /** When: last transition time. @proto 3 */
  lastTransitionTime?: Time;
  /** Reason. @proto 4 */
  reason?: string;
  /** Message. @proto 5 */
  message?: string;
  /** Observed generation. @proto 6 */
  observedGeneration?: Int64;
}

/** Custom resource definition names. */
export interface CustomResourceDefinitionNames {
  /** Plural. @proto 1 @required */
  plural: string;
  /** Singular. @proto 2 */
  singular?: string;
  /** List of short names. @proto 3 @listType atomic */
  shortNames?: string[];
  /** Kind. @proto 4 @required */
  kind: string;
  /** List kind. @proto 5 */
  listKind?: string;
  /** List of categories. @proto 6 @listType atomic */
  categories?: string[];
}

/** Custom resource definition spec. */
export interface CustomResourceDefinitionSpec {
  /** Group. @proto 1 @required */
  group: string;
  /** Names. @proto 3 @required */
  names: CustomResourceDefinitionNames;
  /** Scope. @proto 4 @required */
  scope: string;
  /** List of versions. @proto 7 @required @listType atomic */
  versions: CustomResourceDefinitionVersion[];
  /** Conversion. @proto 9 @pointer */
  conversion?: CustomResourceConversion;
  /** Whether: preserve unknown fields. @proto 10 */
  preserveUnknownFields?: boolean;
}

/** Custom resource definition status. */
export interface CustomResourceDefinitionStatus {
  /** List of conditions. @proto 1 @keepEmpty @listType map @listKeys type */
  conditions?: CustomResourceDefinitionCondition[];
  /** Accepted names. @proto 2 @keepEmpty */
  acceptedNames?: CustomResourceDefinitionNames;
  /** List of stored versions. @proto 3 @keepEmpty @listType atomic */
  storedVersions?: string[];
  /** Observed generation. @proto 4 */
  observedGeneration?: Int64;
}

/** Custom resource definition version. */
export interface CustomResourceDefinitionVersion {
  /** Name. @proto 1 @required */
  name: string;
  /** Whether: served. @proto 2 @required */
  served: boolean;
  /** Whether: storage. @proto 3 @required */
  storage: boolean;
  /** Whether: deprecated. @proto 7 */
  deprecated?: boolean;
  /** Deprecation warning. @proto 8 @pointer */
  deprecationWarning?: string;
  /** Schema. @proto 4 @pointer */
  schema?: CustomResourceValidation;
  /** Subresources. @proto 5 @pointer */
  subresources?: CustomResourceSubresources;
  /** List of additional printer columns. @proto 6 @listType atomic */
  additionalPrinterColumns?: CustomResourceColumnDefinition[];
  /** List of selectable fields. @proto 9 @listType atomic */
  selectableFields?: SelectableField[];
}

/** Custom resource subresource scale. */
export interface CustomResourceSubresourceScale {
  /** Spec replicas path. @proto 1 @required */
  specReplicasPath: string;
  /** Status replicas path. @proto 2 @required */
  statusReplicasPath: string;
  /** Label selector path. @proto 3 @pointer */
  labelSelectorPath?: string;
}

/** Custom resource subresource status. */
export interface CustomResourceSubresourceStatus {}

/** Custom resource subresources. */
export interface CustomResourceSubresources {
  /** Status. @proto 1 @pointer */
  status?: CustomResourceSubresourceStatus;
  /** Scale. @proto 2 @pointer */
  scale?: CustomResourceSubresourceScale;
}

/** Custom resource validation. */
export interface CustomResourceValidation {
  /** Open APIV3 schema. @proto 1 @pointer */
  openAPIV3Schema?: JSONSchemaProps;
}

/** External documentation. */
export interface ExternalDocumentation {
  /** Description. @proto 1 */
  description?: string;
  /** Url. @proto 2 */
  url?: string;
}

/** Selectable field. */
export interface SelectableField {
  /** Json path. @proto 1 @required */
  jsonPath: string;
}

/** Service reference. */
export interface ServiceReference {
  /** Namespace. @proto 1 @required */
  namespace: string;
  /** Name. @proto 2 @required */
  name: string;
  /** Path. @proto 3 @pointer */
  path?: string;
  /** Port. @proto 4 @pointer */
  port?: Int32;
}

/** Validation rule. */
export interface ValidationRule {
  /** Rule. @proto 1 @required */
  rule: string;
  /** Message. @proto 2 */
  message?: string;
  /** Message expression. @proto 3 */
  messageExpression?: string;
  /** Reason. @proto 4 @pointer @enum FieldValueDuplicate|FieldValueForbidden|FieldValueInvalid|FieldValueRequired */
  reason?: string;
  /** Field path. @proto 5 */
  fieldPath?: string;
  /** Whether: optional old self. @proto 6 @pointer */
  optionalOldSelf?: boolean;
}

/** Webhook client config. */
export interface WebhookClientConfig {
  /** Url. @proto 3 @pointer */
  url?: string;
  /** Service. @proto 1 @pointer */
  service?: ServiceReference;
  /** Ca bundle. @proto 2 */
  caBundle?: Bytes;
}

/** Webhook conversion. */
export interface WebhookConversion {
  /** Client config. @proto 2 @pointer */
  clientConfig?: WebhookClientConfig;
  /** List of conversion review versions. @proto 3 @required @listType atomic */
  conversionReviewVersions: string[];
}
