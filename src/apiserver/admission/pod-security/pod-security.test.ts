/** The pod security standards at every version: what each rule says, since when it is there, and what namespaces ask for. */
import { describe, expect, test } from 'vitest';
import type { PodSpec } from '../../../api/core/v1/types.ts';
import type { KubeObject } from '../../../api/meta/v1/types.ts';
import type { Resource } from '../../../api/meta/resource.ts';
import { Deployments, Namespaces, Pods } from '../../../api/resources.ts';
import type { AdmissionRequest } from '../../types.ts';
import type { AdmissionContext } from '../context.ts';
import { runAdmission } from '../run.ts';
import { createEvaluate, policyOf, violationsText, type Level } from './levels.ts';
import { podSecurity } from './plugin.ts';

// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

const NEWEST = 36;
const evaluate = createEvaluate();
const good = { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, containers: [{ name: 'c', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }] };

/** A good pod with other containers' fields, other fields of its own, or annotations. */
interface Change { c?: object; two?: boolean; pod?: object; spec?: object; annotations?: Record<string, string> }

function violations(level: Level, version: string, { c = {}, two = false, pod = {}, spec = {}, annotations = {} }: Change): string {
  const container = good.containers[0]!;
  const changed = (name: string): object => ({ ...container, ...c, name, securityContext: { ...container.securityContext, ...(c as Any).securityContext } });
  const whole = { ...good, securityContext: { ...good.securityContext, ...pod }, containers: two ? [changed('c'), changed('d')] : [changed('c')], ...spec };
  return violationsText(evaluate({ level, version }, { annotations }, whole as unknown as PodSpec));
}

/** Since when the rule says so at each level; `until` is the first version that does not any more. */
type Row = [name: string, change: Change, text: string, baseline: number | undefined, restricted: number, until?: number, restrictedUntil?: number];
const security = (securityContext: object, more: object = {}): Change => ({ c: { securityContext }, ...more });
const host = { httpGet: { host: '10.0.0.1', port: 80 } };
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/c';
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod';
const windows = { os: { name: 'windows' } };

