import { beforeAll, describe, expect, test } from 'vitest';
import type { Device, DeviceClass, DeviceRequest, ResourceClaim, ResourceSlice } from '../../api/resource/v1/types.ts';
import type { PodSpec } from '../../api/core/v1/types.ts';
import { NO_LOOKUPS, fakeNode, fakePod, fakeSnapshot } from '../fake-cluster.ts';
import { nodeResourcesFit } from '../plugins/node-resources-fit.ts';
import { allocate } from './allocate.ts';
import { Book } from './book.ts';
import { backedResources, extendedRequests } from './extended.ts';
import { Offers, Taken, poolsOf } from './pools.ts';
import { loadSelectors, selects } from './selectors.ts';

beforeAll(() => loadSelectors());

const DRIVER = 'gpu.example.com';
const gpu = (name: string, extra: Partial<Device> = {}): Device => ({ name, attributes: { model: { string: 'a100' }, index: { int: 1 }, driverVersion: { version: '1.2.3' } }, capacity: { memory: { value: '40Gi' } }, ...extra });
const slice = (node: string, devices: Device[], extra: Partial<ResourceSlice['spec']> = {}): ResourceSlice => ({
  metadata: { name: `slice-${node}` }, spec: { driver: DRIVER, pool: { name: node, generation: 1, resourceSliceCount: 1 }, nodeName: node, devices, ...extra },
});
const exactly = (name: string, extra: object = {}): DeviceRequest => ({ name, exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...extra } });
const claim = (name: string, requests: DeviceRequest[], devices: object = {}): ResourceClaim => ({ metadata: { name, namespace: 'default', uid: `claim-${name}` }, spec: { devices: { requests, ...devices } } });
const cel = (expression: string) => ({ selectors: [{ cel: { expression } }] });

const classes: Record<string, DeviceClass> = {
  gpu: { metadata: { name: 'gpu' }, spec: { ...cel(`device.driver == "${DRIVER}"`), config: [{ opaque: { driver: DRIVER, parameters: { mode: 'fast' } } }] } },
  nic: { metadata: { name: 'nic' }, spec: cel('device.driver == "nic.example.com"') },
};

/** What the claims get on node `n`: `request=device`, or undefined. */
function run(claims: ResourceClaim[], slices: ResourceSlice[], taken: (offers: Offers, counts: Taken) => void = () => undefined): string[][] | undefined {
  const node = fakeNode('n', { labels: { rack: 'r1' } });
  const [offers, counts] = [new Offers(slices), new Taken()];
  taken(offers, counts);
  const found = allocate({ node, claims, offers, taken: counts, classOf: (name) => classes[name], shareId: () => 'share' });
  return found?.map(({ devices }) => devices!.results!.map((result) => `${result.request}=${result.device}`));
}

describe('selectors', () => {
  const device = gpu('g', { allowMultipleAllocations: true });
  const rows: [string, string, boolean | string][] = [
    ['driver', `device.driver == "${DRIVER}"`, true],
    ['an attribute of the driver’s own domain', `device.attributes["${DRIVER}"].model == "a100"`, true],
    ['a number', `device.attributes["${DRIVER}"].index > 1`, false],
    ['a version', `device.attributes["${DRIVER}"].driverVersion.isGreaterThan(semver("1.2.0"))`, true],
    ['a capacity', `device.capacity["${DRIVER}"].memory.compareTo(quantity("30Gi")) >= 0`, true],
    ['a domain in which it has nothing', '"x" in device.attributes["other.example.com"]', false],
    ['shared devices', 'device.allowMultipleAllocations', true],
    ['an attribute that is not there', `device.attributes["${DRIVER}"].colour == "red"`, 'no such key: colour'],
    ['no boolean at all', 'device.nothing == 1', 'undefined field'],
  ];
  test.each(rows)('%s', (_name, expression, expected) => {
    if (typeof expected === 'string') expect(() => selects(expression, DRIVER, device)).toThrow(expected);
    else expect(selects(expression, DRIVER, device)).toBe(expected);
  });
});

describe('pools', () => {
  test('only complete ones of the newest generation count', () => {
    const at = (generation: number, resourceSliceCount: number) => ({ pool: { name: 'p', generation, resourceSliceCount } });
    expect([...poolsOf([slice('a', [gpu('old')], at(1, 1)), slice('b', [gpu('new')], at(2, 1))]).values()].map((pool) => pool.slices[0]!.spec.devices![0]!.name)).toEqual(['new']);
    expect(poolsOf([slice('a', [gpu('x')], at(2, 2))]).size).toBe(0);
  });
});

