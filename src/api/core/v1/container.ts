/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, IntOrString, Quantity, Time } from '../../meta/v1/scalars.ts';
import type { ConfigMapKeySelector, FileKeySelector, ObjectFieldSelector, ResourceFieldSelector, ResourceRequirements, SELinuxOptions, SecretKeySelector } from './common.ts';

/** App armor profile. @union [{"discriminator":"type","fields-to-discriminateBy":{"localhostProfile":"LocalhostProfile"}}] */
export interface AppArmorProfile {
  /** Type. @proto 1 @required @enum Localhost|RuntimeDefault|Unconfined */
  type: string;
  /** Localhost profile. @proto 2 @pointer */
  localhostProfile?: string;
}

/** Capabilities. */
export interface Capabilities {
  /** List of add. @proto 1 @listType atomic */
  add?: string[];
  /** List of drop. @proto 2 @listType atomic */
  drop?: string[];
}

/** Config map env source. @inlines LocalObjectReference:1 */
export interface ConfigMapEnvSource {
  /** Name. @proto 1 @via 1 @default "" */
  name?: string;
  /** Whether: optional. @proto 2 @pointer */
  optional?: boolean;
}

/** Container. */
export interface Container {
  /** Name. @proto 1 @required */
  name: string;
  /** Image. @proto 2 */
  image?: string;
  /** List of command. @proto 3 @listType atomic */
  command?: string[];
  /** List of args. @proto 4 @listType atomic */
  args?: string[];
  /** Working dir. @proto 5 */
  workingDir?: string;
  /** List of ports. @proto 6 @listType map @listKeys containerPort,protocol @patchStrategy merge @patchMergeKey containerPort */
  ports?: ContainerPort[];
  /** List of env from. @proto 19 @listType atomic */
  envFrom?: EnvFromSource[];
  /** List of env. @proto 7 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  env?: EnvVar[];
  /** Resources. @proto 8 */
  resources?: ResourceRequirements;
  /** List of resize policy. @proto 23 @listType atomic */
  resizePolicy?: ContainerResizePolicy[];
  /** Restart policy. @proto 24 @pointer */
  restartPolicy?: string;
  /** List of restart policy rules. @proto 25 @listType atomic */
  restartPolicyRules?: ContainerRestartRule[];
  /** List of volume mounts. @proto 9 @listType map @listKeys mountPath @patchStrategy merge @patchMergeKey mountPath */
  volumeMounts?: VolumeMount[];
  /** List of volume devices. @proto 21 @listType map @listKeys devicePath @patchStrategy merge @patchMergeKey devicePath */
  volumeDevices?: VolumeDevice[];
  /** Liveness probe. @proto 10 @pointer */
  livenessProbe?: Probe;
  /** Readiness probe. @proto 11 @pointer */
  readinessProbe?: Probe;
  /** Startup probe. @proto 22 @pointer */
  startupProbe?: Probe;
  /** Lifecycle. @proto 12 @pointer */
  lifecycle?: Lifecycle;
  /** Termination message path. @proto 13 */
  terminationMessagePath?: string;
  /** Termination message policy. @proto 20 @enum FallbackToLogsOnError|File */
  terminationMessagePolicy?: string;
  /** Image pull policy. @proto 14 @enum Always|IfNotPresent|Never */
  imagePullPolicy?: string;
  /** Security context. @proto 15 @pointer */
  securityContext?: SecurityContext;
  /** Whether: stdin. @proto 16 */
  stdin?: boolean;
  /** Whether: stdin once. @proto 17 */
  stdinOnce?: boolean;
  /** Whether: tty. @proto 18 */
  tty?: boolean;
}

/** Container extended resource request. */
export interface ContainerExtendedResourceRequest {
  /** Name of the container. @proto 1 @required */
  containerName: string;
  /** Name of the resource. @proto 2 @required */
  resourceName: string;
  /** Name of the request. @proto 3 @required */
  requestName: string;
}

/** Container port. */
export interface ContainerPort {
  /** Name. @proto 1 */
  name?: string;
  /** Host port. @proto 2 */
  hostPort?: Int32;
  /** Container port. @proto 3 @required */
  containerPort: Int32;
  /** Protocol. @proto 4 @enum SCTP|TCP|UDP @default "TCP" */
  protocol?: string;
  /** Host IP. @proto 5 */
  hostIP?: string;
}

/** Container resize policy. */
export interface ContainerResizePolicy {
  /** Name of the resource. @proto 1 @required */
  resourceName: string;
  /** Restart policy. @proto 2 @required */
  restartPolicy: string;
}

