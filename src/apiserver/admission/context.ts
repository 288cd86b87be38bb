/** What admission plug-ins are made with, and helpers that several of them share. */
import type { Resource } from '../../api/meta/resource.ts';
import { forbidden, type StatusError } from '../../api/meta/status.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Client } from '../../client/types.ts';
import type { Host } from '../../host/types.ts';
import type { RbacAuthorizer } from '../authorization/rbac.ts';
import type { Lookup } from '../lookup.ts';
import type { ServiceResolver } from '../service-resolver.ts';
import type { AdmissionPlugin, AdmissionRequest, Authorizer } from '../types.ts';

/** What admission asks about custom resources. */
export interface CustomVersions {
  /** Versions that are served; undefined for what is no custom resource. */
  served(group: string, plural: string): readonly string[] | undefined;
  /** The plural of a kind that is served in a version. */
  pluralOf(group: string, version: string, kind: string): { plural: string; namespaced: boolean } | undefined;
  /** An object in another version, with that version's defaults: converted here or by a webhook. The argument is left as it is. Rejects with a StatusError. */
  convert(group: string, plural: string, object: KubeObject, version: string): Promise<KubeObject>;
}

export interface AdmissionContext {
  host: Host;
  /** Acts as the server itself. */
  client: Client;
  lookup: Lookup;
  authorizer: Authorizer;
  /** Absent where no custom resources are served. */
  custom?: CustomVersions;
  /** Absent when roles are not in use. */
  rbac?: RbacAuthorizer;
  /** Finds the servers of webhooks that are named by a Service. */
  resolver?: ServiceResolver;
  /** Told of each call of a webhook: [name, operation, rejected, type] and seconds. */
  observeWebhook?: (labels: readonly string[], seconds: number) => void;
  /** Told of each decision of a validating policy: [enforcement_action, error_type, policy, policy_binding] and seconds. */
  observePolicy?: (labels: readonly string[], seconds: number) => void;
}

export type CreatePlugin = (context: AdmissionContext) => AdmissionPlugin;

/** True for writes of that kind itself or of one of the subresources named. */
export function isFor(request: AdmissionRequest, resource: Pick<Resource, 'group' | 'plural'>, subresources: readonly string[] = ['']): boolean {
  return request.resource.plural === resource.plural && request.resource.group === resource.group && subresources.includes(request.subresource);
}

/** The name that messages give an object which may not have one yet. */
export function nameOf(request: AdmissionRequest): string {
  const metadata = request.object?.['metadata'] as { name?: string; generateName?: string } | undefined;
  return request.name || metadata?.name || metadata?.generateName || '';
}

/** A plug-in's refusal (403). */
export function refusal(request: AdmissionRequest, why: string): StatusError {
  return forbidden({ group: request.resource.group, plural: request.resource.plural }, nameOf(request), why);
}

/** The object as the kind it is. `handles` has made sure that there is one. */
export function objectOf<T>(request: AdmissionRequest): T {
  return request.object as T;
}

export function oldOf<T>(request: AdmissionRequest): T {
  return request.oldObject as T;
}