describe('a rule and its versions', () => {
  test.each<Row>([
    ['AppArmor of a container', security({ appArmorProfile: { type: 'Unconfined' } }), 'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")', 0, 0],
    ['AppArmor in all ways', { ...security({ appArmorProfile: { type: 'Unconfined' } }), pod: { appArmorProfile: { type: 'Unconfined' } }, annotations: { [APPARMOR]: 'unconfined' } }, `forbidden AppArmor profiles (pod and container "c" and annotation must not set AppArmor profile type to "Unconfined", "${APPARMOR}="unconfined"")`, 0, 0],
    ['capabilities', security({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'CHOWN', 'BPF'] } }, { two: true }), 'non-default capabilities (containers "c", "d" must not include "BPF", "NET_ADMIN" in securityContext.capabilities.add)', 0, 0, undefined, 22],
    ['capabilities where restricted', security({ capabilities: { add: ['CHOWN', 'NET_BIND_SERVICE'] } }), 'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; container "c" must not include "CHOWN" in securityContext.capabilities.add)', undefined, 22],
    ['capabilities of Windows', security({ capabilities: {} }, { spec: windows }), 'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])', undefined, 22, undefined, 25],
    ['host namespaces', { spec: { hostNetwork: true, hostPID: true, hostIPC: true } }, 'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)', 0, 0],
    ['paths of the host', { spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] } }, 'hostPath volumes (volume "v")', 0, 0, undefined, 0],
    ['kinds of volumes', { spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }, { name: 'w', nfs: {} }, { name: 'i', image: {} }, { name: 'e', emptyDir: {} }] } }, 'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")', undefined, 0],
    ['ports of the host', { c: { ports: [{ containerPort: 1, hostPort: 80 }, { containerPort: 2, hostPort: 443 }, { containerPort: 3, hostPort: 9 }] }, two: true }, 'hostPort (containers "c", "d" use hostPorts 443, 80, 9)', 0, 0],
    ['hosts of probes', { c: { livenessProbe: host, lifecycle: { preStop: { tcpSocket: { host: 'a' } } } } }, 'probe or lifecycle host (container "c" uses probe or lifecycle hosts "10.0.0.1", "a")', 34, 34],
    ['privileges', security({ privileged: true }), 'privileged (container "c" must not set securityContext.privileged=true)', 0, 0],
    ['mounts of /proc', security({ procMount: 'Unmasked' }), 'procMount (container "c" must not set securityContext.procMount to "Unmasked")', 0, 0],
    ['mounts of /proc with users of its own', security({ procMount: 'Unmasked' }, { spec: { hostUsers: false } }), 'procMount (container "c" must not set securityContext.procMount to "Unmasked")', 0, 0, 35],
    ['SELinux', { ...security({ seLinuxOptions: { type: 'x', user: 'u', role: 'r' } }), pod: { seLinuxOptions: { type: 'y' } } }, 'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: types "x", "y"; user may not be set; role may not be set)', 0, 0],
    ['SELinux of engines', security({ seLinuxOptions: { type: 'container_engine_t' } }), 'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "container_engine_t")', 0, 0, 31, 31],
    ['seccomp of annotations', { annotations: { [SECCOMP]: 'unconfined', 'container.seccomp.security.alpha.kubernetes.io/c': 'x', 'container.seccomp.security.alpha.kubernetes.io/other': 'x' } }, `seccompProfile (forbidden annotations container.seccomp.security.alpha.kubernetes.io/c="x", ${SECCOMP}="unconfined")`, 0, 0, 19, 19],
    ['seccomp', security({ seccompProfile: { type: 'Unconfined' } }), 'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")', 19, 19],
    ['no seccomp', { pod: { seccompProfile: undefined } }, 'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")', undefined, 19],
    ['no seccomp of Windows', { pod: { seccompProfile: undefined }, spec: windows }, 'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")', undefined, 19, undefined, 25],
    ['settings of the kernel', { pod: { sysctls: [{ name: 'kernel.msgmax' }, { name: 'net.ipv4.tcp_syncookies' }] } }, 'forbidden sysctls (kernel.msgmax)', 0, 0],
    ['reserved ports', { pod: { sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports' }] } }, 'forbidden sysctls (net.ipv4.ip_local_reserved_ports)', 0, 0, 27, 27],
    ['keep-alive', { pod: { sysctls: [{ name: 'net.ipv4.tcp_keepalive_probes' }] } }, 'forbidden sysctls (net.ipv4.tcp_keepalive_probes)', 0, 0, 29, 29],
    ['buffers', { pod: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] } }, 'forbidden sysctls (net.ipv4.tcp_rmem)', 0, 0, 32, 32],
    ['processes of the host', { ...security({ windowsOptions: { hostProcess: true } }), pod: { windowsOptions: { hostProcess: true } } }, 'hostProcess (pod and container "c" must not set securityContext.windowsOptions.hostProcess=true)', 0, 0],
    ['more privileges', security({ allowPrivilegeEscalation: undefined }), 'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)', undefined, 8],
    ['more privileges of Windows', security({ allowPrivilegeEscalation: true }, { spec: windows }), 'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)', undefined, 8, undefined, 25],
    ['root', { pod: { runAsNonRoot: undefined }, two: true }, 'runAsNonRoot != true (pod or containers "c", "d" must set securityContext.runAsNonRoot=true)', undefined, 0],
    ['root on purpose', { ...security({ runAsNonRoot: false }), pod: { runAsNonRoot: false } }, 'runAsNonRoot != true (pod and container "c" must not set securityContext.runAsNonRoot=false)', undefined, 0],
    ['root with users of its own', { pod: { runAsNonRoot: false }, spec: { hostUsers: false } }, 'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)', undefined, 0, undefined, 35],
    ['root by number', { pod: { runAsUser: 0 } }, 'runAsUser=0 (pod must not set runAsUser=0)', undefined, 23],
    ['root by number with users of its own', { pod: { runAsUser: 0 }, spec: { hostUsers: false } }, 'runAsUser=0 (pod must not set runAsUser=0)', undefined, 23, undefined, 35],
  ])('%s', (_name, change, text, baseline, restricted, until = Infinity, restrictedUntil = Infinity) => {
    for (let minor = 0; minor <= NEWEST + 1; minor++) {
      const at = (since: number | undefined, end: number): boolean => since !== undefined && minor >= since && minor < end;
      const version = minor > NEWEST ? 'latest' : `v1.${minor}`;
      expect([version, violations('baseline', version, change)]).toEqual([version, at(baseline, until) ? expect.stringContaining(text) : expect.not.stringContaining(text)]);
      expect([version, violations('restricted', version, change)]).toEqual([version, at(restricted, restrictedUntil) ? expect.stringContaining(text) : expect.not.stringContaining(text)]);
      expect(violations('privileged', version, change)).toBe('');
    }
  });
  test('a good pod is good at all versions', () => {
    for (let minor = 0; minor <= NEWEST + 5; minor++) expect(violations('restricted', `v1.${minor}`, {})).toBe('');
  });
  test('what baseline forbids is told of first', () => {
    expect(violations('restricted', 'latest', { ...security({ allowPrivilegeEscalation: true }), spec: { hostPID: true } })).toBe('host namespaces (hostPID=true), allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)');
  });
});

