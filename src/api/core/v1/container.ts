/**
 * Containers: what to run, and security settings.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64 } from '../../meta/v1/scalars.ts';
import type { ConfigMapKeySelector, FileKeySelector, ObjectFieldSelector, ResourceFieldSelector, ResourceRequirements, SELinuxOptions, SecretKeySelector } from './common.ts';
import type { Lifecycle, Probe } from './probe.ts';

/** The AppArmor profile that a container runs under. @union [{"discriminator":"type","fields-to-discriminateBy":{"localhostProfile":"LocalhostProfile"}}] */
export interface AppArmorProfile {
  /** Localhost, RuntimeDefault or Unconfined. @proto 1 @required @enum Localhost|RuntimeDefault|Unconfined */
  type: string;
  /** Name of a profile loaded on the node, for Localhost. @proto 2 @pointer */
  localhostProfile?: string;
}

/** Capabilities of Linux to give or take. */
export interface Capabilities {
  /** Capabilities to give. @proto 1 @listType atomic */
  add?: string[];
  /** Capabilities to take; ALL takes them all. @proto 2 @listType atomic */
  drop?: string[];
}

/** A config map whose keys become variables. */
export interface ConfigMapEnvSource {
  /** Name of the config map. @proto 1 @via 1 @default "" */
  name?: string;
  /** Whether it may be missing. @proto 2 @pointer */
  optional?: boolean;
}

/** One container of a pod. */
export interface Container {
  /** Name of the container; unique in the pod. @proto 1 @required */
  name: string;
  /** Image to run, as `registry/name:tag`. @proto 2 */
  image?: string;
  /** What to run instead of the image's entry point. @proto 3 @listType atomic */
  command?: string[];
  /** Arguments, instead of the image's. @proto 4 @listType atomic */
  args?: string[];
  /** Directory to start in; the image's when unset. @proto 5 */
  workingDir?: string;
  /** Ports that the container listens on. @proto 6 @listType map @listKeys containerPort,protocol @patchStrategy merge @patchMergeKey containerPort */
  ports?: ContainerPort[];
  /** Config maps and secrets whose entries become environment variables. @proto 19 @listType atomic */
  envFrom?: EnvFromSource[];
  /** Environment variables. @proto 7 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  env?: EnvVar[];
  /** What the container needs and may use. @proto 8 */
  resources?: ResourceRequirements;
  /** Whether the container must restart when its resources change. @proto 23 @listType atomic */
  resizePolicy?: ContainerResizePolicy[];
  /** When this container is started again, whatever the pod's policy says; Always makes an init container a sidecar. @proto 24 @pointer */
  restartPolicy?: string;
  /** Exit codes that are treated in another way than the policy says. @proto 25 @listType atomic */
  restartPolicyRules?: ContainerRestartRule[];
  /** Where volumes appear in the file system. @proto 9 @listType map @listKeys mountPath @patchStrategy merge @patchMergeKey mountPath */
  volumeMounts?: VolumeMount[];
  /** Where block volumes appear as devices. @proto 21 @listType map @listKeys devicePath @patchStrategy merge @patchMergeKey devicePath */
  volumeDevices?: VolumeDevice[];
  /** Asks whether the container works; it is restarted when not. @proto 10 @pointer */
  livenessProbe?: Probe;
  /** Asks whether the container can serve; its pod gets no traffic when not. @proto 11 @pointer */
  readinessProbe?: Probe;
  /** Asks whether the container has started; the other probes wait for it. @proto 22 @pointer */
  startupProbe?: Probe;
  /** What to run after the start and before the stop. @proto 12 @pointer */
  lifecycle?: Lifecycle;
  /** File whose text becomes the message about the container's end. @proto 13 */
  terminationMessagePath?: string;
  /** Where that message comes from: File, or FallbackToLogsOnError. @proto 20 @enum FallbackToLogsOnError|File */
  terminationMessagePolicy?: string;
  /** When the image is pulled: Always, IfNotPresent or Never. @proto 14 @enum Always|IfNotPresent|Never */
  imagePullPolicy?: string;
  /** Security settings of the container; they go before the pod's. @proto 15 @pointer */
  securityContext?: SecurityContext;
  /** Whether standard input is kept open. @proto 16 */
  stdin?: boolean;
  /** Whether standard input closes after the first client has gone. @proto 17 */
  stdinOnce?: boolean;
  /** Whether the container gets a terminal. @proto 18 */
  tty?: boolean;
}

