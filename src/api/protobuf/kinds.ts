/** Which schema belongs to a kind that arrives or leaves in protobuf. */
import { findSchema, isBuiltIn } from '../schema.ts';

const META_PACKAGE = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Groups whose package does not follow from their name. */
const PACKAGES: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
  'flowcontrol.apiserver.k8s.io': 'io.k8s.api.flowcontrol',
  'internal.apiserver.k8s.io': 'io.k8s.api.apiserverinternal',
  'meta.k8s.io': 'io.k8s.apimachinery.pkg.apis.meta',
};

/** The schema of a kind that has a form in protobuf: under its own group and version, or one of the kinds that every group shares (Status, DeleteOptions …). */
export function protobufSchema(apiVersion: string, kind: string): string | undefined {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? 'core' : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const own = `${PACKAGES[group] ?? `io.k8s.api.${group.split('.', 1)[0]!}`}.${version}.${kind}`;
  if (isBuiltIn(own)) return hasNumbers(own) ? own : undefined;
  const shared = `${META_PACKAGE}.${kind}`;
  return isBuiltIn(shared) && hasNumbers(shared) ? shared : undefined;
}

/** Tables are the one kind that has no messages. */
function hasNumbers(name: string): boolean {
  return findSchema(name)!.fields.some((field) => field.proto !== undefined);
}
