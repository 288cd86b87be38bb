/** Turns pod events into keys of the objects that own the pods. */
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { controllerOf, isTerminating, keyOf } from '../../api/meta/objects.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { KubeObject, LabelSelector, OwnerReference } from '../../api/meta/v1/types.ts';
import type { Informer, InformerEvent } from '../../client/types.ts';
import { sameValue } from './equality.ts';
import type { Expectations } from './expectations.ts';

export interface FollowOptions<O extends KubeObject> {
  pods: Informer<Pod>;
  owners: Informer<O>;
  kind: string;
  selectorOf: (owner: O) => LabelSelector | undefined;
  expectations: Expectations;
  /** Called with the owner's key for every event about one of its pods, or about an orphan that it might adopt. */
  changed: (key: string, event: InformerEvent<Pod>, owner: O) => void;
}

function ownerFor<O extends KubeObject>(options: FollowOptions<O>, namespace: string, reference: OwnerReference | undefined): O | undefined {
  if (reference?.kind !== options.kind) return undefined;
  const owner = options.owners.lister.get(namespace, reference.name);
  return owner?.metadata.uid === reference.uid ? owner : undefined;
}

function possibleAdopters<O extends KubeObject>(options: FollowOptions<O>, pod: Pod): O[] {
  if (isTerminating(pod)) return [];
  return options.owners.lister.list(pod.metadata.namespace).filter((owner) => {
    const selector = options.selectorOf(owner);
    if (!selector) return false;
    const matcher = labelSelectorOf(selector);
    return !matcher.isEmpty && matcher(pod.metadata.labels);
  });
}

/** Keeps the expectations and tells of changes until the informer stops. */
export function followPods<O extends KubeObject>(options: FollowOptions<O>): void {
  options.pods.onEvent((event) => {
    const pod = event.object;
    const namespace = pod.metadata.namespace ?? '';
    const reference = controllerOf(pod);
    if (event.type === 'updated') {
      const before = controllerOf(event.old);
      if (before && before.uid !== reference?.uid) {
        const former = ownerFor(options, namespace, before);
        if (former) options.changed(keyOf(former), event, former);
      }
    }
    if (reference) {
      const owner = ownerFor(options, namespace, reference);
      if (!owner) return;
      const key = keyOf(owner);
      if (event.type === 'added') options.expectations.creationObserved(key);
      if (event.type === 'deleted' || isTerminating(pod)) options.expectations.deletionObserved(key, pod.metadata.uid ?? '');
      options.changed(key, event, owner);
      return;
    }
    if (event.type === 'deleted') return;
    const interesting = event.type === 'added' || controllerOf(event.old) !== undefined || !sameValue(event.old.metadata.labels, pod.metadata.labels);
    if (interesting) for (const owner of possibleAdopters(options, pod)) options.changed(keyOf(owner), event, owner);
  });
}
