/** `pods/eviction`: deletes a pod if its disruption budget allows. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ */
import type { Pod } from '../../../api/core/v1/types.ts';
import { setCondition } from '../../../api/core/v1/pods.ts';
import { decodeObject, undecodable } from '../../../api/decode.ts';
import { labelSelectorOf } from '../../../api/meta/selectors.ts';
import { badRequest, failure, forbidden, isConflict, tooManyRequests, type StatusError } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { Eviction, PodDisruptionBudget } from '../../../api/policy/v1/types.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import { PodDisruptionBudgets, Pods } from '../../../api/resources.ts';
import { noteObject } from '../../audit/note.ts';
import type { ServerResponse } from '../../types.ts';
import { cacheOf, type Call } from '../context.ts';
import { kindOf } from '../kinds.ts';
import { negotiate, readBody } from '../negotiate.ts';
import { writeOptions, type WriteOptions } from '../options.ts';
import { find } from '../read.ts';
import { removeObject, type DeleteOptions } from '../remove.ts';
import { valueResponse } from '../views.ts';
import { admissionRequest, admitMutating, admitValidating, updateObject } from '../write.ts';

const SCHEMA = 'io.k8s.api.policy.v1.Eviction';
/** Pods that a budget remembers as being disrupted; more mean that its controller is not keeping up. */
const DISRUPTED_PODS_LIMIT = 2_000;
/** Advice where the budget's controller has not seen its newest state yet. Where the budget says no there is none: clients that heed advice would wait and ask again by themselves, ten times over. */
const RETRY_AFTER_SECONDS = 10;
const EVICTION_ATTEMPTS = 8;
const VIOLATED = "Cannot evict pod as it would violate the pod's disruption budget.";

export async function evict(call: Call): Promise<ServerResponse> {
  const how = negotiate(call.request, {});
  const options = writeOptions(call.request, 'CreateOptions');
  const { value } = await readBody(call.request, options.fieldValidation, 'Eviction');
  checkEviction(value);
  const { object: eviction } = decodeObject<Eviction & Record<string, unknown>>(SCHEMA, value);
  noteObject(call.request, eviction, SCHEMA);
  if (eviction.metadata?.name && eviction.metadata.name !== call.name) throw badRequest('name in URL does not match name in Eviction object');
  const asked = (eviction.deleteOptions ?? {}) as Partial<DeleteOptions> & { dryRun?: string[] | boolean };
  const dryRun = options.dryRun || (Array.isArray(asked.dryRun) && asked.dryRun.includes('All'));
  const deletion: DeleteOptions = {
    dryRun,
    ...(asked.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: asked.gracePeriodSeconds }),
    ...(asked.propagationPolicy === undefined ? {} : { propagationPolicy: asked.propagationPolicy }),
    ...(asked.preconditions === undefined ? {} : { preconditions: asked.preconditions }),
  };
  const admission = admissionRequest(call, 'CREATE', options, { object: eviction as unknown as KubeObject });
  await admitMutating(call, admission);
  await admitValidating(call, admission);
  const pods: Call = { ...call, subresource: '', subresourceInfo: undefined };
  for (let attempt = 1; ; attempt++) {
    const pod = (await find(pods)).object as Pod;
    const guarded = await takeFromBudget(call, pod, { ...options, dryRun });
    // A budget was charged for this very state of the pod, so that nothing but it may be deleted.
    const exact = guarded && deletion.preconditions?.resourceVersion === undefined;
    try {
      if (!dryRun) await markDisrupted(call, pods, options);
      await removeObject(pods, exact ? { ...deletion, preconditions: { ...deletion.preconditions, uid: deletion.preconditions?.uid ?? pod.metadata.uid! } } : deletion);
      break;
    } catch (error) {
      if (!isConflict(error) || deletion.preconditions !== undefined || attempt >= EVICTION_ATTEMPTS) throw error;
    }
  }
  return valueResponse(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, how);
}

