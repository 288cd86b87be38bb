import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { nodeDisk } from '../../host/node/disk.ts';
import { lmdbBackend } from '../../store/lmdb.ts';
import { ManualClock } from '../../store/manual-clock.ts';
import { startRig } from './rig.ts';

const root = mkdtempSync(join(tmpdir(), 'kubets-registry-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: 'v' } });

test('objects, resourceVersions, pages and watches go on after a restart on disk', async () => {
  const clock = new ManualClock();
  const open = (): ReturnType<typeof lmdbBackend> => lmdbBackend({ path: join(root, 'store'), disk: nodeDisk(), clock, mapSizeBytes: 2 ** 28 });
  const first = await startRig({ backend: await open(), clock });
  const watch = await first.watch(`${CONFIG_MAPS}?watch=1`);
  await Promise.all(Array.from({ length: 30 }, (_, i) => first.create(CONFIG_MAPS, configMap(`c${String(i).padStart(2, '0')}`))));
  expect(await watch.take(30)).toHaveLength(30);
  const page = (await first.send('GET', `${CONFIG_MAPS}?limit=10`)).body;
  const all = (await first.send('GET', CONFIG_MAPS)).body;
  await first.send('DELETE', `${CONFIG_MAPS}/c15`);
  await first.stop();
  await first.backend.close();

  const second = await startRig({ backend: await open(), clock });
  const rest = (await second.send('GET', `${CONFIG_MAPS}?continue=${page.metadata.continue}`)).body;
  expect([...page.items, ...rest.items]).toEqual(all.items);
  const resumed = await second.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${all.metadata.resourceVersion}`);
  expect((await resumed.next())!.type).toBe('DELETED');
  expect((await second.send('PUT', `${CONFIG_MAPS}/c01`, { ...configMap('c01'), metadata: { name: 'c01', resourceVersion: all.items[1].metadata.resourceVersion } })).status).toBe(200);
  expect((await second.send('POST', CONFIG_MAPS, configMap('c01'))).status).toBe(409);
  await second.stop();
  await second.backend.close();
});
