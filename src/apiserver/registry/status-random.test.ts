/** Writes of statuses of all kinds, at random: a patch does what a PUT of its outcome does, and who writes a status owns what it has changed and nothing else. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RESOURCES } from '../../api/resources.ts';
import { objectsOf } from '../../api/random-objects.fixture.ts';
import { SAMPLE_KINDS, sampleOf, type Loose } from '../../api/strategies.fixture.ts';
import { mergePatch, type Json, type JsonObject } from '../patch/index.ts';
import { startRig, type Rig } from './rig.ts';

const SEED = 20_261_127;
const RUNS = 20;
const MERGE = { headers: { 'content-type': 'application/merge-patch+json' } };

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const kinds = SAMPLE_KINDS.flatMap((key) => {
  const [group, kind] = key.split('/');
  const resource = RESOURCES.find((one) => one.group === group && one.kind === kind);
  return resource?.subresources.some(({ name }) => name === 'status') === true ? [{ key, resource }] : [];
});

const metadata = fc.record({
  labels: fc.dictionary(fc.constantFrom('a', 'constructor', 'app'), fc.constantFrom('x', 'y'), { noNullPrototype: true }), annotations: fc.dictionary(fc.constantFrom('a', '__proto__'), fc.string({ maxLength: 3 }), { noNullPrototype: true }),
  finalizers: fc.constantFrom([], ['example.com/a'], ['example.com/b', 'example.com/a']),
  ownerReferences: fc.constantFrom([], [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }]),
}, { requiredKeys: [] });

interface Entry { manager: string; subresource?: string; fieldsV1: Record<string, Record<string, unknown>> }
const entriesOf = (object: Loose): Entry[] => object.metadata.managedFields ?? [];
const OWNED_METADATA = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

/** Statuses that this kind has taken. */
const taken = new Map<string, number>();

describe.each(kinds)('$key', ({ key, resource }) => {
  test('a patch of the status is a PUT of what it makes', async () => {
    const collection = `${resource.group === '' ? '/api' : `/apis/${resource.group}`}/${resource.version}${resource.namespaced ? '/namespaces/default' : ''}/${resource.plural}`;
    const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
    const made: Loose = await rig.create(`${collection}?fieldManager=maker`, { apiVersion, kind: resource.kind, ...sampleOf(key) });
    const url = `${collection}/${made.metadata.name}/status?fieldManager=writer`;
    const whole = objectsOf(resource.schema).map((object) => (object as Loose).status as Json).filter((status) => status !== undefined && JSON.stringify(status) !== '{}');
    const spec = objectsOf(resource.schema).map((object) => (object as Loose).spec as Json).filter((one) => one !== undefined);
    await fc.assert(fc.asyncProperty(fc.option(whole, { nil: undefined }), fc.option(metadata, { nil: undefined }), fc.option(spec, { nil: undefined, freq: 2 }), async (status, changed, other) => {
      const before: Loose = (await rig.send('GET', url.replace(/\/status.*/, ''))).body;
      const patch = JSON.parse(JSON.stringify({ ...(status === undefined ? {} : { status }), ...(changed === undefined ? {} : { metadata: changed }), ...(other === undefined ? {} : { spec: other }) })) as JsonObject;
      const dry = await rig.send('PATCH', `${url}&dryRun=All`, patch, MERGE);
      const put = await rig.send('PUT', `${url}&dryRun=All`, mergePatch(before, patch));
      expect([400, 422].includes(dry.status)).toBe([400, 422].includes(put.status));
      if (dry.status !== 200) return;
      expect(put.body).toEqual(dry.body);
      const after: Loose = (await rig.send('PATCH', url, patch, MERGE)).body;
      expect({ ...after, metadata: { ...after.metadata, resourceVersion: '' } }).toEqual({ ...dry.body, metadata: { ...dry.body.metadata, resourceVersion: '' } });
      taken.set(key, (taken.get(key) ?? 0) + 1);
      // All else has stayed, and its owners with it.
      const { metadata: _was, status: _statusWas, ...restBefore } = before;
      const { metadata: _is, status: _statusIs, ...restAfter } = after;
      expect(restAfter).toEqual(restBefore);
      const old = entriesOf(before).find(({ manager, subresource }) => manager === 'writer' && subresource === 'status')?.fieldsV1;
      const writer = entriesOf(after).find(({ manager, subresource }) => manager === 'writer' && subresource === 'status')?.fieldsV1;
      expect(Object.keys(writer ?? {}).filter((part) => part !== 'f:metadata' && part !== 'f:status')).toEqual([]);
      for (const field of OWNED_METADATA) {
        const stayed = JSON.stringify(before.metadata[field]) === JSON.stringify(after.metadata[field]);
        if (stayed) expect(writer?.['f:metadata']?.[`f:${field}`]).toEqual(old?.['f:metadata']?.[`f:${field}`]);
      }
      if (JSON.stringify(before.status) === JSON.stringify(after.status)) expect(writer?.['f:status']).toEqual(old?.['f:status']);
      else if (after.status !== undefined && before.status === undefined) expect(writer?.['f:status']).toBeDefined();
      const maker = (object: Loose): unknown => {
        const { 'f:metadata': _m, 'f:status': _s, ...rest } = entriesOf(object).find(({ manager }) => manager === 'maker')?.fieldsV1 ?? {};
        return rest;
      };
      expect(maker(after)).toEqual(maker(before));
    }), { seed: SEED, numRuns: RUNS });
  });
});

test('statuses of all kinds were taken', () => {
  expect(kinds.filter(({ key }) => !taken.has(key)).map(({ key }) => key)).toEqual([]);
});
