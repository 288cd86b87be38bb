/** Rules of device taint rules (KEP-5055) and of requests for the state of pools (KEP-5677). */
import { validateDriverName } from '../../core/v1/validation/volumes.ts';
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue, required, tooLong, tooMany } from '../../meta/field.ts';
import { byteLength, DNS_SUBDOMAIN_MAX, dnsSubdomain } from '../../meta/names.ts';
import { declaredImmutable, faultsAt, immutable, validateConditions } from '../../meta/validation.ts';
import { labelled, validatePool } from '../v1/names.ts';
import { validateTaint } from '../v1/slices.ts';
import type { DeviceTaintRule, PoolStatus, ResourcePoolStatusRequest } from './types.ts';

const SPEC = new FieldPath('spec');
const STATUS = new FieldPath('status');
const LIMIT_MAX = 1000;
const POOLS_MAX = 1000;
const CONDITIONS_MAX = 10;
const RULE_CONDITIONS_MAX = 8;
const ERROR_MAX_BYTES = 256;

export function validateTaintRule(rule: DeviceTaintRule, old?: DeviceTaintRule): FieldError[] {
  const selector = rule.spec?.deviceSelector;
  const path = SPEC.child('deviceSelector');
  const errors: FieldError[] = [];
  if (selector?.driver !== undefined) errors.push(...validateDriverName(path.child('driver'), selector.driver));
  if (selector?.pool !== undefined) errors.push(...validatePool(path.child('pool'), selector.pool));
  if (selector?.device !== undefined) errors.push(...labelled(path.child('device'), selector.device));
  return [...errors, ...validateTaint(SPEC.child('taint'), rule.spec?.taint, old?.spec?.taint)];
}

export function validateTaintRuleStatus(rule: DeviceTaintRule): FieldError[] {
  const path = STATUS.child('conditions');
  const conditions = rule.status?.conditions ?? [];
  return [...validateConditions(path, conditions), ...(conditions.length > RULE_CONDITIONS_MAX ? [tooMany(path, conditions.length, RULE_CONDITIONS_MAX)] : [])];
}

/** Between the bounds, each of which has words of its own. */
function between(path: FieldPath, value: number | undefined, least: number, most = Infinity): FieldError[] {
  if (value === undefined || (value >= least && value <= most)) return [];
  return [invalidValue(path, value, value < least ? `must be greater than or equal to ${least}` : `must be less than or equal to ${most}`)];
}

/** A pool's name whose parts are counted where they are wrong. */
function validatePoolName(path: FieldPath, name: string): FieldError[] {
  const parts = name.split('/').flatMap((part, i) => (part === '' ? ['must not be empty'] : dnsSubdomain(part)).map((fault) => `segment ${i}: ${fault}`));
  return [...(byteLength(name) > DNS_SUBDOMAIN_MAX ? [tooLong(path, DNS_SUBDOMAIN_MAX)] : []), ...faultsAt(path, name, parts)];
}

const driverFaults = (path: FieldPath, name: string | undefined): FieldError[] => (name ? faultsAt(path, name, dnsSubdomain(name.toLowerCase())) : [required(path)]);

export function validatePoolRequest(request: ResourcePoolStatusRequest): FieldError[] {
  const { driver, poolName, limit } = request.spec ?? {};
  return [...driverFaults(SPEC.child('driver'), driver), ...(poolName === undefined ? [] : validatePoolName(SPEC.child('poolName'), poolName)), ...between(SPEC.child('limit'), limit, 1, LIMIT_MAX)];
}

export function validatePoolRequestUpdate(request: ResourcePoolStatusRequest, old: ResourcePoolStatusRequest): FieldError[] {
  return declaredImmutable(SPEC, request.spec, old.spec);
}

function validatePoolStatus(path: FieldPath, pool: PoolStatus): FieldError[] {
  const errors = [...driverFaults(path.child('driver'), pool.driver), ...(pool.poolName ? validatePoolName(path.child('poolName'), pool.poolName) : [required(path.child('poolName'))])];
  errors.push(...(pool.generation === undefined ? [required(path.child('generation'))] : between(path.child('generation'), pool.generation, 0)), ...between(path.child('resourceSliceCount'), pool.resourceSliceCount, 1));
  for (const field of ['totalDevices', 'allocatedDevices', 'availableDevices', 'unavailableDevices'] as const) errors.push(...between(path.child(field), pool[field], 0));
  if (pool.nodeName !== undefined) errors.push(...faultsAt(path.child('nodeName'), pool.nodeName, dnsSubdomain(pool.nodeName)));
  if (byteLength(pool.validationError ?? '') > ERROR_MAX_BYTES) errors.push(tooLong(path.child('validationError'), ERROR_MAX_BYTES));
  return errors;
}

/** The answer is written once. */
export function validatePoolRequestStatus(request: ResourcePoolStatusRequest, old: ResourcePoolStatusRequest): FieldError[] {
  if (old.status !== undefined) return immutable(STATUS, request.status, old.status);
  const status = request.status;
  if (status === undefined) return [];
  const { pools = [], conditions = [] } = status;
  const errors: FieldError[] = [...(status.poolCount === undefined ? [required(STATUS.child('poolCount'))] : between(STATUS.child('poolCount'), status.poolCount, 0))];
  if (pools.length > POOLS_MAX) errors.push(tooMany(STATUS.child('pools'), pools.length, POOLS_MAX));
  else errors.push(...pools.flatMap((pool, i) => validatePoolStatus(STATUS.child('pools').index(i), pool)));
  if (conditions.length > CONDITIONS_MAX) errors.push(tooMany(STATUS.child('conditions'), conditions.length, CONDITIONS_MAX));
  return [...errors, ...validateConditions(STATUS.child('conditions'), conditions)];
}
