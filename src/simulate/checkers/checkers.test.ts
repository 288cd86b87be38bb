/** Each promise broken on purpose: a checker that never fails checks nothing. */
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import { folderOf, State, type Commit } from '../commits.ts';
import type { Exchange, Watched } from '../network.ts';
import { createCheckers, type RunningPod } from './index.ts';

type Loose = Record<string, unknown> & { metadata: Record<string, unknown> };

/** Plays commits, answers and watches to all checkers; returns what was broken, as `checker: message`. */
class Stage {
  readonly state = new State();
  readonly broken: string[] = [];
  readonly #checkers = createCheckers();
  #revision = 0;
  nowMs = 1_000_000;
  running: RunningPod[] = [];

  constructor() {
    this.put('/registry/namespaces/default', { kind: 'Namespace', metadata: { name: 'default', uid: 'ns' } });
  }

  #scene = { state: this.state, nowMs: () => this.nowMs, running: () => this.running };

  #each(tell: (checker: ReturnType<typeof createCheckers>[number], fail: (message: string) => void) => void): void {
    for (const checker of this.#checkers) tell(checker, (message) => this.broken.push(`${checker.name}: ${message}`));
  }

  commit(key: string, type: Commit['type'], object: Loose, more: Partial<Commit> = {}): number {
    const before = this.state.held(key);
    const commit: Commit = { revision: ++this.#revision, atMs: this.nowMs, key, folder: folderOf(key), type, object: object as unknown as KubeObject, replaced: before?.revision ?? 0, ...(before ? { old: before.object } : {}), ...more };
    this.#revision = commit.revision;
    this.state.apply(commit);
    this.#each((checker, fail) => checker.committed?.(commit, this.#scene, fail));
    return commit.revision;
  }

  put(key: string, object: Loose): number {
    return this.commit(key, this.state.held(key) ? 'updated' : 'created', object);
  }

  remove(key: string): number {
    return this.commit(key, 'deleted', this.state.held(key)!.object as unknown as Loose);
  }

  answer(exchange: Partial<Exchange> & Pick<Exchange, 'request'>): void {
    this.#each((checker, fail) => checker.exchanged?.({ component: 'c', user: 'u', status: 200, answer: undefined, revisionBefore: this.#revision, ...exchange }, this.#scene, fail));
  }

  watch(path: string, from: number, ...events: [type: string, revision: number][]): void {
    const watched: Watched = { watchId: 1, component: 'c', request: { method: 'GET', path, query: { watch: true, resourceVersion: String(from) } }, events: events.map(([type, revision]) => ({ type, object: { metadata: { name: 'x', resourceVersion: String(revision) } } })) };
    this.#each((checker, fail) => checker.watched?.(watched, this.#scene, fail));
  }

  healed(): void {
    this.#each((checker, fail) => checker.healed?.(this.#scene, fail));
  }
}

const podKey = (name: string): string => `/registry/pods/default/${name}`;
const pod = (name: string, more: { spec?: object; status?: object; metadata?: object } = {}): Loose => ({ kind: 'Pod', metadata: { name, namespace: 'default', uid: name, ...more.metadata }, spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }], ...more.spec }, status: { phase: 'Running', ...more.status } });
const owned = (kind: string, uid: string) => ({ ownerReferences: [{ kind, name: uid, uid, controller: true }] });
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

