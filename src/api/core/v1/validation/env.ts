/** Environment variables of containers and the references to fields and resources that they and downward volumes use. */
import type { FieldError, FieldPath } from '../../../meta/field.ts';
import { invalidValue, notSupported, required, tooLong } from '../../../meta/field.ts';
import { byteLength, configMapKey, dnsLabel, dnsSubdomain, envVarName, qualifiedName } from '../../../meta/names.ts';
import { compareQuantity, isZeroQuantity } from '../../../meta/quantity.ts';
import { each, faultsAt } from '../../../meta/validation.ts';
import { isHugePages } from '../resources.ts';
import type { EnvFromSource, EnvVar, ObjectFieldSelector, ResourceFieldSelector } from '../types.ts';
import { descendingPath, need } from './common.ts';

const ENV_FIELDS = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'];
const VOLUME_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
const POD_FIELDS: ReadonlySet<string> = new Set([
  ...ENV_FIELDS, ...VOLUME_FIELDS, 'spec.restartPolicy', 'spec.schedulerName', 'spec.hostNetwork', 'spec.host', 'status.phase', 'status.nominatedNodeName',
]);
const RESOURCE_FIELDS = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'];
const FILE_KEY_MAX = 128;
const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

function subscript(path: string): { base: string; key: string } | undefined {
  const match = /^(metadata\.\w+)\['(.*)'\]$/.exec(path) ?? /^(.+)\['(.*)'\]$/.exec(path);
  return match === null ? undefined : { base: match[1]!, key: match[2]! };
}

/** `env`: variables of a container; `volume`: files of a downward volume. */
export function validateFieldRef(path: FieldPath, ref: ObjectFieldSelector, where: 'env' | 'volume'): FieldError[] {
  if (!ref.apiVersion) return [required(path.child('apiVersion'))];
  if (!ref.fieldPath) return [required(path.child('fieldPath'))];
  const part = subscript(ref.fieldPath);
  if (part !== undefined) {
    if (part.base === 'metadata.annotations') return faultsAt(path, part.key, qualifiedName(part.key.toLowerCase()));
    if (part.base === 'metadata.labels') return faultsAt(path, part.key, qualifiedName(part.key));
    return [invalidValue(path, part.base, 'does not support subscript')];
  }
  if (!POD_FIELDS.has(ref.fieldPath)) return [invalidValue(path.child('fieldPath'), ref.fieldPath, `error converting fieldPath: field label not supported: ${ref.fieldPath}`)];
  const allowed = where === 'env' ? ENV_FIELDS : VOLUME_FIELDS;
  return allowed.includes(ref.fieldPath) ? [] : [notSupported(path.child('fieldPath'), ref.fieldPath, allowed)];
}

function validateDivisor(path: FieldPath, resource: string, divisor: string | undefined): FieldError[] {
  if (divisor === undefined || isZeroQuantity(divisor)) return [];
  const name = resource.replace(/^(limits|requests)\./, '');
  const [choices, what] = name === 'cpu' ? [['1m', '1'], 'cpu'] : [BYTE_DIVISORS, name === 'memory' ? 'memory' : name === 'ephemeral-storage' ? 'local ephemeral storage' : 'hugepages'];
  if (choices.some((choice) => compareQuantity(choice, divisor) === 0)) return [];
  return [invalidValue(path.child('divisor'), resource, `only divisor's values ${choices.slice(0, -1).join(', ')}${name === 'cpu' ? ' and ' : ', '}${choices.at(-1)} are supported with the ${what} resource`)];
}

export function validateResourceFieldRef(path: FieldPath, ref: ResourceFieldSelector, where: 'env' | 'volume'): FieldError[] {
  if (where === 'volume' && !ref.containerName) return [required(path.child('containerName'))];
  if (!ref.resource) return [required(path.child('resource'))];
  const huge = /^(limits|requests)\./.test(ref.resource) && isHugePages(ref.resource.replace(/^(limits|requests)\./, ''));
  if (!RESOURCE_FIELDS.includes(ref.resource) && !huge) return [notSupported(path.child('resource'), ref.resource, RESOURCE_FIELDS)];
  return validateDivisor(path, ref.resource, ref.divisor);
}

function validateKeyRef(path: FieldPath, ref: { name?: string; key: string }): FieldError[] {
  const errors = faultsAt(path.child('name'), ref.name ?? '', dnsSubdomain(ref.name ?? ''));
  return [...errors, ...(ref.key ? faultsAt(path.child('key'), ref.key, configMapKey(ref.key)) : [required(path.child('key'))])];
}

function validateFileKeyRef(path: FieldPath, ref: { volumeName: string; path: string; key: string }): FieldError[] {
  return [
    ...(ref.volumeName ? faultsAt(path.child('volumeName'), ref.volumeName, dnsLabel(ref.volumeName)) : [required(path.child('volumeName'))]),
    ...(ref.path ? descendingPath(path.child('path'), ref.path) : [required(path.child('path'))]),
    ...(ref.key ? faultsAt(path.child('key'), ref.key, envVarName(ref.key)) : [required(path.child('key'))]),
    ...(byteLength(ref.key ?? '') > FILE_KEY_MAX ? [tooLong(path.child('key'), FILE_KEY_MAX)] : []),
  ];
}

function validateValueFrom(path: FieldPath, variable: EnvVar): FieldError[] {
  const source = variable.valueFrom;
  if (source === undefined) return [];
  const checks: FieldError[][] = [];
  if (source.fieldRef) checks.push(validateFieldRef(path.child('fieldRef'), source.fieldRef, 'env'));
  if (source.resourceFieldRef) checks.push(validateResourceFieldRef(path.child('resourceFieldRef'), source.resourceFieldRef, 'env'));
  if (source.configMapKeyRef) checks.push(validateKeyRef(path.child('configMapKeyRef'), source.configMapKeyRef));
  if (source.secretKeyRef) checks.push(validateKeyRef(path.child('secretKeyRef'), source.secretKeyRef));
  if (source.fileKeyRef) checks.push(validateFileKeyRef(path.child('fileKeyRef'), source.fileKeyRef));
  const errors = checks.flat();
  if (checks.length === 0) errors.push(invalidValue(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'));
  else if (variable.value) errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  else if (checks.length > 1) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

export function validateEnv(path: FieldPath, env: readonly EnvVar[] | undefined): FieldError[] {
  return each(env, (variable, i) => [
    ...(variable.name ? faultsAt(path.index(i).child('name'), variable.name, envVarName(variable.name)) : [required(path.index(i).child('name'))]),
    ...validateValueFrom(path.index(i).child('valueFrom'), variable),
  ]);
}

export function validateEnvFrom(path: FieldPath, sources: readonly EnvFromSource[] | undefined): FieldError[] {
  return (sources ?? []).flatMap((source, i) => {
    const at = path.index(i);
    const errors = source.prefix ? faultsAt(at.child('prefix'), source.prefix, envVarName(source.prefix)) : [];
    let count = 0;
    for (const field of ['configMapRef', 'secretRef'] as const) {
      const ref = source[field];
      if (ref === undefined) continue;
      count++;
      const name = at.child(field, 'name');
      errors.push(...need(name, ref.name), ...(ref.name ? faultsAt(name, ref.name, dnsSubdomain(ref.name)) : []));
    }
    if (count === 0) errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (count > 1) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
    return errors;
  });
}
