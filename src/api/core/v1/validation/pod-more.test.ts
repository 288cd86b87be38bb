/** Rules between the parts of a pod: annotations and fields, a pod and a template, a pod's resources and its containers'; and what is warned of. */
import { describe, expect, test } from 'vitest';
import type { Loose } from '../../../strategies.fixture.ts';
import { contextFor, created, kindOf, refusals, updated, updateRefusals } from '../../../strategies.fixture.ts';

type Change = (object: Loose) => void;
type Row = [name: string, change: Change, expected: string[]];
const spec = (change: Change): Change => (pod) => change(pod.spec);
const first = (change: Change): Change => (pod) => change(pod.spec.containers[0]);
const note = (key: string, value: string): Change => (pod) => { pod.metadata.annotations = { ...pod.metadata.annotations, [key]: value }; };
const both = (...changes: Change[]): Change => (pod) => changes.forEach((change) => change(pod));
const C = 'spec.containers[0]';
const A = 'metadata.annotations';
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/app';
const SECCOMP = 'container.seccomp.security.alpha.kubernetes.io/app';
const term = (values: string[], operator = 'In'): object => ({ matchExpressions: [{ key: 'zone', operator, values }] });
const required = (...terms: object[]): object => ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } });
const windows = (options: object): Change => spec((s) => { s.hostNetwork = true; s.securityContext = { windowsOptions: options }; });

