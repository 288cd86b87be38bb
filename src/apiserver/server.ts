/** An API server: the chain, what answers at its end, and what runs beside it. Nothing here needs a socket until `listen`. */
import { loadResourcesOffByDefault, loadVersionsOffByDefault } from '../api/off-by-default.ts';
import { CustomResourceDefinitions, FlowSchemas, RESOURCES, Secrets, type ApiGroup } from '../api/resources.ts';
import { serviceUnavailable } from '../api/meta/status.ts';
import type { StorageVersion } from '../api/apiserverinternal/v1alpha1/types.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { strategyFor } from '../api/strategies.ts';
import type { Resource } from '../api/meta/resource.ts';
import { createClient, createInformers, createRecorder } from '../client/index.ts';
import type { Client, EventRecorder, InformerFactory, Running as RunningPart, Transport } from '../client/types.ts';
import type { Listener } from '../host/types.ts';
import { jsonType, protobufType } from './accept.ts';
import { accountObjects } from './account-objects.ts';
import { follow, type Follower, type Following } from './authorization/follow.ts';
import { findLive, type Lookup } from './lookup.ts';
import { createAdmission } from './admission/index.ts';
import { APISERVER, AUTHENTICATED, MASTERS } from './authentication/identities.ts';
import { jsonWebKeySet, openIdConfiguration } from './authentication/openid.ts';
import { setUpAuthentication } from './authentication/setup.ts';
import { startAggregation } from './authorization/aggregation.ts';
import { setUpAuthorization } from './authorization/setup.ts';
import { EndpointLeases } from './bootstrap/endpoint-leases.ts';
import { identityName, startIdentity } from './bootstrap/identity.ts';
import { startBootstrap, type Hook } from './bootstrap/index.ts';
import type { StorageVersionBarrier } from './bootstrap/storage-version-barrier.ts';
import type { StorageVersionsOptions } from './bootstrap/storage-versions.ts';
import type { AuditLog } from './chain/audit.ts';
import { setUpAudit } from './audit/setup.ts';
import { createChain } from './chain/index.ts';
import { startDefinitionController } from './crd/controller.ts';
import { customResource, Definitions } from './crd/definitions.ts';
import { withCustomResources } from './crd/openapi.ts';
import { celRules } from './crd/rules.ts';
import { webhookConversions } from './crd/webhook.ts';
import { Discovery, type ServedGroup } from './discovery/discovery.ts';
import { apiDocuments } from './endpoints/documents.ts';
import { Aggregation } from './aggregation/index.ts';
import { Health } from './endpoints/health.ts';
import { OpenApiEndpoints } from './endpoints/openapi.ts';
import { connectionEnds } from './connection-ends.ts';
import { startChecks } from './endpoints/start-checks.ts';
import { createServerMetrics } from './endpoints/server-metrics.ts';
import { debugPages } from './endpoints/debug-pages.ts';
import { versionInfo } from './endpoints/version.ts';
import { zPages } from './endpoints/z-pages.ts';
import { setUpLimits, type RequestLimits } from './fairness/setup.ts';
import type { FairnessRunning } from './fairness/index.ts';
import { countGates, featureGates, formatsBy } from './feature-gates.ts';
import { httpFront, type Front } from './http.ts';
import type { ApiServer, ApiServerOptions, AuthenticationOptions, AuthorizationMode, ServeOptions } from './options.ts';
import { tableFor } from './printers/index.ts';
import { createConnect } from './proxy/connect.ts';
import { createResources } from './registry/index.ts';
import type { Finding } from './registry/services/repair.ts';
import { createRouter } from './router.ts';
import { Running } from './running.ts';
import { servedBy, type Served } from './runtime-config.ts';
import { createServiceResolver } from './service-resolver.ts';
import { inProcessTransport } from './transport.ts';
import type { Next, ServerResponse, UserInfo } from './types.ts';
import { virtualKinds } from './virtual-kinds.ts';

export type { ApiServer, ApiServerOptions, ServeOptions } from './options.ts';

const defaultSecurePort = 6443;
const defaultNodePorts = { from: 30_000, to: 32_767 };
const defaultModes: readonly AuthorizationMode[] = ['Node', 'RBAC'];