describe('allocation', () => {
  const two = [slice('n', [gpu('g1'), gpu('g2', { attributes: { model: { string: 'h100' } } })])];
  const take = (...names: string[]) => (offers: Offers, counts: Taken): void => {
    for (const offer of offers.on(fakeNode('n'))) if (names.includes(offer.device.name)) counts.take(offer, undefined, 1);
  };
  const rows: [string, ResourceClaim[], ResourceSlice[], ((offers: Offers, counts: Taken) => void) | undefined, string[][] | undefined][] = [
    ['the first that will do', [claim('c', [exactly('r')])], two, undefined, [['r=g1']]],
    ['one that is taken will not', [claim('c', [exactly('r')])], two, take('g1'), [['r=g2']]],
    ['none is left', [claim('c', [exactly('r')])], two, take('g1', 'g2'), undefined],
    ['a selector', [claim('c', [exactly('r', cel(`device.attributes["${DRIVER}"].model == "h100"`))])], two, undefined, [['r=g2']]],
    ['several', [claim('c', [exactly('r', { count: 2 })])], two, undefined, [['r=g1', 'r=g2']]],
    ['too many', [claim('c', [exactly('r', { count: 3 })])], two, undefined, undefined],
    ['two claims share what there is', [claim('a', [exactly('r')]), claim('b', [exactly('r')])], two, undefined, [['r=g1'], ['r=g2']]],
    ['a choice is taken back when it leaves nothing for another', [claim('c', [exactly('any'), exactly('one', cel(`device.attributes["${DRIVER}"].model == "a100"`))])], two, undefined, [['any=g2', 'one=g1']]],
    ['all of them', [claim('c', [exactly('r', { allocationMode: 'All', count: undefined })])], two, undefined, [['r=g1', 'r=g2']]],
    ['all, but one is taken', [claim('c', [exactly('r', { allocationMode: 'All' })])], two, take('g2'), undefined],
    ['for looking after devices, taken or not', [claim('c', [exactly('r', { adminAccess: true })])], two, take('g1'), [['r=g1']]],
    ['devices of another node', [claim('c', [exactly('r')])], [slice('other', [gpu('g')])], undefined, undefined],
    ['devices of all nodes', [claim('c', [exactly('r')])], [slice('x', [gpu('g')], { nodeName: undefined as never, allNodes: true })], undefined, [['r=g']]],
    ['devices of nodes by label', [claim('c', [exactly('r')])], [slice('x', [gpu('g')], { nodeName: undefined as never, nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'rack', operator: 'In', values: ['r1'] }] }] } })], undefined, [['r=g']]],
    ['a class of its own', [claim('c', [exactly('r', { deviceClassName: 'nic' })])], two, undefined, undefined],
    ['a taint', [claim('c', [exactly('r')])], [slice('n', [gpu('g', { taints: [{ key: 'broken', effect: 'NoSchedule' }] })])], undefined, undefined],
    ['a taint that is tolerated', [claim('c', [exactly('r', { tolerations: [{ key: 'broken', operator: 'Exists' }] })])], [slice('n', [gpu('g', { taints: [{ key: 'broken', effect: 'NoSchedule' }] })])], undefined, [['r=g']]],
    ['the first of a list', [claim('c', [{ name: 'r', firstAvailable: [{ name: 'nic', deviceClassName: 'nic' }, { name: 'gpu', deviceClassName: 'gpu', count: 2 }] }])], two, undefined, [['r/gpu=g1', 'r/gpu=g2']]],
    ['alike', [claim('c', [exactly('a'), exactly('b')], { constraints: [{ matchAttribute: `${DRIVER}/model` }] })], [slice('n', [gpu('g1'), gpu('x', { attributes: { model: { string: 'h100' } } }), gpu('g2')])], undefined, [['a=g1', 'b=g2']]],
    ['different', [claim('c', [exactly('a'), exactly('b')], { constraints: [{ distinctAttribute: `${DRIVER}/model` }] })], [slice('n', [gpu('g1'), gpu('g2'), gpu('x', { attributes: { model: { string: 'h100' } } })])], undefined, [['a=g1', 'b=x']]],
    ['enough capacity', [claim('c', [exactly('r', { capacity: { requests: { memory: '80Gi' } } })])], [slice('n', [gpu('small'), gpu('large', { capacity: { memory: { value: '80Gi' } } })])], undefined, [['r=large']]],
  ];
  test.each(rows)('%s', (_name, claims, slices, taken, expected) => expect(run(claims, slices, taken)).toEqual(expected));

  test('partitions of a device take from counters that they share', () => {
    const part = (name: string, memory: string): Device => gpu(name, { consumesCounters: [{ counterSet: 'gpu0', counters: { memory: { value: memory } } }] });
    const parted = slice('n', [part('whole', '40Gi'), part('half-1', '20Gi'), part('half-2', '20Gi')], { sharedCounters: [{ name: 'gpu0', counters: { memory: { value: '40Gi' } } }] });
    expect(run([claim('c', [exactly('r', { count: 2 })])], [parted])).toEqual([['r=half-1', 'r=half-2']]);
    expect(run([claim('c', [exactly('r', { count: 3 })])], [parted])).toBeUndefined();
    expect(run([claim('c', [exactly('r')])], [parted], take('half-1'))).toEqual([['r=half-2']]);
  });

  test('a device that several may share gives out its capacity bit by bit', () => {
    const shared = slice('n', [gpu('s', { allowMultipleAllocations: true, capacity: { memory: { value: '40Gi', requestPolicy: { default: '10Gi', validRange: { min: '8Gi', step: '8Gi' } } } } })]);
    const wants = (memory: string): ResourceClaim => claim(memory, [exactly('r', { capacity: { requests: { memory } } })]);
    const node = fakeNode('n');
    const counts = new Taken();
    const offers = new Offers([shared]);
    const give = (each: ResourceClaim) => allocate({ node, claims: [each], offers, taken: counts, classOf: (name) => classes[name], shareId: () => 'share' })?.[0];
    const first = give(wants('20Gi'))!;
    // Rounded up to a step.
    expect(first.devices!.results![0]).toMatchObject({ device: 's', shareID: 'share', consumedCapacity: { memory: String(24 * 2 ** 30) } });
    counts.count(first, () => offers.on(node)[0]);
    expect(give(wants('20Gi'))).toBeUndefined();
    expect(give(wants('16Gi'))).toBeDefined();
  });

  test('what a node has alone ties the claim to it, and settings come along', () => {
    const asked = claim('c', [exactly('r')], { config: [{ requests: ['r'], opaque: { driver: DRIVER, parameters: { mode: 'own' } } }, { requests: ['other'], opaque: { driver: DRIVER, parameters: {} } }] });
    const [result] = allocate({ node: fakeNode('n'), claims: [asked], offers: new Offers(two), taken: new Taken(), classOf: (name) => classes[name], shareId: () => '' })!;
    expect(result!.nodeSelector).toEqual({ nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }] });
    expect(result!.devices!.config).toEqual([
      { source: 'FromClass', requests: ['r'], opaque: { driver: DRIVER, parameters: { mode: 'fast' } } },
      { source: 'FromClaim', requests: ['r'], opaque: { driver: DRIVER, parameters: { mode: 'own' } } },
    ]);
  });

  test('the tally is as before, found or not', () => {
    const counts = new Taken();
    const offers = new Offers(two);
    for (const count of [1, 2, 3]) allocate({ node: fakeNode('n'), claims: [claim('c', [exactly('r', { count })])], offers, taken: counts, classOf: (name) => classes[name], shareId: () => '' });
    expect(offers.on(fakeNode('n')).map((offer) => counts.has(offer))).toEqual([false, false]);
  });
});

