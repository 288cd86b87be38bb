/** /containerLogs/NAMESPACE/POD/CONTAINER */
import type { Pod } from '../../api/core/v1/types.ts';
import type { ContainerRuntime } from '../../cri/index.ts';
import type { Host } from '../../host/types.ts';
import { readContainerLog, type LogRequest } from '../logs/index.ts';
import { HttpError, type Answer, type ContainerHandle, type PodLookup } from './types.ts';

function wholeNumber(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new HttpError(422, `${name}: Invalid value: ${JSON.stringify(text)}: must be a whole number of at least ${least}`);
  return value;
}

export const isTrue = (text: string | null): boolean => text !== null && ['1', 'true', 'True', 'TRUE', 't', 'T'].includes(text);

function sinceOf(query: URLSearchParams, nowMs: number): number | undefined {
  const time = query.get('sinceTime');
  if (time !== null && time !== '') {
    const value = Date.parse(time);
    if (Number.isNaN(value)) throw new HttpError(422, `sinceTime: Invalid value: ${JSON.stringify(time)}: must be a time of RFC 3339`);
    return value;
  }
  const seconds = wholeNumber(query, 'sinceSeconds', 1);
  return seconds === undefined ? undefined : nowMs - seconds * 1000;
}

function streamOf(query: URLSearchParams): Pick<LogRequest, 'stream'> {
  const stream = query.get('stream') ?? 'All';
  if (stream === 'Stdout') return { stream: 'stdout' };
  if (stream === 'Stderr') return { stream: 'stderr' };
  if (stream === 'All' || stream === '') return {};
  throw new HttpError(422, `stream: Unsupported value: ${JSON.stringify(stream)}: supported values: "All", "Stderr", "Stdout"`);
}

/** The reason why a container has no log yet, in the words that a person who asks for it expects. */
function waitingWords(pod: Pod, container: string): string {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.ephemeralContainerStatuses ?? [])];
  const waiting = statuses.find((status) => status.name === container)?.state?.waiting;
  const where = `container "${container}" in pod "${pod.metadata.name}"`;
  if (!waiting) return `${where} is not available`;
  if (waiting.reason?.includes('Image')) return `${where} is waiting to start: ${waiting.message ? 'trying and failing to pull image' : 'image can\'t be pulled'}`;
  return `${where} is waiting to start: ${waiting.reason ?? 'unknown'}`;
}

async function handleFor(pods: PodLookup, pod: Pod, container: string, previous: boolean): Promise<ContainerHandle> {
  const handle = previous ? await pods.previousContainer(pod, container) : await pods.container(pod, container);
  if (handle) return handle;
  throw new HttpError(400, previous ? `previous terminated container "${container}" in pod "${pod.metadata.name}" not found` : waitingWords(pod, container));
}

/** Answers with the log as it is, or as it grows. */
export async function containerLogs(host: Host, runtime: ContainerRuntime, pods: PodLookup, pod: Pod, container: string, query: URLSearchParams, signal: AbortSignal): Promise<Answer> {
  const handle = await handleFor(pods, pod, container, isTrue(query.get('previous')));
  if (!(await host.disk.stat(handle.logPath))) throw new HttpError(400, `the log of container "${container}" in pod "${pod.metadata.name}" is not there: "${handle.logPath}"`);
  const tailLines = wholeNumber(query, 'tailLines', 0);
  const limitBytes = wholeNumber(query, 'limitBytes', 1);
  const sinceMs = sinceOf(query, host.clock.now());
  const body = readContainerLog(host, {
    path: handle.logPath,
    ...streamOf(query),
    timestamps: isTrue(query.get('timestamps')),
    follow: isTrue(query.get('follow')),
    signal,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    stillWritten: async () => {
      const status = await runtime.containerStatus(handle.id).catch(() => undefined);
      return status?.state === 'running' || status?.state === 'created';
    },
  });
  return { status: 200, headers: { 'content-type': 'text/plain' }, body };
}