/** Evictions come in both versions of their group. */
function checkEviction(value: unknown): void {
  const { kind = '', apiVersion = '' } = (value ?? {}) as { kind?: string; apiVersion?: string };
  const isOne = (kind === '' || kind === 'Eviction') && (apiVersion === '' || apiVersion === 'policy/v1' || apiVersion === 'policy/v1beta1');
  if (!isOne) throw undecodable(SCHEMA, value, `no kind ${JSON.stringify(kind === '' ? 'Eviction' : kind)} is registered for version ${JSON.stringify(apiVersion === '' ? 'policy/v1' : apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`);
}

/** Says on the pod that its end is no fault of its own, so that jobs can tell (KEP-3329). A pod that goes already is left as it is. */
async function markDisrupted(call: Call, pods: Call, options: WriteOptions): Promise<void> {
  const now = formatTime(call.context.host.clock.now());
  const status: Call = { ...pods, subresource: 'status', subresourceInfo: Pods.subresources.find((sub) => sub.name === 'status') };
  await updateObject(status, { ...options, fieldManager: 'kube-apiserver' }, (old) => {
    const pod = structuredClone(old) as Pod;
    delete pod.metadata.resourceVersion;
    if (pod.metadata.deletionTimestamp !== undefined) return pod;
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', observedGeneration: pod.metadata.generation };
    pod.status = { ...pod.status, conditions: setCondition(pod.status?.conditions, condition, now) };
    return pod;
  });
}

/** Whether the pod's end disturbs nobody: it is over, has not begun, or is ending anyway. */
function isFree(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined;
}

const isReady = (pod: Pod): boolean => pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;

/** Charges the pod's budget; true when there was one. Throws StatusError 429 when it is used up. */
async function takeFromBudget(call: Call, pod: Pod, options: WriteOptions): Promise<boolean> {
  if (isFree(pod)) return false;
  const kind = kindOf(call.context, PodDisruptionBudgets);
  const { objects } = await cacheOf({ context: call.context, kind }).list({ selection: { namespace: call.namespace, labels: undefined, fields: undefined }, limit: 0 });
  const budgets = objects.map((object) => object.object as PodDisruptionBudget).filter((budget) => budget.spec?.selector !== undefined && labelSelectorOf(budget.spec.selector)(pod.metadata.labels));
  if (budgets.length === 0) return false;
  if (budgets.length > 1) throw failure(500, 'InternalError', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  const name = budgets[0]!.metadata.name!;
  const budgetCall: Call = { ...call, kind, name, subresource: 'status', subresourceInfo: PodDisruptionBudgets.subresources.find((sub) => sub.name === 'status') };
  if (!isReady(pod) && letsUnreadyGo(budgets[0]!)) return false;
  await updateObject(budgetCall, { ...options, fieldManager: 'kube-apiserver' }, (old) => charged(old as PodDisruptionBudget, pod, call.context.host.clock.now()));
  return true;
}

function letsUnreadyGo(budget: PodDisruptionBudget): boolean {
  if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function refused(message: string, retryAfterSeconds = 0): StatusError {
  return tooManyRequests(VIOLATED, retryAfterSeconds, [{ reason: 'DisruptionBudget', message }]);
}

function charged(old: PodDisruptionBudget, pod: Pod, nowMs: number): PodDisruptionBudget {
  const name = old.metadata.name!;
  const about = { group: 'policy', plural: 'poddisruptionbudgets' };
  const status = old.status;
  if ((status?.observedGeneration ?? 0) < (old.metadata.generation ?? 0)) throw refused(`The disruption budget ${name} is still being processed by the server.`, RETRY_AFTER_SECONDS);
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 0) throw forbidden(about, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status?.disruptedPods ?? {}).length > DISRUPTED_PODS_LIMIT) throw forbidden(about, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  if (allowed === 0) throw refused(`The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`);
  const budget = structuredClone(old);
  delete budget.metadata.resourceVersion;
  budget.status = { ...budget.status!, disruptionsAllowed: allowed - 1, disruptedPods: { ...budget.status?.disruptedPods, [pod.metadata.name!]: formatTime(nowMs) } };
  return budget;
}