/** Container restart rule. */
export interface ContainerRestartRule {
  /** Action. @proto 1 @required @omitEmpty */
  action: string;
  /** Exit codes. @proto 2 @pointer */
  exitCodes?: ContainerRestartRuleOnExitCodes;
}

/** Container restart rule on exit codes. */
export interface ContainerRestartRuleOnExitCodes {
  /** Operator. @proto 1 @required @omitEmpty */
  operator: string;
  /** List of values. @proto 2 @listType set */
  values?: Int32[];
}

/** Container state. */
export interface ContainerState {
  /** Waiting. @proto 1 @pointer */
  waiting?: ContainerStateWaiting;
  /** Running. @proto 2 @pointer */
  running?: ContainerStateRunning;
  /** Terminated. @proto 3 @pointer */
  terminated?: ContainerStateTerminated;
}

/** Container state running. */
export interface ContainerStateRunning {
  /** Started at. @proto 1 */
  startedAt?: Time;
}

/** Container state terminated. */
export interface ContainerStateTerminated {
  /** Exit code. @proto 1 @required */
  exitCode: Int32;
  /** Signal. @proto 2 */
  signal?: Int32;
  /** Reason. @proto 3 */
  reason?: string;
  /** Message. @proto 4 */
  message?: string;
  /** Started at. @proto 5 */
  startedAt?: Time;
  /** Finished at. @proto 6 */
  finishedAt?: Time;
  /** Container ID. @proto 7 */
  containerID?: string;
}

/** Container state waiting. */
export interface ContainerStateWaiting {
  /** Reason. @proto 1 */
  reason?: string;
  /** Message. @proto 2 */
  message?: string;
}

/** Container status. */
export interface ContainerStatus {
  /** Name. @proto 1 @required */
  name: string;
  /** State. @proto 2 */
  state?: ContainerState;
  /** Last state. @proto 3 */
  lastState?: ContainerState;
  /** Whether: ready. @proto 4 @required */
  ready: boolean;
  /** Restart count. @proto 5 @required */
  restartCount: Int32;
  /** Image. @proto 6 @required */
  image: string;
  /** Image ID. @proto 7 @required */
  imageID: string;
  /** Container ID. @proto 8 */
  containerID?: string;
  /** Whether: started. @proto 9 @pointer */
  started?: boolean;
  /** Allocated resources, by key. @proto 10 */
  allocatedResources?: Record<string, Quantity>;
  /** Resources. @proto 11 @pointer */
  resources?: ResourceRequirements;
  /** List of volume mounts. @proto 12 @listType map @listKeys mountPath @patchStrategy merge @patchMergeKey mountPath */
  volumeMounts?: VolumeMountStatus[];
  /** User. @proto 13 @pointer */
  user?: ContainerUser;
  /** List of allocated resources status. @proto 14 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  allocatedResourcesStatus?: ResourceStatus[];
  /** Stop signal. @proto 15 @pointer @enum SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ */
  stopSignal?: string;
}

/** Container user. */
export interface ContainerUser {
  /** Linux. @proto 1 @pointer */
  linux?: LinuxContainerUser;
}

/** Env from source. */
export interface EnvFromSource {
  /** Prefix. @proto 1 */
  prefix?: string;
  /** Reference to the config map. @proto 2 @pointer */
  configMapRef?: ConfigMapEnvSource;
  /** Reference to the secret. @proto 3 @pointer */
  secretRef?: SecretEnvSource;
}

/** Env var. */
export interface EnvVar {
  /** Name. @proto 1 @required */
  name: string;
  /** Value. @proto 2 */
  value?: string;
  /** Value from. @proto 3 @pointer */
  valueFrom?: EnvVarSource;
}

/** Env var source. */
export interface EnvVarSource {
  /** Reference to the field. @proto 1 @pointer */
  fieldRef?: ObjectFieldSelector;
  /** Reference to the resource field. @proto 2 @pointer */
  resourceFieldRef?: ResourceFieldSelector;
  /** Reference to the config map key. @proto 3 @pointer */
  configMapKeyRef?: ConfigMapKeySelector;
  /** Reference to the secret key. @proto 4 @pointer */
  secretKeyRef?: SecretKeySelector;
  /** Reference to the file key. @proto 5 @pointer */
  fileKeyRef?: FileKeySelector;
}

