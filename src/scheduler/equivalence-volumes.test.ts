/**
 * Volumes against a second reading of the documentation that shares no code with the plug-ins: restrictions, limits, binding (bound claims, static
 * volumes, provisioning, storage capacity) and zones, in thousands of random small clusters, each from a seed that a failure prints.
 */
import { expect, test } from 'vitest';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../api/core/v1/types.ts';
import type { CSINode, CSIStorageCapacity, StorageClass } from '../api/storage/v1/types.ts';
import { Dice, Hits } from './equivalence.fixture.ts';
import { fakeNode, fakePod, fakeSnapshot } from './fake-cluster.ts';
import type { Lookups, Plugin } from './framework.ts';
import { nodeVolumeLimits } from './plugins/node-volume-limits.ts';
import { createVolumeBinding } from './plugins/volume-binding.ts';
import { volumeRestrictions } from './plugins/volume-restrictions.ts';
import { volumeZone } from './plugins/volume-zone.ts';

const [ZONE, OLD_ZONE, HOST] = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone', 'kubernetes.io/hostname'];
const [CSI, EBS] = ['csi.example.com', 'ebs.csi.aws.com'];
const CLUSTERS = 4000;

interface World {
  nodes: Node[];
  there: Pod[];
  claims: PersistentVolumeClaim[];
  volumes: PersistentVolume[];
  classes: StorageClass[];
  csiNodes: CSINode[];
  counts: boolean;
  capacities: CSIStorageCapacity[];
}

// ---- random clusters ----

const sizes = ['1Gi', '2Gi', '5Gi'];

function randomVolume(dice: Dice, name: string, nodes: readonly string[]): PersistentVolume {
  const zone = dice.chance(30) ? { [dice.one([ZONE, OLD_ZONE])]: dice.one(['a', 'b', 'a__b']) } : {};
  return {
    metadata: { name, labels: { ...zone, ...(dice.chance(50) ? { tier: 'fast' } : {}) } },
    spec: {
      capacity: { storage: dice.one(sizes) }, accessModes: dice.one([['ReadWriteOnce'], ['ReadWriteOnce', 'ReadOnlyMany'], ['ReadWriteOncePod']]), storageClassName: dice.one(['local', 'wait', 'now']),
      ...(dice.chance(15) ? { volumeMode: 'Block' } : {}),
      ...(dice.chance(40) ? { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: HOST, operator: 'In', values: dice.some(nodes, 2).concat(dice.one(nodes)) }] }] } } } : {}),
      ...(dice.chance(60) ? { csi: { driver: CSI, volumeHandle: name } } : { awsElasticBlockStore: { volumeID: name } }),
    },
    status: { phase: 'Available' },
  };
}

function randomClaim(dice: Dice, name: string, volumes: readonly PersistentVolume[], nodes: readonly string[]): PersistentVolumeClaim {
  const claim: PersistentVolumeClaim = {
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: { storageClassName: dice.one(['local', 'local', 'wait', 'wait', 'now']), accessModes: [dice.one(['ReadWriteOnce', 'ReadWriteOnce', 'ReadWriteOncePod'])], resources: { requests: { storage: dice.one(sizes) } }, ...(dice.chance(15) ? { selector: { matchLabels: { tier: 'fast' } } } : {}) },
    status: { phase: 'Pending' },
  };
  const free = volumes.filter((volume) => !volume.spec!.claimRef);
  if (dice.chance(45) && free.length > 0) {
    const volume = dice.one(free);
    claim.spec!.volumeName = volume.metadata.name!;
    claim.metadata.annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
    claim.status!.phase = 'Bound';
    volume.spec!.claimRef = { namespace: 'default', name, uid: claim.metadata.uid! };
    volume.status!.phase = 'Bound';
  } else if (dice.chance(10) && free.length > 0) dice.one(free).spec!.claimRef = { namespace: 'default', name, ...(dice.chance(30) ? { uid: 'of-another-life' } : {}) };
  else if (dice.chance(10)) claim.metadata.annotations = { 'volume.kubernetes.io/selected-node': dice.one(nodes) };
  if (dice.chance(4)) claim.status!.phase = 'Lost';
  if (dice.chance(3)) claim.metadata.deletionTimestamp = '2030-01-01T00:00:00Z';
  return claim;
}

const disk = (dice: Dice): Partial<Volume> => dice.one([
  { gcePersistentDisk: { pdName: dice.one(['d1', 'd2']), readOnly: dice.chance(50) } },
  { awsElasticBlockStore: { volumeID: dice.one(['e1', 'e2']), readOnly: dice.chance(50) } },
]);

