/** What must come true when no fault is at work any more. */
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../api/apps/v1/types.ts';
import type { Job } from '../../api/batch/v1/types.ts';
import { isPodReady, isPodTerminal } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { labelsMatcher } from '../../api/meta/selectors.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { DaemonSets, Deployments, EndpointSlices, Jobs, Namespaces, Nodes, Pods, ReplicaSets, ReplicationControllers, Services, StatefulSets } from '../../api/resources.ts';
import type { State } from '../commits.ts';
import type { Checker, Fail } from './checker.ts';

const nameOf = (object: KubeObject): string => `${object.kind} ${object.metadata.namespace === undefined ? '' : `${object.metadata.namespace}/`}${object.metadata.name}`;
const ownedBy = (state: State, owner: KubeObject): Pod[] => state.list(Pods, owner.metadata.namespace).filter((pod) => pod.metadata.ownerReferences?.some((reference) => reference.controller && reference.uid === owner.metadata.uid));

/** Objects with this annotation are not expected to become whole: what they ask for cannot be had. */
export const hopelessAnnotation = 'simulation/hopeless';
const isHopeless = (object: KubeObject): boolean => object.metadata.annotations?.[hopelessAnnotation] !== undefined;

function wants(object: KubeObject, what: string, wanted: number, actual: number | undefined, fail: Fail): void {
  if ((actual ?? 0) !== wanted) fail(`${nameOf(object)} has ${actual ?? 0} ${what}, and wants ${wanted}`);
}

function checkObserved(object: KubeObject & { status?: { observedGeneration?: number } }, fail: Fail): void {
  if ((object.status?.observedGeneration ?? 0) < (object.metadata.generation ?? 0)) fail(`${nameOf(object)} has not been looked at since its last change`);
}

function replicated(state: State, object: Deployment | ReplicaSet | StatefulSet, fail: Fail): void {
  if (isHopeless(object)) return;
  checkObserved(object, fail);
  const wanted = object.spec?.replicas ?? 1;
  wants(object, 'replicas', wanted, object.status?.replicas, fail);
  wants(object, 'ready replicas', wanted, object.status?.readyReplicas, fail);
  if (object.kind === 'Deployment') {
    if (!(object as Deployment).spec?.paused) wants(object, 'updated replicas', wanted, (object as Deployment).status?.updatedReplicas, fail);
    return;
  }
  const pods = ownedBy(state, object).filter((pod) => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp);
  wants(object, 'pods', wanted, pods.length, fail);
  wants(object, 'ready pods', wanted, pods.filter(isPodReady).length, fail);
}

export function replicasMatch(): Checker {
  return {
    name: 'replicas match',
    promise: 'every Deployment, ReplicaSet, ReplicationController, StatefulSet and DaemonSet has the pods that it wants, ready, and says so',
    healed({ state }, fail) {
      for (const resource of [Deployments, ReplicaSets, StatefulSets, ReplicationControllers]) for (const object of state.list(resource as typeof Deployments)) replicated(state, object, fail);
      for (const set of state.list(DaemonSets) as DaemonSet[]) {
        if (isHopeless(set)) continue;
        checkObserved(set, fail);
        const { desiredNumberScheduled = 0, numberReady = 0, numberMisscheduled = 0, updatedNumberScheduled = 0 } = set.status ?? {};
        wants(set, 'ready pods', desiredNumberScheduled, numberReady, fail);
        wants(set, 'misscheduled pods', 0, numberMisscheduled, fail);
        if (set.spec?.updateStrategy?.type !== 'OnDelete') wants(set, 'updated pods', desiredNumberScheduled, updatedNumberScheduled, fail);
        wants(set, 'live pods', desiredNumberScheduled, ownedBy(state, set).filter((pod) => !isPodTerminal(pod)).length, fail);
        const nodes = state.list(Nodes).filter((node) => !node.spec?.unschedulable).length;
        if (set.spec?.template?.spec?.nodeSelector === undefined && desiredNumberScheduled < nodes) fail(`${nameOf(set)} wants ${desiredNumberScheduled} pods, and there are ${nodes} nodes`);
      }
    },
  };
}