describe.each<[string, Row[]]>([
  ['annotations', [
    ['a picture of a static pod without a node', note('kubernetes.io/config.mirror', 'x'), [`${A}[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set`]],
    ['a cost that is no number', note('controller.kubernetes.io/pod-deletion-cost', '+1'), [`${A}[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer`]],
    ['a cost below nothing', note('controller.kubernetes.io/pod-deletion-cost', '-5'), []],
    ['AppArmor of no container', note('container.apparmor.security.beta.kubernetes.io/other', 'unconfined'), [`${A}[container.apparmor.security.beta.kubernetes.io/other]: Invalid value: "other": container not found`]],
    ['an AppArmor profile that is none', note(APPARMOR, 'strict'), [`${A}[${APPARMOR}]: Invalid value: "strict": invalid AppArmor profile name: "strict"`]],
    ['AppArmor said two ways', both(note(APPARMOR, 'unconfined'), first((c) => { c.securityContext = { appArmorProfile: { type: 'RuntimeDefault' } }; })), [`${C}.securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match`]],
    ['another local profile', both(note(APPARMOR, 'localhost/a'), first((c) => { c.securityContext = { appArmorProfile: { type: 'Localhost', localhostProfile: 'b' } }; })), [`${C}.securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match`]],
    ['seccomp said two ways', both(note(SECCOMP, 'docker/default'), first((c) => { c.securityContext = { seccompProfile: { type: 'Unconfined' } }; })), [`${C}.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match`]],
    ['a seccomp profile that is none', note(SECCOMP, 'strict'), [`${A}.${SECCOMP}: Invalid value: "strict": must be a valid seccomp profile`]],
  ]],
  ['resources of the pod', [
    ['claims', spec((s) => { s.resources = { claims: [{ name: 'a' }] }; }), ['spec.resources.claims: Forbidden: claims cannot be set for Resources at pod-level']],
    ['another resource', spec((s) => { s.resources = { requests: { 'ephemeral-storage': '1Gi' } }; }), ['spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"']],
    ['less than the containers ask for', spec((s) => { s.resources = { requests: { cpu: '100m' } }; s.containers[0].resources = { requests: { cpu: '1500m' } }; }), ['spec.resources.requests[cpu]: Invalid value: "100m": must be greater than or equal to aggregate container requests of 1500m']],
    ['a container with a higher limit', spec((s) => { s.resources = { limits: { cpu: '1' } }; s.containers[0].resources = { limits: { cpu: '2' }, requests: { cpu: '1' } }; }), ['spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1']],
  ]],
  ['profiles', [
    ['a local seccomp profile outside', first((c) => { c.securityContext = { seccompProfile: { type: 'Localhost', localhostProfile: '/a' } }; }), [`${C}.securityContext.seccompProfile.localhostProfile: Invalid value: "/a": must be a relative path`]],
    ['a path where none belongs', first((c) => { c.securityContext = { seccompProfile: { type: 'Unconfined', localhostProfile: 'a' } }; }), [`${C}.securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"Unconfined","LocalhostProfile":"a"}: can only be set when seccomp type is Localhost`]],
    ['a padded name', first((c) => { c.securityContext = { appArmorProfile: { type: 'Localhost', localhostProfile: ' a' } }; }), [`${C}.securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace`]],
    ['a type that is none', first((c) => { c.securityContext = { appArmorProfile: { type: 'Some' } }; }), [`${C}.securityContext.appArmorProfile.type: Unsupported value: "Some": supported values: "Localhost", "RuntimeDefault", "Unconfined"`]],
  ]],
  ['Windows', [
    ['an empty user', windows({ runAsUserName: '' }), ['spec.securityContext.windowsOptions.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string']],
    ['an odd domain', windows({ runAsUserName: '?\\ann' }), ["spec.securityContext.windowsOptions.runAsUserName: Invalid value: \"?\\\\ann\": runAsUserName's Domain doesn't match the NetBios nor the DNS format"]],
    ['a domain and a user', windows({ runAsUserName: 'CORP\\ann', gmsaCredentialSpecName: 'a.b' }), []],
    ['no credentials', windows({ gmsaCredentialSpec: '' }), ['spec.securityContext.windowsOptions.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string']],
    ['a container that does not take part', both(windows({ hostProcess: true }), first((c) => { c.securityContext = { windowsOptions: { hostProcess: false } }; })), [
      `${C}.securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true`,
    ]],
    ['an unknown system', spec((s) => { s.os = { name: 'plan9' }; }), ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"']],
  ]],
  ['volumes', [
    ['a claim that is made for another volume', spec((s) => {
      s.volumes = [{ name: 'a', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } } } } }, { name: 'b', persistentVolumeClaim: { claimName: 'web-a' } }];
    }), ['spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-a": must not reference a PVC that gets created for an ephemeral volume']],
    ['a token of no account', spec((s) => { s.volumes = [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }]; }), ['spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set']],
  ]],
  ['placement', [
    ['a required value that no label has', spec((s) => { s.affinity = required(term(['a b'])); }), [expect.stringContaining('nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: "a b": a valid label must be')]],
    ['a preferred one', spec((s) => { s.affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: term(['a b']) }] } }; }), []],
    ['an alias that is none', spec((s) => { s.hostAliases = [{ ip: '1.2.3.4', hostnames: ['a', 'B'] }]; }), [expect.stringMatching(/^spec.hostAliases\[0\].hostnames\[1\]: Invalid value: "B"/)]],
    ['a key that the selector names', spec((s) => { s.topologySpreadConstraints = [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, matchLabelKeys: ['app'] }]; }), [
      'spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "app": exists in both matchLabelKeys and labelSelector',
    ]],
    ['a key that the server has put there', spec((s) => { s.topologySpreadConstraints = [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {}, matchLabelKeys: ['app'] }]; }), []],
  ]],
])('%s', (_name, rows) => {
  test.each(rows)('%s', (_row, change, expected) => {
    expect(refusals('/Pod', change)).toEqual(expected);
  });
});

test('several errors of one pod are all reported', () => {
  expect(refusals('/Pod', both(first((c) => { c.image = ''; c.ports = [{ containerPort: 70000 }]; }), spec((s) => { s.dnsPolicy = 'Some'; s.hostname = 'a.b'; })))).toEqual([
    `${C}.image: Required value`, `${C}.ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`,
    'spec.dnsPolicy: Unsupported value: "Some": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"', 'spec.hostname: Invalid value: "a.b": must not contain dots',
  ]);
});

