/** What an API server is made of, and the face it shows to the composition root. */
import type { Resource } from '../api/meta/resource.ts';
import type { Transport } from '../client/types.ts';
import type { Host, Listener, TlsClientOptions, TlsServerOptions } from '../host/types.ts';
import type { Backend } from '../store/backend.ts';
import type { AuditOptions } from './audit/setup.ts';
import type { RequestHeaderOptions } from './authentication/request-header.ts';
import type { StaticToken } from './authentication/static-tokens.ts';
import type { InFlightLimits } from './chain/max-in-flight.ts';
import type { ServiceRouting } from './service-resolver.ts';
import type { UserInfo } from './types.ts';

export interface ServiceAccountKeys {
  /** The `iss` of new tokens, and where the key set is discovered; `https://kubernetes.default.svc.cluster.local` by custom. */
  issuer: string;
  /** PEM, RSA or ECDSA. */
  signingKey: string;
  /** PEM. Keys whose tokens are accepted; the signing key's own public half always is. */
  publicKeys?: readonly string[];
  /** Issuers that were used before and are still accepted. */
  formerIssuers?: readonly string[];
  /** Audiences that mean this server. Default: the issuer. */
  audiences?: readonly string[];
}

export interface AuthenticationOptions {
  /** PEM bundle that client certificates chain up to; given to `listen`, and published in `kube-system/extension-apiserver-authentication`. */
  clientCa?: string;
  /** Front proxies that are believed when they say for whom they speak. Absent: none is. */
  requestHeader?: RequestHeaderOptions;
  serviceAccount?: ServiceAccountKeys;
  tokens?: readonly StaticToken[];
  /** Whether requests without credentials pass as `system:anonymous`. Default true: roles decide what that user may do (health, version). */
  anonymous?: boolean;
  /** Whether secrets of type `bootstrap.kubernetes.io/token` authenticate. Default true. */
  bootstrapTokens?: boolean;
}

export type AuthorizationMode = 'Node' | 'RBAC' | 'AlwaysAllow';

export type StorageMediaType = 'application/json' | 'application/vnd.kubernetes.protobuf';

export interface ApiServerOptions extends AuditOptions {
  host: Host;
  backend: Backend;
  /** This project's own version, as `0.1.0`. */
  version: string;
  /** As `10.96.0.0/16`, or a range of each family separated by a comma, the preferred one first. */
  serviceCidr: string;
  nodePortRange?: { from: number; to: number };
  authentication?: AuthenticationOptions;
  /** In order; the first that allows decides. Default Node, RBAC. */
  authorizationModes?: readonly AuthorizationMode[] | 'AlwaysAllow';
  /** Where other machines and pods reach this server; without it `default/kubernetes` has no endpoints. */
  advertiseAddress?: string;
  /**
   * How the endpoints of `default/kubernetes` are kept: `lease`, in agreement with other servers; `none`, by others. By default `lease` where the
   * store is one that several servers share, and otherwise this server alone.
   */
  endpointReconciler?: 'lease' | 'none';
  /** Keeps a Lease in kube-system that names this server by its machine. */
  identity?: { hostname: string };
  /** Seconds until an event goes by itself. Default one hour. */
  eventTtlSeconds?: number;
  /** Default 6443. */
  securePort?: number;
  /** The name in published URLs; default the advertise address. */
  externalHostname?: string;
  /** What the server shows to kubelets, and what it trusts of them. */
  kubeletClient?: TlsClientOptions;
  /** The certificate by which this server, as a front proxy, makes aggregated API servers believe who its clients are. */
  proxyClient?: Pick<TlsClientOptions, 'cert' | 'key'>;
  /** How the servers behind Services are reached: aggregated API servers and webhooks. Default `endpoints`. */
  serviceRouting?: ServiceRouting;
  /** Admission plug-ins beyond, and without, the ones that are on by default. */
  enableAdmission?: readonly string[];
  disableAdmission?: readonly string[];
  /** Origins whose pages may read answers, as regular expressions of RE2. Default: none. */
  corsAllowedOrigins?: readonly string[];
  inFlight?: Partial<InFlightLimits>;
  /** How long the server goes on as ever, but for `/readyz`, after it has been told to stop. Default 0. */
  shutdownDelayMs?: number;
  /** The share of requests after which a connection of HTTP/2 ends, at most 0.02, so that clients spread over servers again. Default 0. */
  goawayChance?: number;
  /** Whether profiles can be taken at `/debug/pprof`. Default true: roles say by whom. */
  profiling?: boolean;
  /** What `/flagz` shows; never secrets. */
  flags?: Readonly<Record<string, string>>;
  /** Whether flow schemas and priority levels share out what `inFlight` allows in all. Default true; without it the two limits work by themselves. */
  priorityAndFairness?: boolean;
  /** What stored values are written as; either is read. Custom resources are always JSON. Default JSON. */
  storageMediaType?: StorageMediaType;
  /** Features to turn on or off, by upstream's names. */
  featureGates?: Readonly<Record<string, boolean>>;
  /** Versions and resources to serve, or not, beside and among the default ones: `api/all`, `api/beta`, `apps/v1` … */
  runtimeConfig?: Readonly<Record<string, boolean>>;
  /** What is served; by default everything that the API knows. */
  resources?: readonly Resource[];
}

export interface ServeOptions {
  address: string;
  port: number;
  /** `clientCa` defaults to that of `authentication`. */
  tls?: TlsServerOptions;
}

export interface ApiServer {
  /** Opens the store and begins to fill it; requests are answered from when it resolves. */
  start(): Promise<void>;
  /** Requests from within the process as `user`, through the whole chain but authentication. Works without `listen`. */
  transport(user: UserInfo): Transport;
  /** Opens a port; may be called several times. */
  listen(options: ServeOptions): Promise<Listener>;
  /** Resolves when `/readyz` says ok: caches are complete and the bootstrap objects written. Rejects when the server stops before. */
  ready(): Promise<void>;
  /** Says «not ready», ends watches, lets other requests finish for `graceMs`, closes ports. Does not close the backend. */
  stop(graceMs?: number): Promise<void>;
}
