/** The control plane put together in one process: API server, controllers, scheduler, joined without sockets. */
import { createApiServer, type ApiServer, type ApiServerOptions } from '../apiserver/server.ts';
import { createClient, createInformers, createRecorder, type Client, type Running, type Transport } from '../client/index.ts';
import type { ControllerContext, ControllerSettings } from '../controllers/context.ts';
import { startControllers, startControllersInTurns } from '../controllers/index.ts';
import type { Host } from '../host/types.ts';
import { startScheduler, type SchedulerSettings } from '../scheduler/index.ts';
import type { Backend } from '../store/backend.ts';

export interface ControlPlaneOptions {
  host: Host;
  server: Omit<ApiServerOptions, 'host'>;
  controllers?: Partial<ControllerSettings>;
  /** What the controllers count in, for whoever asks. */
  controllerMetrics?: Pick<ControllerContext, 'queues' | 'metrics'>;
  /** Names of controllers as upstream's flag has them: `*`, `name`, `-name`. */
  enabledControllers?: readonly string[];
  /** Put around every connection of a client in the process: a simulation gives messages their time. */
  wrap?: (transport: Transport) => Transport;
  /** Of the scheduler: its configuration, plug-ins, extenders, where its metrics go. */
  scheduler?: SchedulerSettings;
  /** Leave the scheduler out, to run another one. */
  withoutScheduler?: boolean;
}

export interface ControlPlane extends Running {
  server: ApiServer;
  /** A client inside the process, under the identity given (default: the admin). `takesShared`: of one who never writes to what it is answered. */
  client(user?: { name: string; groups: readonly string[] }, options?: { takesShared?: boolean }): Client;
  /** Starts controllers and scheduler; the server answers before that. Ends early where all is stopped meanwhile. */
  startWorkers(): Promise<void>;
  /** Stops workers, then the server, which closes its ports itself; requests that run have `graceMs` (default 0) to end. */
  stop(graceMs?: number): Promise<void>;
}

const admin = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] } as const;

/** The name that managedFields show: a component's, or of its account. */
export function managerOf(user: string): string {
  return user.startsWith('system:serviceaccount:kube-system:') ? 'kube-controller-manager' : user.replace(/^system:(node:.*)?/, (_, node?: string) => (node ? 'kubelet' : ''));
}

/** Settings of an API server inside a test: no port, no keys but those given. */
export function serverOptions(backend: Backend, signing: { privateKey: string; publicKey: string } | undefined, clientCa: string | undefined): ControlPlaneOptions['server'] {
  return {
    backend,
    version: '0.0.0-testing',
    serviceCidr: '10.96.0.0/16',
    nodePortRange: { from: 30_000, to: 32_767 },
    authentication: {
      anonymous: true,
      ...(clientCa === undefined ? {} : { clientCa }),
      // Without keys there are no tokens: a seed must not decide a key, and hollow pods mount nothing.
      ...(signing ? { serviceAccount: { issuer: 'https://kubernetes.default.svc.cluster.local', signingKey: signing.privateKey, publicKeys: [signing.publicKey] } } : {}),
    },
    authorizationModes: ['Node', 'RBAC'],
    securePort: 6443,
    kubeletClient: {},
  };
}

export const defaultControllerSettings: ControllerSettings = { nodeMonitorGraceMs: 50_000, nodeMonitorPeriodMs: 5_000, rootCa: '', terminatedPodThreshold: 12_500 };

export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { host } = options;
  const server = await createApiServer({ ...options.server, host: { ...host, log: host.log.child('apiserver') } });
  await server.start();
  const workers: Running[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  let starting: Promise<void> | undefined;

  function client(user: { name: string; groups: readonly string[] } = admin, shared: { takesShared?: boolean } = {}): Client {
    const transport = server.transport({ name: user.name, groups: [...user.groups] });
    return createClient(options.wrap?.(transport) ?? transport, { defaultFieldManager: managerOf(user.name), ...shared });
  }

  async function startControllerManager(): Promise<void> {
    const own = client({ name: 'system:kube-controller-manager', groups: ['system:authenticated'] }, { takesShared: true });
    // Each controller can do what its own role lets it, and no more.
    const clientFor = (account: string): Client =>
      client({ name: `system:serviceaccount:kube-system:${account}`, groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'] }, { takesShared: true });
    const local = { ...host, log: host.log.child('controllers') };
    const informers = createInformers(local, own);
    const settings = { ...defaultControllerSettings, ...options.controllers };
    const context = { host: local, client: own, clientFor, informers, recorder: (component: string) => createRecorder(local, own, component), settings, ...options.controllerMetrics };
    // The server is ready, and its first requests must not wait for all of them.
    const controllers = host.turn ? await startControllersInTurns(context, host.turn, options.enabledControllers, signal) : startControllers(context, options.enabledControllers);
    informers.start();
    workers.push(controllers, { stop: () => informers.stop() });
  }

  async function startOwnScheduler(): Promise<void> {
    const own = client({ name: 'system:kube-scheduler', groups: ['system:authenticated'] }, { takesShared: true });
    const local = { ...host, log: host.log.child('scheduler') };
    const informers = createInformers(local, own);
    const recorder = createRecorder(local, own, 'default-scheduler');
    const scheduler = startScheduler({ host: local, client: own, informers, recorder, ...(options.scheduler ? { settings: options.scheduler } : {}) });
    informers.start();
    workers.push(scheduler, { stop: () => informers.stop() }, recorder);
  }

  async function start(): Promise<void> {
    // Before that the roles that workers act under are not there.
    await Promise.race([server.ready(), new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))]);
    if (!signal.aborted) await startControllerManager();
    if (!signal.aborted && !options.withoutScheduler) await startOwnScheduler();
  }

  return {
    server,
    client,
    startWorkers: () => (starting ??= start()),
    async stop(graceMs = 0) {
      stopping.abort();
      // In the midst of their start, what has begun is known when the step under way is over.
      await starting?.catch(() => undefined);
      for (const worker of workers.toReversed()) await worker.stop();
      await server.stop(graceMs);
    },
  };
}
