/**
 * Structs as errors show them. Upstream validates its internal types, which have no JSON names: a struct in a message has the names of Go's fields, all of
 * them, and `null` or a zero for what is not there. Types of the machinery (metadata, selectors, quantities) have JSON names there too.
 */
import { invalidValue, type FieldError, type FieldPath } from './meta/field.ts';
import { IMMUTABLE, sameValue } from './meta/validation.ts';
import { schemaOf, type FieldSchema } from './schema.ts';

/** Words that Go writes in capitals at the beginning of a name. */
const CAPITALS = /^(api|aws|ca|cel|cidrs?|csi|dns|fc|fs|gce|gid|gmsa|grpc|http|ips?|iqn|iscsi|json|nfs|os|pkix|qos|rbd|se|ssl|tcp|tls|ttl|tty|uid|url|wwids)(?=$|[A-Z])/;
/** Fields that have other names than in JSON. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'io.k8s.api.core.v1.Volume': { cephfs: 'CephFS', storageos: 'StorageOS' },
  'io.k8s.api.core.v1.PersistentVolumeSpec': { cephfs: 'CephFS', storageos: 'StorageOS' },
  'io.k8s.api.core.v1.GCEPersistentDiskVolumeSource': { pdName: 'PDName' },
  'io.k8s.api.core.v1.ContainerStatus': { lastState: 'LastTerminationState' },
  'io.k8s.api.resource.v1.DeviceAttribute': {
    int: 'IntValue', bool: 'BoolValue', string: 'StringValue', version: 'VersionValue', ints: 'IntValues', bools: 'BoolValues', strings: 'StringValues', versions: 'VersionValues',
  },
};
const BUILT_IN = 'io.k8s.api.';

function goName(schema: string, name: string): string {
  const renamed = RENAMED[schema]?.[name];
  if (renamed !== undefined) return renamed;
  const word = CAPITALS.exec(name)?.[1];
  if (word === undefined) return name[0]!.toUpperCase() + name.slice(1);
  return (/^(cidrs|ips|wwids)$/.test(word) ? `${word.slice(0, -1).toUpperCase()}s` : word.toUpperCase()) + name.slice(word.length);
}

function zeroOf(field: FieldSchema): unknown {
  if (field.pointer || field.shape !== 'one') return null;
  switch (field.type) {
    case 'string': return '';
    case 'boolean': return false;
    case 'int32': case 'int64': case 'double': case 'intOrString': return 0;
    case 'quantity': return '0';
    case 'object': return formOf(field, {});
    default: return null;
  }
}

/** A struct that stands inside another one is written out; those of the machinery are as they are. */
const formOf = (field: FieldSchema, value: unknown): unknown => (field.type === 'object' && field.ref!.startsWith(BUILT_IN) ? internalForm(field.ref!, value as Record<string, unknown>) : value);

function shownField(field: FieldSchema, value: unknown): unknown {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return zeroOf(field);
  if (field.shape === 'list') return (value as unknown[]).map((item) => formOf(field, item));
  if (field.shape === 'map') return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, formOf(field, item)]));
  return formOf(field, value);
}

/** The struct with Go's names. Its type stands in the order of the internal one. */
export function internalForm(schema: string, value: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | undefined {
  if (value === undefined) return undefined;
  return Object.fromEntries(schemaOf(schema).fields.map((field) => [goName(schema, field.name), shownField(field, value[field.name])]));
}

/** As `immutable`, of a struct. */
export function immutableStruct(path: FieldPath, schema: string, value: object | undefined, old: object | undefined): FieldError[] {
  return sameValue(value, old) ? [] : [invalidValue(path, internalForm(schema, value as Record<string, unknown> | undefined), IMMUTABLE)];
}
