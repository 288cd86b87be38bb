/** What the server fills in on device claims and slices. */
import type { DefaultingContext, Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import { formatTime } from '../../meta/time.ts';
import type { DeviceSubRequest, DeviceTaint, ExactDeviceRequest } from './types.ts';

function request(object: ExactDeviceRequest | DeviceSubRequest): void {
  if (unset(object.allocationMode)) object.allocationMode = 'ExactCount';
  if (object.allocationMode === 'ExactCount') object.count ||= 1;
}

const P = 'io.k8s.api.resource.v1';

export const resourceDefaulters: Defaulters = {
  [`${P}.ExactDeviceRequest`]: request,
  [`${P}.DeviceSubRequest`]: request,
  [`${P}.DeviceTaint`]: (taint: DeviceTaint, context: DefaultingContext) => {
    if (context.nowMs !== undefined) taint.timeAdded ??= formatTime(context.nowMs);
  },
};
