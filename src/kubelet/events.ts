/** Events about pods' containers: they name the container's place in the pod's spec. */
import type { Pod } from '../api/core/v1/types.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { KubeletContext } from './config.ts';
import type { AnyContainer } from './names.ts';

/** An object, and the part of it that an event is about. */
export interface FieldReference extends KubeObject {
  /** As `spec.containers{web}`. */
  fieldPath: string;
}

function fieldPathOf(pod: Pod, name: string): string {
  const { spec } = pod;
  const list = spec?.initContainers?.some((c) => c.name === name) ? 'initContainers' : spec?.ephemeralContainers?.some((c) => c.name === name) ? 'ephemeralContainers' : 'containers';
  return `spec.${list}{${name}}`;
}

export function containerEvent(context: Pick<KubeletContext, 'recorder'>, pod: Pod, container: Pick<AnyContainer, 'name'>, type: 'Normal' | 'Warning', reason: string, message: string): void {
  const about: FieldReference = { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata, fieldPath: fieldPathOf(pod, container.name) };
  context.recorder.event(about, type, reason, message);
}

/** Objects out of lists carry no kind of their own. */
export function podEvent(context: Pick<KubeletContext, 'recorder'>, pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void {
  context.recorder.event({ apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata }, type, reason, message);
}