describe('what is taken', () => {
  const device = { request: 'r', driver: DRIVER, pool: 'n', device: 'g' };
  const held = (uid: string, allocated: boolean): ResourceClaim => ({ metadata: { name: uid, namespace: 'default', uid }, spec: {}, ...(allocated ? { status: { allocation: { devices: { results: [device] } } } } : {}) });
  test('follows claims that come, change and go, and what is on its way', () => {
    const book = new Book();
    let slices = [slice('n', [gpu('g')])];
    const isTaken = (claims: ResourceClaim[]): boolean => {
      const { offers, taken } = book.read({ ...NO_LOOKUPS, resourceClaims: () => claims, resourceSlices: () => slices });
      return taken.has(offers.on(fakeNode('n'))[0]!);
    };
    const allocated = held('a', true);
    expect([isTaken([]), isTaken([allocated]), isTaken([allocated]), isTaken([held('a', false)]), isTaken([held('a', true)]), isTaken([])]).toEqual([false, true, true, false, true, false]);
    const open = held('b', false);
    book.promise(open, allocated.status!.allocation!);
    expect([isTaken([open]), isTaken([])]).toEqual([true, true]);
    // Shown by the API, it is the API's to end.
    expect([isTaken([held('b', true)]), isTaken([open])]).toEqual([true, false]);
    book.promise(open, allocated.status!.allocation!);
    book.takeBack(open);
    expect([isTaken([open]), isTaken([held('a', true)])]).toEqual([false, true]);
    // Other slices, the same claims.
    slices = [slice('n', [gpu('g'), gpu('h')])];
    expect([isTaken([held('a', true)]), isTaken([])]).toEqual([true, false]);
  });
});

