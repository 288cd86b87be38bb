/**
 * What looks after containers: probes, and what runs at their start and end.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, IntOrString } from '../../meta/v1/scalars.ts';

/** A command inside the container; it is well when that exits with 0. */
export interface ExecAction {
  /** Command to run in the container, without a shell. @proto 1 @listType atomic */
  command?: string[];
}

/** A health check over gRPC. */
export interface GRPCAction {
  /** Port of the gRPC health service. @proto 1 @required */
  port: Int32;
  /** Name of the service to ask about. @proto 2 @pointer @keepEmpty @default "" */
  service?: string;
}

/** A GET; 200 to 399 is a success. */
export interface HTTPGetAction {
  /** Path to ask for. @proto 1 */
  path?: string;
  /** Number or name of the port. @proto 2 @required */
  port: IntOrString;
  /** Host to ask; the pod's address when unset. @proto 3 */
  host?: string;
  /** HTTP or HTTPS. @proto 4 @enum HTTP|HTTPS */
  scheme?: string;
  /** Headers to send. @proto 5 @listType atomic */
  httpHeaders?: HTTPHeader[];
}

/** A header of a request. */
export interface HTTPHeader {
  /** Name of the header. @proto 1 @required */
  name: string;
  /** Value of the header. @proto 2 @required */
  value: string;
}

/** What to run when a container starts and stops. */
export interface Lifecycle {
  /** Runs right after the start; the container is killed when it fails. @proto 1 @pointer */
  postStart?: LifecycleHandler;
  /** Runs before the container is asked to stop. @proto 2 @pointer */
  preStop?: LifecycleHandler;
  /** Signal that asks the container to stop. @proto 3 @pointer @enum SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ */
  stopSignal?: string;
}

/** What is done when a container starts or is about to stop. */
export interface LifecycleHandler {
  /** A command to run in the container. @proto 1 @pointer */
  exec?: ExecAction;
  /** An HTTP request to the container. @proto 2 @pointer */
  httpGet?: HTTPGetAction;
  /** A TCP connection to the container. @proto 3 @pointer */
  tcpSocket?: TCPSocketAction;
  /** A pause. @proto 4 @pointer */
  sleep?: SleepAction;
}

/** A question that is asked of a container again and again. */
export interface Probe {
  /** A command to run in the container. @proto 1 @via 1 @pointer */
  exec?: ExecAction;
  /** An HTTP request to the container. @proto 2 @via 1 @pointer */
  httpGet?: HTTPGetAction;
  /** A TCP connection to the container. @proto 3 @via 1 @pointer */
  tcpSocket?: TCPSocketAction;
  /** A call of the gRPC health service. @proto 4 @via 1 @pointer */
  grpc?: GRPCAction;
  /** How long to wait after the start before the first question. @proto 2 */
  initialDelaySeconds?: Int32;
  /** How long an answer may take, in seconds. @proto 3 */
  timeoutSeconds?: Int32;
  /** How often to ask, in seconds. @proto 4 */
  periodSeconds?: Int32;
  /** How many good answers in a row make a success. @proto 5 */
  successThreshold?: Int32;
  /** How many bad answers in a row make a failure. @proto 6 */
  failureThreshold?: Int32;
  /** How long the container may take to stop after this probe has failed. @proto 7 @pointer */
  terminationGracePeriodSeconds?: Int64;
}

/** How a container is asked. @unpublished */
export interface ProbeHandler {
  /** A command to run in the container. @proto 1 @pointer */
  exec?: ExecAction;
  /** An HTTP request to the container. @proto 2 @pointer */
  httpGet?: HTTPGetAction;
  /** A TCP connection to the container. @proto 3 @pointer */
  tcpSocket?: TCPSocketAction;
  /** A call of the gRPC health service. @proto 4 @pointer */
  grpc?: GRPCAction;
}

/** Waits for a while. */
export interface SleepAction {
  /** How long to pause, in seconds. @proto 1 @required */
  seconds: Int64;
}

/** Opens a connection; it is well when that works. */
export interface TCPSocketAction {
  /** Number or name of the port. @proto 1 @required */
  port: IntOrString;
  /** Host to connect to; the pod's address when unset. @proto 2 */
  host?: string;
}