/** Ephemeral container. @inlines EphemeralContainerCommon:1 */
export interface EphemeralContainer {
  /** Name. @proto 1 @via 1 @required */
  name: string;
  /** Image. @proto 2 @via 1 */
  image?: string;
  /** List of command. @proto 3 @via 1 @listType atomic */
  command?: string[];
  /** List of args. @proto 4 @via 1 @listType atomic */
  args?: string[];
  /** Working dir. @proto 5 @via 1 */
  workingDir?: string;
  /** List of ports. @proto 6 @via 1 @listType map @listKeys containerPort,protocol @patchStrategy merge @patchMergeKey containerPort */
  ports?: ContainerPort[];
  /** List of env from. @proto 19 @via 1 @listType atomic */
  envFrom?: EnvFromSource[];
  /** List of env. @proto 7 @via 1 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  env?: EnvVar[];
  /** Resources. @proto 8 @via 1 */
  resources?: ResourceRequirements;
  /** List of resize policy. @proto 23 @via 1 @listType atomic */
  resizePolicy?: ContainerResizePolicy[];
  /** Restart policy. @proto 24 @via 1 @pointer */
  restartPolicy?: string;
  /** List of restart policy rules. @proto 25 @via 1 @listType atomic */
  restartPolicyRules?: ContainerRestartRule[];
  /** List of volume mounts. @proto 9 @via 1 @listType map @listKeys mountPath @patchStrategy merge @patchMergeKey mountPath */
  volumeMounts?: VolumeMount[];
  /** List of volume devices. @proto 21 @via 1 @listType map @listKeys devicePath @patchStrategy merge @patchMergeKey devicePath */
  volumeDevices?: VolumeDevice[];
  /** Liveness probe. @proto 10 @via 1 @pointer */
  livenessProbe?: Probe;
  /** Readiness probe. @proto 11 @via 1 @pointer */
  readinessProbe?: Probe;
  /** Startup probe. @proto 22 @via 1 @pointer */
  startupProbe?: Probe;
  /** Lifecycle. @proto 12 @via 1 @pointer */
  lifecycle?: Lifecycle;
  /** Termination message path. @proto 13 @via 1 */
  terminationMessagePath?: string;
  /** Termination message policy. @proto 20 @via 1 @enum FallbackToLogsOnError|File */
  terminationMessagePolicy?: string;
  /** Image pull policy. @proto 14 @via 1 @enum Always|IfNotPresent|Never */
  imagePullPolicy?: string;
  /** Security context. @proto 15 @via 1 @pointer */
  securityContext?: SecurityContext;
  /** Whether: stdin. @proto 16 @via 1 */
  stdin?: boolean;
  /** Whether: stdin once. @proto 17 @via 1 */
  stdinOnce?: boolean;
  /** Whether: tty. @proto 18 @via 1 */
  tty?: boolean;
  /** Name of the target container. @proto 2 */
  targetContainerName?: string;
}

/** Ephemeral container common. @unpublished */
export interface EphemeralContainerCommon {
  /** Name. @proto 1 @required */
  name: string;
  /** Image. @proto 2 */
  image?: string;
  /** List of command. @proto 3 @listType atomic */
  command?: string[];
  /** List of args. @proto 4 @listType atomic */
  args?: string[];
  /** Working dir. @proto 5 */
  workingDir?: string;
  /** List of ports. @proto 6 @listType map @listKeys containerPort,protocol @patchStrategy merge @patchMergeKey containerPort */
  ports?: ContainerPort[];
  /** List of env from. @proto 19 @listType atomic */
  envFrom?: EnvFromSource[];
  /** List of env. @proto 7 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  env?: EnvVar[];
  /** Resources. @proto 8 */
  resources?: ResourceRequirements;
  /** List of resize policy. @proto 23 @listType atomic */
  resizePolicy?: ContainerResizePolicy[];
  /** Restart policy. @proto 24 @pointer */
  restartPolicy?: string;
  /** List of restart policy rules. @proto 25 @listType atomic */
  restartPolicyRules?: ContainerRestartRule[];
  /** List of volume mounts. @proto 9 @listType map @listKeys mountPath @patchStrategy merge @patchMergeKey mountPath */
  volumeMounts?: VolumeMount[];
  /** List of volume devices. @proto 21 @listType map @listKeys devicePath @patchStrategy merge @patchMergeKey devicePath */
  volumeDevices?: VolumeDevice[];
  /** Liveness probe. @proto 10 @pointer */
  livenessProbe?: Probe;
  /** Readiness probe. @proto 11 @pointer */
  readinessProbe?: Probe;
  /** Startup probe. @proto 22 @pointer */
  startupProbe?: Probe;
  /** Lifecycle. @proto 12 @pointer */
  lifecycle?: Lifecycle;
  /** Termination message path. @proto 13 */
  terminationMessagePath?: string;
  /** Termination message policy. @proto 20 @enum FallbackToLogsOnError|File */
  terminationMessagePolicy?: string;
  /** Image pull policy. @proto 14 @enum Always|IfNotPresent|Never */
  imagePullPolicy?: string;
  /** Security context. @proto 15 @pointer */
  securityContext?: SecurityContext;
  /** Whether: stdin. @proto 16 */
  stdin?: boolean;
  /** Whether: stdin once. @proto 17 */
  stdinOnce?: boolean;
  /** Whether: tty. @proto 18 */
  tty?: boolean;
}

