import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isExpired, StatusError } from '../api/meta/status.ts';
import { ConfigMaps, Deployments, Namespaces, Nodes, Pods } from '../api/resources.ts';
import { turn } from '../host/node/turn.ts';
import { virtualHost } from '../simulate/virtual-host.ts';
import { createClient } from './client.ts';
import { linesOf } from './frames.ts';
import { withRetries } from './retry.ts';
import type { ApiRequest, ApiResponse, Client, Transport } from './types.ts';

async function* pieces(...texts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield typeof text === 'string' ? Buffer.from(text) : text;
}

function recording(answer: (request: ApiRequest) => Partial<ApiResponse> & { text?: string }): { transport: Transport; sent: ApiRequest[]; client: Client } {
  const sent: ApiRequest[] = [];
  const transport: Transport = {
    async send(request) {
      sent.push(request);
      const { status = 200, headers = {}, text = '{}', body } = answer(request);
      return { status, headers, body: body ?? pieces(text) };
    },
  };
  return { transport, sent, client: createClient(transport, { defaultFieldManager: 'tester' }) };
}

const podAt = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'ns' } };

describe('client', () => {
  const requests: [string, (client: Client) => unknown, Partial<ApiRequest>][] = [
    ['get', (c) => c.of(Pods).inNamespace('ns').get('p'), { method: 'GET', path: '/api/v1/namespaces/ns/pods/p' }],
    ['get cluster-scoped', (c) => c.of(Nodes).get('n'), { method: 'GET', path: '/api/v1/nodes/n' }],
    ['list everywhere', (c) => c.of(Deployments).list({ labelSelector: 'a=b', limit: 5 }), { path: '/apis/apps/v1/deployments', query: { labelSelector: 'a=b', limit: 5 } as never }],
    ['create takes the namespace of the object', (c) => c.of(Pods).create(podAt), { method: 'POST', path: '/api/v1/namespaces/ns/pods' }],
    ['update', (c) => c.of(Pods).update(podAt), { method: 'PUT', path: '/api/v1/namespaces/ns/pods/p' }],
    ['updateStatus', (c) => c.of(Pods).updateStatus(podAt), { method: 'PUT', path: '/api/v1/namespaces/ns/pods/p/status' }],
    ['patch a subresource', (c) => c.of(Pods).inNamespace('ns').patch('p', {}, { type: 'merge', subresource: 'status' }), { method: 'PATCH', path: '/api/v1/namespaces/ns/pods/p/status', headers: { 'content-type': 'application/merge-patch+json', accept: 'application/json' } }],
    ['delete', (c) => c.of(Pods).inNamespace('ns').delete('p', { gracePeriodSeconds: 0, preconditions: { uid: 'u' }, propagationPolicy: 'Orphan' }), {
      method: 'DELETE', path: '/api/v1/namespaces/ns/pods/p', body: '{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"propagationPolicy":"Orphan","preconditions":{"uid":"u"}}',
    }],
    ['deleteCollection', (c) => c.of(Pods).inNamespace('ns').deleteCollection({ labelSelector: 'a' }), { method: 'DELETE', path: '/api/v1/namespaces/ns/pods' }],
    ['finalize', (c) => c.of(Namespaces).updateSubresource('ns', 'finalize', {}), { method: 'PUT', path: '/api/v1/namespaces/ns/finalize' }],
    ['bind', (c) => c.of(Pods).inNamespace('ns').createSubresource('p', 'binding', { target: { name: 'n' } }), { method: 'POST', path: '/api/v1/namespaces/ns/pods/p/binding', body: '{"target":{"name":"n"}}' }],
  ];
  test.each(requests)('%s', async (_name, call, expected) => {
    const { client, sent } = recording(() => ({ text: '{"metadata":{},"items":[]}' }));
    await call(client);
    expect(sent[0]).toMatchObject(expected);
  });

  test('writes carry the field manager and the kind', async () => {
    const { client, sent } = recording(() => ({}));
    await client.of(Deployments).create({ metadata: { name: 'd', namespace: 'x' } } as never, { dryRun: true });
    expect(sent[0]).toMatchObject({ query: { fieldManager: 'tester', dryRun: 'All' }, body: '{"metadata":{"name":"d","namespace":"x"},"apiVersion":"apps/v1","kind":"Deployment"}' });
  });

  test('a namespaced object without a namespace is refused before anything is sent', () => {
    const { client, sent } = recording(() => ({}));
    expect(() => client.of(Pods).get('p')).toThrow('pods "p" needs a namespace');
    expect(() => client.of(Pods).inNamespace('x').get('')).toThrow('must not be empty');
    expect(sent).toHaveLength(0);
  });

  test('list items are given the kind that lists leave out', async () => {
    const { client } = recording(() => ({ text: '{"metadata":{"resourceVersion":"4"},"items":[{"metadata":{"name":"a"}}]}' }));
    expect((await client.of(Deployments).list()).items[0]).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' });
  });

  const failures: [string, number, string, Partial<StatusError>][] = [
    ['a Status is taken as it is', 409, '{"kind":"Status","message":"mine","reason":"AlreadyExists","code":409}', { message: 'mine', reason: 'AlreadyExists', code: 409 }],
    ['HTML of a proxy', 502, '<html>Bad Gateway</html>', { reason: 'InternalError', code: 502 }],
    ['an empty 401', 401, '', { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials (get /api/v1/nodes/n)' }],
    ['an unknown path', 404, '404 page not found', { reason: 'NotFound', message: 'the server could not find the requested resource (get /api/v1/nodes/n): 404 page not found' }],
  ];
  test.each(failures)('errors: %s', async (_name, status, text, expected) => {
    const { client } = recording(() => ({ status, text }));
    const error = await client.of(Nodes).get('n').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject(expected);
  });

  test('a watch yields events and throws the server’s error', async () => {
    const { client } = recording(() => ({ body: pieces('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n') }));
    const seen: string[] = [];
    const failed = (async () => {
      for await (const event of client.of(ConfigMaps).watch({ resourceVersion: '1' })) seen.push(event.object.metadata.name!);
    })();
    await expect(failed).rejects.toSatisfy(isExpired);
    expect(seen).toEqual(['a']);
  });
});

describe('frames', () => {
  test('lines survive any cutting', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)), { maxLength: 8 }), fc.array(fc.nat(60), { maxLength: 12 }), async (lines, cuts) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      const seen: string[] = [];
      for await (const batch of linesOf(pieces(...chunks))) seen.push(...batch);
      expect(seen).toEqual(lines);
    }));
  });

  test('a line that was cut off by the end is dropped', async () => {
    const seen: string[] = [];
    for await (const batch of linesOf(pieces('{"a":1}\n{"b"'))) seen.push(...batch);
    expect(seen).toEqual(['{"a":1}']);
  });
});

