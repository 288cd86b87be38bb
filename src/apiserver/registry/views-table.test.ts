/** Lists of tables, joined from rows that are kept, against tables made at once. */
import { encodeValue } from '../encode-value.ts';
import { afterEach, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { RESOURCES } from '../../api/resources.ts';
import { tableFor, type TableOptions } from '../printers/index.ts';
import { ManualClock } from '../../store/manual-clock.ts';
import { startRig, type Rig } from './rig.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.stop()));
});

const START = Date.parse('2023-11-14T22:13:20Z');
const json = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** Counts the objects that rows have been made of. */
async function start(): Promise<{ rig: Rig; made: () => number }> {
  let made = 0;
  const rig = await startRig({
    clock: new ManualClock(),
    options: {
      tableFor: (resource, objects, options) => {
        made += objects.length;
        return tableFor(resource, objects, options);
      },
    },
  });
  rigs.push(rig);
  return { rig, made: () => made };
}

/** What a table made at once of a plain list shows. */
async function atOnce(rig: Rig, url: string, kind: string, options: Pick<TableOptions, 'includeObject'> = {}): Promise<unknown> {
  const { body } = await rig.send('GET', url);
  const resource = RESOURCES.find((one) => url.startsWith(one.group === '' ? `/api/${one.version}/` : `/apis/${one.group}/${one.version}/`) && one.kind === kind)!;
  const objects = (body.items as KubeObject[]).map((item) => ({ kind, apiVersion: body.apiVersion as string, ...item }));
  return JSON.parse(JSON.stringify(tableFor(resource, objects, { now: rig.clock.now(), listMeta: body.metadata, ...options })));
}

const PODS = '/api/v1/namespaces/default/pods';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const EVENTS = '/api/v1/namespaces/default/events';

const pod = (name: string, rest: object = {}): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', ...rest }] } });
const restarted = { status: { phase: 'Running', containerStatuses: [{ name: 'c', image: 'i', imageID: '', ready: true, restartCount: 3, state: { running: {} }, lastState: { terminated: { exitCode: 1, finishedAt: '2023-11-14T22:11:20Z' } } }] } };
const template = { metadata: { labels: { a: 'b' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
const event = (name: string, message: string): object => ({
  apiVersion: 'v1', kind: 'Event', metadata: { name }, involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' }, reason: 'Started', message, type: 'Normal', source: { component: 'kubelet' },
  firstTimestamp: '2023-11-14T22:03:20Z', lastTimestamp: '2023-11-14T22:13:10Z', count: 2,
});

describe('lists of tables', () => {
  test('are as if made at once, at any time, and each row is made once', async () => {
    const { rig, made } = await start();
    for (const name of ['a', 'b', 'c']) await rig.create(PODS, pod(name, { env: [{ name: 'A', value: 'zwölf' }] }));
    expect((await rig.send('PATCH', `${PODS}/b/status`, restarted, { headers: { 'content-type': 'application/merge-patch+json' } })).status).toBe(200);
    await rig.create(JOBS, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: { template } });
    await rig.send('PATCH', `${JOBS}/j/status`, { status: { startTime: '2023-11-14T22:12:20Z' } }, { headers: { 'content-type': 'application/merge-patch+json' } });
    for (const includeObject of ['', 'None', 'Metadata', 'Object'] as const) {
      for (const [url, kind] of [[PODS, 'Pod'], [JOBS, 'Job']] as const) {
        const asked = includeObject === '' ? url : `${url}?includeObject=${includeObject}`;
        const { body, text } = await rig.send('GET', asked, undefined, { headers: { accept: json } });
        expect(body).toEqual(await atOnce(rig, url, kind, includeObject === '' ? {} : { includeObject }));
        // The very bytes of a table that is made at once: no bare "<none>", and a line feed at the end.
        expect(text).toBe(encodeValue(body, { format: 'json', pretty: false }).toString());
      }
      rig.clock.advance(61_500);
    }
    const texts = (await rig.send('GET', PODS, undefined, { headers: { accept: json } })).body.rows.map((row: { cells: unknown[] }) => row.cells.slice(3, 5));
    expect(texts).toEqual([['0', '4m6s'], ['3 (6m6s ago)', '4m6s'], ['0', '4m6s']]);
    const before = made();
    await rig.send('GET', PODS, undefined, { headers: { accept: json } });
    expect(made() - before).toBe(0);
    await rig.send('PATCH', `${PODS}/a`, { metadata: { labels: { x: 'y' } } }, { headers: { 'content-type': 'application/merge-patch+json' } });
    const changed = made();
    expect((await rig.send('GET', PODS, undefined, { headers: { accept: json } })).body.rows[0].object.metadata.labels).toEqual({ x: 'y' });
    // Once with its ages open, and once to see that they read the same.
    expect(made() - changed).toBe(2);
  });

  test('show text that looks like an open age as it is', async () => {
    const { rig } = await start();
    const messages = ['plain', `\0${START}\0`, `\\u0000${START}\\u0000`, '\0', `a "quoted" \0${START}\0 \u{1f600}`];
    for (const [i, message] of messages.entries()) await rig.create(EVENTS, event(`e${i}`, message));
    for (let round = 0; round < 2; round++) {
      const { body } = await rig.send('GET', EVENTS, undefined, { headers: { accept: json } });
      expect(body).toEqual(await atOnce(rig, EVENTS, 'Event'));
      const at = (body.columnDefinitions as { name: string }[]).findIndex(({ name }) => name === 'Message');
      expect(body.rows.map((row: { cells: unknown[] }) => row.cells[at])).toEqual(messages);
      rig.clock.advance(5_000);
    }
  });

  test('may be empty, of another version of the meta types, or long', async () => {
    const { rig } = await start();
    expect((await rig.send('GET', PODS, undefined, { headers: { accept: json } })).body).toEqual(await atOnce(rig, PODS, 'Pod'));
    for (let i = 0; i < 250; i++) await rig.create(PODS, pod(`p${i}`, { env: [{ name: 'A', value: 'u'.repeat(2_000) }] }));
    expect((await rig.send('GET', `${PODS}?includeObject=Object`, undefined, { headers: { accept: json } })).body).toEqual(await atOnce(rig, PODS, 'Pod', { includeObject: 'Object' }));
    const beta = (await rig.send('GET', `${PODS}?limit=1`, undefined, { headers: { accept: json.replace('v=v1', 'v=v1beta1') } })).body;
    expect([beta.apiVersion, beta.rows.length, beta.metadata.remainingItemCount, beta.rows[0].object.apiVersion]).toEqual(['meta.k8s.io/v1beta1', 1, 249, 'meta.k8s.io/v1']);
  });
});
