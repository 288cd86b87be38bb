/** What the server fills in on flow schemas and priority levels. */
import type { Defaulters } from '../../meta/defaulting.ts';
import type { ExemptPriorityLevelConfiguration, FlowSchemaSpec, LimitedPriorityLevelConfiguration, QueuingConfiguration } from './types.ts';

const P = 'io.k8s.api.flowcontrol.v1';

export const flowcontrolDefaulters: Defaulters = {
  [`${P}.FlowSchemaSpec`]: (spec: FlowSchemaSpec) => {
    spec.matchingPrecedence ||= 1000;
  },
  [`${P}.ExemptPriorityLevelConfiguration`]: (object: ExemptPriorityLevelConfiguration) => {
    object.nominalConcurrencyShares ??= 0;
    object.lendablePercent ??= 0;
  },
  [`${P}.LimitedPriorityLevelConfiguration`]: (object: LimitedPriorityLevelConfiguration) => {
    object.nominalConcurrencyShares ??= 30;
    object.lendablePercent ??= 0;
  },
  [`${P}.QueuingConfiguration`]: (object: QueuingConfiguration) => {
    object.handSize ||= 8;
    object.queues ||= 64;
    object.queueLengthLimit ||= 50;
  },
};
