import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReplicaSet } from '../../api/apps/v1/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { keyOf } from '../../api/meta/objects.ts';
import { labelSelectorOf } from '../../api/meta/selectors.ts';
import { Pods } from '../../api/resources.ts';
import { IndexedStore } from '../../client/store.ts';
import type { Informer, InformerEvent } from '../../client/types.ts';
import { indexByOwner, orphansIn, ownedBy } from '../shared/index.ts';
import { replicaSetStatus } from './decide.ts';
import { PodTallies } from './tallies.ts';

/** An informer whose events the test makes. */
function informerOf(): Informer<Pod> & { put(pod: Pod): void; remove(key: string): void } {
  const lister = new IndexedStore<Pod>();
  const handlers: ((event: InformerEvent<Pod>) => void)[] = [];
  const tell = (event: InformerEvent<Pod>): void => handlers.forEach((handler) => handler(event));
  return {
    resource: Pods, lister, hasSynced: () => true,
    addIndex: (name, valuesOf) => lister.addIndex(name, valuesOf),
    onEvent: (handler) => void handlers.push(handler),
    put(object) {
      const old = lister.byKey(keyOf(object));
      lister.set(keyOf(object), object);
      tell(old ? { type: 'updated', object, old } : { type: 'added', object });
    },
    remove(key) {
      const object = lister.byKey(key);
      lister.delete(key);
      if (object) tell({ type: 'deleted', object });
    },
  };
}

const setOf = (name: string, uid: string, app: string, minReadySeconds = 0): ReplicaSet => ({
  metadata: { name, uid, namespace: 'ns' },
  spec: { replicas: 1, minReadySeconds, selector: { matchLabels: { app } }, template: { metadata: { labels: { app, tier: 'x' } }, spec: { containers: [] } } },
});

const podArbitrary = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  owner: fc.constantFrom('one', 'two', 'stranger', undefined),
  app: fc.constantFrom('web', 'other'),
  tier: fc.boolean(), ready: fc.boolean(), terminating: fc.boolean(),
  phase: fc.constantFrom('Pending', 'Running', 'Succeeded'),
}).map(({ name, owner, app, tier, ready, terminating, phase }): Pod => ({
  metadata: {
    name, namespace: 'ns', uid: name, labels: { app, ...(tier ? { tier: 'x' } : {}) }, ...(terminating ? { deletionTimestamp: '2030-01-01T00:00:00Z' } : {}),
    ...(owner ? { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner === 'stranger' ? 'one' : owner, uid: owner, controller: true }] } : {}),
  },
  spec: { containers: [] },
  status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
}));

const step = fc.oneof(
  podArbitrary.map((pod) => ({ pod })),
  fc.constantFrom('a', 'b', 'c', 'd').map((name) => ({ gone: `ns/${name}` })),
  fc.constantFrom('one', 'two').map((name) => ({ look: name, app: 'web' })),
  fc.constantFrom('web', 'other').map((app) => ({ look: 'one', app })),
);

test('always: tallies say what counting all pods says, and nothing where pods are to be adopted or let go', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const informer = informerOf();
    indexByOwner(informer);
    const tallies = new PodTallies(informer);
    for (const each of steps) {
      if ('pod' in each) informer.put(each.pod);
      else if ('gone' in each) informer.remove(each.gone);
      else {
        const set = setOf(each.look, each.look, each.app);
        const matches = labelSelectorOf(set.spec!.selector);
        const owned = ownedBy(informer.lister, set);
        const isSettled = owned.every((pod) => matches(pod.metadata.labels)) && !orphansIn(informer.lister, 'ns').some((pod) => matches(pod.metadata.labels));
        const counts = tallies.of(set);
        expect(counts !== undefined).toBe(isSettled);
        if (counts) expect(replicaSetStatus(set, counts, undefined, 0)).toEqual(replicaSetStatus(set, owned, undefined, 0));
      }
    }
  }), { seed: 20_260, numRuns: 500 });
});

test('never: a tally for a set whose pods become available by time alone', () => {
  const informer = informerOf();
  indexByOwner(informer);
  expect(new PodTallies(informer).of(setOf('one', 'one', 'web', 5))).toBeUndefined();
});

test('never: the tally of a set that was deleted and made again under its name', () => {
  const informer = informerOf();
  indexByOwner(informer);
  const tallies = new PodTallies(informer);
  informer.put({ metadata: { name: 'a', namespace: 'ns', uid: 'a', labels: { app: 'web' }, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'one', uid: 'one', controller: true }] }, spec: { containers: [] } });
  expect(tallies.of(setOf('one', 'one', 'web'))).toMatchObject({ replicas: 1 });
  expect(tallies.of(setOf('one', 'another', 'web'))).toMatchObject({ replicas: 0 });
});
