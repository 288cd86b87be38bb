/**
 * Scheduling decisions alone, without an API server: snapshot, decide, assume, for one pod after the other.
 *
 *   node bench/scheduler.ts [--nodes N --pods N] [--kind basic|affinity|anti-affinity|spread|preferred] [--out FILE]
 *
 * Without a size: 1,000 pods on 500 nodes, and 1,000 pods on 5,000 nodes that hold 1,000 pods already.
 */
import { Prng } from '../src/base/prng.ts';
import { SchedulerCache } from '../src/scheduler/cache.ts';
import { decide } from '../src/scheduler/decide.ts';
import { NO_LOOKUPS, fakeNode, fakePod } from '../src/scheduler/fake-cluster.ts';
import type { PodShape } from '../src/scheduler/fake-cluster.ts';
import { assumedOn, podInfoOf } from '../src/scheduler/pod-info.ts';
import { DEFAULT_PLUGINS } from '../src/scheduler/plugins/index.ts';
import { createProfile } from '../src/scheduler/profile.ts';
import { Snapshot } from '../src/scheduler/snapshot.ts';
import { count, flag, report } from './report.ts';
import type { Figure } from './report.ts';

const zone = 'topology.kubernetes.io/zone';
const hostname = 'kubernetes.io/hostname';
const requests = { cpu: '100m', memory: '500Mi' };
const term = (color: string, topologyKey: string) => ({ labelSelector: { matchLabels: { color } }, topologyKey });
const KINDS: Record<string, PodShape> = {
  basic: { requests },
  affinity: { requests, labels: { color: 'blue' }, affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('blue', zone)] } } },
  'anti-affinity': { requests, labels: { color: 'green' }, affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('green', hostname)] } } },
  preferred: { requests, labels: { color: 'red' }, affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term('red', hostname) }] } } },
  spread: { requests, labels: { color: 'blue' }, topologySpreadConstraints: [{ maxSkew: 5, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { color: 'blue' } } }] },
};

/** Pods a second, and how many found no node. */
function run(nodes: number, pods: number, present: number, shape: PodShape): { perSecond: number; unplaced: number } {
  const cache = new SchedulerCache();
  for (let i = 0; i < nodes; i++) cache.setNode(fakeNode(`node-${i}`, { labels: { [zone]: `zone-${i % 3}` } }));
  for (let i = 0; i < present; i++) cache.setPod(podInfoOf(fakePod(`present-${i}`, { ...shape, nodeName: `node-${i % nodes}` })), `node-${i % nodes}`);
  const profile = createProfile('default-scheduler', DEFAULT_PLUGINS);
  const snapshot = new Snapshot();
  const prng = new Prng('bench');
  const waiting = Array.from({ length: pods }, (_, i) => fakePod(`pod-${i}`, shape));
  let startIndex = 0;
  let unplaced = 0;
  const started = performance.now();
  for (const pod of waiting) {
    const info = podInfoOf(pod);
    cache.updateSnapshot(snapshot);
    const { decision, nextStartIndex } = decide({
      profile, pod: info, snapshot, lookups: NO_LOOKUPS, startIndex, percentageOfNodesToScore: 0,
      random: (bound) => Math.floor(prng.next() * bound), nominatedTo: () => [],
    });
    startIndex = nextStartIndex;
    if (decision.type === 'placed') cache.assume(assumedOn(info, decision.nodeName), decision.nodeName);
    else unplaced++;
  }
  return { perSecond: Math.round(pods / ((performance.now() - started) / 1000)), unplaced };
}

const figures: Figure[] = [];
const sizes = flag('nodes', '') === '' ? [[500, 1000, 0], [5000, 1000, 1000]] : [[count('nodes', 500), count('pods', 1000), count('present', 0)]];
const kinds = flag('kind', '') === '' ? Object.keys(KINDS) : [flag('kind', '')];
for (const kind of kinds) {
  const shape = KINDS[kind];
  if (!shape) throw new Error(`unknown kind "${kind}": one of ${Object.keys(KINDS).join(', ')}`);
  run(100, 500, 0, shape);
  for (const [nodes, pods, present] of sizes) {
    const { perSecond, unplaced } = run(nodes!, pods!, present!, shape);
    figures.push({ name: `decide ${kind}: ${pods} pods on ${nodes} nodes, ${present} there${unplaced > 0 ? `, ${unplaced} unplaced` : ''}`, value: perSecond, unit: 'pods/s' });
  }
}
report('scheduler', figures);