const label = (labels: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]));

test.each<[string, Record<string, string>, [enforce: string, audit: string, warn: string], string[]]>([
  ['nothing', {}, ['privileged:latest', 'privileged:latest', 'privileged:latest'], []],
  ['what is enforced is warned of', { enforce: 'baseline', 'enforce-version': 'v1.20' }, ['baseline:v1.20', 'privileged:latest', 'baseline:v1.20'], []],
  ['unless warnings are asked for', { enforce: 'restricted', warn: 'baseline', audit: 'restricted', 'audit-version': 'v1.8' }, ['restricted:latest', 'restricted:v1.8', 'baseline:latest'], []],
  ['warnings of a version', { enforce: 'restricted', 'enforce-version': 'v1.20', 'warn-version': 'v1.30' }, ['restricted:v1.20', 'privileged:latest', 'restricted:v1.30'], []],
  ['wrong ones', { enforce: 'strict', 'enforce-version': '1.2', audit: 'x', warn: '', 'warn-version': 'v1.01' }, ['restricted:latest', 'privileged:latest', 'privileged:latest'], [
    'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted', 'metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "1.2": must be "latest" or "v1.x"',
    'metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "x": must be one of privileged, baseline, restricted', 'metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "": must be one of privileged, baseline, restricted',
    'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "v1.01": must be "latest" or "v1.x"',
  ]],
])('labels: %s', (_name, labels, modes, errors) => {
  const policy = policyOf(label(labels));
  expect([policy.enforce, policy.audit, policy.warn].map(({ level, version }) => `${level}:${version}`)).toEqual(modes);
  expect(policy.errors.map(({ field, detail }) => `${field}: ${detail}`)).toEqual(errors);
});

