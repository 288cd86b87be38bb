/** What passes along the API server's chain. Sockets are not known here: the front turns HTTP into these values and back. */
import type { AuditNote } from './audit/noted.ts';
import type { Duplex } from 'node:stream';
import type { Format } from './accept.ts';
import type { Resource, Subresource } from '../api/meta/resource.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Shape } from './patch/shape.ts';

/** Who asks. Groups always hold `system:authenticated` or `system:unauthenticated`. */
export interface UserInfo {
  name: string;
  uid?: string;
  groups: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a request is about, worked out from its method and path. */
export interface RequestInfo {
  isResourceRequest: boolean;
  path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; for other paths the method in lower case. */
  verb: string;
  apiGroup: string;
  apiVersion: string;
  namespace: string;
  /** Plural. */
  resource: string;
  subresource: string;
  name: string;
  /** Path segments after resource/name/subresource (proxy paths). */
  parts: readonly string[];
  /** The request's own selectors, as text, on list, watch and deletecollection: an authorizer may grant by them. */
  fieldSelector?: string;
  labelSelector?: string;
}

export interface ServerRequest {
  method: string;
  /** Decoded once, without the query; never holds `..` segments. */
  path: string;
  /** The path as it came, still encoded (the proxy passes it on). */
  rawPath: string;
  query: URLSearchParams;
  /** The query as it came, without its `?` (the proxy passes it on). */
  rawQuery?: string;
  /** Lower-case names; repeated headers joined by `, `. */
  headers: Readonly<Record<string, string>>;
  /** Names and values as they came, in turn, where headers of one name must be told apart. */
  rawHeaders?: readonly string[];
  /** Reads the whole body; throws StatusError 413 over the limit (3 MiB). */
  body(): Promise<Uint8Array>;
  /** The body, where this process's own client has made it of a value: JSON in which no field comes twice. */
  ownText?: string;
  /** The body as it comes, for the proxy; undefined where there is none. */
  bodyStream?: () => AsyncIterable<Uint8Array> | undefined;
  /** Headers that followed the body, once its stream has been read to its end. */
  trailers?: () => Readonly<Record<string, string>>;
  /** Aborts when the client is gone or the server shuts down. */
  signal: AbortSignal;
  remoteAddress: string;
  /** A verified client certificate. */
  clientCertificate?: {
    commonName: string;
    organizations: readonly string[];
    uid?: string;
    /** sha256 of the certificate, hex. */
    fingerprint?: string;
    /** The certificate and what it chains up to, in DER, as far as the connection knows. */
    chain?: () => readonly Uint8Array[];
  };
  /** The client showed a certificate that is no good, and why: such a caller is not anonymous. */
  clientCertificateError?: string;
  /** Asked to leave HTTP (`Upgrade:` header): only then may the response have `upgrade`. */
  wantsUpgrade: boolean;
  /** Preset by the in-process transport, which has authenticated its caller by construction. */
  user?: UserInfo;
  info?: RequestInfo;
  /** Warning texts gathered for `Warning: 299` headers. */
  warnings: string[];
  /** Milliseconds since 1970. */
  receivedAt: number;
  /** Asked from within the process, by one who never writes to what it is given: the answer may have `shared` or `events` in place of a body. */
  takesShared?: boolean;
  /** Ends the request from the server's side: `signal` aborts with the reason. */
  cancel?: (reason?: unknown) => void;
  /** What bodies and answers may be encoded in; all but CBOR where nobody says so. */
  formats?: readonly Format[];
  /** Names the request in the audit log and in the `Audit-Id` header. */
  auditId?: string;
  /** Which flow schema and priority level the request belongs to; its answer says so. */
  flow?: { schemaUid: string; levelUid: string };
  /** What admission has to say in the audit event. */
  auditAnnotations?: Record<string, string>;
  /** An audit event will be written of the request: what it will tell of its object. */
  audited?: AuditNote;
  /** Who the credentials belong to, where `user` is somebody the caller impersonates. */
  authenticatedUser?: UserInfo;
}

/** `object` is a Status where the type is ERROR, and metadata alone where it is BOOKMARK. */
export interface SharedEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: object;
}