function randomPod(dice: Dice, name: string, claims: readonly string[], extra: object = {}): Pod {
  const volumes: Volume[] = [...new Set(dice.some(claims, 3))].map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
  if (dice.chance(25)) volumes.push({ name: 'disk', ...disk(dice) });
  return fakePod(name, { volumes, ...extra });
}

function randomWorld(dice: Dice): World {
  const nodes = Array.from({ length: 1 + dice.int(4) }, (_, i) => fakeNode(`n${i}`, { labels: dice.chance(80) ? { [dice.chance(80) ? ZONE : OLD_ZONE]: dice.one(['a', 'b']) } : {} }));
  const names = nodes.map((node) => node.metadata.name!);
  const volumes = dice.upTo(5, (i) => randomVolume(dice, `v${i}`, names));
  const claims = dice.upTo(5, (i) => randomClaim(dice, `c${i}`, volumes, names));
  const allClaims = [...claims.map((claim) => claim.metadata.name!), ...(dice.chance(5) ? ['nobody'] : [])];
  const topology = dice.chance(40) ? { allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: [dice.one(['a', 'b'])] }] }] } : {};
  return {
    nodes, volumes, claims,
    there: dice.upTo(4, (i) => randomPod(dice, `there-${i}`, allClaims, { nodeName: dice.one(names) })),
    classes: [
      { metadata: { name: 'local' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' },
      { metadata: { name: 'wait' }, provisioner: CSI, volumeBindingMode: 'WaitForFirstConsumer', ...topology },
      { metadata: { name: 'now' }, provisioner: CSI, volumeBindingMode: 'Immediate' },
    ],
    csiNodes: names.filter(() => dice.chance(70)).map((name) => ({
      metadata: { name, annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': dice.chance(50) ? 'kubernetes.io/aws-ebs' : '' } },
      spec: { drivers: [CSI, EBS].map((driver) => ({ name: driver, nodeID: name, ...(dice.chance(80) ? { allocatable: { count: 1 + dice.int(2) } } : {}) })) },
    })),
    counts: dice.chance(40),
    capacities: dice.upTo(3, (i) => ({ metadata: { name: `cap${i}` }, storageClassName: dice.one(['wait', 'other']), ...(dice.chance(90) ? { nodeTopology: { matchLabels: { [ZONE]: dice.one(['a', 'b']) } } } : {}), capacity: dice.one(sizes), ...(dice.chance(30) ? { maximumVolumeSize: dice.one(sizes) } : {}) })),
  };
}

// ---- the plain reading ----

const gib = (size: string | undefined): number => Number(size!.replace('Gi', ''));
const claimsOf = (world: World, pod: Pod): (PersistentVolumeClaim | undefined)[] =>
  pod.spec!.volumes!.filter((each) => each.persistentVolumeClaim).map((each) => world.claims.find((claim) => claim.metadata.name === each.persistentVolumeClaim!.claimName));
const on = (world: World, node: Node): Pod[] => world.there.filter((pod) => pod.spec!.nodeName === node.metadata.name);
const volumeOf = (world: World, claim: PersistentVolumeClaim): PersistentVolume | undefined => world.volumes.find((volume) => volume.metadata.name === claim.spec!.volumeName);

function plainRestrictions(world: World, pod: Pod, node: Node): string {
  for (const mine of pod.spec!.volumes!) {
    for (const theirs of on(world, node).flatMap((other) => other.spec!.volumes!)) {
      const [a, b] = [mine.gcePersistentDisk, theirs.gcePersistentDisk];
      if (a && b && a.pdName === b.pdName && !(a.readOnly && b.readOnly)) return 'node(s) had no available disk';
      if (mine.awsElasticBlockStore && mine.awsElasticBlockStore.volumeID === theirs.awsElasticBlockStore?.volumeID) return 'node(s) had no available disk';
    }
  }
  const alone = new Set(claimsOf(world, pod).filter((claim) => claim?.spec!.accessModes!.includes('ReadWriteOncePod')));
  const used = world.there.some((other) => claimsOf(world, other).some((claim) => claim && alone.has(claim)));
  return used ? 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode' : 'ok';
}

/** Volumes that the pod attaches on the node, as `driver handle`. */
function attached(world: World, pod: Pod, csiNode: CSINode): string[] {
  const tookOver = csiNode.metadata.annotations?.['storage.alpha.kubernetes.io/migrated-plugins'] === 'kubernetes.io/aws-ebs';
  const direct = pod.spec!.volumes!.flatMap((each) => (each.awsElasticBlockStore && tookOver ? [`${EBS} ${each.awsElasticBlockStore.volumeID}`] : []));
  return direct.concat(claimsOf(world, pod).flatMap((claim) => {
    if (!claim) return [];
    const spec = volumeOf(world, claim)?.spec;
    if (spec?.csi) return [`${CSI} ${spec.csi.volumeHandle}`];
    if (spec) return tookOver ? [`${EBS} ${spec.awsElasticBlockStore!.volumeID}`] : [];
    return claim.spec!.storageClassName === 'local' ? [] : [`${CSI} default/${claim.metadata.name}`];
  }));
}

function plainLimits(world: World, pod: Pod, node: Node): string {
  const csiNode = world.csiNodes.find((each) => each.metadata.name === node.metadata.name);
  for (const { name, allocatable } of csiNode?.spec.drivers ?? []) {
    if (allocatable?.count === undefined) continue;
    const mine = (list: string[]): string[] => list.filter((each) => each.startsWith(`${name} `));
    const before = new Set(mine(on(world, node).flatMap((other) => attached(world, other, csiNode!))));
    const after = new Set([...before, ...mine(attached(world, pod, csiNode!))]);
    if (after.size > before.size && after.size > allocatable.count) return 'node(s) exceed max volume count';
  }
  return 'ok';
}

function suitable(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const [has, wants] = [volume.spec!, claim.spec!];
  return has.storageClassName === wants.storageClassName && (has.volumeMode ?? 'Filesystem') === 'Filesystem' && wants.accessModes!.every((mode) => has.accessModes!.includes(mode))
    && gib(has.capacity!['storage'] as string) >= gib(wants.resources!.requests!['storage'] as string) && (!wants.selector || volume.metadata.labels!['tier'] === 'fast');
}
const usable = (volume: PersistentVolume, node: Node): boolean => {
  const terms = volume.spec!.nodeAffinity?.required?.nodeSelectorTerms;
  return !terms || terms[0]!.matchExpressions![0]!.values!.includes(node.metadata.name!);
};

/** What stands in the way of claims that wait for their node. Small claims choose first, and take the smallest volume that suits. */
function plainWaiting(world: World, waiting: PersistentVolumeClaim[], node: Node): string | undefined {
  const wanted = (claim: PersistentVolumeClaim): number => gib(claim.spec!.resources!.requests!['storage'] as string);
  const taken: PersistentVolume[] = [];
  let full = false;
  for (const claim of waiting.toSorted((a, b) => wanted(a) - wanted(b))) {
    const selected = claim.metadata.annotations?.['volume.kubernetes.io/selected-node'];
    if (selected && selected !== node.metadata.name) return "node(s) didn't find available persistent volumes to bind";
    const kept = world.volumes.find(({ spec }) => spec!.claimRef?.name === claim.metadata.name && (!spec!.claimRef!.uid || spec!.claimRef!.uid === claim.metadata.uid));
    const free = kept ? [kept] : world.volumes.filter((volume) => !volume.spec!.claimRef && !taken.includes(volume)).toSorted((a, b) => gib(a.spec!.capacity!['storage'] as string) - gib(b.spec!.capacity!['storage'] as string));
    const found = selected ? undefined : free.find((volume) => suitable(volume, claim) && usable(volume, node));
    if (found) {
      taken.push(found);
      continue;
    }
    const topology = world.classes.find((each) => each.metadata.name === 'wait')!.allowedTopologies?.[0]?.matchLabelExpressions![0]!.values[0];
    if (claim.spec!.storageClassName !== 'wait' || (topology && node.metadata.labels![ZONE] !== topology)) return "node(s) didn't find available persistent volumes to bind";
    if (world.counts && !world.capacities.some((each) => each.storageClassName === 'wait' && gib((each.maximumVolumeSize ?? each.capacity) as string) >= wanted(claim) && each.nodeTopology && node.metadata.labels![ZONE] === each.nodeTopology.matchLabels![ZONE])) full = true;
  }
  return full ? 'node(s) did not have enough free storage' : undefined;
}

function plainBinding(world: World, pod: Pod, node: Node): string {
  const claims = claimsOf(world, pod);
  for (const [i, claim] of claims.entries()) {
    if (!claim) return `persistentvolumeclaim "${pod.spec!.volumes![i]!.name}" not found`;
    if (claim.status!.phase === 'Lost') return `persistentvolumeclaim "${claim.metadata.name}" bound to non-existent persistentvolume "${claim.spec!.volumeName ?? ''}"`;
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${claim.metadata.name}" is being deleted`;
  }
  const bound = claims.filter((claim) => claim!.spec!.volumeName);
  const waiting = claims.filter((claim) => !claim!.spec!.volumeName);
  if (waiting.some((claim) => claim!.spec!.storageClassName === 'now')) return 'pod has unbound immediate PersistentVolumeClaims';
  const reasons = [
    bound.some((claim) => !usable(volumeOf(world, claim!)!, node)) ? "node(s) didn't match PersistentVolume's node affinity" : undefined,
    plainWaiting(world, waiting.map((claim) => claim!), node),
  ].filter((each) => each !== undefined);
  return reasons.length === 0 ? 'ok' : reasons.join(', ');
}

function plainZone(world: World, pod: Pod, node: Node): string {
  const [fresh, old] = [node.metadata.labels![ZONE], node.metadata.labels![OLD_ZONE]];
  if (fresh === undefined && old === undefined) return 'ok';
  for (const claim of claimsOf(world, pod)) {
    const labels = (claim && volumeOf(world, claim)?.metadata.labels) ?? {};
    if (labels[ZONE] !== undefined && !labels[ZONE].split('__').includes(fresh ?? '')) return 'node(s) had no available volume zone';
    // Nodes that know only the new name are asked for that.
    if (labels[OLD_ZONE] !== undefined && !labels[OLD_ZONE].split('__').includes(old ?? fresh ?? '')) return 'node(s) had no available volume zone';
  }
  return 'ok';
}

// ---- both against each other ----

function lookupsOf(world: World): Partial<Lookups> {
  const named = <T extends { metadata: { name?: string } }>(list: readonly T[]) => (name: string): T | undefined => list.find((each) => each.metadata.name === name);
  return {
    claim: (_namespace, name) => named(world.claims)(name), volume: named(world.volumes), volumes: () => world.volumes, storageClass: named(world.classes), csiNode: named(world.csiNodes),
    csiDriver: (name) => ({ metadata: { name }, spec: { storageCapacity: world.counts } }), storageCapacities: () => world.capacities,
  };
}

function verdicts(plugin: Plugin, world: World, pod: Pod): string[] {
  const { cycle, node } = fakeSnapshot(world.nodes, world.there);
  const run = cycle(pod, lookupsOf(world));
  const pre = plugin.preFilter!(run);
  return world.nodes.map((each) => (pre?.skip ? 'ok' : ((pre?.status ?? plugin.filter!(run, node(each.metadata.name!)))?.reasons.join(', ') ?? 'ok')));
}

test(`volumes: ${CLUSTERS} clusters`, () => {
  const hits = new Hits();
  const readings: [string, () => Plugin, (world: World, pod: Pod, node: Node) => string][] = [
    ['VolumeRestrictions', () => volumeRestrictions, plainRestrictions], ['NodeVolumeLimits', () => nodeVolumeLimits, plainLimits],
    ['VolumeBinding', () => createVolumeBinding(), plainBinding], ['VolumeZone', () => volumeZone, plainZone],
  ];
  for (let i = 0; i < CLUSTERS; i++) {
    const seed = `volumes-${i}`;
    const dice = new Dice(seed);
    const world = randomWorld(dice);
    const pod = randomPod(dice, 'p', [...world.claims.map((claim) => claim.metadata.name!), ...(dice.chance(5) ? ['nobody'] : [])]);
    if (pod.spec!.volumes!.length === 0) continue;
    for (const [name, plugin, plain] of readings) {
      const expected = world.nodes.map((node) => plain(world, pod, node));
      for (const word of expected) hits.add(`${name}: ${word.replace(/"[^"]*"/g, '…')}`);
      expect(verdicts(plugin(), world, pod), `${name} ${seed}`).toEqual(expected);
    }
  }
  expect(hits.rare({
    'VolumeRestrictions: ok': 2000, 'VolumeRestrictions: node(s) had no available disk': 80, 'VolumeRestrictions: node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode': 300,
    'NodeVolumeLimits: ok': 2000, 'NodeVolumeLimits: node(s) exceed max volume count': 300,
    'VolumeBinding: ok': 1000, "VolumeBinding: node(s) didn't match PersistentVolume's node affinity": 100, "VolumeBinding: node(s) didn't find available persistent volumes to bind": 1000,
    "VolumeBinding: node(s) didn't match PersistentVolume's node affinity, node(s) didn't find available persistent volumes to bind": 20, 'VolumeBinding: node(s) did not have enough free storage': 200,
    'VolumeBinding: pod has unbound immediate PersistentVolumeClaims': 500, 'VolumeBinding: persistentvolumeclaim … not found': 50, 'VolumeBinding: persistentvolumeclaim … is being deleted': 100, 'VolumeBinding: persistentvolumeclaim … bound to non-existent persistentvolume …': 100,
    'VolumeZone: ok': 2000, 'VolumeZone: node(s) had no available volume zone': 200,
  })).toEqual({});
});