describe('retries', () => {
  test('waits as long as the server asks, a bounded number of times', async () => {
    const host = virtualHost({ seed: 'retry', settle: turn });
    const start = host.clock.now();
    let left = 2;
    const { transport, sent } = recording(() => (left-- > 0 ? { status: 429, headers: { 'retry-after': '3' } } : {}));
    const answers: ApiResponse[] = [];
    void withRetries(transport, host.clock).send({ method: 'GET', path: '/' }).then((response) => answers.push(response));
    await host.clock.runUntil(() => answers.length === 1, 60_000);
    expect([answers[0]?.status, sent.length, host.clock.now() - start]).toEqual([200, 3, 6_000]);
    left = 1_000;
    void withRetries(transport, host.clock).send({ method: 'GET', path: '/' }).then((response) => answers.push(response));
    await host.clock.runUntil(() => answers.length === 2, 600_000);
    expect([answers[1]?.status, sent.length]).toEqual([429, 14]);
  });

  test('answers without Retry-After are handed on', async () => {
    const host = virtualHost({ seed: 'retry', settle: turn });
    const { transport, sent } = recording(() => ({ status: 503 }));
    expect((await withRetries(transport, host.clock).send({ method: 'GET', path: '/' })).status).toBe(503);
    expect(sent).toHaveLength(1);
  });
});
