/** AdmissionReview of admission.k8s.io, v1 and v1beta1: the question to a webhook, and how its answer is read. */
import { parseExactly } from '../../../api/exact-json.ts';
import type { Resource } from '../../../api/meta/resource.ts';
import { failure, type StatusError, type StatusReason } from '../../../api/meta/status.ts';
import { sortedJson } from '../../go-json.ts';
import type { AdmissionRequest } from '../../types.ts';
import { aboutRequest } from './environment.ts';
import { inVersion, isCustom } from './versions.ts';

export interface Verdict {
  allowed: boolean;
  /** Operations of a JSON patch. */
  patch: unknown;
  status: { code?: number; reason?: string; message?: string; details?: Record<string, unknown> } | undefined;
  warnings: readonly string[];
  auditAnnotations: Readonly<Record<string, string>>;
}

/** Objects go in the version that the webhook's rules matched. */
export function reviewOf(request: AdmissionRequest, resource: Resource, apiVersion: string, uid: string): Record<string, unknown> {
  return {
    kind: 'AdmissionReview', apiVersion,
    request: {
      uid, ...aboutRequest(request, resource),
      object: shownTo(request, request.object, resource), oldObject: shownTo(request, request.oldObject, resource),
    },
  };
}

/** An object as webhooks are shown it; members of custom resources stand by name. */
function shownTo(request: AdmissionRequest, object: Record<string, unknown> | undefined, resource: Resource): unknown {
  const shown = inVersion(request, object, resource);
  if (shown === undefined) return null;
  return request.view === undefined && isCustom(request) ? parseExactly(sortedJson(shown)) : shown;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws Error for what is no answer to the question. */
export function readVerdict(answer: unknown, apiVersion: string, uid: string, mutating: boolean): Verdict {
  try {
    return verdictOf(answer, apiVersion, uid, mutating);
  } catch (error) {
    throw error instanceof Undecodable ? error : new Error(`received invalid webhook response: ${(error as Error).message}`);
  }
}

/** A patch that is none. */
class Undecodable extends Error {
  constructor(why: string) {
    super(`received undecodable patch in webhook response: ${why}`);
  }
}

function verdictOf(answer: unknown, apiVersion: string, uid: string, mutating: boolean): Verdict {
  if (!isRecord(answer)) throw new Error('the answer is no object');
  // Webhooks of the first version were asked for less.
  const isOld = apiVersion === 'admission.k8s.io/v1beta1';
  const isBare = isOld && answer['kind'] === undefined && answer['apiVersion'] === undefined;
  if (!isBare && (answer['kind'] !== 'AdmissionReview' || answer['apiVersion'] !== apiVersion)) throw new Error(`expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${withGroup(String(answer['apiVersion'] ?? ''))}, Kind=${String(answer['kind'] ?? '')}`);
  const response = answer['response'];
  if (!isRecord(response)) throw new Error('webhook response was absent');
  if (!isOld && response['uid'] !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  return {
    allowed: response['allowed'] === true, patch: readPatch(isOld && response['patch'] !== undefined ? { patchType: 'JSONPatch', ...response } : response, mutating), status: isRecord(response['status']) ? response['status'] : undefined,
    warnings: Array.isArray(response['warnings']) ? response['warnings'].filter((text): text is string => typeof text === 'string') : [],
    auditAnnotations: isRecord(response['auditAnnotations']) ? (response['auditAnnotations'] as Record<string, string>) : {},
  };
}

function readPatch(response: Record<string, unknown>, mutating: boolean): unknown {
  const { patch, patchType } = response;
  const isSet = typeof patch === 'string' && patch !== '';
  if (!mutating && isSet) throw new Error('validating webhook may not return response.patch');
  if (!mutating && patchType !== undefined) throw new Error('validating webhook may not return response.patchType');
  if (!isSet) {
    if (patchType !== undefined && patchType !== null) throw new Error('webhook returned response.patchType but not response.patch');
    return undefined;
  }
  if (patchType === undefined || patchType === null) throw new Error('webhook returned response.patch but not response.patchType');
  return patchOf(Buffer.from(patch, 'base64').toString());
}

const operations = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

function patchOf(text: string): unknown {
  let patch: unknown;
  try {
    patch = parseExactly(text);
  } catch (error) {
    throw new Undecodable((error as Error).message);
  }
  if (patch === null) return undefined;
  if (!Array.isArray(patch)) throw new Undecodable(`json: cannot unmarshal ${typeof patch} into Go value of type jsonpatch.Patch`);
  for (const operation of patch as unknown[]) if (isRecord(operation) && !operations.has(String(operation['op']))) throw new Undecodable(`invalid operation ${JSON.stringify(operation)}: unsupported operation`);
  return patch;
}

/** The core group's versions stand behind a slash, too. */
const withGroup = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion : `/${apiVersion}`);

/** A webhook's refusal, in its own words. */
export function denied(name: string, { status }: Verdict): StatusError {
  const why = status?.message || status?.reason;
  const code = status?.code !== undefined && status.code >= 400 ? status.code : 400;
  const error = failure(code, (status?.reason ?? '') as StatusReason, `admission webhook "${name}" denied the request${why ? `: ${why}` : ' without explanation'}`);
  if (status?.details) error.status.details = status.details as NonNullable<typeof error.status.details>;
  return error;
}
