/** For tests only: controllers against the real API server on the memory store, on the virtual clock, each with the rights of its own account. */
import type { Resource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { ApiServerOptions } from '../apiserver/options.ts';
import { createApiServer } from '../apiserver/server.ts';
import { createClient, createInformers, createRecorder, type Client } from '../client/index.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { memoryBackend } from '../store/memory.ts';
import type { ControllerSettings } from './context.ts';
import { startControllers } from './index.ts';

/** Starts server and controllers. `get` and `names` look into namespace `shop` unless told otherwise; `refused` lists what was asked for without the right to. */
export async function realCluster(enabled: string[], settings: Partial<ControllerSettings> = {}, options: Partial<ApiServerOptions> = {}) {
  const host = virtualHost({ seed: 'integration', settle: turn });
  const backend = memoryBackend({ clock: host.clock });
  const server = await createApiServer({ host, backend, version: '0.0.0', serviceCidr: '10.96.0.0/16', disableAdmission: ['ServiceAccount'], ...options });

  /** Lets virtual time pass until the work is done. */
  async function run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const finished = work.finally(() => (done = true));
    finished.catch(() => undefined);
    if (!(await host.clock.runUntil(() => done, 600_000))) throw new Error('not done within ten minutes');
    return finished;
  }

  await run(server.start());
  await run(server.ready());
  const client = createClient(server.transport({ name: 'admin', groups: ['system:masters', 'system:authenticated'] }));
  /** What somebody asked for without the right to. */
  const refused: string[] = [];
  const clientAs = (name: string, ...groups: string[]): Client => {
    const transport = server.transport({ name, groups: [...groups, 'system:authenticated'] });
    return createClient({
      async send(request) {
        const response = await transport.send(request);
        if (response.status === 403) refused.push(`${name}: ${request.method} ${request.path}`);
        return response;
      },
    });
  };
  const manager = clientAs('system:kube-controller-manager');
  const informers = createInformers(host, manager, { freeze: true });
  const controllers = startControllers({
    host, client: manager, informers, recorder: (component) => createRecorder(host, manager, component),
    clientFor: (account) => clientAs(`system:serviceaccount:kube-system:${account}`, 'system:serviceaccounts', 'system:serviceaccounts:kube-system'),
    settings: { nodeMonitorGraceMs: 50_000, nodeMonitorPeriodMs: 5_000, rootCa: 'ROOT', terminatedPodThreshold: 12_500, ...settings },
  }, enabled);
  informers.start();
  await run(informers.synced());

  const names = async (resource: Resource, namespace?: string): Promise<string[]> => {
    const all = client.of(resource);
    const { items } = await run((namespace === undefined ? all : all.inNamespace(namespace)).list());
    return items.map((item) => item.metadata.name!).sort();
  };
  return {
    host, backend, server, client, run, names, refused, clientAs,
    create: <T extends KubeObject>(resource: Resource<T>, object: T) => run(client.of(resource).create(object)),
    get: <T extends KubeObject>(resource: Resource<T>, name: string, namespace = 'shop') => run((resource.namespaced ? client.of(resource).inNamespace(namespace) : client.of(resource)).get(name)),
    advance: (ms: number) => host.clock.advance(ms),
    async stop() {
      await run((async () => {
        await controllers.stop();
        await informers.stop();
        await server.stop();
        await backend.close();
      })());
    },
  };
}