/** Exec action. */
export interface ExecAction {
  /** List of command. @proto 1 @listType atomic */
  command?: string[];
}

/** GRPC action. */
export interface GRPCAction {
  /** Port. @proto 1 @required */
  port: Int32;
  /** Service. @proto 2 @pointer @keepEmpty @default "" */
  service?: string;
}

/** HTTP get action. */
export interface HTTPGetAction {
  /** Path. @proto 1 */
  path?: string;
  /** Port. @proto 2 @required */
  port: IntOrString;
  /** Host. @proto 3 */
  host?: string;
  /** Scheme. @proto 4 @enum HTTP|HTTPS */
  scheme?: string;
  /** List of http headers. @proto 5 @listType atomic */
  httpHeaders?: HTTPHeader[];
}

/** HTTP header. */
export interface HTTPHeader {
  /** Name. @proto 1 @required */
  name: string;
  /** Value. @proto 2 @required */
  value: string;
}

/** Image volume status. */
export interface ImageVolumeStatus {
  /** Reference to the image. @proto 1 @required @omitEmpty */
  imageRef: string;
}

/** Lifecycle. */
export interface Lifecycle {
  /** Post start. @proto 1 @pointer */
  postStart?: LifecycleHandler;
  /** Pre stop. @proto 2 @pointer */
  preStop?: LifecycleHandler;
  /** Stop signal. @proto 3 @pointer @enum SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ */
  stopSignal?: string;
}

/** Lifecycle handler. */
export interface LifecycleHandler {
  /** Exec. @proto 1 @pointer */
  exec?: ExecAction;
  /** Http get. @proto 2 @pointer */
  httpGet?: HTTPGetAction;
  /** Tcp socket. @proto 3 @pointer */
  tcpSocket?: TCPSocketAction;
  /** Sleep. @proto 4 @pointer */
  sleep?: SleepAction;
}

/** Linux container user. */
export interface LinuxContainerUser {
  /** Uid. @proto 1 @required */
  uid: Int64;
  /** Gid. @proto 2 @required */
  gid: Int64;
  /** List of supplemental groups. @proto 3 @listType atomic */
  supplementalGroups?: Int64[];
}

/** Probe. @inlines ProbeHandler:1 */
export interface Probe {
  /** Exec. @proto 1 @via 1 @pointer */
  exec?: ExecAction;
  /** Http get. @proto 2 @via 1 @pointer */
  httpGet?: HTTPGetAction;
  /** Tcp socket. @proto 3 @via 1 @pointer */
  tcpSocket?: TCPSocketAction;
  /** Grpc. @proto 4 @via 1 @pointer */
  grpc?: GRPCAction;
  /** Initial delay, in seconds. @proto 2 */
  initialDelaySeconds?: Int32;
  /** Timeout, in seconds. @proto 3 */
  timeoutSeconds?: Int32;
  /** Period, in seconds. @proto 4 */
  periodSeconds?: Int32;
  /** Success threshold. @proto 5 */
  successThreshold?: Int32;
  /** Failure threshold. @proto 6 */
  failureThreshold?: Int32;
  /** Termination grace period, in seconds. @proto 7 @pointer */
  terminationGracePeriodSeconds?: Int64;
}

/** Probe handler. @unpublished */
export interface ProbeHandler {
  /** Exec. @proto 1 @pointer */
  exec?: ExecAction;
  /** Http get. @proto 2 @pointer */
  httpGet?: HTTPGetAction;
  /** Tcp socket. @proto 3 @pointer */
  tcpSocket?: TCPSocketAction;
  /** Grpc. @proto 4 @pointer */
  grpc?: GRPCAction;
}

