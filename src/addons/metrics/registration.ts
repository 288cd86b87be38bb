/** The objects that make an API server pass metrics.k8s.io on, and what this add-on may do. */
import type { APIService } from '../../api/apiregistration/v1/types.ts';
import type { Service } from '../../api/core/v1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { isAlreadyExists, isNotFound } from '../../api/meta/status.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { ClusterRole, ClusterRoleBinding } from '../../api/rbac/v1/types.ts';
import { APIServices, ClusterRoleBindings, ClusterRoles, Services } from '../../api/resources.ts';
import type { Client } from '../../client/types.ts';
import { group, version } from './objects.ts';

export const serviceName = 'kubets-metrics';
export const serviceNamespace = 'kube-system';
/** What the serving certificate must be for. */
export const servingName = `${serviceName}.${serviceNamespace}.svc`;
/** Whose rights the add-on has, at the API server and at the kubelets. */
export const userName = 'kubets:metrics';

const apiServiceName = `${version}.${group}`;
const rbac = 'rbac.authorization.k8s.io';
const read = ['get', 'list'];
/** As metrics-server registers itself. */
const priorities = { groupPriorityMinimum: 100, versionPriority: 100 };

const roles: readonly ClusterRole[] = [
  {
    metadata: { name: userName },
    rules: [{ apiGroups: [''], resources: ['nodes', 'pods'], verbs: read }, { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] }],
  },
  {
    metadata: {
      name: 'kubets:metrics-reader',
      labels: Object.fromEntries(['admin', 'edit', 'view'].map((role) => [`${rbac}/aggregate-to-${role}`, 'true'])),
    },
    rules: [{ apiGroups: [group], resources: ['nodes', 'pods'], verbs: [...read, 'watch'] }],
  },
];

const binding: ClusterRoleBinding = {
  metadata: { name: userName }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: userName }, subjects: [{ apiGroup: rbac, kind: 'User', name: userName }],
};

/** Every API server reaches the add-on that runs beside it, and nobody else does. */
const service: Service = { metadata: { name: serviceName, namespace: serviceNamespace }, spec: { type: 'ExternalName', externalName: 'localhost' } };

async function ensure<T extends KubeObject>(client: Client, resource: Resource<T>, object: T): Promise<void> {
  const all = client.of(resource);
  await (resource.namespaced ? all.inNamespace(object.metadata.namespace!) : all).create(object).catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error;
  });
}

/** The registration as it stands; `foreign` when it leads to another server, which is then left alone. */
export async function registered(client: Client): Promise<{ port?: number; foreign: boolean; current?: APIService }> {
  const current = await client.of(APIServices).get(apiServiceName).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  const target = current?.spec?.service;
  if (!current) return { foreign: false };
  return { current, foreign: target?.namespace !== serviceNamespace || target.name !== serviceName, ...(target?.port === undefined ? {} : { port: target.port }) };
}

/** Rights first: the first question may come at once. `client` is one that may write them. */
export async function register(client: Client, port: number, ca: string): Promise<void> {
  await Promise.all([...roles.map((role) => ensure(client, ClusterRoles, role)), ensure(client, ClusterRoleBindings, binding), ensure(client, Services, service)]);
  const { current, foreign } = await registered(client);
  if (foreign) return;
  const spec = { group, version, ...priorities, service: { namespace: serviceNamespace, name: serviceName, port }, caBundle: Buffer.from(ca).toString('base64') as never };
  if (!current) return ensure(client, APIServices, { metadata: { name: apiServiceName }, spec });
  if (current.spec?.service?.port === port && (current.spec.caBundle as unknown) === spec.caBundle) return;
  await client.of(APIServices).update({ ...current, spec });
}
