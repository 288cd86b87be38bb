/** Turns a pod's priority class into the number that the scheduler compares. */
import type { Pod, PodSpec } from '../../api/core/v1/types.ts';
import { PriorityClasses, Pods } from '../../api/resources.ts';
import type { PriorityClass } from '../../api/scheduling/v1/types.ts';
import type { AdmissionRequest } from '../types.ts';
import { withFound } from '../lookup.ts';
import { isFor, objectOf, oldOf, refusal, type CreatePlugin } from './context.ts';

const defaultPolicy = 'PreemptLowerPriority';

export const priority: CreatePlugin = (context) => {
  /** Among several that claim to be the default, the lowest value wins. */
  const defaultClass = (): PriorityClass | undefined =>
    context.lookup.list(PriorityClasses).filter((c) => c.globalDefault).toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];

  function admitPod(request: AdmissionRequest): void | Promise<void> {
    const spec = objectOf<Pod>(request).spec;
    if (!spec) return;
    if (request.operation === 'UPDATE') {
      const old = oldOf<Pod>(request).spec;
      spec.priority ??= old?.priority;
      spec.preemptionPolicy ??= old?.preemptionPolicy;
      if (spec.priority === undefined) delete spec.priority;
      if (spec.preemptionPolicy === undefined) delete spec.preemptionPolicy;
      return;
    }
    const name = spec.priorityClassName ?? '';
    if (name === '') return setPriority(request, spec, defaultClass());
    return withFound(context, PriorityClasses, undefined, name, (found) => {
      if (!found) throw refusal(request, `no PriorityClass with name ${name} was found`);
      setPriority(request, spec, found);
    });
  }

  function setPriority(request: AdmissionRequest, spec: PodSpec, chosen: PriorityClass | undefined): void {
    const value = chosen?.value ?? 0;
    const policy = chosen?.preemptionPolicy ?? defaultPolicy;
    if (chosen && !spec.priorityClassName) spec.priorityClassName = chosen.metadata.name ?? '';
    if (spec.priority !== undefined && spec.priority !== value) {
      throw refusal(request, `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`);
    }
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
      throw refusal(request, `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`);
    }
    spec.priority = value;
    spec.preemptionPolicy = policy;
  }

  function checkClass(request: AdmissionRequest): void {
    const wanted = objectOf<PriorityClass>(request);
    const name = wanted.metadata.name ?? '';
    if (!wanted.globalDefault) return;
    const other = context.lookup.list(PriorityClasses).find((c) => c.globalDefault && c.metadata.name !== name);
    if (other) throw refusal(request, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
  }

  return {
    name: 'Priority',
    handles: (request) => (request.operation === 'CREATE' || request.operation === 'UPDATE') && (isFor(request, Pods) || isFor(request, PriorityClasses)),
    mutate: (request) => (isFor(request, Pods) ? admitPod(request) : undefined),
    validate: (request) => (isFor(request, PriorityClasses) ? checkClass(request) : undefined),
  };
};
