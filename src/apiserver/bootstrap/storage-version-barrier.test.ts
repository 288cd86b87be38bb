import { describe, expect, test } from 'vitest';
import { loopbackUser } from '../server.ts';
import { requestInfoOf } from '../chain/request-info.ts';
import type { ServerRequest, UserInfo } from '../types.ts';
import { StorageVersionBarrier } from './storage-version-barrier.ts';

const admin: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const names = ['core.pods', 'core.namespaces', 'apps.deployments', 'coordination.k8s.io.leases', 'internal.apiserver.k8s.io.storageversions'];

async function ask(barrier: StorageVersionBarrier, method: string, path: string, user = admin): Promise<number | string> {
  const query = new URLSearchParams();
  const request = { method, path, query, user, info: requestInfoOf(method, path, query) } as unknown as ServerRequest;
  return barrier.wrap(async () => ({ status: 200, headers: {} }))(request).then(({ status }) => status, (error: { status: { code: number; message: string } }) => `${error.status.code} ${error.status.message}`);
}

const waits = (resource: string, error = '<nil>'): string => `503 wait for storage version registration to complete for resource: ${resource}, last seen error: ${error}`;

describe('before the entries are there', () => {
  const barrier = new StorageVersionBarrier(names);
  test.each<[string, string, UserInfo, number | string]>([
    ['GET', '/api/v1/pods', admin, 200], ['GET', '/apis/apps/v1/namespaces/a/deployments/b', admin, 200], ['GET', '/version', admin, 200], ['POST', '/version', admin, 200],
    ['POST', '/api/v1/namespaces/a/pods', admin, waits('pods')], ['DELETE', '/api/v1/namespaces/a/pods', admin, waits('pods')], ['PATCH', '/apis/apps/v1/namespaces/a/deployments/b/status', admin, waits('deployments.apps')],
    ['POST', '/apis/internal.apiserver.k8s.io/v1alpha1/storageversions', admin, 200], ['PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/a', admin, 200], ['PUT', '/apis/coordination.k8s.io/v1/namespaces/default/leases/a', admin, waits('leases.coordination.k8s.io')],
    ['POST', '/api/v1/namespaces', loopbackUser, 200], ['POST', '/api/v1/namespaces', admin, waits('namespaces')], ['PUT', '/api/v1/namespaces/a', loopbackUser, waits('namespaces')],
    ['POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', admin, 200], ['POST', '/apis/example.com/v1/namespaces/a/widgets', admin, 200],
  ])('%s %s', async (method, path, user, expected) => expect(await ask(barrier, method, path, user)).toBe(expected));
});

test('each resource is let go with its own entry; a failure is told of', async () => {
  const barrier = new StorageVersionBarrier(names);
  let opened = false;
  void barrier.opened.then(() => (opened = true));
  barrier.failed('apps.deployments', new Error('the store is away'));
  barrier.written('core.pods');
  expect(await ask(barrier, 'POST', '/api/v1/namespaces/a/pods')).toBe(200);
  expect(await ask(barrier, 'POST', '/apis/apps/v1/namespaces/a/deployments')).toBe(waits('deployments.apps', 'the store is away'));
  for (const name of names) barrier.written(name);
  expect(await ask(barrier, 'POST', '/apis/apps/v1/namespaces/a/deployments')).toBe(200);
  expect(opened).toBe(true);
});
