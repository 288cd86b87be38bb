/** `GET pods/<name>/log`: what a container wrote, from the kubelet of its node. */
import type { Pod } from '../../api/core/v1/types.ts';
import { FieldPath, invalidValue, forbiddenField, notSupported, type FieldError } from '../../api/meta/field.ts';
import { addressOf, networkErrorText } from '../../base/network-errors.ts';
import { badRequest, failure, internalError, invalid, type StatusError } from '../../api/meta/status.ts';
import type { Host, HttpResponse, TlsClientOptions } from '../../host/types.ts';
import { booleanQuery } from '../chain/request-info.ts';
import { text } from '../chain/responses.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import { containerFor } from './containers.ts';
import type { KubeletLocation } from './kubelet.ts';

const maxErrorBytes = 50_000;
const textType = 'text/plain';

/** The kubelet's query for the client's. Throws 422 for values out of range. */
export function logQuery(query: URLSearchParams): URLSearchParams {
  const errors: FieldError[] = [];
  const kubelet = new URLSearchParams();
  const number = (name: string, least: number): number | undefined => {
    const value = query.get(name);
    if (value === null || value === '') return undefined;
    if (!/^[+-]?\d+$/.test(value)) throw badRequest(`${name}: invalid value ${JSON.stringify(value)}: must be a whole number`);
    if (Number(value) < least) errors.push(invalidValue(new FieldPath(name), Number(value), `must be greater than ${least === 0 ? 'or equal to 0' : '0'}`));
    kubelet.set(name, value);
    return Number(value);
  };
  if (booleanQuery(query, 'follow')) kubelet.set('follow', 'true');
  if (booleanQuery(query, 'previous')) kubelet.set('previous', 'true');
  if (booleanQuery(query, 'timestamps')) kubelet.set('timestamps', 'true');
  const sinceSeconds = number('sinceSeconds', 1);
  const sinceTime = query.get('sinceTime') ?? '';
  if (sinceTime !== '') {
    if (Number.isNaN(Date.parse(sinceTime))) throw badRequest(`sinceTime: invalid value ${JSON.stringify(sinceTime)}: must be a time as in RFC 3339`);
    if (sinceSeconds !== undefined) errors.push(forbiddenField(new FieldPath('sinceSeconds'), 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
    kubelet.set('sinceTime', sinceTime);
  }
  const tailLines = number('tailLines', 0);
  number('limitBytes', 1);
  const stream = query.get('stream') ?? '';
  if (stream !== '' && !['All', 'Stdout', 'Stderr'].includes(stream)) errors.push(notSupported(new FieldPath('stream'), stream, ['All', 'Stdout', 'Stderr']));
  if (stream === 'Stdout' || stream === 'Stderr') {
    if (tailLines !== undefined) errors.push(forbiddenField(new FieldPath('tailLines'), '`tailLines` and specific `stream` are mutually exclusive for now'));
    kubelet.set('stream', stream);
  }
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, '', errors);
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

/** `locate` finds the kubelet of the pod's node. */
export async function podLogs(host: Host, request: ServerRequest, pod: Pod, locate: (node: string) => Promise<KubeletLocation>): Promise<ServerResponse> {
  const query = logQuery(request.query);
  const container = containerFor(pod, request.query.get('container') ?? '');
  const { name = '', namespace = '' } = pod.metadata;
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
