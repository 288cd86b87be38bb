/** Rules of events written through events.k8s.io: everything must be said, and briefly. */
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue, required } from '../../meta/field.ts';
import { byteLength, qualifiedName } from '../../meta/names.ts';
import { faultsAt, immutable } from '../../meta/validation.ts';
import type { Event } from './types.ts';

const TEXT_MAX = 128;
const NOTE_MAX = 1024;

export function validateEvent(event: Event): FieldError[] {
  const errors: FieldError[] = [];
  const about = event.regarding?.namespace ?? '';
  const namespace = event.metadata.namespace ?? '';
  const path = new FieldPath('involvedObject.namespace');
  if (about === '' ? namespace !== 'default' && namespace !== 'kube-system' : about !== namespace) errors.push(invalidValue(path, about, 'does not match event.namespace'));
  if (!event.eventTime) errors.push(required(new FieldPath('eventTime')));
  const reporter = new FieldPath('reportingController');
  if (!event.reportingController) errors.push(required(reporter));
  errors.push(...faultsAt(reporter, event.reportingController ?? '', qualifiedName(event.reportingController ?? '')));
  for (const field of ['reportingInstance', 'action', 'reason'] as const) {
    const value = event[field] ?? '';
    if (value === '') errors.push(required(new FieldPath(field)));
    if (byteLength(value) > TEXT_MAX) errors.push(invalidValue(new FieldPath(field), value, `can have at most ${TEXT_MAX} characters`));
  }
  if (byteLength(event.note ?? '') > NOTE_MAX) errors.push(invalidValue(new FieldPath('message'), event.note, `can have at most ${NOTE_MAX} characters`));
  if (event.type !== 'Normal' && event.type !== 'Warning') errors.push(invalidValue(new FieldPath('type'), event.type ?? '', 'has invalid value: ' + (event.type ?? '')));
  return errors;
}

const FIXED = [
  'eventTime', 'reportingController', 'reportingInstance', 'action', 'reason', 'regarding', 'related', 'note', 'type', 'deprecatedSource', 'deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'deprecatedCount',
] as const;

/** Only the series goes on. */
export function validateEventUpdate(event: Event, old: Event): FieldError[] {
  return FIXED.flatMap((field) => immutable(new FieldPath(field), event[field], old[field]));
}
