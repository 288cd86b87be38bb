import { describe, expect, test } from 'vitest';
import type { Loose } from '../../../strategies.fixture.ts';
import { contextFor, created, kindOf, refusals, updated, updateRefusals } from '../../../strategies.fixture.ts';

type Row = [name: string, change: (pod: Loose) => void, expected: string[]];

const LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const spec = (change: (spec: Loose) => void) => (pod: Loose): void => change(pod.spec);
const first = (change: (container: Loose) => void) => (pod: Loose): void => change(pod.spec.containers[0]);
const C = 'spec.containers[0]';

const containers: Row[] = [
  ['none', spec((s) => { s.containers = []; }), ['spec.containers: Required value']],
  ['no name', first((c) => { c.name = ''; }), [`${C}.name: Required value`]],
  ['a name in upper case', first((c) => { c.name = 'App'; }), [`${C}.name: Invalid value: "App": ${LABEL}`]],
  ['no image', first((c) => { delete c.image; }), [`${C}.image: Required value`]],
  ['an image with a blank', first((c) => { c.image = ' app:1'; }), [`${C}.image: Invalid value: " app:1": must not have leading or trailing whitespace`]],
  ['the same name twice', spec((s) => s.containers.push({ ...s.containers[0] })), ['spec.containers[1].name: Duplicate value: "app"']],
  ['an unknown pull policy', first((c) => { c.imagePullPolicy = 'Maybe'; }), [`${C}.imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"`]],
  ['a port of 0', first((c) => { c.ports = [{ containerPort: 0 }]; }), [`${C}.ports[0].containerPort: Required value`]],
  ['a port above the range', first((c) => { c.ports = [{ containerPort: 70000 }]; }), [`${C}.ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`]],
  ['a device that is mounted too', spec((s) => {
    s.volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'a' } }, { name: 'e', emptyDir: {} }];
    s.containers[0].volumeMounts = [{ name: 'v', mountPath: '/a' }, { name: '', mountPath: '/a' }];
    s.containers[0].volumeDevices = [{ name: 'v', devicePath: '/a' }, { name: 'e', devicePath: '/../b' }, { name: 'v', devicePath: '/c' }, { name: 'x', devicePath: '/c' }];
  }), [
    `${C}.volumeMounts[0].mountPath: Invalid value: "/a": must not already exist as a path in volumeDevices`,
    `${C}.volumeMounts[1].name: Required value`, `${C}.volumeMounts[1].name: Not found: ""`, `${C}.volumeMounts[1].mountPath: Invalid value: "/a": must be unique`, `${C}.volumeMounts[1].mountPath: Invalid value: "/a": must not already exist as a path in volumeDevices`,
    `${C}.volumeDevices[0].name: Invalid value: "v": must not already exist in volumeMounts`, `${C}.volumeDevices[0].devicePath: Invalid value: "/a": must not already exist as a path in volumeMounts`,
    `${C}.volumeDevices[1].name: Invalid value: "e": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`, `${C}.volumeDevices[1].devicePath: Invalid value: "/../b": can not contain backsteps ('..')`,
    `${C}.volumeDevices[2].name: Invalid value: "v": must be unique`, `${C}.volumeDevices[2].name: Invalid value: "v": must not already exist in volumeMounts`,
    `${C}.volumeDevices[3].name: Not found: "x"`, `${C}.volumeDevices[3].devicePath: Invalid value: "/c": must be unique`,
  ]],
  ['a long port name', first((c) => { c.ports = [{ containerPort: 80, name: 'much-too-long-name' }]; }), [`${C}.ports[0].name: Invalid value: "much-too-long-name": must be no more than 15 characters`]],
  ['port names twice', first((c) => { c.ports = [{ containerPort: 80, name: 'a' }, { containerPort: 81, name: 'a' }]; }), [`${C}.ports[1].name: Duplicate value: "a"`]],
  ['an unknown protocol', first((c) => { c.ports = [{ containerPort: 80, protocol: 'ICMP' }]; }), [`${C}.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`]],
  ['a host port twice', first((c) => { c.ports = [{ containerPort: 80, hostPort: 80 }, { containerPort: 81, hostPort: 80 }]; }), [`${C}.ports[1].hostPort: Duplicate value: "TCP//80"`]],
  ['another host port on the host network', (p) => { p.spec.hostNetwork = true; p.spec.containers[0].ports = [{ containerPort: 80, hostPort: 81 }]; }, [`${C}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`]],
  ['a mount without a volume', first((c) => { c.volumeMounts = [{ name: 'data', mountPath: '/data' }]; }), [`${C}.volumeMounts[0].name: Not found: "data"`]],
  ['an unknown restart policy', first((c) => { c.restartPolicy = 'Sometimes'; }), [`${C}.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"`]],
];

