import { describe, expect, test } from 'vitest';
import type { Container, Pod } from '../api/core/v1/types.ts';
import { BackoffTable } from './backoff.ts';
import { decideSync, shallRestart, shortDuration, type SyncSnapshot } from './decide.ts';
import { containerHash } from './names.ts';
import type { PodContainer, PodRuntime } from './runtime-state.ts';

const container = (name: string, extra: Partial<Container> = {}): Container => ({ name, image: `${name}:1`, ...extra });

function pod(spec: Partial<Pod['spec']> = {}): Pod {
  return { metadata: { name: 'p', namespace: 'd', uid: 'u' }, spec: { containers: [container('main')], ...spec } };
}

interface Had { name: string; state?: 'created' | 'running' | 'exited'; code?: number; sandbox?: string; at?: number; hash?: string }

function runtimeOf(sandboxes: [id: string, state: 'ready' | 'notReady'][], containers: Had[]): PodRuntime {
  return {
    uid: 'u', name: 'p', namespace: 'd',
    sandboxes: sandboxes.map(([id, state], i) => ({ id, state, metadata: { name: 'p', uid: 'u', namespace: 'd', attempt: sandboxes.length - 1 - i }, createdAt: 100 - i, labels: {}, annotations: {}, runtimeHandler: '', network: { ip: '10.0.0.1', additionalIps: [] } })),
    containers: containers.map(({ name, state = 'running', code = 0, sandbox = 's', at = 50, hash }) => ({
      id: `${name}-${at}`, name, state, exitCode: code, sandboxId: sandbox, restartCount: 0, hash: hash ?? containerHash(container(name)), createdAt: at, startedAt: at, finishedAt: state === 'exited' ? at + 1 : 0,
    }) as PodContainer).toSorted((a, b) => b.createdAt - a.createdAt),
  };
}

function snapshot(p: Pod, runtime: PodRuntime, extra: Partial<SyncSnapshot> = {}): SyncSnapshot {
  return { pod: p, runtime, nowMs: 1_000, probe: () => undefined, backoff: () => undefined, mustRestart: new Set(), ...extra };
}

/** The plan in short: `sandbox:N`, `kill:NAME`, `start:NAME#COUNT`, `wait:NAME=REASON`. */
function brief(s: SyncSnapshot): string {
  const plan = decideSync(s);
  return [
    ...(plan.createSandbox ? [`sandbox:${plan.createSandbox.attempt}`] : []),
    ...plan.kill.map((k) => `kill:${k.container.name}`),
    ...plan.start.map((a) => `start:${a.container.name}#${a.restartCount}`),
    ...[...plan.waiting].map(([name, { reason }]) => `wait:${name}=${reason}`),
  ].join(' ');
}

const ready: [string, 'ready'][] = [['s', 'ready']];
const two = pod({ containers: [container('a'), container('b')] });
const inits = pod({ initContainers: [container('i1'), container('side', { restartPolicy: 'Always' }), container('i2')] });

