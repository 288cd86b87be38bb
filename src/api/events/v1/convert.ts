/** Events between the core group and events.k8s.io: the same object under other names. */
import type { Event as CoreEvent } from '../../core/v1/types.ts';
import type { Event } from './types.ts';

/** Field of the core group → field of events.k8s.io. Those that are not here have one name in both. */
const NAMES: readonly (readonly [core: keyof CoreEvent, events: keyof Event])[] = [
  ['involvedObject', 'regarding'], ['message', 'note'], ['source', 'deprecatedSource'], ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'], ['count', 'deprecatedCount'], ['reportingComponent', 'reportingController'],
];

function renamed(from: Record<string, unknown>, names: readonly (readonly [string, string])[]): Record<string, unknown> {
  const map = new Map(names);
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [map.get(name) ?? name, value]));
}

/** Core v1 → events.k8s.io/v1. */
export function eventToEventsV1(from: CoreEvent): Event {
  return { ...renamed(from as unknown as Record<string, unknown>, NAMES), apiVersion: 'events.k8s.io/v1' } as unknown as Event;
}

/** events.k8s.io/v1 → core v1. */
export function eventToCoreV1(from: Event): CoreEvent {
  const core = renamed(from as unknown as Record<string, unknown>, NAMES.map(([a, b]) => [b, a]));
  return { ...core, apiVersion: 'v1' } as unknown as CoreEvent;
}
