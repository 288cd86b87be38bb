/** What runs right after a container has started, and before it is asked to end. */
import type { LifecycleHandler, Pod } from '../api/core/v1/types.ts';
import { rpcMessage } from '../cri/runtime.ts';
import type { KubeletContext } from './config.ts';
import { httpGet, httpTarget } from './http-get.ts';
import type { AnyContainer } from './names.ts';

/** How long an HTTP hook may take. */
const httpHookTimeoutMs = 30_000;

export interface HookTarget {
  pod: Pod;
  container: AnyContainer;
  containerId: string;
  podIp: string;
}

/** Runs a hook to its end. Rejects with a message for the event. `timeoutSeconds` 0: no limit. */
export async function runHook(context: KubeletContext, handler: LifecycleHandler, target: HookTarget, timeoutSeconds: number, signal?: AbortSignal): Promise<void> {
  if (handler.sleep) {
    await context.host.clock.sleep(Number(handler.sleep.seconds) * 1000, signal);
    return;
  }
  // Nobody listens in a container that only pretends.
  if (context.hollow) return;
  if (handler.exec) {
    const command = handler.exec.command ?? [];
    const what = `Exec lifecycle hook (${JSON.stringify(command)}) for Container "${target.container.name}" in Pod "${target.pod.metadata.name}" failed`;
    let exitCode: number;
    let output: string;
    try {
      const result = await context.runtime.execSync(target.containerId, command, timeoutSeconds);
      exitCode = result.exitCode;
      output = Buffer.concat([result.stdout, result.stderr]).toString('utf8');
    } catch (error) {
      throw new Error(`${what} - error: ${rpcMessage(error)}, message: ""`, { cause: error });
    }
    if (exitCode !== 0) throw new Error(`${what} - error: command '${command.join(' ')}' exited with ${exitCode}: ${output}, message: ${JSON.stringify(output)}`);
    return;
  }
  if (handler.httpGet) {
    const request = httpTarget(handler.httpGet, target.pod, target.container, target.podIp, 'kube-lifecycle/1.36');
    const timeoutMs = timeoutSeconds > 0 ? timeoutSeconds * 1000 : httpHookTimeoutMs;
    const { status, body } = await httpGet(context.host.net, request, timeoutMs, signal);
    if (status >= 400) throw new Error(`HTTP lifecycle hook (${handler.httpGet.path ?? ''}) for Container "${target.container.name}" in Pod "${target.pod.metadata.name}" failed - error: HTTP status ${status}, message: ${JSON.stringify(body)}`);
    return;
  }
  throw new Error('the hook names no action that this kubelet knows (exec, httpGet, sleep)');
}
