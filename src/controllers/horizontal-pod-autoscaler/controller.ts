/**
 * horizontal-pod-autoscaler-controller: keeps the number of a target's replicas where its metrics are near their targets.
 *
 * Contract: every 15 s each autoscaler reads its metrics and sets its target's scale to the largest count that one of them asks for, as far and
 * as fast as limits, policies and stabilisation windows allow; conditions and events say what it did, or why it could not.
 * Never: a count below minReplicas or above maxReplicas; a smaller count while a metric cannot be read; a change of a target at zero (that is
 * how it is switched off), or of pods that two autoscalers claim.
 * Eventually: with constant metrics the count stops changing, within tolerance of the target or at a limit.
 */
import type { Scale } from '../../api/autoscaling/v1/types.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition, HorizontalPodAutoscalerStatus } from '../../api/autoscaling/v2/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { groupVersionOf, keyOf } from '../../api/meta/objects.ts';
import { quantityToMilli } from '../../api/meta/quantity.ts';
import { parseLabelSelector } from '../../api/meta/selectors.ts';
import { formatTime } from '../../api/meta/time.ts';
import { HorizontalPodAutoscalers, Pods, resourceForKind } from '../../api/resources.ts';
import { discoverResources, startController } from '../../client/index.ts';
import type { Informer, Outcome, Running, WorkQueue } from '../../client/types.ts';
import { workersOf, type ControllerContext, type StartController } from '../context.ts';
import { actionBetween, type RoundEnd } from '../metrics.ts';
import { sameStatus } from '../shared/index.ts';
import { decideAutoscaler, needsMetrics, statusWith, type AutoscalerDecision, type MetricResult } from './decide.ts';
import { noHistory, type ScaleHistory } from './limits.ts';
import { judge, JudgementError, MetricsReader } from './metrics.ts';
import type { Tolerance } from './replicas.ts';

export const syncPeriodMs = 15_000;
/** What `--horizontal-pod-autoscaler-tolerance` and its like are where nobody says. */
export const defaultTolerance = 0.1;
export const timing = { cpuInitializationMs: 300_000, initialReadinessDelayMs: 30_000 };

/** An end of the round that a condition explains. */
class Blocked extends Error {
  readonly condition: Omit<HorizontalPodAutoscalerCondition, 'lastTransitionTime'>;
  readonly event: { reason: string; message: string };
  constructor(condition: Blocked['condition'], event: Blocked['event']) {
    super(event.message);
    this.condition = condition;
    this.event = event;
  }
}

const inactive = (reason: string, message: string, event: string): Blocked => new Blocked({ type: 'ScalingActive', status: 'False', reason, message }, { reason, message: event });

function toleranceOf(autoscaler: HorizontalPodAutoscaler, own: number): Tolerance {
  const { scaleUp, scaleDown } = autoscaler.spec.behavior ?? {};
  const share = (text: string | undefined): number => (text === undefined ? own : quantityToMilli(text) / 1000);
  return { up: share(scaleUp?.tolerance), down: share(scaleDown?.tolerance) };
}

