/**
 * Keeps a namespace within its quotas: an object that would take more than is left is refused, and what it takes is written into the
 * quotas' status before it is stored. The quota controller counts anew from time to time, and after deletes.
 */
import { own } from '../../../base/own.ts';
import { increase, quotaMatches, usageOf, type Usage } from '../../../api/core/v1/quota.ts';
import type { Container, Pod, ResourceQuota } from '../../../api/core/v1/types.ts';
import { addQuantity, compareQuantity, formatQuantity } from '../../../api/meta/quantity.ts';
import { isConflict } from '../../../api/meta/status.ts';
import { Pods, ResourceQuotas } from '../../../api/resources.ts';
import type { AdmissionRequest } from '../../types.ts';
import { findLive } from '../../lookup.ts';
import { isFor, objectOf, refusal, type CreatePlugin } from '../context.ts';

const attempts = 5;
/** Compute resources must be given by every container once a quota counts them. */
const compute = new Map([['cpu', ['requests', 'cpu']], ['memory', ['requests', 'memory']], ['requests.cpu', ['requests', 'cpu']], ['requests.memory', ['requests', 'memory']], ['limits.cpu', ['limits', 'cpu']], ['limits.memory', ['limits', 'memory']]] as const);

const listText = (usage: Usage, names: readonly string[]): string => names.map((name) => `${name}=${own(usage, name) ?? '0'}`).join(',');

/** Containers that do not say how much they want of something the quota counts. */
function unspecified(quota: ResourceQuota, pod: Pod): string {
  const containers: Container[] = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const complaints: string[] = [];
  for (const name of Object.keys(quota.status?.hard ?? {}).toSorted()) {
    const where = compute.get(name as 'cpu');
    if (!where) continue;
    const [part, resource] = where;
    if (own(pod.spec?.resources?.[part], resource) !== undefined) continue;
    const missing = containers.filter((container) => own(container.resources?.[part], resource) === undefined).map((container) => container.name);
    if (missing.length > 0) complaints.push(`${name} for: ${[...new Set(missing)].toSorted().join(',')}`);
  }
  return complaints.join('; ');
}

export const resourceQuota: CreatePlugin = ({ lookup, client }) => {
  /** One admission at a time a namespace: two that run at once would both see the same room left. */
  const lines = new Map<string, Promise<void>>();

  /** The status with the usage added; refuses when it does not fit. Undefined: the quota does not count any of it. */
  function charged(request: AdmissionRequest, quota: ResourceQuota, delta: Usage): ResourceQuota | undefined {
    const { hard = {}, used = {} } = quota.status ?? {};
    const counted = Object.keys(delta).filter((name) => own(hard, name) !== undefined).toSorted();
    if (counted.length === 0) return undefined;
    const unknown = counted.filter((name) => own(used, name) === undefined);
    const quotaName = quota.metadata.name ?? '';
    if (unknown.length > 0) throw refusal(request, `status unknown for quota: ${quotaName}, resources: ${unknown.join(',')}`);
    const after: Usage = { ...used };
    for (const name of counted) after[name] = formatQuantity(addQuantity(used[name]!, delta[name]!));
    const exceeded = counted.filter((name) => compareQuantity(after[name]!, hard[name]!) > 0);
    if (exceeded.length > 0) throw refusal(request, `exceeded quota: ${quotaName}, requested: ${listText(delta, exceeded)}, used: ${listText(used, exceeded)}, limited: ${listText(hard, exceeded)}`);
    return { ...quota, status: { ...quota.status, used: after } };
  }

  async function charge(request: AdmissionRequest, first: ResourceQuota, delta: Usage): Promise<void> {
    let quota: ResourceQuota | undefined = first;
    for (let attempt = 1; quota; attempt++) {
      const wanted = charged(request, quota, delta);
      if (!wanted || request.dryRun) return;
      try {
        await client.of(ResourceQuotas).inNamespace(request.namespace).updateStatus(structuredClone(wanted));
        return;
      } catch (error) {
        if (!isConflict(error) || attempt >= attempts) throw error;
      }
      quota = await findLive(client, ResourceQuotas, request.namespace, quota.metadata.name ?? '');
    }
  }

  async function admit(request: AdmissionRequest): Promise<void> {
    const quotas = lookup.list(ResourceQuotas, request.namespace).filter((quota) => quotaMatches(quota, request.resource, request.object));
    if (quotas.length === 0) return;
    const before = request.operation === 'UPDATE' && request.oldObject ? usageOf(request.resource, request.oldObject) : {};
    const delta = increase(usageOf(request.resource, request.object), before);
    if (isFor(request, Pods) && request.operation === 'CREATE') {
      for (const quota of quotas) {
        const missing = unspecified(quota, objectOf<Pod>(request));
        if (missing !== '') throw refusal(request, `failed quota: ${quota.metadata.name}: must specify ${missing}`);
      }
    }
    if (Object.keys(delta).length === 0) return;
    // Written once all of them have room, so that a refusal by the second leaves no trace in the first.
    const fresh = await Promise.all(quotas.map((quota) => findLive(client, ResourceQuotas, request.namespace, quota.metadata.name ?? '')));
    const present = fresh.filter((quota) => quota !== undefined);
    for (const quota of present) charged(request, quota, delta);
    for (const quota of present) await charge(request, quota, delta);
  }

  return {
    name: 'ResourceQuota',
    handles: (request) => (request.operation === 'CREATE' || request.operation === 'UPDATE') && request.namespace !== '' && (request.subresource === '' || isFor(request, Pods, ['resize'])) && lookup.list(ResourceQuotas, request.namespace).length > 0,
    async validate(request) {
      const before = lines.get(request.namespace) ?? Promise.resolve();
      const mine = before.then(() => admit(request));
      const line = mine.then(() => undefined, () => undefined);
      lines.set(request.namespace, line);
      try {
        await mine;
      } finally {
        if (lines.get(request.namespace) === line) lines.delete(request.namespace);
      }
    },
  };
};
