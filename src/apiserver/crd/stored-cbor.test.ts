import { afterEach, expect, test } from 'vitest';
import { decodeCbor, isCbor } from '../../api/cbor/decode.ts';
import { memoryBackend } from '../../store/memory.ts';
import type { Backend } from '../../store/backend.ts';
import { definitionOf, startRig, type Rig } from './rig.fixture.ts';

const gate = { featureGates: { CBORServingAndStorage: true } };
const base = '/apis/example.com/v1/namespaces/default/widgets';
const widget = (name: string, size: number): object => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec: { size } });

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

async function start(backend: Backend, options: object = {}): Promise<Rig> {
  await rig?.stop();
  return (rig = await startRig({ backend, ...options }));
}

const stored = async (backend: Backend): Promise<Record<string, Buffer>> => Object.fromEntries((await backend.list('/registry/example.com/widgets/')).entries.map(({ key, value }) => [key.split('/').at(-1)!, Buffer.from(value)]));

test('with the gate custom resources are stored as CBOR, and served as ever; each server reads what the other wrote', async () => {
  const backend = memoryBackend();
  let { send } = await start(backend);
  await rig!.define(definitionOf());
  await send('POST', base, widget('plain', 1));
  ({ send } = await start(backend, gate));
  await send('POST', base, widget('binary', 2));
  let values = await stored(backend);
  expect([isCbor(values['plain']!), isCbor(values['binary']!)]).toEqual([false, true]);
  expect(decodeCbor(values['binary']!).value).toMatchObject({ kind: 'Widget', apiVersion: 'example.com/v1', metadata: { name: 'binary' }, spec: { size: 2 } });
  expect(decodeCbor(values['binary']!).value).not.toHaveProperty('metadata.resourceVersion');
  const { body } = await send('GET', base);
  expect(body.items.map((item: { metadata: { name: string; resourceVersion: string }; spec: object }) => [item.metadata.name, item.metadata.resourceVersion !== undefined, item.spec])).toEqual([['binary', true, { size: 2 }], ['plain', true, { size: 1 }]]);

  // A write that changes nothing is none, but for what lies in the other form.
  const revisionOf = async (name: string): Promise<string> => (await send('GET', `${base}/${name}`)).body.metadata.resourceVersion;
  const [plain, binary] = [await revisionOf('plain'), await revisionOf('binary')];
  for (const name of ['plain', 'binary']) await send('PATCH', `${base}/${name}`, {});
  expect([await revisionOf('plain') === plain, await revisionOf('binary') === binary]).toEqual([false, true]);
  values = await stored(backend);
  expect([isCbor(values['plain']!), isCbor(values['binary']!)]).toEqual([true, true]);
  await send('PATCH', `${base}/plain`, { spec: { size: 3 } });

  ({ send } = await start(backend));
  expect((await send('GET', `${base}/plain`)).body).toMatchObject({ kind: 'Widget', spec: { size: 3 } });
  await send('PATCH', `${base}/plain`, { spec: { size: 4 } });
  values = await stored(backend);
  expect([isCbor(values['plain']!), isCbor(values['binary']!)]).toEqual([false, true]);
  const watched = (await send('GET', `${base}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1`)).text.trim().split('\n').map((line) => JSON.parse(line) as { type: string; object: { metadata: { name?: string } } });
  expect(watched.filter(({ type }) => type === 'ADDED').map(({ object }) => object.metadata.name)).toEqual(['binary', 'plain']);
});
