import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConfigMap } from '../api/core/v1/types.ts';
import { failure } from '../api/meta/status.ts';
import { ConfigMaps } from '../api/resources.ts';
import type { Host } from '../host/types.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost, type VirtualHost } from '../simulate/virtual-host.ts';
import { createClient, metadataClient } from './client.ts';
import { fakeApi, type FakeApi } from './fake-api.ts';
import { createInformers } from './informers.ts';
import type { InformerEvent } from './types.ts';

const map = (name: string, data: Record<string, string> = {}): ConfigMap => ({ metadata: { name, namespace: 'default' }, data });

function setUp(seed = 'informers'): { host: VirtualHost; api: FakeApi; follow: () => Followed } {
  const host = virtualHost({ seed, settle: turn });
  const api = fakeApi(host.clock);
  return { host, api, follow: () => followed(host, api) };
}

interface Followed {
  events: string[];
  state: () => Record<string, string>;
  violations: string[];
  factory: ReturnType<typeof createInformers>;
  informer: ReturnType<ReturnType<typeof createInformers>['of']>;
}

/** Follows config maps and checks the promise on the way: added before updated before deleted, revisions only rise. */
function followed(host: Host, api: FakeApi): Followed {
  const factory = createInformers(host, createClient(api), { freeze: true });
  const informer = factory.of(ConfigMaps);
  const events: string[] = [];
  const violations: string[] = [];
  const known = new Map<string, ConfigMap>();
  informer.onEvent((event: InformerEvent<ConfigMap>) => {
    const name = event.object.metadata.name!;
    const before = known.get(name);
    events.push(`${event.type} ${name}`);
    if ((event.type === 'added') !== (before === undefined)) violations.push(`${event.type} ${name} while ${before ? 'known' : 'unknown'}`);
    if (event.type === 'updated' && event.old !== before) violations.push(`updated ${name} from another state than the last told`);
    if (before && Number(event.object.metadata.resourceVersion) < Number(before.metadata.resourceVersion)) violations.push(`${name} went back in time`);
    if (event.type === 'deleted') known.delete(name);
    else known.set(name, event.object);
  });
  factory.start();
  return { events, violations, factory, informer, state: () => Object.fromEntries([...known].map(([name, object]) => [name, object.metadata.resourceVersion!])) };
}

const truth = (api: FakeApi): Record<string, string> => Object.fromEntries(api.objects('configmaps').map((object) => [object.metadata.name!, object.metadata.resourceVersion!]));

