/** Strategies of the group apps. */
import { fractionWarnings, isRaised, templateWarnings, workloadWarnings } from '../../core/v1/pod-warnings.ts';
import type { PodTemplateSpec } from '../../core/v1/types.ts';
import { dropDisabledFields } from '../../core/v1/strategy/pod.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import { FieldPath } from '../../meta/field.ts';
import { sameValue } from '../../meta/validation.ts';
import type { ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet } from './types.ts';
import {
  validateDaemonSet, validateDaemonSetStatus, validateDeployment, validateDeploymentStatus, validateReplicaSet, validateReplicaSetStatus, validateRevision,
  validateRevisionUpdate, validateSelectorUpdate, validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate,
} from './validation.ts';

interface Templated {
  spec?: { template?: PodTemplateSpec };
}

/** Drops fields of disabled features from the pod template. */
export function dropFromTemplate(object: Templated, old?: Templated): void {
  const spec = object.spec?.template?.spec;
  if (spec) dropDisabledFields(spec, old?.spec?.template?.spec);
}

/** Setting maxUnavailable is a feature that is off; where it is set already it stays. */
function dropMaxUnavailable(set: StatefulSet, old?: StatefulSet): void {
  const rolling = set.spec?.updateStrategy?.rollingUpdate;
  if (rolling !== undefined && old?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) delete rolling.maxUnavailable;
}

/** Kind to strategy. */
export function appsStrategies(): Record<string, Strategy<never>> {
  return {
    Deployment: makeStrategy<Deployment>({
      namespaced: true, generation: ['spec'], status: true, statusKeeps: ['labels'],
      prepareForCreate: (deployment) => dropFromTemplate(deployment),
      prepareForUpdate: dropFromTemplate,
      // The controller copies annotations to the replica sets, so that a change of them is something to observe.
      alsoRaises: (deployment, old) => !sameValue(deployment.metadata.annotations ?? {}, old.metadata.annotations ?? {}),
      validate: validateDeployment, validateUpdate: validateSelectorUpdate, validateStatus: validateDeploymentStatus,
      warnings: workloadWarnings,
    }),
    ReplicaSet: makeStrategy<ReplicaSet>({
      namespaced: true, generation: ['spec'], status: true,
      prepareForCreate(set) {
        set.status = { replicas: 0 };
        dropFromTemplate(set);
      },
      prepareForUpdate: dropFromTemplate,
      validate: validateReplicaSet, validateUpdate: validateSelectorUpdate, validateStatus: validateReplicaSetStatus,
      selectableFields: (set) => ({ 'status.replicas': String(set.status?.replicas ?? 0) }),
      warnings: workloadWarnings,
    }),
    DaemonSet: makeStrategy<DaemonSet>({
      namespaced: true, generation: ['spec'], status: true,
      prepareForCreate(set) {
        set.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
        dropFromTemplate(set);
      },
      prepareForUpdate: dropFromTemplate,
      validate: validateDaemonSet, validateUpdate: validateSelectorUpdate, validateStatus: validateDaemonSetStatus,
      warnings: (set, old) => (old !== undefined && sameValue(set.spec?.template, old.spec?.template) ? [] : templateWarnings(set.spec?.template)),
    }),
    StatefulSet: makeStrategy<StatefulSet>({
      namespaced: true, generation: ['spec'], status: true,
      prepareForCreate(set) {
        set.status = { replicas: 0, availableReplicas: 0 };
        dropFromTemplate(set);
        dropMaxUnavailable(set);
      },
      prepareForUpdate(set, old) {
        dropFromTemplate(set, old);
        dropMaxUnavailable(set, old);
      },
      validate: validateStatefulSet, validateUpdate: validateStatefulSetUpdate, validateStatus: validateStatefulSetStatus,
      warnings: (set, old) => [
        ...(isRaised(set, old) ? templateWarnings(set.spec?.template) : []),
        ...(set.spec?.volumeClaimTemplates ?? []).flatMap((claim, i) => fractionWarnings(new FieldPath('spec.volumeClaimTemplates').index(i).child('Spec', 'resources', 'requests'), claim.spec?.resources?.requests, ['storage'])),
      ],
    }),
    ControllerRevision: makeStrategy<ControllerRevision>({ namespaced: true, validate: validateRevision, validateUpdate: validateRevisionUpdate }),
  };
}
