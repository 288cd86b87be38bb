/** That what a client has sent is of the kind that the path is for. */
import { kindOf, undecodable } from '../../api/decode.ts';
import { badRequest } from '../../api/meta/status.ts';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import { summaryOf } from './problems.ts';

/** The struct into which upstream looks first. */
const TYPES = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;
/** Upstream's registry of kinds, by the place that its errors name. */
const SCHEME = 'pkg/api/legacyscheme/scheme.go:30';
/** Kinds that every version has. */
const EVERYWHERE: ReadonlySet<string> = new Set(['WatchEvent', 'ListOptions', 'GetOptions', 'DeleteOptions', 'CreateOptions', 'UpdateOptions', 'PatchOptions']);

const NOTHING = new Uint8Array();

/** 400 of a body whose kind could not be found out. */
export function unrecognized(kind: string | undefined, why: string, bytes: Uint8Array): Error {
  return badRequest(kind === undefined ? why : `the object provided is unrecognized (must be of type ${kind}): ${why} (${summaryOf(bytes)})`);
}

/** Why kind and version cannot be read out of a value; undefined when they can. */
export function unreadableKind(value: unknown): string | undefined {
  const mismatch = (what: unknown, place: string): string => `couldn't get version/kind; json parse error: json: cannot unmarshal ${kindOf(what)} into ${place}`;
  if (value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) return mismatch(value, `Go value of type ${TYPES}`);
  for (const field of ['apiVersion', 'kind'] as const) {
    const given = (value as Record<string, unknown>)[field];
    if (given !== undefined && given !== null && typeof given !== 'string') return mismatch(given, `Go struct field .${field} of type string`);
  }
  return undefined;
}

/** Throws StatusError 400 for another kind, or another version of it. `known` are all kinds that the server has. */
export function checkKind(resource: Resource, value: unknown, known: () => Iterable<Resource>, bytes: Uint8Array = NOTHING): void {
  const { kind, apiVersion } = (typeof value === 'object' && value !== null ? value : {}) as { kind?: unknown; apiVersion?: unknown };
  const expected = apiVersionOf(resource);
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) throw unrecognized(resource.kind, `unexpected GroupVersion string: ${apiVersion}`, bytes);
  const given = { kind: typeof kind === 'string' && kind !== '' ? kind : resource.kind, apiVersion: typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion : expected };
  if (given.kind === resource.kind && given.apiVersion === expected) return;
  const same = [...known()].filter((one) => apiVersionOf(one) === given.apiVersion);
  const found = same.find((one) => one.kind === given.kind);
  if (found !== undefined && found.kind === resource.kind && storageOf(found) === storageOf(resource)) {
    throw badRequest(`the API version in the data (${given.apiVersion}) does not match the expected API version (${expected})`);
  }
  const isKnown = found !== undefined || same.some((one) => given.kind === `${one.kind}List` || EVERYWHERE.has(given.kind));
  if (!isKnown) throw undecodable(resource.schema, value, `no kind ${JSON.stringify(given.kind)} is registered for version ${JSON.stringify(given.apiVersion)} in scheme ${JSON.stringify(SCHEME)}`);
  const version = given.apiVersion.slice(given.apiVersion.indexOf('/') + 1);
  const group = resource.group === '' ? 'core' : resource.group.split('.', 1)[0];
  throw undecodable(resource.schema, value, `converting (${version}.${given.kind}) to (${group}.${resource.kind}): unknown conversion`);
}

const storageOf = ({ group, version, plural, storageVersion }: Resource): string => `${storageVersion?.group ?? group}/${storageVersion?.version ?? version}/${plural}`;