export function jobsEnd(): Checker {
  return {
    name: 'jobs end',
    promise: 'a job that is not suspended completes or fails, and then no pod of it runs',
    healed({ state }, fail) {
      for (const job of state.list(Jobs) as Job[]) {
        if (job.spec?.suspend || isHopeless(job)) continue;
        const end = job.status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True');
        if (!end) fail(`${nameOf(job)} has neither completed nor failed: ${JSON.stringify(job.status)}`);
        const active = ownedBy(state, job).filter((pod) => !isPodTerminal(pod));
        if (end && active.length > 0) fail(`${nameOf(job)} has ended, and ${active.length} pods of it are there`);
        const uncounted = job.status?.uncountedTerminatedPods;
        if (end && (uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0) > 0) fail(`${nameOf(job)} has ended with pods that it has not counted`);
        const isShort = (job.status?.succeeded ?? 0) < (job.spec?.completions ?? 0);
        // A pod that was made twice over may end twice over: only indexed jobs count exactly, and that is looked at all the time.
        if (end?.type === 'Complete' && isShort) fail(`${nameOf(job)} is complete with ${job.status?.succeeded} of ${job.spec?.completions}`);
      }
    },
  };
}

export function endpointsMatch(): Checker {
  return {
    name: 'endpoints match',
    promise: 'the EndpointSlices of a service name its ready pods, each once, and no others; slices of services that are gone are gone',
    healed({ state }, fail) {
      const slices = state.list(EndpointSlices).filter((slice) => slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io');
      const services = new Map(state.list(Services).map((service) => [`${service.metadata.namespace}/${service.metadata.name}`, service]));
      const told = new Map<string, string[]>();
      for (const slice of slices) {
        const key = `${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name']}`;
        if (!services.has(key)) fail(`${nameOf(slice)} belongs to service ${key}, which is gone`);
        const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false).flatMap((endpoint) => endpoint.addresses ?? []);
        told.set(key, [...(told.get(key) ?? []), ...ready]);
      }
      for (const [key, service] of services) {
        const { selector } = service.spec ?? {};
        if (!selector || Object.keys(selector).length === 0) continue;
        const matches = labelsMatcher(selector);
        const wanted = state.list(Pods, service.metadata.namespace).filter((pod) => matches(pod.metadata.labels) && isPodReady(pod) && !isPodTerminal(pod) && !pod.metadata.deletionTimestamp).map((pod) => pod.status?.podIP ?? '').toSorted();
        const actual = (told.get(key) ?? []).toSorted();
        if (wanted.join() !== actual.join()) fail(`service ${key} has endpoints [${actual.join(', ')}], and its ready pods are [${wanted.join(', ')}]`);
      }
    },
  };
}

export function nothingLeaks(): Checker {
  return {
    name: 'nothing leaks',
    promise: 'nothing is left whose owner is gone, no deletion hangs, no node is forgotten',
    healed({ state }, fail) {
      for (const resource of [Pods, ReplicaSets, Jobs, EndpointSlices]) {
        for (const object of state.list(resource as typeof Pods)) {
          const owners = object.metadata.ownerReferences ?? [];
          if (owners.length > 0 && owners.every((owner) => state.byUid(owner.uid) === undefined)) fail(`${nameOf(object)} has outlived its owner ${owners[0]!.kind} ${owners[0]!.name}`);
          if (object.metadata.deletionTimestamp !== undefined) fail(`${nameOf(object)} is still being deleted (finalizers: ${(object.metadata.finalizers ?? []).join(', ') || 'none'})`);
        }
      }
      for (const namespace of state.list(Namespaces)) if (namespace.metadata.deletionTimestamp !== undefined) fail(`${nameOf(namespace)} is still being deleted: ${JSON.stringify(namespace.status?.conditions ?? [])}`);
      for (const node of state.list(Nodes)) {
        if (!node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) fail(`${nameOf(node)} is not ready`);
        const bad = node.spec?.taints?.find((taint) => taint.key.startsWith('node.kubernetes.io/') && taint.key !== 'node.kubernetes.io/unschedulable');
        if (bad) fail(`${nameOf(node)} is well and has taint ${bad.key}`);
      }
    },
  };
}

export function podsSettle(): Checker {
  return {
    name: 'pods settle',
    promise: 'every pod runs, has ended, or is one that cannot run; the containers that run are those of live pods',
    healed({ state, running }, fail) {
      for (const pod of state.list(Pods)) {
        if (isHopeless(pod) || isPodTerminal(pod) || pod.metadata.deletionTimestamp) continue;
        if (pod.status?.phase !== 'Running') fail(`${nameOf(pod)} is ${pod.status?.phase}${pod.spec?.nodeName ? ` on ${pod.spec.nodeName}` : `: ${pod.status?.conditions?.find((c) => c.type === 'PodScheduled')?.message ?? 'not looked at by the scheduler'}`}`);
      }
      for (const { uid, namespace, name, node } of running()) {
        const held = state.byUid(uid)?.object as Pod | undefined;
        if (!held || held.spec?.nodeName !== node) fail(`containers of pod ${namespace}/${name} (${uid}) run on ${node}, and the API knows no such pod there`);
      }
    },
  };
}
