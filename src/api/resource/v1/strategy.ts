/** Strategies of the group resource.k8s.io. */
import { FieldPath } from '../../meta/field.ts';
import { makeStrategy } from '../../meta/rules.ts';
import type { Strategy } from '../../meta/strategy.ts';
import type { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from './types.ts';
import {
  validateClaimSpec, validateClaimStatus, validateClaimUpdate, validateDeviceClass, validateTemplate, validateTemplateUpdate,
} from './validation.ts';
import { dropFromSlice, validateSlice } from './slices.ts';

/** Kind to strategy. */
export function resourceStrategies(): Record<string, Strategy<never>> {
  return {
    ResourceClaim: makeStrategy<ResourceClaim>({
      namespaced: true, status: true, statusKeeps: 'all',
      prepareForCreate(claim) {
        claim.status = {};
      },
      prepareForStatus(claim) {
        // Devices are reported as long as they are allocated.
        if (claim.status?.allocation === undefined) delete claim.status?.devices;
      },
      validate: (claim, _context, old) => (old === undefined ? validateClaimSpec(new FieldPath('spec'), claim.spec, false) : []), validateUpdate: validateClaimUpdate, validateStatus: validateClaimStatus,
    }),
    ResourceClaimTemplate: makeStrategy<ResourceClaimTemplate>({ namespaced: true, validate: (template, _context, old) => (old === undefined ? validateTemplate(template) : []), validateUpdate: validateTemplateUpdate }),
    DeviceClass: makeStrategy<DeviceClass>({ namespaced: false, generation: ['spec'], validate: (deviceClass, _context, old) => validateDeviceClass(deviceClass, old) }),
    ResourceSlice: makeStrategy<ResourceSlice>({
      namespaced: false, generation: ['spec'], validate: (slice, _context, old) => validateSlice(slice, old),
      prepareForCreate: (slice) => dropFromSlice(slice),
      prepareForUpdate: (slice, old) => dropFromSlice(slice, old),
      selectableFields: (slice) => ({ 'spec.nodeName': slice.spec?.nodeName ?? '', 'spec.driver': slice.spec?.driver ?? '' }),
    }),
  };
}