/** Resource health. */
export interface ResourceHealth {
  /** Resource ID. @proto 1 @required */
  resourceID: string;
  /** Health. @proto 2 */
  health?: string;
  /** Message. @proto 6 @pointer */
  message?: string;
}

/** Resource status. */
export interface ResourceStatus {
  /** Name. @proto 1 @required */
  name: string;
  /** List of resources. @proto 2 @listType map @listKeys resourceID */
  resources?: ResourceHealth[];
}

/** Seccomp profile. @union [{"discriminator":"type","fields-to-discriminateBy":{"localhostProfile":"LocalhostProfile"}}] */
export interface SeccompProfile {
  /** Type. @proto 1 @required @enum Localhost|RuntimeDefault|Unconfined */
  type: string;
  /** Localhost profile. @proto 2 @pointer */
  localhostProfile?: string;
}

/** Secret env source. @inlines LocalObjectReference:1 */
export interface SecretEnvSource {
  /** Name. @proto 1 @via 1 @default "" */
  name?: string;
  /** Whether: optional. @proto 2 @pointer */
  optional?: boolean;
}

/** Security context. */
export interface SecurityContext {
  /** Capabilities. @proto 1 @pointer */
  capabilities?: Capabilities;
  /** Whether: privileged. @proto 2 @pointer */
  privileged?: boolean;
  /** Se linux options. @proto 3 @pointer */
  seLinuxOptions?: SELinuxOptions;
  /** Windows options. @proto 10 @pointer */
  windowsOptions?: WindowsSecurityContextOptions;
  /** Run as user. @proto 4 @pointer */
  runAsUser?: Int64;
  /** Run as group. @proto 8 @pointer */
  runAsGroup?: Int64;
  /** Whether: run as non root. @proto 5 @pointer */
  runAsNonRoot?: boolean;
  /** Whether: read only root filesystem. @proto 6 @pointer */
  readOnlyRootFilesystem?: boolean;
  /** Whether: allow privilege escalation. @proto 7 @pointer */
  allowPrivilegeEscalation?: boolean;
  /** Proc mount. @proto 9 @pointer @enum Default|Unmasked */
  procMount?: string;
  /** Seccomp profile. @proto 11 @pointer */
  seccompProfile?: SeccompProfile;
  /** App armor profile. @proto 12 @pointer */
  appArmorProfile?: AppArmorProfile;
}

/** Sleep action. */
export interface SleepAction {
  /** Seconds. @proto 1 @required */
  seconds: Int64;
}

/** TCP socket action. */
export interface TCPSocketAction {
  /** Port. @proto 1 @required */
  port: IntOrString;
  /** Host. @proto 2 */
  host?: string;
}

/** Volume device. */
export interface VolumeDevice {
  /** Name. @proto 1 @required */
  name: string;
  /** Device path. @proto 2 @required */
  devicePath: string;
}

/** Volume mount. */
export interface VolumeMount {
  /** Name. @proto 1 @required */
  name: string;
  /** Whether: read only. @proto 2 */
  readOnly?: boolean;
  /** Recursive read only. @proto 7 @pointer */
  recursiveReadOnly?: string;
  /** Mount path. @proto 3 @required */
  mountPath: string;
  /** Sub path. @proto 4 */
  subPath?: string;
  /** Mount propagation. @proto 5 @pointer @enum Bidirectional|HostToContainer|None */
  mountPropagation?: string;
  /** Sub path expr. @proto 6 */
  subPathExpr?: string;
}

/** Volume mount status. */
export interface VolumeMountStatus {
  /** Name. @proto 1 @required */
  name: string;
  /** Mount path. @proto 2 @required */
  mountPath: string;
  /** Whether: read only. @proto 3 */
  readOnly?: boolean;
  /** Recursive read only. @proto 4 @pointer */
  recursiveReadOnly?: string;
  /** Volume status. @proto 5 @pointer */
  volumeStatus?: VolumeStatus;
}

/** Volume status. */
export interface VolumeStatus {
  /** Image. @proto 1 @pointer */
  image?: ImageVolumeStatus;
}

/** Windows security context options. */
export interface WindowsSecurityContextOptions {
  /** Name of the gmsa credential spec. @proto 1 @pointer */
  gmsaCredentialSpecName?: string;
  /** Gmsa credential spec. @proto 2 @pointer */
  gmsaCredentialSpec?: string;
  /** Name of the run as user. @proto 3 @pointer */
  runAsUserName?: string;
  /** Whether: host process. @proto 4 @pointer */
  hostProcess?: boolean;
}