class AutoscalerController {
  readonly queue: WorkQueue & Running;
  readonly #context: ControllerContext;
  readonly #recorder: ReturnType<ControllerContext['recorder']>;
  readonly #reader: MetricsReader;
  readonly #autoscalers: Informer<HorizontalPodAutoscaler>;
  readonly #pods: Informer<Pod>;
  readonly #history = new Map<string, ScaleHistory>();
  /** Selectors of targets: two autoscalers must not steer the same pods. */
  readonly #selectors = new Map<string, { namespace: string; matches: (labels: Record<string, string> | undefined) => boolean }>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#recorder = context.recorder('horizontal-pod-autoscaler');
    this.#reader = new MetricsReader(context.client);
    this.#autoscalers = context.informers.of(HorizontalPodAutoscalers);
    this.#pods = context.informers.of(Pods);
    this.queue = startController(context.host, { name: 'horizontal-pod-autoscaler-controller', workers: workersOf(context, 'concurrent-horizontal-pod-autoscaler-syncs', 5), informers: context.informers, reconcile: (key) => this.#reconcile(key) });
    this.#autoscalers.onEvent((event) => {
      // Its own status is no reason to look again sooner.
      if (event.type === 'updated' && event.old.metadata.generation === event.object.metadata.generation) return;
      this.queue.add(keyOf(event.object));
    });
  }

  async #reconcile(key: string): Promise<Outcome> {
    const autoscaler = this.#autoscalers.lister.byKey(key);
    if (!autoscaler) {
      this.#history.delete(key);
      this.#selectors.delete(key);
      return { done: true };
    }
    const { clock } = this.#context.host;
    const beganMs = clock.monotonic();
    // What is thrown on the way is no fault of the autoscaler's: its fields have been validated.
    let ended: RoundEnd = { action: 'none', error: 'internal' };
    try {
      ended = await this.#round(key, autoscaler);
    } catch (error) {
      if (!(error instanceof Blocked)) throw error;
      this.#recorder.event(autoscaler, 'Warning', error.event.reason, error.event.message);
      await this.#write(autoscaler, statusWith(autoscaler, {}, [error.condition], clock.now()));
    } finally {
      this.#context.metrics?.autoscalers.reconciled(ended, (clock.monotonic() - beganMs) / 1000);
    }
    return { afterMs: this.#context.settings.autoscaler?.syncPeriodMs ?? syncPeriodMs };
  }

  async #round(key: string, autoscaler: HorizontalPodAutoscaler): Promise<RoundEnd> {
    const { path, scale } = await this.#scaleOf(autoscaler);
    const currentReplicas = scale.spec?.replicas ?? 0;
    const results = needsMetrics(autoscaler, currentReplicas) ? await this.#judgeAll(key, autoscaler, scale) : [];
    const decision = decideAutoscaler({ autoscaler, currentReplicas, results, history: this.#history.get(key) ?? noHistory, downscaleStabilizationMs: this.#context.settings.autoscaler?.downscaleStabilizationMs }, this.#context.host.clock.now());
    for (const { reason, message } of decision.events) this.#recorder.event(autoscaler, 'Warning', reason, message);
    const { status, refused } = decision.rescale ? await this.#rescale(autoscaler, path, scale, decision, decision.rescale) : { status: decision.status, refused: false };
    // A change that the server refused has not happened.
    if (!refused) this.#history.set(key, decision.history);
    await this.#write(autoscaler, status);
    const replicas = refused ? currentReplicas : (decision.rescale?.replicas ?? currentReplicas);
    return { action: actionBetween(currentReplicas, replicas), error: refused || decision.failed !== undefined ? 'internal' : 'none' };
  }

  async #scaleOf(autoscaler: HorizontalPodAutoscaler): Promise<{ path: string; scale: Scale }> {
    const reference = autoscaler.spec.scaleTargetRef;
    try {
      const { group, version } = groupVersionOf(reference.apiVersion ?? 'v1');
      const plural = await this.#pluralOf(reference);
      const path = `${group === '' ? '/api' : `/apis/${group}`}/${version}/namespaces/${autoscaler.metadata.namespace}/${plural}/${reference.name}/scale`;
      return { path, scale: await this.#context.client.request<Scale>({ method: 'GET', path }) };
    } catch (error) {
      const message = (error as Error).message;
      throw new Blocked({ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message: `the HPA controller was unable to get the target's current scale: ${message}` }, { reason: 'FailedGetScale', message });
    }
  }

  async #pluralOf(reference: { kind: string; apiVersion?: string }): Promise<string> {
    const { group, version } = groupVersionOf(reference.apiVersion ?? 'v1');
    const known = resourceForKind(group, version, reference.kind);
    if (known) return known.plural;
    const found = (await discoverResources(this.#context.client)).resources.find((each) => each.group === group && each.kind === reference.kind);
    if (!found) throw new Error(`no matches for kind "${reference.kind}" in group "${group}"`);
    return found.plural;
  }

  /** The pods that the target's selector finds. Throws Blocked when there is none, or when another autoscaler has them. */
  #podsOf(key: string, autoscaler: HorizontalPodAutoscaler, selector: string): Pod[] {
    if (selector === '') throw inactive('InvalidSelector', "the HPA target's scale is missing a selector", 'selector is required');
    let matches: (labels: Record<string, string> | undefined) => boolean;
    try {
      matches = parseLabelSelector(selector);
    } catch (error) {
      const message = `couldn't convert selector into a corresponding internal selector object: ${(error as Error).message}`;
      throw inactive('InvalidSelector', message, message);
    }
    const namespace = autoscaler.metadata.namespace!;
    this.#selectors.set(key, { namespace, matches });
    const pods = this.#pods.lister.list(namespace).filter((pod) => matches(pod.metadata.labels));
    const others = [...this.#selectors].filter(([other, each]) => other !== key && each.namespace === namespace && pods.some((pod) => each.matches(pod.metadata.labels)));
    if (others.length > 0) {
      const message = `pods by selector ${selector} are controlled by multiple HPAs: [${[key, ...others.map(([other]) => other)].sort().join(' ')}]`;
      throw inactive('AmbiguousSelector', message, message);
    }
    return pods;
  }

  async #judgeAll(key: string, autoscaler: HorizontalPodAutoscaler, scale: Scale): Promise<MetricResult[]> {
    const selector = scale.status?.selector ?? '';
    const pods = this.#podsOf(key, autoscaler, selector);
    const { tolerance = defaultTolerance, ...own } = this.#context.settings.autoscaler ?? {};
    const question = { currentReplicas: scale.spec?.replicas ?? 0, pods, tolerance: toleranceOf(autoscaler, tolerance), timing: { ...timing, ...own }, nowMs: this.#context.host.clock.now() };
    const resourceOf = async (reference: { kind: string; apiVersion?: string }): Promise<string> => {
      const { group } = groupVersionOf(reference.apiVersion ?? 'v1');
      const plural = await this.#pluralOf(reference);
      return group === '' ? plural : `${plural}.${group}`;
    };
    const context = { autoscaler, reader: this.#reader, selector, statusReplicas: scale.status?.replicas ?? 0, question, resourceOf };
    const { host: { clock }, metrics } = this.#context;
    return Promise.all((autoscaler.spec.metrics ?? []).map(async (spec): Promise<MetricResult> => {
      const beganMs = clock.monotonic();
      let ended: RoundEnd = { action: 'none', error: 'internal' };
      try {
        const result = await judge(context, spec);
        // Upstream compares with what the status said before this round.
        ended = { action: actionBetween(autoscaler.status?.currentReplicas ?? 0, result.replicas), error: 'none' };
        return result;
      } catch (error) {
        if (!(error instanceof JudgementError)) throw error;
        if (error.reason === 'InvalidMetricSourceType') ended = { action: 'none', error: 'spec' };
        return { reason: error.reason, prefix: error.prefix, message: error.message };
      } finally {
        metrics?.autoscalers.computed(ended, spec.type, (clock.monotonic() - beganMs) / 1000);
      }
    }));
  }

  async #rescale(autoscaler: HorizontalPodAutoscaler, path: string, scale: Scale, decision: AutoscalerDecision, to: { replicas: number; reason: string }): Promise<{ status: HorizontalPodAutoscalerStatus; refused: boolean }> {
    const nowMs = this.#context.host.clock.now();
    const conditioned = (condition: Blocked['condition'], change: Partial<HorizontalPodAutoscalerStatus>): HorizontalPodAutoscalerStatus =>
      statusWith({ ...autoscaler, status: decision.status }, change, [condition], nowMs);
    try {
      await this.#context.client.request({ method: 'PUT', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...scale, spec: { ...scale.spec, replicas: to.replicas } }) });
    } catch (error) {
      const message = (error as Error).message;
      this.#recorder.event(autoscaler, 'Warning', 'FailedRescale', `New size: ${to.replicas}; reason: ${to.reason}; error: ${message}`);
      const condition = { type: 'AbleToScale', status: 'False', reason: 'FailedUpdateScale', message: `the HPA controller was unable to update the target scale: ${message}` };
      // What it wants stays what it last came to want: the count that is there may lie outside its bounds.
      return { refused: true, status: conditioned(condition, { desiredReplicas: autoscaler.status?.desiredReplicas ?? 0 }) };
    }
    this.#recorder.event(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${to.replicas}; reason: ${to.reason}`);
    const condition = { type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message: `the HPA controller was able to update the target scale to ${to.replicas}` };
    return { refused: false, status: conditioned(condition, { lastScaleTime: formatTime(nowMs) }) };
  }

  async #write(autoscaler: HorizontalPodAutoscaler, status: HorizontalPodAutoscalerStatus): Promise<void> {
    if (sameStatus(autoscaler.status, status)) return;
    await this.#context.client.of(HorizontalPodAutoscalers).inNamespace(autoscaler.metadata.namespace!).updateStatus({ ...autoscaler, status });
  }
}

export const startHorizontalPodAutoscaler: StartController = (context) => new AutoscalerController(context).queue;
