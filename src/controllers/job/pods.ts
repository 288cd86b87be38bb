/** The pods of a job. */
import type { Job } from '../../api/batch/v1/types.ts';
import type { Container, Pod } from '../../api/core/v1/types.ts';
import { Jobs } from '../../api/resources.ts';
import { controllerReference } from '../shared/ownership.ts';
import { podFromTemplate } from '../shared/template.ts';
import { FAILURE_COUNT_ANNOTATION, IGNORED_FAILURE_COUNT_ANNOTATION, indexFailures } from './backoff.ts';
import { COMPLETION_INDEX_ANNOTATION } from './indexes.ts';
import { judgeFailure } from './policies.ts';

/** Keeps a finished pod until the job's status has counted it. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';
/** Names keep room for a dash and five random characters. */
const MAX_NAME_BASE = 58;

export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
export const isIndexed = (job: Job): boolean => job.spec?.completionMode === 'Indexed';

function withIndexVariable(container: Container): Container {
  if (container.env?.some((variable) => variable.name === INDEX_VARIABLE)) return container;
  const variable = { name: INDEX_VARIABLE, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${COMPLETION_INDEX_ANNOTATION}']` } } };
  return { ...container, env: [...(container.env ?? []), variable] };
}

/** How often this index has failed, handed from pod to pod in annotations. */
function failureAnnotations(job: Job, replaces: Pod | undefined): Record<string, string> {
  if (job.spec?.backoffLimitPerIndex === undefined) return {};
  let { counted, ignored } = replaces ? indexFailures(replaces) : { counted: 0, ignored: 0 };
  if (replaces) {
    if (judgeFailure(job.spec.podFailurePolicy, replaces).counts) counted++;
    else ignored++;
  }
  return { [FAILURE_COUNT_ANNOTATION]: String(counted), ...(ignored > 0 ? { [IGNORED_FAILURE_COUNT_ANNOTATION]: String(ignored) } : {}) };
}

/** A new pod; for an indexed job one that knows its index by annotation, label, variable and host name. */
export function jobPod(job: Job, index: number | undefined, replaces: Pod | undefined): Pod {
  const pod = podFromTemplate(job.spec!.template, job, controllerReference(job, Jobs));
  if (!isTracked(pod)) pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER];
  if (index === undefined) return pod;
  const spec = pod.spec!;
  pod.metadata.annotations = { ...pod.metadata.annotations, [COMPLETION_INDEX_ANNOTATION]: String(index), ...failureAnnotations(job, replaces) };
  pod.metadata.labels = { ...pod.metadata.labels, [COMPLETION_INDEX_ANNOTATION]: String(index) };
  const tail = `-${index}-`;
  pod.metadata.generateName = `${job.metadata.name!.slice(0, MAX_NAME_BASE - tail.length + 1)}${tail}`;
  spec.hostname = `${job.metadata.name}-${index}`;
  spec.containers = spec.containers.map(withIndexVariable);
  if (spec.initContainers) spec.initContainers = spec.initContainers.map(withIndexVariable);
  return pod;
}
