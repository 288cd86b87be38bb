/** Changes to a Deployment's ReplicaSets on paper, before any is written. */
import type { Deployment, ReplicaSet } from '../../api/apps/v1/types.ts';
import { sameValue } from '../shared/equality.ts';
import { byAge, sizeAnnotations } from './replica-sets.ts';

/** A ReplicaSet with the changes decided so far. */
export class Planned {
  readonly original: ReplicaSet;
  replicas: number;
  annotations: Record<string, string>;
  minReadySeconds: number;

  constructor(replicaSet: ReplicaSet) {
    this.original = replicaSet;
    this.replicas = replicaSet.spec?.replicas ?? 1;
    this.annotations = { ...replicaSet.metadata.annotations };
    this.minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0;
  }

  get available(): number {
    return this.original.status?.availableReplicas ?? 0;
  }

  get changed(): boolean {
    return this.scaled || this.minReadySeconds !== (this.original.spec?.minReadySeconds ?? 0) || !sameValue(this.annotations, { ...this.original.metadata.annotations });
  }

  get scaled(): boolean {
    return this.replicas !== (this.original.spec?.replicas ?? 1);
  }

  /** The object to write. */
  result(): ReplicaSet {
    const { original } = this;
    return {
      ...original,
      metadata: { ...original.metadata, annotations: this.annotations },
      spec: { ...original.spec!, replicas: this.replicas, ...(this.minReadySeconds > 0 ? { minReadySeconds: this.minReadySeconds } : {}) },
    };
  }
}

export class Plan {
  readonly deployment: Deployment;
  readonly newSet: Planned | undefined;
  /** Older first. */
  readonly oldSets: readonly Planned[];
  readonly all: readonly Planned[];

  constructor(deployment: Deployment, newReplicaSet: ReplicaSet | undefined, replicaSets: readonly ReplicaSet[]) {
    this.deployment = deployment;
    this.newSet = newReplicaSet && new Planned(newReplicaSet);
    this.oldSets = replicaSets.filter((replicaSet) => replicaSet !== newReplicaSet).toSorted(byAge).map((replicaSet) => new Planned(replicaSet));
    this.all = this.newSet ? [...this.oldSets, this.newSet] : this.oldSets;
  }

  total(): number {
    return this.all.reduce((sum, planned) => sum + planned.replicas, 0);
  }

  /** Changes the size, and with it the note of what the Deployment wanted; nothing happens when the size is right. */
  scale(planned: Planned, replicas: number): boolean {
    if (planned.replicas === replicas) return false;
    planned.replicas = replicas;
    this.note(planned);
    return true;
  }

  note(planned: Planned): void {
    Object.assign(planned.annotations, sizeAnnotations(this.deployment));
  }
}
