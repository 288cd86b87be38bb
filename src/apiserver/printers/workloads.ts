/** Printers of what runs pods: apps, batch, autoscaling and disruption budgets. */
import type { ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../api/apps/v1/types.ts';
import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1, Scale } from '../../api/autoscaling/v1/types.ts';
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../api/autoscaling/v2/types.ts';
import type { CronJob, Job } from '../../api/batch/v1/types.ts';
import { isConditionTrue } from '../../api/core/v1/pods.ts';
import type { PodTemplateSpec } from '../../api/core/v1/types.ts';
import { controllerOf, groupVersionOf } from '../../api/meta/objects.ts';
import type { KubeObject, LabelSelector } from '../../api/meta/v1/types.ts';
import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import type { Cell } from './cells.ts';
import { age, booleanText, durationText, imagesOf, labelsText, namesOf, NONE, selectorText, UNKNOWN, UNSET } from './cells.ts';
import type { Printer } from './column.ts';
import { AGE, boolean, integer, NAME, POD_COLUMNS, printer, text } from './column.ts';

const nameOf = (object: KubeObject): string => object.metadata.name ?? '';
const ageOf = (object: KubeObject, now: number): string => age(object.metadata.creationTimestamp, now);

function podCells(template: PodTemplateSpec | undefined, selector: LabelSelector | undefined, invalid?: string): Cell[] {
  return [namesOf(template?.spec?.containers), imagesOf(template?.spec?.containers), selectorText(selector, invalid)];
}

const END_CONDITIONS = ['Complete', 'Failed'] as const;
const LATER_CONDITIONS = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'] as const;

function jobStatus(job: Job): string {
  const has = (type: string): boolean => isConditionTrue(job.status?.conditions, type);
  const ended = END_CONDITIONS.find(has);
  if (ended !== undefined) return ended;
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return LATER_CONDITIONS.find(has) ?? 'Running';
}

function jobCompletions(job: Job): string {
  const succeeded = job.status?.succeeded ?? 0;
  if (job.spec?.completions !== undefined) return `${succeeded}/${job.spec.completions}`;
  const parallelism = job.spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: Job, now: number): string {
  const started = job.status?.startTime;
  if (started === undefined) return '';
  const ended = job.status?.completionTime;
  return ended === undefined ? age(started, now) : durationText(Date.parse(ended) - Date.parse(started));
}

function againstTarget(current: MetricValueStatus | undefined, target: MetricTarget | undefined): string {
  if (target?.averageUtilization !== undefined) return `${current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}%`}/${target.averageUtilization}%`;
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  return `${current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}%`}/<auto>`;
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
    case 'Object': {
      const target = (spec.external ?? spec.object)?.target;
      const current = (status?.external ?? status?.object)?.current;
      if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
      return `${current?.value ?? UNKNOWN}/${target?.value ?? ''}`;
    }
    case 'Pods':
      return `${status?.pods?.current?.averageValue ?? UNKNOWN}/${spec.pods?.target?.averageValue ?? ''}`;
    case 'Resource':
      return `${spec.resource?.name ?? ''}: ${againstTarget(status?.resource?.current, spec.resource?.target)}`;
    case 'ContainerResource':
      return `${spec.containerResource?.name ?? ''}: ${againstTarget(status?.containerResource?.current, spec.containerResource?.target)}`;
    default:
      return '<unknown type>';
  }
}

/** The first version of an autoscaler knows one metric: the processor. */
function metricsOf(autoscaler: HorizontalPodAutoscaler | HorizontalPodAutoscalerV1): { specs: MetricSpec[]; statuses: MetricStatus[] } {
  if ('metrics' in autoscaler.spec || !('targetCPUUtilizationPercentage' in autoscaler.spec)) {
    const newer = autoscaler as HorizontalPodAutoscaler;
    return { specs: newer.spec.metrics ?? [], statuses: newer.status?.currentMetrics ?? [] };
  }
  const older = autoscaler as HorizontalPodAutoscalerV1;
  const current = older.status?.currentCPUUtilizationPercentage;
  return {
    specs: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: older.spec.targetCPUUtilizationPercentage! } } }],
    statuses: current === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }],
  };
}

function metricsText(autoscaler: HorizontalPodAutoscaler | HorizontalPodAutoscalerV1): string {
  const { specs, statuses } = metricsOf(autoscaler);
  if (specs.length === 0) return NONE;
  const texts = specs.map((spec, i) => metricText(spec, statuses[i]));
  return texts.length > 2 ? `${texts.slice(0, 2).join(', ')} + ${texts.length - 2} more...` : texts.join(', ');
}

function ownerText(revision: ControllerRevision): string {
  const owner = controllerOf(revision);
  if (owner === undefined) return NONE;
  const { group } = groupVersionOf(owner.apiVersion);
  return `${owner.kind.toLowerCase()}${group ? `.${group}` : ''}/${owner.name}`;
}

