/** Carrying out one probe: exec, HTTP, TCP or gRPC. */
import type { Pod, Probe } from '../../api/core/v1/types.ts';
import { addressOf, networkErrorText } from '../../base/network-errors.ts';
import { Codec } from '../../cri/codec.ts';
import { isRuntimeError, rpcMessage } from '../../cri/runtime.ts';
import type { Clock } from '../../host/types.ts';
import type { KubeletContext } from '../config.ts';
import { httpGet, httpTarget, portOf } from '../http-get.ts';
import type { AnyContainer } from '../names.ts';
import type { ProbeResult } from './decide.ts';

/** What is kept of a failed probe's output, in characters. */
const outputLimit = 10 * 1024;

export interface ProbeTarget {
  pod: Pod;
  container: AnyContainer;
  containerId: string;
  podIp: string;
}

/** `result` is undefined when the probe itself could not be carried out: that says nothing about the container. */
export interface ProbeOutcome {
  result: ProbeResult | undefined;
  output: string;
}

const failure = (output: string): ProbeOutcome => ({ result: 'failure', output: output.slice(0, outputLimit) });
const success: ProbeOutcome = { result: 'success', output: '' };

async function execProbe(context: KubeletContext, command: readonly string[], target: ProbeTarget, timeoutSeconds: number): Promise<ProbeOutcome> {
  try {
    const { exitCode, stdout, stderr } = await context.runtime.execSync(target.containerId, command, timeoutSeconds);
    return exitCode === 0 ? success : failure(Buffer.concat([stdout, stderr]).toString('utf8'));
  } catch (error) {
    const isTimeout = isRuntimeError(error, 'DeadlineExceeded') || /timeout .* exceeded/.test((error as Error).message);
    if (isTimeout) return failure(`command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutSeconds}s`);
    return { result: undefined, output: rpcMessage(error) };
  }
}

function connectionText(what: string, error: unknown, address: string, timeoutSeconds: number): string {
  const text = networkErrorText(error, address);
  return text === 'context deadline exceeded' ? `${what}${text} (no answer within ${timeoutSeconds}s)` : `${what}${text}`;
}

async function httpProbe(context: KubeletContext, probe: Probe, target: ProbeTarget, timeoutSeconds: number): Promise<ProbeOutcome> {
  const request = httpTarget(probe.httpGet!, target.pod, target.container, target.podIp, 'kube-probe/1.36');
  try {
    const { status } = await httpGet(context.host.net, request, timeoutSeconds * 1000);
    // An answer that leads to another host still came from a container that lives.
    return status >= 200 && status < 400 ? success : failure(`HTTP probe failed with statuscode: ${status}`);
  } catch (error) {
    return failure(connectionText(`Get "${request.url}": `, error, addressOf(request.url), timeoutSeconds));
  }
}

async function tcpProbe(context: KubeletContext, probe: Probe, target: ProbeTarget, timeoutSeconds: number): Promise<ProbeOutcome> {
  const host = probe.tcpSocket!.host || target.podIp;
  const port = portOf(target.pod, target.container, probe.tcpSocket!.port);
  try {
    const socket = await context.host.net.connect({ host, port }, { timeoutMs: timeoutSeconds * 1000 });
    socket.on('error', () => undefined);
    socket.destroy();
    return success;
  } catch (error) {
    return failure(connectionText('', error, `${host}:${port}`, timeoutSeconds));
  }
}

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const health = new Codec({ Request: '1 service string', Response: '1 status ServingStatus' }, { ServingStatus: ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] });

/** Asks a gRPC health service; resolves with its word, rejects with gRPC's error. */
async function askHealth(clock: Clock, address: string, service: string, timeoutMs: number): Promise<string> {
  const { Client, credentials } = await import('@grpc/grpc-js');
  const client = new Client(address, credentials.createInsecure(), { 'grpc.enable_retries': 0, 'grpc.primary_user_agent': 'kube-probe/1.36' });
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest<object, { status: string }>(
        '/grpc.health.v1.Health/Check',
        (value) => health.encode('Request', value),
        (bytes) => health.decode('Response', bytes),
        { service },
        { deadline: clock.now() + timeoutMs },
        (error, response) => (error ? reject(error) : resolve(response!.status)),
      );
    });
  } finally {
    client.close();
  }
}

async function grpcProbe(context: KubeletContext, probe: Probe, target: ProbeTarget, timeoutSeconds: number): Promise<ProbeOutcome> {
  const { port, service = '' } = probe.grpc!;
  const address = `${target.podIp.includes(':') ? `[${target.podIp}]` : target.podIp}:${port}`;
  try {
    const status = await askHealth(context.host.clock, address, service, timeoutSeconds * 1000);
    return status === 'SERVING' ? success : failure(`service unhealthy (responded with "${status}")`);
  } catch (error) {
    const { code, details } = error as { code?: number; details?: string };
    if (code === 12) return failure('error: this server does not implement the grpc health protocol (grpc.health.v1.Health)');
    if (code === 4) return failure(`timeout: health rpc did not complete within ${timeoutSeconds}s`);
    return failure(`error: health rpc probe failed: ${details ?? String(error)}`);
  }
}

/** Runs the probe once. Never rejects. */
export async function runProbe(context: KubeletContext, probe: Probe, target: ProbeTarget): Promise<ProbeOutcome> {
  const timeoutSeconds = probe.timeoutSeconds || 1;
  try {
    if (probe.exec) return await execProbe(context, probe.exec.command ?? [], target, timeoutSeconds);
    if (probe.httpGet) return await httpProbe(context, probe, target, timeoutSeconds);
    if (probe.tcpSocket) return await tcpProbe(context, probe, target, timeoutSeconds);
    if (probe.grpc) return await grpcProbe(context, probe, target, timeoutSeconds);
    return { result: undefined, output: 'missing probe handler' };
  } catch (error) {
    return { result: undefined, output: (error as Error)?.message ?? String(error) };
  }
}
