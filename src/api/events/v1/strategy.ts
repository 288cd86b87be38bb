/** Strategies of the group events.k8s.io. */
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { Event } from './types.ts';
import { validateEvent, validateEventUpdate } from './validation.ts';

/** Fields under the names of this version's field selectors, which are those of the core version. */
function selectableFields(event: Event): Record<string, string> {
  const about = event.regarding ?? {};
  const fields = Object.fromEntries((['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const).flatMap((field) => {
    const value = about[field] ?? '';
    return [[`regarding.${field}`, value], [`involvedObject.${field}`, value]];
  }));
  const reporter = event.reportingController ?? '';
  return { ...fields, reason: event.reason ?? '', reportingController: reporter, reportingComponent: reporter, source: event.deprecatedSource?.component || reporter, type: event.type ?? '' };
}

/** Kind to strategy. */
export function eventsStrategies(): Record<string, Strategy<never>> {
  return { Event: makeStrategy<Event>({ namespaced: true, createOnUpdate: true, validate: validateEvent, validateUpdate: validateEventUpdate, selectableFields }) };
}