function cronCells(cron: CronJob, now: number): Cell[] {
  const { spec, status } = cron;
  return [
    nameOf(cron), spec.schedule, spec.timeZone ?? NONE, booleanText(spec.suspend, UNSET), (status?.active ?? []).length, status?.lastScheduleTime ? age(status.lastScheduleTime, now) : NONE,
    ageOf(cron, now), ...podCells(spec.jobTemplate?.spec?.template, spec.jobTemplate?.spec?.selector),
  ];
}

const amount = (value: number | string | undefined): string => (value === undefined ? 'N/A' : String(value));

function appsPrinters(): Record<string, Printer> {
  return {
    'apps/Deployment': printer<Deployment>([NAME, text('Ready'), text('Up-to-date'), text('Available'), AGE, ...POD_COLUMNS], (object, now) => [
      nameOf(object), `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`, object.status?.updatedReplicas ?? 0, object.status?.availableReplicas ?? 0, ageOf(object, now),
      ...podCells(object.spec?.template, object.spec?.selector, '<invalid>'),
    ]),
    'apps/ReplicaSet': printer<ReplicaSet>([NAME, integer('Desired'), integer('Current'), integer('Ready'), AGE, ...POD_COLUMNS], (object, now) => [
      nameOf(object), object.spec?.replicas ?? 0, object.status?.replicas ?? 0, object.status?.readyReplicas ?? 0, ageOf(object, now), ...podCells(object.spec?.template, object.spec?.selector),
    ]),
    'apps/DaemonSet': printer<DaemonSet>(
      [NAME, integer('Desired'), integer('Current'), integer('Ready'), integer('Up-to-date'), integer('Available'), text('Node Selector'), AGE, ...POD_COLUMNS],
      (object, now) => [
        nameOf(object), object.status?.desiredNumberScheduled ?? 0, object.status?.currentNumberScheduled ?? 0, object.status?.numberReady ?? 0, object.status?.updatedNumberScheduled ?? 0,
        object.status?.numberAvailable ?? 0, labelsText(object.spec?.template?.spec?.nodeSelector), ageOf(object, now), ...podCells(object.spec?.template, object.spec?.selector),
      ],
    ),
    'apps/StatefulSet': printer<StatefulSet>([NAME, text('Ready'), AGE, text('Containers', 1), text('Images', 1)], (object, now) => [
      nameOf(object), `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`, ageOf(object, now), namesOf(object.spec?.template?.spec?.containers), imagesOf(object.spec?.template?.spec?.containers),
    ]),
    'apps/ControllerRevision': printer<ControllerRevision>([NAME, text('Controller'), text('Revision'), AGE], (object, now) => [nameOf(object), ownerText(object), object.revision ?? 0, ageOf(object, now)]),
  };
}

/** Group and kind to printer. */
export function workloadPrinters(): Record<string, Printer> {
  return {
    ...appsPrinters(),
    'batch/Job': printer<Job>([NAME, text('Status'), text('Completions'), text('Duration'), AGE, ...POD_COLUMNS], (object, now) => [
      nameOf(object), jobStatus(object), jobCompletions(object), jobDuration(object, now), ageOf(object, now), ...podCells(object.spec?.template, object.spec?.selector),
    ]),
    'batch/CronJob': printer<CronJob>(
      [NAME, text('Schedule'), text('Timezone'), boolean('Suspend'), integer('Active'), text('Last Schedule'), AGE, ...POD_COLUMNS], cronCells,
    ),
    'autoscaling/HorizontalPodAutoscaler': printer<HorizontalPodAutoscaler>(
      [NAME, text('Reference'), text('Targets'), text('MinPods'), text('MaxPods'), text('Replicas'), AGE],
      (object, now) => [
        nameOf(object), `${object.spec.scaleTargetRef?.kind ?? ''}/${object.spec.scaleTargetRef?.name ?? ''}`, metricsText(object), object.spec.minReplicas === undefined ? UNSET : String(object.spec.minReplicas),
        object.spec.maxReplicas ?? 0, object.status?.currentReplicas ?? 0, ageOf(object, now),
      ],
    ),
    'autoscaling/Scale': printer<Scale>([['Name', 'string', '', 0], integer('Desired'), integer('Available'), AGE], (object, now) => [nameOf(object), object.spec?.replicas ?? 0, object.status?.replicas ?? 0, ageOf(object, now)]),
    'policy/PodDisruptionBudget': printer<PodDisruptionBudget>([NAME, text('Min Available'), text('Max Unavailable'), integer('Allowed Disruptions'), AGE], (object, now) => [
      nameOf(object), amount(object.spec?.minAvailable), amount(object.spec?.maxUnavailable), object.status?.disruptionsAllowed ?? 0, ageOf(object, now),
    ]),
  };
}
