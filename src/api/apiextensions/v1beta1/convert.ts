/**
 * Definitions between v1 and v1beta1, the version that the store holds them in. In v1beta1 what all versions share stands once, above them;
 * what they do not share stands in each.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CustomResourceColumnDefinition, CustomResourceConversion, CustomResourceDefinition, CustomResourceDefinitionVersion } from '../v1/types.ts';
import type * as beta from './types.ts';

const V1 = 'apiextensions.k8s.io/v1';
const V1BETA1 = 'apiextensions.k8s.io/v1beta1';

/** Fields of a version → the field above the versions. */
const SHARED = { schema: 'validation', subresources: 'subresources', additionalPrinterColumns: 'additionalPrinterColumns', selectableFields: 'selectableFields' } as const;
type Shared = keyof typeof SHARED;
const SHARED_FIELDS = Object.keys(SHARED) as Shared[];

function columnToBeta({ jsonPath, ...rest }: CustomResourceColumnDefinition): beta.CustomResourceColumnDefinition {
  return { ...rest, JSONPath: jsonPath };
}

function columnToV1({ JSONPath, ...rest }: beta.CustomResourceColumnDefinition): CustomResourceColumnDefinition {
  return { ...rest, jsonPath: JSONPath };
}

function versionToBeta(version: CustomResourceDefinitionVersion): beta.CustomResourceDefinitionVersion {
  const { additionalPrinterColumns: columns, ...rest } = version;
  return { ...rest, ...(columns === undefined ? {} : { additionalPrinterColumns: columns.map(columnToBeta) }) } as beta.CustomResourceDefinitionVersion;
}

function versionToV1(version: beta.CustomResourceDefinitionVersion): CustomResourceDefinitionVersion {
  const { additionalPrinterColumns: columns, ...rest } = version;
  return { ...rest, ...(columns === undefined ? {} : { additionalPrinterColumns: columns.map(columnToV1) }) } as CustomResourceDefinitionVersion;
}

function conversionToBeta({ strategy, webhook }: CustomResourceConversion): beta.CustomResourceConversion {
  if (webhook === undefined) return { strategy };
  const { clientConfig, conversionReviewVersions } = webhook;
  return { strategy, ...(clientConfig === undefined ? {} : { webhookClientConfig: clientConfig }), conversionReviewVersions };
}

function conversionToV1({ strategy, webhookClientConfig: clientConfig, conversionReviewVersions }: beta.CustomResourceConversion): CustomResourceConversion {
  if (clientConfig === undefined && (conversionReviewVersions ?? []).length === 0) return { strategy };
  return { strategy, webhook: { ...(clientConfig === undefined ? {} : { clientConfig }), conversionReviewVersions: conversionReviewVersions ?? [] } };
}

/** v1 → v1beta1. Shares parts with its input. */
export function definitionToBeta(from: CustomResourceDefinition): beta.CustomResourceDefinition {
  const { versions, conversion, ...spec } = from.spec;
  const converted = versions.map(versionToBeta);
  const above: Record<string, unknown> = {};
  for (const field of SHARED_FIELDS) {
    if (!converted.every((version) => isDeepStrictEqual(version[field], converted[0]![field]))) continue;
    if (converted[0]?.[field] !== undefined) above[SHARED[field]] = converted[0][field];
    for (const version of converted) delete version[field];
  }
  return {
    ...from, apiVersion: V1BETA1,
    spec: {
      ...spec, ...above, preserveUnknownFields: spec.preserveUnknownFields ?? false,
      ...(converted.length > 0 ? { version: converted[0]!.name, versions: converted } : {}),
      ...(conversion === undefined ? {} : { conversion: conversionToBeta(conversion) }),
    },
  } as beta.CustomResourceDefinition;
}

/** v1beta1 → v1. Shares parts with its input. */
export function definitionToV1(from: beta.CustomResourceDefinition): CustomResourceDefinition {
  const { version, versions = [], validation, subresources, additionalPrinterColumns, selectableFields, conversion, preserveUnknownFields, ...spec } = from.spec;
  const named: beta.CustomResourceDefinitionVersion[] = versions.length > 0 || version === undefined || version === '' ? versions : [{ name: version, served: true, storage: true }];
  const shared = {
    ...(validation === undefined ? {} : { schema: validation }), ...(subresources === undefined ? {} : { subresources }),
    ...(additionalPrinterColumns === undefined ? {} : { additionalPrinterColumns }), ...(selectableFields === undefined ? {} : { selectableFields }),
  };
  return {
    ...from, apiVersion: V1,
    spec: {
      ...spec, versions: named.map((one) => versionToV1({ ...one, ...shared } as beta.CustomResourceDefinitionVersion)),
      ...(preserveUnknownFields === true ? { preserveUnknownFields } : {}), ...(conversion === undefined ? {} : { conversion: conversionToV1(conversion) }),
    },
  } as CustomResourceDefinition;
}
