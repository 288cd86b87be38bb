import { afterEach, describe, expect, test } from 'vitest';
import type { AdmissionPlugin } from '../types.ts';
import { startRig, type Rig, type RigOptions } from './rig.ts';

const PODS = '/api/v1/namespaces/default/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const SERVICES = '/api/v1/namespaces/default/services';
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const merge = { headers: { 'content-type': 'application/merge-patch+json' } };

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});
async function start(options?: RigOptions): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

const pod = (name: string, extra: object = {}, metadata: object = {}): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...extra } });
const deployment = (name: string, replicas = 1): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
});
const binding = (name: string, node: string): object => ({ apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: node } });

describe('scale', () => {
  test('reads, sets and patches the replicas', async () => {
    const rig = await start();
    const made = await rig.create(DEPLOYMENTS, deployment('web', 2));
    const scale = await rig.send('GET', `${DEPLOYMENTS}/web/scale`);
    expect(scale.body).toEqual({
      kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'web', namespace: 'default', uid: made.metadata.uid, resourceVersion: '1', creationTimestamp: made.metadata.creationTimestamp },
      spec: { replicas: 2 }, status: { replicas: 0, selector: 'app=web' },
    });
    const set = await rig.send('PUT', `${DEPLOYMENTS}/web/scale`, { ...scale.body, spec: { replicas: 5 } });
    expect([set.status, set.body.spec, set.body.metadata.resourceVersion]).toEqual([200, { replicas: 5 }, '2']);
    expect((await rig.send('PUT', `${DEPLOYMENTS}/web/scale`, { ...scale.body, spec: { replicas: 6 } })).status).toBe(409);
    expect((await rig.send('PATCH', `${DEPLOYMENTS}/web/scale`, { spec: { replicas: 7 } }, merge)).body.spec.replicas).toBe(7);
    expect((await rig.send('GET', `${DEPLOYMENTS}/web`)).body).toMatchObject({ metadata: { generation: 3 }, spec: { replicas: 7 } });
    const negative = await rig.send('PATCH', `${DEPLOYMENTS}/web/scale`, { spec: { replicas: -1 } }, merge);
    expect([negative.status, negative.body.message]).toEqual([422, 'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0']);
  });
});

