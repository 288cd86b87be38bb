/** What is written down of a request at one of its stages, in upstream's form (audit.k8s.io/v1 Event). */
import type { Status } from '../../api/meta/v1/types.ts';
import type { RequestInfo, ServerRequest, UserInfo } from '../types.ts';
import { formatIp, parseIp } from '../../api/meta/addresses.ts';
import { infoOf } from '../chain/request-info.ts';
import { escaped } from '../go-json.ts';
import type { Level, NotedMetadata } from './noted.ts';
import type { AuditStage } from './policy.ts';

/** A user agent is written up to here. */
const maxUserAgentLength = 1024;

export interface AuditUser {
  username?: string;
  uid?: string;
  groups?: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ObjectReference {
  resource: string;
  namespace?: string | undefined;
  name?: string | undefined;
  uid?: string | undefined;
  apiGroup?: string | undefined;
  apiVersion: string;
  resourceVersion?: string | undefined;
  subresource?: string | undefined;
}

export interface Objects {
  requestObject?: unknown;
  responseObject?: unknown;
}

export interface AuditEvent extends Objects {
  level: Level;
  auditID: string;
  stage: AuditStage;
  requestURI: string;
  verb: string;
  user: AuditUser;
  impersonatedUser?: AuditUser;
  authenticationMetadata?: { impersonationConstraint: string };
  sourceIPs?: string[];
  userAgent?: string;
  objectRef?: ObjectReference;
  responseStatus?: object;
  requestReceivedTimestamp: string;
  stageTimestamp: string;
  annotations?: Readonly<Record<string, string>>;
}

/** What came of a request, and what bodies tell of it. */
export interface Outcome extends Objects {
  code?: number;
  /** Where the answer is a Status. */
  status?: Partial<Status> | undefined;
  /** Of the object in the request. */
  metadata?: NotedMetadata | undefined;
}

function userFields(user: UserInfo | undefined): AuditUser {
  const { name, uid, groups = [], extra = {} } = user ?? {};
  return { ...(name ? { username: name } : {}), ...(uid ? { uid } : {}), ...(groups.length > 0 ? { groups } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) };
}

const textOr = (first: string, second: unknown): string | undefined => first || (typeof second === 'string' ? second : '') || undefined;

function referenceOf(info: RequestInfo, metadata: Outcome['metadata']): ObjectReference {
  return {
    resource: info.resource, namespace: textOr(info.namespace, metadata?.namespace), name: textOr(info.name, metadata?.name), uid: textOr('', metadata?.uid), apiGroup: info.apiGroup || undefined, apiVersion: info.apiVersion,
    resourceVersion: textOr('', metadata?.resourceVersion), subresource: info.subresource || undefined,
  };
}

function responseStatus({ code, status }: Outcome): { responseStatus?: object } {
  if (code === undefined) return {};
  const { status: outcome, message, reason, details } = status ?? {};
  return { responseStatus: { metadata: {}, status: outcome, message, reason, details, code } };
}

function requestUri(request: ServerRequest): string {
  const query = request.rawQuery ?? request.query.toString();
  return query === '' ? request.rawPath : `${request.rawPath}?${query}`;
}

/**
 * The addresses that the request has come by, as its senders say, and the last one as the connection does. Nothing is decided by them.
 */
function sourcesOf({ headers, remoteAddress }: ServerRequest): string[] {
  const sources: string[] = [];
  const canonical = (text: string): string | undefined => {
    const ip = parseIp(text.trim());
    return ip && formatIp(ip);
  };
  for (const text of headers['x-forwarded-for']?.split(',') ?? []) {
    const address = canonical(text);
    if (address !== undefined) sources.push(address);
  }
  const real = canonical(headers['x-real-ip'] ?? '');
  if (real !== undefined && !sources.includes(real)) sources.push(real);
  const remote = canonical(remoteAddress);
  if (remote !== undefined && sources.at(-1) !== remote) sources.push(remote);
  return sources;
}

function agentOf(request: ServerRequest): string {
  const agent = request.headers['user-agent'] ?? '';
  return agent.length > maxUserAgentLength ? `${agent.slice(0, maxUserAgentLength)}...TRUNCATED` : agent;
}

const microseconds = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

function annotationsOf({ auditAnnotations = {} }: ServerRequest): { annotations?: Record<string, string> } {
  const keys = Object.keys(auditAnnotations).sort();
  return keys.length === 0 ? {} : { annotations: Object.fromEntries(keys.map((key) => [key, auditAnnotations[key]!])) };
}

export function eventOf(request: ServerRequest, level: Level, stage: AuditStage, now: number, outcome: Outcome): AuditEvent {
  const info = infoOf(request);
  const { requestObject, responseObject } = outcome;
  const sources = sourcesOf(request);
  const agent = agentOf(request);
  const constraint = request.audited?.constraint;
  return {
    level, auditID: request.auditId ?? '', stage, requestURI: requestUri(request), verb: info.verb,
    user: userFields(request.authenticatedUser ?? request.user),
    ...(request.authenticatedUser ? { impersonatedUser: userFields(request.user) } : {}),
    ...(constraint === undefined ? {} : { authenticationMetadata: { impersonationConstraint: constraint } }),
    ...(sources.length > 0 ? { sourceIPs: sources } : {}), ...(agent === '' ? {} : { userAgent: agent }),
    ...(info.isResourceRequest ? { objectRef: referenceOf(info, outcome.metadata) } : {}),
    ...responseStatus(outcome),
    ...(requestObject === undefined ? {} : { requestObject }), ...(responseObject === undefined ? {} : { responseObject }),
    requestReceivedTimestamp: microseconds(request.receivedAt), stageTimestamp: microseconds(now),
    ...annotationsOf(request),
  };
}

/** An event on its way: written once, for all that it goes to. What bodies hold is in the text alone, which takes a fraction of the memory of the objects. */
export interface WrittenEvent {
  /** Without bodies. */
  readonly event: Omit<AuditEvent, keyof Objects>;
  readonly json: string;
  readonly bytes: number;
}

export function written(event: AuditEvent): WrittenEvent {
  const json = escaped(JSON.stringify(event));
  const { requestObject: _request, responseObject: _response, ...rest } = event;
  return { event: rest, json, bytes: Buffer.byteLength(json) };
}

/** The event without what its bodies hold, and with a word that it is so. */
export function cutShort({ event }: WrittenEvent): WrittenEvent {
  return written({ ...event, annotations: { ...event.annotations, 'audit.k8s.io/truncated': 'true' } });
}

export const formats = ['json', 'legacy'] as const;
export type AuditFormat = (typeof formats)[number];

const quoted = (text: string): string => JSON.stringify(text);
const quotedAll = (texts: readonly string[]): string => texts.map(quoted).join(',');

/** The event as a line of words, which are quoted. */
function legacyLine(event: WrittenEvent['event']): string {
  const { user, impersonatedUser: as, responseStatus: status } = event;
  const groups = user.username ? quotedAll(user.groups ?? []) || '<none>' : '<none>';
  const fields: [name: string, value: string][] = [
    ['id', event.auditID], ['stage', event.stage], ['ip', event.sourceIPs?.[0] ?? '<unknown>'], ['method', event.verb], ['user', user.username || '<none>'], ['groups', groups],
    ['as', as?.username ?? '<self>'], ['asgroups', as === undefined ? '<lookup>' : quotedAll(as.groups ?? [])], ['user-agent', event.userAgent ?? ''], ['namespace', event.objectRef?.namespace ?? '<none>'], ['uri', event.requestURI],
  ];
  const response = status === undefined ? '<deferred>' : String((status as { code: number }).code);
  return `${event.requestReceivedTimestamp.replace(/\.?0+Z$/, 'Z')} AUDIT: ${fields.map(([name, value]) => `${name}=${quoted(value)}`).join(' ')} response="${response}"`;
}

/** The event as a line of a file. */
export function lineOf({ event, json }: WrittenEvent, format: AuditFormat): string {
  return format === 'legacy' ? legacyLine(event) : `{"kind":"Event","apiVersion":"audit.k8s.io/v1",${json.slice(1)}`;
}