/** Which device request stands for a container's extended resource. */
export interface ContainerExtendedResourceRequest {
  /** The container that asked for it. @proto 1 @required */
  containerName: string;
  /** The extended resource that was asked for, as `example.com/gpu`. @proto 2 @required */
  resourceName: string;
  /** Name of the request in the claim. @proto 3 @required */
  requestName: string;
}

/** A port that a container listens on. */
export interface ContainerPort {
  /** Name of the port, for services; unique in the pod. @proto 1 */
  name?: string;
  /** Port of the node that leads to it. @proto 2 */
  hostPort?: Int32;
  /** Number of the port, 1 to 65535. @proto 3 @required */
  containerPort: Int32;
  /** TCP, UDP or SCTP. @proto 4 @enum SCTP|TCP|UDP @default "TCP" */
  protocol?: string;
  /** Address of the node that the host port is opened on. @proto 5 */
  hostIP?: string;
}

/** Whether a container restarts when a resource of its changes. */
export interface ContainerResizePolicy {
  /** cpu or memory. @proto 1 @required */
  resourceName: string;
  /** NotRequired, or RestartContainer. @proto 2 @required */
  restartPolicy: string;
}

/** What is done when a container ends in a certain way. */
export interface ContainerRestartRule {
  /** What happens: Restart, or RestartAllContainers. @proto 1 @required @omitEmpty */
  action: string;
  /** Which exit codes the rule is for. @proto 2 @pointer */
  exitCodes?: ContainerRestartRuleOnExitCodes;
}

/** Exit codes that a rule is for. */
export interface ContainerRestartRuleOnExitCodes {
  /** In or NotIn. @proto 1 @required @omitEmpty */
  operator: string;
  /** Exit codes, 0 to 255. @proto 2 @listType set */
  values?: Int32[];
}

/** A config map or secret whose entries become environment variables. */
export interface EnvFromSource {
  /** What to put before each name. @proto 1 */
  prefix?: string;
  /** A config map whose keys all become variables. @proto 2 @pointer */
  configMapRef?: ConfigMapEnvSource;
  /** A secret whose keys all become variables. @proto 3 @pointer */
  secretRef?: SecretEnvSource;
}

/** An environment variable. */
export interface EnvVar {
  /** Name of the variable. @proto 1 @required */
  name: string;
  /** Its value; `$(NAME)` stands for another variable. @proto 2 */
  value?: string;
  /** Where its value comes from, when not from value. @proto 3 @pointer */
  valueFrom?: EnvVarSource;
}

/** Where the value of a variable comes from: one of these is set. */
export interface EnvVarSource {
  /** A field of the pod. @proto 1 @pointer */
  fieldRef?: ObjectFieldSelector;
  /** A resource of a container. @proto 2 @pointer */
  resourceFieldRef?: ResourceFieldSelector;
  /** An entry of a config map. @proto 3 @pointer */
  configMapKeyRef?: ConfigMapKeySelector;
  /** An entry of a secret. @proto 4 @pointer */
  secretKeyRef?: SecretKeySelector;
  /** An entry of a file in a volume. @proto 5 @pointer */
  fileKeyRef?: FileKeySelector;
}

