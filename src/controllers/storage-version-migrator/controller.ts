/**
 * storage-version-migrator-controller: writes every object of a resource anew, so that all of them lie in the store as new ones do (KEP-4192).
 * Works where the API server serves storagemigration.k8s.io/v1beta1, which is off by default; otherwise it asks once and rests.
 *
 * Contract: an object is written by an apply of nothing, with its uid and resourceVersion: what somebody else has written or deleted meanwhile is left to them.
 * Never: changes what an object says, or whose fields are whose. Eventually: everything older than the migration's resourceVersion is written anew, and it
 * says Succeeded, or Failed with what the server said.
 */
import { isConflict, isNotFound, StatusError } from '../../api/meta/status.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Resource } from '../../api/meta/resource.ts';
import type { StorageVersionMigration } from '../../api/storagemigration/v1beta1/types.ts';
import { discoverResources, metadataClient, startController, type DiscoveredResource } from '../../client/index.ts';
import type { Client, Outcome, Running } from '../../client/types.ts';
import type { ControllerContext } from '../context.ts';
import { startWhereServed } from '../shared/where-served.ts';
import { decideMigration, withState, type MigrationState } from './decide.ts';

const name = 'storage-version-migrator-controller';
const kind = { group: 'storagemigration.k8s.io', version: 'v1beta1', plural: 'storageversionmigrations' } as const;
const workers = 5;
const pageSize = 500;

/** Writes all objects anew that are older than that revision. */
async function migrate(client: Client, resource: DiscoveredResource, upTo: number): Promise<void> {
  const objects = client.of(resource as Resource);
  const listed = metadataClient(client).of(resource as Resource);
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  for (let token: string | undefined = ''; token !== undefined; ) {
    const page = await listed.list({ limit: pageSize, ...(token === '' ? {} : { continue: token }) });
    for (const { metadata } of page.items) {
      const { name: object, namespace, uid, resourceVersion } = metadata;
      if (Number(resourceVersion) > upTo) continue;
      const target = namespace === undefined ? objects : objects.inNamespace(namespace);
      const nothing: KubeObject = { apiVersion, kind: resource.kind, metadata: { name: object!, ...(namespace === undefined ? {} : { namespace }), uid: uid!, resourceVersion: resourceVersion! } };
      await target.patch(object!, nothing, { type: 'apply', fieldManager: name }).catch((error: unknown) => {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      });
    }
    token = page.metadata.continue || undefined;
  }
}

export function startStorageVersionMigrator(context: ControllerContext): Running {
  return startWhereServed<StorageVersionMigration>(context, kind, (resource) => {
    const { host, client, informers } = context;
    const migrations = informers.of(resource);

    async function set(migration: StorageVersionMigration, state: MigrationState, message: string): Promise<StorageVersionMigration> {
      return client.of(resource).updateStatus({ ...migration, status: withState(migration, state, message, host.clock.now()) });
    }

    async function reconcile(key: string): Promise<Outcome> {
      const known = migrations.lister.byKey(key);
      if (known === undefined) return { done: true };
      const { resource: wanted } = known.spec ?? {};
      const { resources } = await discoverResources(client);
      const found = resources.find((one) => one.group === (wanted?.group ?? '') && one.plural === wanted?.resource);
      const action = decideMigration(known, found, host.clock.now());
      if (action.do === 'wait') return { afterMs: action.afterMs };
      if (action.do === 'fail') await set(known, 'Failed', action.message);
      else if (action.do === 'begin') {
        const { metadata } = await client.of(action.resource as Resource).list({ limit: 1 });
        await client.of(resource).updateStatus({ ...known, status: { ...known.status, resourceVersion: metadata.resourceVersion ?? '' } });
      } else if (action.do === 'migrate') {
        const running = known.status?.conditions?.some(({ type, status }) => type === 'Running' && status === 'True') ? known : await set(known, 'Running', '');
        const failure = await migrate(client, action.resource, action.upTo).then(() => undefined, (error: unknown) => error);
        // A server that is not there, or busy, is asked again; what it refuses it will refuse again.
        if (failure !== undefined && (!(failure instanceof StatusError) || failure.code === 410 || failure.code === 429 || failure.code >= 500)) throw failure as Error;
        await (failure === undefined ? set(running, 'Succeeded', '') : set(running, 'Failed', (failure as Error).message));
      }
      return { done: true };
    }

    const queue = startController(host, { name, workers, informers, reconcile: (key) => reconcile(key).catch((error: unknown) => {
      if (isNotFound(error)) return { done: true };
      if (isConflict(error)) return { retry: error as Error };
      throw error;
    }) });
    migrations.onEvent(({ type, object }) => {
      if (type !== 'deleted') queue.add(object.metadata.name!);
    });
    informers.start();
    return queue;
  });
}
