import { describe, expect, test } from 'vitest';
import { FieldPath } from '../../meta/field.ts';
import { validateCapacity } from './capacity.ts';
import type { CapacityRequestPolicy } from './types.ts';

const faults = (requestPolicy: CapacityRequestPolicy | undefined, shared = true): string[] => validateCapacity(new FieldPath('c'), { value: '10Gi', ...(requestPolicy ? { requestPolicy } : {}) }, shared).map(({ field, detail }) => `${field}: ${detail}`);
const P = 'c.requestPolicy';
const range = (validRange: Partial<CapacityRequestPolicy['validRange']>, usual: string | undefined = '2Gi') => ({ ...(usual === undefined ? {} : { default: usual }), validRange }) as CapacityRequestPolicy;

describe('how much may be asked for', () => {
  test.each<[string, CapacityRequestPolicy | undefined, string[]]>([
    ['no policy', undefined, []], ['an empty one', {}, []], ['only what is usual', { default: '1Gi' }, []],
    ['both', { default: '1Gi', validValues: ['1Gi'], validRange: { min: '1Gi' } }, [`${P}: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`]],
    ['values', { default: '1Gi', validValues: ['1Gi', '2Gi'] }, []],
    ['values and nothing usual', { validValues: ['1Gi'] }, [`${P}.default: Required value: required when validValues is defined`]],
    ['a usual amount that is none of them', { default: '3Gi', validValues: ['1Gi', '2Gi'] }, [`${P}.validValues: Invalid value: "3Gi": default value is not valid according to the requestPolicy`]],
    ['out of order', { default: '1Gi', validValues: ['2Gi', '1Gi'] }, [`${P}.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order`]],
    ['twice', { default: '1Gi', validValues: ['1Gi', '1024Mi'] }, [`${P}.validValues[1]: Duplicate value: "1073741824"`]],
    ['more than there is', { default: '1Gi', validValues: ['1Gi', '11Gi'] }, [`${P}.validValues[1]: Invalid value: "11Gi": option is larger than capacity value: 10Gi`]],
    ['too many', { default: '1', validValues: Array.from({ length: 11 }, (_, i) => String(i + 1)) }, [`${P}.validValues: Too many: 11: must have at most 10 items`]],
    ['a range', range({ min: '1Gi', max: '4Gi', step: '1Gi' }), []],
    ['a range and nothing usual', { validRange: { min: '1Gi' } }, [`${P}.default: Required value: required when validRange is defined`]],
    ['no least', range({}), [`${P}.validRange.min: Required value: required when validRange is defined`]],
    ['a least above all', range({ min: '11Gi' }, '12Gi'), [`${P}.validRange.min: Invalid value: "11Gi": min is larger than capacity value: 10Gi`]],
    ['usually less than the least', range({ min: '1Gi' }, '1Mi'), [`${P}.validRange.default: Invalid value: "1Mi": default is less than min: 1Gi`]],
    ['the least above the most', range({ min: '2Gi', max: '1Gi' }), [`${P}.validRange.max: Invalid value: "2Gi": min is larger than max: 1Gi`, `${P}.validRange.default: Invalid value: "2Gi": default is more than max: 1Gi`]],
    ['a most above all', range({ min: '1Gi', max: '11Gi' }), [`${P}.validRange.max: Invalid value: "11Gi": max is larger than capacity value: 10Gi`]],
    ['a step of nothing', range({ min: '1Gi', step: '0' }), [`${P}.validRange.step: Invalid value: "0": must be greater than zero`]],
    ['a step beyond', range({ min: '2Gi', step: '9Gi' }), [`${P}.validRange.step: Invalid value: "9Gi": one step 11Gi is larger than capacity value: 10Gi`]],
    ['between steps', range({ min: '1Gi', max: '4Gi', step: '2Gi' }), [`${P}.validRange.step: Invalid value: "2Gi": value is not a multiple of a given step (2Gi) from (1Gi)`, `${P}.validRange.step: Invalid value: "4Gi": value is not a multiple of a given step (2Gi) from (1Gi)`]],
  ])('%s', (_, policy, expected) => expect(faults(policy)).toEqual(expected));

  test('not of a device that one claim has alone', () => expect(faults({ default: '1Gi' }, false)).toEqual([`${P}: Forbidden: allowMultipleAllocations must be true`]));
});
