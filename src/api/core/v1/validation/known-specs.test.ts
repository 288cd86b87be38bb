import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod, PodSpec } from '../types.ts';
import { warningsOfPod } from '../pod-warnings.ts';
import { isKnownSpec, rememberSpec, shareKnownSpec } from './known-specs.ts';
import { specFaults, validatePod } from './pod.ts';

const token = (name: string): NonNullable<PodSpec['volumes']>[number] => ({ name, projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } });
const specOf = (name: string, more: Partial<PodSpec> = {}): PodSpec => ({
  restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30, serviceAccountName: 'default',
  volumes: [token(name)], containers: [{ name: 'c', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File', volumeMounts: [{ name, mountPath: '/var/run' }] }], ...more,
});
const podOf = (spec: PodSpec, metadata: Pod['metadata'] = {}): Pod => ({ metadata: { name: 'p', namespace: 'default', ...metadata }, spec });

describe('known specs', () => {
  test.each<[string, PodSpec, boolean]>([
    ['itself', specOf('kube-api-access-aaaaa'), true],
    ['another token', specOf('kube-api-access-bbbbb'), true],
    ['a volume that is called in another way', specOf('kube-api-access-toolong'), false],
    ['another name that is no token', specOf('data'), false],
    ['a mount of another volume', { ...specOf('kube-api-access-bbbbb'), containers: specOf('kube-api-access-aaaaa').containers }, false],
    ['another image', specOf('kube-api-access-bbbbb', { containers: [{ ...specOf('kube-api-access-bbbbb').containers[0]!, image: 'j' }] }), false],
    ['a member more', specOf('kube-api-access-bbbbb', { hostNetwork: true }), false],
    ['a member less', (({ dnsPolicy: _dnsPolicy, ...rest }) => rest)(specOf('kube-api-access-bbbbb')), false],
    ['a member without a value', specOf('kube-api-access-aaaaa', { hostname: undefined as never }), false],
    ['a second container', specOf('kube-api-access-bbbbb', { containers: [...specOf('kube-api-access-bbbbb').containers, ...specOf('kube-api-access-bbbbb').containers] }), false],
  ])('%s', (_name, spec, isKnown) => {
    rememberSpec(specOf('kube-api-access-aaaaa'));
    expect(isKnownSpec(spec)).toBe(isKnown);
  });

  test('a token may not take the name of another volume', () => {
    const two = (first: string, second: string): PodSpec => specOf(first, { volumes: [token(first), { name: second, emptyDir: {} }] });
    rememberSpec(two('kube-api-access-ccccc', 'kube-api-access-ddddd'));
    expect(isKnownSpec(two('kube-api-access-eeeee', 'kube-api-access-ddddd'))).toBe(true);
    expect(isKnownSpec(two('kube-api-access-ddddd', 'kube-api-access-ddddd'))).toBe(false);
    expect(isKnownSpec(two('kube-api-access-ddddd', 'kube-api-access-ccccc'))).toBe(false);
    expect(validatePod(podOf(two('kube-api-access-ddddd', 'kube-api-access-ddddd'))).map(({ type, field }) => [type, field])).toContainEqual(['FieldValueDuplicate', 'spec.volumes[1].name']);
  });

  test.each<[string, (name: string) => Partial<PodSpec>]>([
    ['a device', (name) => ({ volumes: [{ name, persistentVolumeClaim: { claimName: 'c' } }], containers: [{ ...specOf(name).containers[0]!, volumeMounts: [], volumeDevices: [{ name: 'kube-api-access-lllll', devicePath: '/x' }] }] })],
    ['a key in a file', (name) => ({ volumes: [{ name, emptyDir: {} }], containers: [{ ...specOf(name).containers[0]!, env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'kube-api-access-lllll', path: 'p', key: 'k' } } }] }] })],
  ])('%s speaks of a volume that is only called like a token\'s: another name is another spec', (_name, more) => {
    const [first, second] = ['kube-api-access-lllll', 'kube-api-access-mmmmm'].map((name) => podOf(specOf(name, more(name))));
    expect(validatePod(first!)).toEqual([]);
    expect(validatePod(second!).map(({ type }) => type)).toContain('FieldValueNotFound');
  });

  test('what is remembered is a copy', () => {
    const spec = specOf('kube-api-access-fffff', { hostname: 'first' });
    rememberSpec(spec);
    spec.hostname = 'Not A Name';
    expect(isKnownSpec(spec)).toBe(false);
    expect(validatePod(podOf(spec))).not.toEqual([]);
  });

  test('an equal spec takes over the parts of the known one, but for what is named after its own token', () => {
    const spec = (suffix: string): PodSpec => {
      const made = specOf(`kube-api-access-${suffix}`, { subdomain: 'shared', tolerations: [{ key: 'a', operator: 'Exists' }] });
      made.containers[0]!.resources = { requests: { cpu: '1' } };
      return made;
    };
    rememberSpec(spec('hhhhh'));
    const [first, second] = [spec('iiiii'), spec('jjjjj')];
    for (const one of [first, second]) {
      expect(isKnownSpec(one)).toBe(true);
      shareKnownSpec(one);
    }
    expect([first, second]).toEqual([spec('iiiii'), spec('jjjjj')]);
    expect(second.tolerations).toBe(first.tolerations);
    expect(second.containers[0]!.resources).toBe(first.containers[0]!.resources);
    expect(second.volumes![0]!.projected).toBe(first.volumes![0]!.projected);
    expect([Object.isFrozen(first.tolerations![0]), Object.isFrozen(first.containers), Object.isFrozen(first.containers[0])]).toEqual([true, false, false]);
    const other = spec('kkkkk');
    shareKnownSpec(other);
    expect(other.tolerations).not.toBe(first.tolerations);
  });

  test('specs whose rules look at the pod are looked at each time', () => {
    const spec = specOf('kube-api-access-ggggg', { volumes: [token('kube-api-access-ggggg'), { name: 'data', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } } }] });
    expect(validatePod(podOf(spec))).toEqual([]);
    expect(validatePod(podOf(spec, { name: 'A B' })).map(({ field }) => field)).toContain('spec.volumes[1].name');
  });

  test('errors and warnings are those of a spec that nobody has seen, whatever came before', () => {
    const text = fc.constantFrom('a', 'b', 'Not A Name', '');
    const specs = fc.record({
      hostname: fc.option(text, { nil: undefined }), image: text, memory: fc.constantFrom('1', '100m', '-1', '64Mi'), grace: fc.constantFrom(30, -1), secret: fc.constantFrom('s', ''), port: fc.constantFrom(80, 0), annotation: fc.constantFrom('note', 'container.apparmor.security.beta.kubernetes.io/c', 'seccomp.security.alpha.kubernetes.io/pod'),
    });
    const build = ({ hostname, image, memory, grace, secret, port, annotation }: typeof specs extends fc.Arbitrary<infer T> ? T : never, suffix: string): Pod => {
      const name = `kube-api-access-${suffix}`;
      const [container] = specOf(name).containers;
      return podOf(specOf(name, {
        ...(hostname === undefined ? {} : { hostname }), terminationGracePeriodSeconds: grace, imagePullSecrets: [{ name: secret }],
        containers: [{ ...container!, image, resources: { requests: { memory } }, ports: [{ containerPort: port, protocol: 'TCP' }] }],
      }), { annotations: { [annotation]: 'unconfined' } });
    };
    const told = (pod: Pod): unknown => [validatePod(pod), warningsOfPod(pod, undefined)];
    fc.assert(fc.property(fc.array(specs, { minLength: 1, maxLength: 6 }), (all) => {
      for (const one of all) {
        const first = told(build(one, 'aaaaa'));
        expect(told(build(one, 'bbbbb'))).toEqual(first);
        // One member more than all that are remembered: looked at anew.
        const strange = build(one, 'ccccc');
        strange.spec!.subdomain = `s${Math.abs(JSON.stringify(one).length)}`;
        const [errors, warnings] = told(strange) as [{ field: string }[], string[]];
        expect([errors.filter(({ field }) => field !== 'spec.subdomain'), warnings]).toEqual(first);
      }
    }), { numRuns: 60, seed: 20261127 });
  });

  test('what there is to warn of in a spec is told, though the one that was looked at last had nothing', () => {
    const plain = podOf(specOf('kube-api-access-qqqqq'));
    expect([validatePod(plain), warningsOfPod(plain, undefined)]).toEqual([[], []]);
    expect(warningsOfPod(podOf({ ...specOf('kube-api-access-qqqqq'), terminationGracePeriodSeconds: -1 }), undefined)).toHaveLength(1);
  });

  /** A pod in which much can be changed and much speaks of other things in it. */
  const richPod = (): Pod => {
    const name = 'kube-api-access-nnnnn';
    return podOf(specOf(name, {
      volumes: [token(name), { name: 'kube-api-access-ooooo', emptyDir: {} }, { name: 'block', persistentVolumeClaim: { claimName: 'p-block' } }, { name: 'more', csi: { driver: 'd', volumeAttributes: { a: 'b' } } }],
      containers: [{
        ...specOf(name).containers[0]!, volumeMounts: [{ name, mountPath: '/var/run' }, { name: 'kube-api-access-ooooo', mountPath: '/o' }], volumeDevices: [{ name: 'block', devicePath: '/x' }],
        env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'kube-api-access-ooooo', path: 'p', key: 'k' } } }], resources: { requests: { cpu: '1' }, limits: { cpu: '2' } }, ports: [{ containerPort: 80, protocol: 'TCP' }],
      }],
      initContainers: [{ name: 'i', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File', volumeMounts: [{ name, mountPath: '/var/run' }] }],
      nodeSelector: { a: 'b' }, tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 }],
    }));
  };

  /** Every place in a value that has something below it. */
  const holders = (value: unknown): (Record<string, unknown> | unknown[])[] => (typeof value === 'object' && value !== null ? [value as unknown[], ...Object.values(value).flatMap(holders)] : []);

  interface Turn { place: number; member: number; what: number; other: number }

  /** Takes a member away, puts another value of the pod in its place, says it twice, or gives it another name. */
  function changeOnce(spec: PodSpec, { place, member, what, other }: Turn): void {
    const all = holders(spec);
    const at = all[place % all.length] as Record<string, unknown>;
    const keys = Object.keys(at);
    const key = keys[member % Math.max(1, keys.length)];
    const values: unknown[] = [...all.flatMap((one) => Object.values(one)), undefined, null, '', 0, -0, -1, 1n, 2 ** 53, [], {}, 'kube-api-access-ppppp', '\ud800', '__proto__'];
    const value = structuredClone(values[other % values.length]);
    if (key === undefined) return;
    if (Array.isArray(at) && what === 0) at.splice(Number(key), 1);
    else if (Array.isArray(at) && what === 1) at.push(structuredClone(at[Number(key)]));
    else if (what === 0) delete at[key];
    else if (what === 1) Object.defineProperty(at, '__proto__', { value, enumerable: true, configurable: true, writable: true });
    else at[key] = value;
  }

  test('never: a spec is taken for another that has been found right', () => {
    const turns = fc.array(fc.record({ place: fc.nat(), member: fc.nat(), what: fc.nat({ max: 4 }), other: fc.nat() }), { minLength: 1, maxLength: 4 });
    // What the rules cannot stomach no decoder lets pass; both ways must fail alike.
    const told = (look: () => unknown): unknown => {
      try {
        return look();
      } catch (error) {
        return (error as Error).name;
      }
    };
    let right = 0;
    let wrong = 0;
    fc.assert(fc.property(turns, fc.boolean(), (changes, startsAnew) => {
      const pod = richPod();
      const seen = pod.spec!;
      if (startsAnew) validatePod(pod);
      for (const change of changes) {
        changeOnce(seen, change);
        const before = told(() => specFaults(seen, pod.metadata));
        const errors = told(() => validatePod(pod, pod));
        expect(errors).toEqual(before);
        if (Array.isArray(errors) && errors.length === 0) right++;
        else wrong++;
        // As a new pod that has come by itself.
        const again = structuredClone(seen);
        expect(told(() => validatePod(podOf(again), pod))).toEqual(before);
        shareKnownSpec(again);
        expect(again).toStrictEqual(seen);
        if (Object.isFrozen(seen.containers)) return;
      }
    }), { seed: 20261127, numRuns: 500 });
    expect(Math.min(right, wrong)).toBeGreaterThan(100);
  });
});
