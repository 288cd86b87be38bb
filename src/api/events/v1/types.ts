/**
 * Types of the group events, version v1.
 * @package io.k8s.api.events.v1
 */
import type { EventSource, ObjectReference } from '../../core/v1/types.ts';
import type { Int32, MicroTime, Time } from '../../meta/v1/scalars.ts';
import type { KubeObject, ObjectMeta } from '../../meta/v1/types.ts';

/** Event. */
export interface Event extends KubeObject {
  /** Name, labels and the rest that all objects have. @proto 1 @required */
  metadata: ObjectMeta;
  /** When: event time. @proto 2 @required */
  eventTime: MicroTime;
  /** Series. @proto 3 @pointer */
  series?: EventSeries;
  /** Reporting controller. @proto 4 */
  reportingController?: string;
  /** Reporting instance. @proto 5 */
  reportingInstance?: string;
  /** Action. @proto 6 */
  action?: string;
  /** Reason. @proto 7 */
  reason?: string;
  /** Regarding. @proto 8 */
  regarding?: ObjectReference;
  /** Related. @proto 9 @pointer */
  related?: ObjectReference;
  /** Note. @proto 10 */
  note?: string;
  /** Type. @proto 11 */
  type?: string;
  /** Deprecated source. @proto 12 */
  deprecatedSource?: EventSource;
  /** Deprecated first timestamp. @proto 13 */
  deprecatedFirstTimestamp?: Time;
  /** Deprecated last timestamp. @proto 14 */
  deprecatedLastTimestamp?: Time;
  /** Deprecated count. @proto 15 */
  deprecatedCount?: Int32;
}

/** Event series. */
export interface EventSeries {
  /** Count. @proto 1 @required */
  count: Int32;
  /** When: last observed time. @proto 2 @required */
  lastObservedTime: MicroTime;
}