const env: Row[] = [
  ['no name', first((c) => { c.env = [{ name: '' }]; }), [`${C}.env[0].name: Required value`]],
  ['a name with =', first((c) => { c.env = [{ name: 'a=b' }]; }), [`${C}.env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`]],
  ['value and source', first((c) => { c.env = [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }]; }), [`${C}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`]],
  ['a long key in a file', first((c) => { c.env = [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'k'.repeat(129) } } }]; }), [`${C}.env[0].valueFrom.fileKeyRef.key: Too long: may not be more than 128 bytes`, `${C}.env[0].valueFrom.fileKeyRef.volumeName: Not found: "v"`]],
  ['a file of a volume that is no empty folder', spec((s) => {
    s.volumes = [{ name: 'v', configMap: { name: 'c' } }, { name: 'e', emptyDir: {} }];
    s.containers[0].env = ['v', 'e'].map((volumeName) => ({ name: 'A', valueFrom: { fileKeyRef: { volumeName, path: 'p', key: 'k' } } }));
  }), [`${C}.env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir`]],
  ['no source', first((c) => { c.env = [{ name: 'A', valueFrom: {} }]; }), [`${C}.env[0].valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\`, \`secretKeyRef\` or \`fileKeyRef\``]],
  ['an unknown field', first((c) => { c.env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.foo' } } }]; }), [`${C}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo`]],
  ['labels as a whole', first((c) => { c.env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }]; }), [
    `${C}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
  ]],
  ['one label is fine', first((c) => { c.env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }]; }), []],
  ['a divisor that is none', first((c) => { c.env = [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '10' } } }]; }), [`${C}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`]],
  ['a key that is none', first((c) => { c.env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'a/b' } } }]; }), [
    `${C}.env[0].valueFrom.secretKeyRef.key: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
  ]],
  ['an empty envFrom', first((c) => { c.envFrom = [{}]; }), [`${C}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``]],
];

const probes: Row[] = [
  ['no handler', first((c) => { c.livenessProbe = {}; }), [`${C}.livenessProbe: Required value: must specify a handler type`]],
  ['two handlers', first((c) => { c.livenessProbe = { exec: { command: ['a'] }, tcpSocket: { port: 80 } }; }), [`${C}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`]],
  ['no command', first((c) => { c.livenessProbe = { exec: {} }; }), [`${C}.livenessProbe.exec.command: Required value`]],
  ['liveness with two successes', first((c) => { c.livenessProbe = { tcpSocket: { port: 80 }, successThreshold: 2 }; }), [`${C}.livenessProbe.successThreshold: Invalid value: 2: must be 1`]],
  ['a negative delay', first((c) => { c.readinessProbe = { tcpSocket: { port: 80 }, initialDelaySeconds: -1 }; }), [`${C}.readinessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0`]],
  ['a grace period on readiness', first((c) => { c.readinessProbe = { tcpSocket: { port: 80 }, terminationGracePeriodSeconds: 5 }; }), [`${C}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes`]],
  ['a port of 0', first((c) => { c.startupProbe = { httpGet: { port: 0 } }; }), [`${C}.startupProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive`]],
  ['a longer sleep than the grace period', first((c) => { c.lifecycle = { preStop: { sleep: { seconds: 60 } } }; }), [`${C}.lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)`]],
];

const resources: Row[] = [
  ['more requested than allowed', first((c) => { c.resources = { requests: { cpu: '500m' }, limits: { cpu: '200m' } }; }), [`${C}.resources.requests: Invalid value: "500m": must be less than or equal to cpu limit of 200m`]],
  ['an unknown resource', first((c) => { c.resources = { limits: { gpu: '1' } }; }), [
    `${C}.resources.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified`, `${C}.resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers`,
    `${C}.resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified`, `${C}.resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers`,
  ]],
  ['a negative amount', first((c) => { c.resources = { requests: { memory: '-1Mi' } }; }), [`${C}.resources.requests[memory]: Invalid value: "-1Mi": must be greater than or equal to 0`]],
  ['half a device', first((c) => { c.resources = { limits: { 'example.com/gpu': '500m' } }; }), [
    `${C}.resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer`, `${C}.resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer`,
  ]],
  ['a device asked for without a limit', first((c) => { c.resources = { requests: { 'example.com/gpu': '1' } }; }), [`${C}.resources.limits: Required value: Limit must be set for non overcommitable resources`]],
  ['huge pages alone', first((c) => { c.resources = { limits: { 'hugepages-2Mi': '2Mi' } }; }), [`${C}.resources: Forbidden: HugePages require cpu or memory`]],
  ['a claim that the pod does not have', first((c) => { c.resources = { claims: [{ name: 'gpu' }] }; }), [`${C}.resources.claims[0]: Not found: "gpu"`]],
];

const security: Row[] = [
  ['a user beyond the range', first((c) => { c.securityContext = { runAsUser: -1 }; }), [`${C}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive`]],
  ['privileged without escalation', first((c) => { c.securityContext = { privileged: true, allowPrivilegeEscalation: false }; }), [
    `${C}.securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
  ]],
  ['a profile without a path', first((c) => { c.securityContext = { seccompProfile: { type: 'Localhost' } }; }), [`${C}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`]],
  ['host processes shared twice', (p) => { p.spec.hostPID = true; p.spec.shareProcessNamespace = true; }, ['spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled']],
  ['a sysctl of the host network', (p) => { p.spec.hostNetwork = true; p.spec.securityContext = { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] }; }, [
    "spec.securityContext.sysctls[0].name: Invalid value: \"net.core.somaxconn\": may not be specified when 'hostNetwork' is true",
  ]],
  ['a group change policy that is none', (p) => { p.spec.securityContext = { fsGroupChangePolicy: 'Never' }; }, ['spec.securityContext.fsGroupChangePolicy: Unsupported value: "Never": supported values: "Always", "OnRootMismatch"']],
  ['Windows with a Linux field', (p) => { p.spec.os = { name: 'windows' }; p.spec.hostPID = true; }, ['spec.hostPID: Forbidden: cannot be set for a windows pod']],
  ['bidirectional mounts without privileges', (p) => { p.spec.volumes = [{ name: 'd', emptyDir: {} }]; p.spec.containers[0].volumeMounts = [{ name: 'd', mountPath: '/d', mountPropagation: 'Bidirectional' }]; }, [
    `${C}.volumeMounts[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
  ]],
];

const volume = (source: object) => (pod: Loose): void => { pod.spec.volumes = [{ name: 'data', ...source }]; };
const tokens = (source: object) => (pod: Loose): void => { pod.spec.serviceAccountName = 'robot'; pod.spec.volumes = [{ name: 'data', ...source }]; };
const volumes: Row[] = [
  ['no source', volume({}), []],
  ['two sources', volume({ emptyDir: {}, hostPath: { path: '/' } }), ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type']],
  ['a name twice', (p) => { p.spec.volumes = [{ name: 'a', emptyDir: {} }, { name: 'a', emptyDir: {} }]; }, ['spec.volumes[1].name: Duplicate value: "a"']],
  ['a host path going up', volume({ hostPath: { path: '/a/../b' } }), ["spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"]],
  ['a secret without a name', volume({ secret: {} }), ['spec.volumes[0].secret.secretName: Required value']],
  ['a mode that is none', volume({ configMap: { name: 'c', defaultMode: 1000 } }), ['spec.volumes[0].configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive']],
  ['an absolute item', volume({ configMap: { name: 'c', items: [{ key: 'k', path: '/a' }] } }), ['spec.volumes[0].configMap.items[0].path: Invalid value: "/a": must be a relative path']],
  ['a downward file about nothing', volume({ downwardAPI: { items: [{ path: 'a' }] } }), ['spec.volumes[0].downwardAPI.items[0]: Required value: one of fieldRef and resourceFieldRef is required']],
  ['a short token', tokens({ projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 60 } }] } }), ['spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes']],
  ['a relative NFS path', volume({ nfs: { server: 's', path: 'a' } }), ['spec.volumes[0].nfs.path: Invalid value: "a": must be an absolute path']],
  ['a claim without a name', volume({ persistentVolumeClaim: { claimName: '' } }), ['spec.volumes[0].persistentVolumeClaim.claimName: Required value']],
  ['an ephemeral claim that asks for nothing', volume({ ephemeral: { volumeClaimTemplate: { spec: {} } } }), [
    'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required', 'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
  ]],
  ['a driver without a name', volume({ csi: { driver: '' } }), ['spec.volumes[0].csi.driver: Required value']],
];

const placement: Row[] = [
  ['a toleration of all without Exists', spec((s) => { s.tolerations = [{ effect: 'NoSchedule' }]; }), ['spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"']],
  ['a time for another effect', spec((s) => { s.tolerations = [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }]; }), ["spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set"]],
  ['no node selector terms', spec((s) => { s.affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } }; }), [
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ]],
  ['In without values', spec((s) => { s.affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: { matchExpressions: [{ key: 'a', operator: 'In' }] } }] } }; }), [
    'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
    "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ]],
  ['affinity without a topology', spec((s) => { s.affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: '' }] } }; }), [
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty',
    "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  ]],
  ['no skew', spec((s) => { s.topologySpreadConstraints = [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }]; }), ['spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero']],
  ['domains where it does not matter', spec((s) => { s.topologySpreadConstraints = [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 }]; }), [
    'spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
  ]],
  ['a node and gates', spec((s) => { s.nodeName = 'n'; s.schedulingGates = [{ name: 'a.b/c' }]; }), ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared']],
];

const others: Row[] = [
  ['an unknown restart policy', spec((s) => { s.restartPolicy = 'Maybe'; }), ['spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"']],
  ['no servers for DNS', spec((s) => { s.dnsPolicy = 'None'; }), ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None']],
  ['too many servers', spec((s) => { s.dnsConfig = { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] }; }), ['spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers']],
  ['a deadline of 0', spec((s) => { s.activeDeadlineSeconds = 0; }), ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive']],
  ['a host name with dots', spec((s) => { s.hostname = 'a.b'; }), ['spec.hostname: Invalid value: "a.b": must not contain dots']],
  ['an alias without an address', spec((s) => { s.hostAliases = [{ ip: 'x', hostnames: ['a'] }]; }), ['spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['debugging containers at creation', spec((s) => { s.ephemeralContainers = [{ name: 'debug', image: 'busybox' }]; }), ['spec.ephemeralContainers: Forbidden: cannot be set on create']],
  ['probes of init containers', spec((s) => { s.initContainers = [{ name: 'init', image: 'i', livenessProbe: { tcpSocket: { port: 1 } } }]; }), ['spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always']],
  ['probes of sidecars are fine', spec((s) => { s.initContainers = [{ name: 'init', image: 'i', restartPolicy: 'Always', livenessProbe: { tcpSocket: { port: 1 } } }]; }), []],
  ['an init container of the same name', spec((s) => { s.initContainers = [{ name: 'app', image: 'i' }]; }), ['spec.initContainers[0].name: Duplicate value: "app"']],
];

describe.each([['containers', containers], ['env', env], ['probes', probes], ['resources', resources], ['security', security], ['volumes', volumes], ['placement', placement], ['others', others]])('pod %s', (_name, rows) => {
  test.each(rows)('%s', (_row, change, expected) => {
    expect(refusals('/Pod', change)).toEqual(expected);
  });
});

describe('pod updates', () => {
  const forbidden = 'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  const rows: [string, (pod: Loose) => void, string[]][] = [
    ['another image', first((c) => { c.image = 'app:2'; }), []],
    ['a new deadline', spec((s) => { s.activeDeadlineSeconds = 10; }), []],
    ['one more toleration', spec((s) => { s.tolerations = [{ key: 'a', operator: 'Exists' }]; }), []],
    ['a label', (p) => { p.metadata.labels.tier = 'x'; }, []],
    ['one more container', spec((s) => s.containers.push({ ...s.containers[0], name: 'b' })), ['spec.containers: Forbidden: pod updates may not add or remove containers']],
    ['another host name', spec((s) => { s.hostname = 'x'; }), [`${forbidden}\n  spec.hostname: null -> "x"`]],
  ];
  test.each(rows)('%s', (_name, change, expected) => {
    expect(updateRefusals('/Pod', change)).toEqual(expected);
  });

  test('a deadline may not rise, nor go', () => {
    const stored = (pod: Loose): void => { pod.spec.activeDeadlineSeconds = 10; };
    expect(updateRefusals('/Pod', (p) => { p.spec.activeDeadlineSeconds = 20; }, { stored })).toEqual(['spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value']);
    expect(updateRefusals('/Pod', (p) => { delete p.spec.activeDeadlineSeconds; }, { stored })).toEqual(['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value']);
  });

  test('a toleration may last another time, but not go', () => {
    const stored = (pod: Loose): void => { pod.spec.tolerations = [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }]; };
    expect(updateRefusals('/Pod', (p) => { p.spec.tolerations[0].tolerationSeconds = 9; }, { stored })).toEqual([]);
    expect(updateRefusals('/Pod', (p) => { p.spec.tolerations = []; }, { stored })).toEqual(['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds']);
  });

  test('gates only go, and while there are some the node selector may narrow', () => {
    const stored = (pod: Loose): void => { pod.spec.schedulingGates = [{ name: 'a.b/c' }]; };
    expect(updateRefusals('/Pod', (p) => { p.spec.schedulingGates = []; }, { stored })).toEqual([]);
    expect(updateRefusals('/Pod', (p) => { p.spec.nodeSelector = { disk: 'ssd' }; }, { stored })).toEqual([]);
    expect(updateRefusals('/Pod', (p) => { p.spec.affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } } }; }, { stored })).toEqual([]);
    expect(updateRefusals('/Pod', (p) => p.spec.schedulingGates.push({ name: 'd.e/f' }), { stored })).toEqual(["spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'd.e/f'"]);
  });

  test('the status stays on writes of the pod, and the spec on writes of the status', () => {
    expect(updated('/Pod', (p) => { p.status.phase = 'Running'; }).next.status.phase).toBe('Pending');
    const { next } = updated('/Pod', (p) => { p.status.phase = 'Running'; p.spec.hostname = 'x'; p.metadata.labels.a = 'b'; }, { subresource: 'status' });
    expect([next.status.phase, next.spec.hostname, next.metadata.labels.a, next.metadata.generation]).toEqual(['Running', undefined, 'b', 1]);
  });

  test('generation rises with the spec alone', () => {
    expect(updated('/Pod', (p) => { p.spec.containers[0].image = 'app:2'; }).next.metadata.generation).toBe(2);
    expect(updated('/Pod', (p) => { p.metadata.labels.a = 'b'; }).next.metadata.generation).toBe(1);
  });
});

describe('pod subresources', () => {
  test('an ended container does not run again', () => {
    const stored = (pod: Loose): void => {
      pod.spec.restartPolicy = 'Never';
      pod.status.containerStatuses = [{ name: 'app', ready: false, restartCount: 0, image: '', imageID: '', state: { terminated: { exitCode: 0 } } }];
    };
    const found = updateRefusals('/Pod', (p) => { p.status.containerStatuses[0].state = { running: {} }; }, { stored, subresource: 'status' });
    expect(found).toEqual(['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state']);
  });

  test('debugging containers come and stay', () => {
    const debug = { name: 'debug', image: 'busybox', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' };
    expect(updateRefusals('/Pod', (p) => { p.spec.ephemeralContainers = [debug]; p.spec.hostname = 'ignored'; }, { subresource: 'ephemeralcontainers' })).toEqual([]);
    const stored = (pod: Loose): void => { pod.spec.ephemeralContainers = [debug]; };
    expect(updateRefusals('/Pod', (p) => { p.spec.ephemeralContainers = []; }, { stored, subresource: 'ephemeralcontainers' })).toEqual(['spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n']);
    expect(updateRefusals('/Pod', (p) => { p.spec.ephemeralContainers = [{ ...debug, ports: [{ containerPort: 1, protocol: 'TCP' }] }]; }, { subresource: 'ephemeralcontainers' })).toEqual([
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    ]);
  });

  test('resources are resized within their class', () => {
    const stored = (pod: Loose): void => { pod.spec.containers[0].resources = { requests: { cpu: '100m' }, limits: { cpu: '1' } }; pod.status.qosClass = 'Burstable'; };
    const resize = (resources: object, more?: (pod: Loose) => void): string[] => updateRefusals('/Pod', (p) => { p.spec.containers[0].resources = resources; more?.(p); }, { stored, subresource: 'resize' });
    expect(resize({ requests: { cpu: '200m' }, limits: { cpu: '1' } }, (p) => { p.spec.hostname = 'ignored'; })).toEqual([]);
    expect(resize({ requests: { cpu: '200m' } })).toEqual(['spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed']);
    expect(resize({ requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } })).toEqual(['spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing']);
    expect(resize({ requests: { cpu: '100m', 'ephemeral-storage': '1Gi' }, limits: { cpu: '1' } })).toEqual(['spec: Forbidden: only cpu and memory resources are mutable']);
  });

  test.each([
    ['unscheduled', {}, undefined, 0],
    ['its own period', { nodeName: 'n' }, undefined, 30],
    ['the period asked for', { nodeName: 'n' }, 5, 5],
    ['at once', { nodeName: 'n' }, 0, 0],
    ['less than nothing', { nodeName: 'n' }, -1, 1],
  ])('deleting: %s', (_name, fields, requested, expected) => {
    const pod = created('/Pod');
    Object.assign(pod.spec, fields);
    expect(kindOf('/Pod').strategy.gracePeriodSeconds!(pod, requested)).toBe(expected);
  });

  test('deleting: an ended pod goes at once', () => {
    const pod = created('/Pod');
    pod.spec.nodeName = 'n';
    pod.status.phase = 'Failed';
    expect(kindOf('/Pod').strategy.gracePeriodSeconds!(pod, 60)).toBe(0);
  });

  test('gated pods say that they wait, and label keys become a part of the selector', () => {
    const gated = created('/Pod', (p) => {
      p.spec.schedulingGates = [{ name: 'a.b/c' }];
      p.spec.topologySpreadConstraints = [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {}, matchLabelKeys: ['app', 'none'] }];
    });
    expect(gated.status.conditions[0]).toMatchObject({ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' });
    expect(gated.spec.topologySpreadConstraints[0].labelSelector.matchExpressions).toEqual([{ key: 'app', operator: 'In', values: ['web'] }]);
  });

  test('fields of features that are off vanish', () => {
    const pod = created('/Pod', (p) => { p.spec.schedulingGroup = { podGroupName: 'g' }; p.spec.containers[0].lifecycle = { stopSignal: 'SIGUSR1' }; });
    expect([pod.spec.schedulingGroup, pod.spec.containers[0].lifecycle.stopSignal]).toEqual([undefined, undefined]);
  });

  test('fields to select by', () => {
    const pod = created('/Pod');
    pod.spec.nodeName = 'n1';
    pod.status.podIPs = [{ ip: '10.0.0.1' }];
    expect(kindOf('/Pod').strategy.selectableFields!(pod)).toEqual({
      'spec.nodeName': 'n1', 'spec.restartPolicy': 'Always', 'spec.schedulerName': 'default-scheduler', 'spec.serviceAccountName': '', 'spec.hostNetwork': 'false', 'status.phase': 'Pending', 'status.podIP': '10.0.0.1', 'status.nominatedNodeName': '',
    });
  });

  test('names twice in the environment are warned of', () => {
    const pod = created('/Pod', (p) => { p.spec.containers[0].env = [{ name: 'A' }, { name: 'A' }]; });
    expect(kindOf('/Pod').strategy.warnings!(pod, undefined, contextFor())).toEqual(['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply']);
  });
});
