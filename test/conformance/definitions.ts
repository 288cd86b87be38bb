/** Definitions for conformance tests, and waiting for them. */
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../src/api/apiextensions/v1/types.ts';
import { eventually, type TestServer } from './server.ts';

export const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export const open: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export function version(name: string, schema: JSONSchemaProps = open, more: Partial<CustomResourceDefinitionVersion> = {}): CustomResourceDefinitionVersion {
  return { name, served: true, storage: false, schema: { openAPIV3Schema: schema }, ...more };
}

export function definition(group: string, plural: string, kind: string, versions: CustomResourceDefinitionVersion[], spec: object = {}): object {
  const stored = versions.some(({ storage }) => storage) ? versions : versions.map((one, i) => ({ ...one, storage: i === 0 }));
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural, kind, singular: kind.toLowerCase() }, versions: stored, ...spec },
  };
}

/** Creates a definition and waits until its kind is served. */
export async function define(server: TestServer, wanted: object): Promise<void> {
  const created = await server.send('POST', crds, wanted);
  if (created.status !== 201) throw new Error(`${created.status} ${created.text}`);
  await eventually(server.host, async () => {
    const { body } = await server.send('GET', `${crds}/${String(created.body.metadata.name)}`);
    const conditions = (body.status?.conditions ?? []) as { type: string; status: string }[];
    if (!conditions.some(({ type, status }) => type === 'Established' && status === 'True')) throw new Error(`not established: ${JSON.stringify(body.status)}`);
  });
}