/** A container added to a running pod, to look into it. */
export interface EphemeralContainer {
  /** Name of the container; unique in the pod. @proto 1 @via 1 @required */
  name: string;
  /** Image to run, as `registry/name:tag`. @proto 2 @via 1 */
  image?: string;
  /** What to run instead of the image's entry point. @proto 3 @via 1 @listType atomic */
  command?: string[];
  /** Arguments, instead of the image's. @proto 4 @via 1 @listType atomic */
  args?: string[];
  /** Directory to start in; the image's when unset. @proto 5 @via 1 */
  workingDir?: string;
  /** Ports that the container listens on. @proto 6 @via 1 @listType map @listKeys containerPort,protocol @patchStrategy merge @patchMergeKey containerPort */
  ports?: ContainerPort[];
  /** Config maps and secrets whose entries become environment variables. @proto 19 @via 1 @listType atomic */
  envFrom?: EnvFromSource[];
  /** Environment variables. @proto 7 @via 1 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  env?: EnvVar[];
  /** What the container needs and may use. @proto 8 @via 1 */
  resources?: ResourceRequirements;
  /** Whether the container must restart when its resources change. @proto 23 @via 1 @listType atomic */
  resizePolicy?: ContainerResizePolicy[];
  /** When this container is started again, whatever the pod's policy says; Always makes an init container a sidecar. @proto 24 @via 1 @pointer */
  restartPolicy?: string;
  /** Exit codes that are treated in another way than the policy says. @proto 25 @via 1 @listType atomic */
  restartPolicyRules?: ContainerRestartRule[];
  /** Where volumes appear in the file system. @proto 9 @via 1 @listType map @listKeys mountPath @patchStrategy merge @patchMergeKey mountPath */
  volumeMounts?: VolumeMount[];
  /** Where block volumes appear as devices. @proto 21 @via 1 @listType map @listKeys devicePath @patchStrategy merge @patchMergeKey devicePath */
  volumeDevices?: VolumeDevice[];
  /** Asks whether the container works; it is restarted when not. @proto 10 @via 1 @pointer */
  livenessProbe?: Probe;
  /** Asks whether the container can serve; its pod gets no traffic when not. @proto 11 @via 1 @pointer */
  readinessProbe?: Probe;
  /** Asks whether the container has started; the other probes wait for it. @proto 22 @via 1 @pointer */
  startupProbe?: Probe;
  /** What to run after the start and before the stop. @proto 12 @via 1 @pointer */
  lifecycle?: Lifecycle;
  /** File whose text becomes the message about the container's end. @proto 13 @via 1 */
  terminationMessagePath?: string;
  /** Where that message comes from: File, or FallbackToLogsOnError. @proto 20 @via 1 @enum FallbackToLogsOnError|File */
  terminationMessagePolicy?: string;
  /** When the image is pulled: Always, IfNotPresent or Never. @proto 14 @via 1 @enum Always|IfNotPresent|Never */
  imagePullPolicy?: string;
  /** Security settings of the container; they go before the pod's. @proto 15 @via 1 @pointer */
  securityContext?: SecurityContext;
  /** Whether standard input is kept open. @proto 16 @via 1 */
  stdin?: boolean;
  /** Whether standard input closes after the first client has gone. @proto 17 @via 1 */
  stdinOnce?: boolean;
  /** Whether the container gets a terminal. @proto 18 @via 1 */
  tty?: boolean;
  /** Name of the container whose processes it sees. @proto 2 */
  targetContainerName?: string;
}

/** What ephemeral containers have in common with others. @unpublished */
export interface EphemeralContainerCommon {
  /** Name of the container; unique in the pod. @proto 1 @required */
  name: string;
  /** Image to run, as `registry/name:tag`. @proto 2 */
  image?: string;
  /** What to run instead of the image's entry point. @proto 3 @listType atomic */
  command?: string[];
  /** Arguments, instead of the image's. @proto 4 @listType atomic */
  args?: string[];
  /** Directory to start in; the image's when unset. @proto 5 */
  workingDir?: string;
  /** Ports that the container listens on. @proto 6 @listType map @listKeys containerPort,protocol @patchStrategy merge @patchMergeKey containerPort */
  ports?: ContainerPort[];
  /** Config maps and secrets whose entries become environment variables. @proto 19 @listType atomic */
  envFrom?: EnvFromSource[];
  /** Environment variables. @proto 7 @listType map @listKeys name @patchStrategy merge @patchMergeKey name */
  env?: EnvVar[];
  /** What the container needs and may use. @proto 8 */
  resources?: ResourceRequirements;
  /** Whether the container must restart when its resources change. @proto 23 @listType atomic */
  resizePolicy?: ContainerResizePolicy[];
  /** When this container is started again, whatever the pod's policy says; Always makes an init container a sidecar. @proto 24 @pointer */
  restartPolicy?: string;
  /** Exit codes that are treated in another way than the policy says. @proto 25 @listType atomic */
  restartPolicyRules?: ContainerRestartRule[];
  /** Where volumes appear in the file system. @proto 9 @listType map @listKeys mountPath @patchStrategy merge @patchMergeKey mountPath */
  volumeMounts?: VolumeMount[];
  /** Where block volumes appear as devices. @proto 21 @listType map @listKeys devicePath @patchStrategy merge @patchMergeKey devicePath */
  volumeDevices?: VolumeDevice[];
  /** Asks whether the container works; it is restarted when not. @proto 10 @pointer */
  livenessProbe?: Probe;
  /** Asks whether the container can serve; its pod gets no traffic when not. @proto 11 @pointer */
  readinessProbe?: Probe;
  /** Asks whether the container has started; the other probes wait for it. @proto 22 @pointer */
  startupProbe?: Probe;
  /** What to run after the start and before the stop. @proto 12 @pointer */
  lifecycle?: Lifecycle;
  /** File whose text becomes the message about the container's end. @proto 13 */
  terminationMessagePath?: string;
  /** Where that message comes from: File, or FallbackToLogsOnError. @proto 20 @enum FallbackToLogsOnError|File */
  terminationMessagePolicy?: string;
  /** When the image is pulled: Always, IfNotPresent or Never. @proto 14 @enum Always|IfNotPresent|Never */
  imagePullPolicy?: string;
  /** Security settings of the container; they go before the pod's. @proto 15 @pointer */
  securityContext?: SecurityContext;
  /** Whether standard input is kept open. @proto 16 */
  stdin?: boolean;
  /** Whether standard input closes after the first client has gone. @proto 17 */
  stdinOnce?: boolean;
  /** Whether the container gets a terminal. @proto 18 */
  tty?: boolean;
}