export interface ServerResponse {
  status: number;
  headers: Record<string, string>;
  /** `Set-Cookie` headers, which cannot be joined to one. */
  cookies?: readonly string[];
  /** Bytes at once, or a stream (watch, logs). A stream is flushed piece by piece. */
  body?: Uint8Array | string | AsyncIterable<Uint8Array>;
  /** The stream comes from elsewhere for this client alone: pieces leave together where they come faster than the client takes them. */
  passedOn?: boolean;
  /** Headers that follow such a stream; asked for at its end. */
  trailers?: () => Readonly<Record<string, string>>;
  /** The object of a kind that `body` shows in JSON; a client that asks for another encoding is sent that instead. */
  object?: object;
  /** In place of a body: the object, or the list of objects, as the watch cache holds them, frozen and shared. Only for requests that have `takesShared`. */
  shared?: object;
  /** How long what is shared is as it is stored. */
  sharedBytes?: number;
  /** In place of a body: a watch's events as the watch cache holds their objects, frozen and shared. Only for requests that have `takesShared`. */
  events?: AsyncIterable<SharedEvent[]>;
  /** Takes over the connection (exec, attach, port-forward, proxy upgrades). It writes its own HTTP answer. */
  upgrade?: (socket: Duplex, head: Uint8Array) => Promise<void>;
}

export type Next = (request: ServerRequest) => Promise<ServerResponse>;

/** One stage of the chain: may answer, change the request, or wrap what comes after. */
export interface Stage {
  name: string;
  handle(request: ServerRequest, next: Next): Promise<ServerResponse>;
}

/** What an authorizer is asked. */
export interface Attributes {
  user: UserInfo;
  info: RequestInfo;
}

export type Decision = { decision: 'allow' | 'deny' | 'no-opinion'; reason: string };

export interface Authorizer {
  name: string;
  authorize(attributes: Attributes): Decision | Promise<Decision>;
  /** Rules the user has in a namespace, for SelfSubjectRulesReview. */
  rulesFor?(user: UserInfo, namespace: string): { resourceRules: ResourceRule[]; nonResourceRules: NonResourceRule[]; incomplete: boolean };
}

export interface ResourceRule { verbs: string[]; apiGroups: string[]; resources: string[]; resourceNames?: string[] }
export interface NonResourceRule { verbs: string[]; nonResourceURLs: string[] }

/** Answers undefined when it does not know the credentials, throws StatusError 401 when they are its own but wrong. */
export interface Authenticator {
  name: string;
  authenticate(request: ServerRequest): UserInfo | undefined | Promise<UserInfo | undefined>;
}

/** A write on its way to the registry, as admission plug-ins see it. */
export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  resource: Resource;
  subresource: string;
  subresourceInfo?: Subresource;
  namespace: string;
  name: string;
  user: UserInfo;
  /** May be changed in place by `mutate`. Absent on DELETE. */
  object?: Record<string, unknown>;
  oldObject?: Record<string, unknown>;
  options: Record<string, unknown>;
  dryRun: boolean;
  warnings: string[];
  /** The resource in the version of the request's path, where that is another than `resource`. */
  requested?: Resource;
  /** How the subresource shows the object, where that is something else (`scale`). */
  view?: ObjectView;
  /** How the object is merged, where its kind is in no table (custom resources). */
  shape?: () => Shape;
  /** Goes into the request's audit event. */
  annotations?: Record<string, string>;
  /** How much that event tells. */
  auditLevel?: AuditNote['level'];
  /** How far the plug-ins that change objects have come; set while they run. */
  rounds?: AdmissionRounds;
}

/** An object as a subresource shows it, and what a change of that means for the object. */
export interface ObjectView {
  show(object: KubeObject): KubeObject;
  take(object: KubeObject, changed: KubeObject): void;
}

/** Plug-ins may ask for a second round, since what they changed may concern those before them. */
export interface AdmissionRounds {
  /** 0, and 1 the second time. */
  round: number;
  again: boolean;
  /** What each plug-in keeps from round to round, by its name. */
  kept: Map<string, unknown>;
}

/** One admission plug-in, one file. Refuses by throwing StatusError. */
export interface AdmissionPlugin {
  name: string;
  handles(request: AdmissionRequest): boolean;
  mutate?(request: AdmissionRequest): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
}
