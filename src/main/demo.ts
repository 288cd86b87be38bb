/** `up --demo`: deploys examples/hello, and shows that it answers by address, by node port and by name. */
import { loadAll } from 'js-yaml';
import { UserError, type Progress } from '../cli/operations.ts';
import { Deployments, Jobs, Nodes, Pods, RESOURCES, Services } from '../api/resources.ts';
import { isNotFound } from '../api/meta/status.ts';
import { apiVersionOf, pathOf } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Client } from '../client/types.ts';
import type { Host } from '../host/types.ts';

const demoLimitMs = 120_000;

/** Applies manifests with server-side apply into the default namespace. */
export async function applyManifests(client: Client, text: string): Promise<KubeObject[]> {
  const applied: KubeObject[] = [];
  for (const document of loadAll(text) as (KubeObject | null)[]) {
    if (!document) continue;
    const resource = RESOURCES.find((r) => apiVersionOf(r) === document.apiVersion && r.kind === document.kind);
    if (!resource) throw new UserError(`no resource serves ${document.apiVersion} ${document.kind}`);
    const namespace = resource.namespaced ? (document.metadata.namespace ?? 'default') : undefined;
    applied.push(await client.request<KubeObject>({
      method: 'PATCH',
      path: pathOf(resource, { namespace, name: document.metadata.name! }),
      query: { fieldManager: 'kubets-demo', force: true },
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(document),
    }));
  }
  return applied;
}

async function until<T>(host: Host, what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = host.clock.monotonic() + demoLimitMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (host.clock.monotonic() > deadline) throw new UserError(`${what} did not happen within ${demoLimitMs / 1000} s`, 'see `kubets kubectl get events` and `kubets kubectl describe pods`');
    await host.clock.sleep(100);
  }
}

async function fetchText(host: Host, url: string): Promise<string | undefined> {
  try {
    const response = await host.net.request({ method: 'GET', url, timeoutMs: 3000, headers: { connection: 'close' } });
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body) pieces.push(piece);
    return response.status === 200 ? Buffer.concat(pieces).toString('utf8').trim() : undefined;
  } catch {
    // The rules of a new Service may be a moment away.
    return undefined;
  }
}

/** The answer of a Job that visits the Service by its name from inside a pod. */
async function visitByName(host: Host, client: Client, manifest: string): Promise<string> {
  const jobs = client.of(Jobs).inNamespace('default');
  await jobs.delete('visit-hello', { propagationPolicy: 'Background' }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  await until(host, 'removing the last visit', async () => {
    const pods = await client.of(Pods).inNamespace('default').list({ labelSelector: 'job-name=visit-hello' });
    const job = await jobs.get('visit-hello').catch(() => undefined);
    return pods.items.length === 0 && job === undefined ? true : undefined;
  });
  await applyManifests(client, manifest);
  await until(host, 'the visit by name', async () => ((await jobs.get('visit-hello')).status?.succeeded ? true : undefined));
  const pods = await client.of(Pods).inNamespace('default').list({ labelSelector: 'job-name=visit-hello' });
  const pod = pods.items.find((p) => p.status?.phase === 'Succeeded')!;
  const response = await client.transport.send({ method: 'GET', path: pathOf(Pods, { namespace: 'default', name: pod.metadata.name!, subresource: 'log' }) });
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8').trim();
}

export async function runDemo(host: Host, client: Client, manifests: { hello: string; visit: string }, progress: Progress): Promise<void> {
  await progress.station('demo: deployment', async () => {
    await applyManifests(client, manifests.hello);
    await until(host, 'the deployment', async () => {
      const { spec, status, metadata } = await client.of(Deployments).inNamespace('default').get('hello');
      return status?.observedGeneration === metadata.generation && status?.availableReplicas === spec?.replicas && status?.updatedReplicas === spec?.replicas ? true : undefined;
    });
  }, () => '2 pods available');
  const service = await client.of(Services).inNamespace('default').get('hello');
  const node = (await client.of(Nodes).list()).items[0]!;
  const nodeIp = node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address;
  const urls = [
    ['ClusterIP', `http://${service.spec?.clusterIP}/`],
    ['NodePort', `http://${nodeIp}:${service.spec?.ports?.[0]?.nodePort}/`],
  ] as const;
  for (const [name, url] of urls) {
    await progress.station(`demo: ${name} ${url}`, () => until(host, `an answer from ${url}`, () => fetchText(host, url)), (text) => text);
  }
  await progress.station('demo: DNS name http://hello.default.svc.cluster.local/ (from a pod)', () => visitByName(host, client, manifests.visit), (text) => text);
}
