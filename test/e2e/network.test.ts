/** Services and names, asked for as pods, the machine, and a neighbour on the network would. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, sharedSandbox } from './cluster.ts';
import { machineAddress, type Sandbox } from './sandbox.ts';

const image = 'kubets.local/busybox:1';
const namespace = 'network';

describe.skipIf(inject('skipped'))('services and DNS', () => {
  let sandbox: Sandbox;
  let kubectl: Kubectl;
  const inPod = async (command: string[]): Promise<string> => {
    const result = await kubectl.run(['-n', namespace, 'exec', 'asker', '--', ...command]);
    return result.code === 0 ? result.stdout : `failed: ${result.stdout}${result.stderr}`;
  };
  const service = (name: string, spec: object): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec } });
  const get = (name: string, path: string): Promise<string> => kubectl.must(['-n', namespace, 'get', 'service', name, '-o', `jsonpath=${path}`]);
  /** A name may be known a moment before the rules of its Service: no single try may wait for ever. */
  const fetchIn = (url: string) => ['timeout', '10', 'wget', '-q', '-O', '-', url];

  beforeAll(async () => {
    sandbox = sharedSandbox(inject('sandbox'));
    kubectl = await Kubectl.shipped(sandbox);
    await kubectl.must(['create', 'namespace', namespace]);
    await kubectl.apply({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' },
      spec: {
        replicas: 2, selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'web', image, command: ['sh', '-c', 'mkdir /tmp/www; hostname > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www'], readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } }] } },
      },
    }, namespace);
    await kubectl.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'asker' }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image, command: ['sleep', '36000'] }] } }, namespace);
    await kubectl.must(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=60s']);
    await kubectl.must(['-n', namespace, 'wait', '--for=condition=Ready', 'pod/asker', '--timeout=60s']);
  });
  afterAll(async () => {
    await kubectl?.must(['delete', 'namespace', namespace, '--timeout=90s']);
  });

  test('a ClusterIP reaches every ready pod, from a pod and from the machine', async () => {
    await kubectl.apply(service('cluster', {}), namespace);
    const ip = await get('cluster', '{.spec.clusterIP}');
    const seen = new Set<string>();
    await eventually('both pods answer', async () => {
      const answer = await inPod(fetchIn(`http://${ip}/`));
      if (answer.startsWith('web-')) seen.add(answer);
      return seen.size === 2;
    });
    expect((await sandbox.run('/bin/busybox', fetchIn(`http://${ip}/`))).stdout).toMatch(/^web-/);
  });

  test('a NodePort answers a neighbour, and hairpin traffic', async () => {
    await kubectl.apply(service('ported', { type: 'NodePort' }), namespace);
    const port = await get('ported', '{.spec.ports[0].nodePort}');
    await eventually('the neighbour gets an answer', async () => (await sandbox.fromNeighbour('/bin/busybox', fetchIn(`http://${machineAddress}:${port}/`))).stdout.startsWith('web-'));
    expect(await inPod(fetchIn(`http://${machineAddress}:${port}/`))).toMatch(/^web-/);
    const ip = await get('ported', '{.spec.clusterIP}');
    // From one of its own endpoints, often enough to meet itself.
    for (let i = 0; i < 6; i++) expect(await kubectl.must(['-n', namespace, 'exec', 'deploy/web', '--', ...fetchIn(`http://${ip}/`)])).toMatch(/^web-/);
  });

  test('session affinity keeps a client with its pod', async () => {
    await kubectl.apply(service('sticky', { sessionAffinity: 'ClientIP' }), namespace);
    const ip = await get('sticky', '{.spec.clusterIP}');
    const first = await eventually('an answer', async () => {
      const answer = await inPod(fetchIn(`http://${ip}/`));
      return answer.startsWith('web-') ? answer : undefined;
    });
    for (let i = 0; i < 6; i++) expect(await inPod(fetchIn(`http://${ip}/`))).toBe(first);
  });

  test('a Service without endpoints refuses', async () => {
    await kubectl.apply(service('empty', { selector: { app: 'nobody' } }), namespace);
    const ip = await get('empty', '{.spec.clusterIP}');
    await eventually('refused', async () => (await inPod(fetchIn(`http://${ip}/`))).includes('refused'));
  });

  test('names: services, headless services, the API server, and what does not exist', async () => {
    await kubectl.apply(service('named', {}), namespace);
    await kubectl.apply(service('headless', { clusterIP: 'None' }), namespace);
    const ip = await get('named', '{.spec.clusterIP}');
    expect(await eventually('the short name', async () => {
      const answer = await inPod(['nslookup', `named.${namespace}.svc.cluster.local`]);
      return answer.includes(ip) ? answer : undefined;
    })).toContain(ip);
    expect(await eventually('the short name', async () => {
      const answer = await inPod(fetchIn('http://named/'));
      return answer.startsWith('web-') ? answer : undefined;
    })).toMatch(/^web-/);
    const addresses = (await kubectl.must(['-n', namespace, 'get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].status.podIP}'])).split(' ');
    const headless = await inPod(['nslookup', `headless.${namespace}.svc.cluster.local`]);
    for (const address of addresses) expect(headless).toContain(address);
    expect(await inPod(['nslookup', 'kubernetes.default.svc.cluster.local'])).toContain('10.96.0.1');
    expect(await inPod(['nslookup', `absent.${namespace}.svc.cluster.local`])).toMatch(/NXDOMAIN|can't find/);
  });

  test('a pod reaches the API server by its name, with its own token', async () => {
    const script = 'T=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token); printf "GET /version HTTP/1.0\\r\\nHost: kubernetes.default\\r\\nAuthorization: Bearer $T\\r\\n\\r\\n" > /tmp/q; test -n "$T" && nslookup kubernetes.default.svc.cluster.local > /dev/null && nc -w 2 kubernetes.default.svc.cluster.local 443 < /dev/null && echo connected';
    expect(await inPod(['sh', '-c', script])).toContain('connected');
  });

  test('endpoints leave with their pods', async () => {
    await kubectl.apply(service('leaving', {}), namespace);
    const slices = async (): Promise<string> => kubectl.must(['-n', namespace, 'get', 'endpointslices', '-l', 'kubernetes.io/service-name=leaving', '-o', 'jsonpath={.items[*].endpoints[*].addresses[0]}']);
    await eventually('two endpoints', async () => (await slices()).split(' ').length === 2);
    await kubectl.must(['-n', namespace, 'scale', 'deployment/web', '--replicas=1']);
    await eventually('one endpoint', async () => (await slices()).split(' ').length === 1);
    await kubectl.must(['-n', namespace, 'scale', 'deployment/web', '--replicas=2']);
    await kubectl.must(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=60s']);
  });
});
