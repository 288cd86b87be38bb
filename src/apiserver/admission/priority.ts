/** Turns a pod's priority class into the number that the scheduler compares. */
import type { Pod } from '../../api/core/v1/types.ts';
import { PriorityClasses, Pods } from '../../api/resources.ts';
import type { PriorityClass } from '../../api/scheduling/v1/types.ts';
import type { AdmissionRequest } from '../types.ts';
import { find } from '../lookup.ts';
import { isFor, objectOf, oldOf, refusal, type CreatePlugin } from './context.ts';

const defaultPolicy = 'PreemptLowerPriority';

export const priority: CreatePlugin = (context) => {

  /** Among several that claim to be the default, the lowest value wins. */
  const defaultClass = (): PriorityClass | undefined =>
    context.lookup.list(PriorityClasses).filter((c) => c.globalDefault).toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];

  async function classFor(request: AdmissionRequest, name: string): Promise<PriorityClass | undefined> {
    if (name === '') return defaultClass();
    const found = await find(context, PriorityClasses, undefined, name);
    if (!found) throw refusal(request, `no PriorityClass with name ${name} was found`);
    return found;
  }

  async function admitPod(request: AdmissionRequest): Promise<void> {
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
    const chosen = await classFor(request, spec.priorityClassName ?? '');
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
