/**
 * Flow schemas and priority levels of a new cluster.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
import type { FlowSchema, PolicyRulesWithSubjects, PriorityLevelConfiguration, Subject } from '../../api/flowcontrol/v1/types.ts';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
export const autoUpdateSpec = 'apf.kubernetes.io/autoupdate-spec';

/** Kept exactly as listed, whatever somebody makes of them. */
export const MANDATORY: ReadonlySet<string> = new Set(['exempt', 'catch-all']);

const groups = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'User', user: { name } }));
const accountsOf = (namespace: string): Subject => ({ kind: 'ServiceAccount', serviceAccount: { namespace, name: '*' } });

const everyResource = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] };
const everyPath = { verbs: ['*'], nonResourceURLs: ['*'] };
const everythingFrom = (subjects: Subject[]): PolicyRulesWithSubjects => ({ subjects, resourceRules: [{ ...everyResource }], nonResourceRules: [{ ...everyPath }] });
const everybody = (): Subject[] => groups('system:unauthenticated', 'system:authenticated');

function flowSchema(name: string, level: string, matchingPrecedence: number, by: 'ByUser' | 'ByNamespace' | '', rule: PolicyRulesWithSubjects): FlowSchema {
  return {
    apiVersion, kind: 'FlowSchema', metadata: { name, annotations: { [autoUpdateSpec]: 'true' } },
    spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence, ...(by === '' ? {} : { distinguisherMethod: { type: by } }), rules: [rule] },
  };
}

export function bootstrapFlowSchemas(): FlowSchema[] {
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] };
  return [
    flowSchema('exempt', 'exempt', 1, '', everythingFrom(groups('system:masters'))),
    flowSchema('probes', 'exempt', 2, '', { subjects: everybody(), nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] }),
    flowSchema('system-leader-election', 'leader-election', 100, 'ByUser', {
      subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), accountsOf('kube-system')], resourceRules: [{ verbs: ['get', 'create', 'update'], ...leases }],
    }),
    flowSchema('system-node-high', 'node-high', 400, 'ByUser', {
      subjects: groups('system:nodes'),
      resourceRules: [{ verbs: ['*'], apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true, namespaces: ['*'] }, { verbs: ['*'], ...leases }],
    }),
    flowSchema('system-nodes', 'system', 500, 'ByUser', everythingFrom(groups('system:nodes'))),
    flowSchema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', everythingFrom(users('system:kube-controller-manager'))),
    flowSchema('kube-scheduler', 'workload-high', 800, 'ByNamespace', everythingFrom(users('system:kube-scheduler'))),
    flowSchema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', everythingFrom([accountsOf('kube-system')])),
    flowSchema('service-accounts', 'workload-low', 9000, 'ByUser', everythingFrom(groups('system:serviceaccounts'))),
    flowSchema('global-default', 'global-default', 9900, 'ByUser', everythingFrom(everybody())),
    flowSchema('catch-all', 'catch-all', 10_000, 'ByUser', everythingFrom(everybody())),
  ];
}

function level(name: string, spec: PriorityLevelConfiguration['spec']): PriorityLevelConfiguration {
  return { apiVersion, kind: 'PriorityLevelConfiguration', metadata: { name, annotations: { [autoUpdateSpec]: 'true' } }, ...(spec ? { spec } : {}) };
}

function queued(name: string, nominalConcurrencyShares: number, lendablePercent: number, queues: number, handSize: number): PriorityLevelConfiguration {
  return level(name, { type: 'Limited', limited: { nominalConcurrencyShares, lendablePercent, limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } } } });
}

export function bootstrapPriorityLevels(): PriorityLevelConfiguration[] {
  return [
    level('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
    level('catch-all', { type: 'Limited', limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } } }),
    queued('system', 30, 33, 64, 6),
    queued('node-high', 40, 25, 64, 6),
    queued('leader-election', 10, 0, 16, 4),
    queued('workload-high', 40, 50, 128, 6),
    queued('workload-low', 100, 90, 128, 6),
    queued('global-default', 20, 50, 128, 6),
  ];
}
