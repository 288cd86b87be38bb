/** The words and places of errors of devices: what is said once, what hides what, and what an update is judged by. */
import { describe, expect, test } from 'vitest';
import type { Loose } from '../../strategies.fixture.ts';
import { refusals, updated, updateRefusals } from '../../strategies.fixture.ts';

const CLAIM = 'resource.k8s.io/ResourceClaim';
const SLICE = 'resource.k8s.io/ResourceSlice';
const CLASS = 'resource.k8s.io/DeviceClass';
const NO_LABEL = /: Invalid value: "[^"]*": a lowercase RFC 1123 label must consist of /;
const UNKNOWN = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
const UID = '6f1b8d5e-1c9a-4d57-9f0f-5a8f2a0f9b11';

const exactly = (o: Loose): Loose => o.spec.devices.requests[0].exactly;
const constraint = (requests: string[], rest: object): object => ({ requests, ...rest });
const opaque = (parameters: unknown): object => ({ opaque: { driver: 'gpus.example.com', parameters } });
const device = (o: Loose): Loose => o.spec.devices[0];
const long = 'x'.repeat(64);

type Row = [name: string, key: string, change: (o: Loose) => void, expected: unknown[]];
const at = (path: string, form: RegExp): unknown => expect.stringMatching(new RegExp(`^${path.replaceAll(/[[\].]/g, '\\$&')}${form.source}`));

