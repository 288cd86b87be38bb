/** Request bodies in protobuf (`application/vnd.kubernetes.protobuf`), which typed Go clients send. */
import { ProtobufError } from '../api/protobuf/wire.ts';
import { decodeProtobuf, isProtobuf, readEnvelope } from '../api/protobuf/decode.ts';
import { badRequest } from '../api/meta/status.ts';
import { findSchema } from '../api/schema.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const otherPackages: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** The schema of a kind: options travel under any group's version, the rest under their own. */
function schemaNameOf(apiVersion: string, kind: string): string | undefined {
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['core', apiVersion];
  const names = [`${otherPackages[group] ?? `io.k8s.api.${group.split('.')[0]}`}.${version}.${kind}`, `${metaPackage}.${kind}`];
  return names.find((name) => findSchema(name) !== undefined);
}

/** The object in JSON form. Throws StatusError 400 for bytes that are no such message. */
export function readProtobuf(bytes: Uint8Array): unknown {
  if (!isProtobuf(bytes)) throw badRequest('the body of the request is not protobuf: it does not begin with the bytes 6b 38 73 00');
  try {
    const { apiVersion, kind } = readEnvelope(bytes);
    const schema = schemaNameOf(apiVersion, kind);
    if (schema === undefined) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
    return decodeProtobuf(schema, bytes);
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(`the body of the request cannot be read: ${error.message}`);
    throw error;
  }
}
