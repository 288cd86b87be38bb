/** Probes against servers on the loopback interface. */
import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pod, Probe } from '../../api/core/v1/types.ts';
import { RuntimeError, type ContainerRuntime } from '../../cri/runtime.ts';
import { nodeHost } from '../../host/node/index.ts';
import type { Listener } from '../../host/types.ts';
import type { KubeletContext } from '../config.ts';
import { runProbe } from './run.ts';

const host = nodeHost({ logLevel: 'error' });
const seen: Record<string, unknown>[] = [];
let http: Listener;
let health: grpc.Server;
let healthPort: number;
let exec: () => Promise<{ exitCode: number; stdout: Uint8Array; stderr: Uint8Array }>;

beforeAll(async () => {
  http = await host.net.listen({
    address: '127.0.0.1', port: 0,
    onRequest: (request, response) => {
      seen.push(request.headers);
      const path = request.url ?? '';
      if (path === '/slow') return;
      const status = Number(path.slice(1)) || 200;
      const location = path === '/302' ? { location: '/500' } : path === '/301' ? { location: 'http://other.invalid/' } : {};
      (response as import('node:http').ServerResponse).writeHead(status, location).end('body');
    },
  });
  health = new grpc.Server();
  const word: Record<string, number> = { good: 1, bad: 2 };
  health.addService({ check: { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false, requestSerialize: (b: Buffer) => b, requestDeserialize: (b: Buffer) => b, responseSerialize: (b: Buffer) => b, responseDeserialize: (b: Buffer) => b } }, {
    check: (call: { request: Buffer }, answer: (error: object | null, value?: Buffer) => void) => {
      const service = call.request.subarray(2).toString();
      if (word[service] === undefined) answer({ code: grpc.status.NOT_FOUND, details: 'unknown service' });
      else answer(null, Buffer.from([8, word[service]]));
    },
  } as never);
  healthPort = await new Promise((resolve, reject) => health.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port))));
});
afterAll(async () => {
  await http.close();
  health.forceShutdown();
});

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('a probe', () => {
  async function run(probe: Probe): Promise<{ result: string | undefined; output: string }> {
    const context = { host, runtime: { execSync: () => exec() } as unknown as ContainerRuntime } as KubeletContext;
    const pod: Pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', ports: [{ name: 'web', containerPort: http.port }] }] } };
    return runProbe(context, probe, { pod, container: pod.spec!.containers[0]!, containerId: 'id', podIp: '127.0.0.1' });
  }

  test.each<[string, string, string | undefined, RegExp]>([
    ['/', '200 is well', 'success', /^$/],
    ['/399', '399 is well', 'success', /^$/],
    ['/404', '404 is not', 'failure', /^HTTP probe failed with statuscode: 404$/],
    ['/500', '500 is not', 'failure', /statuscode: 500/],
    ['/302', 'a redirect on the same host is followed', 'failure', /statuscode: 500/],
    ['/301', 'a redirect to another host is not', 'success', /^$/],
    ['/slow', 'no answer in time', 'failure', /context deadline exceeded|timed out|timeout/i],
  ])('HTTP %s: %s', async (path, _what, result, output) => {
    const outcome = await run({ httpGet: { path, port: 'web' }, timeoutSeconds: 1 });
    expect(outcome.result).toBe(result);
    expect(outcome.output).toMatch(output);
  });

  test('HTTP sends its headers and its name', async () => {
    await run({ httpGet: { path: '/', port: http.port, httpHeaders: [{ name: 'X-Own', value: 'v' }, { name: 'Host', value: 'h.example' }, { name: 'Accept', value: '' }] } });
    expect(seen.at(-1)).toMatchObject({ 'x-own': 'v', host: 'h.example', 'user-agent': 'kube-probe/1.36' });
    expect(seen.at(-1)).not.toHaveProperty('accept');
  });

  test('HTTP and TCP where nobody listens', async () => {
    expect(await run({ httpGet: { port: 1 } })).toEqual({ result: 'failure', output: 'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused' });
    expect(await run({ tcpSocket: { port: 1 } })).toEqual({ result: 'failure', output: 'dial tcp 127.0.0.1:1: connect: connection refused' });
    expect(await run({ tcpSocket: { port: 'web' } })).toMatchObject({ result: 'success' });
    expect(await run({ tcpSocket: { port: 'none' } })).toEqual({ result: undefined, output: 'couldn\'t find port: "none" in container "c"' });
  });

  test.each([['good', 'success', ''], ['bad', 'failure', 'service unhealthy (responded with "NOT_SERVING")'], ['none', 'failure', 'error: health rpc probe failed: unknown service']])('gRPC service %s', async (service, result, output) => {
    expect(await run({ grpc: { port: healthPort, service }, timeoutSeconds: 2 })).toEqual({ result, output });
  });

  test.each<[string, () => Promise<{ exitCode: number; stdout: Uint8Array; stderr: Uint8Array }>, string | undefined, string]>([
    ['ends well', async () => ({ exitCode: 0, stdout: bytes('x'), stderr: bytes('') }), 'success', ''],
    ['ends badly', async () => ({ exitCode: 1, stdout: bytes('o'), stderr: bytes('e') }), 'failure', 'oe'],
    ['takes too long', () => Promise.reject(new RuntimeError('ExecSync', 'DeadlineExceeded', 'late')), 'failure', 'command timed out: "x y" timed out after 1s'],
    ['cannot be run', () => Promise.reject(new RuntimeError('ExecSync', 'Unknown', 'broken')), undefined, 'rpc error: code = Unknown desc = broken'],
  ])('a command that %s', async (_name, work, result, output) => {
    exec = work;
    expect(await run({ exec: { command: ['x', 'y'] } })).toEqual({ result, output });
  });
});
