/** Creating and deleting pods for an owner, with the events that `kubectl describe` shows. */
import type { Pod } from '../../api/core/v1/types.ts';
import { Pods } from '../../api/resources.ts';
import { StatusError, isNotFound } from '../../api/meta/status.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Client, EventRecorder } from '../../client/types.ts';
import { asError } from './slow-start.ts';

/** The server refuses new objects because their namespace is being deleted: trying again is no use. */
export function isNamespaceTerminating(error: unknown): boolean {
  return error instanceof StatusError && (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating');
}

export class PodControl {
  readonly #client: Client;
  readonly #recorder: EventRecorder;

  constructor(client: Client, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  /** Creates the pod and says so on the owner; a refusal is said there too, and thrown. */
  async create(pod: Pod, owner: KubeObject): Promise<Pod> {
    try {
      const created = await this.#client.of(Pods).inNamespace(owner.metadata.namespace!).create(pod);
      this.#recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (!isNamespaceTerminating(error)) this.#recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${asError(error).message}`);
      throw error;
    }
  }

  /** Deletes the pod; one that is gone already is fine. */
  async delete(pod: Pod, owner: KubeObject): Promise<void> {
    try {
      const uid = pod.metadata.uid;
      await this.#client.of(Pods).inNamespace(pod.metadata.namespace!).delete(pod.metadata.name!, uid ? { preconditions: { uid } } : {});
      this.#recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    } catch (error) {
      if (isNotFound(error)) return;
      this.#recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${asError(error).message}`);
      throw error;
    }
  }
}