describe('a new', () => {
  const claims: Row[] = [
    ['request of both sorts', CLAIM, (c) => { c.spec.devices.requests[0].firstAvailable = [{ name: 'a', deviceClassName: 'b' }]; }, ['spec.devices.requests[0]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set']],
    ['request without a name', CLAIM, (c) => { c.spec.devices.requests[0].name = ''; }, [at('spec.devices.requests[0].name', NO_LABEL)]],
    ['way to allocate that is not known', CLAIM, (c) => { exactly(c).allocationMode = 'Some'; }, ['spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"']],
    ['list that is too long, and nothing else of it', CLAIM, (c) => { c.spec.devices.constraints = Array.from({ length: 33 }, () => constraint(['nothing'], {})); }, ['spec.devices.constraints: Too many: 33: must have at most 32 items']],
    ['request named twice', CLAIM, (c) => { c.spec.devices.requests.push(structuredClone(c.spec.devices.requests[0])); }, ['spec.devices.requests[1]: Duplicate value: "gpu"']],
    ['reference to nothing', CLAIM, (c) => { c.spec.devices.constraints = [constraint(['x'], { matchAttribute: 'a.b/c' })]; }, [`spec.devices.constraints[0].requests[0]: Invalid value: "x": ${UNKNOWN}`]],
    ['reference of no form', CLAIM, (c) => { c.spec.devices.constraints = [constraint(['gpu/', 'a/b/c'], { matchAttribute: 'a.b/c' })]; }, [
      at('spec.devices.constraints[0].requests[0]', NO_LABEL), `spec.devices.constraints[0].requests[0]: Invalid value: "gpu/": ${UNKNOWN}`, `spec.devices.constraints[0].requests[1]: Invalid value: "a/b/c": ${UNKNOWN}`,
    ]],
    ['constraint on nothing', CLAIM, (c) => { c.spec.devices.constraints = [{}]; }, ['spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set']],
    ['attribute without a domain', CLAIM, (c) => { c.spec.devices.constraints = [{ matchAttribute: 'model' }]; }, ['spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash']],
    ['attribute of half a name', CLAIM, (c) => { c.spec.devices.constraints = [{ distinctAttribute: '/' }]; }, ['spec.devices.constraints[0].distinctAttribute: Invalid value: "": the domain must not be empty', 'spec.devices.constraints[0].distinctAttribute: Invalid value: "": the name must not be empty']],
    ['configuration of nothing', CLAIM, (c) => { c.spec.devices.config = [{}]; }, ['spec.devices.config[0].opaque: Required value']],
    ['parameter that is no object', CLAIM, (c) => { c.spec.devices.config = [opaque([1])]; }, ['spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object']],
    ['toleration of an unknown sort', CLAIM, (c) => { exactly(c).tolerations = [{ key: 'a', operator: 'Like', effect: 'Never' }]; }, [
      'spec.devices.requests[0].exactly.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"', 'spec.devices.requests[0].exactly.tolerations[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "None"',
    ]],
    ['name for a class that is no extended resource', CLASS, (c) => { c.spec.extendedResourceName = 'gpu'; }, ['spec.extendedResourceName: Invalid value: "gpu": must be a valid extended resource name']],
  ];
  const slices: Row[] = [
    ['device on no node', SLICE, (s) => { s.spec.nodeName = ''; }, ['spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string', 'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required']],
    ['slice on one node and on all', SLICE, (s) => { s.spec.allNodes = true; }, ['spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set']],
    ['slice that says no', SLICE, (s) => { Object.assign(s.spec, { allNodes: false, perDeviceNodeSelection: false }); }, ['spec.allNodes: Invalid value: false: must be either unset or set to true', 'spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true']],
    ['slice of counters and devices', SLICE, (s) => { s.spec.sharedCounters = [{ name: 'a', counters: { b: { value: '1' } } }]; }, ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed']],
    ['use of counters of another slice', SLICE, (s) => { device(s).consumesCounters = [{ counterSet: 'a', counters: { b: { value: '1' } } }]; }, []],
    ['set that is used twice', SLICE, (s) => { device(s).consumesCounters = [{ counterSet: 'a', counters: { b: { value: '1' } } }, { counterSet: 'a', counters: { c: { value: '1' } } }]; }, ['spec.devices[0].consumesCounters[1]: Duplicate value: "a"']],
    ['attribute of nothing', SLICE, (s) => { device(s).attributes = { a: {} }; }, ['spec.devices[0].attributes[a]: Invalid value: "": exactly one value must be specified']],
    ['attribute of two values', SLICE, (s) => { device(s).attributes = { a: { string: long + long, bool: true } }; }, ['spec.devices[0].attributes[a].string: Too long: may not be more than 64 bytes', at('spec.devices[0].attributes[a]', /: Invalid value: .*: exactly one value must be specified$/)]],
    ['version that is none', SLICE, (s) => { device(s).attributes = { a: { version: '1.2' }, b: { version: '1.2.3-01' }, c: { version: '1.2.3-a.b+1' } }; }, [
      'spec.devices[0].attributes[a].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0', 'spec.devices[0].attributes[b].version: Invalid value: "1.2.3-01": must be a string compatible with semver.org spec 2.0.0',
    ]],
    ['key that is too long', SLICE, (s) => { device(s).attributes = { [`${long}/${long}`]: {} }; }, [
      'spec.devices[0].attributes: Too long: may not be more than 63 bytes', 'spec.devices[0].attributes: Too long: may not be more than 32 bytes', at(`spec.devices[0].attributes[${'x'.repeat(47)}...${'x'.repeat(46)}]`, /: Invalid value: "": exactly one value must be specified$/),
    ]],
    ['place of a device that its slice has said', SLICE, (s) => { device(s).allNodes = true; }, ['spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec']],
    ['conditions without the others', SLICE, (s) => { device(s).bindingConditions = ['a', 'a']; }, ['spec.devices[0].bindingConditions[1]: Duplicate value: "a"', 'spec.devices[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions']],
    ['devices by the hundred', SLICE, (s) => { s.spec.devices = Array.from({ length: 65 }, (_, i) => ({ name: `gpu-${i}`, ...(i === 0 ? { taints: [{ key: 'a', effect: 'None' }] } : {}) })); }, ['spec.devices: Too many: 65: must have at most 64 items']],
  ];
  test.each([...claims, ...slices])('%s', (_name, key, change, expected) => expect(refusals(key, change)).toEqual(expected));
});

describe('a change of', () => {
  const result = { request: 'gpu', driver: 'gpus.example.com', pool: 'node-1', device: 'gpu-0' };
  const status = (rest: object): { subresource: string; stored: (c: Loose) => void } => ({ subresource: 'status', stored: (c) => { c.status = { allocation: { devices: { results: [result] } }, ...rest }; } });
  test.each<[name: string, change: (o: Loose) => void, expected: unknown[], options?: object]>([
    ['what is asked for is told of alone', (c) => { c.spec.devices.requests[0].name = 'A/B'; }, [at('spec', /: Invalid value: .*: field is immutable$/)]],
    ['an allocation', (c) => { c.status.allocation.devices.results[0].driver = '/'; }, [at('status.allocation', /: Invalid value: .*: field is immutable$/)], status({})],
    ['who uses a claim without devices', (c) => { c.status = { reservedFor: [{ resource: 'pods', name: 'a', uid: UID }, { resource: 'pods', name: 'b', uid: UID }] }; }, [`status.reservedFor[1]: Duplicate value: "${UID}"`, 'status.reservedFor: Forbidden: may not be specified when `allocated` is not set'], { subresource: 'status' }],
    ['who uses a claim that goes', (c) => { c.status.reservedFor = [{ resource: 'pods', name: 'a', uid: UID }]; }, ['status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'], {
      subresource: 'status', stored: (c: Loose) => { Object.assign(c, { status: { allocation: { devices: { results: [result] } } } }); Object.assign(c.metadata, { deletionTimestamp: '2026-03-01T12:00:00Z', finalizers: ['a.b/c'] }); },
    }],
    ['a device that was not given', (c) => { c.status.devices = [{ ...result, request: undefined, device: 'gpu-1' }]; }, [at('status.devices[0]', /: Invalid value: .*: must be an allocated device in the claim$/)], status({})],
    ['a share', (c) => { c.status.allocation = { devices: { results: ['a', UID.toUpperCase(), UID.replaceAll('-', ''), `urn:uuib:${UID}`].map((shareID) => ({ ...result, shareID })) } }; }, [
      'status.allocation.devices.results[0].shareID: Invalid value: "a": error validating uid: invalid UUID length: 1',
      ...[UID.toUpperCase(), UID.replaceAll('-', '')].map((id, i) => `status.allocation.devices.results[${i + 1}].shareID: Invalid value: "${id}": uid must be in RFC 4122 normalized form, \`xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\` with lowercase hexadecimal characters`),
      `status.allocation.devices.results[3].shareID: Invalid value: "urn:uuib:${UID}": error validating uid: invalid urn prefix: "urn:uuib:"`,
    ], { subresource: 'status' }],
  ])('%s', (_name, change, expected, options) => expect(updateRefusals(CLAIM, change, options)).toEqual(expected));

  test('a slice drops what features add that are off, unless it has it already', () => {
    const add = (s: Loose): void => { device(s).attributes = { a: { ints: [1] } }; device(s).nodeAllocatableResourceMappings = { cpu: {} }; };
    expect(updated(SLICE, add).next.spec.devices).toEqual([{ name: 'gpu-0', attributes: { a: {} } }]);
    expect(updated(SLICE, () => undefined, { stored: add }).next.spec.devices).toEqual([{ name: 'gpu-0', attributes: { a: { ints: [1] } }, nodeAllocatableResourceMappings: { cpu: {} } }]);
  });
});
