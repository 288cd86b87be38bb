/** Expressions that select devices are compiled when they are written, and left alone when they are there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeviceClasses, ResourceClaims, ResourceClaimTemplates, ResourceSlices } from '../../api/resources.ts';
import { FieldPath } from '../../api/meta/field.ts';
import { StatusError } from '../../api/meta/status.ts';
import { useSelectorCompiler } from '../../api/resource/v1/selector-hook.ts';
import type { DeviceClass } from '../../api/resource/v1/types.ts';
import { validateClaimSpec, validateDeviceClass } from '../../api/resource/v1/validation.ts';
import { createClient } from '../../client/index.ts';
import type { Client } from '../../client/types.ts';
import { nodeHost } from '../../host/node/index.ts';
import { memoryBackend } from '../../store/memory.ts';
import { createApiServer, loopbackUser, type ApiServer } from '../server.ts';
import { deviceSelectorFault } from './dynamic/device-selectors.ts';

let server: ApiServer;
let client: Client;
beforeAll(async () => {
  server = await createApiServer({ host: nodeHost({ logLevel: 'silent' }), backend: memoryBackend(), version: '0.0.0', serviceCidr: '10.96.0.0/16', authentication: {} });
  await server.start();
  await server.ready();
  client = createClient(server.transport(loopbackUser));
});
afterAll(() => server.stop());

const selector = (expression: string) => [{ cel: { expression } }];
const claimOf = (expression: string) => ({ devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'c', allocationMode: 'ExactCount' as const, count: 1, selectors: selector(expression) } }] } });

async function refusal(write: Promise<unknown>): Promise<string> {
  return write.then(() => 'no refusal', (error: unknown) => (error instanceof StatusError || error instanceof Error ? error.message : String(error)));
}

describe('an expression', () => {
  test.each([
    'true', 'device.driver == "gpu.example.com"', 'device.attributes["gpu.example.com"].model == "x"', 'device.attributes["gpu.example.com"].flag', 'device.capacity["gpu.example.com"].memory.compareTo(quantity("1Gi")) >= 0',
    'cel.bind(a, device.attributes["x.io"], a.one && a.two)', 'device.attributes["x.io"].version.isGreaterThan(semver("1.0.0"))', 'device.allowMultipleAllocations', 'device.attributes["x.io"].exists(k, k == "a")',
  ])('%s', (expression) => expect(deviceSelectorFault(expression)).toBeUndefined());

  test.each([
    ['device.driver', 'must evaluate to bool or the unknown type, not string'], ['1 +', 'compilation failed: ERROR: <input>:1:4: '], ['nothing', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'nothing'"], ['device.nothing', "compilation failed: ERROR: <input>:1:7: undefined field 'nothing'"],
  ])('%s', (expression, text) => {
    const fault = deviceSelectorFault(expression);
    expect(fault).toMatchObject({ kind: 'invalid' });
    expect((fault as { text: string }).text.startsWith(text), JSON.stringify(fault)).toBe(true);
  });

  test('may not cost too much', () => expect(deviceSelectorFault('device.attributes["a.io"].all(a, device.attributes["b.io"].all(b, device.attributes["c.io"].all(c, device.attributes["d.io"].all(d, a == b && c == d))))')).toEqual({ kind: 'costly' }));
});

describe('is compiled in', () => {
  test('a class', async () => {
    const classes = client.of(DeviceClasses);
    expect(await refusal(classes.create({ metadata: { name: 'a' }, spec: { selectors: selector('device.driver') } }))).toBe('DeviceClass.resource.k8s.io "a" is invalid: spec.selectors[0].cel.expression: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string');
    await classes.create({ metadata: { name: 'a' }, spec: { selectors: selector('true') } });
  });

  test('a claim and a template', async () => {
    const at = 'exactly.selectors[0].cel.expression: Invalid value: "1": must evaluate to bool or the unknown type, not int';
    expect(await refusal(client.of(ResourceClaims).inNamespace('default').create({ metadata: { name: 'a' }, spec: claimOf('1') }))).toBe(`ResourceClaim.resource.k8s.io "a" is invalid: spec.devices.requests[0].${at}`);
    expect(await refusal(client.of(ResourceClaimTemplates).inNamespace('default').create({ metadata: { name: 'a' }, spec: { spec: claimOf('1') } }))).toBe(`ResourceClaimTemplate.resource.k8s.io "a" is invalid: spec.spec.devices.requests[0].${at}`);
  });
});

test('what is stored is not judged again', async () => {
  // As if rules had become stricter since.
  useSelectorCompiler(() => ({ kind: 'costly' }));
  const stored = { metadata: { name: 'a' }, spec: { selectors: selector('true') } } as DeviceClass;
  const at = 'spec.selectors[0].cel.expression';
  expect(validateDeviceClass(stored, structuredClone(stored))).toEqual([]);
  expect(validateDeviceClass(stored)).toMatchObject([{ field: at, detail: 'Forbidden: too complex, exceeds cost limit' }]);
  expect(validateDeviceClass({ ...stored, spec: { selectors: [...selector('true'), ...selector('true')] } }, stored).map(({ field }) => field)).toEqual([at, at.replace('0', '1')]);
  expect([validateClaimSpec(new FieldPath('spec'), claimOf('true'), true).length, validateClaimSpec(new FieldPath('spec'), claimOf('true'), false).length]).toEqual([0, 1]);
  // Labels may change whatever the expression.
  const claims = client.of(ResourceClaims).inNamespace('default');
  const claim = await claims.create({ metadata: { name: 'b' }, spec: claimOf('true') });
  expect((await claims.update({ ...claim, metadata: { ...claim.metadata, labels: { a: 'b' } } })).metadata.labels).toEqual({ a: 'b' });
});

test("a slice's capacity is judged when it changes", async () => {
  const slices = client.of(ResourceSlices);
  const device = (requestPolicy: object, shared = true) => ({ name: 'd', ...(shared ? { allowMultipleAllocations: true } : {}), capacity: { memory: { value: '4Gi', requestPolicy } } });
  const slice = (...devices: ReturnType<typeof device>[]) => ({ metadata: { name: 's' }, spec: { driver: 'a.io', nodeName: 'n', pool: { name: 'n', generation: 1, resourceSliceCount: 1 }, devices } });
  const at = 'ResourceSlice.resource.k8s.io "s" is invalid: spec.devices[0].capacity[memory].requestPolicy';
  expect(await refusal(slices.create(slice(device({ default: '1Gi' }, false))))).toBe(`${at}: Forbidden: allowMultipleAllocations must be true`);
  expect(await refusal(slices.create(slice(device({ validValues: ['1Gi'] }))))).toBe(`${at}.default: Required value: required when validValues is defined`);
  const made = await slices.create(slice(device({ default: '1Gi', validValues: ['1Gi', '2Gi'] })));
  expect(await refusal(slices.update({ ...made, spec: { ...made.spec, devices: [device({ default: '8Gi', validValues: ['8Gi'] })] } }))).toBe(`${at}.validValues[0]: Invalid value: "8Gi": option is larger than capacity value: 4Gi`);
});