/** The server's own identity, for what it reads and writes by itself. */
export const loopbackUser: UserInfo = Object.freeze({ name: APISERVER, groups: [MASTERS, AUTHENTICATED] });

const keyOf = ({ group, version, plural }: Pick<Resource, 'group' | 'version' | 'plural'>): string => `${group}/${version}/${plural}`;

function servedGroups(groups: readonly ApiGroup[], resources: readonly Resource[]): ServedGroup[] {
  const served = new Set(resources.map(({ group, version }) => `${group}/${version}`));
  return groups.toSorted((a, b) => b.priority - a.priority).flatMap(({ group, versions, preferred }) => {
    const names = versions.toSorted((a, b) => b.priority - a.priority).map((v) => v.version).filter((v) => served.has(`${group}/${v}`));
    return names.length === 0 ? [] : [{ name: group, versions: names, preferred: names.includes(preferred) ? preferred : names[0]! }];
  });
}

/** Where everything is allowed, nobody may come in without credentials: as upstream, anonymous requests are off then. */
function authenticationOf(options: AuthenticationOptions = {}, modes: readonly AuthorizationMode[]): AuthenticationOptions {
  return modes.includes('AlwaysAllow') ? { ...options, anonymous: false } : options;
}

function storageEncodingOf(type: string): 'json' | 'protobuf' {
  if (type !== jsonType && type !== protobufType) throw new Error(`unsupported storage media type ${JSON.stringify(type)}: supported values: ${JSON.stringify(jsonType)}, ${JSON.stringify(protobufType)}`);
  return type === jsonType ? 'json' : 'protobuf';
}

/** PEM bundles one after the other. */
function joined(...bundles: readonly (string | undefined)[]): string | undefined {
  const present = [...new Set(bundles)].filter((bundle) => bundle !== undefined);
  return present.length === 0 ? undefined : present.join('\n');
}

interface StorageVersionsPart {
  /** Holds writes back until it is known what they are written as. */
  barrier: StorageVersionBarrier;
  start(options: Omit<StorageVersionsOptions, 'resource' | 'served' | 'known' | 'barrier'>): RunningPart;
}

/** Loads what writes StorageVersions, where they are served. */
async function storageVersionsOf({ resources: served }: Served): Promise<StorageVersionsPart | undefined> {
  const resource = served.find(({ group, plural }) => group === 'internal.apiserver.k8s.io' && plural === 'storageversions') as Resource<StorageVersion> | undefined;
  if (resource === undefined) return undefined;
  const [{ builtInVersions, startStorageVersions }, { StorageVersionBarrier }, { resources }] = await Promise.all([import('./bootstrap/storage-versions.ts'), import('./bootstrap/storage-version-barrier.ts'), loadResourcesOffByDefault()]);
  const known = [...RESOURCES, ...resources];
  const barrier = new StorageVersionBarrier(builtInVersions(served, known).map(({ name }) => name));
  return { barrier, start: (options) => startStorageVersions({ ...options, resource, served, known, barrier }) };
}

class Server implements ApiServer {
  readonly #options: ApiServerOptions;
  readonly #running = new Running();
  readonly #listeners: Listener[] = [];
  readonly #stopping = new AbortController();
  readonly #client: Client;
  readonly #informers: InformerFactory;
  readonly #health: Health;
  readonly #front: Front;
  readonly #resources: ReturnType<typeof createResources>;
  readonly #chain: Next;
  readonly #audit: AuditLog | undefined;
  readonly #usesRbac: boolean;
  readonly #lookup: Lookup;
  readonly #followers: readonly Follower[];
  readonly #served: ReadonlySet<string>;
  #following: Following[] = [];
  readonly #aggregated: Aggregation;
  readonly #definitions: Definitions | undefined;
  #definitionController: RunningPart | undefined;
  readonly #startFairness: RequestLimits['start'];
  #fairness: FairnessRunning | undefined;
  #aggregation: RunningPart | undefined;
  #endpoints: EndpointLeases | undefined;
  #identity: RunningPart | undefined;
  readonly #storageVersionsPart: StorageVersionsPart | undefined;
  #storageVersions: RunningPart | undefined;
  #recorder: (EventRecorder & RunningPart) | undefined;
  #hooks: Hook[] = [];
  #started = false;
  #stopped: Promise<void> | undefined;

