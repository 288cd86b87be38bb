import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node } from '../../api/core/v1/types.ts';
import { turn } from '../../host/node/turn.ts';
import { virtualHost } from '../../simulate/virtual-host.ts';
import { fakeContext } from '../fake-context.ts';
import { startNodeIpam } from './controller.ts';
import { decideIpam, parseRanges } from './decide.ts';

const node = (name: string, podCIDRs?: string[]): Node => ({ metadata: { name }, spec: podCIDRs ? { podCIDR: podCIDRs[0], podCIDRs } : {} });

describe('node IPAM', () => {
  const decide = (nodes: Node[], text: string, mask: number | undefined, reserved: string[] = [], cursors = [0, 0]) => {
    const decision = decideIpam({ nodes, ranges: parseRanges(text, { ipv4: mask }), reserved, pending: new Map(), cursors });
    return { assign: decision.assign.map((each) => [each.node.metadata.name, ...each.podCIDRs]), exhausted: decision.exhausted.map((each) => each.metadata.name) };
  };
  const rows: [string, ReturnType<typeof decide>, ReturnType<typeof decide>][] = [
    ['one share a node, in the order of names', decide([node('b'), node('a')], '10.244.0.0/16', 24), { assign: [['a', '10.244.0.0/24'], ['b', '10.244.1.0/24']], exhausted: [] }],
    ['what is taken stays taken, also by a larger range', decide([node('a'), node('b', ['10.244.0.0/23'])], '10.244.0.0/16', 24), { assign: [['a', '10.244.2.0/24']], exhausted: [] }],
    ['the service range is left out', decide([node('a')], '10.0.0.0/8', 16, ['10.0.0.0/15']), { assign: [['a', '10.2.0.0/16']], exhausted: [] }],
    ['two families', decide([node('a')], '10.244.0.0/16,fd00:10::/56', undefined), { assign: [['a', '10.244.0.0/24', 'fd00:10::/64']], exhausted: [] }],
    ['no share left', decide([node('a'), node('b')], '10.244.0.0/24', 24), { assign: [['a', '10.244.0.0/24']], exhausted: ['b'] }],
    ['the search goes on where it stopped', decide([node('a')], '10.244.0.0/16', 24, [], [255, 0]), { assign: [['a', '10.244.255.0/24']], exhausted: [] }],
    ['and begins anew at the end', decide([node('a'), node('b')], '10.244.0.0/16', 24, [], [255, 0]), { assign: [['a', '10.244.255.0/24'], ['b', '10.244.0.0/24']], exhausted: [] }],
  ];
  test.each(rows)('decides: %s', (_name, got, expected) => {
    expect(got).toEqual(expected);
  });

  test('settings that cannot work are refused', () => {
    expect(() => parseRanges('10.244.0.0', { ipv4: 24 })).toThrow('is not a CIDR');
    expect(() => parseRanges('10.244.0.0/16', { ipv4: 8 })).toThrow('does not fit');
    expect(() => parseRanges('10.0.0.0/8', { ipv4: 30 })).toThrow('more than 65536 shares');
  });

  test('shares never overlap, whatever comes and goes', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 20 })), { maxLength: 60 }), async (steps) => {
      const host = virtualHost({ seed: 'ipam', settle: turn });
      const context = fakeContext(host, { clusterCidr: '10.244.0.0/20', nodeCidrMaskSize: 24 });
      context.run(startNodeIpam);
      for (const [add, which] of steps) {
        if (!add) context.api.remove('nodes', `n${which}`);
        else if (!context.api.object('nodes', `n${which}`)) context.api.put('nodes', node(`n${which}`));
        await host.clock.advance(10);
        const cidrs = context.api.objects<Node>('nodes').flatMap((each) => each.spec?.podCIDRs ?? []);
        expect(new Set(cidrs).size).toBe(cidrs.length);
        expect(cidrs).toHaveLength(Math.min(16, context.api.objects('nodes').length));
      }
      await context.stop();
    }), { numRuns: 40, interruptAfterTimeLimit: 8_000, verbose: 1 });
  });
});