describe('the plug-in', () => {
  const bad = (name: string, more: object = {}): KubeObject => ({ metadata: { name, namespace: 'ns' }, spec: { containers: [{ name: 'c', image: 'i' }], hostPID: true, ...more } }) as KubeObject;
  const namespace = (labels: Record<string, string>): KubeObject => ({ metadata: { name: 'ns', labels: label(labels) } });
  async function ask(labels: Record<string, string>, resource: Resource, object: KubeObject, more: Partial<AdmissionRequest> = {}, pods: readonly KubeObject[] = []): Promise<{ error?: Any; warnings: string[]; annotations: Record<string, string> }> {
    const context = { lookup: { get: () => namespace(labels), list: () => pods } } as unknown as AdmissionContext;
    const request = { operation: 'CREATE', resource, subresource: '', namespace: 'ns', name: object.metadata.name, user: { name: 'u', groups: [] }, object, options: {}, dryRun: false, warnings: [], annotations: {}, ...more } as unknown as AdmissionRequest;
    const error: unknown = await runAdmission([podSecurity(context)], request).then(() => undefined, (fault: unknown) => fault);
    return { ...(error === undefined ? {} : { error }), warnings: request.warnings, annotations: request.annotations! };
  }

  test('refuses, warns and leaves notes for the audit', async () => {
    const host = 'host namespaces (hostPID=true)';
    expect(await ask({}, Pods, bad('a'))).toEqual({ warnings: [], annotations: { 'pod-security.kubernetes.io/enforce-policy': 'privileged:latest' } });
    expect((await ask({ enforce: 'baseline' }, Pods, bad('a'))).error.status).toMatchObject({ code: 403, message: `pods "a" is forbidden: violates PodSecurity "baseline:latest": ${host}` });
    expect(await ask({ audit: 'baseline', 'audit-version': 'v1.0', warn: 'baseline' }, Pods, bad('a'))).toEqual({
      warnings: [`would violate PodSecurity "baseline:latest": ${host}`],
      annotations: { 'pod-security.kubernetes.io/enforce-policy': 'privileged:latest', 'pod-security.kubernetes.io/audit-violations': `would violate PodSecurity "baseline:v1.0": ${host}` },
    });
    const refused = await ask({ enforce: 'baseline', audit: 'baseline' }, Pods, bad('a'));
    expect([refused.warnings, Object.keys(refused.annotations)]).toEqual([[], ['pod-security.kubernetes.io/enforce-policy', 'pod-security.kubernetes.io/audit-violations']]);
    expect((await ask({ enforce: 'x' }, Pods, bad('a'))).annotations['pod-security.kubernetes.io/error']).toBe('Failed to parse policy: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "x": must be one of privileged, baseline, restricted');
  });

  test('does not keep what makes pods from being, and warns of it by what is enforced', async () => {
    const deployment = { metadata: { name: 'a' }, spec: { template: { spec: { containers: [], hostPID: true } } } } as unknown as KubeObject;
    expect(await ask({ enforce: 'baseline' }, Deployments, deployment)).toEqual({ warnings: ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'], annotations: {} });
  });

  test('looks at changes of pods that may matter', async () => {
    const update = (object: KubeObject, more: Partial<AdmissionRequest> = {}): ReturnType<typeof ask> => ask({ enforce: 'baseline' }, Pods, object, { operation: 'UPDATE', oldObject: bad('a') as unknown as Record<string, unknown>, ...more });
    expect((await update(bad('a', { activeDeadlineSeconds: 5 }))).error).toBeUndefined();
    expect((await update(bad('a', { containers: [{ name: 'c', image: 'j' }] }))).error).toBeDefined();
    expect((await update(bad('a', { ephemeralContainers: [{ name: 'e', image: 'i' }] }), { subresource: 'ephemeralcontainers' })).error).toBeDefined();
    expect((await update(bad('a', { containers: [{ name: 'c', image: 'j' }] }), { subresource: 'status' })).error).toBeUndefined();
  });

  test('refuses labels that say nothing, unless they did before', async () => {
    const wrong = namespace({ enforce: 'strict' });
    expect((await ask({}, Namespaces, wrong)).error.status).toMatchObject({
      code: 422, reason: 'Invalid', message: 'Namespace "ns" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    });
    const update = (old: KubeObject): Partial<AdmissionRequest> => ({ operation: 'UPDATE', oldObject: old as unknown as Record<string, unknown> });
    expect((await ask({}, Namespaces, wrong, update(namespace({})))).error).toBeDefined();
    expect((await ask({}, Namespaces, { ...wrong, metadata: { ...wrong.metadata, annotations: { a: 'b' } } }, update(wrong))).error).toBeUndefined();
  });

  test('tells of the pods that are there when more is enforced', async () => {
    const pods = [bad('z'), bad('b'), bad('d', { hostIPC: true }), { metadata: { name: 'good' }, spec: { containers: [] } } as unknown as KubeObject, bad('c')];
    const from = async (was: Record<string, string>, now: Record<string, string>, all = pods): Promise<string[]> =>
      (await ask({}, Namespaces, namespace(now), { operation: 'UPDATE', oldObject: namespace(was) as unknown as Record<string, unknown> }, all)).warnings;
    expect(await from({}, { enforce: 'baseline' })).toEqual(['existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"', 'b (and 3 other pods): host namespaces']);
    expect(await from({}, { enforce: 'baseline', 'enforce-version': 'v1.5' }, [bad('a')])).toEqual(['existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:v1.5"', 'a: host namespaces']);
    expect(await from({}, { enforce: 'baseline' }, [bad('a'), bad('b', { volumes: [{ name: 'v', hostPath: {} }] }), bad('c')])).toEqual(['existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"', 'a (and 1 other pod): host namespaces', 'b: host namespaces, hostPath volumes']);
    for (const [was, now] of [[{ enforce: 'restricted' }, { enforce: 'baseline' }], [{ enforce: 'baseline' }, { enforce: 'baseline' }], [{ enforce: 'baseline' }, {}], [{}, { warn: 'restricted' }]] as [Record<string, string>, Record<string, string>][]) expect(await from(was, now)).toEqual([]);
    expect(await from({ enforce: 'restricted' }, { enforce: 'baseline', 'enforce-version': 'v1.30' })).toHaveLength(2);
    expect((await from({}, { enforce: 'baseline' }, Array.from({ length: 3001 }, (_, i) => bad(`p${i}`))))[0]).toBe('new PodSecurity enforce level only checked against the first 3000 of 3001 existing pods');
  });
});
