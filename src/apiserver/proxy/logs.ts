/** `GET pods/<name>/log`: what a container wrote, from the kubelet of its node. */
import type { Pod } from '../../api/core/v1/types.ts';
import { FieldPath, invalidValue, forbiddenField, type FieldError } from '../../api/meta/field.ts';
import { addressOf, networkErrorText } from '../../base/network-errors.ts';
import { badRequest, failure, internalError, invalid, type StatusError } from '../../api/meta/status.ts';
import type { Host, HttpResponse, TlsClientOptions } from '../../host/types.ts';
import { booleanQuery } from '../chain/request-info.ts';
import { text } from '../chain/responses.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { containerFor } from './containers.ts';
import type { KubeletLocation } from './kubelet.ts';
import { timeOf, wholeNumber } from './parameters.ts';

const maxErrorBytes = 50_000;
const textType = 'text/plain';

/** The kubelet's query for the client's. Throws 400 for what is no number or time, 422 for values out of range. */
export function logQuery(query: URLSearchParams, pod = ''): URLSearchParams {
  const errors: FieldError[] = [];
  const number = (name: string): bigint | undefined => (query.has(name) ? wholeNumber(query.get(name)!, 64) : undefined);
  const [sinceSeconds, tailLines, limitBytes] = [number('sinceSeconds'), number('tailLines'), number('limitBytes')];
  const sinceTime = (query.get('sinceTime') ?? '') === '' ? undefined : timeOf(query.get('sinceTime')!);
  if (tailLines !== undefined && tailLines < 0n) errors.push(invalidValue(new FieldPath('tailLines'), Number(tailLines), 'must be greater than or equal to 0'));
  if (limitBytes !== undefined && limitBytes < 1n) errors.push(invalidValue(new FieldPath('limitBytes'), Number(limitBytes), 'must be greater than zero'));
  if (sinceSeconds !== undefined && sinceTime !== undefined) errors.push(forbiddenField(new FieldPath(''), 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  else if (sinceSeconds !== undefined && sinceSeconds < 1n) errors.push(invalidValue(new FieldPath('sinceSeconds'), Number(sinceSeconds), 'must be greater than zero'));
  // One stream alone (the gate PodLogsQuerySplitStreams) is off in this version.
  if (query.has('stream')) errors.push(forbiddenField(new FieldPath('stream'), 'may not be specified'));
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, errors);
  const kubelet = new URLSearchParams();
  for (const flag of ['follow', 'previous', 'timestamps']) if (booleanQuery(query, flag)) kubelet.set(flag, 'true');
  for (const [name, value] of [['sinceSeconds', sinceSeconds], ['sinceTime', sinceTime], ['tailLines', tailLines], ['limitBytes', limitBytes]] as const) if (value !== undefined) kubelet.set(name, String(value));
  return kubelet;
}

async function readSome(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.length;
    if (length >= limit) break;
  }
  return Buffer.concat(pieces).subarray(0, limit).toString('utf8');
}

/** A kubelet's refusal as an API error. */
async function refusal(response: HttpResponse, pod: string): Promise<StatusError> {
  const said = (await readSome(response.body, maxErrorBytes)).trimEnd();
  if (response.status === 500) return internalError(said);
  if (response.status === 400) return badRequest(said);
  const reason = response.status === 401 ? 'Unauthorized' : response.status === 403 ? 'Forbidden' : response.status === 404 ? 'NotFound' : response.status === 503 ? 'ServiceUnavailable' : 'Unknown';
  const intro = response.status === 404 ? 'the server could not find the requested resource' : `the server responded with the status code ${response.status} but did not return more information`;
  return failure(response.status, reason, said === '' ? `${intro} (get pods ${pod})` : said, { name: pod, kind: 'pods', causes: [{ reason: 'UnexpectedServerResponse', message: said }] });
}

/** `findPod` finds the pod, once the request has been found to be in order; `locate` finds the kubelet of its node. */
export async function podLogs(host: Host, request: ServerRequest, name: string, findPod: () => Promise<Pod>, locate: (node: string) => Promise<KubeletLocation>): Promise<ServerResponse> {
  const query = logQuery(request.query, name);
  const pod = await findPod();
  const container = containerFor(pod, request.query.get('container') ?? '');
  const { namespace = '' } = pod.metadata;
  const node = pod.spec?.nodeName ?? '';
  // A pod without a node has written nothing yet.
  if (node === '') return text(200, '', { 'content-type': textType });
  const location = await locate(node);
  const tls: TlsClientOptions = booleanQuery(request.query, 'insecureSkipTLSVerifyBackend') ? { ...location.tls, insecureSkipVerify: true } : location.tls;
  const path = `/containerLogs/${[namespace, name, container].map(encodeURIComponent).join('/')}`;
  const url = `${location.origin}${path}${query.size > 0 ? `?${query.toString()}` : ''}`;
  let response: HttpResponse;
  try {
    response = await host.net.request({ method: 'GET', url, tls, signal: request.signal });
  } catch (error) {
    throw internalError(`Get ${JSON.stringify(url)}: ${networkErrorText(error, addressOf(url))}`);
  }
  if (response.status < 200 || response.status > 206) throw await refusal(response, name);
  return { status: 200, headers: { 'content-type': textType }, body: tolerant(response.body, request.signal) };
}

/** A log that breaks off because the client left is no error. */
async function* tolerant(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