describe('templates are asked for less', () => {
  const template = (change: Change): Change => (set) => change(set.spec.template);
  test.each<[string, string, Change, string[]]>([
    ['a host port that is to come', 'apps/DaemonSet', template((t) => { t.spec.hostNetwork = true; t.spec.containers[0].ports = [{ containerPort: 80 }]; }), []],
    ['another host port', 'apps/DaemonSet', template((t) => { t.spec.hostNetwork = true; t.spec.containers[0].ports = [{ containerPort: 80, hostPort: 81 }]; }), ['spec.template.spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true']],
    ['an image with a blank', 'apps/Deployment', template((t) => { t.spec.containers[0].image = ' app'; }), []],
    ['a token of no account', 'apps/Deployment', template((t) => { t.spec.volumes = [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }]; }), []],
    ['a deadline', 'apps/StatefulSet', template((t) => { t.spec.activeDeadlineSeconds = 5; }), ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported']],
    ['a deadline', '/ReplicationController', template((t) => { t.spec.activeDeadlineSeconds = 5; }), ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported']],
    ['AppArmor said two ways', 'batch/Job', template((t) => { t.metadata = { annotations: { [APPARMOR]: 'unconfined' } }; t.spec.securityContext = { appArmorProfile: { type: 'RuntimeDefault' } }; }), [
      'spec.template.spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match',
    ]],
  ])('%s (%s)', (_name, key, change, expected) => {
    expect(refusals(key, change)).toEqual(expected);
  });
});

describe('AppArmor is said both ways', () => {
  const profile = (change: Change): [string | undefined, object | undefined] => {
    const pod = created('/Pod', change);
    return [pod.metadata.annotations?.[APPARMOR], pod.spec.containers[0].securityContext?.appArmorProfile];
  };
  test.each<[string, Change, [string | undefined, object | undefined]]>([
    ['by the field', first((c) => { c.securityContext = { appArmorProfile: { type: 'Localhost', localhostProfile: 'p' } }; }), ['localhost/p', { type: 'Localhost', localhostProfile: 'p' }]],
    ['by the pod\'s field', spec((s) => { s.securityContext = { appArmorProfile: { type: 'RuntimeDefault' } }; }), ['runtime/default', undefined]],
    ['by the annotation', note(APPARMOR, 'unconfined'), ['unconfined', { type: 'Unconfined' }]],
    ['by an annotation that is none', note(APPARMOR, 'localhost/'), ['localhost/', undefined]],
    ['on Windows', both(note(APPARMOR, 'unconfined'), spec((s) => { s.os = { name: 'windows' }; })), ['unconfined', undefined]],
  ])('%s', (_name, change, expected) => {
    expect(profile(change)).toEqual(expected);
  });
});

test.each<[string, Change, Change, string[]]>([
  ['a mark of the kubelet taken away', (p) => { p.metadata.annotations = { 'kubernetes.io/config.mirror': 'x' }; p.spec.nodeName = 'n'; }, (p) => { delete p.metadata.annotations; }, [`${A}[kubernetes.io/config.mirror]: Forbidden: may not remove or update mirror pod annotation`]],
  ['AppArmor said later', () => undefined, note(APPARMOR, 'unconfined'), [`${A}[${APPARMOR}]: Forbidden: may not add AppArmor annotations`]],
  ['a selector that widens', spec((s) => { s.schedulingGates = [{ name: 'a.b/c' }]; s.nodeSelector = { a: 'b' }; }), spec((s) => { s.nodeSelector = { a: 'c' }; }), ['spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)']],
  ['one term more', spec((s) => { s.schedulingGates = [{ name: 'a.b/c' }]; s.affinity = required(term(['a'])); }), spec((s) => { s.affinity = required(term(['a']), term(['b'])); }), [
    expect.stringMatching(/^spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Invalid value: .*: no additions\/deletions to non-empty NodeSelectorTerms list are allowed$/),
  ]],
  ['another term', spec((s) => { s.schedulingGates = [{ name: 'a.b/c' }]; s.affinity = required(term(['a'])); }), spec((s) => { s.affinity = required(term(['b'])); }), [
    expect.stringMatching(/nodeSelectorTerms\[0\]: Invalid value: .*: only additions are allowed \(no mutations or deletions\)$/),
  ]],
])('update: %s', (_name, stored, change, expected) => {
  expect(updateRefusals('/Pod', change, { stored })).toEqual(expected);
});

describe('status', () => {
  const ended = (name: string): object => ({ name, ready: false, restartCount: 0, image: '', imageID: '', state: { terminated: { exitCode: 0 } } });
  test.each<[string, Change, Change, string[]]>([
    ['a debugging container that runs again', (p) => { p.status.ephemeralContainerStatuses = [ended('d')]; }, (p) => { p.status.ephemeralContainerStatuses[0].state = { running: {} }; }, ['status.ephemeralContainerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state']],
    ['an odd condition', () => undefined, (p) => { p.status.conditions = [{ type: 'a b', status: 'True' }]; }, [expect.stringMatching(/^metadata.conditions\[0\].Type: Invalid value: "a b"/)]],
    ['two addresses of one family', () => undefined, (p) => { p.status.podIPs = [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }]; }, [
      'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.1"}]: may specify no more than one IP for each IP family', 'status.podIPs[1]: Duplicate value: {"IP":"10.0.0.1"}',
    ]],
    ['an odd user', () => undefined, (p) => { p.status.containerStatuses = [{ ...ended('app'), user: { linux: { uid: -1, gid: 0 } } }]; }, ['status.containerStatuses[0].linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive']],
    ['a claim twice', spec((s) => { s.resourceClaims = [{ name: 'c', resourceClaimName: 'x' }]; }), (p) => { p.status.resourceClaimStatuses = [{ name: 'c' }, { name: 'c' }]; }, ['status.resourceClaimStatuses[1].name: Duplicate value: "c"']],
  ])('%s', (_name, stored, change, expected) => {
    expect(updateRefusals('/Pod', change, { stored, subresource: 'status' })).toEqual(expected);
  });
});