describe('extended resources', () => {
  const container = (name: string, amount: number, extra: object = {}) => ({ name, image: 'app', resources: { requests: { cpu: '1', 'example.com/gpu': String(amount) } }, ...extra });
  const rows: [string, Partial<PodSpec>, string[], string[]][] = [
    ['containers side by side', { containers: [container('a', 1), container('b', 2)] }, ['container-0-request-1 1', 'container-1-request-1 2'], ['a container-0-request-1', 'b container-1-request-1']],
    ['an init container uses what starts after it', { initContainers: [container('i', 2)], containers: [container('a', 1), container('b', 1)] }, ['container-1-request-1 1', 'container-2-request-1 1'], ['i container-1-request-1', 'i container-2-request-1', 'a container-1-request-1', 'b container-2-request-1']],
    ['and asks for what is missing', { initContainers: [container('i', 3)], containers: [container('a', 1)] }, ['container-1-request-1 1', 'container-0-request-1 2'], ['i container-1-request-1', 'i container-0-request-1', 'a container-1-request-1']],
    ['init containers use each other’s', { initContainers: [container('i', 2), container('j', 3)], containers: [container('a', 0)] }, ['container-0-request-1 2', 'container-1-request-1 1'], ['i container-0-request-1', 'j container-0-request-1', 'j container-1-request-1']],
    ['a sidecar keeps its own, and one before it does not wait for the other', { initContainers: [container('s', 1, { restartPolicy: 'Always' }), container('i', 1)], containers: [container('a', 0)] }, ['container-0-request-1 1', 'container-1-request-1 1'], ['s container-0-request-1', 'i container-1-request-1']],
  ];
  test.each(rows)('%s', (_name, spec, requests, mappings) => {
    const found = extendedRequests(fakePod('p', spec), new Map([['example.com/gpu', 'gpu']]));
    expect(found.requests.map(({ name, exactly: wanted }) => `${name} ${wanted!.count}`)).toEqual(requests);
    expect(found.mappings.map((each) => `${each.containerName} ${each.requestName}`)).toEqual(mappings);
  });

  const called = (name: string, extendedResourceName?: string, creationTimestamp = '2030-01-01T00:00:00Z'): DeviceClass => ({ metadata: { name, creationTimestamp }, spec: extendedResourceName ? { extendedResourceName } : {} });
  test.each([
    ['no class', [called('a')], []],
    ['a class', [called('a', 'example.com/gpu')], [['example.com/gpu', 'a']]],
    ['of two classes the later made', [called('a', 'example.com/gpu'), called('b', 'example.com/gpu', '2030-01-02T00:00:00Z')], [['example.com/gpu', 'b']]],
    ['of two made together the first by name', [called('b', 'example.com/gpu'), called('a', 'example.com/gpu')], [['example.com/gpu', 'a']]],
  ])('which class stands for a resource: %s', (_name, all, expected) => {
    const cycle = fakeSnapshot([]).cycle(fakePod('p', { requests: { 'example.com/gpu': '1' } }), { deviceClasses: () => all });
    expect([...backedResources(cycle)]).toEqual(expected);
  });

  test('a node that has the resource itself is asked for it, others are left to drivers', () => {
    const { cycle, node } = fakeSnapshot([fakeNode('own', { extra: { 'example.com/gpu': '1' } }), fakeNode('none')], [fakePod('there', { requests: { 'example.com/gpu': '1' }, nodeName: 'own' })]);
    const run = cycle(fakePod('p', { requests: { 'example.com/gpu': '1' } }), { deviceClasses: () => [called('a', 'example.com/gpu')] });
    expect(['own', 'none'].map((name) => nodeResourcesFit.filter!(run, node(name))?.reasons[0])).toEqual(['Insufficient example.com/gpu', undefined]);
    expect(nodeResourcesFit.filter!(cycle(fakePod('p', { requests: { 'example.com/gpu': '1' } })), node('none'))?.reasons).toEqual(['Insufficient example.com/gpu']);
  });
});
