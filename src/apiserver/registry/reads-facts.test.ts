/** Reads and watches as upstream v1.36 answers them on etcd 3.5: facts that were found by asking both the same. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zeroMembers } from '../../api/zero.ts';
import { startRig, type Answer, type Rig } from './rig.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const FUTURE = '99999999';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) await rig.create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
});
afterAll(() => rig.stop());

const namesOf = ({ body }: Answer): string[] => body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
const token = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const of = (start: unknown, rv: unknown = -1): string => token({ v: 'meta.k8s.io/v1', rv, start });
const list = (query: string): Promise<Answer> => rig.send('GET', `${MAPS}?${query}`);
const said = ({ status, body }: Answer): [number, string] => [status, body.message];

describe('continue tokens', () => {
  const kind = (is: string, into: string): string => `json: cannot unmarshal ${is} into Go ${into}`;
  const refused: [name: string, token: string, why: string][] = [
    ['a list', token('[]'), kind('array', 'value of type storage.continueToken')],
    ['a number', token('1'), kind('number', 'value of type storage.continueToken')],
    ['a text', token('"a"'), kind('string', 'value of type storage.continueToken')],
    ['null', token('null'), 'server does not recognize this encoded version '],
    ['a revision in quotes', of('a', '5'), kind('string', 'struct field continueToken.rv of type int64')],
    ['a revision with a fraction', of('a', 5.5), kind('number 5.5', 'struct field continueToken.rv of type int64')],
    ['a start that is a number', of(5), kind('number', 'struct field continueToken.start of type string')],
    ['a path upwards', of('../../x'), '../../x'],
    ['a path upwards within', of('a/../b'), 'a/../b'],
    ['a path that stays', of('./a2'), './a2'],
    ['padding', `${of('a1\0')}==`, 'illegal base64 data at input byte 66'],
    ['no UTF-8, by its first byte', 'junk', String.raw`invalid character '\u008e' looking for beginning of value`],
    ['no UTF-8, a letter of Latin 1', 'zz', "invalid character 'Ï' looking for beginning of value"],
    ['a line break in the encoding', 'YWI%0A', "invalid character 'a' looking for beginning of value"],
    ['more behind it', token('{"v":"meta.k8s.io/v1","rv":-1,"start":"a2"}x'), "invalid character 'x' after top-level value"],
  ];
  test.each(refused)('%s', async (_, text, why) => expect(said(await list(`limit=2&continue=${text}`))).toEqual([400, `invalid continue token: continue key is not valid: ${why}`]));

  const taken: [name: string, query: string, names: string[]][] = [
    ['with a slash', `limit=2&continue=${of('/a1\0')}`, ['a2', 'a3']],
    ['without one', `limit=2&continue=${of('a1\0')}`, ['a2', 'a3']],
    ['from a key on, that key too', `limit=2&continue=${of('a2')}`, ['a2', 'a3']],
    ['names of members in capitals', `limit=2&continue=${token({ V: 'meta.k8s.io/v1', RV: -1, Start: 'a2' })}`, ['a2', 'a3']],
    ['from the start', `limit=2&continue=${of('/')}`, ['a1', 'a2']],
    ['any negative revision', `limit=2&continue=${of('a1\0', -5)}`, ['a2', 'a3']],
    ['resourceVersion=0 lifts the limit', `limit=2&resourceVersion=0&continue=${of('a1\0')}`, ['a2', 'a3', 'a4', 'a5']],
  ];
  test.each(taken)('%s', async (_, query, names) => expect(namesOf(await list(query))).toEqual(names));
});

describe('a revision that is not there yet', () => {
  const body = { status: 'Failure', reason: 'Timeout', code: 504, message: `Timeout: Too large resource version: ${FUTURE}, current: 5`, details: { retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] } };
  /** The answer, once the server has waited as long as it does. */
  async function waited<T>(answer: Promise<T>): Promise<T> {
    let done = false;
    void answer.finally(() => (done = true));
    while (!done) {
      rig.clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return answer;
  }
  test.each(['', '&limit=2', '&resourceVersionMatch=Exact', '&resourceVersionMatch=NotOlderThan', '&resourceVersionMatch=Exact&limit=2'])('a list%s', async (query) => {
    const answer = await waited(list(`resourceVersion=${FUTURE}${query}`));
    expect([answer.status, answer.body]).toMatchObject([504, body]);
  });
  test('a watch that is to begin with the state tells within the stream', async () => {
    const watch = await waited(rig.watch(`${MAPS}?watch=1&resourceVersion=${FUTURE}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`));
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: body });
    expect(await watch.next()).toBeUndefined();
  });
});

