/** A container as the runtime takes it. Pure: everything that had to be fetched or made is given. */
import { isAbsolute, join } from 'node:path';
import type { Pod } from '../api/core/v1/types.ts';
import { containerTypeAnnotation } from '../cri/hollow.ts';
import type { ContainerConfig, Image, Mount } from '../cri/runtime.ts';
import type { StartAction } from './decide.ts';
import type { Environment } from './environment.ts';
import { expand } from './expansion.ts';
import { annotationNames, containerHash, labelNames } from './names.ts';
import { containerResources } from './resources.ts';
import { containerSecurity } from './security.ts';

export interface ContainerConfigInputs {
  pod: Pod;
  action: StartAction;
  image: Image;
  environment: Environment;
  mounts: Mount[];
  memoryCapacityBytes: number;
  seccompRoot: string;
  targetId?: string;
}

/** The log of an attempt, relative to the pod's log folder. */
export function logPathOf(containerName: string, restartCount: number): string {
  return `${containerName}/${restartCount}.log`;
}

export function mountPathOf(path: string): string {
  return isAbsolute(path) ? path : join('/', path);
}

const propagations: Readonly<Record<string, Mount['propagation']>> = { None: 'private', HostToContainer: 'hostToContainer', Bidirectional: 'bidirectional' };

export function propagationOf(word: string | undefined): Mount['propagation'] {
  return propagations[word ?? 'None'] ?? 'private';
}

function annotationsOf({ pod, action }: ContainerConfigInputs): Record<string, string> {
  const { container, restartCount, kind } = action;
  const { deletionGracePeriodSeconds } = pod.metadata;
  return {
    [annotationNames.hash]: containerHash(container),
    [annotationNames.restartCount]: String(restartCount),
    [annotationNames.terminationMessagePath]: container.terminationMessagePath ?? '',
    [annotationNames.terminationMessagePolicy]: container.terminationMessagePolicy ?? 'File',
    [annotationNames.terminationGracePeriod]: String(pod.spec?.terminationGracePeriodSeconds ?? 30),
    ...(deletionGracePeriodSeconds === undefined ? {} : { [annotationNames.deletionGracePeriod]: String(deletionGracePeriodSeconds) }),
    ...(container.lifecycle?.preStop ? { [annotationNames.preStopHandler]: JSON.stringify(container.lifecycle.preStop) } : {}),
    [containerTypeAnnotation]: kind,
  };
}

export function containerConfigOf(inputs: ContainerConfigInputs): ContainerConfig {
  const { pod, action, image, environment, mounts } = inputs;
  const { container, restartCount, kind } = action;
  const { name, namespace, uid } = pod.metadata;
  const lookUp = (variable: string): string | undefined => environment.get(variable);
  return {
    metadata: { name: container.name, attempt: restartCount },
    image: { image: image.id, userSpecifiedImage: container.image ?? '' },
    command: (container.command ?? []).map((word) => expand(word, lookUp)),
    args: (container.args ?? []).map((word) => expand(word, lookUp)),
    workingDir: container.workingDir ?? '',
    envs: [...environment].map(([key, value]) => ({ key, value: Buffer.from(value) })),
    mounts,
    labels: { [labelNames.containerName]: container.name, [labelNames.podName]: name!, [labelNames.podNamespace]: namespace!, [labelNames.podUid]: uid! },
    annotations: annotationsOf(inputs),
    logPath: logPathOf(container.name, restartCount),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: {
      resources: containerResources(pod, container, inputs.memoryCapacityBytes),
      securityContext: containerSecurity({ pod, container, kind, image, seccompRoot: inputs.seccompRoot, ...(inputs.targetId === undefined ? {} : { targetId: inputs.targetId }) }),
    },
    ...(container.lifecycle?.stopSignal ? { stopSignal: container.lifecycle.stopSignal } : {}),
  };
}
