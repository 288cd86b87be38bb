/** Rules of device taint rules (KEP-5055) and of requests for the state of pools (KEP-5677). */
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue, required, tooLong, tooMany } from '../../meta/field.ts';
import { byteLength, dnsLabel, dnsSubdomain } from '../../meta/names.ts';
import { faultsAt, immutable, validateConditions } from '../../meta/validation.ts';
import { validatePool } from '../v1/names.ts';
import { validateTaint } from '../v1/slices.ts';
import type { DeviceTaintRule, PoolStatus, ResourcePoolStatusRequest } from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');
const LIMIT_MAX = 1000;
const POOLS_MAX = 1000;
const CONDITIONS_MAX = 10;
const ERROR_MAX_BYTES = 256;

export function validateTaintRule(rule: DeviceTaintRule): FieldError[] {
  const selector = rule.spec?.deviceSelector;
  const path = SPEC.child('deviceSelector');
  const errors: FieldError[] = [];
  if (selector?.driver !== undefined) errors.push(...validateDriverName(path.child('driver'), selector.driver));
  if (selector?.pool !== undefined) errors.push(...validatePool(path.child('pool'), selector.pool));
  if (selector?.device !== undefined) errors.push(...(selector.device === '' ? [required(path.child('device'))] : faultsAt(path.child('device'), selector.device, dnsLabel(selector.device))));
  return [...errors, ...validateTaint(SPEC.child('taint'), rule.spec?.taint)];
}

export function validateTaintRuleStatus(rule: DeviceTaintRule): FieldError[] {
  return validateConditions(STATUS.child('conditions'), rule.status?.conditions);
}

export function validatePoolRequest(request: ResourcePoolStatusRequest): FieldError[] {
  const { driver, poolName, limit } = request.spec ?? {};
  const errors = driver ? validateDriverName(SPEC.child('driver'), driver) : [required(SPEC.child('driver'), 'driver name is required')];
  if (poolName === '') errors.push(invalidValue(SPEC.child('poolName'), poolName, 'must not be empty when specified'));
  else if (poolName !== undefined) errors.push(...validatePool(SPEC.child('poolName'), poolName));
  if (limit !== undefined && limit < 1) errors.push(invalidValue(SPEC.child('limit'), limit, 'must be at least 1'));
  if (limit !== undefined && limit > LIMIT_MAX) errors.push(invalidValue(SPEC.child('limit'), limit, `must not exceed ${LIMIT_MAX}`));
  return errors;
}

export function validatePoolRequestUpdate(request: ResourcePoolStatusRequest, old: ResourcePoolStatusRequest): FieldError[] {
  return immutable(SPEC, request.spec, old.spec);
}

function atLeast(path: FieldPath, value: number | undefined, least: number): FieldError[] {
  if (value === undefined || value >= least) return [];
  return [invalidValue(path, value, least === 0 ? 'must be non-negative' : `must be at least ${least}`)];
}

function validatePoolStatus(path: FieldPath, pool: PoolStatus): FieldError[] {
  const errors = [...validateDriverName(path.child('driver'), pool.driver), ...validatePool(path.child('poolName'), pool.poolName)];
  if (pool.nodeName === '') errors.push(required(path.child('nodeName'), 'nodeName must not be empty when specified'));
  else if (pool.nodeName !== undefined) errors.push(...faultsAt(path.child('nodeName'), pool.nodeName, dnsSubdomain(pool.nodeName)));
  for (const field of ['totalDevices', 'allocatedDevices', 'availableDevices', 'unavailableDevices', 'generation'] as const) errors.push(...atLeast(path.child(field), pool[field], 0));
  if (pool.generation === undefined) errors.push(required(path.child('generation')));
  errors.push(...atLeast(path.child('resourceSliceCount'), pool.resourceSliceCount, 1));
  if (byteLength(pool.validationError ?? '') > ERROR_MAX_BYTES) errors.push(tooLong(path.child('validationError'), ERROR_MAX_BYTES));
  return errors;
}

/** The answer is written once. */
export function validatePoolRequestStatus(request: ResourcePoolStatusRequest, old: ResourcePoolStatusRequest): FieldError[] {
  if (old.status !== undefined) return immutable(STATUS, request.status, old.status);
  const status = request.status;
  if (status === undefined) return [];
  const { pools = [], conditions = [] } = status;
  const errors: FieldError[] = [...(status.poolCount === undefined ? [required(STATUS.child('poolCount'))] : atLeast(STATUS.child('poolCount'), status.poolCount, 0))];
  if (pools.length > POOLS_MAX) errors.push(tooMany(STATUS.child('pools'), pools.length, POOLS_MAX));
  else errors.push(...pools.flatMap((pool, i) => validatePoolStatus(STATUS.child('pools').index(i), pool)));
  if (conditions.length > CONDITIONS_MAX) errors.push(tooMany(STATUS.child('conditions'), conditions.length, CONDITIONS_MAX));
  return [...errors, ...validateConditions(STATUS.child('conditions'), conditions)];
}
