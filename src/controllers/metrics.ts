/**
 * Numbers on what controllers do, by upstream's names. Controllers count in them where a context brings them (`context.metrics`) and pay
 * nothing where it does not. One for a process, whoever leads: what has been counted stays when the controllers start anew.
 */
import { Counter, Histogram, type MetricsRegistry } from '../base/metrics.ts';

/** So many buckets, each `factor` times as wide as the one before it, from `first` on. */
const doubling = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => Number((first * 2 ** i).toPrecision(12)));

const actions = 'The label \'action\' is \'scale_down\', \'scale_up\' or \'none\'; the label \'error\' is \'spec\', \'internal\' or \'none\'.';

/** Of jobs and cron jobs. */
class JobMetrics {
  readonly syncs;
  readonly syncDuration;
  readonly finished;
  readonly podsFinished;
  readonly failuresByPolicy;
  readonly trackedTerminated;
  readonly creationSkew;
  readonly deletionDelay;

  constructor(registry: MetricsRegistry) {
    this.syncs = registry.register(new Counter('job_controller_job_syncs_total', 'The number of job syncs', ['action', 'completion_mode', 'result']));
    this.syncDuration = registry.register(new Histogram('job_controller_job_sync_duration_seconds', 'The time it took to sync a job', ['action', 'completion_mode', 'result'], doubling(0.004, 15)));
    this.finished = registry.register(new Counter('job_controller_jobs_finished_total', 'The number of finished jobs', ['completion_mode', 'reason', 'result']));
    this.podsFinished = registry.register(new Counter('job_controller_job_pods_finished_total', 'The number of finished Pods that are fully tracked', ['completion_mode', 'result']));
    this.failuresByPolicy = registry.register(new Counter('job_controller_pod_failures_handled_by_failure_policy_total', 'The number of failed Pods that a rule of the pod failure policy matched, by the rule\'s action', ['action']));
    this.trackedTerminated = registry.register(new Counter('job_controller_terminated_pods_tracking_finalizer_total', 'The number of terminated pods that got ("add") or lost ("delete") the finalizer batch.kubernetes.io/job-tracking', ['event']));
    this.creationSkew = registry.register(new Histogram('cronjob_controller_job_creation_skew_duration_seconds', 'Time between when a cronjob is scheduled to be run, and when the corresponding job is created', [], doubling(1, 10)));
    this.deletionDelay = registry.register(new Histogram('ttl_after_finished_controller_job_deletion_duration_seconds', 'The time it took to delete the job since it became eligible for deletion', [], doubling(0.1, 14)));
  }
}

/** Of endpoint slices. The gauges are set by `endpointslice/totals.ts`. */
class EndpointSliceMetrics {
  readonly added;
  readonly removed;
  readonly endpoints;
  readonly slices;
  readonly desiredSlices;
  readonly distributions;
  readonly changes;
  readonly syncs;

  constructor(registry: MetricsRegistry) {
    const buckets = doubling(2, 15);
    this.added = registry.register(new Histogram('endpoint_slice_controller_endpoints_added_per_sync', 'Number of endpoints added on each Service sync', [], buckets));
    this.removed = registry.register(new Histogram('endpoint_slice_controller_endpoints_removed_per_sync', 'Number of endpoints removed on each Service sync', [], buckets));
    this.endpoints = registry.register(new Counter('endpoint_slice_controller_endpoints_desired', 'Number of endpoints desired', [], 'gauge'));
    this.slices = registry.register(new Counter('endpoint_slice_controller_num_endpoint_slices', 'Number of EndpointSlices', [], 'gauge'));
    this.desiredSlices = registry.register(new Counter('endpoint_slice_controller_desired_endpoint_slices', 'Number of EndpointSlices that would exist with perfect endpoint allocation', [], 'gauge'));
    this.distributions = registry.register(new Counter('endpoint_slice_controller_services_count_by_traffic_distribution', 'Number of Services using some specific trafficDistribution', ['traffic_distribution'], 'gauge'));
    this.changes = registry.register(new Counter('endpoint_slice_controller_changes', 'Number of EndpointSlice changes', ['operation']));
    this.syncs = registry.register(new Counter('endpoint_slice_controller_syncs', 'Number of EndpointSlice syncs', ['result']));
  }
}

