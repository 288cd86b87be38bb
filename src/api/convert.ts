/** Objects of one kind from one served version to another. */
import { autoscalerToV1, autoscalerToV2 } from './autoscaling/v1/convert.ts';
import type { HorizontalPodAutoscaler as AutoscalerV1 } from './autoscaling/v1/types.ts';
import type { HorizontalPodAutoscaler as AutoscalerV2 } from './autoscaling/v2/types.ts';
import type { Event as CoreEvent } from './core/v1/types.ts';
import { eventToCoreV1, eventToEventsV1 } from './events/v1/convert.ts';
import type { Event } from './events/v1/types.ts';
import { apiVersionOf } from './meta/resource.ts';
import type { Resource } from './meta/resource.ts';
import type { KubeObject } from './meta/v1/types.ts';

/** Makes an object of one version into one of another. */
export type Conversion = (object: KubeObject) => KubeObject;

/** `from to kind`, the first two each `group/version`. */
const conversions = new Map<string, Conversion>(Object.entries({
  'autoscaling/v1 autoscaling/v2 HorizontalPodAutoscaler': (object) => autoscalerToV2(object as AutoscalerV1),
  'autoscaling/v2 autoscaling/v1 HorizontalPodAutoscaler': (object) => autoscalerToV1(object as AutoscalerV2),
  'v1 events.k8s.io/v1 Event': (object) => eventToEventsV1(object as CoreEvent),
  'events.k8s.io/v1 v1 Event': (object) => eventToCoreV1(object as Event),
} satisfies Record<string, Conversion>));

/** Adds conversions of versions that are off by default, by `from to kind`. */
export function addConversions(more: Readonly<Record<string, Conversion>>): void {
  for (const [key, conversion] of Object.entries(more)) conversions.set(key, conversion);
}

/**
 * The object in the version of `to`. An object that is there already is returned as it is; else the answer is new, but shares parts with
 * the input, so clone before changing either. Throws Error when the two versions have no conversion.
 */
export function convert<T extends KubeObject = KubeObject>(object: KubeObject, to: Pick<Resource, 'group' | 'version' | 'kind'>): T {
  const target = apiVersionOf(to);
  if (object.apiVersion === target || object.apiVersion === undefined) return object as T;
  const conversion = conversions.get(`${object.apiVersion} ${target} ${to.kind}`);
  if (conversion === undefined) throw new Error(`no conversion of ${to.kind} from ${object.apiVersion} to ${target}`);
  return conversion(object) as T;
}
