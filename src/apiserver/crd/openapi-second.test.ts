import { describe, expect, test } from 'vitest';
import { customPart2, OpenApi, type DescribedVersion } from '../../api/openapi/index.ts';
import { GROUPS, RESOURCES, type ApiGroup } from '../../api/resources.ts';
import type { Resource } from '../../api/meta/resource.ts';
import { JoinedDocument } from '../endpoints/openapi-parts.ts';
import { SecondDocument, type Source } from './openapi-second.ts';

const resource = (kind: string): Resource => ({
  group: 'example.com', version: 'v1', plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, namespaced: true, verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  shortNames: [], categories: [], subresources: [{ name: 'status', kind, verbs: ['get', 'patch', 'update'] }, { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get'] }],
  storagePrefix: `example.com/${kind.toLowerCase()}s`, schema: `custom.example.com.v1.${kind}`,
});
const described = (kind: string, field: string): DescribedVersion => ({ resource: resource(kind), selectable: [], schema: { type: 'object', properties: { spec: { type: 'object', properties: { [field]: { type: 'string' } } } } } });

interface Rig {
  second: SecondDocument;
  made: string[];
  turns: number;
}

function rig(): Rig {
  const state: Rig = { made: [], turns: 0, second: new SecondDocument(async () => void (state.turns += 1)) };
  return state;
}

const sourceOf = ({ made }: Rig, kind: string, field: string): Source => ({
  key: kind, group: 'example.com', version: 'v1', fingerprint: field,
  describe: () => {
    made.push(`${kind} ${field}`);
    return described(kind, field);
  },
});

const document = (): Record<string, Record<string, unknown>> => new OpenApi({ resources: RESOURCES.filter(({ group }) => group === ''), groups: (GROUPS as readonly ApiGroup[]).filter(({ group }) => group === '') }).v2() as never;

const own = (): JoinedDocument => JoinedDocument.of(document());

describe('version 2 with custom resources', () => {
  test('is the own document and each definition’s part', async () => {
    const state = rig();
    const joined = await state.second.make(own(), [sourceOf(state, 'Widget', 'a'), sourceOf(state, 'Gadget', 'b')], customPart2);
    const whole = customPart2('example.com', 'v1', [described('Widget', 'a'), described('Gadget', 'b')]);
    const text = joined.bytes();
    expect(text.length).toBe(joined.length);
    // Scale, which the core group has too, is the own document's.
    expect(JSON.parse(text.toString())).toEqual(JSON.parse(JSON.stringify({ ...document(), definitions: { ...whole.definitions, ...document()['definitions'] }, paths: { ...document()['paths'], ...whole.paths } })));
  });

  test('only what has changed is made anew, and the tag tells', async () => {
    const state = rig();
    const base = own();
    const make = (...pairs: [kind: string, field: string][]): Promise<JoinedDocument> => state.second.make(base, pairs.map(([kind, field]) => sourceOf(state, kind, field)), customPart2);
    const first = await make(['Widget', 'a'], ['Gadget', 'b']);
    const again = await make(['Widget', 'a'], ['Gadget', 'b']);
    const changed = await make(['Widget', 'a'], ['Gadget', 'c']);
    const less = await make(['Widget', 'a']);
    expect(state.made).toEqual(['Widget a', 'Gadget b', 'Gadget c']);
    expect(again.etag).toBe(first.etag);
    expect(new Set([first.etag, changed.etag, less.etag]).size).toBe(3);
    const { definitions } = JSON.parse(less.bytes().toString()) as { definitions: object };
    expect([Object.keys(definitions).includes('com.example.v1.Widget'), Object.keys(definitions).includes('com.example.v1.Gadget')]).toEqual([true, false]);
    // A definition that has gone is forgotten: its text is made anew when it comes back.
    await make(['Gadget', 'c']);
    expect(state.made.slice(3)).toEqual(['Gadget c']);
  });

  test('many are made in many turns', async () => {
    const state = rig();
    await state.second.make(own(), Array.from({ length: 40 }, (_, i) => sourceOf(state, `Kind${i}`, 'x')), customPart2);
    expect([state.made.length, state.turns]).toEqual([40, 5]);
  });
});
