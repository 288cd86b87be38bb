/** Rules of storage versions, which API servers write about themselves (KEP-2339). */
import type { FieldError } from '../../meta/field.ts';
import { FieldPath, invalidValue, required } from '../../meta/field.ts';
import { dnsLabel1035, dnsSubdomain, formText, qualifiedName } from '../../meta/names.ts';
import { faultsAt } from '../../meta/validation.ts';
import type { ServerStorageVersion, StorageVersion, StorageVersionStatus } from './types.ts';

const STATUS = new FieldPath('status');
const VERSION_TEXT = "an apiVersion is a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";

/** `<group>.<resource>`. */
export function storageVersionName(name: string): string[] {
  const cut = name.lastIndexOf('.');
  if (cut < 0) return ['name must be in the form of <group>.<resource>'];
  return [...dnsSubdomain(name.slice(0, cut)).map((fault) => `the group segment ${fault}`), ...dnsLabel1035(name.slice(cut + 1)).map((fault) => `the resource segment ${fault}`)];
}

function apiVersionFaults(apiVersion: string): string[] {
  const parts = apiVersion.split('/');
  if (parts.length > 2) return [`${formText(VERSION_TEXT, '[a-z]([-a-z0-9]*[a-z0-9])?', 'my-name', 'abc-123')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyVersion')`];
  const version = parts.at(-1)!;
  const faults = parts.length === 1 ? [] : (parts[0] === '' ? ['must be non-empty'] : dnsSubdomain(parts[0]!)).map((fault) => `group part: ${fault}`);
  return [...faults, ...(version === '' ? ['must be non-empty'] : dnsLabel1035(version)).map((fault) => `version part: ${fault}`)];
}

function validateServer(path: FieldPath, server: ServerStorageVersion): FieldError[] {
  const id = server.apiServerID ?? '';
  const encoding = server.encodingVersion ?? '';
  const decodable = server.decodableVersions ?? [];
  const joined = (at: FieldPath, text: string): FieldError[] => {
    const faults = apiVersionFaults(text);
    return faults.length === 0 ? [] : [invalidValue(at, text, faults.join(','))];
  };
  return [
    ...faultsAt(path.child('apiServerID'), id, dnsSubdomain(id)),
    ...joined(path.child('encodingVersion'), encoding),
    ...decodable.flatMap((version, i) => joined(path.child('decodableVersions').index(i), version)),
    ...(decodable.includes(encoding) ? [] : [invalidValue(path.child('decodableVersions'), decodable, `decodableVersions must include encodingVersion ${encoding}`)]),
  ];
}

/** The common version is the one that all servers write, and absent where they differ. */
function validateCommon(status: StorageVersionStatus): FieldError[] {
  const path = STATUS.child('commonEncodingVersion');
  const servers = status.storageVersions ?? [];
  const first = servers[0]?.encodingVersion;
  const actual = servers.every((server) => server.encodingVersion === first) ? first : undefined;
  const said = status.commonEncodingVersion;
  if (actual === said) return [];
  if (actual === undefined) return [invalidValue(path, said, 'should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet')];
  return [invalidValue(path, said, said === undefined ? `the common encoding version is ${actual}` : `the actual common encoding version is ${actual}`)];
}

export function validateStorageVersion(object: StorageVersion): FieldError[] {
  const status = object.status ?? {};
  const conditions = status.conditions ?? [];
  return [
    ...(status.storageVersions ?? []).flatMap((server, i) => validateServer(STATUS.child('storageVersions').index(i), server)),
    ...validateCommon(status),
    ...conditions.flatMap((condition, i) => {
      const path = STATUS.index(i);
      const earlier = conditions.findLastIndex((other, j) => j < i && other.type === condition.type);
      return [
        ...(earlier < 0 ? [] : [invalidValue(path.child('type'), condition.type, `the type of the condition is not unique, it also appears in conditions[${earlier}]`)]),
        ...faultsAt(path.child('type'), condition.type, qualifiedName(condition.type ?? '')),
        ...faultsAt(path.child('status'), condition.type, qualifiedName(condition.status ?? '')),
        ...(condition.reason ? [] : [required(path.child('reason'), 'reason cannot be empty')]),
        ...(condition.message ? [] : [required(path.child('message'), 'message cannot be empty')]),
      ];
    }),
  ];
}
