/** Whoever applies and updates an object in whichever version and through whichever subresource: owners and values are those of a book kept beside the server. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { startRig, type Rig } from './rig.ts';

const path = (version: string, more = ''): string => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers/h${more}`;
const target = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' };
const cpu = (averageUtilization: number): object => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } });

/** What can be owned, and what it is where nobody says anything. */
const unsaid = { min: 1, cpu: undefined, current: 0 } as const;
type Field = keyof typeof unsaid;
/** What v2, and no other version, makes of a scaler that has no measure: four fifths of the processor. */
const measureOfV2 = 80;
type Wanted = Partial<Record<'min' | 'cpu', number>>;
/** The name of a field, as managedFields of a version have it. */
const nameIn = (version: string, field: Field): string => (field === 'min' ? 'f:minReplicas' : field === 'current' ? 'f:currentReplicas' : version === 'v1' ? 'f:targetCPUUtilizationPercentage' : 'f:metrics');

const version = fc.constantFrom('v1', 'v2');
const value = fc.constantFrom(1, 2, 3);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ how: fc.constant('apply' as const), who: fc.constantFrom('one', 'two'), version, force: fc.boolean(), wanted: fc.record({ min: value, cpu: fc.constantFrom(50, 60, 80) }, { requiredKeys: [] }) as fc.Arbitrary<Wanted> }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constant('patch' as const), who: fc.constantFrom('one', 'u'), version, min: value }) },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('status' as const), who: fc.constantFrom('one', 'k'), version, current: value }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Entry {
  version: string;
  fields: Set<Field>;
}

/** `Apply one`, `Update u v1`, `Update k v2 status` → what that manager owns. */
interface Book {
  values: Record<Field, number | undefined>;
  entries: Map<string, Entry>;
}

const owned = (book: Book, field: Field, but?: string): boolean => [...book.entries].some(([who, { fields }]) => who !== but && fields.has(field));

function set(book: Book, who: string, field: Field, wanted: number): void {
  if (book.values[field] === wanted) return;
  for (const [other, { fields }] of book.entries) if (other !== who) fields.delete(field);
  book.values[field] = wanted;
}

function updated(book: Book, who: string, entry: string, field: Field, wanted: number): void {
  if (book.values[field] === wanted) return;
  set(book, who, field, wanted);
  const mine = book.entries.get(who) ?? { version: entry, fields: new Set<Field>() };
  mine.fields.add(field);
  book.entries.set(who, mine);
}

function applied(book: Book, { who, version: inVersion, wanted }: Extract<Step, { how: 'apply' }>): void {
  const me = `Apply ${who}`;
  const last = book.entries.get(me)?.fields ?? new Set<Field>();
  const now = Object.keys(wanted) as (keyof Wanted)[];
  book.entries.set(me, { version: inVersion, fields: new Set(now) });
  for (const field of last) if (wanted[field as keyof Wanted] === undefined && !owned(book, field)) book.values[field] = unsaid[field];
  for (const field of now) set(book, me, field, wanted[field]!);
  if (inVersion === 'v2') book.values.cpu ??= measureOfV2;
}

const spec = (inVersion: string, { min, cpu: share }: Wanted): object => ({
  maxReplicas: 5, scaleTargetRef: target, ...(min === undefined ? {} : { minReplicas: min }), ...(share === undefined ? {} : inVersion === 'v1' ? { targetCPUUtilizationPercentage: share } : { metrics: [cpu(share)] }),
});

async function take(rig: Rig, book: Book, next: Step): Promise<void> {
  const patch = (more: string, query: string, type: string, body: object): Promise<{ status: number; body: { message?: string } }> =>
    rig.send('PATCH', `${path(next.version, more)}?fieldManager=${next.who}${query}`, body, { headers: { 'content-type': `application/${type}` } });
  if (next.how === 'patch') {
    expect((await patch('', '', 'merge-patch+json', { spec: { minReplicas: next.min } })).status).toBe(200);
    updated(book, `Update ${next.who} ${next.version}`, next.version, 'min', next.min);
    if (next.version === 'v2' && book.values.cpu === undefined) updated(book, `Update ${next.who} v2`, 'v2', 'cpu', measureOfV2);
    return;
  }
  if (next.how === 'status') {
    expect((await patch('/status', '', 'merge-patch+json', { status: { currentReplicas: next.current } })).status).toBe(200);
    return updated(book, `Update ${next.who} ${next.version} status`, next.version, 'current', next.current);
  }
  const { wanted } = next;
  const disputed = (Object.keys(wanted) as (keyof Wanted)[]).filter((field) => book.values[field] !== wanted[field] && owned(book, field, `Apply ${next.who}`));
  const answer = await patch('', next.force ? '&force=true' : '', 'apply-patch+yaml', { apiVersion: `autoscaling/${next.version}`, kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec: spec(next.version, wanted) });
  if (disputed.length > 0 && !next.force) return expect(answer.status, answer.body.message).toBe(409);
  expect([200, 201], answer.body.message).toContain(answer.status);
  applied(book, next);
}

/** What the server says, in the book's terms. */
async function read(rig: Rig): Promise<object> {
  const { metadata, spec: { minReplicas, targetCPUUtilizationPercentage }, status } = (await rig.send('GET', path('v1'))).body;
  const entries = (metadata.managedFields as { manager: string; operation: string; apiVersion: string; subresource?: string; fieldsV1: Record<string, Record<string, object>> }[]).map((entry) => {
    const inVersion = entry.apiVersion.split('/')[1]!;
    const names = { ...entry.fieldsV1['f:spec'], ...entry.fieldsV1['f:status'] };
    const fields = (Object.keys(unsaid) as Field[]).filter((field) => nameIn(inVersion, field) in names);
    return [entry.operation === 'Apply' ? `Apply ${entry.manager}` : `Update ${entry.manager} ${inVersion}${entry.subresource === undefined ? '' : ` ${entry.subresource}`}`, inVersion, fields] as const;
  });
  return { values: { min: minReplicas, cpu: targetCPUUtilizationPercentage, current: status?.currentReplicas ?? 0 }, owners: Object.fromEntries(entries.filter(([, , fields]) => fields.length > 0).map(([who, inVersion, fields]) => [who, [inVersion, ...fields]])) };
}

const shown = ({ values, entries }: Book): object => ({
  values, owners: Object.fromEntries([...entries].filter(([, { fields }]) => fields.size > 0).map(([who, { version: inVersion, fields }]) => [who, [inVersion, ...(Object.keys(unsaid) as Field[]).filter((field) => fields.has(field))]])),
});

const made: Step = { how: 'apply', who: 'one', version: 'v1', force: false, wanted: {} };

test('always: after any applies, patches and writes of status in both versions, owners and values are those of the book', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const rig = await startRig();
      try {
        const book: Book = { values: { ...unsaid }, entries: new Map() };
        for (const next of [made, ...steps]) {
          rig.clock.advance(1_000);
          await take(rig, book, next);
          expect(await read(rig)).toEqual(shown(book));
        }
      } finally {
        await rig.stop();
      }
    }),
    { numRuns: 80, seed: 36 },
  );
}, 60_000);
