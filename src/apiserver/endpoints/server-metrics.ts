/** The API server's own metrics, under the names, labels and buckets that dashboards know (k8s.io/docs/reference/instrumentation/metrics). */
import { tellBuild } from '../../base/component-metrics.ts';
import { Counter, Histogram, MetricsRegistry } from './metrics.ts';

const durationBuckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const sizeBuckets = [1000, 10_000, 100_000, 1e6, 1e7, 1e8, 1e9];
/** Those of Prometheus' own clients. */
const usualBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const watchListBuckets = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60];
const admissionBuckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
const policyLabels = ['enforcement_action', 'error_type', 'policy', 'policy_binding'];

export interface ServerMetrics {
  registry: MetricsRegistry;
  /** Of how well the server does, by itself at `/metrics/slis`. */
  indicators: MetricsRegistry;
  requests: Counter;
  durations: Histogram;
  sizes: Histogram;
  inFlight: Counter;
  longRunning: Counter;
  admission: Histogram;
  webhooks: Histogram;
  policies: Histogram;
  policyChecks: Counter;
  admissionSteps: Histogram;
  deprecatedApis: Counter;
  storedObjects: Counter;
  resourceObjects: Counter;
  storeSize: Counter;
  storeEvents: Counter;
  celCompilations: Histogram;
  celEvaluations: Histogram;
  watchLists: Histogram;
  /** Features that can be turned on and off. */
  gates: Counter;
  memoryParts: Counter;
  memoryLimits: Counter;
  watchesBehind: Counter;
  healthChecks: Counter;
  health: Counter;
}

export function createServerMetrics(buildInfo: { gitVersion: string; major: string; minor: string; platform: string; goVersion: string; buildDate: string; gitCommit: string; gitTreeState: string; compiler: string }, startedAt = 0): ServerMetrics {
  const registry = new MetricsRegistry();
  const indicators = new MetricsRegistry();
  const add = registry.register.bind(registry);
  const metrics: ServerMetrics = {
    registry,
    indicators,
    requests: add(new Counter('apiserver_request_total', 'Requests answered, by what they were and the status code.', ['code', 'component', 'dry_run', 'group', 'resource', 'scope', 'subresource', 'system_client', 'verb', 'version'])),
    durations: add(new Histogram('apiserver_request_duration_seconds', 'Seconds from a request to the start of its answer.', ['component', 'dry_run', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'], durationBuckets)),
    sizes: add(new Histogram('apiserver_response_sizes', 'Bytes of answers that are not streams.', ['component', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'], sizeBuckets)),
    inFlight: add(new Counter('apiserver_current_inflight_requests', 'Requests that run now, by kind.', ['request_kind'], 'gauge')),
    longRunning: add(new Counter('apiserver_longrunning_requests', 'Watches and streams that are open now.', ['component', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'], 'gauge')),
    admission: add(new Histogram('apiserver_admission_controller_admission_duration_seconds', 'Seconds an admission plug-in took.', ['name', 'operation', 'rejected', 'type'], admissionBuckets)),
    webhooks: add(new Histogram('apiserver_admission_webhook_admission_duration_seconds', 'Seconds an admission webhook took.', ['name', 'operation', 'rejected', 'type'], [...admissionBuckets, 10, 25])),
    policies: add(new Histogram('apiserver_validating_admission_policy_check_duration_seconds', 'Seconds a validating admission policy took.', policyLabels, [0.0000005, 0.001, 0.01, 0.1, 1])),
    policyChecks: add(new Counter('apiserver_validating_admission_policy_check_total', 'Decisions of validating admission policies.', policyLabels)),
    admissionSteps: add(new Histogram('apiserver_admission_step_admission_duration_seconds', 'Seconds that all plug-ins of a step took together.', ['operation', 'rejected', 'type'], admissionBuckets)),
    deprecatedApis: add(new Counter('apiserver_requested_deprecated_apis', 'Deprecated APIs that somebody has asked for, always 1.', ['group', 'removed_release', 'resource', 'subresource', 'version'], 'gauge')),
    storedObjects: add(new Counter('apiserver_storage_objects', 'Objects in the store, by kind.', ['resource'], 'gauge')),
    resourceObjects: add(new Counter('apiserver_resource_objects', 'Objects in the store, by kind.', ['group', 'resource'], 'gauge')),
    storeSize: add(new Counter('apiserver_storage_size_bytes', 'Bytes that the store takes.', ['storage_cluster_id'], 'gauge')),
    storeEvents: add(new Counter('apiserver_storage_events_received_total', 'Changes that the store has told of.', ['group', 'resource'])),
    celCompilations: add(new Histogram('apiserver_cel_compilation_duration_seconds', 'Seconds that compiling the rules of a custom resource took.', [], usualBuckets)),
    celEvaluations: add(new Histogram('apiserver_cel_evaluation_duration_seconds', 'Seconds that the rules of a custom resource took for an object.', [], usualBuckets)),
    watchLists: add(new Histogram('apiserver_watch_list_duration_seconds', 'Seconds from a watch that asks for the state first to the end of that state.', ['group', 'resource', 'scope', 'version'], watchListBuckets)),
    gates: add(new Counter('kubernetes_feature_enabled', 'Features by name and stage, 1 where they are on.', ['name', 'stage'], 'gauge')),
    memoryParts: add(new Counter('kubets_apiserver_held_bytes', 'Bytes that the caches hold beside the objects, by part.', ['part'], 'gauge')),
    memoryLimits: add(new Counter('kubets_apiserver_held_limit_bytes', 'The most that each part may hold.', ['part'], 'gauge')),
    watchesBehind: add(new Counter('kubets_apiserver_watches_behind', 'Watches whose clients do not keep up, and are read to out of the history.', [], 'gauge')),
    healthChecks: indicators.register(new Counter('kubernetes_healthchecks_total', 'Health checks made, by outcome.', ['name', 'status', 'type'])),
    health: indicators.register(new Counter('kubernetes_healthcheck', 'The last outcome of each health check, 1 is well.', ['name', 'type'], 'gauge')),
  };
  // Two ways of checking, which could differ or fail, are one here: there is nothing to count.
  add(new Counter('apiserver_validation_declarative_validation_mismatch_total', 'Objects that declared rules judged otherwise than those written by hand.'));
  add(new Counter('apiserver_validation_declarative_validation_panic_total', 'Checks of declared rules that broke off.'));
  registry.countMetrics();
  tellBuild(registry, buildInfo);
  for (const each of [registry, indicators]) {
    const started = each.register(new Counter('process_start_time_seconds', 'When the process was started, in seconds since 1970.', [], 'gauge'));
    each.onScrape(() => started.set([], startedAt / 1000));
  }
  const resident = add(new Counter('process_resident_memory_bytes', 'Resident memory of the process.', [], 'gauge'));
  const heap = add(new Counter('nodejs_heap_size_used_bytes', 'Heap in use.', [], 'gauge'));
  const cpu = add(new Counter('process_cpu_seconds_total', 'User and system CPU time of the process.'));
  registry.onScrape(() => {
    const memory = process.memoryUsage();
    const used = process.cpuUsage();
    resident.set([], memory.rss);
    heap.set([], memory.heapUsed);
    cpu.set([], (used.user + used.system) / 1e6);
  });
  return metrics;
}
