/** Whole numbers that JavaScript's are too coarse for: built-in kinds keep them to 64 bits, in every encoding, stored as JSON or protobuf. */
import { afterEach, describe, expect, test } from 'vitest';
import { decodeProtobuf } from '../../api/protobuf/decode.ts';
import { encodeProtobuf } from '../../api/protobuf/encode.ts';
import { Reader } from '../../api/protobuf/wire.ts';
import { Jobs, Pods } from '../../api/resources.ts';
import { startRig, type Rig } from './rig.ts';

let rig: Rig | undefined;
afterEach(() => rig?.stop());

const pods = '/api/v1/namespaces/default/pods';
const jobs = '/apis/batch/v1/namespaces/default/jobs';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const grace = (text: string): string => /"?terminationGracePeriodSeconds"?: ?(-?\d+)/.exec(text)![1]!;
const body = (number: string): string =>
  `{"metadata":{"name":"p"},"spec":{"tolerations":[{"operator":"Exists","effect":"NoExecute","tolerationSeconds":${number}}],"terminationGracePeriodSeconds":${number},"containers":[{"name":"c","image":"i"}]}}`;

describe.each(['json', 'protobuf'] as const)('stored in %s', (storageEncoding) => {
  const numbers = ['9223372036854775807', '-9223372036854775808', '9223372036854774785', '9007199254740993', '-9007199254740993', '9007199254740991'];
  test.each(numbers)('%s stays as it is', async (number) => {
    const { send, open } = (rig = await startRig({ options: { storageEncoding } }));
    const made = await send('POST', pods, body(number));
    expect(made.status, made.text).toBe(201);
    expect(made.text).toContain(`"tolerationSeconds":${number}`);
    const texts = [made.text, (await send('GET', `${pods}/p`)).text, (await send('GET', pods)).text, (await send('GET', `${pods}/p`, undefined, { headers: { accept: 'application/yaml' } })).text];
    expect(texts.map(grace)).toEqual(texts.map(() => number));
    const { body: bytes } = await open('GET', `${pods}/p`, undefined, { headers: { accept: PROTOBUF } });
    const read = decodeProtobuf<{ spec: { terminationGracePeriodSeconds: number | bigint } }>(Pods.schema, bytes as Uint8Array);
    expect(String(read.spec.terminationGracePeriodSeconds)).toBe(number);
    const put = await send('PUT', `${pods}/p`, encodeProtobuf(Pods.schema, read as never), { headers: { 'content-type': PROTOBUF } });
    expect([put.status, grace(put.text)]).toEqual([200, number]);
    const yaml = (await send('PUT', `${pods}/p`, texts[3]!, { headers: { 'content-type': 'application/yaml' } }));
    expect([yaml.status, grace(yaml.text)]).toEqual([200, number]);
  });

  test.each<[string, string, string]>([
    ['a merge patch', 'application/merge-patch+json', '{"spec":{"activeDeadlineSeconds":9007199254740995}}'],
    ['a strategic merge patch', 'application/strategic-merge-patch+json', '{"spec":{"activeDeadlineSeconds":9007199254740995}}'],
    ['a JSON patch', 'application/json-patch+json', '[{"op":"test","path":"/spec/activeDeadlineSeconds","value":9007199254740993},{"op":"replace","path":"/spec/activeDeadlineSeconds","value":9007199254740995}]'],
    ['an apply', 'application/apply-patch+yaml', '{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},"spec":{"activeDeadlineSeconds":9007199254740995}}'],
  ])('%s writes them', async (_name, type, text) => {
    const { send } = (rig = await startRig({ options: { storageEncoding } }));
    const job = '{"metadata":{"name":"j"},"spec":{"activeDeadlineSeconds":9007199254740993,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}';
    expect((await send('POST', jobs, job)).text).toContain('"activeDeadlineSeconds":9007199254740993');
    const patched = await send('PATCH', `${jobs}/j?fieldManager=f&force=true`.replace(type.includes('apply') ? '' : '&force=true', ''), text, { headers: { 'content-type': type } });
    expect(patched.text).toContain('"activeDeadlineSeconds":9007199254740995');
    expect(patched.text).toContain('"generation":2');
    const { body: { metadata } } = await send('GET', `${jobs}/j`) as { body: { metadata: { resourceVersion: string } } };
    const same = await send('PATCH', `${jobs}/j?fieldManager=f`, '{"spec":{"activeDeadlineSeconds":9007199254740995}}', { headers: { 'content-type': 'application/merge-patch+json' } });
    expect((same.body as typeof rig & { metadata: object }).metadata).toMatchObject({ resourceVersion: metadata.resourceVersion });
  });
});

test.each<[string, string, string]>([
  ['above its rule', '"activeDeadlineSeconds":9223372036854775807', 'spec.activeDeadlineSeconds: Invalid value: 9223372036854775807: must be between 1 and 2147483647, inclusive'],
  ['below its rule', '"securityContext":{"runAsUser":-9223372036854775808}', 'spec.securityContext.runAsUser: Invalid value: -9223372036854775808: must be between 0 and 2147483647, inclusive'],
])('one %s is refused with all its digits', async (_name, field, message) => {
  const { send } = (rig = await startRig());
  const { body: status } = await send('POST', pods, `{"metadata":{"name":"p"},"spec":{${field},"containers":[{"name":"c","image":"i"}]}}`);
  expect(status).toMatchObject({ code: 422, message: expect.stringContaining(message) as string });
});

test('a pod may be deleted whatever its grace is, and whatever the request says of it', async () => {
  const { send } = (rig = await startRig());
  const pod = body('9223372036854775807').replace('"spec":{', '"spec":{"nodeName":"n",');
  expect((await send('POST', pods, pod)).status).toBe(201);
  const asked = await send('DELETE', `${pods}/p`, '{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":9007199254740993}');
  expect(asked.status, asked.text).toBe(200);
  expect(asked.text).toContain('"deletionGracePeriodSeconds":9007199254740993');
  expect((await send('DELETE', `${pods}/p`, '{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":1}')).text).toContain('"deletionGracePeriodSeconds":1');
});

test('one that 64 bits do not hold is refused', async () => {
  const { send } = (rig = await startRig());
  for (const number of ['9223372036854775808', '-9223372036854775809', '1e19', '1e3']) {
    expect((await send('POST', pods, body(number))).body).toMatchObject({ code: 400, message: expect.stringContaining('of type int64') as string });
  }
});

test('protobuf has those of 64 bits whole, and of those of 32 bits the last', () => {
  const read = (...bytes: number[]): Reader => new Reader(Buffer.from(bytes));
  const [most, least] = [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]];
  expect([read(...most).int64(), read(...least).int64()]).toEqual([2n ** 63n - 1n, -(2n ** 63n)]);
  expect([read(...most).int32(), read(...least).int32(), read(0x80, 0x80, 0x80, 0x80, 0x08).int32(), read(7).int32()]).toEqual([-1, 0, -(2 ** 31), 7]);
  expect(read(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01).int64()).toBe(-1);
  const job = { spec: { activeDeadlineSeconds: 2n ** 63n - 1n } };
  expect(decodeProtobuf(Jobs.schema, encodeProtobuf(Jobs.schema, job as never))).toMatchObject(job);
});
