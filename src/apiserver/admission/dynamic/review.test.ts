import { describe, expect, test } from 'vitest';
import { readVerdict } from './review.ts';

const v1 = 'admission.k8s.io/v1';
const review = (response: object | undefined): object => ({ apiVersion: v1, kind: 'AdmissionReview', ...(response ? { response: { uid: 'u', allowed: true, ...response } } : {}) });
const patch = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const wrong = 'received invalid webhook response: ';
const undecodable = 'received undecodable patch in webhook response: ';

describe('the answer of a webhook', () => {
  test.each<[string, unknown, boolean, string]>([
    ['to another question', review({ uid: 'x' }), false, `${wrong}expected response.uid="u", got "x"`],
    ['without a response', review(undefined), false, `${wrong}webhook response was absent`],
    ['of no kind', { response: { uid: 'u', allowed: true } }, false, `${wrong}expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind=`],
    ['with a patch, of one that only looks', review({ patchType: 'JSONPatch', patch: patch([]) }), false, `${wrong}validating webhook may not return response.patch`],
    ['with the type of a patch, of one that only looks', review({ patchType: 'JSONPatch' }), false, `${wrong}validating webhook may not return response.patchType`],
    ['with a patch of no type', review({ patch: patch([]) }), true, `${wrong}webhook returned response.patch but not response.patchType`],
    ['with a type of no patch', review({ patchType: 'JSONPatch', patch: '' }), true, `${wrong}webhook returned response.patchType but not response.patch`],
    ['with an object for a patch', review({ patchType: 'JSONPatch', patch: patch({ a: 1 }) }), true, `${undecodable}json: cannot unmarshal object into Go value of type jsonpatch.Patch`],
    ['with an operation that is none', review({ patchType: 'JSONPatch', patch: patch([{ op: 'frob', path: '/spec' }]) }), true, `${undecodable}invalid operation {"op":"frob","path":"/spec"}: unsupported operation`],
  ])('%s', (_, answer, mutating, message) => expect(() => readVerdict(answer, v1, 'u', mutating)).toThrow(new Error(message)));

  test.each<[string, unknown, unknown]>([
    ['a patch', review({ patchType: 'JSONPatch', patch: patch([{ op: 'remove', path: '/a' }]) }), [{ op: 'remove', path: '/a' }]],
    ['a patch of nothing', review({ patchType: 'JSONPatch', patch: patch('null') }), undefined],
    ['none', review({}), undefined],
  ])('brings %s', (_, answer, wanted) => expect(readVerdict(answer, v1, 'u', true)).toMatchObject({ allowed: true, patch: wanted }));
});
