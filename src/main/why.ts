/** `kubets why pod/NAME`: reads the cluster once, and asks the scheduler's plug-ins about every node. */
import { UserError } from '../cli/operations.ts';
import { isNotFound } from '../api/meta/status.ts';
import type { Resource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { Nodes, Pods } from '../api/resources.ts';
import { createClient, httpTransport, loadKubeconfig, type Client, type InformerFactory } from '../client/index.ts';
import type { Host } from '../host/types.ts';
import { SchedulerCache } from '../scheduler/cache.ts';
import { loadSelectors } from '../scheduler/dra/selectors.ts';
import { explainPod, type Explanation } from '../scheduler/explain/explain.ts';
import { createLookups } from '../scheduler/lookups.ts';
import { podInfoOf } from '../scheduler/pod-info.ts';
import { DEFAULT_PLUGINS, DEFAULT_SCHEDULER_NAME } from '../scheduler/plugins/index.ts';
import { createProfile } from '../scheduler/profile.ts';
import { Snapshot } from '../scheduler/snapshot.ts';
import { readSchedulerSetup } from './scheduler-component.ts';
import { buildProfile } from '../scheduler/config/profiles.ts';
import type { PluginHandle } from '../scheduler/index.ts';

export { renderExplanation } from '../scheduler/explain/render.ts';

export async function clientOf(host: Host, kubeconfig: string): Promise<Client> {
  const config = await loadKubeconfig(host, kubeconfig).catch((error: unknown) => {
    throw new UserError(`"${kubeconfig}" cannot be used: ${(error as Error).message}`);
  });
  return createClient(httpTransport(host.net, { server: config.server, tls: config.tls, userAgent: 'kubets-why', ...(config.token === undefined ? {} : { token: config.token }) }));
}

const keyOf = ({ metadata }: KubeObject): string => (metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name!);

/** Listers over one reading of whatever is asked for, in place of informers. */
class OneReading {
  readonly #lists = new Map<Resource, Map<string, KubeObject>>();

  /** Notes what is wanted; `read` fills it. */
  readonly informers = {
    of: (resource: Resource) => {
      const objects = this.#lists.get(resource) ?? new Map<string, KubeObject>();
      this.#lists.set(resource, objects);
      const list = (namespace?: string): KubeObject[] => [...objects.values()].filter((each) => namespace === undefined || each.metadata.namespace === namespace);
      return { lister: { get: (namespace: string | undefined, name: string) => objects.get(namespace ? `${namespace}/${name}` : name), list } };
    },
  } as unknown as InformerFactory;

  async read(client: Client): Promise<void> {
    await Promise.all([...this.#lists].map(async ([resource, objects]) => {
      for (const each of (await client.of(resource).list({ resourceVersion: '0' })).items) objects.set(keyOf(each), each);
    }));
  }
}

export interface WhyRequest {
  namespace: string;
  name: string;
  /** A scheduler's configuration file, when the cluster's scheduler runs with one. */
  config?: string | undefined;
}

export async function whyPod(host: Host, client: Client, { namespace, name, config }: WhyRequest): Promise<Explanation> {
  const pod = await client.of(Pods).inNamespace(namespace).get(name).catch((error: unknown) => {
    if (isNotFound(error)) throw new UserError(`pod "${name}" not found in namespace "${namespace}"`);
    throw error;
  });
  const reading = new OneReading();
  const lookups = createLookups(reading.informers);
  const [nodes, pods] = await Promise.all([client.of(Nodes).list(), client.of(Pods).list(), reading.read(client)]);
  const cache = new SchedulerCache();
  for (const node of nodes.items) cache.setNode(node);
  for (const other of pods.items) {
    const ended = other.status?.phase === 'Succeeded' || other.status?.phase === 'Failed';
    if (other.spec?.nodeName && !ended && other.metadata.uid !== pod.metadata.uid) cache.setPod(podInfoOf(other), other.spec.nodeName);
  }
  const snapshot = new Snapshot();
  cache.updateSnapshot(snapshot);
  const schedulerName = pod.spec?.schedulerName || DEFAULT_SCHEDULER_NAME;
  // Of a pod that has a node the question is where else it could be: its node's name must not answer it.
  const { nodeName, ...spec } = pod.spec!;
  const info = podInfoOf({ ...pod, spec });
  if (spec.resourceClaims?.length || info.request.amounts.scalars) await loadSelectors();
  const explanation = explainPod({ profile: await profileOf(host, config, schedulerName), pod: info, snapshot, lookups });
  return { ...explanation, ...(nodeName ? { placedOn: nodeName } : {}), ...(config === undefined && schedulerName !== DEFAULT_SCHEDULER_NAME ? { otherScheduler: schedulerName } : {}) };
}

async function profileOf(host: Host, config: string | undefined, schedulerName: string) {
  if (config === undefined) return createProfile(schedulerName, DEFAULT_PLUGINS);
  const { configuration } = await readSchedulerSetup(host, { config });
  const profile = configuration.profiles.find((each) => each.schedulerName === schedulerName);
  if (!profile) throw new UserError(`--config: "${config}" has no profile "${schedulerName}", which the pod asks for`);
  // The handle is for plug-ins from outside, which this command does not load.
  return buildProfile(profile, { handle: {} as PluginHandle });
}
