/**
 * Options of the connecting subresources: exec, attach, log, port-forward, proxy.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Time } from '../../meta/v1/scalars.ts';
import type { TypeMeta } from '../../meta/v1/types.ts';

/** How a node's own server is reached through the API server. @unpublished */
export interface NodeProxyOptions extends TypeMeta {
  /** Path to ask for. @proto 1 */
  path?: string;
}

/** Which streams of a running container are taken. @unpublished */
export interface PodAttachOptions extends TypeMeta {
  /** Whether to pass standard input on. @proto 1 */
  stdin?: boolean;
  /** Whether to pass standard output back. @proto 2 */
  stdout?: boolean;
  /** Whether to pass standard error back. @proto 3 */
  stderr?: boolean;
  /** Whether to give it a terminal. @proto 4 */
  tty?: boolean;
  /** Which container; needed when the pod has several. @proto 5 */
  container?: string;
}

/** Which command is run in a container, and which of its streams are taken. @unpublished */
export interface PodExecOptions extends TypeMeta {
  /** Whether to pass standard input on. @proto 1 */
  stdin?: boolean;
  /** Whether to pass standard output back. @proto 2 */
  stdout?: boolean;
  /** Whether to pass standard error back. @proto 3 */
  stderr?: boolean;
  /** Whether to give it a terminal. @proto 4 */
  tty?: boolean;
  /** Which container; needed when the pod has several. @proto 5 */
  container?: string;
  /** Command to run, without a shell; one parameter a word. @proto 6 @required @listType atomic */
  command: string[];
}

/** Which part of a container's log is wanted. @unpublished */
export interface PodLogOptions extends TypeMeta {
  /** Which container; needed when the pod has several. @proto 1 */
  container?: string;
  /** Whether to go on with what comes. @proto 2 */
  follow?: boolean;
  /** Whether to show the container's run before this one. @proto 3 */
  previous?: boolean;
  /** Only what is not older than so many seconds. @proto 4 @pointer */
  sinceSeconds?: Int64;
  /** Only what came after that moment. @proto 5 @pointer */
  sinceTime?: Time;
  /** Whether each line begins with its time. @proto 6 */
  timestamps?: boolean;
  /** Only so many lines from the end. @proto 7 @pointer */
  tailLines?: Int64;
  /** No more than so many bytes. @proto 8 @pointer */
  limitBytes?: Int64;
  /** Whether to trust the node whatever its certificate says. @proto 9 */
  insecureSkipTLSVerifyBackend?: boolean;
  /** Which stream: All, Stdout or Stderr. @proto 10 @pointer */
  stream?: string;
}

/** Which ports of a pod are wanted. @unpublished */
export interface PodPortForwardOptions extends TypeMeta {
  /** Ports of the pod. @proto 1 @listType atomic */
  ports?: Int32[];
}

/** Which path of a pod is wanted through the API server. @unpublished */
export interface PodProxyOptions extends TypeMeta {
  /** Path to ask for. @proto 1 */
  path?: string;
}

/** Which path of a service is wanted through the API server. @unpublished */
export interface ServiceProxyOptions extends TypeMeta {
  /** Path to ask for. @proto 1 */
  path?: string;
}
