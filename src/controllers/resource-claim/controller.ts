/**
 * resourceclaim-controller: the life of claims for devices.
 *
 * Contract: a pod's claims by template are made, owned by the pod and named in its status; a pod that was bound past the scheduler gets its claims
 * reserved; reservations of pods that are gone or done are taken off, and with the last one the devices are given back; a claim made for a
 * pod goes when the pod is done.
 * Never: takes a reservation off while its pod may still run (the server, asked anew, must not know it), or uses a claim that another owns.
 * Eventually: no claim is reserved for a pod that is not there, and no device is allocated for nobody.
 */
import type { Pod } from '../../api/core/v1/types.ts';
import { controllerOf, keyOf } from '../../api/meta/objects.ts';
import { isConflict, isNotFound } from '../../api/meta/status.ts';
import type { ResourceClaim, ResourceClaimConsumerReference } from '../../api/resource/v1/types.ts';
import { Pods, ResourceClaims, ResourceClaimTemplates } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { EventRecorder, Informer, Outcome, Running, WorkQueue } from '../../client/types.ts';
import { workersOf, type ControllerContext } from '../context.ts';
import { indexByOwner, isNamespaceTerminating, ownedBy } from '../shared/index.ts';
import { decidePodClaims, decideResourceClaim, isPodDone, type PodClaimAction } from './decide.ts';

const templateIndex = 'resourceclaim-controller/template';

class ResourceClaimController {
  readonly queue: WorkQueue & Running;
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<ResourceClaim>;
  readonly #templates;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers } = context;
    this.#recorder = context.recorder('resource_claim');
    this.#pods = informers.of(Pods);
    this.#claims = informers.of(ResourceClaims);
    this.#templates = informers.of(ResourceClaimTemplates);
    indexByOwner(this.#claims);
    this.#pods.addIndex(templateIndex, (pod) => (pod.spec?.resourceClaims ?? []).map((claim) => `${pod.metadata.namespace}/${claim.resourceClaimTemplateName ?? ''}`));
    this.queue = startController(context.host, { name: 'resourceclaim-controller', workers: workersOf(context, 'concurrent-resource-claim-syncs', 10), informers, reconcile: (key) => this.#reconcile(key) });
    this.#listen();
  }

  #listen(): void {
    this.#pods.onEvent(({ type, object }) => {
      const claims = object.spec?.resourceClaims ?? [];
      if (claims.length === 0) return;
      if (type !== 'deleted') this.queue.add(`pod:${keyOf(object)}`);
      if (type !== 'deleted' && !isPodDone(object)) return;
      const named = [...claims.map((claim) => claim.resourceClaimName), ...(object.status?.resourceClaimStatuses ?? []).map((status) => status.resourceClaimName)];
      for (const name of named) if (name !== undefined) this.queue.add(`claim:${object.metadata.namespace}/${name}`);
    });
    this.#claims.onEvent(({ type, object }) => {
      if (type !== 'deleted') this.queue.add(`claim:${keyOf(object)}`);
      const owner = controllerOf(object);
      if (owner?.kind === 'Pod') this.queue.add(`pod:${object.metadata.namespace}/${owner.name}`);
    });
    this.#templates.onEvent(({ type, object }) => {
      if (type === 'added') for (const pod of this.#pods.lister.byIndex(templateIndex, keyOf(object))) this.queue.add(`pod:${keyOf(pod)}`);
    });
  }

  #reconcile(key: string): Promise<Outcome> {
    const at = key.indexOf(':');
    return key.startsWith('pod:') ? this.#pod(key.slice(at + 1)) : this.#claim(key.slice(at + 1));
  }

  async #pod(key: string): Promise<Outcome> {
    const pod = this.#pods.lister.byKey(key);
    if (!pod) return { done: true };
    const { namespace } = pod.metadata;
    const actions = decidePodClaims({
      pod, owned: ownedBy(this.#claims.lister, pod),
      claims: (name) => this.#claims.lister.get(namespace, name), templates: (name) => this.#templates.lister.get(namespace, name),
    });
    for (const action of actions) {
      if ('fail' in action) {
        this.#recorder.event(pod, 'Warning', 'FailedResourceClaimCreation', `PodResourceClaim: ${action.fail}`);
        return { retry: new Error(`pod ${key}: ${action.fail}`) };
      }
      try {
        await this.#applyToPod(pod, action);
      } catch (error) {
        if (isNamespaceTerminating(error)) return { done: true };
        throw error;
      }
    }
    return { done: true };
  }

  async #applyToPod(pod: Pod, action: Exclude<PodClaimAction, { fail: string }>): Promise<void> {
    const { client } = this.#context;
    const { name, namespace, uid } = pod.metadata;
    const record = (statuses: object[]): Promise<unknown> => client.of(Pods).inNamespace(namespace!).patch(name!, { metadata: { uid }, status: { resourceClaimStatuses: statuses } }, { type: 'strategic', subresource: 'status' });
    if ('create' in action) {
      const created = await client.of(ResourceClaims).create(action.create);
      await record([{ name: action.name, resourceClaimName: created.metadata.name }]);
    } else if ('record' in action) await record(action.record);
    else {
      const consumer: ResourceClaimConsumerReference = { resource: 'pods', name: name!, uid: uid! };
      await client.of(ResourceClaims).updateStatus({ ...action.reserve, status: { ...action.reserve.status, reservedFor: [...(action.reserve.status?.reservedFor ?? []), consumer] } });
    }
  }

  /** Whether a consumer's pod is gone or done: what the local copy does not know, the server is asked. */
  async #isGone(namespace: string, consumer: ResourceClaimConsumerReference): Promise<boolean> {
    const known = this.#pods.lister.get(namespace, consumer.name);
    if (known && known.metadata.uid === consumer.uid) return isPodDone(known);
    try {
      const live = await this.#context.client.of(Pods).inNamespace(namespace).get(consumer.name);
      return live.metadata.uid !== consumer.uid || isPodDone(live);
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  }

  async #claim(key: string): Promise<Outcome> {
    const claim = this.#claims.lister.byKey(key);
    if (!claim) return { done: true };
    const { name, namespace, uid } = claim.metadata;
    const consumers = (claim.status?.reservedFor ?? []).filter((consumer) => consumer.resource === 'pods' && (consumer.apiGroup ?? '') === '');
    const gone = new Set<string>();
    for (const consumer of consumers) if (await this.#isGone(namespace!, consumer)) gone.add(consumer.uid);
    const owner = controllerOf(claim);
    const ownerPod = owner?.kind === 'Pod' ? this.#pods.lister.get(namespace, owner.name) : undefined;
    const action = decideResourceClaim(claim, (consumer) => gone.has(consumer), ownerPod !== undefined && ownerPod.metadata.uid === owner?.uid && isPodDone(ownerPod));
    if (!action) return { done: true };
    const claims = this.#context.client.of(ResourceClaims).inNamespace(namespace!);
    try {
      if (action.do === 'unreserve') await claims.updateStatus(action.claim);
      else if (action.do === 'unprotect') await claims.update(action.claim);
      else await claims.delete(name!, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error) && !(action.do === 'delete' && isConflict(error))) throw error;
    }
    return { done: true };
  }
}

export const startResourceClaim = (context: ControllerContext): Running => new ResourceClaimController(context).queue;