describe('resize', () => {
  const init = { name: 'init', image: 'i', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' };
  test.each<[string, Change, Change, string[]]>([
    ['an init container', spec((s) => { s.initContainers = [{ ...init, resources: { requests: { cpu: '1' } } }]; }), spec((s) => { s.initContainers[0].resources.requests.cpu = '2'; }), []],
    ['a sidecar\'s disk', spec((s) => { s.initContainers = [{ ...init, restartPolicy: 'Always', resources: { requests: { cpu: '1' } } }]; }), spec((s) => { s.initContainers[0].resources.requests['ephemeral-storage'] = '2'; }), ['spec: Forbidden: only cpu and memory resources for sidecar containers are mutable']],
    ['on a node that cannot', (p) => { p.status.containerStatuses = [{ name: 'app', state: { running: {} } }]; }, () => undefined, ['spec: Forbidden: Pod running on node without support for resize']],
    ['the pod itself', spec((s) => { s.resources = { requests: { cpu: '1' } }; }), spec((s) => { s.resources.requests.cpu = '2'; }), []],
    ['a pod\'s limit taken away', spec((s) => { s.resources = { requests: { cpu: '1' }, limits: { cpu: '2' } }; }), spec((s) => { delete s.resources.limits; }), ['spec.resources.limits: Forbidden: resource limits cannot be removed']],
  ])('%s', (_name, stored, change, expected) => {
    const withClass: Change = (pod) => { stored(pod); delete pod.status.qosClass; };
    expect(updateRefusals('/Pod', change, { stored: withClass, subresource: 'resize' })).toEqual(expected);
  });
});

describe('warnings', () => {
  const warnings = (key: string, change: Change): string[] => kindOf(key).strategy.warnings?.(created(key, change), undefined, contextFor()) ?? [];
  const claim = (storage: string): object => ({ spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } });
  test.each<[string, string, Change, string[]]>([
    ['/Pod', 'a name with dots', (p) => { p.metadata.name = 'a.b'; }, ["metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]"]],
    ['/Pod', 'older labels of nodes', spec((s) => { s.nodeSelector = { 'beta.kubernetes.io/os': 'linux', 'node-role.kubernetes.io/master': '' }; s.affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] } }] } }; }), [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead', 'spec.nodeSelector[node-role.kubernetes.io/master]: use "node-role.kubernetes.io/control-plane" instead',
      'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key: beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead',
    ]],
    ['/Pod', 'selectors of nothing', spec((s) => { s.affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z' }] } }; s.topologySpreadConstraints = [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway' }]; }), [
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod', 'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
    ]],
    ['/Pod', 'ports twice', spec((s) => { s.containers[0].ports = [{ containerPort: 80, name: 'web' }, { containerPort: 80 }, { containerPort: 80, hostPort: 80 }]; s.containers.push({ ...s.containers[0], name: 'b', ports: [{ containerPort: 81, name: 'web' }] }); }), [
      `${C}.ports[1]: duplicate port definition with ${C}.ports[0]`, `${C}.ports[2]: overlapping port definition with ${C}.ports[0]`, `${C}.ports[2]: overlapping port definition with ${C}.ports[1]`,
      `spec.containers[1].ports[0].name: duplicate port name "web" with ${C}.ports[0].name, services and probes that select ports by name will use ${C}.ports[0].name`,
    ]],
    ['/Pod', 'one host port on some addresses and on all', first((c) => { c.ports = [{ containerPort: 80, hostPort: 80 }, { containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' }]; }), [`${C}.ports[1]: dangerously ambiguous port definition with ${C}.ports[0]`]],
    ['/Pod', 'a variable that adds to its earlier value', first((c) => { c.env = [{ name: 'A', value: '1' }, { name: 'A', value: '$(A)2' }]; }), []],
    ['/Pod', 'a variable that repeats itself', first((c) => { c.env = [{ name: 'A', value: '1' }, { name: 'A', value: '$(A)' }]; }), [`${C}.env[1]: hides previous definition of "A", which may be dropped when using apply`]],
    ['/Pod', 'parts of bytes', both(first((c) => { c.resources = { limits: { memory: '100m' } }; }), spec((s) => { s.overhead = { memory: '1500m' }; })), [
      'spec.overhead[memory]: fractional byte value "1500m" is invalid, must be an integer', `${C}.resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer`, `${C}.resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer`,
    ]],
    ['/Pod', 'volumes that are gone', spec((s) => { s.volumes = [{ name: 'a', gitRepo: { repository: 'r' } }, { name: 'b', rbd: { image: 'i', monitors: ['m'] } }, { name: 'c', ephemeral: { volumeClaimTemplate: claim('1500m') } }]; }), [
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+', 'spec.volumes[1].rbd: deprecated in v1.28, non-functional in v1.31+',
      'spec.volumes[2].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ]],
    ['/Pod', 'files that hide each other', spec((s) => { s.volumes = [{ name: 'a', configMap: { name: 'm', items: [{ key: 'x', path: 'd' }, { key: 'y', path: 'd/e' }] } }, { name: 'b', projected: { sources: [{ secret: { name: 's', items: [{ key: 'k', path: 'ca' }] } }, { clusterTrustBundle: { name: 'x', path: 'q' } }, { configMap: { name: 'm', items: [{ key: 'k', path: 'ca/crt' }] } }] } }]; }), [
      'volume "a" (ConfigMap "m"): overlapping paths: "d/e" with "d"', 'volume "b" (Projected): overlapping paths: "ca/crt" (ConfigMap "m") with "ca" (Secret "s")',
    ]],
    ['/Pod', 'names twice', spec((s) => { s.imagePullSecrets = [{ name: 'a' }, { name: 'a' }, {}]; s.hostAliases = [{ ip: '::1', hostnames: ['a'] }, { ip: '::1', hostnames: ['b'] }, { ip: '0:0::2' }]; }), [
      'spec.hostAliases[1].ip: duplicate ip "::1"', 'spec.imagePullSecrets[1].name: duplicate name "a"', 'spec.imagePullSecrets[2].name: invalid empty name ""', 'spec.hostAliases[2].ip: IPv6 address "0:0::2" should be in RFC 5952 canonical format ("::2")',
    ]],
    ['/Pod', 'older annotations', both(note(APPARMOR, 'unconfined'), note(SECCOMP, 'unconfined'), note('security.alpha.kubernetes.io/sysctls', 'a=b')), [
      `${A}[security.alpha.kubernetes.io/sysctls]: non-functional in v1.11+; use the "sysctls" field instead`, `${A}[${SECCOMP}]: non-functional in v1.27+; use the "seccompProfile" field instead`, `${A}[${APPARMOR}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    ]],
    ['/Pod', 'a negative grace period', spec((s) => { s.terminationGracePeriodSeconds = -1; }), ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1']],
    ['apps/StatefulSet', 'parts of bytes', (s) => { s.spec.volumeClaimTemplates = [{ metadata: { name: 'd' }, ...claim('1500m') }]; }, ['spec.volumeClaimTemplates[0].Spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer']],
    ['batch/Job', 'more than a Job can tell', (j) => { j.spec = { ...j.spec, completionMode: 'Indexed', completions: 100_001, parallelism: 10_001 }; }, [
      'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
    ]],
    ['batch/CronJob', 'a zone in the schedule', (c) => { c.metadata.name = 'a.b'; c.spec.schedule = 'TZ=UTC 0 0 * * *'; }, [
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
      'CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
    ]],
    ['/Service', 'a headless one with more', (s) => { s.spec = { ...s.spec, clusterIP: 'None', sessionAffinity: 'ClientIP', externalIPs: ['2001:DB8::1'] }; }, [
      'spec.externalIPs is ignored for headless services', 'spec.SessionAffinity is ignored for headless services', 'spec.externalIPs[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
    ]],
    ['/Service', 'an external name with addresses', (s) => { s.spec = { type: 'ExternalName', externalName: 'a.b', externalIPs: ['1.2.3.4'] }; s.metadata.annotations = { 'service.kubernetes.io/topology-aware-hints': 'auto' }; }, [
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead', 'spec.externalIPs is ignored when spec.type is "ExternalName"',
    ]],
    ['/Service', 'addresses in odd forms', (s) => { s.spec.loadBalancerIP = '010.0.0.1'; s.spec.externalIPs = ['::ffff:1.2.3.4']; s.spec.loadBalancerSourceRanges = ['10.0.0.1/8']; }, [
      'spec.externalIPs[0]: non-standard IP address "::ffff:1.2.3.4" is invalid: use "1.2.3.4"',
      'spec.loadBalancerIP: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"',
      'spec.loadBalancerSourceRanges[0]: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
    ]],
    ['/PersistentVolume', 'older ways', (v) => { v.spec.persistentVolumeReclaimPolicy = 'Recycle'; v.metadata.annotations = { 'volume.beta.kubernetes.io/storage-class': 'a' }; }, [
      `${A}[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead`,
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    ]],
    ['/PersistentVolumeClaim', 'parts of bytes', (c) => { c.spec.resources.requests.storage = '1500m'; }, ['spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer']],
    ['/Node', 'a source of its configuration, which is dropped', (n) => { n.spec = { configSource: { configMap: { namespace: 'a', name: 'b', kubeletConfigKey: 'c' } } }; }, []],
    ['/Endpoints', 'addresses in odd forms', (e) => { e.subsets[0].addresses[0].ip = '0:0::2'; }, ['subsets[0].addresses[0].ip: IPv6 address "0:0::2" should be in RFC 5952 canonical format ("::2")']],
    ['/Node', 'an external name', (n) => { n.spec = { externalID: 'x' }; }, ['spec.externalID: this field is deprecated, and is unused by Kubernetes']],
    ['/ServiceAccount', 'only its own secrets', note('kubernetes.io/enforce-mountable-secrets', 'true'), [`${A}[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`]],
    ['node.k8s.io/RuntimeClass', 'older labels of nodes', (r) => { r.scheduling = { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }; }, ['scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead']],
    ['storage.k8s.io/StorageClass', 'older labels of nodes', (c) => { c.allowedTopologies = [{ matchLabelExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', values: ['a'] }] }]; }, [
      'allowedTopologies[0].matchLabelExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    ]],
    ['networking.k8s.io/NetworkPolicy', 'an address for a block', (n) => { n.spec.ingress[0].from[0].ipBlock = { cidr: '10.0.0.1/8' }; }, ['spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)']],
  ])('%s: %s', (key, _name, change, expected) => {
    expect(warnings(key, change)).toEqual(expected);
  });
  const again = (key: string, stored: Change, change: Change, subresource = ''): string[] => {
    const { old, next } = updated(key, change, { stored, subresource });
    return kindOf(key).strategy.warnings!(next, old, contextFor(subresource));
  };
  const graceless = (s: Loose): void => { s.terminationGracePeriodSeconds = -1; };
  test('nothing is said of a plain object, nor of changes of pods', () => {
    expect(warnings('/Service', () => undefined)).toEqual([]);
    expect(again('/Pod', spec(graceless), spec((s) => { s.activeDeadlineSeconds = 5; }))).toEqual([]);
  });
  test('a template is told of whenever its owner becomes another generation, that of a daemon set when it changes itself, and nothing on the way to a status', () => {
    const stored: Change = (o) => graceless(o.spec.template.spec);
    const said = ['spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'];
    expect(again('apps/Deployment', stored, (d) => { d.spec.replicas = 5; })).toEqual(said);
    expect(again('apps/Deployment', stored, (d) => { d.metadata.labels = { a: 'b' }; })).toEqual([]);
    expect(again('apps/Deployment', stored, (d) => { d.spec.replicas = 5; }, 'status')).toEqual([]);
    expect(again('apps/DaemonSet', stored, (d) => { d.spec.minReadySeconds = 5; })).toEqual([]);
    expect(again('apps/DaemonSet', stored, (d) => { d.spec.template.metadata.labels.a = 'b'; })).toEqual(said);
  });
  test('an account that only may mount its own secrets is told of once', () => {
    const only: Change = (a) => { a.metadata.annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' }; };
    expect(again('/ServiceAccount', only, (a) => { a.metadata.labels = { a: 'b' }; })).toEqual([]);
    expect(again('/ServiceAccount', () => undefined, only)).toHaveLength(1);
  });
  test('slices of endpoints: names are no addresses, and topologies are no part of v1', () => {
    expect(warnings('discovery.k8s.io/EndpointSlice', (s) => { s.addressType = 'FQDN'; s.endpoints = [{ addresses: ['a.example.com'] }]; })).toEqual(['spec.addressType: FQDN endpoints are deprecated']);
    const odd: Change = (s) => { s.addressType = 'IPv6'; s.endpoints = [{ addresses: ['0:0::2'] }]; };
    expect(warnings('discovery.k8s.io/EndpointSlice', odd)).toHaveLength(1);
    expect(warnings('discovery.k8s.io/EndpointSlice', (s) => { odd(s); s.metadata.labels = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }; })).toEqual([]);
    const topology = { 'kubernetes.io/hostname': 'node-1', zone: 'a' };
    const add: Change = (s) => { s.endpoints[0].deprecatedTopology = topology; };
    expect(created('discovery.k8s.io/EndpointSlice', add).endpoints[0].deprecatedTopology).toBeUndefined();
    const many: Change = (s) => { s.endpoints[0].deprecatedTopology = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])); };
    expect(refusals('discovery.k8s.io/EndpointSlice', () => undefined, many)).toEqual(['endpoints[0].deprecatedTopology: Too many: 17: must have at most 16 items']);
    const change: Change = (s) => { s.endpoints[0].addresses = ['10.1.2.4']; };
    expect(updated('discovery.k8s.io/EndpointSlice', change, { stored: add }).next.endpoints).toEqual([{ addresses: ['10.1.2.4'], nodeName: 'node-1', conditions: {} }]);
    expect(updated('discovery.k8s.io/EndpointSlice', (s) => { s.metadata.labels = { a: 'b' }; }, { stored: add }).next.endpoints[0].deprecatedTopology).toEqual(topology);
  });
});
