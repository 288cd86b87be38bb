/** Every served kind's strategy, by the name of its schema. */
import { admissionregistrationStrategies } from './admissionregistration/v1/strategy.ts';
import { apiextensionsStrategies } from './apiextensions/v1/strategy.ts';
import { apiregistrationStrategies } from './apiregistration/v1/strategy.ts';
import { appsStrategies } from './apps/v1/strategy.ts';
import { autoscalingV1Strategies } from './autoscaling/v1/strategy.ts';
import { autoscalingStrategies } from './autoscaling/v2/strategy.ts';
import { batchStrategies } from './batch/v1/strategy.ts';
import { certificatesStrategies } from './certificates/v1/strategy.ts';
import { coordinationStrategies } from './coordination/v1/strategy.ts';
import { coreStrategies } from './core/v1/strategy.ts';
import { discoveryStrategies } from './discovery/v1/strategy.ts';
import { eventsStrategies } from './events/v1/strategy.ts';
import { flowcontrolStrategies } from './flowcontrol/v1/strategy.ts';
import type { Strategy } from './meta/strategy.ts';
import { networkingStrategies } from './networking/v1/strategy.ts';
import { nodeStrategies } from './node/v1/strategy.ts';
import { policyStrategies } from './policy/v1/strategy.ts';
import { rbacStrategies } from './rbac/v1/strategy.ts';
import { resourceStrategies } from './resource/v1/strategy.ts';
import { schedulingStrategies } from './scheduling/v1/strategy.ts';
import { storageStrategies } from './storage/v1/strategy.ts';

export { customResourceStrategy } from './apiextensions/v1/strategy.ts';
export type { CustomResourceRules } from './apiextensions/v1/strategy.ts';

/** Prefix of the schema names to the strategies of that group and version. */
const groups: (readonly [string, () => Record<string, Strategy<never>>])[] = [
  ['io.k8s.api.core.v1', coreStrategies],
  ['io.k8s.api.apps.v1', appsStrategies],
  ['io.k8s.api.autoscaling.v1', autoscalingV1Strategies],
  ['io.k8s.api.autoscaling.v2', autoscalingStrategies],
  ['io.k8s.api.batch.v1', batchStrategies],
  ['io.k8s.api.certificates.v1', certificatesStrategies],
  ['io.k8s.api.coordination.v1', coordinationStrategies],
  ['io.k8s.api.discovery.v1', discoveryStrategies],
  ['io.k8s.api.events.v1', eventsStrategies],
  ['io.k8s.api.flowcontrol.v1', flowcontrolStrategies],
  ['io.k8s.api.networking.v1', networkingStrategies],
  ['io.k8s.api.node.v1', nodeStrategies],
  ['io.k8s.api.policy.v1', policyStrategies],
  ['io.k8s.api.rbac.v1', rbacStrategies],
  ['io.k8s.api.resource.v1', resourceStrategies],
  ['io.k8s.api.scheduling.v1', schedulingStrategies],
  ['io.k8s.api.storage.v1', storageStrategies],
  ['io.k8s.api.admissionregistration.v1', admissionregistrationStrategies],
  ['io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1', apiextensionsStrategies],
  ['io.k8s.kube-aggregator.pkg.apis.apiregistration.v1', apiregistrationStrategies],
];

/** Adds those of versions that are off by default. */
export function addStrategies(more: typeof groups): void {
  groups.push(...more);
  for (const [prefix] of more) made.delete(prefix);
}

const made = new Map<string, Record<string, Strategy<never>>>();

/** The strategy of a kind by its schema's name, as `io.k8s.api.core.v1.Pod`. Kinds that are never stored (reviews) have one without rules. */
export function strategyFor(schemaName: string): Strategy {
  const cut = schemaName.lastIndexOf('.');
  const prefix = schemaName.slice(0, cut);
  let strategies = made.get(prefix);
  if (strategies === undefined) {
    strategies = groups.find(([name]) => name === prefix)?.[1]() ?? {};
    made.set(prefix, strategies);
  }
  return (strategies[schemaName.slice(cut + 1)] as Strategy | undefined) ?? {};
}
