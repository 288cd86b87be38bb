/**
 * Pods counted as they change. An owner of ten thousand pods is looked at hundreds of times while they start: a look must cost what has
 * changed since the last one, not all of them.
 */
import { isPodActive, isPodReady, isPodTerminating } from '../../api/core/v1/pods.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { ReplicaSet } from '../../api/apps/v1/types.ts';
import { controllerOf, keyOf } from '../../api/meta/objects.ts';
import { labelSelectorOf, labelsMatcher } from '../../api/meta/selectors.ts';
import type { Informer, InformerEvent } from '../../client/types.ts';
import { orphansIn, ownedBy } from '../shared/index.ts';
import type { PodCounts } from './decide.ts';

const ACTIVE = 1;
const LABELLED = 2;
const READY = 4;
const TERMINATING = 8;
/** Owned, and not what the selector wants: it has to be let go. */
const STRAY = 16;

type Labels = Readonly<Record<string, string>> | undefined;

/** What of an owner decides how its pods count. */
const rulesOf = ({ metadata, spec }: ReplicaSet): string => JSON.stringify([metadata.uid, spec?.selector, spec?.template?.metadata?.labels]);

class Tally {
  readonly uid: string | undefined;
  readonly rules: string;
  readonly matches: (labels: Labels) => boolean;
  readonly #matchesTemplate: (labels: Labels) => boolean;
  readonly #marks = new Map<string, number>();
  #active = 0;
  #labelled = 0;
  #ready = 0;
  #terminating = 0;
  strays = 0;

  constructor(replicaSet: ReplicaSet, rules: string) {
    this.uid = replicaSet.metadata.uid;
    this.rules = rules;
    this.matches = labelSelectorOf(replicaSet.spec?.selector);
    this.#matchesTemplate = labelsMatcher(replicaSet.spec?.template?.metadata?.labels);
  }

  /** Pods that are ready are available: those of owners that want more than that are counted anew each time. */
  get counts(): PodCounts {
    return { replicas: this.#active, fullyLabeledReplicas: this.#labelled, readyReplicas: this.#ready, availableReplicas: this.#ready, terminatingReplicas: this.#terminating };
  }

  put(pod: Pod): void {
    this.#mark(keyOf(pod), this.#marksOf(pod));
  }

  drop(pod: Pod): void {
    this.#mark(keyOf(pod), undefined);
  }

  #marksOf(pod: Pod): number {
    const { labels } = pod.metadata;
    let marks = this.matches(labels) ? 0 : STRAY;
    if (isPodTerminating(pod)) marks |= TERMINATING;
    if (!isPodActive(pod)) return marks;
    marks |= ACTIVE;
    if (this.#matchesTemplate(labels)) marks |= LABELLED;
    return isPodReady(pod) ? marks | READY : marks;
  }

  #mark(key: string, marks: number | undefined): void {
    const before = this.#marks.get(key) ?? 0;
    if (marks === undefined) this.#marks.delete(key);
    else this.#marks.set(key, marks);
    const now = marks ?? 0;
    if (now === before) return;
    const change = (mark: number): number => ((now & mark) === mark ? 1 : 0) - ((before & mark) === mark ? 1 : 0);
    this.#active += change(ACTIVE);
    this.#labelled += change(LABELLED);
    this.#ready += change(READY);
    this.#terminating += change(TERMINATING);
    this.strays += change(STRAY);
  }
}

/** The tallies of all ReplicaSets that have been looked at. */
export class PodTallies {
  readonly #pods: Informer<Pod>;
  readonly #tallies = new Map<string, Tally>();

  /** To be made before other handlers of the informer: they then find the tallies up to date. */
  constructor(pods: Informer<Pod>) {
    this.#pods = pods;
    pods.onEvent((event) => this.#take(event));
  }

  #tallyFor(pod: Pod): Tally | undefined {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet') return undefined;
    const tally = this.#tallies.get(keyOf({ metadata: { namespace: pod.metadata.namespace, name: owner.name } }));
    return tally?.uid === owner.uid ? tally : undefined;
  }

  #take(event: InformerEvent<Pod>): void {
    const tally = this.#tallyFor(event.object);
    if (event.type === 'updated') {
      const former = this.#tallyFor(event.old);
      if (former !== tally) former?.drop(event.old);
    }
    if (event.type === 'deleted') tally?.drop(event.object);
    else tally?.put(event.object);
  }

  /** How many pods the owner has of each sort; undefined where they must be looked at one by one: some are to be adopted or let go, or become available by time alone. */
  of(replicaSet: ReplicaSet): PodCounts | undefined {
    if ((replicaSet.spec?.minReadySeconds ?? 0) > 0) return undefined;
    const key = keyOf(replicaSet);
    const rules = rulesOf(replicaSet);
    let tally = this.#tallies.get(key);
    if (tally?.rules !== rules) {
      tally = new Tally(replicaSet, rules);
      for (const pod of ownedBy(this.#pods.lister, replicaSet)) tally.put(pod);
      this.#tallies.set(key, tally);
    }
    if (tally.strays > 0) return undefined;
    const { matches } = tally;
    return orphansIn(this.#pods.lister, replicaSet.metadata.namespace!).some((pod) => matches(pod.metadata.labels)) ? undefined : tally.counts;
  }

  forget(key: string): void {
    this.#tallies.delete(key);
  }
}
