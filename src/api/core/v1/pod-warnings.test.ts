import { expect, test } from 'vitest';
import { podWarnings, templateWarnings } from './pod-warnings.ts';
import type { PodSpec } from './types.ts';

const container = { name: 'c', image: 'i' };

test.each<[string, Partial<PodSpec>, string[]]>([
  ['nothing odd', {}, []],
  ['a variable twice', { containers: [{ ...container, env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }, { name: 'A', value: '3' }] }] }, ['spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply']],
  ['an old label of nodes', { nodeSelector: { 'beta.kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' } }, ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead']],
  ['an old label in an affinity', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', operator: 'Exists' }] }] } } } },
    ['spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead']],
  ['a part of a byte', { containers: [{ ...container, resources: { requests: { memory: '100m', cpu: '100m' }, limits: { memory: '1Gi' } } }] }, ['spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer']],
  ['a secret without a name', { imagePullSecrets: [{ name: '' }] }, ['spec.imagePullSecrets[0].name: invalid empty name ""']],
  ['less than no grace', { terminationGracePeriodSeconds: -1 }, ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1']],
])('%s', (_, spec, expected) => expect(podWarnings({ metadata: {}, spec: { containers: [container], ...spec } })).toEqual(expected));

test('annotations that do nothing any more', () => {
  expect(podWarnings({ metadata: { annotations: { 'scheduler.alpha.kubernetes.io/critical-pod': '', mine: '' } }, spec: { containers: [container] } })).toEqual(['metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead']);
});

test('what is said of a pod has its order, and a port is shown as Go prints it', () => {
  const metadata = { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'x', 'container.seccomp.security.alpha.kubernetes.io/c': 'x' } };
  const resources = { limits: { memory: '1500m', 'ephemeral-storage': '1500m' }, requests: { memory: '1500m' } };
  const spec: PodSpec = {
    containers: [{ ...container, resources, ports: [{ containerPort: 80, protocol: 'TCP', hostIP: '10.0.0.1', name: 'a' }] }], terminationGracePeriodSeconds: -1, hostAliases: [{ ip: '0:0::1' }], overhead: { memory: '1500m' },
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a' }] } }, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }],
  };
  const fraction = 'fractional byte value "1500m" is invalid, must be an integer';
  expect(podWarnings({ metadata, spec })).toEqual([
    'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
    `spec.overhead[memory]: ${fraction}`,
    'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
    'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]: non-functional in v1.27+; use the "seccompProfile" field instead',
    `spec.containers[0].resources.limits[memory]: ${fraction}`, `spec.containers[0].resources.requests[memory]: ${fraction}`, `spec.containers[0].resources.limits[ephemeral-storage]: ${fraction}`,
    'spec.containers[0].ports[0]: hostIP set without hostPort: {Name:a HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}',
    'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
    'spec.hostAliases[0].ip: IPv6 address "0:0::1" should be in RFC 5952 canonical format ("::1")',
  ]);
});

test('a template warns at its own place', () => {
  const template = { spec: { containers: [container], nodeSelector: { 'beta.kubernetes.io/arch': 'amd64' } } };
  expect(templateWarnings(template)).toEqual(['spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead']);
});
