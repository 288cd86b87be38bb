/** The scheduler's benchmark against upstream's list of workloads: every one that has a threshold is there, at its size and with its threshold. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WORKLOADS } from '../../bench/scheduler-workloads.ts';

const FACTS = '../shared/k8s-api/scheduler.json';

interface Fact { name: string; workloads: { name: string; params: Record<string, number>; threshold?: number | Record<string, number>; featureGates?: Record<string, boolean>; labels?: string[] }[] }

const cases = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { perf: Fact[] }).perf : [];
if (cases.length === 0) process.stderr.write(`SKIPPED: workloads against upstream's list, which is not there (${FACTS})\n`);

/** Upstream measures most workloads twice, with and without queueing hints; hints are always on here. */
const baseName = (name: string): string => name.replace(/_(QueueingHintsEnabled|AsyncPreemptionEnabled|AsyncAPICallsEnabled)$/, '');
const thresholdOf = (threshold: number | Record<string, number> | undefined): number | undefined => (typeof threshold === 'object' ? Object.values(threshold)[0] : threshold);

test.skipIf(cases.length === 0)('workloads with thresholds are there, with nodes, pods and threshold as upstream has them', () => {
  let compared = 0;
  for (const { name, workloads } of cases) {
    for (const base of new Set(workloads.filter((each) => each.threshold !== undefined).map((each) => baseName(each.name)))) {
      const variants = workloads.filter((each) => baseName(each.name) === base);
      const { params, threshold } = variants.find((each) => each.name.endsWith('_QueueingHintsEnabled')) ?? variants[0]!;
      const source = `${name}/${base}`;
      const own = WORKLOADS.find((each) => each.source === source);
      expect(own, source).toBeDefined();
      expect(own!.threshold, `threshold of ${source}`).toBe(thresholdOf(threshold));
      if (params['measurePods'] !== undefined) expect(own!.measure.count, `pods of ${source}`).toBe(params['measurePods']);
      const nodes = params['initNodes'] ?? params['nodesWithDRA'] ?? (params['taintNodes'] === undefined ? undefined : params['taintNodes'] + params['normalNodes']!);
      const ownNodes = own!.nodes.filter((each) => !each.name).reduce((sum, each) => sum + each.count, 0);
      if (nodes !== undefined) expect(ownNodes, `nodes of ${source}`).toBe(nodes);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(25);
});

test('names are told apart', () => {
  expect(new Set(WORKLOADS.map((each) => each.name)).size).toBe(WORKLOADS.length);
});