test('a collection is deleted as it was at the revision that is named', async () => {
  const own = await startRig();
  for (const name of ['a', 'b']) await own.create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  // The revision is a precondition of each delete as well: "a" has it, and "b" was not there yet.
  expect(namesOf(await own.send('DELETE', `${MAPS}?resourceVersion=1`))).toEqual(['a']);
  // "a" was there then, and is gone.
  expect(namesOf(await own.send('DELETE', `${MAPS}?resourceVersion=2`))).toEqual(['b']);
  await own.stop();
});

describe('bookmarks', () => {
  const INITIAL = '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  const rows: [query: string, types: string[]][] = [
    ['', ['ADDED']],
    ['&allowWatchBookmarks=true', ['ADDED', 'end']],
    ['&allowWatchBookmarks=true&resourceVersion=0', ['ADDED', 'end']],
    [`&allowWatchBookmarks=true${INITIAL}`, ['ADDED', 'end']],
    [`&allowWatchBookmarks=true${INITIAL}&resourceVersion=1`, ['ADDED', 'end']],
    [INITIAL, ['ADDED']],
    ['&allowWatchBookmarks=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan', []],
  ];
  test.each(rows)('the end of the state is marked: %s', async (query, types) => {
    const watch = await rig.watch(`${MAPS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Da1${query}`);
    rig.clock.advance(1_000);
    const seen = (await watch.take(5)).map(({ type, object }) => (type === 'BOOKMARK' && object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true' ? 'end' : type));
    expect(seen).toEqual(types);
  });

  test('two seconds before its end a watch says how far it is, though there was no news', async () => {
    const watch = await rig.watch(`${MAPS}?watch=1&timeoutSeconds=5&allowWatchBookmarks=true&resourceVersion=5`);
    const none = await rig.watch(`${MAPS}?watch=1&timeoutSeconds=2&allowWatchBookmarks=true&resourceVersion=5`);
    rig.clock.advance(3_000);
    expect(await watch.next()).toEqual({ type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '5' } } });
    rig.clock.advance(2_000);
    expect([await watch.next(), await none.next()]).toEqual([undefined, undefined]);
  });

  /** Beside its revision a bookmark is an empty object of its kind, as Go writes one. */
  const empty: [schema: string, members: string][] = [
    ['core.v1.ConfigMap', '{"metadata":{}}'],
    ['core.v1.Pod', '{"metadata":{},"spec":{"containers":null},"status":{}}'],
    ['core.v1.Service', '{"metadata":{},"spec":{},"status":{"loadBalancer":{}}}'],
    ['core.v1.Endpoints', '{"metadata":{}}'],
    ['apps.v1.Deployment', '{"metadata":{},"spec":{"selector":null,"template":{"metadata":{},"spec":{"containers":null}},"strategy":{}},"status":{}}'],
    ['events.v1.Event', '{"metadata":{},"eventTime":null,"regarding":{},"deprecatedSource":{},"deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":null}'],
    ['certificates.v1.CertificateSigningRequest', '{"metadata":{},"spec":{"request":null,"signerName":""},"status":{}}'],
    ['rbac.v1.ClusterRole', '{"metadata":{},"rules":null}'],
    ['storage.v1.StorageClass', '{"metadata":{},"provisioner":""}'],
    ['discovery.v1.EndpointSlice', '{"metadata":{},"addressType":"","endpoints":null,"ports":null}'],
  ];
  test.each(empty)('%s', (schema, members) => expect(JSON.stringify(zeroMembers(`io.k8s.api.${schema}`))).toBe(members));

  test('of pods', async () => {
    const watch = await rig.watch('/api/v1/pods?watch=1&allowWatchBookmarks=true');
    expect(JSON.stringify(await watch.next())).toBe('{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"5","annotations":{"k8s.io/initial-events-end":"true"}},"spec":{"containers":null},"status":{}}}');
    await watch.close();
  });

  test('of tables: a row of an empty object, which carries the mark whatever rows are to carry', async () => {
    const { tableFor } = await import('../printers/index.ts');
    const tables = await startRig({ options: { tableFor } });
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const watch = await tables.watch('/api/v1/pods?watch=1&allowWatchBookmarks=true&includeObject=None', { headers });
    const marked = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '0', annotations: { 'k8s.io/initial-events-end': 'true' } } };
    expect(await watch.next()).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Table', metadata: { resourceVersion: '0' }, rows: [{ cells: ['', '0/0', '', '0', '<unknown>', '<none>', '<none>', '<none>', '<none>'], object: marked }] } });
    tables.clock.advance(60_000);
    expect(await watch.next()).toMatchObject({ type: 'BOOKMARK', object: { columnDefinitions: null, rows: [{ object: null }] } });
    await watch.close();
    await tables.stop();
  });
});
