/** Runs `decideDeployment` against the API. */
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { controllerOf, isControlledBy, keyOf } from '../../api/meta/objects.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { isAlreadyExists, isNotFound } from '../../api/meta/status.ts';
import { Deployments, Pods, ReplicaSets } from '../../api/resources.ts';
import { startController } from '../../client/index.ts';
import type { EventRecorder, Informer, InformerEvent, Outcome, Running, WorkQueue } from '../../client/types.ts';
import { workersOf, type ControllerContext, type StartController } from '../context.ts';
import { asError, claim, indexByOwner, isNamespaceTerminating, ownedBy, sameStatus, sameTemplate } from '../shared/index.ts';
import { decideDeployment } from './decide.ts';
import type { DeploymentAction } from './decide.ts';
import { REVISION_ANNOTATION } from './replica-sets.ts';
import { condition, hasDeadline, withCondition } from './status.ts';

const WORKERS = 8;

class DeploymentController {
  readonly #context: ControllerContext;
  readonly #deployments: Informer<Deployment>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #recorder: EventRecorder;
  readonly queue: WorkQueue & Running;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#deployments = context.informers.of(Deployments);
    this.#replicaSets = context.informers.of(ReplicaSets);
    this.#pods = context.informers.of(Pods);
    indexByOwner(this.#replicaSets);
    indexByOwner(this.#pods);
    this.#recorder = context.recorder('deployment-controller');
    this.queue = startController(context.host, { name: 'deployment', workers: workersOf(context, 'concurrent-deployment-syncs', WORKERS), informers: context.informers, reconcile: (key) => this.#reconcile(key) });
    this.#deployments.onEvent((event) => this.queue.add(keyOf(event.object)));
    this.#replicaSets.onEvent((event) => this.#onReplicaSet(event));
    this.#pods.onEvent((event) => this.#onPod(event));
  }

  #ownerOf(object: ReplicaSet): Deployment | undefined {
    const controller = controllerOf(object);
    if (controller?.kind !== 'Deployment') return undefined;
    const owner = this.#deployments.lister.get(object.metadata.namespace, controller.name);
    return owner?.metadata.uid === controller.uid ? owner : undefined;
  }

  #onReplicaSet(event: InformerEvent<ReplicaSet>): void {
    const former = event.type === 'updated' ? this.#ownerOf(event.old) : undefined;
    if (former) this.queue.add(keyOf(former));
    const owner = this.#ownerOf(event.object);
    if (owner) this.queue.add(keyOf(owner));
    else if (!controllerOf(event.object) && event.type !== 'deleted') {
      for (const deployment of this.#deployments.lister.list(event.object.metadata.namespace)) {
        const matcher = labelSelectorOf(deployment.spec?.selector);
        if (!matcher.isEmpty && matcher(event.object.metadata.labels)) this.queue.add(keyOf(deployment));
      }
    }
  }

  /** Only Recreate waits for pods; the rest is told by ReplicaSets. */
  #onPod(event: InformerEvent<Pod>): void {
    if (event.type === 'added') return;
    const controller = controllerOf(event.object);
    if (controller?.kind !== 'ReplicaSet') return;
    const replicaSet = this.#replicaSets.lister.get(event.object.metadata.namespace, controller.name);
    const owner = replicaSet && this.#ownerOf(replicaSet);
    if (owner?.spec?.strategy?.type === 'Recreate') this.queue.add(keyOf(owner));
  }

  async #reconcile(key: string): Promise<Outcome> {
    const deployment = this.#deployments.lister.byKey(key);
    if (!deployment) return { done: true };
    const replicaSets = await claim({
      client: this.#context.client, ownerResource: Deployments, owner: deployment, resource: ReplicaSets, lister: this.#replicaSets.lister,
      matches: labelSelectorOf(deployment.spec?.selector),
    });
    const decision = decideDeployment({ deployment, replicaSets, podsOf: (replicaSet) => ownedBy(this.#pods.lister, replicaSet) }, this.#context.host.clock.now());
    let current = deployment;
    for (const action of decision.actions) current = await this.#apply(current, action, decision.status);
    await this.#writeStatus(current, decision.status);
    return decision.afterMs === undefined ? { done: true } : { afterMs: decision.afterMs };
  }

  /** Returns the Deployment as it then is. */
  async #apply(deployment: Deployment, action: DeploymentAction, status: DeploymentStatus): Promise<Deployment> {
    const namespace = deployment.metadata.namespace!;
    const replicaSets = this.#context.client.of(ReplicaSets).inNamespace(namespace);
    switch (action.type) {
      case 'warn':
        this.#recorder.event(deployment, 'Warning', action.reason, action.message);
        return deployment;
      case 'setRevision': {
        // The controller's role has no patch.
        const annotations = { ...deployment.metadata.annotations, [REVISION_ANNOTATION]: action.revision };
        return this.#context.client.of(Deployments).inNamespace(namespace).update({ ...deployment, metadata: { ...deployment.metadata, annotations } });
      }
      case 'delete':
        await replicaSets.delete(action.replicaSet.metadata.name!, { preconditions: { uid: action.replicaSet.metadata.uid! } }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
        return deployment;
      case 'update':
        await replicaSets.update(action.replicaSet);
        if (action.from !== undefined && action.to !== undefined) this.#tellScaled(deployment, action.replicaSet, action.from, action.to);
        return deployment;
      case 'create':
        await this.#create(deployment, action.replicaSet, status);
        return deployment;
    }
  }

  #tellScaled(deployment: Deployment, replicaSet: ReplicaSet, from: number, to: number): void {
    this.#recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${to > from ? 'up' : 'down'} replica set ${replicaSet.metadata.name} from ${from} to ${to}`);
  }

  async #create(deployment: Deployment, replicaSet: ReplicaSet, status: DeploymentStatus): Promise<void> {
    const replicaSets = this.#context.client.of(ReplicaSets).inNamespace(deployment.metadata.namespace!);
    try {
      await replicaSets.create(replicaSet);
    } catch (error) {
      if (isAlreadyExists(error)) {
        const existing = await replicaSets.get(replicaSet.metadata.name!);
        // Ours from a moment ago: the informer will show it.
        if (isControlledBy(existing, deployment) && sameTemplate(existing.spec?.template, replicaSet.spec?.template)) return;
        await this.#writeStatus(deployment, { ...status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 });
        throw error;
      }
      // Nothing can be created there any more, and soon there will be no Deployment either.
      if (isNamespaceTerminating(error)) return;
      if (hasDeadline(deployment)) {
        const message = `Failed to create new replica set "${replicaSet.metadata.name}": ${asError(error).message}`;
        const failed = condition('Progressing', 'False', 'ReplicaSetCreateError', message, this.#context.host.clock.now());
        await this.#writeStatus(deployment, { ...status, conditions: withCondition(status.conditions, failed) });
      }
      throw error;
    }
    const replicas = replicaSet.spec?.replicas ?? 0;
    if (replicas > 0) this.#tellScaled(deployment, replicaSet, 0, replicas);
  }

  async #writeStatus(deployment: Deployment, status: DeploymentStatus): Promise<void> {
    if (sameStatus(deployment.status, status)) return;
    await this.#context.client.of(Deployments).inNamespace(deployment.metadata.namespace!).updateStatus({ ...deployment, status });
  }
}

export const startDeployment: StartController = (context) => new DeploymentController(context).queue;
