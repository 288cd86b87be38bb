import { describe, expect, test } from 'vitest';
import { notFound, serviceUnavailable } from '../api/meta/status.ts';
import { Services } from '../api/resources.ts';
import { nodeHost } from '../host/node/index.ts';
import type { Host, HttpRequest, HttpResponse } from '../host/types.ts';
import type { ServiceResolver } from './service-resolver.ts';
import { callWebhook } from './webhook-client.ts';

const real = nodeHost({ logLevel: 'silent' });

function hostThat(answer: (request: HttpRequest) => Promise<HttpResponse>): Host {
  return { ...real, net: { ...real.net, request: answer } };
}

const answering = (status: number, text: string, type = 'application/json'): Host => hostThat(async () => ({
  status, headers: { 'content-type': type },
  body: (async function* () { yield Buffer.from(text); })(),
}));

const failing = (code: string): Host => hostThat(async () => {
  throw Object.assign(new Error(code), { code });
});

const byUrl = { url: 'https://hook.example/check' };
const byService = { service: { namespace: 'system', name: 'hook', path: 'check' } };
const resolving = (resolve: ServiceResolver['resolve']): ServiceResolver => ({ resolve });
const found = resolving(() => ({ origin: 'https://10.0.0.5:9443', serverName: 'hook.system.svc' }));
const lost = (error: Error): ServiceResolver => resolving(() => {
  throw error;
});

describe('a webhook that answers no review', () => {
  test.each<[string, Host, object, ServiceResolver | undefined, string]>([
    ['an error in text', answering(500, 'it broke\n', 'text/plain'), byUrl, undefined, 'failed to call webhook: an error on the server ("it broke") has prevented the request from succeeding'],
    ['an error in JSON', answering(502, '{}'), byUrl, undefined, 'failed to call webhook: an error on the server ("unknown") has prevented the request from succeeding'],
    ['a path that it does not know', answering(404, '404 page not found', 'text/plain'), byUrl, undefined, 'failed to call webhook: the server could not find the requested resource'],
    ['a refusal, in its own words', answering(403, 'not for you', 'text/plain'), byUrl, undefined, 'failed to call webhook: not for you'],
    ['not ready', answering(503, '', 'text/plain'), byUrl, undefined, 'failed to call webhook: the server is currently unable to handle the request'],
    ['a redirect, which is not followed', answering(302, '', 'text/plain'), byUrl, undefined, 'failed to call webhook: the server responded with the status code 302 but did not return more information'],
    ['a Status, in its own words', answering(400, '{"kind":"Status","status":"Failure","message":"a status"}'), byUrl, undefined, 'failed to call webhook: a status'],
    ['nothing at all', answering(200, ''), byUrl, undefined, 'failed to call webhook: 0-length response with status code: 200 and content type: application/json'],
    ['nobody listens', failing('ECONNREFUSED'), byService, found, 'failed to call webhook: Post "https://hook.system.svc:443/check?timeout=10s": dial tcp 10.0.0.5:9443: connect: connection refused'],
    ['a certificate of a stranger', failing('SELF_SIGNED_CERT_IN_CHAIN'), byUrl, undefined, 'failed to call webhook: Post "https://hook.example/check?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority'],
    ['no such Service', answering(200, '{}'), byService, lost(notFound(Services, 'hook')), 'failed to call webhook: Post "https://hook.system.svc:443/check?timeout=10s": service "hook" not found'],
    ['nobody behind the Service', answering(200, '{}'), byService, lost(serviceUnavailable('no endpoints available for service "hook"')), 'failed to call webhook: Post "https://hook.system.svc:443/check?timeout=10s": no endpoints available for service "hook"'],
  ])('%s', async (_, host, config, resolver, message) => {
    await expect(callWebhook(host, resolver, config, {}, 10_000)).rejects.toThrow(new Error(message));
  });

  test('text that is no JSON is told as such', async () => {
    await expect(callWebhook(answering(200, 'hello'), undefined, byUrl, {}, 10_000)).rejects.toThrow(/^failed to call webhook: couldn't get version\/kind; json parse error: /);
  });

  test('the path of a Service begins with a slash, whatever the configuration says', async () => {
    const asked: string[] = [];
    const host = hostThat(async (request) => {
      asked.push(request.url);
      return { status: 200, headers: {}, body: (async function* () { yield Buffer.from('{"a":1}'); })() };
    });
    expect(await callWebhook(host, found, byService, {}, 3000)).toEqual({ a: 1 });
    expect(asked).toEqual(['https://10.0.0.5:9443/check?timeout=3s']);
  });
});
