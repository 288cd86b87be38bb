/** How many requests run at once: by priority and fairness, or by two plain limits. */
import { maxInFlight, defaultInFlightLimits, type InFlightLimits } from '../chain/max-in-flight.ts';
import { priorityAndFairness } from '../chain/priority-and-fairness.ts';
import type { ServerMetrics } from '../endpoints/server-metrics.ts';
import type { Host } from '../../host/types.ts';
import type { RequestInfo, ServerRequest, ServerResponse, Stage } from '../types.ts';
import { fairnessPages } from './dump.ts';
import { createConfiguration, startFairness, type FairnessOptions, type FairnessRunning } from './index.ts';
import { fairnessMetrics } from './metrics.ts';

export interface RequestLimits {
  stage: Stage;
  pages: [string, (request: ServerRequest) => ServerResponse][];
  /** Undefined where nothing needs to run beside it. */
  start?: (options: Omit<FairnessOptions, 'configuration'>) => FairnessRunning;
}

export interface RequestLimitsOptions {
  host: Host;
  metrics: ServerMetrics;
  limits: Partial<InFlightLimits> | undefined;
  fairness: boolean;
  count: (info: RequestInfo) => number | undefined;
}

export function setUpLimits({ host, metrics, limits, fairness, count }: RequestLimitsOptions): RequestLimits {
  const { clock } = host;
  const all = { ...defaultInFlightLimits, ...limits };
  if (!fairness) {
    const { stage, readOnly, mutating } = maxInFlight(clock, all);
    metrics.registry.onScrape(() => {
      metrics.inFlight.set(['readOnly'], readOnly.inside);
      metrics.inFlight.set(['mutating'], mutating.inside);
    });
    return { stage, pages: [] };
  }
  const configuration = createConfiguration(host, all.readOnly + all.mutating);
  const observeWait = fairnessMetrics(metrics.registry, configuration);
  const { stage, inside } = priorityAndFairness({ clock, configuration, count, observeWait });
  metrics.registry.onScrape(() => {
    metrics.inFlight.set(['readOnly'], inside.readOnly);
    metrics.inFlight.set(['mutating'], inside.mutating);
  });
  return { stage, pages: fairnessPages(configuration, clock), start: (options) => startFairness({ ...options, configuration }) };
}
