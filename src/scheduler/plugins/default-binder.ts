/** Writes the decision: a Binding to the pod's binding subresource. */
import type { Plugin } from '../framework.ts';

export const defaultBinder: Plugin = {
  name: 'DefaultBinder',
  async bind({ pod }, nodeName, context) {
    await context.bind(pod.pod, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace: pod.namespace, name: pod.name, ...(pod.pod.metadata.uid ? { uid: pod.pod.metadata.uid } : {}) },
      target: { kind: 'Node', name: nodeName },
    });
    return true;
  },
};
