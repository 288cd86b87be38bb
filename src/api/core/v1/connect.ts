/**
 * Types of the group core, version v1.
 * @package io.k8s.api.core.v1
 */
import type { Int32, Int64, Time } from '../../meta/v1/scalars.ts';
import type { TypeMeta } from '../../meta/v1/types.ts';

/** Node proxy options. @unpublished */
export interface NodeProxyOptions extends TypeMeta {
  /** Path. @proto 1 */
  path?: string;
}

/** Pod attach options. @unpublished */
export interface PodAttachOptions extends TypeMeta {
  /** Whether: stdin. @proto 1 */
  stdin?: boolean;
  /** Whether: stdout. @proto 2 */
  stdout?: boolean;
  /** Whether: stderr. @proto 3 */
  stderr?: boolean;
  /** Whether: tty. @proto 4 */
  tty?: boolean;
  /** Container. @proto 5 */
  container?: string;
}

/** Pod exec options. @unpublished */
export interface PodExecOptions extends TypeMeta {
  /** Whether: stdin. @proto 1 */
  stdin?: boolean;
  /** Whether: stdout. @proto 2 */
  stdout?: boolean;
  /** Whether: stderr. @proto 3 */
  stderr?: boolean;
  /** Whether: tty. @proto 4 */
  tty?: boolean;
  /** Container. @proto 5 */
  container?: string;
  /** List of command. @proto 6 @required @listType atomic */
  command: string[];
}

/** Pod log options. @unpublished */
export interface PodLogOptions extends TypeMeta {
  /** Container. @proto 1 */
  container?: string;
  /** Whether: follow. @proto 2 */
  follow?: boolean;
  /** Whether: previous. @proto 3 */
  previous?: boolean;
  /** Since, in seconds. @proto 4 @pointer */
  sinceSeconds?: Int64;
  /** When: since time. @proto 5 @pointer */
  sinceTime?: Time;
  /** Whether: timestamps. @proto 6 */
  timestamps?: boolean;
  /** Tail lines. @proto 7 @pointer */
  tailLines?: Int64;
  /** Limit bytes. @proto 8 @pointer */
  limitBytes?: Int64;
  /** Whether: insecure skip TLS verify backend. @proto 9 */
  insecureSkipTLSVerifyBackend?: boolean;
  /** Stream. @proto 10 @pointer */
  stream?: string;
}

/** Pod port forward options. @unpublished */
export interface PodPortForwardOptions extends TypeMeta {
  /** List of ports. @proto 1 @listType atomic */
  ports?: Int32[];
}

/** Pod proxy options. @unpublished */
export interface PodProxyOptions extends TypeMeta {
  /** Path. @proto 1 */
  path?: string;
}

/** Service proxy options. @unpublished */
export interface ServiceProxyOptions extends TypeMeta {
  /** Path. @proto 1 */
  path?: string;
}