  constructor(options: ApiServerOptions, what: Served, storageVersionsPart?: StorageVersionsPart) {
    this.#options = options;
    this.#storageVersionsPart = storageVersionsPart;
    const { host } = options;
    const { clock } = host;
    const answer: Next = (request) => this.#answer(request);
    this.#client = createClient(inProcessTransport(clock, answer, loopbackUser, this.#running));
    this.#informers = createInformers(host, this.#client);
    const version = versionInfo(options.version, host.machine.info().architecture);
    const metrics = createServerMetrics(version, clock.now());
    countGates(metrics, options.featureGates);
    this.#health = new Health(metrics);
    const modes = options.authorizationModes === 'AlwaysAllow' ? (['AlwaysAllow'] as const) : (options.authorizationModes ?? defaultModes);
    const lookup: Lookup = {
      get: <T extends KubeObject>(resource: Resource<T>, namespace: string | undefined, name: string) => this.#resources.peek(resource, namespace, name) as T | undefined,
      list: <T extends KubeObject>(resource: Resource<T>, namespace?: string) => this.#resources.peekAll(resource, namespace) as T[],
    };
    this.#lookup = lookup;
    const { authorizer, rbac, node } = setUpAuthorization(modes, clock, this.#informers, lookup);
    this.#usesRbac = rbac !== undefined;
    this.#followers = node?.followers() ?? [];
    const objects = accountObjects(this.#client, lookup);
    const authentication = setUpAuthentication(host, authenticationOf(options.authentication, modes), objects, (name) => findLive(this.#client, Secrets, 'kube-system', name));
    const resolver = createServiceResolver({ lookup, random: host.random, ...(options.serviceRouting ? { routing: options.serviceRouting } : {}) });
    const { resources: served, groups } = what;
    this.#served = new Set(served.map(keyOf));
    const definitions = served.some((resource) => keyOf(resource) === keyOf(CustomResourceDefinitions)) ? new Definitions({ convertByWebhook: webhookConversions(host, resolver), rules: celRules({ now: () => clock.monotonic() / 1000, compiled: (seconds) => metrics.celCompilations.observe([], seconds), evaluated: (seconds) => metrics.celEvaluations.observe([], seconds) }), turn: host.turn, cbor: featureGates(options.featureGates).CBORServingAndStorage }) : undefined;
    this.#definitions = definitions;
    const plugins = createAdmission({
      host, client: this.#client, lookup, authorizer, resolver, ...(rbac ? { rbac } : {}), ...(definitions ? { custom: definitions } : {}),
      observeWebhook: (labels, seconds) => metrics.webhooks.observe(labels, seconds),
      observePolicy: (labels, seconds) => {
        metrics.policies.observe(labels, seconds);
        metrics.policyChecks.add(labels);
      },
    }, {
      enable: options.enableAdmission ?? [], disable: options.disableAdmission ?? [], seriesOf: (labels) => metrics.admission.at(labels),
    });
    this.#resources = createResources({
      observeWatchList: (labels, seconds) => metrics.watchLists.observe(labels, seconds),
      observeAdmission: (labels, seconds) => metrics.admissionSteps.observe(labels, seconds),
      host, backend: options.backend, resources: served.filter((resource) => resource.verbs.includes('watch')), strategyFor, tableFor, admission: plugins,
      serviceCidr: options.serviceCidr, nodePortRange: options.nodePortRange ?? defaultNodePorts, onFinding: (finding) => this.#tellFinding(finding),
      ...(options.eventTtlSeconds === undefined ? {} : { eventTtlSeconds: options.eventTtlSeconds }),
      ...(definitions ? { custom: definitions } : {}),
      ...(options.storageMediaType === undefined ? {} : { storageEncoding: storageEncodingOf(options.storageMediaType) }),
    });
    const stored: Next = (request) => this.#resources.handle(request);
    metrics.registry.onScrape(() => {
      // Resources come and go with their definitions.
      metrics.storedObjects.reset();
      metrics.resourceObjects.reset();
      metrics.storeEvents.reset();
      for (const { group, resource, objects, received } of this.#resources.statistics()) {
        metrics.storedObjects.set([group === '' ? resource : `${resource}.${group}`], objects);
        metrics.resourceObjects.set([group, resource], objects);
        metrics.storeEvents.set([group, resource], received);
      }
      const { parts, watchesBehind } = this.#resources.memory();
      for (const { part, bytes, limit } of parts) {
        metrics.memoryParts.set([part], bytes);
        metrics.memoryLimits.set([part], limit);
      }
      metrics.watchesBehind.set([], watchesBehind);
    });
    const limits = setUpLimits({
      host, metrics, limits: options.inFlight, fairness: (options.priorityAndFairness ?? true) && this.#served.has(keyOf(FlowSchemas)), count: ({ apiGroup, apiVersion, resource }) => this.#resources.count(apiGroup, apiVersion, resource),
    });
    this.#startFairness = limits.start;
    this.#audit = setUpAudit(host, options);
    const securePort = options.securePort ?? defaultSecurePort;
    const name = options.externalHostname ?? options.advertiseAddress ?? 'localhost';
    const paths = (): readonly string[] => router.paths();
    const router = createRouter({
      stored,
      connect: createConnect({ host, client: this.#client, authorizer, plugins, gates: featureGates(options.featureGates), ...(options.kubeletClient ? { kubeletClient: options.kubeletClient } : {}) }),
      virtual: virtualKinds({ host, authorizer, tokenAuthenticators: authentication.tokenAuthenticators, apiAudiences: authentication.apiAudiences, issuer: authentication.issuer, plugins, stored, storeHealth: () => options.backend.health() }),
      resources: served,
      ...(definitions ? { custom: customResource(definitions), beforeDiscovery: () => definitions.allRead() } : {}),
      discovery: new Discovery({ groups: servedGroups(groups, served), resources: served, serverAddress: `${name}:${securePort}`, ...(definitions ? { custom: definitions } : {}) }),
      health: this.#health,
      openApi: new OpenApiEndpoints(definitions ? withCustomResources(apiDocuments(what, host.turn), definitions, host.turn) : apiDocuments(what, host.turn), version.gitVersion, () => clock.now()),
      metrics,
      beforeScrape: async () => {
        const size = await options.backend.sizeBytes?.().catch(() => undefined);
        if (size !== undefined) metrics.storeSize.set(['etcd-0'], size);
      },
      version,
      documents: new Map([...this.#documents(authentication.keys, `https://${name}:${securePort}/openid/v1/jwks`), ...limits.pages, ...zPages({ clock, version, paths: () => paths(), flags: options.flags ?? {} })]),
      ...(options.profiling === false ? {} : { profiling: debugPages(clock, host.log) }),
    });
    this.#aggregated = new Aggregation({ host, client: this.#client, lookup, resources: served, groups, resolver, ...(definitions ? { definitions } : {}), ...(options.proxyClient ? { proxyClient: options.proxyClient } : {}) });
    const last = this.#aggregated.wrap(router.answer);
    this.#chain = createChain({ host, metrics, formats: formatsBy(featureGates(options.featureGates)), authenticator: authentication.authenticator, authorizer, constrainedImpersonation: featureGates(options.featureGates).ConstrainedImpersonation, maxInFlight: limits.stage, ...(options.corsAllowedOrigins ? { corsAllowedOrigins: options.corsAllowedOrigins } : {}), ...(this.#audit ? { audit: this.#audit } : {}), ...(definitions ? { custom: definitions } : {}) }, storageVersionsPart?.barrier.wrap(last) ?? last);
    const ends = connectionEnds({ endAnonymous: featureGates(options.featureGates).UnauthenticatedHTTP2DOSMitigation, chance: options.goawayChance ?? 0, random: host.random });
    this.#front = httpFront({ clock, log: host.log, handle: answer, running: this.#running, turn: host.turn, ...(ends ? { endsAfter: ends } : {}) });
    this.#addHealthChecks();
  }

  /** What is wrong with the addresses of a service is told as an event about it. */
  #tellFinding({ about, reason, message }: Finding): void {
    this.#recorder ??= createRecorder(this.#options.host, this.#client, 'ipallocator-repair-controller');
    const { kind, apiVersion, namespace, name, uid } = about;
    this.#recorder.event({ kind, apiVersion, metadata: { ...(namespace === '' ? {} : { namespace }), name, uid } }, 'Warning', reason, message);
  }

  #documents(keys: Parameters<typeof jsonWebKeySet>[0]['keys'], jwksUri: string): Map<string, () => ServerResponse> {
    const issuer = this.#options.authentication?.serviceAccount?.issuer;
    if (issuer === undefined) return new Map();
    return new Map([
      ['/.well-known/openid-configuration', () => openIdConfiguration({ issuer, jwksUri, keys })],
      ['/openid/v1/jwks', () => jsonWebKeySet({ issuer, jwksUri, keys })],
    ]);
  }

  #addHealthChecks(): void {
    const readyOnly = ['readyz'] as const;
    this.#health.add(
      { name: 'ping', check: () => undefined },
      { name: 'log', check: () => undefined, endpoints: ['healthz', 'livez', 'readyz'] },
      { name: 'etcd', check: () => this.#options.backend.health() },
      { name: 'etcd-readiness', check: () => this.#options.backend.health(), endpoints: readyOnly },
      { name: 'informer-sync', endpoints: readyOnly, check: () => this.#checkSynced() },
      { name: 'shutdown', endpoints: readyOnly, check: () => {
        if (this.#stopping.signal.aborted) throw new Error('process is shutting down');
      } },
    );
  }

  #synced = false;

  #checkSynced(): void {
    if (!this.#synced) throw new Error('informers are not complete yet');
  }

  async #answer(request: Parameters<Next>[0]): Promise<ServerResponse> {
    if (!this.#started) throw serviceUnavailable('the server is starting');
    return this.#chain(request);
  }

  async start(): Promise<void> {
    const { host, advertiseAddress, serviceCidr, securePort, authentication } = this.#options;
    await this.#resources.start();
    this.#started = true;
    if (this.#definitions) this.#definitionController = startDefinitionController(host, this.#client, this.#definitions);
    this.#informers.start();
    this.#following = this.#followers.filter(({ resource }) => this.#served.has(keyOf(resource))).map((follower) => follow(host, this.#client, follower));
    this.#aggregated.start((resource) => this.#served.has(keyOf(resource)), this.#informers.synced());
    this.#complete().then(() => (this.#synced = true), () => undefined);
    const { backend, endpointReconciler, identity } = this.#options;
    if (advertiseAddress !== undefined && endpointReconciler !== 'none' && (endpointReconciler === 'lease' || backend.shared === true)) {
      const encoding = this.#options.storageMediaType === undefined ? 'json' : storageEncodingOf(this.#options.storageMediaType);
      this.#endpoints = new EndpointLeases({ host, backend, client: this.#client, address: advertiseAddress, securePort: securePort ?? defaultSecurePort, encoding });
    }
    this.#hooks = startBootstrap({
      host, client: this.#client, lookup: this.#lookup, rbac: this.#usesRbac, serviceCidr, securePort: securePort ?? defaultSecurePort, signal: this.#stopping.signal, serves: (key) => this.#served.has(key),
      ...(this.#endpoints ? { endpointLeases: this.#endpoints } : {}), ...(this.#storageVersionsPart ? { writable: this.#storageVersionsPart.barrier.opened } : {}),
      ...(advertiseAddress === undefined || endpointReconciler === 'none' ? {} : { advertiseAddress }), ...(authentication?.clientCa === undefined ? {} : { clientCa: authentication.clientCa }),
      ...(authentication?.requestHeader ? { requestHeader: authentication.requestHeader } : {}),
    });
    if (identity && featureGates(this.#options.featureGates).APIServerIdentity) {
      const started = startIdentity(host, this.#client, identity.hostname, this.#hooks[0]!.done);
      this.#identity = started;
      this.#storageVersions = this.#storageVersionsPart?.start({ host, client: this.#client, apiServerID: identityName(identity.hostname), identified: started.written, ...(this.#definitions ? { definitions: this.#definitions } : {}) });
    }
    const configured = this.#hooks.find((hook) => hook.name.endsWith('priority-and-fairness-config-producer'));
    this.#fairness = this.#startFairness?.({ host, client: this.#client, lookup: this.#lookup, ready: configured?.done ?? Promise.resolve() });
    // Before all roles are written their sums would come out too small.
    const rolesWritten = this.#hooks.find((hook) => hook.name.endsWith('rbac/bootstrap-roles'));
    if (rolesWritten) this.#aggregation = startAggregation(host, this.#client, this.#informers, rolesWritten.done);
    let registered = false;
    void this.#aggregated.complete.then(() => (registered = true));
    const own = [{ name: 'autoregister-completion', check: () => {
      if (!registered) throw new Error('missing APIService');
    } }, ...this.#hooks.map((hook) => ({ name: hook.name, check: () => {
      if (!hook.finished) throw new Error(hook.lastError);
    } }))];
    this.#health.add(...startChecks(own, { fairness: this.#fairness !== undefined, definitions: this.#definitions !== undefined, identity: this.#identity !== undefined, proxyCertificate: this.#options.proxyClient !== undefined }));
  }

  transport(user: UserInfo): Transport {
    return inProcessTransport(this.#options.host.clock, (request) => this.#answer(request), user, this.#running);
  }

  async listen({ address, port, tls }: ServeOptions): Promise<Listener> {
    const clientCa = joined(tls?.clientCa ?? this.#options.authentication?.clientCa, this.#options.authentication?.requestHeader?.clientCa);
    const listener = await this.#options.host.net.listen({ address, port, ...(tls ? { tls: { ...tls, ...(clientCa === undefined ? {} : { clientCa }) } } : {}), onRequest: this.#front.onRequest, onStream: this.#front.onStream, onUpgrade: this.#front.onUpgrade });
    this.#listeners.push(listener);
    return listener;
  }

  /** Resolves when what decides about requests knows all that it must. */
  async #complete(): Promise<void> {
    await Promise.all([this.#informers.synced(), this.#aggregated.synced, this.#fairness?.synced, ...this.#following.map((following) => following.synced)]);
  }

  async ready(): Promise<void> {
    await this.#complete();
    await Promise.all([...this.#hooks.map((hook) => hook.done), this.#aggregated.complete, this.#fairness?.complete]);
    await this.#options.backend.health();
  }

  stop(graceMs = 0): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    const reason = new Error('the server is shutting down');
    // From now on `/readyz` fails: load balancers have `shutdownDelayMs` to notice, and everything is answered as ever meanwhile.
    this.#stopping.abort(reason);
    // Others stop sending clients here before anything else ends.
    await Promise.all([this.#endpoints?.stop(), this.#identity?.stop(), this.#storageVersions?.stop()]);
    if (this.#options.shutdownDelayMs) await this.#options.host.clock.sleep(this.#options.shutdownDelayMs);
    for (const listener of this.#listeners) if (graceMs > 0) listener.drain();
    await Promise.all([this.#aggregation?.stop(), this.#aggregated.stop(), this.#definitionController?.stop(), this.#fairness?.stop(), this.#recorder?.stop()]);
    await Promise.all([this.#informers.stop(), ...this.#following.map((following) => following.stop())]);
    this.#running.cancelLongRunning(reason);
    // A stream's orderly end is written in the turns after its signal.
    await Promise.race([this.#running.empty(), this.#options.host.clock.sleep(graceMs)]);
    await Promise.all(this.#listeners.map((listener) => listener.close(graceMs)));
    this.#running.cancelAll(reason);
    this.#started = false;
    await this.#resources.stop();
    await this.#audit?.close();
  }
}

/** Whether servers are told apart by name, and say which versions they store. */
function hasIdentities(options: ApiServerOptions): boolean {
  const gates = featureGates(options.featureGates);
  return gates.StorageVersionAPI && gates.APIServerIdentity;
}

/** Makes a server; nothing is read or written before `start`. Throws, by name, for options it cannot use. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  // Some kinds are stored in a version that is not served.
  if (options.storageMediaType === protobufType) await loadVersionsOffByDefault();
  const all = await servedBy(options.runtimeConfig);
  const what = options.resources === undefined ? all : { ...all, resources: options.resources };
  return new Server(options, what, options.identity && hasIdentities(options) ? await storageVersionsOf(what) : undefined);
}
