/** Two nodes on one machine, the second in a network namespace with its own containerd: pods of both reach each other by address, Service and name. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, Kubectl, root } from './cluster.ts';
import { Sandbox } from './sandbox.ts';

const image = 'kubets.local/busybox:1';
const serve = 'mkdir /tmp/www; hostname > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www';

interface PodShape { metadata: { name: string }; spec: { nodeName: string }; status: { podIP: string } }

describe.skipIf(inject('skipped'))('two nodes', () => {
  let sandbox: Sandbox;
  let kubectl: Kubectl;
  let pods: PodShape[] = [];
  const fetchIn = async (pod: string, url: string): Promise<string> => (await kubectl.run(['exec', pod, '--', 'timeout', '5', 'wget', '-q', '-O', '-', url])).stdout.trim();

  beforeAll(async () => {
    sandbox = new Sandbox(root, `life-two${process.pid}`);
    await sandbox.create();
    const result = await sandbox.kubets(['up', '--nodes', '2']);
    if (result.code !== 0) throw new Error(`up ended with ${result.code}\n${result.stdout}${result.stderr}`);
    kubectl = await Kubectl.shipped(sandbox);
    await kubectl.apply({
      apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'web' },
      spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image, command: ['sh', '-c', serve], readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } }] } } },
    });
    await kubectl.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } });
    await kubectl.must(['rollout', 'status', 'daemonset/web', '--timeout=90s']);
    pods = (await kubectl.json<{ items: PodShape[] }>(['get', 'pods', '-l', 'app=web'])).items;
  });
  afterAll(async () => {
    await sandbox?.kubets(['reset', '--yes']);
    await sandbox?.remove();
  });

  test('each node runs one pod', () => {
    expect(pods.map((pod) => pod.spec.nodeName).toSorted()).toEqual(['node-1', 'node-2']);
  });

  test('a pod reaches the other node\'s pod by its address', async () => {
    for (const from of pods) for (const to of pods) await eventually(`${from.spec.nodeName} to ${to.spec.nodeName}`, async () => (await fetchIn(from.metadata.name, `http://${to.status.podIP}:8080/`)) === to.metadata.name);
  });

  test('the Service, by name, meets both pods from either node', async () => {
    for (const from of pods) {
      const seen = new Set<string>();
      await eventually(`both, from ${from.spec.nodeName}`, async () => {
        const answer = await fetchIn(from.metadata.name, 'http://web/');
        if (answer !== '') seen.add(answer);
        return seen.size === 2;
      });
      expect([...seen].toSorted()).toEqual(pods.map((pod) => pod.metadata.name).toSorted());
    }
  });

  test('the second node\'s port, logs and exec are reached through the API server', async () => {
    const there = pods.find((pod) => pod.spec.nodeName === 'node-2')!;
    const port = await kubectl.must(['get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}']);
    const address = await kubectl.must(['get', 'node', 'node-2', '-o', 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}']);
    await eventually('its node port', async () => (await sandbox.run('timeout', ['5', '/bin/busybox', 'wget', '-q', '-O', '-', `http://${address}:${port}/`])).stdout.startsWith('web-'));
    expect((await kubectl.must(['exec', there.metadata.name, '--', 'hostname'])).trim()).toBe(there.metadata.name);
    expect((await kubectl.run(['logs', there.metadata.name])).code).toBe(0);
  });
});
