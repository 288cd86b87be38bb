/** Checks of what a server starts after its first answer, by upstream's names and in its order: `poststarthook/…`. */
import type { HealthCheck } from './health.ts';

/** What this server runs beside the objects that it writes at its start. */
export interface Parts {
  fairness: boolean;
  definitions: boolean;
  identity: boolean;
  proxyCertificate: boolean;
}

type Condition = 'always' | 'hook' | keyof Parts | 'noFairness';

/** `hook`: writes objects, and has a check of its own. The others are under way once the server has started. */
const order: readonly (readonly [name: string, when: Condition])[] = [
  ['start-apiserver-admission-initializer', 'always'], ['generic-apiserver-start-informers', 'always'], ['priority-and-fairness-config-consumer', 'fairness'], ['priority-and-fairness-filter', 'fairness'],
  ['max-in-flight-filter', 'noFairness'], ['storage-object-count-tracker-hook', 'always'], ['start-apiextensions-informers', 'definitions'], ['start-apiextensions-controllers', 'definitions'],
  ['crd-informer-synced', 'definitions'], ['start-system-namespaces-controller', 'hook'], ['start-cluster-authentication-info-controller', 'hook'], ['start-kube-apiserver-identity-lease-controller', 'identity'],
  ['start-kube-apiserver-identity-lease-garbage-collector', 'identity'], ['start-legacy-token-tracking-controller', 'hook'], ['start-service-ip-repair-controllers', 'hook'], ['rbac/bootstrap-roles', 'hook'],
  ['scheduling/bootstrap-system-priority-classes', 'hook'], ['priority-and-fairness-config-producer', 'hook'], ['bootstrap-controller', 'hook'], ['start-kubernetes-service-cidr-controller', 'always'],
  ['aggregator-reload-proxy-client-cert', 'proxyCertificate'], ['start-kube-aggregator-informers', 'always'], ['apiservice-status-local-available-controller', 'always'],
  ['apiservice-status-remote-available-controller', 'always'], ['apiservice-registration-controller', 'always'], ['apiservice-discovery-controller', 'always'], ['kube-apiserver-autoregistration', 'always'],
  ['autoregister-completion', 'hook'], ['apiservice-openapi-controller', 'always'], ['apiservice-openapiv3-controller', 'always'],
];

const prefix = 'poststarthook/';

/** All checks in order; `own` are those of hooks, among which those that have no place go last. */
export function startChecks(own: readonly HealthCheck[], parts: Parts): HealthCheck[] {
  const left = new Map(own.map((check) => [check.name.replace(prefix, ''), check]));
  const checks: HealthCheck[] = [];
  for (const [name, when] of order) {
    const hook = left.get(name);
    left.delete(name);
    if (hook !== undefined) checks.push(hook);
    else if (when === 'always' || (when === 'noFairness' ? !parts.fairness : when !== 'hook' && parts[when])) checks.push({ name: `${prefix}${name}`, check: () => undefined });
  }
  return [...checks, ...left.values()];
}
