/** What the server fills in on CustomResourceDefinitions. */
import type { Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import type { CustomResourceDefinition, ServiceReference } from './types.ts';

const HTTPS_PORT = 443;

function definition(object: CustomResourceDefinition): void {
  const { spec } = object;
  if (spec === undefined) return;
  if (unset(spec.names.singular)) spec.names.singular = spec.names.kind.toLowerCase();
  if (unset(spec.names.listKind) && !unset(spec.names.kind)) spec.names.listKind = `${spec.names.kind}List`;
  spec.conversion ??= { strategy: 'None' };
  const stored = spec.versions.find((version) => version.storage);
  const status = (object.status ??= {});
  if ((status.storedVersions ?? []).length === 0 && stored !== undefined) status.storedVersions = [stored.name];
}

const P = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

export const apiextensionsDefaulters: Defaulters = {
  [`${P}.CustomResourceDefinition`]: definition,
  [`${P}.ServiceReference`]: (object: ServiceReference) => {
    object.port ??= HTTPS_PORT;
  },
};
