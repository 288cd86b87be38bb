/**
 * Types of the group events, version v1beta1. Not served by default: their tables are loaded when somebody asks for them.
 * @package io.k8s.api.events.v1beta1 @offByDefault
 */
import type { EventSource, ObjectReference } from '../../core/v1/types.ts';
import type { Int32, MicroTime, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, ObjectMeta } from '../../meta/v1/types.ts';

/** Something that has happened to an object. @unpublished */
export interface Event extends KubeObject {
  /** Name, labels and the rest that all objects have. @proto 1 @keepEmpty */
  metadata: ObjectMeta;
  /** When it happened. @proto 2 @required */
  eventTime: MicroTime | null;
  /** How it goes on, when it happens again and again. @proto 3 @pointer */
  series?: EventSeries;
  /** The component that tells it, as `kubernetes.io/kubelet`. @proto 4 */
  reportingController?: string;
  /** Which instance of the component tells it. @proto 5 */
  reportingInstance?: string;
  /** What was done about the object. @proto 6 */
  action?: string;
  /** Why, as one word for programs. @proto 7 */
  reason?: string;
  /** The object that it is about. @proto 8 */
  regarding?: ObjectReference;
  /** Another object that has to do with it. @proto 9 @pointer */
  related?: ObjectReference;
  /** What has happened, as a sentence for people. @proto 10 */
  note?: string;
  /** Normal or Warning. @proto 11 */
  type?: string;
  /** The component that tells it, for the core group. @proto 12 */
  deprecatedSource?: EventSource;
  /** When it first happened, for the core group. @proto 13 */
  deprecatedFirstTimestamp?: Time | null;
  /** When it last happened, for the core group. @proto 14 */
  deprecatedLastTimestamp?: Time | null;
  /** How often it has happened, for the core group. @proto 15 */
  deprecatedCount?: Int32;
}

/** How often the same has happened, and when last. @unpublished */
export interface EventSeries {
  /** How often it has happened. @proto 1 @required */
  count: Int32;
  /** When it last happened. @proto 2 @required */
  lastObservedTime: MicroTime | null;
}
