import { describe, expect, test } from 'vitest';
import type { Node, Pod, Taint, Toleration } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { tolerates } from '../../api/core/v1/scheduling-terms.ts';
import { startTaintEviction } from './controller.ts';
import { decideEviction } from './decide.ts';

const taint = (key: string, effect = 'NoExecute', value?: string): Taint => ({ key, effect, ...(value === undefined ? {} : { value }) });
const pod = (name: string, tolerations: Toleration[] = []): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'x', uid: name }, spec: { containers: [], nodeName: 'n', tolerations } });
const node = (...taints: Taint[]): Node => ({ metadata: { name: 'n' }, spec: { taints } });
const exists = (key: string, tolerationSeconds?: number): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds });

describe('tolerations', () => {
  const rows: [string, Toleration, Taint, boolean][] = [
    ['all', { operator: 'Exists' }, taint('a', 'NoSchedule', 'v'), true],
    ['key exists', { key: 'a', operator: 'Exists' }, taint('a', 'NoExecute', 'v'), true],
    ['another key', { key: 'b', operator: 'Exists' }, taint('a'), false],
    ['another effect', { key: 'a', operator: 'Exists', effect: 'NoSchedule' }, taint('a'), false],
    ['equal by default', { key: 'a', value: 'v' }, taint('a', 'NoExecute', 'v'), true],
    ['another value', { key: 'a', value: 'w' }, taint('a', 'NoExecute', 'v'), false],
    ['no value, no value', { key: 'a' }, taint('a'), true],
    ['greater', { key: 'a', operator: 'Gt', value: '5' }, taint('a', 'NoExecute', '6'), true],
    ['not greater', { key: 'a', operator: 'Gt', value: '6' }, taint('a', 'NoExecute', '6'), false],
    ['less', { key: 'a', operator: 'Lt', value: '5' }, taint('a', 'NoExecute', '-6'), true],
    ['not a number', { key: 'a', operator: 'Lt', value: '5' }, taint('a', 'NoExecute', 'x'), false],
  ];
  test.each(rows)('%s', (_name, toleration, of, expected) => {
    expect(tolerates(toleration, of)).toBe(expected);
  });
});

describe('taint eviction', () => {
  const rows: [string, Toleration[], Taint[], unknown][] = [
    ['no taint', [], [], { evict: 'never' }],
    ['a taint that only keeps new pods away', [], [taint('a', 'NoSchedule')], { evict: 'never' }],
    ['not tolerated', [], [taint('a')], { evict: 'now' }],
    ['tolerated for ever', [exists('a')], [taint('a')], { evict: 'never' }],
    ['tolerated for a time', [exists('a', 300)], [taint('a')], { evict: 'later', atMs: 300_000 }],
    ['the shortest time counts', [exists('a', 300), exists('b', 60)], [taint('a'), taint('b')], { evict: 'later', atMs: 60_000 }],
    ['of two for one taint the first counts', [exists('a'), exists('a', 60)], [taint('a')], { evict: 'never' }],
    ['whichever it is', [exists('a', 60), exists('a')], [taint('a')], { evict: 'later', atMs: 60_000 }],
    ['one of two not tolerated', [exists('a', 300)], [taint('a'), taint('b')], { evict: 'now' }],
    ['no time at all', [exists('a', 0)], [taint('a')], { evict: 'now' }],
    ['a negative time', [exists('a', -5)], [taint('a')], { evict: 'now' }],
    ['the time is used up', [exists('a', 1)], [taint('a')], { evict: 'now' }],
  ];
  test.each(rows)('decides: %s', (_name, tolerations, taints, expected) => {
    expect(decideEviction({ pod: pod('p', tolerations), taints, sinceMs: 0 }, 1_000)).toEqual(expected);
  });

  function setUp() {
    const host = virtualHost({ seed: 'taints', settle: turn });
    const context = fakeContext(host);
    context.api.put('nodes', node());
    context.run(startTaintEviction);
    return { host, context, names: () => context.api.objects('pods').map((each) => each.metadata.name) };
  }

  test('removes at once what does not tolerate, later what does for a time', async () => {
    const { host, context, names } = setUp();
    for (const each of [pod('frail'), pod('patient', [exists('a', 300)]), pod('tough', [exists('a')])]) context.api.put('pods', each);
    await host.clock.advance(1_000);
    expect(names()).toEqual(['frail', 'patient', 'tough']);
    context.api.put('nodes', node(taint('a')));
    await host.clock.advance(1_000);
    expect(names()).toEqual(['patient', 'tough']);
    await host.clock.advance(298_000);
    expect(names()).toEqual(['patient', 'tough']);
    await host.clock.advance(2_000);
    expect(names()).toEqual(['tough']);
    expect(context.eventReasons()).toEqual(['Normal TaintManagerEviction frail', 'Normal TaintManagerEviction patient']);
    await context.stop();
  });

  test('a taint that goes in time cancels, and a new one begins a new time', async () => {
    const { host, context, names } = setUp();
    context.api.put('pods', pod('patient', [exists('a', 100)]));
    context.api.put('nodes', node(taint('a')));
    await host.clock.advance(60_000);
    context.api.put('nodes', node());
    await host.clock.advance(1_000);
    context.api.put('nodes', node(taint('a')));
    await host.clock.advance(60_000);
    expect(names()).toEqual(['patient']);
    await host.clock.advance(41_000);
    expect(names()).toEqual([]);
    expect(context.api.objects('events').map((event) => (event as { message?: string }).message)).toEqual(['Cancelling deletion of Pod x/patient', 'Marking for deletion Pod x/patient']);
    await context.stop();
  });

  test('a pod that comes to a tainted node is looked at; so is one whose tolerations change', async () => {
    const { host, context, names } = setUp();
    context.api.put('nodes', node(taint('a')));
    context.api.put('pods', pod('patient', [exists('a', 1_000)]));
    await host.clock.advance(1_000);
    context.api.put('pods', { ...pod('patient', [exists('a', 10)]) });
    await host.clock.advance(8_000);
    expect(names()).toEqual(['patient']);
    await host.clock.advance(2_000);
    expect(names()).toEqual([]);
    await context.stop();
  });
});