describe('binding', () => {
  test('puts a pod on a node, once', async () => {
    const rig = await start();
    await rig.create(PODS, pod('p'));
    const answer = await rig.send('POST', `${PODS}/p/binding`, binding('p', 'n1'));
    expect([answer.status, answer.body.status]).toEqual([201, 'Success']);
    expect((await rig.send('GET', `${PODS}/p`)).body).toMatchObject({ spec: { nodeName: 'n1' }, status: { conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2023-11-14T22:13:20Z' }] } });
    const again = await rig.send('POST', `${PODS}/p/binding`, binding('p', 'n2'));
    expect(again.body).toMatchObject({ code: 409, reason: 'Conflict', message: 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"' });
  });

  const refused: [string, object, object, object, number, string][] = [
    ['a pod that is going away', { }, { finalizers: ['example.com/f'] }, binding('p', 'n1'), 409, 'pod p is being deleted, cannot be assigned to a host'],
    ['a gated pod', { schedulingGates: [{ name: 'example.com/g' }] }, {}, binding('p', 'n1'), 409, 'pod p has non-empty .spec.schedulingGates'],
    ['another name', {}, {}, binding('q', 'n1'), 400, 'name in URL does not match name in Binding object'],
    ['no node', {}, {}, { metadata: { name: 'p' }, target: {} }, 422, 'target.name: Required value'],
    ['another uid', {}, {}, { ...binding('p', 'n1'), metadata: { name: 'p', uid: 'x' } }, 409, 'Precondition failed: UID in precondition: x'],
  ];
  test.each(refused)('%s is refused', async (_row, spec, metadata, body, status, message) => {
    const rig = await start();
    await rig.create(PODS, pod('p', spec, metadata));
    if ('finalizers' in metadata) await rig.send('DELETE', `${PODS}/p`);
    const answer = await rig.send('POST', `${PODS}/p/binding`, body);
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(message)]);
  });

  test('of many binders of one pod exactly one wins; the old collection path works too', async () => {
    const rig = await start();
    await rig.create(PODS, pod('p'));
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => rig.send('POST', '/api/v1/namespaces/default/bindings', binding('p', `n${i}`))));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });
});

describe('eviction', () => {
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } } };
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } };
  async function guarded(status: object): Promise<Rig> {
    const rig = await start();
    await rig.create(PODS, pod('p', { nodeName: 'n1' }, { labels: { app: 'x' } }));
    await rig.send('PATCH', `${PODS}/p/status`, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }, merge);
    await rig.create(BUDGETS, budget);
    await rig.send('PATCH', `${BUDGETS}/b/status`, { status: { observedGeneration: 1, expectedPods: 1, ...status } }, merge);
    return rig;
  }

  test('charges the budget and deletes the pod', async () => {
    const rig = await guarded({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 });
    const answer = await rig.send('POST', `${PODS}/p/eviction`, eviction);
    expect([answer.status, answer.body.status]).toEqual([201, 'Success']);
    expect((await rig.send('GET', `${PODS}/p`)).body.metadata.deletionTimestamp).toBeDefined();
    expect((await rig.send('GET', `${BUDGETS}/b`)).body.status).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { p: '2023-11-14T22:13:20Z' } });
  });

  test('a budget that is used up, or behind, says 429 with the cause', async () => {
    const rig = await guarded({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 });
    const violating = await rig.send('POST', `${PODS}/p/eviction`, eviction);
    // Clients that are advised to wait would ask again by themselves, and never tell their user.
    expect([violating.headers['retry-after'], violating.body.details]).toEqual([undefined, expect.not.objectContaining({ retryAfterSeconds: expect.anything() })]);
    expect(violating.body).toMatchObject({
      code: 429, reason: 'TooManyRequests', message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 1 currently' }] },
    });
    await rig.send('PATCH', `${BUDGETS}/b`, { spec: { minAvailable: 2 } }, merge);
    expect((await rig.send('POST', `${PODS}/p/eviction`, eviction)).body.details).toMatchObject({ retryAfterSeconds: 10, causes: [{ message: 'The disruption budget b is still being processed by the server.' }] });
    expect((await rig.send('GET', `${PODS}/p`)).body.metadata.deletionTimestamp).toBeUndefined();
  });

  test('without a budget, and with a dry run', async () => {
    const rig = await start();
    await rig.create(PODS, pod('p'));
    expect((await rig.send('POST', `${PODS}/p/eviction?dryRun=All`, eviction)).status).toBe(201);
    expect((await rig.send('GET', `${PODS}/p`)).status).toBe(200);
    expect((await rig.send('POST', `${PODS}/p/eviction`, eviction)).status).toBe(201);
    expect((await rig.send('GET', `${PODS}/p`)).status).toBe(404);
    expect((await rig.send('POST', `${PODS}/p/eviction`, eviction)).status).toBe(404);
  });
});

