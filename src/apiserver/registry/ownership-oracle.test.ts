/**
 * Whoever writes an object in whatever way, `managedFields` says who owns what. The judge is a book of its own, kept beside the server: objects are flat
 * there (a path, a text), and the rules are those of KEP-555 in a few lines, without any of the server's code.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { startRig, type Rig } from './rig.ts';

const URL = '/api/v1/namespaces/default/configmaps/x';
const types = { apply: 'application/apply-patch+yaml', merge: 'application/merge-patch+json', strategic: 'application/strategic-merge-patch+json', json: 'application/json-patch+json' };

/** `data/a` → its text. Finalizers are a set: `finalizers/x` → ''. What holds any of these is there itself: `data` → ''. */
type Flat = ReadonlyMap<string, string>;

const maps = ['data', 'labels', 'annotations'] as const;
const value: fc.Arbitrary<string> = fc.constantFrom('1', '2');
const content = fc.record({
  data: fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { maxKeys: 3, noNullPrototype: true }),
  labels: fc.dictionary(fc.constantFrom('l', 'm'), value, { maxKeys: 2, noNullPrototype: true }),
  annotations: fc.dictionary(fc.constantFrom('n'), value, { maxKeys: 1, noNullPrototype: true }),
  finalizers: fc.subarray(['x.io/f', 'x.io/g']),
});
type Content = typeof content extends fc.Arbitrary<infer T> ? T : never;

const holderOf = (path: string): string => path.split('/', 1)[0]!;
const isHolder = (path: string): boolean => !path.includes('/');

function flat(wanted: Content): Flat {
  const out = new Map<string, string>();
  for (const map of maps) for (const [key, text] of Object.entries(wanted[map])) out.set(`${map}/${key}`, text);
  for (const finalizer of wanted.finalizers) out.set(`finalizers/${finalizer}`, '');
  for (const path of out.keys()) out.set(holderOf(path), '');
  return out;
}

/** The body of an object that holds this, and nothing that is empty. */
function body(wanted: Content, resourceVersion?: string): object {
  const kept = <T extends object>(part: T): T | undefined => (Object.keys(part).length === 0 ? undefined : part);
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', resourceVersion, labels: kept(wanted.labels), annotations: kept(wanted.annotations), finalizers: kept(wanted.finalizers) }, data: kept(wanted.data) };
}

interface Book {
  object: Map<string, string>;
  /** `Apply one` → the paths that it owns. */
  owners: Map<string, Set<string>>;
}

const ownersOf = (book: Book, path: string): string[] => [...book.owners].filter(([, paths]) => paths.has(path)).map(([who]) => who);

/** The paths over which an apply is in conflict. What is not there may still be owned: a map that an update made once, and an apply has emptied. */
function conflictsOf(book: Book, who: string, wanted: Flat): string[] {
  return [...wanted].filter(([path, text]) => book.object.get(path) !== text && ownersOf(book, path).some((other) => other !== who)).map(([path]) => path);
}

/** Who applies owns what it names, and not what holds it. */
function applied(book: Book, who: string, wanted: Flat): void {
  const before = book.owners.get(who) ?? new Set<string>();
  book.owners.set(who, new Set([...wanted.keys()].filter((path) => !isHolder(path))));
  for (const path of before) if (!wanted.has(path) && ownersOf(book, path).length === 0) book.object.delete(path);
  for (const path of book.object.keys()) if (isHolder(path) && ![...book.object.keys()].some((other) => other !== path && holderOf(other) === path)) book.object.delete(path);
  for (const [path, text] of wanted) {
    if (book.object.get(path) !== text) for (const [other, paths] of book.owners) if (other !== who) paths.delete(path);
    book.object.set(path, text);
  }
}

function updated(book: Book, who: string, after: Flat): void {
  for (const path of new Set([...book.object.keys(), ...after.keys()])) {
    if (after.get(path) === book.object.get(path)) continue;
    for (const paths of book.owners.values()) paths.delete(path);
    if (!after.has(path)) book.object.delete(path);
  }
  const own = book.owners.get(who) ?? new Set<string>();
  for (const [path, text] of after) {
    if (book.object.get(path) === text) continue;
    own.add(path);
    book.object.set(path, text);
  }
  book.owners.set(who, own);
}

/** What the server says, in the book's terms. */
async function read(rig: Rig): Promise<{ object: Record<string, string>; owners: Record<string, string[]>; times: string[] }> {
  const { metadata, data = {} } = (await rig.send('GET', URL)).body as { metadata: Record<string, never> & { managedFields?: { manager: string; operation: string; time: string; fieldsV1: Record<string, Record<string, object>> }[] }; data?: Record<string, string> };
  const { labels = {}, annotations = {}, finalizers = [] } = metadata as unknown as Partial<Content>;
  const owners: Record<string, string[]> = {};
  for (const { manager, operation, fieldsV1 } of metadata.managedFields ?? []) {
    const below = (name: string, fields: Record<string, unknown> | undefined): string[] => {
      if (fields === undefined) return [];
      const keys = Object.keys(fields);
      return [...('.' in fields || keys.length === 0 ? [name] : []), ...keys.filter((key) => key !== '.').map((key) => `${name}/${key.startsWith('v:') ? (JSON.parse(key.slice(2)) as string) : key.slice(2)}`)];
    };
    const inMetadata = (fieldsV1['f:metadata'] ?? {}) as Record<string, Record<string, unknown>>;
    owners[`${operation} ${manager}`] = [...below('data', fieldsV1['f:data']), ...(['labels', 'annotations', 'finalizers'] as const).flatMap((name) => below(name, inMetadata[`f:${name}`]))].sort();
  }
  return { object: Object.fromEntries(flat({ data, labels, annotations, finalizers })), owners: Object.fromEntries(Object.entries(owners).filter(([, paths]) => paths.length > 0)), times: (metadata.managedFields ?? []).map(({ operation, time }) => `${operation} ${time ?? ''}`) };
}

