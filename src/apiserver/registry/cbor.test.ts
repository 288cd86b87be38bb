import { afterEach, describe, expect, test } from 'vitest';
import { decodeCbor } from '../../api/cbor/decode.ts';
import { encodeCbor } from '../../api/cbor/encode.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { FORMATS } from '../accept.ts';
import { featureGates, formatsBy } from '../feature-gates.ts';
import type { ServerResponse } from '../types.ts';
import { startRig, type Rig } from './rig.ts';

const SECRETS = '/api/v1/namespaces/default/secrets';
const CBOR = 'application/cbor';
const secret = (name: string): object => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, labels: { a: 'é'.length > 1 ? 'x' : 'y' } }, data: { key: 'AP8=' }, type: 'Opaque' });

let rig: Rig | undefined;
afterEach(() => rig?.stop());
const start = async (): Promise<Rig> => (rig = await startRig());

const value = (response: ServerResponse): KubeObject & Record<string, unknown> => decodeCbor(response.body as Uint8Array).value as KubeObject & Record<string, unknown>;
const ask = (url: string, accept = CBOR): Promise<ServerResponse> => rig!.open('GET', url, undefined, { headers: { accept }, formats: FORMATS });

describe('with the gate on', () => {
  test('an object, a list, metadata only, a table', async () => {
    await start();
    await rig!.create(SECRETS, secret('a'));
    await rig!.create(SECRETS, secret('b'));
    const one = await ask(`${SECRETS}/a`);
    expect([one.headers['content-type'], value(one)]).toEqual([CBOR, (await rig!.send('GET', `${SECRETS}/a`)).body]);
    // Bytes travel as bytes.
    expect(Buffer.from(one.body as Uint8Array).includes(Buffer.from([0xd6, 0x42, 0x00, 0xff]))).toBe(true);
    expect(value(await ask(SECRETS))).toEqual((await rig!.send('GET', SECRETS)).body);
    const as = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    expect(value(await ask(SECRETS, `${CBOR};${as}`))).toEqual((await rig!.send('GET', SECRETS, undefined, { headers: { accept: `application/json;${as}` } })).body);
    expect(value(await ask(SECRETS, `${CBOR};as=Table;g=meta.k8s.io;v=v1`))).toMatchObject({ kind: 'Table', rows: [{ cells: ['a', 'Opaque', 1, expect.anything()] }, {}] });
  });

  test('a watch is a sequence of events', async () => {
    await start();
    await rig!.create(SECRETS, secret('a'));
    const response = await ask(`${SECRETS}?watch=1`);
    expect(response.headers['content-type']).toBe('application/cbor-seq');
    const stream = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    expect(decodeCbor((await stream.next()).value as Uint8Array).value).toMatchObject({ type: 'ADDED', object: { kind: 'Secret', metadata: { name: 'a' }, data: { key: 'AP8=' } } });
    await rig!.send('DELETE', `${SECRETS}/a`);
    expect(decodeCbor((await stream.next()).value as Uint8Array).value).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } });
    await stream.return?.();
  });

  test('bodies: create, and apply', async () => {
    await start();
    const send = (method: string, url: string, body: unknown, type: string): Promise<ServerResponse> => rig!.open(method, url, encodeCbor(body, 'io.k8s.api.core.v1.Secret'), { headers: { accept: CBOR, 'content-type': type }, formats: FORMATS });
    const created = await send('POST', SECRETS, secret('a'), CBOR);
    expect([created.status, value(created)['data']]).toEqual([201, { key: 'AP8=' }]);
    const applied = await send('PATCH', `${SECRETS}/a?fieldManager=me&force=true`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { key: 'aGk=' } }, 'application/apply-patch+cbor');
    expect([applied.status, value(applied)['data']]).toEqual([200, { key: 'aGk=' }]);
    const broken = await rig!.open('POST', SECRETS, Buffer.from([0xa1, 0x01]), { headers: { 'content-type': CBOR }, formats: FORMATS });
    expect([broken.status, JSON.parse(broken.body as string).message]).toEqual([400, expect.stringContaining('the body of the request cannot be read: ')]);
  });

  test('a field that comes twice is refused where that is asked for', async () => {
    await start();
    const once = encodeCbor({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } });
    // One entry more in the map, with the key `kind`.
    const twice = Buffer.concat([once.subarray(0, 3), Buffer.from([0xa4]), once.subarray(4), Buffer.from('446b696e6446536563726574', 'hex')]);
    const response = await rig!.open('POST', `${SECRETS}?fieldValidation=Strict`, twice, { headers: { 'content-type': CBOR }, formats: FORMATS });
    expect([response.status, JSON.parse(response.body as string).message]).toEqual([400, expect.stringContaining('duplicate field "kind"')]);
  });
});

test('with the gate off it is not spoken', async () => {
  await start();
  expect((await rig!.send('GET', SECRETS, undefined, { headers: { accept: CBOR } })).status).toBe(406);
  const refused = await rig!.send('POST', SECRETS, encodeCbor(secret('a')), { headers: { 'content-type': CBOR } });
  expect([refused.status, refused.body.message]).toEqual([415, 'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf']);
  expect((await rig!.send('PATCH', `${SECRETS}/a`, encodeCbor({}), { headers: { 'content-type': 'application/apply-patch+cbor' } })).status).toBe(415);
});

test('gates', () => {
  expect(formatsBy(featureGates())).toEqual(['json', 'yaml', 'protobuf']);
  expect(formatsBy(featureGates({ CBORServingAndStorage: true }))).toEqual(['json', 'yaml', 'protobuf', 'cbor']);
  expect(() => featureGates({ Nothing: true })).toThrow('unrecognized feature gate: Nothing');
});
