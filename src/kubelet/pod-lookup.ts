/** What the node's server asks about pods. */
import type { Pod } from '../api/core/v1/types.ts';
import type { PodWorkers } from './pod-workers.ts';
import { readySandbox, type PodContainer, type RuntimeReader } from './runtime-state.ts';
import type { PodLookup } from './server/index.ts';

/** Pods of the workers, and their containers as the runtime has them. */
export function lookUpPods(workers: PodWorkers, reader: RuntimeReader): PodLookup {
  const containers = async (pod: Pod, name: string): Promise<PodContainer[]> => {
    const runtime = await reader.pod(pod.metadata.uid!, pod.metadata.name!, pod.metadata.namespace!);
    return runtime.containers.filter((c) => c.name === name);
  };
  const handle = (container: PodContainer | undefined): { id: string; logPath: string } | undefined => container && { id: container.id, logPath: container.logPath };
  return {
    byName: (namespace, name) => workers.byName(namespace, name)?.pod,
    all: () => workers.all().map((worker) => worker.pod),
    container: async (pod, name) => handle((await containers(pod, name)).find((c) => c.state !== 'created')),
    previousContainer: async (pod, name) => {
      const { status } = pod;
      const shown = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])].find((s) => s.name === name);
      const id = shown?.lastState?.terminated?.containerID?.split('://')[1];
      return handle((await containers(pod, name)).find((c) => c.id === id));
    },
    sandboxId: async (pod) => readySandbox(await reader.pod(pod.metadata.uid!, pod.metadata.name!, pod.metadata.namespace!))?.id,
  };
}
