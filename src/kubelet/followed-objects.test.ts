import { expect, test } from 'vitest';
import type { ConfigMap } from '../api/core/v1/types.ts';
import type { Resource } from '../api/meta/resource.ts';
import { ConfigMaps } from '../api/resources.ts';
import { fakeApi } from '../client/fake-api.ts';
import { createClient } from '../client/index.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { FollowedObjects, type ObjectReference } from './followed-objects.ts';
import { ObjectCache } from './objects.ts';

const map = (name: string, value: string): ConfigMap => ({ metadata: { name, namespace: 'd' }, data: { value } });
const reference = (name: string): ObjectReference => ({ resource: ConfigMaps as unknown as Resource, namespace: 'd', name });

function setUp() {
  const host = virtualHost({ seed: 'followed', settle: turn });
  const api = fakeApi(host.clock);
  const client = createClient(api);
  const objects = new ObjectCache(client, host.clock);
  const followed = new FollowedObjects(host, client, objects);
  const heard: string[] = [];
  const read = (name: string): Promise<unknown> => objects.get(ConfigMaps, 'd', name).catch(() => undefined);
  const settle = async (): Promise<string[]> => {
    await host.clock.advance(5_000);
    return heard.splice(0);
  };
  return { host, api, followed, heard, read, settle, follow: (uid: string, ...names: string[]) => followed.follow(uid, names.map(reference), () => heard.push(uid)) };
}

test('a change of what was read is told to every follower, and a first look at the same state to nobody', async () => {
  const { api, follow, read, settle } = setUp();
  api.put('configmaps', map('a', '1'));
  follow('p', 'a');
  follow('q', 'a');
  await read('a');
  expect(await settle()).toEqual([]);
  api.put('configmaps', map('a', '2'));
  expect(await settle()).toEqual(['p', 'q']);
});

test('what was never read is no news', async () => {
  const { api, follow, settle } = setUp();
  api.put('configmaps', map('a', '1'));
  follow('p', 'a');
  api.put('configmaps', map('a', '2'));
  expect(await settle()).toEqual([]);
});

test('what was missing comes into being, and is missing again', async () => {
  const { api, follow, read, settle } = setUp();
  follow('p', 'a');
  await read('a');
  expect(await settle()).toEqual([]);
  api.put('configmaps', map('a', '1'));
  expect(await settle()).toEqual(['p']);
  await read('a');
  api.remove('configmaps', 'd/a');
  expect(await settle()).toEqual(['p']);
});

test('a change between reading and the first list is heard of', async () => {
  const { api, follow, read, settle } = setUp();
  api.put('configmaps', map('a', '1'));
  await read('a');
  api.put('configmaps', map('a', '2'));
  follow('p', 'a');
  expect(await settle()).toEqual(['p']);
});

test('an object is watched once, while anybody follows it', async () => {
  const { api, followed, follow, settle } = setUp();
  follow('p', 'a', 'b', 'a');
  follow('q', 'b');
  follow('p', 'a', 'b');
  await settle();
  expect([followed.size, api.watches]).toEqual([2, 2]);
  follow('p', 'b');
  await settle();
  expect([followed.size, api.watches]).toEqual([1, 1]);
  followed.forget('p');
  followed.forget('q');
  followed.forget('never followed');
  await settle();
  expect([followed.size, api.watches]).toEqual([0, 0]);
});
