/** The kinds that are answered without the store, by where they are served. */
import { Bindings, ComponentStatuses, LocalSubjectAccessReviews, SelfSubjectAccessReviews, SelfSubjectReviews, SelfSubjectRulesReviews, ServiceAccounts, SubjectAccessReviews, TokenReviews } from '../api/resources.ts';
import type { Binding, ComponentStatus } from '../api/core/v1/types.ts';
import type { TokenRequest } from '../api/authentication/v1/types.ts';
import { badRequest, failure, notFound } from '../api/meta/status.ts';
import type { Resource } from '../api/meta/resource.ts';
import type { Host } from '../host/types.ts';
import { runAdmission } from './admission/run.ts';
import type { TokenAuthenticator } from './authentication/bearer.ts';
import { selfSubjectReviews, tokenReviews } from './authentication/reviews.ts';
import type { TokenIssuer } from './authentication/token-request.ts';
import { localSubjectAccessReviews, selfSubjectAccessReviews, selfSubjectRulesReviews, subjectAccessReviews } from './authorization/reviews.ts';
import { userOf } from './chain/authorization.ts';
import { infoOf } from './chain/request-info.ts';
import { json, objectResponse } from './chain/responses.ts';
import { tableFor } from './printers/index.ts';
import { created, readObject, type VirtualHandler, type VirtualKind } from './endpoints/virtual.ts';
import type { AdmissionPlugin, Authorizer, Next } from './types.ts';
import { derived } from './derive.ts';

export interface VirtualKindsOptions {
  host: Host;
  authorizer: Authorizer;
  tokenAuthenticators: readonly TokenAuthenticator[];
  apiAudiences: readonly string[];
  /** Absent when the server has no key to sign with. */
  issuer: TokenIssuer | undefined;
  plugins: readonly AdmissionPlugin[];
  stored: Next;
  storeHealth: () => Promise<void>;
}

const kindOf = ({ group, version, kind, schema }: Resource): VirtualKind => ({ group, version, kind, schema });
const keyOf = (resource: Resource, subresource = ''): string => `${resource.group}/${resource.version}/${resource.plural}${subresource}`;

const tokenRequestKind: VirtualKind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', schema: 'io.k8s.api.authentication.v1.TokenRequest' };

function tokens({ issuer, plugins }: VirtualKindsOptions): VirtualHandler {
  return async (request) => {
    const { namespace, name } = infoOf(request);
    if (!issuer) throw failure(404, 'NotFound', 'this server has no key to sign service account tokens with', {});
    const question = await readObject<TokenRequest>(request, tokenRequestKind);
    const dryRun = request.query.getAll('dryRun').includes('All');
    await runAdmission(plugins, {
      operation: 'CREATE', resource: ServiceAccounts, subresource: 'token', namespace, name, user: userOf(request), object: question as unknown as Record<string, unknown>, options: {}, dryRun, warnings: request.warnings,
    });
    return created(tokenRequestKind, await issuer.issue(namespace, name, question));
  };
}

/** `POST bindings` is the old way to say `POST pods/<name>/binding`. */
function bindings(stored: Next): VirtualHandler {
  return async (request) => {
    const binding = await readObject<Binding>(request, kindOf(Bindings));
    const name = binding.metadata.name ?? '';
    if (name === '') throw badRequest('metadata.name: Required value');
    const info = infoOf(request);
    return stored(derived(request, { info: { ...info, resource: 'pods', subresource: 'binding', name }, path: `/api/v1/namespaces/${info.namespace}/pods/${name}/binding` }));
  };
}

/** The one component that this server can speak for is its store. */
function componentStatuses({ storeHealth, host }: VirtualKindsOptions): VirtualHandler {
  return async (request) => {
    const trouble = await storeHealth().then(() => undefined, (error: unknown) => String(error));
    const condition = trouble === undefined ? { type: 'Healthy', status: 'True', message: 'ok' } : { type: 'Healthy', status: 'False', message: trouble };
    const status = { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name: 'etcd-0' }, conditions: [condition] };
    const { name, verb } = infoOf(request);
    if (/;\s*as=Table/i.test(request.headers['accept'] ?? '')) return json(200, tableFor(ComponentStatuses, [status as unknown as ComponentStatus], { now: host.clock.now() }));
    if (verb === 'list') return objectResponse(200, { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items: [status] });
    if (name !== 'etcd-0') throw notFound({ group: '', plural: 'componentstatuses' }, name);
    return objectResponse(200, status);
  };
}

export function virtualKinds(options: VirtualKindsOptions): ReadonlyMap<string, VirtualHandler> {
  const { authorizer, host, tokenAuthenticators, apiAudiences } = options;
  return new Map<string, VirtualHandler>([
    [keyOf(Bindings), bindings(options.stored)],
    [keyOf(ComponentStatuses), componentStatuses(options)],
    [keyOf(ServiceAccounts, '/token'), tokens(options)],
    [keyOf(TokenReviews), tokenReviews(kindOf(TokenReviews), tokenAuthenticators, apiAudiences)],
    [keyOf(SelfSubjectReviews), selfSubjectReviews(kindOf(SelfSubjectReviews), host.clock)],
    [keyOf(SubjectAccessReviews), subjectAccessReviews(kindOf(SubjectAccessReviews), authorizer)],
    [keyOf(LocalSubjectAccessReviews), localSubjectAccessReviews(kindOf(LocalSubjectAccessReviews), authorizer)],
    [keyOf(SelfSubjectAccessReviews), selfSubjectAccessReviews(kindOf(SelfSubjectAccessReviews), authorizer)],
    [keyOf(SelfSubjectRulesReviews), selfSubjectRulesReviews(kindOf(SelfSubjectRulesReviews), authorizer)],
  ]);
}
