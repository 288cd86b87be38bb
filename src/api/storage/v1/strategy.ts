/** Strategies of the group storage.k8s.io. */
import { labelSelectorWarnings, labelWarning } from '../../core/v1/node-labels.ts';
import { FieldPath } from '../../meta/field.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from './types.ts';
import {
  validateAttachment, validateAttachmentStatus, validateAttachmentUpdate, validateAttributesClass, validateAttributesClassUpdate, validateCapacity, validateCapacityUpdate,
  validateCsiNode, validateCsiNodeUpdate, validateDriver, validateDriverUpdate, validateStorageClass, validateStorageClassUpdate,
} from './validation.ts';

/** Kind to strategy. */
export function storageStrategies(): Record<string, Strategy<never>> {
  return {
    StorageClass: makeStrategy<StorageClass>({
      namespaced: false, validate: validateStorageClass, validateUpdate: validateStorageClassUpdate,
      warnings: (storage) => (storage.allowedTopologies ?? []).flatMap((term, i) => (term.matchLabelExpressions ?? []).flatMap(({ key }, j) => labelWarning(new FieldPath('allowedTopologies').index(i).child('matchLabelExpressions').index(j).child('key'), key))),
    }),
    CSIDriver: makeStrategy<CSIDriver>({
      namespaced: false, unconditionalUpdate: false, validate: validateDriver, validateUpdate: validateDriverUpdate,
      // Its generation is not counted from 1, but rises with the fields that may change.
      generation: ['spec'],
      prepareForCreate: (driver) => void delete driver.metadata.generation,
    }),
    CSINode: makeStrategy<CSINode>({ namespaced: false, unconditionalUpdate: false, validate: validateCsiNode, validateUpdate: validateCsiNodeUpdate }),
    CSIStorageCapacity: makeStrategy<CSIStorageCapacity>({
      namespaced: true, unconditionalUpdate: false, validate: validateCapacity, validateUpdate: validateCapacityUpdate,
      warnings: (capacity) => labelSelectorWarnings(new FieldPath('nodeTopology'), capacity.nodeTopology),
    }),
    VolumeAttachment: makeStrategy<VolumeAttachment>({
      namespaced: false, unconditionalUpdate: false, status: true, statusKeeps: 'all',
      prepareForCreate(attachment) {
        attachment.status = { attached: false };
      },
      validate: validateAttachment, validateUpdate: validateAttachmentUpdate, validateStatus: validateAttachmentStatus,
    }),
    VolumeAttributesClass: makeStrategy<VolumeAttributesClass>({ namespaced: false, validate: validateAttributesClass, validateUpdate: validateAttributesClassUpdate }),
  };
}
