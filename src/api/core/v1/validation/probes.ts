/** Probes and lifecycle handlers of containers. */
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { forbiddenField, invalidValue, required } from '../../../meta/field.ts';
import { httpHeaderName } from '../../../meta/names.ts';
import { faultsAt, nonNegative } from '../../../meta/validation.ts';
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe, ProbeHandler } from '../types.ts';
import { need, needOneOf, validatePortReference } from './common.ts';

type Handler = LifecycleHandler & ProbeHandler;

function validateHttpGet(path: FieldPath, action: HTTPGetAction): FieldError[] {
  return [
    ...need(path.child('path'), action.path),
    ...validatePortReference(path.child('port'), action.port),
    ...needOneOf(path.child('scheme'), action.scheme, ['HTTP', 'HTTPS']),
    ...(action.httpHeaders ?? []).flatMap((header) => faultsAt(path.child('httpHeaders'), header.name, httpHeaderName(header.name))),
  ];
}

function validateSleep(path: FieldPath, seconds: number, graceSeconds: number): FieldError[] {
  if (seconds >= 0 && seconds <= graceSeconds) return [];
  return [invalidValue(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`)];
}

/** Exactly one kind of handler; the further ones are named. */
function validateHandler(path: FieldPath, handler: Handler, graceSeconds: number): FieldError[] {
  const checks: [string, (() => FieldError[]) | false | undefined][] = [
    ['exec', handler.exec && (() => ((handler.exec!.command ?? []).length === 0 ? [required(path.child('exec', 'command'))] : []))],
    ['httpGet', handler.httpGet && (() => validateHttpGet(path.child('httpGet'), handler.httpGet!))],
    ['tcpSocket', handler.tcpSocket && (() => validatePortReference(path.child('tcpSocket', 'port'), handler.tcpSocket!.port))],
    ['grpc', handler.grpc && (() => validatePortReference(path.child('grpc', 'port'), handler.grpc!.port))],
    ['sleep', handler.sleep && (() => validateSleep(path.child('sleep'), handler.sleep!.seconds, graceSeconds))],
  ];
  const given = checks.filter(([, check]) => check);
  if (given.length === 0) return [required(path, 'must specify a handler type')];
  return given.flatMap(([name, check], i) => (i === 0 && check ? check() : [forbiddenField(path.child(name), 'may not specify more than 1 handler type')]));
}

/** A probe of the named role; liveness and startup need one success only, readiness has no grace period of its own. */
export function validateProbe(path: FieldPath, role: 'liveness' | 'readiness' | 'startup', probe: Probe | undefined, graceSeconds: number): FieldError[] {
  if (probe === undefined) return [];
  const errors = validateHandler(path, probe, graceSeconds);
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) {
    errors.push(...nonNegative(path.child(field), probe[field]));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) errors.push(invalidValue(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0'));
  if (role === 'readiness') {
    if (grace !== undefined) errors.push(invalidValue(path.child('terminationGracePeriodSeconds'), grace, 'must not be set for readinessProbes'));
  } else if (probe.successThreshold !== 1) errors.push(invalidValue(path.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1'));
  return errors;
}

export function validateLifecycle(path: FieldPath, lifecycle: Lifecycle | undefined, graceSeconds: number): FieldError[] {
  if (lifecycle === undefined) return [];
  return [
    ...(lifecycle.postStart ? validateHandler(path.child('postStart'), lifecycle.postStart, graceSeconds) : []),
    ...(lifecycle.preStop ? validateHandler(path.child('preStop'), lifecycle.preStop, graceSeconds) : []),
  ];
}