describe('what comes next', () => {
  test.each<[string, Pod, PodRuntime, string]>([
    ['a new pod needs a sandbox', pod(), runtimeOf([], []), 'sandbox:0'],
    ['with the sandbox its containers start', two, runtimeOf(ready, []), 'start:a#0 start:b#0'],
    ['what runs is left alone', two, runtimeOf(ready, [{ name: 'a' }, { name: 'b' }]), ''],
    ['a dead sandbox is replaced', pod(), runtimeOf([['s', 'notReady']], [{ name: 'main', state: 'exited' }]), 'sandbox:1'],
    ['two sandboxes at once are one too many', pod(), runtimeOf([['s', 'ready'], ['t', 'ready']], []), 'sandbox:2'],
    ['containers of an older sandbox do not count', pod(), runtimeOf([['s', 'ready'], ['t', 'notReady']], [{ name: 'main', state: 'exited', sandbox: 't' }]), 'start:main#1'],
    ['an ended container starts again', pod(), runtimeOf(ready, [{ name: 'main', state: 'exited', code: 1 }]), 'start:main#1'],
    ['one that never started does, too', pod(), runtimeOf(ready, [{ name: 'main', state: 'created' }]), 'start:main#1'],
    ['… but not with policy Never', pod({ restartPolicy: 'Never' }), runtimeOf(ready, [{ name: 'main', state: 'exited', code: 1 }]), ''],
    ['… nor after success with OnFailure', pod({ restartPolicy: 'OnFailure' }), runtimeOf(ready, [{ name: 'main', state: 'exited' }]), ''],
    ['a changed image replaces the container', pod(), runtimeOf(ready, [{ name: 'main', hash: 'other' }]), 'kill:main'],
    ['a container without a hash is taken as it is', pod(), runtimeOf(ready, [{ name: 'main', hash: '' }]), ''],
    ['a pod that never restarts gets no second sandbox', pod({ restartPolicy: 'Never' }), runtimeOf([['s', 'notReady']], [{ name: 'main', state: 'exited' }]), ''],
    ['init containers come first', inits, runtimeOf(ready, []), 'start:i1#0'],
    ['one at a time', inits, runtimeOf(ready, [{ name: 'i1' }]), ''],
    ['a sidecar is started and passed', inits, runtimeOf(ready, [{ name: 'i1', state: 'exited' }]), 'start:side#0'],
    ['the next follows while the sidecar runs', inits, runtimeOf(ready, [{ name: 'i1', state: 'exited' }, { name: 'side', at: 51 }]), 'start:i2#0'],
    ['a failed init container is tried again', inits, runtimeOf(ready, [{ name: 'i1', state: 'exited', code: 1 }]), 'start:i1#1'],
    ['when all are done the others start', inits, runtimeOf(ready, [{ name: 'i1', state: 'exited' }, { name: 'side', at: 51 }, { name: 'i2', state: 'exited', at: 52 }]), 'start:main#0'],
    ['init containers that were cleaned away are done', inits, runtimeOf(ready, [{ name: 'side', at: 51 }, { name: 'i2', state: 'exited', at: 52 }]), 'start:main#0'],
    ['a sidecar that ended starts again, beside the others', inits, runtimeOf(ready, [{ name: 'side', state: 'exited', at: 51 }, { name: 'main', at: 53 }]), 'start:side#1'],
    ['an ephemeral container starts once', pod({ ephemeralContainers: [container('debug')] }), runtimeOf(ready, [{ name: 'main' }]), 'start:debug#0'],
    ['… and only once', pod({ ephemeralContainers: [container('debug')] }), runtimeOf(ready, [{ name: 'main' }, { name: 'debug', state: 'exited' }]), ''],
  ])('%s', (_name, p, runtime, expected) => {
    expect(brief(snapshot(p, runtime))).toBe(expected);
  });

  test('a sidecar whose startup probe has not passed holds the others back', () => {
    const p = pod({ initContainers: [container('side', { restartPolicy: 'Always', startupProbe: {} })] });
    const runtime = runtimeOf(ready, [{ name: 'side' }]);
    expect(brief(snapshot(p, runtime))).toBe('');
    expect(brief(snapshot(p, runtime, { probe: (_id, kind) => (kind === 'startup' ? 'success' : undefined) }))).toBe('start:main#0');
  });

  test('back-off is waited for, and tells when it ends', () => {
    const s = snapshot(pod(), runtimeOf(ready, [{ name: 'main', state: 'exited', code: 1 }]), { backoff: () => ({ delayMs: 20_000, untilMs: 9_000 }) });
    expect(brief(s)).toBe('wait:main=CrashLoopBackOff');
    expect(decideSync(s).wakeAtMs).toBe(9_000);
  });

  test('a failed liveness probe ends the container; whether it comes back is the policy\'s word', () => {
    const probe = { probe: (_id: string, kind: string): 'failure' | undefined => (kind === 'liveness' ? 'failure' : undefined) };
    const runtime = runtimeOf(ready, [{ name: 'main' }]);
    expect(decideSync(snapshot(pod(), runtime, probe)).kill[0]).toMatchObject({ probe: 'liveness', restart: true });
    expect(decideSync(snapshot(pod({ restartPolicy: 'Never' }), runtime, probe)).kill[0]).toMatchObject({ restart: false });
    const ended = runtimeOf(ready, [{ name: 'main', state: 'exited' }]);
    expect(brief(snapshot(pod({ restartPolicy: 'OnFailure' }), ended, { mustRestart: new Set(['main-50']) }))).toBe('start:main#1');
  });

  test('restart counts go on where the runtime has forgotten', () => {
    const p = pod();
    p.status = { containerStatuses: [{ name: 'main', restartCount: 4, ready: false, image: '', imageID: '', state: { running: {} } }] };
    expect(brief(snapshot(p, runtimeOf(ready, [])))).toBe('start:main#5');
  });
});

describe('restart policies', () => {
  const rules = container('c', { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] });
  test.each<[string, string, Container, 'init' | 'main' | 'sidecar' | 'ephemeral', number, boolean]>([
    ['Always restarts after success', 'Always', container('c'), 'main', 0, true],
    ['OnFailure does not', 'OnFailure', container('c'), 'main', 0, false],
    ['OnFailure restarts after failure', 'OnFailure', container('c'), 'main', 1, true],
    ['Never never', 'Never', container('c'), 'main', 1, false],
    ['an init container that succeeded is done under Always', 'Always', container('c'), 'init', 0, false],
    ['an init container that failed is tried again', 'Always', container('c'), 'init', 1, true],
    ['a sidecar always', 'Never', container('c'), 'sidecar', 0, true],
    ['an ephemeral container never', 'Always', container('c'), 'ephemeral', 1, false],
    ['a container\'s own policy goes before the pod\'s', 'Always', container('c', { restartPolicy: 'Never' }), 'main', 1, false],
    ['a rule for the exit code goes before the policy', 'Never', rules, 'main', 42, true],
    ['… for that exit code only', 'Never', rules, 'main', 1, false],
  ])('%s', (_name, restartPolicy, c, kind, code, expected) => {
    expect(shallRestart(pod({ restartPolicy }), c, kind, code)).toBe(expected);
  });
});

describe('back-off', () => {
  test('doubles to its maximum and starts anew after a calm', () => {
    const table = new BackoffTable(10_000, 300_000);
    expect(table.waiting('k', 0, 0)).toBeUndefined();
    const delays = Array.from({ length: 7 }, (_, i) => table.raise('k', i * 1000));
    expect(delays).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    expect(table.waiting('k', 6_000, 7_000)).toEqual({ delayMs: 300_000, untilMs: 306_000 });
    expect(table.waiting('k', 6_000, 306_000)).toBeUndefined();
    expect(table.raise('k', 700_000)).toBe(10_000);
  });
  test.each([[10_000, '10s'], [40_000, '40s'], [80_000, '1m20s'], [300_000, '5m0s']])('%i ms reads %s', (ms, text) => expect(shortDuration(ms)).toBe(text));
});