const shown = (book: Book): { object: Record<string, string>; owners: Record<string, string[]> } => ({
  object: Object.fromEntries(book.object),
  owners: Object.fromEntries([...book.owners].filter(([, paths]) => paths.size > 0).map(([who, paths]) => [who, [...paths].sort()])),
});

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ how: fc.constant('apply' as const), who: fc.constantFrom('one', 'two', 'three'), wanted: content, force: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constantFrom('put' as const, 'merge' as const, 'strategic' as const, 'json' as const), who: fc.constantFrom('u', 'v', 'one'), wanted: content, force: fc.constant(false) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A merge patch that makes `before` into what is wanted. */
function mergeTo(book: Book, wanted: Content): object {
  const part = (name: (typeof maps)[number]): object => {
    const gone = [...book.object.keys()].filter((path) => path.startsWith(`${name}/`) && wanted[name][path.slice(name.length + 1)] === undefined).map((path) => [path.slice(name.length + 1), null]);
    return { ...Object.fromEntries(gone), ...wanted[name] };
  };
  return { metadata: { labels: part('labels'), annotations: part('annotations') }, data: part('data') };
}

async function write(rig: Rig, book: Book, { how, who, wanted }: Step): Promise<number> {
  const query = `?fieldManager=${who}`;
  const patch = (type: keyof typeof types, what: unknown): Promise<{ status: number }> => rig.send('PATCH', `${URL}${query}`, what, { headers: { 'content-type': types[type] } });
  switch (how) {
    case 'put':
      return (await rig.send('PUT', `${URL}${query}`, body(wanted))).status;
    case 'merge':
      return (await patch('merge', { ...mergeTo(book, wanted), metadata: { ...(mergeTo(book, wanted) as { metadata: object }).metadata, finalizers: wanted.finalizers } })).status;
    case 'strategic': {
      const gone = [...book.object.keys()].filter((path) => path.startsWith('finalizers/') && !wanted.finalizers.includes(path.slice(11))).map((path) => path.slice(11));
      const { metadata, data } = mergeTo(book, wanted) as { metadata: object; data: object };
      return (await patch('strategic', { data, metadata: { ...metadata, finalizers: wanted.finalizers, ...(gone.length > 0 ? { '$deleteFromPrimitiveList/finalizers': gone } : {}) } })).status;
    }
    default:
      return (await patch('json', [
        { op: 'add', path: '/data', value: wanted.data }, { op: 'add', path: '/metadata/labels', value: wanted.labels },
        { op: 'add', path: '/metadata/annotations', value: wanted.annotations }, { op: 'add', path: '/metadata/finalizers', value: wanted.finalizers },
      ])).status;
  }
}

async function take(rig: Rig, book: Book, next: Step): Promise<void> {
  const wanted = flat(next.wanted);
  if (next.how !== 'apply') {
    expect(await write(rig, book, next), next.how).toBe(200);
    return updated(book, `Update ${next.who}`, wanted);
  }
  const who = `Apply ${next.who}`;
  const conflicts = conflictsOf(book, who, wanted);
  const answer = await rig.send('PATCH', `${URL}?fieldManager=${next.who}${next.force ? '&force=true' : ''}`, body(next.wanted), { headers: { 'content-type': types.apply } });
  if (conflicts.length > 0 && !next.force) {
    expect(answer.status, `conflicts over ${conflicts.join(', ')}`).toBe(409);
    const told = (answer.body.details.causes as { field: string }[]).map(({ field }) => field);
    return expect(new Set(told)).toEqual(new Set(conflicts.map((path) => (holderOf(path) === 'data' ? `.${path.replace('/', '.')}` : `.metadata.${path.replace('/', '.')}`))));
  }
  expect(answer.status).toBe(200);
  applied(book, who, wanted);
  // The same again changes nothing, not even a time.
  const again = await rig.send('PATCH', `${URL}?fieldManager=${next.who}`, body(next.wanted), { headers: { 'content-type': types.apply } });
  expect([again.status, again.body.metadata.resourceVersion]).toEqual([200, answer.body.metadata.resourceVersion]);
}

test('always: after each of any applies, patches and updates, owners and object are those of the book', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.array(step, { minLength: 1, maxLength: 8 }), async (first, steps) => {
      const rig = await startRig();
      try {
        expect((await rig.send('POST', `${URL.slice(0, -2)}?fieldManager=u`, body(first))).status).toBe(201);
        const book: Book = { object: new Map(), owners: new Map() };
        updated(book, 'Update u', flat(first));
        for (const next of steps) {
          // Without any owner, what there is would belong to `before-first-apply`, and nobody keeps a book of updates; and an object without finalizers is no different from one that has them.
          if ([...book.owners.values()].every((paths) => paths.size === 0)) continue;
          rig.clock.advance(1_000);
          await take(rig, book, next);
          const { times, ...found } = await read(rig);
          expect(found).toEqual(shown(book));
          expect(times).toEqual(times.toSorted());
        }
      } finally {
        await rig.stop();
      }
    }),
    { numRuns: 150, seed: 36 },
  );
}, 60_000);