describe('informers', () => {
  test('tell what is there, then what changes', async () => {
    const { host, api, follow } = setUp();
    api.put('configmaps', map('a'));
    const { events, factory, informer } = follow();
    expect(informer.hasSynced()).toBe(false);
    await factory.synced();
    await host.clock.advance(0);
    api.put('configmaps', map('b'));
    api.put('configmaps', map('a', { x: '1' }));
    api.remove('configmaps', 'default/b');
    await host.clock.advance(0);
    expect(events).toEqual(['added a', 'added b', 'updated a', 'deleted b']);
    expect(Object.isFrozen(informer.lister.get('default', 'a'))).toBe(true);
    await factory.stop();
    expect(api.watches).toBe(0);
  });

  test('a watch that ends goes on where it was, without a list', async () => {
    const { host, api, follow } = setUp();
    const { events, factory } = follow();
    await host.clock.advance(2_000);
    api.endWatches('clean');
    api.put('configmaps', map('a'));
    await host.clock.advance(60_000);
    expect(events).toEqual(['added a']);
    expect(api.requests.filter((request) => !request.query?.watch)).toHaveLength(1);
    await factory.stop();
  });

  test('an expired revision costs a list, whose differences are told as changes', async () => {
    const { host, api, follow } = setUp();
    api.put('configmaps', map('gone'));
    api.put('configmaps', map('same'));
    const { events, violations, factory, state } = follow();
    await host.clock.advance(5_000);
    api.endWatches('broken');
    api.remove('configmaps', 'default/gone');
    api.put('configmaps', map('new'));
    api.compact();
    await host.clock.advance(60_000);
    expect(events).toEqual(['added gone', 'added same', 'deleted gone', 'added new']);
    expect(violations).toEqual([]);
    expect(state()).toEqual(truth(api));
    await factory.stop();
  });

  test('a bookmark moves the revision on: no list although older changes are forgotten', async () => {
    const { host, api, follow } = setUp();
    const { factory } = follow();
    await host.clock.advance(2_000);
    api.put('secrets', { metadata: { name: 'x', namespace: 'default' } });
    api.bookmark();
    await host.clock.advance(0);
    api.compact();
    api.endWatches('clean');
    await host.clock.advance(60_000);
    expect(api.requests.filter((request) => !request.query?.watch)).toHaveLength(1);
    await factory.stop();
  });

  test('an object deleted and made again between two lists is two objects', async () => {
    const { host, api, follow } = setUp();
    api.put('configmaps', map('a'));
    const { events, factory } = follow();
    await host.clock.advance(2_000);
    api.endWatches('broken');
    api.remove('configmaps', 'default/a');
    api.put('configmaps', map('a'));
    api.compact();
    await host.clock.advance(60_000);
    expect(events).toEqual(['added a', 'deleted a', 'added a']);
    await factory.stop();
  });

  test('a list that fails is tried again, and waits as the server asks', async () => {
    const { host, api, follow } = setUp();
    let failures = 0;
    api.intercept = () => (failures++ < 2 ? failure(429, 'TooManyRequests', 'slow down', { retryAfterSeconds: 7 }) : undefined);
    const { informer, factory } = follow();
    await host.clock.advance(13_000);
    expect(informer.hasSynced()).toBe(false);
    await host.clock.advance(10_000);
    expect(informer.hasSynced()).toBe(true);
    await factory.stop();
  });

  test('a revision that the server does not know yet leads to a list of the newest state', async () => {
    const { host, api, follow } = setUp();
    api.intercept = (request) => (request.query?.watch !== true && request.query?.resourceVersion !== undefined
      ? failure(504, 'Timeout', 'Too large resource version', { causes: [{ reason: 'ResourceVersionTooLarge', message: '' }] }) : undefined);
    const { informer, factory } = follow();
    await host.clock.advance(10_000);
    expect(informer.hasSynced()).toBe(true);
    await factory.stop();
  });

  test('indexes follow every change', async () => {
    const { host, api } = setUp();
    const factory = createInformers(host, createClient(api));
    const informer = factory.of(ConfigMaps);
    const byColour = (object: ConfigMap): string[] => (object.data?.colour ? [object.data.colour] : []);
    informer.addIndex('colour', byColour);
    informer.addIndex('colour', byColour);
    expect(() => informer.addIndex('colour', () => ['other'])).toThrow('defined twice');
    factory.start();
    await host.clock.advance(0);
    api.put('configmaps', map('a', { colour: 'red' }));
    api.put('configmaps', map('b', { colour: 'red' }));
    await host.clock.advance(0);
    expect(informer.lister.byIndex('colour', 'red').map((object) => object.metadata.name)).toEqual(['a', 'b']);
    api.put('configmaps', map('a', { colour: 'blue' }));
    api.remove('configmaps', 'default/b');
    await host.clock.advance(0);
    expect(informer.lister.byIndex('colour', 'red')).toEqual([]);
    expect(informer.lister.byIndex('colour', 'blue')).toHaveLength(1);
    expect(informer.lister.list('default')).toHaveLength(1);
    expect(informer.lister.list('elsewhere')).toHaveLength(0);
    await factory.stop();
  });

  test('a listener that comes late is told of what is there; a listener that throws harms nobody', async () => {
    const { host, api } = setUp();
    api.put('configmaps', map('a'));
    const factory = createInformers(host, createClient(api));
    const informer = factory.of(ConfigMaps);
    informer.onEvent(() => {
      throw new Error('broken handler');
    });
    factory.start();
    await host.clock.advance(0);
    const late: string[] = [];
    informer.onEvent((event) => late.push(`${event.type} ${event.object.metadata.name}`));
    expect(late).toEqual(['added a']);
    expect(factory.of(ConfigMaps)).toBe(informer);
    await factory.stop();
  });

  test('stopping before the first list rejects those who wait', async () => {
    const { host, api } = setUp();
    const factory = createInformers(host, createClient(api));
    factory.of(ConfigMaps);
    const waiting = factory.synced();
    await factory.stop();
    await expect(waiting).rejects.toThrow('stopped before its first list');
  });

  test('stopping at any moment ends', async () => {
    for (let turns = 0; turns < 20; turns++) {
      const { host, api, follow } = setUp();
      const { factory } = follow();
      for (let i = 0; i < turns; i++) await Promise.resolve();
      await factory.stop();
      await host.clock.advance(0);
      expect(api.watches).toBe(0);
    }
  });

  test('a metadata client asks for metadata alone', async () => {
    const { host, api } = setUp();
    const factory = createInformers(host, metadataClient(createClient(api)));
    factory.of(ConfigMaps);
    factory.start();
    await host.clock.advance(0);
    expect(api.requests.map((request) => request.headers?.accept)).toEqual([
      expect.stringContaining('as=PartialObjectMetadataList'), expect.stringMatching(/as=PartialObjectMetadata;/),
    ]);
    await factory.stop();
  });

  test('whatever breaks, nothing is missed, repeated or out of order', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('put' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ do: fc.constant('remove' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ do: fc.constantFrom('clean' as const, 'broken' as const, 'compact' as const, 'bookmark' as const, 'refuse' as const) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 5_000 }) }),
    );
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.string({ maxLength: 4 }), async (steps, seed) => {
      const { host, api, follow } = setUp(seed);
      let refusals = 0;
      api.intercept = () => (refusals > 0 && refusals-- > 0 ? failure(503, 'ServiceUnavailable', 'not now') : undefined);
      const { state, violations, factory } = follow();
      for (const each of steps) {
        switch (each.do) {
          case 'put': api.put('configmaps', map(each.name, { at: String(api.revision) })); break;
          case 'remove': api.remove('configmaps', `default/${each.name}`); break;
          case 'clean': case 'broken': api.endWatches(each.do); break;
          case 'compact': api.compact(); break;
          case 'bookmark': api.bookmark(); break;
          case 'refuse': refusals = 2; break;
          case 'wait': await host.clock.advance(each.ms); break;
        }
      }
      await host.clock.advance(300_000);
      expect(violations).toEqual([]);
      expect(state()).toEqual(truth(api));
      await factory.stop();
    }), { numRuns: 150 });
  });
});
