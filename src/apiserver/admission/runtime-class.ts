/** What a runtime class says of a pod's overhead and nodes becomes part of the pod. */
import { own } from '../../base/own.ts';
import { isDeepStrictEqual } from 'node:util';
import type { Pod } from '../../api/core/v1/types.ts';
import type { RuntimeClass } from '../../api/node/v1/types.ts';
import { Pods, RuntimeClasses } from '../../api/resources.ts';
import type { AdmissionRequest } from '../types.ts';
import { withFound } from '../lookup.ts';
import { isFor, objectOf, refusal, type CreatePlugin } from './context.ts';

export const runtimeClass: CreatePlugin = (context) => {
  /** Goes on with the class that the pod names, at once where it names none or the class is at hand. */
  function withClass(request: AdmissionRequest, act: (chosen: RuntimeClass | undefined) => void): void | Promise<void> {
    const name = objectOf<Pod>(request).spec?.runtimeClassName;
    if (!name) return act(undefined);
    return withFound(context, RuntimeClasses, undefined, name, (found) => {
      if (!found) throw refusal(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
      act(found);
    });
  }

  function settle(request: AdmissionRequest, chosen: RuntimeClass | undefined): void {
    const spec = objectOf<Pod>(request).spec;
    if (!chosen || !spec) return;
    const overhead = chosen.overhead?.podFixed;
    if (overhead) {
      if (spec.overhead && Object.keys(spec.overhead).length > 0 && !isDeepStrictEqual(spec.overhead, overhead)) throw refusal(request, 'pod rejected: Pod\'s Overhead doesn\'t match RuntimeClass\'s defined Overhead');
      spec.overhead = { ...overhead };
    }
    for (const [key, value] of Object.entries(chosen.scheduling?.nodeSelector ?? {})) {
      const given = own(spec.nodeSelector, key);
      if (given !== undefined && given !== value) throw refusal(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${given}`);
      spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
    }
    for (const toleration of chosen.scheduling?.tolerations ?? []) {
      if (!spec.tolerations?.some((given) => isDeepStrictEqual(given, toleration))) spec.tolerations = [...(spec.tolerations ?? []), { ...toleration }];
    }
  }

  return {
    name: 'RuntimeClass',
    handles: (request) => request.operation === 'CREATE' && isFor(request, Pods),
    mutate: (request) => withClass(request, (chosen) => settle(request, chosen)),
    validate: (request) => withClass(request, (chosen) => {
      const spec = objectOf<Pod>(request).spec;
      if (spec?.overhead && Object.keys(spec.overhead).length > 0 && !chosen?.overhead?.podFixed) throw refusal(request, 'pod rejected: Pod overhead set without corresponding RuntimeClass defined Overhead');
    }),
  };
};