describe('at every moment', () => {
  const rows: [string, (stage: Stage) => void, string][] = [
    ['a revision comes twice', (s) => { s.put(podKey('a'), pod('a')); s.commit(podKey('b'), 'created', pod('b'), { revision: 2 }); }, 'revisions rise: revision 2 came after 2'],
    ['an update replaces an old state', (s) => { s.put(podKey('a'), pod('a')); s.put(podKey('a'), pod('a')); s.commit(podKey('a'), 'updated', pod('a'), { replaced: 2 }); }, 'revisions rise: /registry/pods/default/a at revision 4 replaced 2, but 3 was there'],
    ['a read is stale', (s) => { s.put(podKey('a'), pod('a')); s.put(podKey('a'), pod('a')); s.answer({ request: { method: 'GET', path: '/api/v1/namespaces/default/pods/a' }, answer: { metadata: { resourceVersion: '2' } } }); }, 'linearizable: GET /api/v1/namespaces/default/pods/a by c showed revision 2, though 3'],
    ['a read misses what is there', (s) => { s.put(podKey('a'), pod('a')); s.answer({ request: { method: 'GET', path: '/api/v1/namespaces/default/pods/a' }, status: 404 }); }, 'found nothing, though revision 2 was there'],
    ['a success is not in the store', (s) => s.answer({ request: { method: 'POST', path: '/api/v1/namespaces/default/pods/a', body: '{}' }, status: 201, answer: { metadata: { resourceVersion: '9' } } }), 'was answered with revision 9, but the store has only 1'],
    ['an update names another revision than it replaced', (s) => { s.put(podKey('a'), pod('a')); s.put(podKey('a'), pod('a')); s.put(podKey('a'), pod('a')); s.answer({ request: { method: 'PUT', path: '/api/v1/namespaces/default/pods/a', body: '{"metadata":{"resourceVersion":"2"}}' }, answer: { metadata: { resourceVersion: '4' } } }); }, 'named revision 2 and was taken as 4, which replaced 3'],
    ['a watch leaves a change out', (s) => { s.put(podKey('a'), pod('a')); s.put(podKey('b'), pod('b')); s.watch('/api/v1/pods', 1, ['ADDED', 3]); }, 'watches are whole: watch 1 on /api/v1/pods by c: ADDED x of 3 came where /registry/pods/default/a of 2 was due'],
    ['a watch tells a change twice', (s) => { s.put(podKey('a'), pod('a')); s.watch('/api/v1/pods', 1, ['ADDED', 2], ['ADDED', 2]); }, 'ADDED x of 2 came after 2'],
    ['a bookmark runs ahead', (s) => { s.put(podKey('a'), pod('a')); s.watch('/api/v1/pods', 1, ['BOOKMARK', 2]); }, 'a bookmark told 2, but /registry/pods/default/a of 2 has not come'],
    ['an object vanishes with a finalizer', (s) => { s.put(podKey('a'), pod('a', { metadata: { finalizers: ['f'] } })); s.remove(podKey('a')); }, 'finalizers hold: /registry/pods/default/a vanished with finalizers f, and had not been marked'],
    ['a finalizer is passed over', (s) => { s.put(podKey('a'), pod('a', { metadata: { finalizers: ['f'], deletionTimestamp: 'x' } })); s.remove(podKey('a')); }, 'and nobody had taken them away'],
    ['a namespace ends full', (s) => { s.put(podKey('a'), pod('a')); s.remove('/registry/namespaces/default'); }, 'namespaces end empty: namespace default is gone, and /registry/pods/default/a is still there'],
    ['something comes into a namespace that is not there', (s) => s.put('/registry/pods/no/a', { ...pod('a'), metadata: { name: 'a', namespace: 'no', uid: 'a' } }), 'was created in a namespace that is not there'],
    ['a pod changes its node', (s) => { s.put(podKey('a'), pod('a', { spec: { nodeName: 'n' } })); s.put(podKey('a'), pod('a', { spec: { nodeName: 'm' } })); }, 'bound once: pod default/a was on n and is on m'],
    ['a node is overfull', (s) => {
      s.put('/registry/minions/n', { kind: 'Node', metadata: { name: 'n', uid: 'n' }, status: { allocatable: { cpu: '1', pods: '10' } } });
      for (const name of ['a', 'b']) { s.put(podKey(name), pod(name)); s.put(podKey(name), pod(name, { spec: { nodeName: 'n' } })); }
    }, 'capacity holds: pod default/b was bound to n, whose pods now ask for'],
    ['two pods have one address', (s) => { s.put(podKey('a'), pod('a', { status: { podIP: '10.0.0.1' } })); s.put(podKey('b'), pod('b', { status: { podIP: '10.0.0.1' } })); }, 'addresses are unique: pod default/b and pod default/a both have address 10.0.0.1'],
    ['a name runs twice', (s) => { s.running = [{ node: 'n', namespace: 'default', name: 'db-0', uid: 'x' }, { node: 'm', namespace: 'default', name: 'db-0', uid: 'y' }]; s.put(podKey('db-0'), pod('db-0', { metadata: owned('StatefulSet', 's') })); s.put(podKey('db-0'), pod('db-0', { metadata: owned('StatefulSet', 's') })); }, 'one of each name: pod default/db-0 runs 2 times'],
    ['an eviction breaks a budget', (s) => {
      for (const name of ['a', 'b']) s.put(podKey(name), pod(name, { metadata: { labels: { app: 'w' } }, status: ready }));
      s.put('/registry/poddisruptionbudgets/default/p', { kind: 'PodDisruptionBudget', metadata: { name: 'p', namespace: 'default', uid: 'p' }, spec: { selector: { matchLabels: { app: 'w' } } }, status: { desiredHealthy: 2, disruptionsAllowed: 0 } });
      s.answer({ request: { method: 'POST', path: '/api/v1/namespaces/default/pods/a/eviction', body: '{}' }, status: 201 });
    }, 'budgets hold: pod default/a was evicted: 1 healthy pods are left, and budget p wants 2'],
    ['a job counts what has not ended', (s) => s.put('/registry/jobs/default/j', { kind: 'Job', metadata: { name: 'j', namespace: 'default', uid: 'j' }, spec: {}, status: { succeeded: 1 } }), 'jobs count truly: job j counts 1 succeeded pods, and only 0 have'],
    ['what is owned is collected', (s) => { s.put('/registry/replicasets/default/r', { kind: 'ReplicaSet', metadata: { name: 'r', namespace: 'default', uid: 'r' } }); s.put(podKey('a'), pod('a', { metadata: owned('ReplicaSet', 'r') })); s.answer({ user: 'system:serviceaccount:kube-system:generic-garbage-collector', request: { method: 'DELETE', path: '/api/v1/namespaces/default/pods/a' } }); }, 'collects only garbage: /registry/pods/default/a was deleted as garbage, though its owner ReplicaSet r is there'],
  ];
  test.each(rows)('%s', (_name, play, message) => {
    const stage = new Stage();
    play(stage);
    expect(stage.broken.join('\n')).toContain(message);
  });

  test('a lawful life breaks nothing', () => {
    const stage = new Stage();
    stage.put('/registry/serviceaccounts/default/default', { kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default', uid: 'account' } });
    stage.put('/registry/configmaps/default/kube-root-ca.crt', { kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace: 'default', uid: 'authority' }, data: { 'ca.crt': 'CA' } });
    stage.put('/registry/minions/n', { kind: 'Node', metadata: { name: 'n', uid: 'n', annotations: { 'node.alpha.kubernetes.io/ttl': '0' } }, status: { allocatable: { cpu: '1', pods: '10' }, conditions: ready.conditions } });
    const created = stage.put(podKey('a'), pod('a'));
    const bound = stage.put(podKey('a'), pod('a', { spec: { nodeName: 'n' }, status: { podIP: '10.0.0.1', ...ready } }));
    stage.watch('/api/v1/pods', created - 1, ['ADDED', created], ['MODIFIED', bound], ['BOOKMARK', bound]);
    stage.answer({ request: { method: 'GET', path: '/api/v1/namespaces/default/pods/a' }, answer: { metadata: { resourceVersion: String(bound) } } });
    stage.running = [{ node: 'n', namespace: 'default', name: 'a', uid: 'a' }];
    stage.healed();
    expect(stage.broken).toEqual([]);
  });
});

describe('when all is healed', () => {
  const set = { kind: 'ReplicaSet', metadata: { name: 'r', namespace: 'default', uid: 'r', generation: 1 }, spec: { replicas: 1 }, status: { observedGeneration: 1, replicas: 1, readyReplicas: 1 } };
  const rows: [string, (stage: Stage) => void, string][] = [
    ['a set has too few pods', (s) => s.put('/registry/replicasets/default/r', set), 'ReplicaSet has its replicas: ReplicaSet default/r has 0 pods, and wants 1'],
    ['a job hangs', (s) => s.put('/registry/jobs/default/j', { kind: 'Job', metadata: { name: 'j', namespace: 'default', uid: 'j' }, spec: {}, status: {} }), 'jobs end: Job default/j has neither completed nor failed'],
    ['a service has no endpoints', (s) => { s.put(podKey('a'), pod('a', { metadata: { labels: { app: 'w' } }, status: { podIP: '10.0.0.1', ...ready } })); s.put('/registry/services/specs/default/w', { kind: 'Service', metadata: { name: 'w', namespace: 'default', uid: 'w' }, spec: { selector: { app: 'w' } } }); }, 'endpoints match: service default/w has endpoints [], and its ready pods are [10.0.0.1]'],
    ['an orphan is left', (s) => s.put(podKey('a'), pod('a', { metadata: owned('ReplicaSet', 'gone') })), 'nothing outlives its owners: Pod default/a has outlived its owner'],
    ['a deletion hangs', (s) => s.put(podKey('a'), pod('a', { metadata: { deletionTimestamp: 'x' } })), 'is still being deleted'],
    ['a node is forgotten', (s) => s.put('/registry/minions/n', { kind: 'Node', metadata: { name: 'n', uid: 'n' }, status: {} }), 'nothing leaks: Node n is not ready'],
    ['a pod waits for ever', (s) => s.put(podKey('a'), pod('a', { status: { phase: 'Pending' } })), 'pods settle: Pod default/a is Pending'],
    ['containers of nobody run', (s) => { s.running = [{ node: 'n', namespace: 'default', name: 'a', uid: 'a' }]; }, 'pods settle: containers of pod default/a (a) run on n'],
  ];
  test.each(rows)('%s', (_name, play, message) => {
    const stage = new Stage();
    play(stage);
    stage.healed();
    expect(stage.broken.join('\n')).toContain(message);
  });
});
