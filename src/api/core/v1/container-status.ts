/**
 * How containers are doing.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { ResourceRequirements } from './common.ts';

/** What a container is doing: one of the three is set. */
export interface ContainerState {
  /** It has not started. @proto 1 @pointer */
  waiting?: ContainerStateWaiting;
  /** It runs. @proto 2 @pointer */
  running?: ContainerStateRunning;
  /** It has ended. @proto 3 @pointer */
  terminated?: ContainerStateTerminated;
}

/** It runs, since when. */
export interface ContainerStateRunning {
  /** When it started. @proto 1 */
  startedAt?: Time | null;
}

/** It has ended: how, when and why. */
export interface ContainerStateTerminated {
  /** Exit code of its process. @proto 1 @required */
  exitCode: Int32;
  /** Signal that ended it. @proto 2 */
  signal?: Int32;
  /** Why, as one word for programs. @proto 3 */
  reason?: string;
  /** Why, as a sentence for people. @proto 4 */
  message?: string;
  /** When it started. @proto 5 */
  startedAt?: Time | null;
  /** When it ended. @proto 6 */
  finishedAt?: Time | null;
  /** Identifier of the container, as `containerd://…`. @proto 7 */
  containerID?: string;
}

/** It has not started, and why. */
export interface ContainerStateWaiting {
  /** Why, as one word for programs. @proto 1 */
  reason?: string;
  /** Why, as a sentence for people. @proto 2 */
  message?: string;
}

/** How a container is doing. */
export interface ContainerStatus {
  /** Name of the container. @proto 1 @required */
  name: string;
  /** What it is doing. @proto 2 */
  state?: ContainerState;
  /** How its run before this one ended. @proto 3 */
  lastState?: ContainerState;
  /** Whether it is ready. @proto 4 @required */
  ready: boolean;
  /** How often it has been restarted. @proto 5 @required */
  restartCount: Int32;
  /** Image that it runs. @proto 6 @required */
  image: string;
  /** Identifier of that image. @proto 7 @required */
  imageID: string;
  /** Identifier of the container, as `containerd://…`. @proto 8 */
  containerID?: string;
  /** Whether it runs and its startup probe has passed. @proto 9 @pointer */
  started?: boolean;
  /** Resources that have been given out. @proto 10 */
  allocatedResources?: Record<string, Quantity>;
  /** Resources that are in force. @proto 11 @pointer */
  resources?: ResourceRequirements;
  /** How its volumes are mounted. @proto 12 @listType map @listKeys mountPath @patchStrategy merge @patchMergeKey mountPath */
  volumeMounts?: VolumeMountStatus[];
  /** Who its first process runs as. @proto 13 @pointer */
  user?: ContainerUser;
  /** Health of the devices that it was given. @proto 14 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  allocatedResourcesStatus?: ResourceStatus[];
  /** Signal that asks the container to stop. @proto 15 @pointer @enum SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ */
  stopSignal?: string;
}

/** The user that a container's first process started as. */
export interface ContainerUser {
  /** Who it runs as, on Linux. @proto 1 @pointer */
  linux?: LinuxContainerUser;
}

/** The image that a volume shows. */
export interface ImageVolumeStatus {
  /** Identifier of the image. @proto 1 @required @omitEmpty */
  imageRef: string;
}

/** User and groups of a container's first process. */
export interface LinuxContainerUser {
  /** User number. @proto 1 @required */
  uid: Int64;
  /** Group number. @proto 2 @required */
  gid: Int64;
  /** More groups. @proto 3 @listType atomic */
  supplementalGroups?: Int64[];
}

/** Whether a device that a container holds is well. */
export interface ResourceHealth {
  /** Identifier of the device. @proto 1 @required */
  resourceID: string;
  /** Healthy, Unhealthy or Unknown. @proto 2 */
  health?: string;
  /** Why, as a sentence for people. @proto 6 @pointer */
  message?: string;
}

/** Whether the devices of one resource are well. */
export interface ResourceStatus {
  /** Name of the resource. @proto 1 @required */
  name: string;
  /** Health of each device. @proto 2 @listType map @listKeys resourceID */
  resources?: ResourceHealth[];
}

/** How a volume is mounted in a container. */
export interface VolumeMountStatus {
  /** Name of the volume. @proto 1 @required */
  name: string;
  /** Where it appears in the container. @proto 2 @required */
  mountPath: string;
  /** Whether it is mounted for reading only. @proto 3 */
  readOnly?: boolean;
  /** Whether mounts below it are read-only too. @proto 4 @pointer */
  recursiveReadOnly?: string;
  /** More about the volume. @proto 5 @pointer */
  volumeStatus?: VolumeStatus;
}

/** What is known of a mounted volume beyond its mount. */
export interface VolumeStatus {
  /** The image that is mounted. @proto 1 @pointer */
  image?: ImageVolumeStatus;
}
