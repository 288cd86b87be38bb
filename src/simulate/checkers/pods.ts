/** Promises about pods: where they run, what they use, how many of them may be missing. */
import { isPodReady, isPodTerminal } from '../../api/core/v1/pods.ts';
import { addAmounts, amountsOf, podRequests, type Amounts } from '../../api/core/v1/resources.ts';
import type { Node, Pod } from '../../api/core/v1/types.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { Nodes, PodDisruptionBudgets, Pods } from '../../api/resources.ts';
import type { Checker, RunningPod } from './checker.ts';
import { aboutOf } from './paths.ts';

const podName = (pod: Pod): string => `pod ${pod.metadata.namespace}/${pod.metadata.name}`;

export function boundOnce(): Checker {
  return {
    name: 'bound once',
    promise: 'a pod that has a node keeps it',
    committed({ folder, type, object, old }, _scene, fail) {
      if (folder !== 'pods' || type !== 'updated') return;
      const [before, after] = [(old as Pod).spec?.nodeName, (object as Pod).spec?.nodeName];
      if (before && before !== after && old!.metadata.uid === object.metadata.uid) fail(`${podName(object as Pod)} was on ${before} and is on ${after}`);
    },
  };
}

export function capacityHolds(): Checker {
  const onNode = new Map<string, Map<string, Pod>>();
  return {
    name: 'capacity holds',
    promise: 'the scheduler binds no pod to a node whose pods then ask for more than it has',
    committed({ folder, type, object, old }, { state }, fail) {
      if (folder !== 'pods') return;
      const pod = object as Pod;
      const node = pod.spec?.nodeName;
      if (!node) return;
      const pods = onNode.get(node) ?? new Map<string, Pod>();
      onNode.set(node, pods);
      if (type === 'deleted' || isPodTerminal(pod)) pods.delete(pod.metadata.uid!);
      else pods.set(pod.metadata.uid!, pod);
      const isBinding = type === 'updated' && !(old as Pod).spec?.nodeName;
      const allocatable = (state.get(Nodes, undefined, node) as Node | undefined)?.status?.allocatable;
      if (!isBinding || !allocatable) return;
      const limits = amountsOf(allocatable);
      const used: Amounts = { pods: 0 };
      for (const each of pods.values()) addAmounts(used, { ...podRequests(each), pods: 1 });
      for (const [name, amount] of Object.entries(used)) {
        if (amount > (limits[name] ?? 0)) fail(`${podName(pod)} was bound to ${node}, whose pods now ask for ${amount} of ${name}, and it has ${limits[name] ?? 0}`);
      }
    },
  };
}

export function addressesUnique(): Checker {
  const holders = new Map<string, string>();
  return {
    name: 'addresses are unique',
    promise: 'no two live pods have the same address',
    committed({ folder, type, object, old }, { state }, fail) {
      if (folder !== 'pods') return;
      const pod = object as Pod;
      const before = (old as Pod | undefined)?.status?.podIP;
      const isGone = type === 'deleted' || isPodTerminal(pod);
      const after = isGone || pod.spec?.hostNetwork ? undefined : pod.status?.podIP;
      const uid = pod.metadata.uid!;
      if (before && before !== after && holders.get(before) === uid) holders.delete(before);
      if (!after || after === before) return;
      const other = holders.get(after);
      const held = other === undefined || other === uid ? undefined : (state.byUid(other)?.object as Pod | undefined);
      if (held) fail(`${podName(pod)} and ${podName(held)} both have address ${after}`);
      holders.set(after, uid);
    },
  };
}

/** At most one pod of a StatefulSet's name runs, wherever. Whoever deletes by force gives this up. */
export function oneOfEachName(): Checker {
  const forced = new Set<string>();
  return {
    name: 'one of each name',
    promise: 'of a StatefulSet\'s pods, no two with the same name run at the same time, unless one was deleted by force',
    sent(request) {
      if (request.method !== 'DELETE') return;
      const about = aboutOf(request);
      if (about?.resource.plural === 'pods' && typeof request.body === 'string' && request.body.includes('"gracePeriodSeconds":0') && about.key) forced.add(about.key);
    },
    committed({ folder, type, object, key }, { running, state }, fail) {
      if (folder === 'minions' && type === 'deleted') for (const pod of state.list(Pods)) if (pod.spec?.nodeName === object.metadata.name) forced.add(`/registry/pods/${pod.metadata.namespace}/${pod.metadata.name}`);
      const isOwned = folder === 'pods' && object.metadata.ownerReferences?.some((owner) => owner.kind === 'StatefulSet' && owner.controller);
      if (!isOwned || type !== 'updated' || forced.has(key)) return;
      const same = running().filter((pod: RunningPod) => pod.name === object.metadata.name && pod.namespace === object.metadata.namespace);
      if (new Set(same.map((pod) => pod.uid)).size > 1) fail(`${podName(object as Pod)} runs ${same.length} times: ${same.map((pod) => `${pod.uid} on ${pod.node}`).join(', ')}`);
    },
  };
}

/** Evictions leave as many healthy pods as the budget wants, as far as the budget could know. */
export function budgetsHold(): Checker {
  const healthChangedMs = new Map<string, number>();
  const budgetWrittenMs = new Map<string, number>();
  return {
    name: 'budgets hold',
    promise: 'an eviction is let through only if the budget, as it was last worked out, has room for it',
    committed({ folder, object, old, type, atMs }) {
      if (folder === 'poddisruptionbudgets') budgetWrittenMs.set(object.metadata.uid!, atMs);
      if (folder === 'pods' && (type !== 'updated' || isPodReady(object as Pod) !== isPodReady(old as Pod))) healthChangedMs.set(object.metadata.namespace!, atMs);
    },
    exchanged({ request, status }, { state }, fail) {
      const about = aboutOf(request);
      if (request.method !== 'POST' || about?.subresource !== 'eviction' || status >= 300) return;
      const pod = state.get(Pods, about.namespace, about.name!);
      if (!pod) return;
      for (const budget of state.list(PodDisruptionBudgets, about.namespace)) {
        if (!labelSelectorOf(budget.spec?.selector)(pod.metadata.labels)) continue;
        const { disruptionsAllowed = 0, desiredHealthy = 0 } = budget.status ?? {};
        if (disruptionsAllowed < 0) fail(`budget ${budget.metadata.name} allows ${disruptionsAllowed} disruptions after ${podName(pod)} was evicted`);
        const isFresh = (budgetWrittenMs.get(budget.metadata.uid!) ?? 0) >= (healthChangedMs.get(about.namespace!) ?? 0);
        const healthy = state.list(Pods, about.namespace).filter((each) => labelSelectorOf(budget.spec?.selector)(each.metadata.labels) && isPodReady(each) && each.metadata.uid !== pod.metadata.uid && !each.metadata.deletionTimestamp);
        if (isFresh && healthy.length < desiredHealthy) fail(`${podName(pod)} was evicted: ${healthy.length} healthy pods are left, and budget ${budget.metadata.name} wants ${desiredHealthy}`);
      }
    },
  };
}