describe('other subresources', () => {
  test('ephemeral containers are added, and nothing else', async () => {
    const rig = await start();
    await rig.create(PODS, pod('p', { nodeName: 'n1' }));
    const answer = await rig.send('PATCH', `${PODS}/p/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'debug', image: 'd' }], nodeName: 'n2' } }, { headers: { 'content-type': 'application/strategic-merge-patch+json' } });
    expect([answer.status, answer.body.spec?.ephemeralContainers?.[0]?.name, answer.body.spec?.nodeName]).toEqual([200, 'debug', 'n1']);
  });

  test('resize changes resources of containers', async () => {
    const rig = await start();
    await rig.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } }] } });
    const answer = await rig.send('PATCH', `${PODS}/p/resize`, { spec: { containers: [{ name: 'c', image: 'other', resources: { requests: { cpu: '1500m' } } }] } }, { headers: { 'content-type': 'application/strategic-merge-patch+json' } });
    expect([answer.status, answer.body.message ?? answer.body.spec.containers[0].resources.requests.cpu, answer.body.spec?.containers[0].image]).toEqual([200, '1500m', 'i']);
  });

  test('a certificate request is approved through its subresource only', async () => {
    const rig = await start();
    const url = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const request = Buffer.from(`-----BEGIN CERTIFICATE REQUEST-----
MIHMMHMCAQAwETEPMA0GA1UEAwwGdGVzdGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAE0OnMuPHPolEPG4VeD7O4OhCwEjDoS0pBB1/ko9mxuvVQVScMH47fgjz0
g6qaWY9pUQZDDZhIXLn+xs1qECAM7aAAMAoGCCqGSM49BAMCA0kAMEYCIQCVV5JN
FitlWAq3c2ZqRy5MTCyyJDjRxKcpYEHEicbHGwIhAKTlDLiWTAp6SPWwoOl7JeXn
v/XpuhYXDaJh2jpT16Vp
-----END CERTIFICATE REQUEST-----
`).toString('base64');
    const made = await rig.send('POST', url, { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'r' }, spec: { request, signerName: 'example.com/s', usages: ['client auth'] } });
    expect(made.status).toBe(201);
    expect(made.body.spec.username).toBe('tester');
    const approved = await rig.send('PUT', `${url}/r/approval`, { ...made.body, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'ok', message: 'fine' }], certificate: 'eA==' } });
    expect([approved.status, approved.body.status.conditions?.[0].type, approved.body.status.certificate]).toEqual([200, 'Approved', undefined]);
  });

  test('what is not there, or not allowed', async () => {
    const rig = await start();
    await rig.create(PODS, pod('p'));
    expect((await rig.send('GET', `${PODS}/p/unknown`)).status).toBe(404);
    expect((await rig.send('POST', `${PODS}/p/status`, {})).status).toBe(405);
    expect((await rig.send('POST', `${PODS}/p`, {})).status).toBe(405);
    expect((await rig.send('DELETE', '/api/v1/namespaces')).status).toBe(405);
  });
});

describe('services', () => {
  const service = (name: string, spec: object = {}): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], selector: { app: 'x' }, ...spec } });

  test('get an address of the range, and give it back', async () => {
    const rig = await start();
    const answer = await rig.send('POST', SERVICES, service('a'));
    expect(answer.body.spec).toMatchObject({ type: 'ClusterIP', clusterIP: expect.stringMatching(/^10\.96\.\d+\.\d+$/), ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster', sessionAffinity: 'None' });
    const ip = answer.body.spec.clusterIP as string;
    expect(answer.body.spec.clusterIPs).toEqual([ip]);
    const taken = await rig.send('POST', SERVICES, service('b', { clusterIP: ip }));
    expect([taken.status, taken.body.message]).toEqual([422, `Service "b" is invalid: spec.clusterIPs: Invalid value: ["${ip}"]: failed to allocate IP ${ip}: provided IP is already allocated`]);
    await rig.send('DELETE', `${SERVICES}/a`);
    expect((await rig.send('POST', SERVICES, service('b', { clusterIP: ip }))).status).toBe(201);
  });

  test('named addresses, headless ones, external names', async () => {
    const rig = await start();
    expect((await rig.send('POST', SERVICES, service('kubernetes', { clusterIP: '10.96.0.1' }))).body.spec.clusterIP).toBe('10.96.0.1');
    expect((await rig.send('POST', SERVICES, service('out', { clusterIP: '10.97.0.1' }))).body.message).toContain('failed to allocate IP 10.97.0.1: the provided network does not match the current range');
    expect((await rig.send('POST', SERVICES, service('net', { clusterIP: '10.96.0.0' }))).body.message).toContain('failed to allocate IP 10.96.0.0: the provided IP (10.96.0.0) is not in the valid range. The range of valid IPs is 10.96.0.0/16');
    expect((await rig.send('POST', SERVICES, service('headless', { clusterIP: 'None' }))).body.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
    const external = await rig.send('POST', SERVICES, service('ext', { type: 'ExternalName', externalName: 'example.com' }));
    expect([external.status, external.body.spec.clusterIP]).toEqual([201, undefined]);
    expect((await rig.send('POST', SERVICES, service('dual', { ipFamilyPolicy: 'RequireDualStack' }))).body.message).toContain('this cluster is not configured for dual-stack services');
  });

  test('node ports: chosen, named, shared by protocols, in conflict, out of range, given back', async () => {
    const rig = await start();
    const ports = [{ name: 'a', port: 53, protocol: 'TCP' }, { name: 'b', port: 53, protocol: 'UDP' }, { name: 'c', port: 80, nodePort: 30080 }];
    const made = (await rig.send('POST', SERVICES, service('np', { type: 'NodePort', ports }))).body.spec.ports as { nodePort: number }[];
    expect(made[0]!.nodePort).toBe(made[1]!.nodePort);
    expect(made[0]!.nodePort).toBeGreaterThanOrEqual(30_000);
    expect(made[2]!.nodePort).toBe(30_080);
    const named = (nodePort: number): ReturnType<Rig['send']> => rig.send('POST', SERVICES, service('other', { type: 'NodePort', ports: [{ port: 80, nodePort }] }));
    expect((await named(30_080)).body.message).toBe('Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated');
    expect((await named(80)).body.message).toContain('provided port is not in the valid range. The range of valid ports is 30000-32767');
    await rig.send('PATCH', `${SERVICES}/np`, { spec: { type: 'ClusterIP', ports: [{ name: 'c', port: 80 }] } }, merge);
    expect((await named(30_080)).status).toBe(201);
  });

  test('an update keeps address and ports; a new type gets or gives up what it needs', async () => {
    const rig = await start();
    const made = await rig.send('POST', SERVICES, service('s'));
    const ip = made.body.spec.clusterIP as string;
    const replaced = await rig.send('PUT', `${SERVICES}/s`, service('s', { type: 'NodePort' }));
    expect([replaced.status, replaced.body.spec.clusterIP]).toEqual([200, ip]);
    const nodePort = replaced.body.spec.ports[0].nodePort as number;
    expect(nodePort).toBeGreaterThan(0);
    expect((await rig.send('PUT', `${SERVICES}/s`, service('s', { type: 'NodePort' }))).body.spec.ports[0].nodePort).toBe(nodePort);
    const moved = await rig.send('PATCH', `${SERVICES}/s`, { spec: { clusterIP: '10.96.0.77', clusterIPs: ['10.96.0.77'] } }, merge);
    expect(moved.status).toBe(422);
    const external = await rig.send('PUT', `${SERVICES}/s`, service('s', { type: 'ExternalName', externalName: 'example.com' }));
    expect([external.status, external.body.message ?? external.body.spec.clusterIP]).toEqual([200, undefined]);
    expect((await rig.send('POST', SERVICES, service('t', { clusterIP: ip }))).status).toBe(201);
  });

  test('a failed create, and a dry run, take nothing; a restart forgets nothing', async () => {
    const rig = await start();
    expect((await rig.send('POST', `${SERVICES}?dryRun=All`, service('a', { clusterIP: '10.96.0.9' }))).body.spec.clusterIP).toBe('10.96.0.9');
    expect((await rig.send('POST', SERVICES, service('Bad_', { clusterIP: '10.96.0.9' }))).status).toBe(422);
    expect((await rig.send('POST', SERVICES, service('a', { clusterIP: '10.96.0.9' }))).status).toBe(201);
    expect((await rig.send('POST', SERVICES, service('a', { clusterIP: '10.96.0.10' }))).status).toBe(409);
    expect((await rig.send('POST', SERVICES, service('c', { clusterIP: '10.96.0.10' }))).status).toBe(201);
    const later = await start({ backend: rig.backend });
    expect((await later.send('POST', SERVICES, service('b', { clusterIP: '10.96.0.9' }))).status).toBe(422);
  });

  test('a small range runs full, and never gives one address twice', async () => {
    const rig = await start({ options: { serviceCidr: '10.0.0.0/28' } });
    const seen = new Set<string>();
    for (let i = 0; i < 14; i++) seen.add((await rig.send('POST', SERVICES, service(`s${i}`))).body.spec.clusterIP as string);
    expect(seen.size).toBe(14);
    await expect(rig.send('POST', SERVICES, service('one-more'))).resolves.toMatchObject({ status: 500 });
  });
});

describe('admission', () => {
  test('plug-ins see, change and refuse writes', async () => {
    const seen: string[] = [];
    const plugin: AdmissionPlugin = {
      name: 'test', handles: () => true,
      mutate: (request) => {
        seen.push(`mutate ${request.operation} ${request.resource.plural}/${request.subresource} ${request.name}`);
        if (request.operation === 'CREATE' && request.subresource === '') (request.object!['metadata'] as { labels?: object }).labels = { admitted: 'yes' };
      },
      validate: (request) => {
        seen.push(`validate ${request.operation} ${request.name}`);
        if (request.name === 'bad') throw new Error('unexpected');
      },
    };
    const rig = await start({ admission: [plugin] });
    const made = await rig.create(PODS, pod('p'));
    expect(made.metadata.labels).toEqual({ admitted: 'yes' });
    expect(JSON.stringify(made.metadata.managedFields)).not.toContain('admitted');
    await rig.send('POST', `${PODS}/p/binding`, binding('p', 'n1'));
    await rig.send('DELETE', `${PODS}/p?gracePeriodSeconds=0`);
    expect(seen).toEqual([
      'mutate CREATE pods/ p', 'validate CREATE p', 'mutate CREATE pods/binding p', 'validate CREATE p', 'mutate DELETE pods/ p', 'validate DELETE p',
    ]);
  });
});
