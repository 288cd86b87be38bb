import { describe, expect, test } from 'vitest';
import { GROUPS, RESOURCES } from '../api/resources.ts';
import { parseRuntimeConfig, servedBy, type RuntimeConfig } from './runtime-config.ts';

const keys = async (config: RuntimeConfig): Promise<Set<string>> => new Set((await servedBy(config)).resources.map((r) => `${r.group}/${r.version}/${r.plural}`));

describe('what is served', () => {
  test('by default: what v1.36 serves', async () => {
    expect(await servedBy(undefined)).toEqual({ resources: RESOURCES, groups: GROUPS });
    expect((await servedBy({})).resources).toBe(RESOURCES);
  });
  test('everything', async () => {
    const { resources, groups } = await servedBy({ 'api/all': true });
    expect(resources.length).toBe(95);
    expect(groups.length).toBe(23);
    expect(groups.flatMap(({ versions }) => versions).length).toBe(36);
  });
  test('one version, and what it brings with it', async () => {
    const { resources, groups } = await servedBy({ 'resource.k8s.io/v1beta1': true });
    expect(resources.length).toBe(RESOURCES.length + 4);
    const group = groups.find((one) => one.group === 'resource.k8s.io')!;
    expect([group.preferred, group.versions.map(({ version }) => version)]).toEqual(['v1', ['v1', 'v1beta1']]);
  });
  test.each<[string, RuntimeConfig, string, boolean]>([
    ['betas', { 'api/beta': true }, 'storage.k8s.io/v1beta1/volumeattributesclasses', true],
    ['betas are not alphas', { 'api/beta': true }, 'resource.k8s.io/v1alpha3/devicetaintrules', false],
    ['a version counts more than its stage', { 'api/beta': true, 'storage.k8s.io/v1beta1': false }, 'storage.k8s.io/v1beta1/volumeattributesclasses', false],
    ['a resource counts more than its version', { 'resource.k8s.io/v1beta1': false, 'resource.k8s.io/v1beta1/deviceclasses': true }, 'resource.k8s.io/v1beta1/deviceclasses', true],
    ['a version that is on by default, off', { 'batch/v1': false }, 'batch/v1/jobs', false],
    ['all off but one', { 'api/all': false, v1: true }, '/v1/pods', true],
    ['all off but one: another', { 'api/all': false, 'api/v1': true }, 'apps/v1/deployments', false],
  ])('%s', async (_, config, resource, on) => {
    expect((await keys(config)).has(resource)).toBe(on);
  });
  test('a version that is preferred but off gives way', async () => {
    const { groups } = await servedBy({ 'networking.k8s.io/v1': false, 'networking.k8s.io/v1beta1': true });
    expect(groups.find(({ group }) => group === 'networking.k8s.io')!.preferred).toBe('v1beta1');
  });
  test.each<[RuntimeConfig, string]>([
    [{ 'nothing.example.com/v1': true }, 'unknown api groups nothing.example.com'],
    [{ 'apps/v7': true }, 'group version apps/v7 that has not been registered'],
    [{ v7: true }, 'group version v7 that has not been registered'],
    [{ 'apps/v1/nothing': true }, 'invalid key "apps/v1/nothing": apps/v1 has no resource "nothing"'],
    [{ 'api/all': false }, 'invalid key with only api/all=false'],
  ])('refused by name: %j', async (config, message) => {
    await expect(servedBy(config)).rejects.toThrow(message);
  });
});

test('the flag', () => {
  expect(parseRuntimeConfig('api/all=true, apps/v1=false,batch/v1')).toEqual({ 'api/all': true, 'apps/v1': false, 'batch/v1': true });
  expect(() => parseRuntimeConfig('api/all=maybe')).toThrow('invalid value of api/all=maybe');
});