/** Which system calls a container may make. @union [{"discriminator":"type","fields-to-discriminateBy":{"localhostProfile":"LocalhostProfile"}}] */
export interface SeccompProfile {
  /** Localhost, RuntimeDefault or Unconfined. @proto 1 @required @enum Localhost|RuntimeDefault|Unconfined */
  type: string;
  /** File with the profile on the node, for Localhost. @proto 2 @pointer */
  localhostProfile?: string;
}

/** A secret whose keys become variables. */
export interface SecretEnvSource {
  /** Name of the secret. @proto 1 @via 1 @default "" */
  name?: string;
  /** Whether it may be missing. @proto 2 @pointer */
  optional?: boolean;
}

/** Security settings of a container. */
export interface SecurityContext {
  /** Capabilities of Linux to give or take. @proto 1 @pointer */
  capabilities?: Capabilities;
  /** Whether the container may do what root on the node may. @proto 2 @pointer */
  privileged?: boolean;
  /** SELinux labels of the processes. @proto 3 @pointer */
  seLinuxOptions?: SELinuxOptions;
  /** Settings for Windows. @proto 10 @pointer */
  windowsOptions?: WindowsSecurityContextOptions;
  /** User number of the processes. @proto 4 @pointer */
  runAsUser?: Int64;
  /** Group number of the processes. @proto 8 @pointer */
  runAsGroup?: Int64;
  /** Whether to refuse to run as user 0. @proto 5 @pointer */
  runAsNonRoot?: boolean;
  /** Whether the container's own file system is read-only. @proto 6 @pointer */
  readOnlyRootFilesystem?: boolean;
  /** Whether a process may get more rights than its parent. @proto 7 @pointer */
  allowPrivilegeEscalation?: boolean;
  /** How /proc is mounted: Default or Unmasked. @proto 9 @pointer @enum Default|Unmasked */
  procMount?: string;
  /** Which system calls are allowed. @proto 11 @pointer */
  seccompProfile?: SeccompProfile;
  /** AppArmor profile of the processes. @proto 12 @pointer */
  appArmorProfile?: AppArmorProfile;
}

/** A block volume as a device in a container. */
export interface VolumeDevice {
  /** Name of the volume. @proto 1 @required */
  name: string;
  /** Path of the device in the container. @proto 2 @required */
  devicePath: string;
}

/** A volume in the file system of a container. */
export interface VolumeMount {
  /** Name of the volume. @proto 1 @required */
  name: string;
  /** Whether it is mounted for reading only. @proto 2 */
  readOnly?: boolean;
  /** Whether mounts below it are read-only too: Disabled, IfPossible or Enabled. @proto 7 @pointer */
  recursiveReadOnly?: string;
  /** Where it appears in the container. @proto 3 @required */
  mountPath: string;
  /** Path in the volume that is mounted, instead of all of it. @proto 4 */
  subPath?: string;
  /** Whether mounts made later are seen: None, HostToContainer or Bidirectional. @proto 5 @pointer @enum Bidirectional|HostToContainer|None */
  mountPropagation?: string;
  /** As subPath, with `$(NAME)` for environment variables. @proto 6 */
  subPathExpr?: string;
}

/** What Windows containers run as. */
export interface WindowsSecurityContextOptions {
  /** Name of the account's specification. @proto 1 @pointer */
  gmsaCredentialSpecName?: string;
  /** The account's specification itself. @proto 2 @pointer */
  gmsaCredentialSpec?: string;
  /** Name of the user of the processes. @proto 3 @pointer */
  runAsUserName?: string;
  /** Whether the processes run on the host. @proto 4 @pointer */
  hostProcess?: boolean;
}
