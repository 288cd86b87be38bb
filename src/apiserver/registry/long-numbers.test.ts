/** Whole numbers that JavaScript's are too coarse for: what is answered and stored must be such as other clients can read, who take no more than 64 bits. */
import { afterEach, expect, test } from 'vitest';
import { decodeProtobuf } from '../../api/protobuf/decode.ts';
import { encodeProtobuf } from '../../api/protobuf/encode.ts';
import { Reader } from '../../api/protobuf/wire.ts';
import { Pods } from '../../api/resources.ts';
import { startRig, type Rig } from './rig.ts';

let rig: Rig | undefined;
afterEach(() => rig?.stop());

const pods = '/api/v1/namespaces/default/pods';
const fits = (text: string): boolean => BigInt.asIntN(64, BigInt(text)) === BigInt(text);

test.each(['9223372036854775807', '-9223372036854775808', '9223372036854774785', '9007199254740993'])('%s', async (number) => {
  const { send } = (rig = await startRig());
  const grace = (text: string): string => /"terminationGracePeriodSeconds":(-?\d+)/.exec(text)![1]!;
  const made = await send('POST', pods, `{"metadata":{"name":"p"},"spec":{"tolerations":[{"operator":"Exists","effect":"NoExecute","tolerationSeconds":${number}}],"terminationGracePeriodSeconds":${number},"containers":[{"name":"c","image":"i"}]}}`);
  expect(made.status, made.text).toBe(201);
  expect(fits(grace(made.text))).toBe(true);
  expect(Math.abs(Number(grace(made.text)) - Number(number))).toBeLessThanOrEqual(1024);
  const read = await send('GET', `${pods}/p`);
  expect(grace(read.text)).toBe(grace(made.text));
  expect((await send('PUT', `${pods}/p`, read.text)).status).toBe(200);
  const back = decodeProtobuf(Pods.schema, encodeProtobuf(Pods.schema, read.body as never)) as { spec: { terminationGracePeriodSeconds: number } };
  expect(back.spec.terminationGracePeriodSeconds).toBe(Number(grace(read.text)));
});

test('one that 64 bits do not hold is refused', async () => {
  const { send } = (rig = await startRig());
  for (const number of ['9223372036854775808', '-9223372036854775809', '1e19']) {
    const { body } = await send('POST', pods, `{"metadata":{"name":"p"},"spec":{"terminationGracePeriodSeconds":${number},"containers":[{"name":"c","image":"i"}]}}`);
    expect(body).toMatchObject({ code: 400, message: expect.stringContaining('of type int64') as string });
  }
});

test('the longest in protobuf', () => {
  const [most, least] = [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]];
  for (const bytes of [most, least]) expect(fits(BigInt(new Reader(Buffer.from(bytes)).signed()).toString())).toBe(true);
  expect(new Reader(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])).signed()).toBe(-1);
});
