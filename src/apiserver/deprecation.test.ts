import { expect, test } from 'vitest';
import { resourcesOffByDefault } from '../api/resources-off.ts';
import { mayBeDeprecated, noteDeprecation } from './deprecation.ts';
import type { RequestInfo, ServerRequest } from './types.ts';

const ask = (apiGroup: string, apiVersion: string, resource: string): { warnings: string[]; counted: unknown[] } => {
  const request = { warnings: [] as string[] };
  const counted: unknown[] = [];
  const info = { apiGroup, apiVersion, resource, subresource: '' } as RequestInfo;
  if (mayBeDeprecated(info)) noteDeprecation(request as unknown as ServerRequest, info, { deprecatedApis: { set: (labels: unknown[]) => void counted.push(labels) } } as never);
  return { warnings: request.warnings, counted };
};

test.each<[string, string, string, string | undefined]>([
  ['', 'v1', 'endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  ['', 'v1', 'pods', undefined],
  ['apps', 'v1', 'deployments', undefined],
  ['certificates.k8s.io', 'v1alpha1', 'clustertrustbundles', 'certificates.k8s.io/v1alpha1 ClusterTrustBundle is deprecated in v1.34+, unavailable in v1.37+'],
  ['resource.k8s.io', 'v1beta1', 'deviceclasses', 'resource.k8s.io/v1beta1 DeviceClass is deprecated in v1.35+, unavailable in v1.38+'],
  ['scheduling.k8s.io', 'v1alpha2', 'workloads', undefined],
  ['example.com', 'v1beta1', 'widgets', undefined],
])('%s/%s %s', (group, version, resource, warning) => {
  expect(ask(group, version, resource).warnings).toEqual(warning === undefined ? [] : [warning]);
});

test('requests for versions on their way out are counted with the release that will not have them', () => {
  expect(ask('storage.k8s.io', 'v1beta1', 'volumeattributesclasses').counted).toEqual([['storage.k8s.io', '1.37', 'volumeattributesclasses', '', 'v1beta1']]);
});

test('what is said to be deprecated is served', () => {
  const served = resourcesOffByDefault().filter((resource) => ask(resource.group, resource.version, resource.plural).warnings.length > 0);
  expect(served.length).toBe(18);
});
