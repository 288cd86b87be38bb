/** Rules of API services. */
import { need } from '../../core/v1/validation/common.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue, required } from '../../meta/field.ts';
import { dnsLabel1035, dnsSubdomain, portNumber } from '../../meta/names.ts';
import { faultsAt } from '../../meta/validation.ts';
import type { APIService } from './types.ts';

const SPEC = new FieldPath('spec');
const GROUP_PRIORITY_MAX = 20000;
const VERSION_PRIORITY_MAX = 1000;

export function validateApiService(service: APIService): FieldError[] {
  const spec = service.spec;
  if (spec === undefined) return [required(SPEC)];
  const { group = '', version = '' } = spec;
  const errors: FieldError[] = [];
  const name = `${version}.${group}`;
  if (service.metadata.name !== name) errors.push(invalidValue(new FieldPath('metadata.name'), service.metadata.name ?? '', `must be \`spec.version+"."+spec.group\`: "${name}"`));
  if (group !== '') errors.push(...faultsAt(SPEC.child('group'), group, dnsSubdomain(group)));
  errors.push(...(version === '' ? [required(SPEC.child('version'))] : faultsAt(SPEC.child('version'), version, dnsLabel1035(version))));
  if (!(spec.groupPriorityMinimum > 0 && spec.groupPriorityMinimum <= GROUP_PRIORITY_MAX)) {
    errors.push(invalidValue(SPEC.child('groupPriorityMinimum'), spec.groupPriorityMinimum ?? 0, `must be positive and less than ${GROUP_PRIORITY_MAX}`));
  }
  if (!(spec.versionPriority > 0 && spec.versionPriority <= VERSION_PRIORITY_MAX)) {
    errors.push(invalidValue(SPEC.child('versionPriority'), spec.versionPriority ?? 0, `must be positive and less than ${VERSION_PRIORITY_MAX}`));
  }
  if (spec.service === undefined) {
    if (spec.caBundle) errors.push(invalidValue(SPEC.child('caBundle'), '<redacted>', 'local APIServices may not have a caBundle'));
    if (spec.insecureSkipTLSVerify) errors.push(invalidValue(SPEC.child('insecureSkipTLSVerify'), true, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  const at = SPEC.child('service');
  errors.push(...need(at.child('namespace'), spec.service.namespace), ...need(at.child('name'), spec.service.name));
  if (spec.service.port !== undefined) errors.push(...faultsAt(at.child('port'), spec.service.port, portNumber(spec.service.port)));
  if (spec.insecureSkipTLSVerify && spec.caBundle) errors.push(invalidValue(SPEC.child('insecureSkipTLSVerify'), true, 'may not be true if caBundle is present'));
  return errors;
}

export function validateApiServiceStatus(service: APIService): FieldError[] {
  return (service.status?.conditions ?? []).flatMap((condition, i) =>
    (['True', 'False', 'Unknown'].includes(condition.status) ? [] : [invalidValue(new FieldPath('status.conditions').index(i).child('status'), condition.status ?? '', 'must be True, False or Unknown')]));
}
