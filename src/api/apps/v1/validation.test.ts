import { describe, expect, test } from 'vitest';
import type { Loose } from '../../strategies.fixture.ts';
import { contextFor, created, kindOf, refusals, updated, updateRefusals } from '../../strategies.fixture.ts';

type Row = [name: string, change: (object: Loose) => void, expected: string[]];
const mismatch = 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`';
const always = 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"';

const creates: Record<string, Row[]> = {
  'apps/Deployment': [
    ['a selector that misses', (d) => { d.spec.selector = { matchLabels: { a: 'b' } }; }, [mismatch]],
    ['a selector of everything', (d) => { d.spec.selector = {}; }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
    ['negative replicas', (d) => { d.spec.replicas = -1; }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    ['pods that end', (d) => { d.spec.template.spec.restartPolicy = 'Never'; }, [always]],
    ['pods with a deadline', (d) => { d.spec.template.spec.activeDeadlineSeconds = 5; }, ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported']],
    ['recreating, rolling', (d) => { d.spec.strategy = { type: 'Recreate', rollingUpdate: {} }; }, ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"]],
    ['neither more nor fewer', (d) => { d.spec.strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } }; }, ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0']],
    ['more than all', (d) => { d.spec.strategy = { rollingUpdate: { maxUnavailable: '101%' } }; }, ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%']],
    ['no percentage', (d) => { d.spec.strategy = { rollingUpdate: { maxSurge: 'some' } }; }, ["spec.strategy.rollingUpdate.maxSurge: Invalid value: \"some\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"]],
    ['a deadline before readiness', (d) => { d.spec.minReadySeconds = 10; d.spec.progressDeadlineSeconds = 10; }, ['spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds']],
    ['a fault in the template', (d) => { d.spec.template.spec.containers[0].name = ''; }, ['spec.template.spec.containers[0].name: Required value']],
  ],
  'apps/ReplicaSet': [['a selector that misses', (r) => { r.spec.selector = { matchLabels: { a: 'b' } }; }, [mismatch]]],
  'apps/DaemonSet': [
    ['both surge and gap', (d) => { d.spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } }; }, ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero']],
    ['neither surge nor gap', (d) => { d.spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } }; }, ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0']],
    ['an unknown strategy', (d) => { d.spec.updateStrategy = { type: 'Now' }; }, ['spec.updateStrategy: Unsupported value: {"type":"Now"}: supported values: "RollingUpdate", "OnDelete"']],
  ],
  'apps/StatefulSet': [
    ['an unknown order', (s) => { s.spec.podManagementPolicy = 'Random'; }, ["spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'"]],
    ['a negative partition', (s) => { s.spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: -1 } }; }, ['spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0']],
    ['a retention that is none', (s) => { s.spec.persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Keep', whenScaled: 'Retain' }; }, ['spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Delete", "Retain"']],
    ['ordinals below zero', (s) => { s.spec.ordinals = { start: -1 }; }, ['spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0']],
  ],
  'apps/ControllerRevision': [
    ['no data', (r) => { delete r.data; }, ['data: Required value: data is mandatory']],
    ['a negative revision', (r) => { r.revision = -1; }, ['revision: Invalid value: -1: must be greater than or equal to 0']],
  ],
};

describe.each(Object.entries(creates))('%s', (key, rows) => {
  test.each(rows)('%s', (_name, change, expected) => {
    expect(refusals(key, change)).toEqual(expected);
  });
});

describe('changes', () => {
  const selector = { matchLabels: { app: 'web', tier: 'x' } };
  const both = (d: Loose): void => { d.spec.selector = selector; d.spec.template.metadata.labels.tier = 'x'; };
  test.each(['apps/Deployment', 'apps/ReplicaSet', 'apps/DaemonSet'])('%s: another selector', (key) => {
    expect(updateRefusals(key, both)).toEqual([`spec.selector: Invalid value: ${JSON.stringify(selector)}: field is immutable`]);
  });
  test('a stateful set: other fields', () => {
    expect(updateRefusals('apps/StatefulSet', (s) => { s.spec.replicas = 3; s.spec.template.spec.containers[0].image = 'x'; })).toEqual([]);
    expect(updateRefusals('apps/StatefulSet', (s) => { s.spec.serviceName = 'other'; })).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
  });
  test('a revision: other data', () => {
    expect(updateRefusals('apps/ControllerRevision', (r) => { r.data = { spec: { a: 1 } }; })).toEqual(['data: Invalid value: {"spec":{"a":1}}: field is immutable']);
  });
  test('generation counts changes of the spec, and of a deployment\'s annotations', () => {
    expect(updated('apps/Deployment', (d) => { d.spec.replicas = 3; }).next.metadata.generation).toBe(2);
    expect(updated('apps/Deployment', (d) => { d.metadata.annotations = { a: 'b' }; }).next.metadata.generation).toBe(2);
    expect(updated('apps/ReplicaSet', (d) => { d.metadata.annotations = { a: 'b' }; }).next.metadata.generation).toBe(1);
    expect(updated('apps/Deployment', (d) => { d.status = { replicas: 3 }; }).next.metadata.generation).toBe(1);
  });
  test('a status write keeps the spec, and a deployment\'s labels', () => {
    const change = (d: Loose): void => { d.status = { replicas: 1 }; d.spec.replicas = 9; d.metadata.labels = { a: 'b' }; };
    expect(updated('apps/Deployment', change, { subresource: 'status' }).next).toMatchObject({ status: { replicas: 1 }, spec: { replicas: 1 }, metadata: { generation: 1 } });
    expect(updated('apps/Deployment', change, { subresource: 'status' }).next.metadata.labels).toBeUndefined();
    expect(updated('apps/ReplicaSet', change, { subresource: 'status' }).next.metadata.labels).toEqual({ a: 'b' });
  });
  test.each<[string, string, object, object, string[]]>([
    ['more updated than there are', 'apps/Deployment', { replicas: 1, updatedReplicas: 2 }, {}, ['status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas']],
    ['collisions forgotten', 'apps/Deployment', { collisionCount: 1 }, { collisionCount: 2 }, ['status.collisionCount: Invalid value: 1: cannot be decremented']],
    ['more available than ready', 'apps/ReplicaSet', { replicas: 2, readyReplicas: 1, availableReplicas: 2 }, {}, ['status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas']],
    ['negative', 'apps/DaemonSet', { currentNumberScheduled: -1, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }, {}, ['status.currentNumberScheduled: Invalid value: -1: must be greater than or equal to 0']],
    ['more current than there are', 'apps/StatefulSet', { replicas: 1, currentReplicas: 2 }, {}, ['status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas']],
  ])('status: %s', (_name, key, status, before, expected) => {
    expect(updateRefusals(key, (o) => { o.status = status; }, { stored: (o) => { o.status = before; }, subresource: 'status' })).toEqual(expected);
  });
  test('what is off by default vanishes', () => {
    const set = created('apps/StatefulSet', (s) => { s.spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2, partition: 0 } }; });
    expect(set.spec.updateStrategy.rollingUpdate).toEqual({ partition: 0 });
  });
  test('a name that makes no host names is warned of', () => {
    expect(kindOf('apps/Deployment').strategy.warnings!(created('apps/Deployment', (d) => { d.metadata.name = 'a.b'; }), undefined, contextFor())).toEqual([
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    ]);
  });
});
