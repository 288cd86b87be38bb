/** Objects that a cluster of `up` has from the start, beside those that every API server makes: DNS, and the rights of kubets's own parts. */
import { isAlreadyExists, isNotFound } from '../api/meta/status.ts';
import { ClusterRoleBindings, ClusterRoles, ServiceAccounts, Services } from '../api/resources.ts';
import type { Service } from '../api/core/v1/types.ts';
import type { ClusterRole, ClusterRoleBinding } from '../api/rbac/v1/types.ts';
import type { Resource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Client } from '../client/types.ts';
import type { Cluster } from './cluster.ts';

/** Identity under which the API server speaks to kubelets. */
export const kubeletClientName = 'kube-apiserver-kubelet-client';

const rbac = 'rbac.authorization.k8s.io/v1';

const dnsRole: ClusterRole = {
  apiVersion: rbac,
  kind: 'ClusterRole',
  metadata: { name: 'kubets:dns' },
  rules: [
    { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] },
  ],
};

function binding(name: string, role: string, subject: { kind: string; name: string; namespace?: string }): ClusterRoleBinding {
  const group = subject.kind === 'ServiceAccount' ? {} : { apiGroup: 'rbac.authorization.k8s.io' };
  return { apiVersion: rbac, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role }, subjects: [{ ...subject, ...group }] };
}

async function ensure<T extends KubeObject>(client: Client, resource: Resource<T>, object: T): Promise<void> {
  try {
    await client.of(resource).create(object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** A service that names its address is asked for first: that it has the address already is no reason to refuse it. */
async function ensureService(client: Client, object: Service): Promise<void> {
  try {
    await client.of(Services).inNamespace(object.metadata.namespace!).get(object.metadata.name!);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await ensure(client, Services, object);
  }
}

/** Creates what is missing; what is there stays as it is. */
export async function bootstrapCluster(client: Client, cluster: Pick<Cluster, 'dnsIp'>): Promise<void> {
  await Promise.all([
    ensure(client, ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'kube-dns', namespace: 'kube-system' } }),
    ensure(client, ClusterRoles, dnsRole),
    ensure(client, ClusterRoleBindings, binding('kubets:dns', 'kubets:dns', { kind: 'ServiceAccount', name: 'kube-dns', namespace: 'kube-system' })),
    ensure(client, ClusterRoleBindings, binding('kubets:kubelet-client', 'system:kubelet-api-admin', { kind: 'User', name: kubeletClientName })),
    ensureService(client, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' } },
      spec: {
        clusterIP: cluster.dnsIp,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 10053 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 10053 },
        ],
      },
    }),
  ]);
}