/** How a look at an autoscaler, or at one of its metrics, has ended. */
export interface RoundEnd {
  action: 'scale_down' | 'scale_up' | 'none';
  error: 'spec' | 'internal' | 'none';
}

/** What going from one count to another is called. */
export const actionBetween = (before: number, after: number): RoundEnd['action'] => (after > before ? 'scale_up' : after < before ? 'scale_down' : 'none');

/** Of autoscalers. */
class AutoscalerMetrics {
  readonly reconciliations;
  readonly reconciliationDuration;
  readonly computations;
  readonly computationDuration;

  constructor(registry: MetricsRegistry) {
    const prefix = 'horizontal_pod_autoscaler_controller';
    const buckets = doubling(0.001, 15);
    this.reconciliations = registry.register(new Counter(`${prefix}_reconciliations_total`, `Number of reconciliations of HPA controller. ${actions}`, ['action', 'error']));
    this.reconciliationDuration = registry.register(new Histogram(`${prefix}_reconciliation_duration_seconds`, `The time(seconds) that the HPA controller takes to reconcile once. ${actions}`, ['action', 'error'], buckets));
    this.computations = registry.register(new Counter(`${prefix}_metric_computation_total`, `Number of metric computations. ${actions}`, ['action', 'error', 'metric_type']));
    this.computationDuration = registry.register(new Histogram(`${prefix}_metric_computation_duration_seconds`, `The time(seconds) that the HPA controller takes to calculate one metric. ${actions}`, ['action', 'error', 'metric_type'], buckets));
  }

  reconciled({ action, error }: RoundEnd, seconds: number): void {
    this.reconciliations.add([action, error]);
    this.reconciliationDuration.observe([action, error], seconds);
  }

  computed({ action, error }: RoundEnd, type: string, seconds: number): void {
    this.computations.add([action, error, type]);
    this.computationDuration.observe([action, error, type], seconds);
  }
}

/** Of nodes and of pods that are driven out or collected. */
class NodeMetrics {
  readonly evictions;
  readonly zoneHealth;
  readonly zoneSize;
  readonly unhealthyInZone;
  readonly podDeletions;
  readonly forcedDeletions;
  readonly forcedDeletionErrors;

  constructor(registry: MetricsRegistry) {
    this.evictions = registry.register(new Counter('node_collector_evictions_total', 'Number of Node evictions that happened since current instance of NodeController started.', ['zone']));
    this.zoneHealth = registry.register(new Counter('node_collector_zone_health', 'Gauge measuring percentage of healthy nodes per zone.', ['zone'], 'gauge'));
    this.zoneSize = registry.register(new Counter('node_collector_zone_size', 'Gauge measuring number of registered Nodes per zones.', ['zone'], 'gauge'));
    this.unhealthyInZone = registry.register(new Counter('node_collector_unhealthy_nodes_in_zone', 'Gauge measuring number of not Ready Nodes per zones.', ['zone'], 'gauge'));
    this.podDeletions = registry.register(new Counter('taint_eviction_controller_pod_deletions_total', 'Total number of Pods deleted by TaintEvictionController since its start.'));
    this.forcedDeletions = registry.register(new Counter('pod_gc_collector_force_delete_pods_total', 'Number of pods that are being forcefully deleted since the Pod GC Controller started.', ['namespace', 'reason']));
    this.forcedDeletionErrors = registry.register(new Counter('pod_gc_collector_force_delete_pod_errors_total', 'Number of errors encountered when forcefully deleting the pods since the Pod GC Controller started.', ['namespace', 'reason']));
  }
}

/** All of them, told of by the registry that they are made in. */
export class ControllerMetrics {
  readonly jobs: JobMetrics;
  readonly slices: EndpointSliceMetrics;
  readonly autoscalers: AutoscalerMetrics;
  readonly nodes: NodeMetrics;

  constructor(registry: MetricsRegistry) {
    this.jobs = new JobMetrics(registry);
    this.slices = new EndpointSliceMetrics(registry);
    this.autoscalers = new AutoscalerMetrics(registry);
    this.nodes = new NodeMetrics(registry);
  }
}
